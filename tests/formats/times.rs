//! Every type that `deleted_at` may have.

use soft_delete::TimeKind;

macro_rules! of_type {
    ($module:ident, $ty:ty, $kind:expr) => {
        mod $module {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = "task")]
            #[soft_delete(group = "times")]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                pub deleted_at: Option<$ty>,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            #[test]
            fn is_a_time_of_deletion() {
                let [_, postgres, _] = crate::sql(&Entity::find());
                assert_eq!(
                    postgres,
                    r#"SELECT "task"."id", "task"."deleted_at" FROM "task" WHERE "task"."deleted_at" IS NULL"#
                );
                assert_eq!(Entity::meta().stamp.deleted_at_kind, $kind);
                assert!(Entity::meta().column("deleted_at").unwrap().nullable);
            }
        }
    };
}

of_type!(date_time_utc, DateTimeUtc, super::TimeKind::ChronoUtc);
of_type!(
    date_time_with_time_zone,
    DateTimeWithTimeZone,
    super::TimeKind::ChronoFixedOffset
);
of_type!(date_time_local, DateTimeLocal, super::TimeKind::ChronoLocal);
of_type!(date_time, DateTime, super::TimeKind::ChronoNaive);
of_type!(
    a_full_path,
    chrono::DateTime<chrono::Utc>,
    super::TimeKind::ChronoUtc
);

#[cfg(feature = "time")]
of_type!(
    time_date_time_with_time_zone,
    TimeDateTimeWithTimeZone,
    super::TimeKind::TimeOffset
);
#[cfg(feature = "time")]
of_type!(time_date_time, TimeDateTime, super::TimeKind::TimePrimitive);

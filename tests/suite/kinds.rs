//! `deleted_at` in every type that SeaORM maps to a date-time.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use support::{self, TestDb, create_table};

macro_rules! kind {
    ($name:ident, $ty:ty) => {
        mod $name {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = "thing")]
            #[soft_delete(group = "kinds")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub deleted_at: Option<$ty>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

kind!(utc, DateTimeUtc);
kind!(with_time_zone, DateTimeWithTimeZone);
kind!(local, DateTimeLocal);
kind!(naive, DateTime);
#[cfg(feature = "time")]
kind!(time_offset, TimeDateTimeWithTimeZone);
#[cfg(feature = "time")]
kind!(time_primitive, TimeDateTime);

/// A delete, a second delete, an undo and a restore, with an identity that is the time alone.
macro_rules! round_trip {
    ($kind:ident, $db:expr, $to_utc:expr) => {{
        use sea_orm::{ActiveModelTrait as _, PaginatorTrait as _, Set};
        use soft_delete::{Outcome, Registry};

        let db = $db;
        create_table(db, $kind::Entity).await?;
        for id in [1, 2] {
            $kind::ActiveModel {
                id: Set(id),
                ..Default::default()
            }
            .insert(db)
            .await?;
        }
        // All kinds are on one table here.
        let registry = Registry::builder().entity::<$kind::Entity>().build();
        let first = $kind::Entity::delete_by_id(1)
            .registry(&registry)
            .exec(db)
            .await?;
        $kind::Entity::delete_by_id(2)
            .registry(&registry)
            .exec(db)
            .await?;

        let row = $kind::Entity::with_deleted().one(db).await?.expect("row 1");
        assert_eq!(row.deleted_at.map($to_utc), Some(first.deleted_at()));
        let again = $kind::Entity::delete_by_id(1)
            .registry(&registry)
            .exec(db)
            .await?;
        assert_eq!(
            again.outcome(),
            Outcome::AlreadyDeleted {
                deleted_at: first.deleted_at()
            }
        );

        assert_eq!(
            first
                .undo()
                .registry(&registry)
                .exec(db)
                .await?
                .rows_affected,
            1
        );
        assert_eq!($kind::Entity::find().count(db).await?, 1);
        $kind::Entity::restore_by_id(2)
            .registry(&registry)
            .exec(db)
            .await?;
        assert_eq!($kind::Entity::find().count(db).await?, 2);
    }};
}

support::on_every_backend! {
    async fn a_date_time_in_utc(db: &TestDb) {
        round_trip!(utc, db, |at| at);
    }

    async fn a_date_time_with_an_offset(db: &TestDb) {
        round_trip!(with_time_zone, db, |at| at.to_utc());
    }

    async fn a_local_date_time(db: &TestDb) {
        round_trip!(local, db, |at| at.to_utc());
    }

    async fn a_date_time_without_zone_holds_utc(db: &TestDb) {
        round_trip!(naive, db, |at| at.and_utc());
    }
}

#[cfg(feature = "time")]
fn from_time(at: time::OffsetDateTime) -> chrono::DateTime<chrono::Utc> {
    let nanoseconds = i64::try_from(at.unix_timestamp_nanos()).expect("within three centuries");
    chrono::DateTime::from_timestamp_nanos(nanoseconds)
}

#[cfg(feature = "time")]
support::on_every_backend! {
    async fn an_offset_date_time_of_the_time_crate(db: &TestDb) {
        round_trip!(time_offset, db, from_time);
    }

    async fn a_primitive_date_time_of_the_time_crate_holds_utc(db: &TestDb) {
        round_trip!(time_primitive, db, |at: time::PrimitiveDateTime| from_time(at.assume_utc()));
    }
}

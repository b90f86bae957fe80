//! Composite keys of which a part may not be NULL: the tenant in `(tenant_id, label_id)`.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, PaginatorTrait as _, Statement};
use soft_delete::{Error, OnDelete};

use support::{self, TestDb, create_table};

pub mod label {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "label")]
    #[soft_delete(group = "labels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

macro_rules! labelled {
    ($module:ident, $table:literal, $label:ty, [$($optional:tt)*]) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "labels")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub tenant_id: i64,
                pub label_id: $label,
                pub deleted_at: Option<DateTimeUtc>,
                #[sea_orm(
                    belongs_to,
                    from = "(tenant_id, label_id)",
                    to = "(tenant_id, id)",
                    on_delete = "SetNull",
                    skip_fk
                )]
                pub label: BelongsTo<$($optional)*>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

labelled!(
    letter,
    "letter",
    Option<i64>,
    [Option<super::label::Entity>]
);
labelled!(parcel, "parcel", i64, [super::label::Entity]);

async fn create(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, label::Entity).await?;
    create_table(db, letter::Entity).await?;
    create_table(db, parcel::Entity).await?;
    for insert in [
        "INSERT INTO label (tenant_id, id) VALUES (1, 1), (1, 2), (2, 1)",
        "INSERT INTO letter (id, tenant_id, label_id) VALUES (1, 1, 1), (2, 2, 1), (3, 1, 2)",
        "INSERT INTO parcel (id, tenant_id, label_id) VALUES (1, 1, 2)",
    ] {
        db.execute_unprepared(insert).await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn the_parts_of_a_key_that_may_be_null_are_set_to_it(db: &TestDb) {
        create(db).await?;
        let plan = label::Entity::delete_by_id((1, 1)).plan(db).await?;
        assert!(plan.is_allowed());
        assert_eq!(plan.set_null(), [("letter", "Label", 1)]);
        label::Entity::delete_by_id((1, 1)).exec(db).await?;
        let row = "SELECT tenant_id, label_id FROM letter WHERE id = 1 AND deleted_at IS NULL";
        let row = db.query_one_raw(Statement::from_string(db.backend(), row)).await?.expect("the letter");
        assert_eq!(row.try_get::<i64>("", "tenant_id")?, 1, "the tenant stays");
        assert_eq!(row.try_get::<Option<i64>>("", "label_id")?, None);
    }

    async fn a_key_of_which_no_part_may_be_null_forbids_the_deletion(db: &TestDb) {
        create(db).await?;
        let plan = label::Entity::delete_by_id((1, 2)).plan(db).await?;
        assert!(!plan.is_allowed());
        assert_eq!(plan.blockers[0].rule, OnDelete::SetNull);
        let refused = label::Entity::delete_by_id((1, 2)).exec(db).await.map_err(Error::from).expect_err("a parcel has the label");
        assert!(matches!(refused, Error::Restricted { .. }), "{refused:?}");
        assert!(refused.to_string().contains("`parcel` through `Label`, none of whose columns may be NULL"), "{refused}");
        assert_eq!(label::Entity::find().count(db).await?, 3);
        assert_eq!(letter::Entity::find().count(db).await?, 3);
    }

    async fn a_part_that_may_be_null_in_the_database_only_is_set_to_it_as_well(db: &TestDb) {
        create(db).await?;
        db.execute_unprepared("DROP TABLE parcel").await?;
        let time = match db.backend() {
            DbBackend::Postgres => "timestamptz",
            DbBackend::MySql => "datetime(6)",
            _ => "text",
        };
        let parcel = format!("CREATE TABLE parcel (id bigint PRIMARY KEY, tenant_id bigint NOT NULL, label_id bigint, deleted_at {time})");
        db.execute_unprepared(&parcel).await?;
        db.execute_unprepared("INSERT INTO parcel (id, tenant_id, label_id) VALUES (1, 1, 2), (2, 1, 1)").await?;

        let plan = label::Entity::delete_by_id((1, 2)).plan(db).await?;
        assert!(plan.is_allowed(), "{plan:?}");
        let of_another = label::Entity::delete_by_id((2, 1)).plan(db).await?;
        assert_eq!(of_another.set_null(), [("letter", "Label", 1)], "no parcel has it");
        let nulled = [("letter", "Label", 1), ("parcel", "Label", 1)];
        assert_eq!(plan.set_null(), nulled);
        label::Entity::delete_by_id((1, 2)).exec(db).await?;
        let rows = "SELECT tenant_id, label_id FROM parcel WHERE deleted_at IS NULL ORDER BY id";
        let rows = db.query_all_raw(Statement::from_string(db.backend(), rows)).await?;
        let row = |place: usize| -> Result<(i64, Option<i64>), DbErr> {
            Ok((rows[place].try_get("", "tenant_id")?, rows[place].try_get("", "label_id")?))
        };
        assert_eq!((row(0)?, row(1)?), ((1, None), (1, Some(1))), "the tenant stays");
    }
}

//! The entities after the decisions that nobody can make for the user: which values are unique, and which rules hold.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, PaginatorTrait as _};
use soft_delete::{
    ConflictPolicy, Error, Registry,
    schema::doctor::{self, Check, Severity},
};

use super::sakila::{self, mend};
use support::{TestDb, on_backends};

mod film {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "film")]
    #[soft_delete(group = "sakila_edited")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub film_id: i32,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        pub deleted_at: Option<DateTimeWithTimeZone>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod film_actor {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "film_actor")]
    #[soft_delete(group = "sakila_edited")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub actor_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub film_id: i32,
        pub deleted_at: Option<DateTimeWithTimeZone>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            from = "film_id",
            to = "film_id",
            on_update = "Cascade",
            on_delete = "Restrict"
        )]
        #[soft_delete(on_delete = "cascade")]
        pub film: BelongsTo<super::film::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod rental {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "rental")]
    #[soft_delete(group = "sakila_edited")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub rental_id: i32,
        #[soft_delete(unique = "rental_date")]
        pub rental_date: DateTimeWithTimeZone,
        #[soft_delete(unique = "rental_date")]
        pub inventory_id: i32,
        #[soft_delete(unique = "rental_date")]
        pub customer_id: i32,
        pub staff_id: i32,
        pub deleted_at: Option<DateTimeWithTimeZone>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub payments: HasMany<super::payment::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod payment {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "payment")]
    #[soft_delete(group = "sakila_edited")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub payment_id: i32,
        pub rental_id: i32,
        pub deleted_at: Option<DateTimeWithTimeZone>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            from = "rental_id",
            to = "rental_id",
            on_update = "Cascade",
            on_delete = "SetNull"
        )]
        #[soft_delete(on_delete = "restrict")]
        pub rental: BelongsTo<super::rental::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn edited() -> Registry {
    Registry::global().of_group("sakila_edited")
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    /// The unique key is an error now, and the NOT NULL no longer one.
    async fn the_doctor_judges_by_what_is_declared(db: &TestDb) {
        sakila::with_columns(db).await?;
        let report = doctor::examine(&edited(), db).await?;
        let found: Vec<_> = report
            .into_iter()
            .map(|finding| (finding.severity(), finding.check(), finding.table().to_string()))
            .collect();
        assert_eq!(
            found,
            [
                (Severity::Error, Check::UniqueOfAllRows, "rental".to_owned()),
                (Severity::Warning, Check::MissingForeignKeyIndex, "payment".to_owned()),
            ],
            "{report}"
        );
        let (_, after) = mend(db, &edited()).await?;
        assert_eq!(after.to_string(), "nothing found");
    }

    async fn a_taken_date_is_a_conflict_that_can_be_resolved(db: &TestDb) {
        sakila::with_columns(db).await?;
        mend(db, &edited()).await?;
        payment::Entity::delete_by_id(3).exec(db).await?;
        let rental = rental::Entity::find_by_id(3).one(db).await?.unwrap();
        rental::Entity::delete_by_id(3).exec(db).await?;
        let newcomer = rental::ActiveModel {
            rental_date: Set(rental.rental_date),
            inventory_id: Set(rental.inventory_id),
            customer_id: Set(rental.customer_id),
            staff_id: Set(rental.staff_id),
            ..Default::default()
        };
        newcomer.insert(db).await?;

        let refused = rental::Entity::restore_by_id(3).exec(db).await;
        let Err(Error::Conflict(conflict)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(
            conflict.to_string(),
            "`rental` 3: active row 121 has rental_date = '2005-05-25 17:07:30.000000 +00:00' and inventory_id = 3 and customer_id = 15"
        );
        rental::Entity::restore_by_id(3).on_conflict(ConflictPolicy::Replace).exec(db).await?;
        assert_eq!(rental::Entity::only_deleted().one(db).await?.unwrap().rental_id, 121);
    }

    async fn a_rule_of_the_entity_overrides_the_foreign_keys(db: &TestDb) {
        sakila::with_columns(db).await?;
        mend(db, &edited()).await?;
        let refused = rental::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");

        let deletion = film::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("film", 1), ("film_actor", 3)]);
        deletion.undo().exec(db).await?;
        assert_eq!(film_actor::Entity::find().count(db).await?, 90);
    }
}

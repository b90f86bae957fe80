//! Rows that forbid a deletion: those that it takes itself don't, and in a circle of tables all others do.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, DbErr, PaginatorTrait as _};
use soft_delete::Error;

use support::{self, TestDb, create_table};

/// A ship is of a fleet, and a fleet has a flagship: each cascades into the other.
mod fleet {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "fleet")]
    #[soft_delete(group = "fleets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub flagship_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            skip_fk,
            from = "flagship_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub flagship: BelongsTo<Option<super::ship::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod ship {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "ship")]
    #[soft_delete(group = "fleets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub fleet_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "fleet_id", to = "id", on_delete = "Cascade")]
        pub fleet: BelongsTo<super::fleet::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A cabin goes with its ship, and keeps another one, which it may be moved to, from being deleted.
mod cabin {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "cabin")]
    #[soft_delete(group = "cabins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub ship_id: i64,
        pub other_ship_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Ship",
            from = "ship_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub ship: BelongsTo<super::liner::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "OtherShip",
            from = "other_ship_id",
            to = "id",
            on_delete = "Restrict"
        )]
        pub other: BelongsTo<Option<super::liner::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod liner {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "liner")]
    #[soft_delete(group = "cabins")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod permit {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "permit")]
    #[soft_delete(group = "fleets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub ship_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "ship_id", to = "id", on_delete = "Restrict")]
        pub ship: BelongsTo<Option<super::ship::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn run(db: &TestDb, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn fleets(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, fleet::Entity).await?;
    create_table(db, ship::Entity).await?;
    create_table(db, permit::Entity).await?;
    run(
        db,
        &[
            "INSERT INTO fleet (id, flagship_id) VALUES (1, NULL), (2, 1)",
            "INSERT INTO ship (id, fleet_id) VALUES (1, 1), (2, 2)",
            "INSERT INTO permit (id, ship_id) VALUES (1, 2)",
        ],
    )
    .await
}

async fn liners(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, liner::Entity).await?;
    create_table(db, cabin::Entity).await?;
    run(db, &["INSERT INTO liner (id) VALUES (1), (2)"]).await
}

support::on_every_backend! {
    async fn what_a_circle_of_tables_leads_to_is_kept_by_what_refers_to_it(db: &TestDb) {
        fleets(db).await?;
        let plan = fleet::Entity::delete_by_id(1).plan(db).await?;
        assert!(!plan.is_allowed());
        assert_eq!((plan.blockers[0].table.to_string().as_str(), plan.blockers[0].rows), ("permit", 1));
        let refused = fleet::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
        let Err(Error::Restricted { blockers, .. }) = &refused else { panic!("{refused:?}") };
        assert_eq!(*blockers, plan.blockers);
        assert_eq!(fleet::Entity::find().count(db).await? + ship::Entity::find().count(db).await?, 4);

        permit::Entity::delete_by_id(1).exec(db).await?;
        let plan = fleet::Entity::delete_by_id(1).plan(db).await?;
        assert!(plan.is_allowed());
        assert_eq!(fleet::Entity::delete_by_id(1).exec(db).await?.rows_by_table(), plan.rows_by_table());
    }

    async fn a_row_that_a_deletion_takes_itself_is_not_in_its_way(db: &TestDb) {
        liners(db).await?;
        run(db, &["INSERT INTO cabin (id, ship_id, other_ship_id) VALUES (1, 1, 1), (2, 2, NULL)"]).await?;
        assert!(liner::Entity::delete_by_id(1).plan(db).await?.is_allowed());
        let deletion = liner::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("liner", 1), ("cabin", 1)]);
        deletion.undo().exec(db).await?;
        run(db, &["UPDATE cabin SET other_ship_id = 1 WHERE id = 2"]).await?;
        let plan = liner::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!((plan.blockers[0].rows, plan.blockers[0].keys.clone()), (1, vec![vec![2_i64.into()]]));
        let refused = liner::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
        assert_eq!(liner::Entity::delete_many().all().exec(db).await?.rows_affected, 2);
    }

    async fn the_first_five_rows_are_shown_and_more_are_told_of(db: &TestDb) {
        liners(db).await?;
        run(db, &["INSERT INTO cabin (id, ship_id, other_ship_id) VALUES (1, 2, 1), (2, 2, 1), (3, 2, 1), (4, 2, 1), (5, 2, 1)"]).await?;
        let plan = liner::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!(plan.blockers[0].to_string(), "5 active rows of `cabin` through `OtherShip` (1, 2, 3, 4, 5)");
        run(db, &["INSERT INTO cabin (id, ship_id, other_ship_id) VALUES (6, 2, 1)"]).await?;
        let plan = liner::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!(plan.blockers[0].to_string(), "6 active rows of `cabin` through `OtherShip` (1, 2, 3, 4, 5, …)");
        run(db, &["UPDATE cabin SET other_ship_id = NULL WHERE id > 1"]).await?;
        let plan = liner::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!(plan.blockers[0].to_string(), "1 active row of `cabin` through `OtherShip` (1)");
    }
}

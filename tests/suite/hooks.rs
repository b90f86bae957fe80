//! Hooks run inside the transaction, and can stop it.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, PaginatorTrait as _, Statement, TransactionTrait as _};
use soft_delete::Error;

use support::{
    self, TestDb, TestResult, create_table,
    shelf::{self, book, log, shelf as shelves},
};

/// A key opens a chest and lies in one: each cascades into the other, so that a plan has to mark rows to know what is reached. Their
/// hooks refuse everything.
mod key {
    use sea_orm::entity::prelude::*;
    use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "chest_key")]
    #[soft_delete(group = "chests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub chest_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            skip_fk,
            from = "chest_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub chest: BelongsTo<Option<super::chest::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Hooks for Entity {
        async fn before_delete(_: &HookEvent<'_>, _: &HookConnection<'_>) -> Result<(), HookError> {
            Err("no key is deleted".into())
        }
    }
}

mod chest {
    use sea_orm::entity::prelude::*;
    use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "chest")]
    #[soft_delete(group = "chests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub key_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "key_id", to = "id", on_delete = "Cascade")]
        pub key: BelongsTo<super::key::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Hooks for Entity {
        async fn after_delete(_: &HookEvent<'_>, _: &HookConnection<'_>) -> Result<(), HookError> {
            Err("no chest is deleted".into())
        }
    }
}

async fn chests(db: &TestDb) -> TestResult {
    create_table(db, key::Entity).await?;
    create_table(db, chest::Entity).await?;
    for sql in [
        "INSERT INTO chest_key (id, chest_id) VALUES (1, 2), (2, 1)",
        "INSERT INTO chest (id, key_id) VALUES (1, 1), (2, 2)",
    ] {
        db.execute_raw(Statement::from_string(db.backend(), sql))
            .await?;
    }
    Ok(())
}

async fn a_shelf(db: &TestDb) -> TestResult {
    shelf::create(db).await?;
    for sql in [
        "INSERT INTO shelf (id) VALUES (1), (2)",
        "INSERT INTO book (id, shelf_id, title) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')",
    ] {
        db.execute_raw(Statement::from_string(db.backend(), sql))
            .await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn hooks_run_for_the_rows_that_a_cascade_takes(db: &TestDb) {
        a_shelf(db).await?;
        let deletion = shelves::Entity::delete_by_id(1).by(42).reason("moving").exec(db).await?;
        assert_eq!(
            log::lines(db).await?,
            [
                "before_delete shelf 1 []".to_owned(),
                "before_delete book 2 [1, 2]".to_owned(),
                format!("after_delete shelf 1 [] {} 42 moving", deletion.id()),
                "after_delete book 2 [1, 2]".to_owned(),
            ]
        );
    }

    async fn hooks_run_for_the_rows_that_come_back(db: &TestDb) {
        a_shelf(db).await?;
        book::Entity::delete_by_id(1).exec(db).await?;
        shelves::Entity::delete_by_id(1).exec(db).await?;
        log::clear(db).await?;
        shelves::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(
            log::lines(db).await?,
            [
                "before_restore shelf 1 []",
                "before_restore book 1 [2]",
                "after_restore shelf 1 []",
                "after_restore book 1 [2]",
            ]
        );
    }

    async fn hooks_do_not_run_when_nothing_happens(db: &TestDb) {
        a_shelf(db).await?;
        shelves::Entity::delete_by_id(2).exec(db).await?;
        log::clear(db).await?;
        shelves::Entity::delete_by_id(2).exec(db).await?;
        shelves::Entity::delete_by_id(4711).exec(db).await?;
        shelves::Entity::restore_by_id(1).exec(db).await?;
        shelves::Entity::delete_by_id(1).plan(db).await?;
        shelves::Entity::restore_by_id(2).plan(db).await?;
        assert!(log::lines(db).await?.is_empty());
    }

    async fn hooks_do_not_run_for_tables_that_no_row_is_of(db: &TestDb) {
        a_shelf(db).await?;
        book::Entity::delete_by_id(3).exec(db).await?;
        log::clear(db).await?;
        let deletion = shelves::Entity::delete_by_id(2).exec(db).await?;
        shelves::Entity::restore_many().filter_by_ids([2]).exec(db).await?;
        shelves::Entity::delete_by_id(2).exec(db).await?;
        shelves::Entity::restore_by_id(2).exec(db).await?;
        let lines = log::lines(db).await?;
        assert_eq!(lines[0], "before_delete shelf 1 []");
        assert_eq!(lines[1], format!("after_delete shelf 1 [] {}  ", deletion.id()));
        assert_eq!(lines.len(), 8, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains(" shelf 1 ")), "{lines:?}");
    }

    async fn a_plan_that_marks_rows_to_know_them_runs_no_hooks(db: &TestDb) {
        chests(db).await?;
        let all = [("chest_key", 2), ("chest", 2)];
        assert_eq!(key::Entity::delete_by_id(1).plan(db).await?.rows_by_table(), all);
        assert_eq!(key::Entity::delete_many().all().plan(db).await?.rows_by_table(), all);
        for id in [1, 2] {
            let refused = key::Entity::delete_by_id(id).exec(db).await.map_err(Error::from).expect_err("hooks run for what is done");
            assert!(matches!(refused, Error::Hook { .. }), "{refused}");
        }
        assert_eq!(key::Entity::find().count(db).await? + chest::Entity::find().count(db).await?, 4);
    }

    async fn a_failing_hook_leaves_no_half_cascade(db: &TestDb) {
        a_shelf(db).await?;
        db.execute_unprepared("UPDATE book SET title = 'cursed' WHERE id = 2").await?;

        let failed = shelves::Entity::delete_by_id(1).exec(db).await.map_err(Error::from).expect_err("the book is cursed");

        assert!(matches!(&failed, Error::Hook { table, .. } if table.name == "book"), "{failed}");
        assert!(failed.to_string().contains("this book stays"), "{failed}");
        assert_eq!(shelves::Entity::find().count(db).await?, 2);
        assert_eq!(book::Entity::find().count(db).await?, 3);
        assert!(log::lines(db).await?.is_empty());
    }

    async fn a_failing_hook_leaves_no_half_restore(db: &TestDb) {
        a_shelf(db).await?;
        shelves::Entity::delete_by_id(1).exec(db).await?;
        db.execute_unprepared("UPDATE book SET title = 'cursed' WHERE id = 2").await?;

        let failed = shelves::Entity::restore_by_id(1).exec(db).await.expect_err("the book is cursed");

        assert!(matches!(failed, Error::Hook { .. }), "{failed}");
        assert_eq!(shelves::Entity::find().count(db).await?, 1);
        assert_eq!(book::Entity::find().count(db).await?, 1);
    }

    async fn a_failing_hook_before_a_delete_leaves_nothing(db: &TestDb) {
        a_shelf(db).await?;
        db.execute_unprepared("UPDATE book SET title = 'sticky' WHERE id = 2").await?;

        // The shelf's own hook ran, and the shelf is marked by then.
        let failed = shelves::Entity::delete_by_id(1).exec(db).await.map_err(Error::from).expect_err("the book is sticky");

        assert!(matches!(&failed, Error::Hook { table, .. } if table.name == "book"), "{failed}");
        assert_eq!(shelves::Entity::find().count(db).await?, 2);
        assert_eq!(book::Entity::find().count(db).await?, 3);
        assert!(log::lines(db).await?.is_empty());
        // In the caller's transaction too, which goes on.
        let transaction = db.begin().await?;
        let failed = book::Entity::delete_by_id(2).exec(&transaction).await.map_err(Error::from).expect_err("the book is sticky");
        assert!(matches!(failed, Error::Hook { .. }), "{failed}");
        book::Entity::force_delete_by_id(2).exec(&transaction).await?;
        shelves::Entity::delete_by_id(1).exec(&transaction).await?;
        transaction.commit().await?;
        assert_eq!(book::Entity::only_deleted().count(db).await?, 1);
    }

    async fn a_failing_hook_before_a_restore_leaves_nothing(db: &TestDb) {
        a_shelf(db).await?;
        shelves::Entity::delete_by_id(1).exec(db).await?;
        log::clear(db).await?;
        db.execute_unprepared("UPDATE book SET title = 'sticky' WHERE id = 2").await?;

        let failed = shelves::Entity::restore_by_id(1).exec(db).await.expect_err("the book is sticky");

        assert!(matches!(&failed, Error::Hook { table, .. } if table.name == "book"), "{failed}");
        assert_eq!(shelves::Entity::find().count(db).await?, 1);
        assert_eq!(book::Entity::find().count(db).await?, 1);
        assert!(log::lines(db).await?.is_empty());
    }
}

support::on_servers! {
    async fn in_a_transaction_that_has_read_before_hooks_are_told_of_rows_as_they_are_now(db: &TestDb) {
        a_shelf(db).await?;
        let transaction = db.begin().await?;
        book::Entity::find().count(&transaction).await?;
        db.execute_unprepared("INSERT INTO book (id, shelf_id, title) VALUES (4, 1, 'd')").await?;
        shelves::Entity::delete_by_id(1).exec(&transaction).await?;
        transaction.commit().await?;
        assert_eq!(log::lines(db).await?[1], "before_delete book 3 [1, 2, 4]");

        let transaction = db.begin().await?;
        book::Entity::find().count(&transaction).await?;
        shelves::Entity::restore_by_id(1).exec(db).await?;
        shelves::Entity::delete_by_id(1).exec(db).await?;
        log::clear(db).await?;
        shelves::Entity::restore_by_id(1).exec(&transaction).await?;
        transaction.commit().await?;
        assert_eq!(
            log::lines(db).await?,
            [
                "before_restore shelf 1 []",
                "before_restore book 3 [1, 2, 4]",
                "after_restore shelf 1 []",
                "after_restore book 3 [1, 2, 4]",
            ]
        );
    }
}

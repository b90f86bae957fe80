//! SeaORM's own hooks run inside the transaction of a delete, and can stop it.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait as _, DatabaseConnection, DbBackend, IntoActiveModel as _,
    MockDatabase, MockExecResult, PaginatorTrait as _, TransactionTrait as _,
};
use soft_delete::Error;

use support::{self, TestDb, TestResult, create_table, shelf::log};

use self::{parcel::Entity as Parcel, seal::Entity as Seal};

mod parcel {
    use sea_orm::entity::prelude::*;
    use sea_orm::prelude::async_trait::async_trait;
    use soft_delete::SoftDelete;

    use support::shelf::log;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "parcel")]
    #[soft_delete(group = "parcels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The name of the hook that fails for it.
        pub label: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub seals: HasMany<super::seal::Entity>,
        #[sea_orm(has_many)]
        pub claims: HasMany<super::claim::Entity>,
    }

    /// Writes down that a hook runs and how many parcels are active by then, and fails if the label says so.
    async fn run(hook: &str, label: &str, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let active = Entity::find().count(db).await?;
        log::write_line(db, format!("{hook}, {active} active")).await?;
        match label == hook {
            true => Err(DbErr::Custom(format!("{hook} fails"))),
            false => Ok(()),
        }
    }

    #[async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C: ConnectionTrait>(self, db: &C, _: bool) -> Result<Self, DbErr> {
            run("before_save", self.label.as_ref(), db).await?;
            Ok(self)
        }

        async fn after_save<C: ConnectionTrait>(
            model: Model,
            db: &C,
            _: bool,
        ) -> Result<Model, DbErr> {
            run("after_save", &model.label, db).await?;
            Ok(model)
        }

        async fn before_delete<C: ConnectionTrait>(self, db: &C) -> Result<Self, DbErr> {
            run("before_delete", self.label.as_ref(), db).await?;
            Ok(self)
        }

        async fn after_delete<C: ConnectionTrait>(self, db: &C) -> Result<Self, DbErr> {
            run("after_delete", self.label.as_ref(), db).await?;
            Ok(self)
        }
    }
}

mod seal {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "seal")]
    #[soft_delete(group = "parcels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub parcel_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "parcel_id", to = "id", on_delete = "Cascade")]
        pub parcel: BelongsTo<super::parcel::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod claim {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "claim")]
    #[soft_delete(group = "parcels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub parcel_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "parcel_id", to = "id", on_delete = "Restrict")]
        pub parcel: BelongsTo<super::parcel::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A parcel with a seal, and another without.
async fn a_parcel(db: &TestDb, label: &str) -> TestResult<parcel::Model> {
    create_table(db, Parcel).await?;
    create_table(db, Seal).await?;
    create_table(db, claim::Entity).await?;
    create_table(db, log::Entity).await?;
    for sql in [
        &format!("INSERT INTO parcel (id, label) VALUES (1, '{label}'), (2, 'other')"),
        "INSERT INTO seal (id, parcel_id) VALUES (1, 1)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(Parcel::find_by_id(1).one(db).await?.expect("the parcel"))
}

/// Nothing was deleted, removed or written down.
async fn assert_untouched(db: &TestDb) -> TestResult {
    assert_eq!(Parcel::find().count(db).await?, 2);
    assert_eq!(Seal::find().count(db).await?, 1);
    assert_eq!(log::lines(db).await?, [""; 0]);
    Ok(())
}

fn assert_says(error: impl Into<Error>, what: &str) {
    let error = error.into();
    assert!(error.to_string().contains(what), "{error}");
}

support::on_every_backend! {
    async fn they_run_around_the_delete_of_a_model(db: &TestDb) {
        let parcel = a_parcel(db, "fragile").await?;
        let deletion = parcel.delete(db).await?;
        assert_eq!(deletion.rows_by_table(), [("parcel", 1), ("seal", 1)]);
        assert_eq!(log::lines(db).await?, ["before_delete, 2 active", "after_delete, 1 active"]);
        deletion.undo().exec(db).await?;
        assert_eq!(Parcel::find().count(db).await?, 2);
    }

    async fn they_run_around_the_delete_of_an_active_model(db: &TestDb) {
        let parcel = a_parcel(db, "fragile").await?.into_active_model();
        assert_eq!(parcel.delete(db).await?.rows_affected, 1);
        assert_eq!(log::lines(db).await?, ["before_delete, 2 active", "after_delete, 1 active"]);
    }

    async fn they_run_around_the_force_delete_of_a_model(db: &TestDb) {
        let parcel = a_parcel(db, "fragile").await?;
        assert_eq!(parcel.force_delete(db).await?.rows_affected, 1);
        assert_eq!(log::lines(db).await?, ["before_delete, 2 active", "after_delete, 1 active"]);
        assert_eq!(Parcel::with_deleted().count(db).await?, 1);
    }

    async fn they_do_not_run_for_deletes_by_key_or_filter_or_cascade(db: &TestDb) {
        a_parcel(db, "before_delete").await?;
        Parcel::delete_by_id(1).exec(db).await?;
        Parcel::restore_by_id(1).exec(db).await?;
        Parcel::delete_many().all().exec(db).await?;
        Parcel::force_delete_by_id(1).exec(db).await?;
        assert_eq!(log::lines(db).await?, [""; 0]);
    }

    async fn one_that_fails_before_a_delete_means_that_nothing_was_done(db: &TestDb) {
        let parcel = a_parcel(db, "before_delete").await?;
        let active = parcel.clone().into_active_model();
        assert_says(parcel.clone().delete(db).await.expect_err("it fails"), "before_delete fails");
        assert_untouched(db).await?;
        assert_says(active.clone().delete(db).await.expect_err("it fails"), "before_delete fails");
        assert_untouched(db).await?;
        assert_says(parcel.force_delete(db).await.expect_err("it fails"), "before_delete fails");
        assert_untouched(db).await?;
        assert_says(active.force_delete(db).await.expect_err("it fails"), "before_delete fails");
        assert_untouched(db).await?;
    }

    async fn one_that_fails_after_a_delete_means_that_nothing_was_done(db: &TestDb) {
        let parcel = a_parcel(db, "after_delete").await?;
        let active = parcel.clone().into_active_model();
        assert_says(parcel.clone().delete(db).await.expect_err("it fails"), "after_delete fails");
        assert_untouched(db).await?;
        assert_says(active.clone().delete(db).await.expect_err("it fails"), "after_delete fails");
        assert_untouched(db).await?;
        assert_says(parcel.force_delete(db).await.expect_err("it fails"), "after_delete fails");
        assert_untouched(db).await?;
        assert_says(active.force_delete(db).await.expect_err("it fails"), "after_delete fails");
        assert_untouched(db).await?;
    }

    async fn a_row_without_children_is_no_exception(db: &TestDb) {
        a_parcel(db, "fragile").await?;
        let mut other = Parcel::find_by_id(2).one(db).await?.expect("the other").into_active_model();
        other.label = Set("after_delete".to_owned());
        assert_says(other.delete(db).await.expect_err("it fails"), "after_delete fails");
        assert_untouched(db).await?;
    }

    async fn what_they_wrote_is_undone_with_a_delete_that_is_refused(db: &TestDb) {
        let parcel = a_parcel(db, "fragile").await?;
        db.execute_unprepared("INSERT INTO claim (id, parcel_id) VALUES (1, 1)").await?;
        let refused = parcel.clone().delete(db).await.map_err(Error::from).expect_err("a claim");
        assert!(matches!(refused, Error::Restricted { .. }), "{refused}");
        assert_untouched(db).await?;
    }

    async fn in_a_transaction_of_the_caller_s_one_that_fails_undoes_the_delete_alone(db: &TestDb) {
        let parcel = a_parcel(db, "after_delete").await?;
        let transaction = db.begin().await?;
        log::write_line(&transaction, "before".to_owned()).await?;
        assert_says(parcel.delete(&transaction).await.expect_err("it fails"), "after_delete fails");
        log::write_line(&transaction, "after".to_owned()).await?;
        transaction.commit().await?;
        assert_eq!(Parcel::find().count(db).await?, 2);
        assert_eq!(Seal::find().count(db).await?, 1);
        assert_eq!(log::lines(db).await?, ["before", "after"]);
    }

    async fn in_a_transaction_that_is_rolled_back_they_leave_nothing(db: &TestDb) {
        let parcel = a_parcel(db, "fragile").await?;
        let transaction = db.begin().await?;
        parcel.delete(&transaction).await?;
        transaction.rollback().await?;
        assert_untouched(db).await?;
    }

    async fn an_edit_that_fails_before_is_not_made(db: &TestDb) {
        let mut parcel = a_parcel(db, "fragile").await?.into_active_model();
        parcel.label = Set("before_save".to_owned());
        assert_says(parcel.clone().update(db).await.expect_err("it fails"), "before_save fails");
        assert_says(parcel.clone().save(db).await.expect_err("it fails"), "before_save fails");
        let stored = Parcel::find_by_id(1).one(db).await?.expect("the parcel");
        assert_eq!(stored.label, "fragile");
    }

    /// As in SeaORM, which has no transaction around its edits.
    async fn an_edit_whose_hook_fails_after_it_is_undone_only_with_the_callers_transaction(db: &TestDb) {
        let mut parcel = a_parcel(db, "fragile").await?.into_active_model();
        parcel.label = Set("after_save".to_owned());

        let transaction = db.begin().await?;
        assert_says(parcel.clone().update(&transaction).await.expect_err("it fails"), "after_save fails");
        transaction.rollback().await?;
        assert_eq!(Parcel::find_by_id(1).one(db).await?.expect("the parcel").label, "fragile");

        assert_says(parcel.update(db).await.expect_err("it fails"), "after_save fails");
        assert_eq!(Parcel::find_by_id(1).one(db).await?.expect("the parcel").label, "after_save");
    }
}

/// What is sent, on a pool of that backend that answers each statement as done.
async fn statements<E: std::fmt::Debug>(
    backend: DbBackend,
    delete: impl AsyncFnOnce(&DatabaseConnection) -> Result<(), E>,
) -> Vec<String> {
    let done = MockExecResult {
        last_insert_id: 0,
        rows_affected: 1,
    };
    let db = MockDatabase::new(backend)
        .append_exec_results([done])
        .into_connection();
    delete(&db).await.expect("deleted");
    let log = db.into_transaction_log();
    let statements = log.iter().flat_map(|transaction| transaction.statements());
    let words = statements.map(|statement| {
        let mut words = statement.sql.split(' ');
        words.next().unwrap_or_default().to_owned()
    });
    words.collect()
}

fn a_tag() -> support::domain::task_tag::Model {
    support::domain::task_tag::Model {
        task_id: 1,
        tag_id: 1,
        deleted_at: None,
        deletion_id: None,
    }
}

#[tokio::test]
async fn what_they_cost() {
    use support::domain::task_tag::Entity as TaskTag;

    for backend in [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql] {
        let by_key =
            async |db: &DatabaseConnection| TaskTag::delete_by_id((1, 1)).exec(db).await.map(drop);
        assert_eq!(statements(backend, by_key).await, ["UPDATE"]);
        let forced = async |db: &DatabaseConnection| {
            TaskTag::force_delete_by_id((1, 1)).exec(db).await.map(drop)
        };
        assert_eq!(statements(backend, forced).await, ["DELETE"]);
        let model =
            async |db: &DatabaseConnection| a_tag().delete(db).await.map_err(Error::from).map(drop);
        assert_eq!(
            statements(backend, model).await,
            ["BEGIN", "SAVEPOINT", "UPDATE", "RELEASE", "COMMIT"]
        );
        let forced = async |db: &DatabaseConnection| a_tag().force_delete(db).await.map(drop);
        assert_eq!(
            statements(backend, forced).await,
            ["BEGIN", "DELETE", "COMMIT"]
        );
    }
}

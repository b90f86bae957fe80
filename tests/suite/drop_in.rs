//! Code written for SeaORM's errors keeps compiling when an entity becomes soft-deletable.

use std::fmt;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, DeleteResult, TransactionError, TransactionTrait,
};
use soft_delete::Error;

use support::{
    self, TestDb, TestResult,
    domain::{self, member, project, tag},
};

/// An application's error.
#[derive(Debug)]
enum App {
    NotFound,
    Db(DbErr),
}

impl From<DbErr> for App {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::RecordNotFound(_) => Self::NotFound,
            error => Self::Db(error),
        }
    }
}

impl fmt::Display for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for App {}

async fn by_question_mark(db: &DatabaseConnection, id: i64) -> Result<u64, App> {
    Ok(tag::Entity::delete_by_id(id).exec(db).await?.rows_affected)
}

async fn by_map_err(db: &DatabaseConnection, id: i64) -> Result<u64, App> {
    let result = tag::Entity::delete_by_id(id)
        .exec(db)
        .await
        .map_err(App::Db)?;
    Ok(result.rows_affected)
}

async fn as_it_is(db: &DatabaseConnection, row: tag::Model) -> Result<u64, DbErr> {
    row.delete(db).await.map(|result| result.rows_affected)
}

/// SeaORM's type is that of its own trait, which generic code and `ActiveModel` have.
async fn typed(db: &DatabaseConnection, row: tag::ActiveModel) -> Result<DeleteResult, DbErr> {
    let result: DeleteResult = row.delete(db).await?;
    Ok(result)
}

async fn in_a_closure(db: &DatabaseConnection) -> Result<u64, TransactionError<DbErr>> {
    db.transaction::<_, _, DbErr>(|transaction| {
        Box::pin(async move {
            let deleted = tag::Entity::delete_many().all().exec(transaction).await?;
            Ok(deleted.rows_affected)
        })
    })
    .await
}

/// Ours are had by `?` in a function that returns them.
async fn as_ours(
    db: &(impl ConnectionTrait + TransactionTrait),
    id: sea_orm::prelude::Uuid,
) -> Result<(), Error> {
    member::Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

async fn a_member_who_leads(db: &TestDb) -> TestResult<member::Model> {
    domain::create(db).await?;
    let ada = domain::member(db, "ada").await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let mut led: project::ActiveModel = project.into();
    led.lead_id = sea_orm::Set(Some(ada.id));
    led.update(db).await?;
    Ok(ada)
}

support::on_every_backend! {
    async fn an_error_of_the_application_takes_what_a_delete_returns(db: &TestDb) {
        domain::create(db).await?;
        let connection = &db.connection();
        for name in ["a", "b", "c", "d", "e"] {
            domain::tag(db, name).await?;
        }
        assert_eq!(by_question_mark(connection, 1).await?, 1);
        assert_eq!(by_map_err(connection, 2).await?, 1);
        let tags = tag::Entity::find().all(db).await?;
        assert_eq!(as_it_is(connection, tags[0].clone()).await?, 1);
        assert_eq!(typed(connection, tags[1].clone().into()).await?.rows_affected, 1);
        assert_eq!(in_a_closure(connection).await?, 1);
    }

    async fn a_refusal_is_carried_without_loss(db: &TestDb) {
        let ada = a_member_who_leads(db).await?;
        let refused = member::Entity::delete_by_id(ada.id).exec(db).await.expect_err("she leads");
        assert!(refused.to_string().contains("referenced by 1 active row of `project`"), "{refused}");
        let Error::Restricted { blockers, .. } = Error::from(refused.clone()) else { panic!("{refused:?}") };
        assert_eq!(blockers[0].rows, 1);
        let refused = as_ours(db, ada.id).await;
        assert!(matches!(&refused, Err(Error::Restricted { .. })), "{refused:?}");
        // Through another function that returns SeaORM's error, and back.
        let through = || async { as_ours(db, ada.id).await.map_err(DbErr::from) };
        let refused = through().await.map_err(Error::from);
        assert!(matches!(&refused, Err(Error::Restricted { .. })), "{refused:?}");
        for refused in [ada.clone().delete(db).await.map(drop), member::ActiveModel::from(ada.clone()).delete(db).await.map(drop)] {
            assert!(matches!(refused.map_err(Error::from), Err(Error::Restricted { .. })));
        }
    }

    async fn a_transaction_of_the_callers_goes_on_after_a_refusal(db: &TestDb) {
        let ada = a_member_who_leads(db).await?;
        let transaction = db.begin().await?;
        let refused = member::Entity::delete_by_id(ada.id).exec(&transaction).await;
        assert!(matches!(refused, Err(DbErr::TryIntoErr { .. })), "{refused:?}");
        domain::tag(&transaction, "after").await?;
        transaction.commit().await?;
    }

    async fn what_seaorm_has_an_error_for_is_that(db: &TestDb) {
        domain::create(db).await?;
        let keyless = tag::ActiveModel { name: sea_orm::Set("a".to_owned()), ..Default::default() };
        let refused = tag::Entity::delete(keyless).exec(db).await;
        assert!(matches!(refused, Err(DbErr::PrimaryKeyNotSet { .. })), "{refused:?}");
        let missing = async { Ok::<_, App>(tag::Entity::restore_by_id(1).exec(db).await.map_err(DbErr::from)?) };
        assert!(matches!(missing.await, Err(App::NotFound)));
    }
}

//! Transactions of a scoped connection are scoped as it is.

use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IntoActiveModel as _, PaginatorTrait as _,
    TransactionTrait,
};
use soft_delete::ScopedConnection;

use support::{
    self, TestDb,
    domain::{self, tag, task_tag},
};

/// How many rows are seen by code that knows nothing of soft delete.
async fn count<E: EntityTrait>(db: &impl ConnectionTrait) -> Result<u64, DbErr>
where
    E::Model: Send + Sync,
{
    E::find().count(db).await
}

async fn two_tags_one_deleted(db: &TestDb) -> Result<(), DbErr> {
    domain::create(db).await?;
    domain::tag(db, "active").await?;
    domain::tag(db, "deleted").await?;
    tag::Entity::delete_by_id(2).exec(db).await?;
    Ok(())
}

support::on_scoped! {
    async fn a_transaction_is_scoped_and_so_is_one_in_it(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        let transaction = db.scoped().begin().await?;
        assert_eq!(count::<tag::Entity>(&transaction).await?, 1);
        let nested = transaction.begin().await?;
        assert_eq!(count::<tag::Entity>(&nested).await?, 1);
        tag::Entity::delete_by_id(1).exec(&nested).await?;
        assert_eq!(count::<tag::Entity>(&nested).await?, 0);
        nested.rollback().await?;
        assert_eq!(count::<tag::Entity>(&transaction).await?, 1);
        transaction.commit().await?;
    }

    async fn a_transaction_keeps_the_scope_it_began_with(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        let transaction = db.scoped().only_deleted().begin().await?;
        tag::Entity::restore_by_id(2).exec(&transaction).await?;
        assert_eq!(count::<tag::Entity>(&transaction).await?, 0);
        assert_eq!(count::<tag::Entity>(&transaction.with_deleted()).await?, 2);
        transaction.commit().await?;
    }

    async fn a_closure_is_given_a_scoped_transaction(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        let scoped = db.scoped();
        let seen = scoped.transaction(|transaction| {
            Box::pin(async move {
                tag::Entity::delete_by_id(1).exec(transaction).await?;
                count::<tag::Entity>(transaction).await
            })
        });
        assert_eq!(seen.await.map_err(|error| DbErr::Custom(error.to_string()))?, 0);
        let failed = scoped.transaction(|transaction| {
            Box::pin(async move {
                tag::Entity::restore_by_id(1).exec(transaction).await?;
                Err::<(), _>(DbErr::Custom("no".to_owned()))
            })
        });
        assert!(failed.await.is_err());
        assert_eq!(count::<tag::Entity>(&scoped).await?, 0);
    }

    async fn a_callers_transaction_is_borrowed(db: &TestDb) {
        two_tags_one_deleted(db).await?;
        let transaction = db.connection().begin().await?;
        let scoped = ScopedConnection::borrow(&transaction);
        tag::Entity::delete_by_id(1).exec(&scoped).await?;
        assert_eq!(count::<tag::Entity>(&scoped).await?, 0);
        assert_eq!(count::<tag::Entity>(&transaction).await?, 2);
        transaction.rollback().await?;
        assert_eq!(count::<tag::Entity>(db).await?, 1);
    }

    async fn an_active_model_with_its_children_is_saved(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let mut tree = task.into_active_model().into_ex();
        tree.tags.push(tag::ActiveModel { name: sea_orm::Set("new".to_owned()), ..Default::default() }.into_ex());
        tree.save(&db.scoped()).await?;
        assert_eq!(count::<tag::Entity>(db).await?, 1);
        assert_eq!(count::<task_tag::Entity>(db).await?, 1);
    }
}

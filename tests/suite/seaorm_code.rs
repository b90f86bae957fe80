//! Code as it was written for plain SeaORM, before the derive was added: it compiles unchanged, and deletes softly.

// What it imports for SeaORM's own methods is no longer needed where the derive has one of the same name.
#![allow(unused_imports)]

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr,
    EntityTrait, IntoActiveModel, ModelTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Set, TransactionTrait,
};

use support::{
    self, TestDb,
    domain::{self, comment, project, tag, task},
};

async fn remove_task(db: &DatabaseConnection, id: i64) -> Result<bool, DbErr> {
    let result = task::Entity::delete_by_id(id).exec(db).await?;
    Ok(result.rows_affected == 1)
}

async fn remove_comments(db: &DatabaseTransaction, task: i64) -> Result<u64, DbErr> {
    let result = comment::Entity::delete_many()
        .filter(comment::Column::TaskId.eq(task))
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

async fn remove_model(db: &DatabaseConnection, tag: tag::Model) -> Result<u64, DbErr> {
    Ok(tag.delete(db).await?.rows_affected)
}

async fn remove_active_model(db: &DatabaseConnection, tag: tag::Model) -> Result<u64, DbErr> {
    let tag: tag::ActiveModel = tag.into();
    let result = tag.delete(db).await?;
    Ok(result.rows_affected)
}

async fn remove_with_delete(db: &DatabaseConnection, tag: tag::Model) -> Result<u64, DbErr> {
    Ok(tag::Entity::delete(tag.into_active_model())
        .exec(db)
        .await?
        .rows_affected)
}

async fn rename<C: ConnectionTrait>(db: &C, id: i64, title: &str) -> Result<task::Model, DbErr> {
    let task = task::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(format!("task {id}")))?;
    let mut task: task::ActiveModel = task.into();
    task.title = Set(title.to_owned());
    task.update(db).await
}

async fn titles(db: &DatabaseConnection, project: &project::Model) -> Result<Vec<String>, DbErr> {
    task::Entity::find()
        .filter(task::Column::ProjectId.eq(project.id))
        .order_by_asc(task::Column::Id)
        .select_only()
        .column(task::Column::Title)
        .into_tuple()
        .all(db)
        .await
}

support::on_every_backend! {
    async fn code_for_plain_seaorm_compiles_and_deletes_softly(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::task(db, &project, "finish").await?;
        domain::comment(db, &task, "first").await?;

        let transaction = db.connection().begin().await?;
        assert_eq!(remove_comments(&transaction, task.id).await?, 1);
        transaction.commit().await?;
        assert_eq!(rename(db, task.id, "begin").await?.title, "begin");
        assert!(remove_task(db, task.id).await?);
        assert!(!remove_task(db, task.id).await?);
        assert!(rename(db, task.id, "again").await.is_err());
        assert_eq!(titles(db, &project).await?, ["finish"]);
        let tasks = project.find_related(task::Entity);
        assert_eq!(tasks.count(&db.connection()).await?, 2);

        for (place, name) in ["a", "b", "c"].into_iter().enumerate() {
            let tag = domain::tag(db, name).await?;
            let removed = match place {
                0 => remove_model(db, tag).await?,
                1 => remove_active_model(db, tag).await?,
                _ => remove_with_delete(db, tag).await?,
            };
            assert_eq!(removed, 1);
        }
        assert_eq!(tag::Entity::find().count(db).await?, 0);
        assert_eq!(tag::Entity::with_deleted().count(db).await?, 3);
    }
}

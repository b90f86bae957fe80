//! Inserts and updates.

use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::Set,
    ConnectionTrait, DbErr, EntityTrait, IntoActiveModel as _, Update,
    sea_query::{Expr, Query},
};

use soft_delete::SoftDelete;

use crate::leaks::{world::World, write::writes};
use support::domain::{comment, task};

/// A row that was read before it was deleted, and is edited now.
fn stale_task(world: &World) -> task::ActiveModel {
    let task = task::Model {
        id: 3,
        ..world.kept.clone()
    };
    let mut task = task.into_active_model();
    task.title = Set("edited".to_owned());
    task
}

async fn rename_all<E: EntityTrait>(
    column: E::Column,
    db: &impl ConnectionTrait,
) -> Result<(), DbErr> {
    E::update_many()
        .col_expr(column, Expr::value("edited"))
        .exec(db)
        .await?;
    Ok(())
}

writes! { world, db;
    "`Post::update_many()`" => {
        task::Entity::update_many()
            .col_expr(task::Column::Title, Expr::value("edited"))
            .exec(db)
            .await?;
    }
    "`update`, `save` of an active model" => {
        let mut task = world.kept.clone().into_active_model();
        task.title = Set("edited".to_owned());
        task.clone().update(db).await?;
        task.save(db).await?;
    }
    "`sea_orm::Update::many(Post)`", "`Post::update_many()`" => {
        Update::many(task::Entity)
            .col_expr(task::Column::Title, Expr::value("edited"))
            .exec(db)
            .await?;
    }
    "`Post::update(…)`, also of a row that was deleted meanwhile" => {
        let mut task = world.kept.clone().into_active_model();
        task.title = Set("edited".to_owned());
        task::Entity::update(task).exec(db).await?;
        let edited = task::Entity::update(stale_task(world)).exec(db).await;
        assert_eq!(edited, Err(DbErr::RecordNotUpdated));
    }
    "`sea_orm::Update::one(…)` of such a row", "`Post::update(…)`" => {
        match Update::one(stale_task(world)).validate()?.exec(db).await {
            Ok(_) | Err(DbErr::RecordNotUpdated) => {}
            Err(error) => return Err(error.into()),
        }
    }
    "generic `E::update_many()`", "`E: SoftDelete`, and `<E as SoftDelete>::update_many()`" => {
        rename_all::<task::Entity>(task::Column::Title, db).await?;
    }
    "`<E as SoftDelete>::update_many()`" => {
        let update = <task::Entity as SoftDelete>::update_many();
        update.col_expr(task::Column::Title, Expr::value("edited")).exec(db).await?;
    }
    "SeaQuery's `Query::update()`", "the condition" => {
        let mut update = Query::update();
        update.table(task::Entity).value(task::Column::Title, "edited");
        db.execute(&update).await?;
    }
    "UPDATE in SQL", "the condition" => {
        db.execute_raw(world.sql("UPDATE task SET title = 'edited'")).await?;
        db.execute_unprepared("UPDATE comment SET body = 'edited'").await?;
    }
    "UPDATE whose condition reads another table", "the condition in both" => {
        let sql = "UPDATE task SET title = 'edited' WHERE project_id IN (SELECT id FROM project)";
        db.execute_raw(world.sql(sql)).await?;
    }
    "INSERT … SELECT", "the condition" => {
        let sql = "INSERT INTO tag (name) SELECT body FROM comment";
        db.execute_raw(world.sql(sql)).await?;
    }
    "`Post::insert(…)`" => {
        let comment = comment::ActiveModel {
            task_id: Set(1),
            body: Set("third".to_owned()),
            ..Default::default()
        };
        comment.insert(db).await?;
    }
}

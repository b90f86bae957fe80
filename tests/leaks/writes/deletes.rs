//! Deletes, and what removes rows on its way.

use sea_orm::{
    ActiveModelBehavior, ColumnTrait as _, ConnectionTrait, DbErr, Delete, EntityLoaderTrait as _,
    EntityTrait, IntoActiveModel, ModelTrait, PrimaryKeyTrait, QueryFilter as _, sea_query::Query,
};

use crate::leaks::{account::account, write::writes};
use support::domain::{comment, tag, task};

async fn generic_by_id<E>(id: i64, db: &impl ConnectionTrait) -> Result<(), DbErr>
where
    E: EntityTrait,
    i64: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
{
    E::delete_by_id(id).exec(db).await?;
    Ok(())
}

async fn generic_many<E: EntityTrait>(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    E::delete_many().exec(db).await?;
    Ok(())
}

async fn generic_model<M>(model: M, db: &impl ConnectionTrait) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
{
    model.delete(db).await?;
    Ok(())
}

writes! { world, db;
    "`Post::delete(…)`, `delete_by_id`, `delete_many`" => {
        let _ = comment::Entity::delete_by_id(1).exec(db).await?;
        let many = comment::Entity::delete_many().filter(comment::Column::TaskId.eq(1));
        let _ = many.exec(db).await?;
        let _ = task::Entity::delete(world.plan.clone().into_active_model()).exec(db).await?;
    }
    "`delete` of a model, of an active model" => {
        let _ = world.kept.clone().delete(db).await?;
        let _ = world.plan.clone().into_active_model().delete(db).await?;
    }
    "`Post::delete_by_slug(…)` of `#[soft_delete(unique)]`" => {
        let _ = tag::Entity::delete_by_name("urgent").exec(db).await?;
    }
    "`Post::force_delete_by_id(7)`, `force_delete` of a model" => {
        let _ = comment::Entity::force_delete_by_id(1).exec(db).await?;
        let _ = world.lost.clone().force_delete(db).await?;
    }
    "`Post::delete_by_slug(…)` of `#[sea_orm(unique)]`", "`#[soft_delete(unique)]` in place of SeaORM's" => {
        account::Entity::delete_by_email("ann").exec(db).await?;
    }
    "`sea_orm::Delete::many(Post)`", "`Post::delete_many()`" => {
        Delete::many(comment::Entity).filter(comment::Column::TaskId.eq(1)).exec(db).await?;
    }
    "`sea_orm::Delete::one(…)`", "`Post::delete(…)`" => {
        Delete::one(world.kept.clone()).exec(db).await?;
    }
    "generic `E::delete_by_id(7)`", "`E: SoftDelete`" => {
        generic_by_id::<comment::Entity>(1, db).await?;
    }
    "generic `E::delete_many()`", "`E: SoftDelete`" => {
        generic_many::<comment::Entity>(db).await?;
    }
    "generic `model.delete(&db)` of `M: ModelTrait`", "`E: SoftDelete`" => {
        generic_model(world.kept.clone(), db).await?;
    }
    "SeaQuery's `Query::delete()`", "`Post::delete_many()`" => {
        db.execute(Query::delete().from_table(comment::Entity)).await?;
    }
    "DELETE in SQL", "`Post::delete_many()`" => {
        db.execute_raw(world.sql("DELETE FROM comment WHERE task_id = 1")).await?;
        db.execute_unprepared("DELETE FROM comment").await?;
    }
    "`cascade_delete` of a model, `delete` of a `ModelEx`" => {
        let comment = comment::Entity::find_by_id(1).one(db).await?.expect("a comment");
        comment.cascade_delete(db).await?;
        let comment = comment::Entity::load().filter_by_id(2).one(db).await?.expect("a comment");
        comment.delete(db).await?;
    }
    "`save` of an `ActiveModelEx` that replaces what a `has_many` holds" => {
        let mut task = world.kept.clone().into_active_model().into_ex();
        task.comments.replace_all([]);
        task.save(db).await?;
    }
    "`cascade_delete` of a model, `delete` of a `ModelEx`, with a many-to-many relation", "`delete`: it follows the foreign keys by itself" => {
        world.kept.clone().cascade_delete(db).await?;
    }
    "`save` of an `ActiveModelEx` that replaces many-to-many links", "insert, delete and restore the links" => {
        let mut task = world.plan.clone().into_active_model().into_ex();
        let later = tag::Entity::find_by_name("later").one(db).await?.expect("a tag");
        task.tags.replace_all([later.into_active_model().into_ex()]);
        task.save(db).await?;
    }
}

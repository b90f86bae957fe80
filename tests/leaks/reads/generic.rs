//! Code that knows the entity by SeaORM's traits alone.

use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, ModelTrait, PrimaryKeyTrait, Related, Select,
    TransactionTrait as _,
};
use soft_delete::SoftDelete;

use crate::leaks::read::{Lines, lines, reads};
use support::domain::{comment, project, task};

async fn all<E: EntityTrait>(db: &impl ConnectionTrait) -> Result<Lines, DbErr> {
    Ok(lines(E::find().all(db).await?))
}

async fn by_id<E>(id: i64, db: &impl ConnectionTrait) -> Result<Lines, DbErr>
where
    E: EntityTrait,
    i64: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
{
    Ok(lines(E::find_by_id(id).one(db).await?))
}

async fn related<M, R>(model: &M, db: &impl ConnectionTrait) -> Result<Lines, DbErr>
where
    M: ModelTrait,
    M::Entity: Related<R>,
    R: EntityTrait,
{
    Ok(lines(model.find_related(R::default()).all(db).await?))
}

async fn active<E: SoftDelete>(db: &impl ConnectionTrait) -> Result<Lines, DbErr> {
    Ok(lines(E::active().all(db).await?))
}

reads! { world, db;
    "`<Post as EntityTrait>::find()`", "`Post::find()`" => {
        let select: Select<task::Entity> = <task::Entity as EntityTrait>::find();
        lines(select.all(db).await?)
    }
    "code that is generic over `E: EntityTrait`", "`E: SoftDelete`, and `E::active()`" => {
        let mut found = all::<task::Entity>(db).await?;
        for id in 1..=4 {
            found.extend(by_id::<task::Entity>(id, db).await?);
        }
        found
    }
    "code that is generic over `M: ModelTrait`", "`R: SoftDelete`, and `.active()` behind it" => {
        let mut found = related::<_, comment::Entity>(&world.kept, db).await?;
        found.extend(related::<project::Model, task::Entity>(&world.engine, db).await?);
        found
    }
    "such code in a transaction: `begin`, nested, `transaction(…)`", "the same" => {
        let transaction = db.begin().await?;
        let nested = transaction.begin().await?;
        let mut found = related::<_, comment::Entity>(&world.kept, &nested).await?;
        nested.commit().await?;
        found.extend(all::<task::Entity>(&transaction).await?);
        transaction.rollback().await?;
        let in_callback = db.transaction(|transaction| Box::pin(all::<task::Entity>(transaction)));
        found.extend(in_callback.await?);
        found
    }
    "code that is generic over `E: SoftDelete`" => { active::<task::Entity>(db).await? }
}

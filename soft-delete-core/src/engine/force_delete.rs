//! Physical deletion on request.

use std::marker::PhantomData;

use sea_orm::{ConnectionTrait, DeleteResult, QueryFilter as _, QueryTrait};

use crate::{
    engine::{
        active_view,
        target::{Target, targeted},
    },
    model::{Error, Scope},
    query::SoftDelete,
};

/// Removes rows from the table now, active or deleted.
///
/// ```sql
/// DELETE FROM post WHERE post.id = $1 AND (post.deleted_at IS NULL OR TRUE)
/// ```
///
/// It is SeaORM's own DELETE: what references the rows is up to the database's foreign keys, and a row that may not go is
/// the database's error. What the database removes along with it is gone as well. The last condition holds for every row;
/// it says that deleted rows are meant, to a reader and to a
/// connection that guards the table.
#[derive(Clone, Debug)]
#[must_use = "a force delete does nothing until `exec(&db)` is awaited"]
pub struct ForceDelete<E> {
    target: Target,
    entity: PhantomData<E>,
}

targeted!(ForceDelete);

impl<E: SoftDelete> ForceDelete<E> {
    fn new(target: Target) -> Self {
        Self {
            target,
            entity: PhantomData,
        }
    }

    /// Runs it. `rows_affected` is the number of rows removed from this table.
    ///
    /// # Errors
    ///
    /// [`Error::Unfiltered`] and [`Error::PrimaryKeyNotSet`] before anything is sent; [`Error::Db`] for the database's own,
    /// such as a foreign key that forbids it.
    pub async fn exec<C: ConnectionTrait>(self, db: &C) -> Result<DeleteResult, Error> {
        let meta = E::meta();
        let mut condition = self.target.condition(&meta.table, "remove for ever")?;
        if let Some(key) = self.target.key().cloned() {
            condition = key.on(meta, db.get_database_backend()).condition;
        }
        let any_state = crate::query::predicate::<E>(Scope::WithDeleted);
        let mut statement = sea_orm::Delete::many(E::default())
            .filter(condition)
            .filter(any_state);
        QueryTrait::query(&mut statement).from_table(meta.table.to_ref());
        let result = statement.exec(db).await?;
        if result.rows_affected == 0 {
            active_view::refuse(db, meta).await?;
        }
        Ok(result)
    }
}

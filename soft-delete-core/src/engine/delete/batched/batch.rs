//! One batch, in its transaction.

use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{Expr, SelectStatement},
};

use super::{level::Step, run::Walk, statements::Key};
use crate::{
    dialect,
    engine::{
        cascade::walk::{HookRows, count_rows},
        delete::restrict::blockers,
        transaction,
        value::read_all,
    },
    model::{Error, HookDeletion, HookEvent, hooks},
};

/// What a batch is of.
pub(super) enum Batch<'b> {
    Roots(&'b Expr),
    Below(Step, &'b [Key]),
}

impl Batch<'_> {
    pub(super) fn entity(&self, root: usize) -> usize {
        match self {
            Self::Roots(_) => root,
            Self::Below(Step::Mark(edge) | Step::SetNull(edge), _) => edge.child,
        }
    }
}

impl<C> Walk<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    pub(super) async fn try_batch(
        &self,
        batch: &Batch<'_>,
        after: Option<&Key>,
    ) -> Result<Vec<Key>, Error> {
        let options = dialect::latest_transaction(self.statements.backend);
        let transaction = self.db.begin_with_options(options).await?;
        let done = self.in_transaction(&transaction, batch, after).await;
        transaction::end(self.db, transaction, done).await
    }

    async fn in_transaction<T: ConnectionTrait>(
        &self,
        db: &T,
        batch: &Batch<'_>,
        after: Option<&Key>,
    ) -> Result<Vec<Key>, Error> {
        let entity = batch.entity(self.run.root);
        let condition = match batch {
            Batch::Roots(condition) => (*condition).clone(),
            Batch::Below(Step::Mark(edge) | Step::SetNull(edge), parents) => {
                self.statements.is_below(*edge, parents)
            }
        };
        let select = self.statements.active(entity, condition, after);
        let keys = self.read_keys(db, entity, select).await?;
        if keys.is_empty() {
            return Ok(keys);
        }
        if let Batch::Below(Step::SetNull(edge), _) = batch {
            db.execute(&self.statements.set_null(*edge, &keys)).await?;
            return Ok(keys);
        }
        self.run_hooks(db, entity, &keys, |hooks| hooks.before_delete)
            .await?;
        let marked = db.execute(&self.statements.mark(entity, &keys)).await?;
        self.check_marked(db, entity, &keys, marked.rows_affected())
            .await?;
        self.check_restrict(db, entity, &keys).await?;
        self.run_hooks(db, entity, &keys, |hooks| hooks.after_delete)
            .await?;
        Ok(keys)
    }

    pub(super) async fn read_keys<T: ConnectionTrait>(
        &self,
        db: &T,
        entity: usize,
        select: SelectStatement,
    ) -> Result<Vec<Key>, Error> {
        let meta = self.statements.meta(entity);
        let rows = db.query_all(&select).await?;
        rows.iter()
            .map(|row| read_all(row, meta, &meta.primary_key, ""))
            .collect()
    }

    async fn check_marked<T: ConnectionTrait>(
        &self,
        db: &T,
        entity: usize,
        keys: &[Key],
        mut marked: u64,
    ) -> Result<(), Error> {
        if self.is_watched {
            marked = count_rows(db, self.statements.taken_of(entity, keys)).await?;
        }
        let meant = keys.len() as u64;
        if marked == meant {
            return Ok(());
        }
        Err(Error::NotUpdated {
            table: self.statements.meta(entity).table.clone(),
            rows: format!("{} of {meant}", meant.saturating_sub(marked)),
        })
    }

    /// Rows of tables that the cascade does not take itself.
    async fn check_restrict<T: ConnectionTrait>(
        &self,
        db: &T,
        entity: usize,
        keys: &[Key],
    ) -> Result<(), Error> {
        let cascade = self.statements.cascade;
        let mut restrict = cascade.restrict.clone();
        restrict.retain(|edge| edge.parent == entity && !cascade.has(edge.child));
        if restrict.is_empty() {
            return Ok(());
        }
        let parents = |entity, names: &[String]| self.statements.deleted(entity, keys, names);
        let found = blockers(db, cascade.group, &restrict, true, parents, |_| None).await?;
        self.run.refuse_if_any(found)
    }

    async fn run_hooks<T: ConnectionTrait>(
        &self,
        db: &T,
        entity: usize,
        keys: &[Key],
        which: impl Fn(&hooks::HookTable) -> hooks::Hook,
    ) -> Result<(), Error> {
        let meta = self.statements.meta(entity);
        let Some(hooks) = &meta.hooks else {
            return Ok(());
        };
        let rows = HookRows::of(meta, keys.to_vec());
        let stamp = self.statements.stamp;
        let event = HookEvent {
            table: &meta.table,
            rows: rows.rows,
            keys: &rows.keys,
            deletion: Some(HookDeletion {
                id: stamp.deletion_id,
                deleted_at: stamp.deleted_at,
                deleted_by: stamp.deleted_by.as_ref(),
                reason: stamp.delete_reason.as_deref(),
            }),
        };
        hooks::run(which(hooks), event, db).await
    }
}

//! The hooks of a restore.

use sea_orm::ConnectionTrait;

use super::{closure::Closure, rows::Rows, run::Run};
use crate::{
    engine::cascade::walk::{HookRows, hook_rows_before},
    model::{EntityMeta, Error, HookEvent, graph::Cascade, hooks},
};

/// Rows that hooks are told of.
pub(super) enum Of<'r> {
    Closure(&'r Closure<'r>),
    Rows(&'r Rows<'r>),
}

impl Run {
    /// Runs the hooks of entities that rows come back of, and tells which rows these are.
    pub(super) async fn before_restore<C: ConnectionTrait>(
        &self,
        db: &C,
        cascade: &Cascade<'_>,
        of: &Of<'_>,
    ) -> Result<Vec<(usize, HookRows)>, Error> {
        let mut hooked = Vec::new();
        for entity in cascade.entities() {
            let meta = self.group.entity(entity);
            let Some(hooks) = meta.hooks else { continue };
            let affected = match of {
                Of::Closure(closure) => {
                    let keys = closure.select(entity, &meta.primary_key);
                    hook_rows_before(db, meta, keys).await?
                }
                Of::Rows(rows) => {
                    let rows = rows.of(entity).iter().filter(|row| row.comes_back());
                    HookRows::of(meta, rows.map(|row| row.key.clone()).collect())
                }
            };
            if affected.rows > 0 {
                let event = restore_event(meta, &affected);
                hooks::run(hooks.before_restore, event, db).await?;
                hooked.push((entity, affected));
            }
        }
        Ok(hooked)
    }

    pub(super) async fn after_restore<C: ConnectionTrait>(
        &self,
        db: &C,
        hooked: &[(usize, HookRows)],
    ) -> Result<(), Error> {
        for (entity, affected) in hooked {
            let meta = self.group.entity(*entity);
            if let Some(hooks) = meta.hooks {
                hooks::run(hooks.after_restore, restore_event(meta, affected), db).await?;
            }
        }
        Ok(())
    }
}

fn restore_event<'e>(meta: &'e EntityMeta, affected: &'e HookRows) -> HookEvent<'e> {
    HookEvent {
        table: &meta.table,
        rows: affected.rows,
        keys: &affected.keys,
        deletion: None,
    }
}

//! The rows that a delete starts from: locked, and remembered where an undo will need their keys.

use sea_orm::{ConnectionTrait, Order, Value};

use crate::{
    dialect,
    engine::{
        cascade::{marking::Marking, rows::columns},
        delete::{deletion::RootKeys, run::Run},
        value::{read_all, select_values},
    },
    model::Error,
};

/// What is known of the rows that are deleted themselves.
#[derive(Default)]
pub(super) struct Roots {
    /// How many were locked, where rows are.
    pub(super) locked: Option<u64>,
    /// Whether the statement that locked them has found something that may keep rows from being marked.
    pub(super) are_watched: bool,
    /// Which they are, where their table has no `deletion_id`.
    keys: Option<Vec<Vec<Value>>>,
}

impl Run {
    /// Whether an undo can find the rows named by their keys only.
    pub(super) fn remembers_keys(&self) -> bool {
        let stamp = &self.root_meta().stamp;
        stamp.deletion_id.is_none() && stamp.has_time()
    }

    /// What an undo starts from, where the table has no `deletion_id`.
    pub(super) fn root_keys(&self, roots: &Roots, rows: u64) -> Option<RootKeys> {
        if !self.remembers_keys() {
            return None;
        }
        match (&self.key, &roots.keys) {
            (Some(key), _) => RootKeys::of(self.root_meta(), [key.values.as_slice()]),
            // Another row may have become active after they were read.
            (None, Some(keys)) if keys.len() as u64 == rows => {
                RootKeys::of(self.root_meta(), keys.iter().map(Vec::as_slice))
            }
            _ => None,
        }
    }

    /// Locks the rows named, and reads their keys where an undo will need them.
    pub(super) async fn lock_roots<C: ConnectionTrait>(
        &self,
        db: &C,
        marking: &Marking<'_>,
    ) -> Result<Roots, Error> {
        let locks = dialect::locks_rows(marking.backend);
        if self.key.is_none() && self.remembers_keys() {
            let meta = self.root_meta();
            let mut keys = marking.roots_to_mark();
            keys.clear_selects();
            select_values(&mut keys, meta, &meta.primary_key, marking.backend);
            for key in columns(meta, &meta.primary_key) {
                keys.order_by_expr(key, Order::Asc);
            }
            if locks {
                keys.lock_exclusive();
            }
            let rows = db.query_all(keys.limit(RootKeys::MOST + 1)).await?;
            if rows.len() as u64 <= RootKeys::MOST {
                let keys = rows
                    .iter()
                    .map(|row| read_all(row, meta, &meta.primary_key, ""))
                    .collect::<Result<Vec<_>, _>>()?;
                return Ok(Roots {
                    locked: Some(keys.len() as u64),
                    are_watched: false,
                    keys: Some(keys),
                });
            }
        }
        let mut roots = Roots::default();
        if locks && !marking.cascade.is_leaf() {
            let row = db.query_one(&marking.lock_roots()).await?;
            if let Some(row) = row {
                roots.locked = Some(row.try_get_by_index::<i64>(0)?.unsigned_abs());
                roots.are_watched = !dialect::may_guard_updates(marking.backend)
                    && !row.try_get_by_index::<bool>(1)?;
            }
        }
        Ok(roots)
    }
}

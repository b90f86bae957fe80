//! What a restore does about conflicts, by [`ConflictPolicy`].

use sea_orm::{ConnectionTrait, TransactionTrait, Value, sea_query::Query};

use super::{
    ConflictPolicy, Rename,
    parents::Settled,
    rows::{KEYS_PER_STATEMENT, Part, Rows},
    run::{Run, Start},
};
use crate::{
    engine::{
        Deletion,
        cascade::rows::{has_key, iden, in_scope},
        delete,
        value::bind,
    },
    model::{Conflict, ConflictingRow, Error, stamp::Stamp},
};

/// How often [`ConflictPolicy::Rename`] is asked for another value.
const RENAMES: usize = 8;

/// What has become of conflicts.
#[derive(Default)]
pub(super) struct Resolved {
    /// Those that are left, which forbid the restore.
    pub(super) conflict: Conflict,
    pub(super) replaced: Vec<Deletion>,
}

impl Run {
    /// Resolves what conflicts it can, and looks at the parents again where that changes them.
    pub(super) async fn resolve<C>(
        &self,
        db: &C,
        rows: &mut Rows<'_>,
        settled: &mut Settled,
        exact: bool,
    ) -> Result<Resolved, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut resolved = Resolved {
            conflict: rows.conflicts(db, exact).await?,
            ..Resolved::default()
        };
        // What is refused for a parent resolves nothing. A row named may still be left out by `Skip`.
        let is_refused = matches!(self.start, Start::Deletion(_)) && !settled.deleted.is_empty();
        if resolved.conflict.is_empty() || is_refused {
            return Ok(resolved);
        }
        match &self.options.on_conflict {
            ConflictPolicy::Fail => return Ok(resolved),
            ConflictPolicy::Rename(rename) => {
                for _ in 0..RENAMES {
                    self.rename(db, &resolved.conflict, rename).await?;
                    resolved.conflict = rows.conflicts(db, exact).await?;
                    if resolved.conflict.is_empty() {
                        break;
                    }
                }
                return Ok(resolved);
            }
            ConflictPolicy::Skip => self.skip(rows, &resolved.conflict),
            ConflictPolicy::Replace => {
                resolved.replaced = self.replace(db, &resolved.conflict).await?;
                rows.forget_parents();
            }
        }
        // What was replaced just now is no parent to bring back.
        *settled = rows.settle(db, false).await?;
        resolved.conflict = rows.conflicts(db, exact).await?;
        Ok(resolved)
    }

    /// Takes the rows in conflict out. What is below them goes with them.
    fn skip(&self, rows: &mut Rows<'_>, conflict: &Conflict) {
        for (entity, conflicting) in self.by_entity(conflict) {
            for row in conflicting {
                if let Some(id) = rows.find(entity, &row.key)
                    && let Some(row) = rows.row_mut(id)
                    // A parent that was to come along comes, or nothing does.
                    && row.part != Part::Parent
                {
                    row.part = Part::Skipped;
                }
            }
        }
    }

    /// Soft-deletes the active holders.
    async fn replace<C>(&self, db: &C, conflict: &Conflict) -> Result<Vec<Deletion>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut replaced = Vec::new();
        for (entity, rows) in self.by_entity(conflict) {
            let meta = self.group.entity(entity);
            let active = rows.into_iter().filter(|row| row.holder_is_active);
            let active: Vec<_> = active.map(|row| &row.holder).collect();
            for keys in active.chunks(KEYS_PER_STATEMENT) {
                let run = delete::run::Run {
                    group: self.group.clone(),
                    root: entity,
                    condition: has_key(meta, keys.iter().copied(), db.get_database_backend()),
                    key: None,
                    stamp: Stamp {
                        deleted_by: self.options.actor.clone(),
                        ..Stamp::new(None)
                    },
                    at_is_given: false,
                    expected: None,
                };
                let deletion = run.exec(db).await?;
                // None are left if an earlier deletion took them along.
                if deletion.rows_affected > 0 {
                    replaced.push(deletion);
                }
            }
        }
        Ok(replaced)
    }

    /// Writes the new values that the user's function gives.
    async fn rename<C: ConnectionTrait>(
        &self,
        db: &C,
        conflict: &Conflict,
        rename: &Rename,
    ) -> Result<(), Error> {
        let backend = db.get_database_backend();
        for (entity, rows) in self.by_entity(conflict) {
            let meta = self.group.entity(entity);
            for row in rows {
                let values = rename(row);
                self.check_renamed(entity, row, &values)?;
                let values = row.columns.iter().zip(&values);
                let values = values.map(|(name, new)| (iden(name), bind(meta, name, new, backend)));
                let mut update = Query::update();
                update
                    .table(meta.table.to_ref())
                    .values(values)
                    .and_where(has_key(meta, [&row.key], backend))
                    .and_where(in_scope(meta, crate::model::Scope::OnlyDeleted));
                db.execute(&update).await?;
            }
        }
        Ok(())
    }

    /// Values that tell rows apart stay as they are: a key of this row's own, one that refers to a parent, one that children refer
    /// to. The row would be moved, or lose what is below it, past all that was looked at before.
    fn check_renamed(
        &self,
        entity: usize,
        row: &ConflictingRow,
        values: &[Value],
    ) -> Result<(), Error> {
        let meta = self.group.entity(entity);
        let invalid = |problem| {
            Err(Error::InvalidRename {
                table: meta.table.clone(),
                unique: row.unique.clone(),
                problem,
            })
        };
        let mut keys = meta.unique.iter();
        let key = keys.find(|key| key.name == row.unique);
        if let Some(problem) = key.and_then(|key| key.rename_problem(meta)) {
            return invalid(problem.to_owned());
        }
        let (given, wanted) = (values.len(), row.columns.len());
        if given != wanted {
            return invalid(format!(
                "returned {given} values for {wanted} columns: return one for each of `row.columns`"
            ));
        }
        for (name, (old, new)) in row.columns.iter().zip(row.values.iter().zip(values)) {
            if old == new {
                continue;
            }
            let refers = meta.foreign_keys.iter();
            if refers.clone().any(|key| key.matching().contains(name)) {
                return invalid(format!(
                    "changed `{name}`, which refers to another row: return its value as it is, and move the row after the restore"
                ));
            }
            if meta.primary_key.contains(name) || self.group.is_referred_to(entity, name) {
                return invalid(format!(
                    "changed `{name}`, which is a key that other rows refer to: return its value as it is, and choose another \
                     `on_conflict`"
                ));
            }
        }
        Ok(())
    }

    fn by_entity<'f>(&self, conflict: &'f Conflict) -> Vec<(usize, Vec<&'f ConflictingRow>)> {
        let entities = self.group.entities().iter().enumerate();
        entities
            .map(|(entity, meta)| {
                let rows = conflict.iter().filter(|row| row.table == meta.table);
                (entity, rows.collect())
            })
            .filter(|(_, rows): &(usize, Vec<_>)| !rows.is_empty())
            .collect()
    }
}

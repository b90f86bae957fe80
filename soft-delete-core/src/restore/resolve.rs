//! What a restore does about conflicts, by [`OnConflict`].

use sea_orm::{ConnectionTrait, TransactionTrait, Value, sea_query::Query};

use crate::{
    Deletion, EntityMeta, Error, Scope,
    cascade::rows::{iden, in_scope},
    delete,
    restore::{
        Conflict, ConflictingRow, OnConflict, Rename,
        conflict::{KEYS_PER_STATEMENT, has_key},
        members::Members,
        run::{Findings, Run},
    },
    stamp::Stamp,
};

/// How often [`OnConflict::Rename`] is asked for another value.
const RENAMES: usize = 8;

/// What was done about conflicts.
#[derive(Default)]
pub(crate) struct Resolved {
    pub(crate) replaced: Vec<Deletion>,
}

/// Resolves what conflicts it can. What is left in `findings.conflict` forbids the restore.
pub(crate) async fn conflicts<C>(
    run: &Run,
    db: &C,
    members: &Members<'_>,
    findings: &mut Findings,
    locking: bool,
) -> Result<(), Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    if findings.conflict.is_empty() {
        return Ok(());
    }
    match &run.options.on_conflict {
        OnConflict::Fail => return Ok(()),
        OnConflict::Skip => skip(run, db, members, findings).await?,
        OnConflict::Replace => replace(run, db, members, findings).await?,
        OnConflict::Rename(rename) => {
            for _ in 0..RENAMES {
                apply(run, db, &findings.conflict, rename).await?;
                findings.conflict = run.conflicts(db, members, false, locking).await?;
                if findings.conflict.is_empty() {
                    break;
                }
            }
            return Ok(());
        }
    }
    findings.conflict = run.conflicts(db, members, false, locking).await?;
    Ok(())
}

/// Gives the rows in conflict their identity back, and then what is below them.
async fn skip<C: ConnectionTrait>(
    run: &Run,
    db: &C,
    members: &Members<'_>,
    findings: &mut Findings,
) -> Result<(), Error> {
    for (entity, rows) in by_entity(run, &findings.conflict) {
        let meta = run.group.entity(entity);
        for keys in rows.chunks(KEYS_PER_STATEMENT) {
            let rows = has_key(meta, keys.iter().map(|row| &row.key));
            for update in members.give_back_rows(entity, &rows) {
                let rows = db.execute(&update).await?.rows_affected();
                findings.skipped.add(entity, rows);
            }
        }
    }
    run.skip_below_deleted(db, members, &mut findings.skipped)
        .await
}

/// Soft-deletes the active holders. Rows that the restore would have brought back below one of them are kept.
async fn replace<C>(
    run: &Run,
    db: &C,
    members: &Members<'_>,
    findings: &mut Findings,
) -> Result<(), Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    for (entity, rows) in by_entity(run, &findings.conflict) {
        let meta = run.group.entity(entity);
        let active: Vec<_> = rows
            .into_iter()
            .filter(|row| row.holder_is_active)
            .collect();
        for keys in active.chunks(KEYS_PER_STATEMENT) {
            let stamp = Stamp {
                deleted_by: run.options.actor.clone(),
                ..Stamp::new(None)
            };
            let run = delete::run::Run {
                group: run.group.clone(),
                root: entity,
                condition: has_key(meta, keys.iter().map(|row| &row.holder)),
                key: None,
                stamp,
            };
            let deletion = run.exec(db).await?;
            // None are left if an earlier deletion took them along.
            if deletion.rows_affected > 0 {
                findings.resolved.replaced.push(deletion);
            }
        }
    }
    run.keep_below_deleted(db, members, &mut findings.kept)
        .await
}

/// Writes the new values that the user's function gives.
async fn apply<C: ConnectionTrait>(
    run: &Run,
    db: &C,
    conflict: &Conflict,
    rename: &Rename,
) -> Result<(), Error> {
    for (entity, rows) in by_entity(run, conflict) {
        let meta = run.group.entity(entity);
        for row in rows {
            let values = rename(row);
            check_renamed(meta, row, &values)?;
            let mut update = Query::update();
            update
                .table(meta.table.to_ref())
                .values(
                    row.columns
                        .iter()
                        .zip(values)
                        .map(|(name, value)| (iden(name), value.into())),
                )
                .and_where(has_key(meta, [&row.key]))
                .and_where(in_scope(meta, Scope::OnlyDeleted));
            db.execute(&update).await?;
        }
    }
    Ok(())
}

/// A key that refers to a parent stays as it is: the row would be moved, past all that was looked at before.
fn check_renamed(meta: &EntityMeta, row: &ConflictingRow, values: &[Value]) -> Result<(), Error> {
    let invalid = |problem| {
        Err(Error::InvalidRename {
            table: meta.table.clone(),
            unique: row.unique.clone(),
            problem,
        })
    };
    let (given, wanted) = (values.len(), row.columns.len());
    if given != wanted {
        return invalid(format!(
            "returned {given} values for {wanted} columns: return one for each of `row.columns`"
        ));
    }
    for (name, (old, new)) in row.columns.iter().zip(row.values.iter().zip(values)) {
        let refers = meta
            .foreign_keys
            .iter()
            .any(|key| key.columns.contains(name));
        if refers && old != new {
            return invalid(format!(
                "changed `{name}`, which refers to another row: return its value as it is, and move the row after the restore"
            ));
        }
    }
    Ok(())
}

fn by_entity<'f>(run: &Run, conflict: &'f Conflict) -> Vec<(usize, Vec<&'f ConflictingRow>)> {
    run.group
        .entities()
        .iter()
        .enumerate()
        .map(|(entity, meta)| {
            let table = meta.table.to_string();
            let rows = conflict.iter().filter(|row| row.table == table).collect();
            (entity, rows)
        })
        .filter(|(_, rows): &(usize, Vec<_>)| !rows.is_empty())
        .collect()
}

//! Runs a case on a database and on the oracle, side by side.

use std::{collections::BTreeSet, fmt};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use soft_delete::OnDelete;

use super::{
    answer::{Place, Rows},
    database::{Database, clear},
    operation::{Case, Operation},
    oracle::Oracle,
    schema::{Key, registry, rule},
};

/// The engine did something else than the oracle.
#[derive(Debug)]
pub struct Disagreement(String);

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Disagreement {}

impl From<DbErr> for Disagreement {
    fn from(error: DbErr) -> Self {
        Self(error.to_string())
    }
}

type Checked = Result<(), Disagreement>;

/// Checks a case, beginning with empty tables.
pub async fn check(db: &DatabaseConnection, case: &Case) -> Checked {
    clear(db).await?;
    if case.in_transaction {
        let transaction = db.begin().await?;
        let checked = check_on(&transaction, case).await;
        transaction.rollback().await?;
        checked
    } else {
        check_on(db, case).await
    }
}

async fn check_on<C>(db: &C, case: &Case) -> Checked
where
    C: ConnectionTrait + TransactionTrait,
{
    let mut database = Database::new(db, registry(&case.keys));
    let mut oracle = Oracle::new(&case.keys);
    for (step, operation) in case.operations.iter().enumerate() {
        let checked = check_step(&mut database, &mut oracle, &case.keys, operation).await;
        checked
            .map_err(|error| Disagreement(format!("operation {step}, {operation:?}: {error}")))?;
    }
    Ok(())
}

async fn check_step<C>(
    database: &mut Database<'_, C>,
    oracle: &mut Oracle,
    keys: &[Key],
    operation: &Operation,
) -> Checked
where
    C: ConnectionTrait + TransactionTrait,
{
    let Some(operation) = &oracle.possible(operation) else {
        return Ok(());
    };
    let before = oracle.rows.clone();
    let expected = oracle.apply(operation);

    if let Some(plan) = expected.plan {
        same("plan", database.plan(operation).await, Some(plan))?;
        same_rows("plan", database.rows().await?, &before)?;
    }
    let answer = database.exec(operation).await?;
    let after = database.rows().await?;
    same("answer", answer, expected.answer)?;
    oracle.settle(&after);
    same_rows("operation", after.clone(), &oracle.rows)?;

    codes_are_unique_among_active(&after)?;
    if matches!(
        operation,
        Operation::Delete { .. } | Operation::Restore { .. } | Operation::Undo(_)
    ) {
        let new: Vec<_> = orphans(&after, keys)
            .difference(&orphans(&before, keys))
            .copied()
            .collect();
        same("active rows below deleted ones", new, Vec::new())?;
    }
    Ok(())
}

fn codes_are_unique_among_active(rows: &Rows) -> Checked {
    let mut taken = BTreeSet::new();
    for ((table, id), row) in rows {
        if let (Some(code), None) = (row.code, row.stamp)
            && !taken.insert((*table, code))
        {
            return Err(Disagreement(format!(
                "another active row has the code of {:?}",
                (table, id)
            )));
        }
    }
    Ok(())
}

/// Active rows below deleted ones, with those. Only a user's own insert or update can make them.
fn orphans(rows: &Rows, keys: &[Key]) -> BTreeSet<(Place, Place)> {
    let active = rows.iter().filter(|(_, row)| row.stamp.is_none());
    let below = active.flat_map(|(place, row)| {
        row.parents
            .iter()
            .map(|(table, id)| (*place, (*table, *id)))
    });
    let cascading =
        below.filter(|(child, parent)| rule(keys, child.0, parent.0) == OnDelete::Cascade);
    let is_deleted = |place: &Place| rows.get(place).is_some_and(|row| row.stamp.is_some());
    cascading.filter(|(_, parent)| is_deleted(parent)).collect()
}

fn same<T: std::fmt::Debug + PartialEq>(what: &str, engine: T, oracle: T) -> Checked {
    if engine == oracle {
        return Ok(());
    }
    Err(Disagreement(format!(
        "{what}\n engine: {engine:?}\n oracle: {oracle:?}"
    )))
}

fn same_rows(after: &str, engine: Rows, oracle: &Rows) -> Checked {
    let places: BTreeSet<_> = engine.keys().chain(oracle.keys()).collect();
    for place in places {
        same(
            &format!("row {place:?} after the {after}"),
            engine.get(place),
            oracle.get(place),
        )?;
    }
    Ok(())
}

//! Runs a case on a database and on the oracle, side by side.

use std::{collections::BTreeSet, fmt};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use soft_delete::OnDelete;

use super::{
    aim::aim,
    answer::{Place, Rows},
    database::{Database, clear},
    operation::{Code, Operation},
    oracle::Oracle,
    random::Case,
    schema::{Key, registry, rule},
};

/// The engine did something else than the oracle.
#[derive(Debug)]
pub struct Disagreement(pub String);

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

pub type Checked = Result<(), Disagreement>;

/// Whether the database has triggers that refuse an active row under a deleted parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triggers {
    None,
    ActiveParent,
}

/// Checks a case, beginning with empty tables.
pub async fn check(db: &DatabaseConnection, case: &Case) -> Checked {
    check_beside(db, case, Triggers::None).await
}

/// [`check`], on tables that may have triggers.
pub async fn check_beside(db: &DatabaseConnection, case: &Case, triggers: Triggers) -> Checked {
    clear(db).await?;
    if case.in_transaction {
        let transaction = db.begin().await?;
        let checked = check_on(&transaction, case, triggers).await;
        transaction.rollback().await?;
        checked
    } else {
        check_on(db, case, triggers).await
    }
}

async fn check_on<C>(db: &C, case: &Case, triggers: Triggers) -> Checked
where
    C: ConnectionTrait + TransactionTrait,
{
    let mut database = Database::new(db, registry(&case.keys));
    let mut oracle = Oracle::new(&case.keys);
    let mut done = Vec::new();
    for step in &case.steps {
        let operation = match step.is_aimed {
            true => aim(&step.operation, &oracle),
            false => step.operation.clone(),
        };
        let Some(operation) = oracle.possible(operation) else {
            continue;
        };
        if triggers == Triggers::ActiveParent && makes_orphans(&oracle, &operation) {
            // In a transaction of PostgreSQL's the refusal would be the end.
            if !case.in_transaction && database.exec(&operation).await.is_ok() {
                return Err(Disagreement(format!("no trigger refused {operation:?}")));
            }
            continue;
        }
        done.push(operation.clone());
        let checked = check_operation(&mut database, &mut oracle, &operation).await;
        checked.map_err(|error| {
            let (keys, operations) = (&case.keys, &done);
            Disagreement(format!("{error}\n{}\n", Code { keys, operations }))
        })?;
    }
    Ok(())
}

async fn check_operation<C>(
    database: &mut Database<'_, C>,
    oracle: &mut Oracle,
    operation: &Operation,
) -> Checked
where
    C: ConnectionTrait + TransactionTrait,
{
    let before = oracle.rows.clone();
    let expected = oracle.apply(operation);
    if let Some(plan) = expected.plan {
        same("plan", database.plan(operation).await, Some(plan))?;
    }
    same("answer", database.exec(operation).await?, expected.answer)?;
    let is_engines = matches!(
        operation,
        Operation::Delete { .. } | Operation::Restore { .. } | Operation::Undo(_)
    );
    if !is_engines {
        return Ok(());
    }

    // A plan that wrote anything is found out here, too.
    let after = database.rows().await?;
    oracle.settle(&after);
    same_rows(&after, &oracle.rows)?;
    codes_are_unique_among_active(&after)?;
    let orphans_before = orphans(&before, &oracle.keys);
    let orphans_after = orphans(&after, &oracle.keys);
    let new: Vec<_> = orphans_after.difference(&orphans_before).collect();
    same("active rows below deleted ones", new, Vec::new())
}

/// Whether an insert or update puts an active row under a deleted parent.
fn makes_orphans(oracle: &Oracle, operation: &Operation) -> bool {
    if !matches!(operation, Operation::Insert { .. } | Operation::Move { .. }) {
        return false;
    }
    let mut after = oracle.clone();
    after.apply(operation);
    !orphans(&after.rows, &after.keys).is_subset(&orphans(&oracle.rows, &oracle.keys))
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

fn same_rows(engine: &Rows, oracle: &Rows) -> Checked {
    let places: BTreeSet<_> = engine.keys().chain(oracle.keys()).collect();
    for place in places {
        same(
            &format!("row {place:?}"),
            engine.get(place),
            oracle.get(place),
        )?;
    }
    Ok(())
}

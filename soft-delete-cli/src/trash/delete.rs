//! `trash delete`: permanently removes deleted rows.

use std::fmt;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde::Serialize;
use soft_delete_core::{EntityMeta, Error};

use crate::{
    args::DeleteTrashedArgs,
    deletion_info::DeletionInfo,
    failure::{Failure, Status},
    key::Key,
    output::{BOLD, clean_line, count},
    prompt::Consent,
    rows,
    session::Session,
    view::{TableRows, add, by_table, list},
};

pub(crate) async fn run(session: &Session, args: DeleteTrashedArgs) -> Result<Status, Failure> {
    let meta = session.entity(&args.rows.table)?;
    let keys = rows::keys(meta, &args.rows)?;
    let consent = match args.removal.dry_run {
        true => None,
        false => Some(Consent::of(
            args.removal.yes,
            "`trash delete` removes rows permanently",
        )?),
    };
    let db = session.connect().await?;
    let mut planned = Vec::with_capacity(keys.len());
    for key in &keys {
        planned.push((
            format!("{} {key}", meta.table),
            plan(session, meta, key, &db).await,
        ));
    }
    let planned = rows::all(planned)?;
    let Some(consent) = consent else {
        session.output.show(&Removed {
            dry_run: true,
            rows: planned,
        })?;
        return Ok(Status::Success);
    };
    consent.confirm(&question(meta, &planned))?;

    let transaction = rows::begin(&db).await?;
    let mut removed = Vec::with_capacity(keys.len());
    for row in planned {
        let name = format!("{} {}", meta.table, row.key);
        removed.push((name, remove(session, meta, row, &transaction).await));
    }
    session.output.show(&Removed {
        dry_run: false,
        rows: rows::end(transaction, removed).await?,
    })?;
    Ok(Status::Success)
}

async fn plan<C>(
    session: &Session,
    meta: &EntityMeta,
    key: &Key,
    db: &C,
) -> Result<RemovedRow, Failure>
where
    C: ConnectionTrait + TransactionTrait,
{
    let table = &meta.table;
    let remove = session.trash.remove(&table.to_string(), key.values())?;
    let plan = remove.plan(db).await;
    let plan = plan.map_err(|error| explain(error, key))?;
    if !plan.blockers.is_empty() {
        let (table, blockers) = (table.clone(), plan.blockers);
        return Err(Error::referenced(table, blockers).into());
    }
    Ok(RemovedRow {
        table: table.to_string(),
        key: key.clone(),
        stamp: plan.stamp.into(),
        referred_to_by: by_table(&plan.references),
    })
}

async fn remove<C>(
    session: &Session,
    meta: &EntityMeta,
    row: RemovedRow,
    db: &C,
) -> Result<RemovedRow, Failure>
where
    C: ConnectionTrait + TransactionTrait,
{
    let table = meta.table.to_string();
    let remove = session.trash.remove(&table, row.key.values())?;
    let removed = remove.exec(db).await;
    removed.map_err(|error| explain(error, &row.key))?;
    Ok(row)
}

fn explain(error: Error, key: &Key) -> Failure {
    match error {
        Error::NotDeleted { table, .. } => {
            Failure::refused(format!("{table} {key} is active, and not in the trash"))
                .tip("delete it first, in your application or with `delete`")
        }
        error => error.into(),
    }
}

fn question(meta: &EntityMeta, rows: &[RemovedRow]) -> String {
    let mut references = Vec::new();
    for row in rows {
        add(&mut references, row.referred_to_by.clone());
    }
    let mut question = String::new();
    if !references.is_empty() {
        let these = if rows.len() == 1 { "it" } else { "them" };
        question = format!(
            "These rows refer to {these}, and what becomes of them is up to the database's foreign keys: {}.\n",
            list(&references)
        );
    }
    question
        + &match rows {
            [row] => format!(
                "Permanently remove {} {}, deleted {}?",
                meta.table,
                row.key,
                row.stamp.at()
            ),
            rows => format!(
                "Permanently remove {} of {}?",
                count(rows.len() as u64, "row", "rows"),
                meta.table
            ),
        }
}

#[derive(Serialize)]
struct Removed {
    dry_run: bool,
    rows: Vec<RemovedRow>,
}

#[derive(Serialize)]
struct RemovedRow {
    table: String,
    key: Key,
    #[serde(flatten)]
    stamp: DeletionInfo,
    /// Rows that referred to it before.
    referred_to_by: Vec<TableRows>,
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, row) in self.rows.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            let what = match self.dry_run {
                true => "would remove",
                false => "removed",
            };
            let key = clean_line(&row.key.to_string());
            write!(f, "{BOLD}{what}{BOLD:#} {} {key} permanently", row.table)?;
            if !row.referred_to_by.is_empty() {
                let does = if self.dry_run { "does" } else { "did" };
                write!(
                    f,
                    "; the database {does} as its foreign keys say with {}",
                    list(&row.referred_to_by)
                )?;
            }
        }
        Ok(())
    }
}

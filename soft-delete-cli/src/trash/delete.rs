//! `trash delete`: permanently removes a deleted row.

use std::fmt;

use serde::Serialize;
use soft_delete_core::Error;

use crate::{
    args::DeleteArgs,
    deletion_info::DeletionInfo,
    failure::{Failure, Status},
    key::Key,
    output::{BOLD, clean_line},
    prompt::Consent,
    session::Session,
    view::{TableRows, by_table, list},
};

pub(crate) async fn run(session: &Session, args: DeleteArgs) -> Result<Status, Failure> {
    let table = &args.row.table;
    let meta = session.entity(table)?;
    let key = Key::parse(meta, &args.row.key)?;
    let remove = session.trash.remove(table, key.values())?;
    let active = |error| match error {
        Error::NotDeleted { table, .. } => {
            Failure::refused(format!("{table} {key} is active, and not in the trash"))
                .tip("delete it in your application first")
        }
        error => error.into(),
    };
    let consent = Consent::of(args.yes, "`trash delete` removes a row permanently")?;
    let db = session.connect().await?;
    let plan = remove.plan(&db).await.map_err(active)?;
    if !plan.blockers.is_empty() {
        let table = meta.table.clone();
        let blockers = plan.blockers;
        return Err(Error::referenced(table, blockers).into());
    }
    let references = by_table(&plan.references);
    let mut question = String::new();
    if !references.is_empty() {
        question = format!(
            "These rows refer to it, and what becomes of them is up to the database's foreign keys: {}.\n",
            list(&references)
        );
    }
    let stamp = DeletionInfo::from(plan.stamp);
    question += &format!(
        "Permanently remove {} {key}, deleted {}?",
        meta.table,
        stamp.at()
    );
    consent.confirm(&question)?;

    remove.exec(&db).await.map_err(active)?;
    session.output.show(&Removed {
        rows: vec![RemovedRow {
            table: meta.table.to_string(),
            key,
            stamp,
            referred_to_by: references,
        }],
    })?;
    Ok(Status::Success)
}

#[derive(Serialize)]
struct Removed {
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
            row.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for RemovedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = clean_line(&self.key.to_string());
        write!(f, "{BOLD}removed{BOLD:#} {} {key} permanently", self.table)?;
        if !self.referred_to_by.is_empty() {
            write!(
                f,
                "; the database did as its foreign keys say with {}",
                list(&self.referred_to_by)
            )?;
        }
        Ok(())
    }
}

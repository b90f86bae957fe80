//! `deletion show` and `deletion undo`: one delete and all that it took.

use std::fmt;

use super::{
    args::{ShowDeletionArgs, UndoArgs},
    deletion_info::DeletionInfo,
    failure::{Failure, Status},
    output::{Table, rows},
    session::Session,
    view::{Restored, TableRows, by_table},
};
use serde::Serialize;

pub(super) async fn show(session: &Session, args: ShowDeletionArgs) -> Result<Status, Failure> {
    let db = session.connect().await?;
    let deletion = session.trash.deletion(args.id, &db).await?;
    session.output.show(&Shown {
        stamp: deletion.stamp.into(),
        tables: by_table(&deletion.tables),
    })?;
    Ok(Status::Success)
}

pub(super) async fn undo(session: &Session, args: UndoArgs) -> Result<Status, Failure> {
    let db = session.connect().await?;
    let undo = session.trash.undo(args.id);
    let undo = undo.on_conflict(args.options.on_conflict.into());
    let undo = match args.options.with_parents {
        true => undo.with_parents(),
        false => undo,
    };
    let restored: Restored = if args.options.dry_run {
        undo.plan(&db).await?.into()
    } else {
        undo.exec(&db).await?.into()
    };
    session.output.show(&restored)?;
    Ok(restored.is_allowed().into())
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    stamp: DeletionInfo,
    tables: Vec<TableRows>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "deleted {}\n", self.stamp)?;
        let mut table = Table::new(&["TABLE", "ROWS"]);
        for of in &self.tables {
            table.row([of.table.clone(), of.rows.to_string()]);
        }
        let total = self.tables.iter().map(|of| of.rows).sum();
        write!(
            f,
            "{table}\n\n{} deleted; `deletion undo` brings them back",
            rows(total)
        )
    }
}

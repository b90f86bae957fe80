//! `trash delete`: removes a deleted row for good.

use std::fmt;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, Query},
};
use serde::Serialize;

use super::find;
use crate::{
    EntityMeta, Error, Scope,
    cascade::rows::in_scope,
    cli::{
        args::DeleteArgs,
        failure::{Failure, Status},
        key::Key,
        output::{BOLD, clean_line},
        prompt::confirm,
        session::Session,
        stamped::Stamped,
    },
};

pub(in crate::cli) async fn run(session: &Session, args: DeleteArgs) -> Result<Status, Failure> {
    let meta = session.meta(session.entity(&args.row.table)?);
    let key = Key::parse(meta, &args.row.key)?;
    let db = session.connect().await?;
    let stamp = require_deleted(&db, meta, &key).await?;
    let question = format!(
        "Remove {} {key}, deleted {}, for good?",
        meta.table,
        crate::cli::value::instant(stamp.deleted_at)
    );
    confirm(&question, args.yes)?;

    let delete = Query::delete()
        .from_table(meta.table.to_ref())
        .and_where(key.condition(meta))
        .and_where(in_scope(meta, Scope::OnlyDeleted))
        .to_owned();
    if db.execute(&delete).await?.rows_affected() == 0 {
        // Meanwhile somebody else was here.
        require_deleted(&db, meta, &key).await?;
    }
    session.output.show(&Removed {
        table: meta.table.to_string(),
        key,
        stamp,
    })?;
    Ok(Status::Fine)
}

/// The stamp of the row, which must be deleted.
async fn require_deleted<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    key: &Key,
) -> Result<Stamped, Failure> {
    let mut select = find::row(meta, key);
    Stamped::select(&mut select, meta, db.get_database_backend());
    let row = db
        .query_one(&select.expr(Expr::cust("1")).to_owned())
        .await?;
    let row = row.ok_or_else(|| Error::NotFound {
        table: meta.table.clone(),
    })?;
    Stamped::read(&row, meta)?.ok_or_else(|| {
        Failure::refused(format!(
            "{} {key} is active, and not in the trash",
            meta.table
        ))
        .tip("delete it in your application first")
    })
}

#[derive(Serialize)]
struct Removed {
    table: String,
    key: Key,
    #[serde(flatten)]
    stamp: Stamped,
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = clean_line(&self.key.to_string());
        write!(f, "{BOLD}removed{BOLD:#} {} {key} for good", self.table)
    }
}

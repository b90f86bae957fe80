//! Rewrites a statement so that it sees only rows of one scope: [`soft_delete_rewrite`], by SeaORM's backends.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
pub use soft_delete_rewrite::{Active, Reason, Refused, Tables};
use soft_delete_rewrite::{Dialect, Rewriter, Rows};

use crate::model::{FlagKind, Marker, Scope, StampColumns, TimeKind};

/// The statement with the condition of `scope` added for each of `tables` that it touches.
///
/// Outside of what is added, the text stays as it is. A statement that touches none of the tables, or constrains their
/// `deleted_at` itself, comes back borrowed.
///
/// # Errors
///
/// [`Refused`], if the statement would remove rows physically, or if it can't be told what it does; also if the backend is none of
/// SQLite, PostgreSQL and MySQL (or MariaDB).
pub fn rewrite<'s>(
    backend: DbBackend,
    sql: &'s str,
    tables: &Tables,
    scope: Scope,
) -> Result<Cow<'s, str>, Refused> {
    sql_dialect(backend)
        .and_then(|dialect| soft_delete_rewrite::rewrite(dialect, sql, tables, rows(scope)))
        .map_err(with_way_out)
}

/// [`rewrite`] with a memory.
pub(super) fn by<'s>(
    rewriter: &Rewriter,
    backend: DbBackend,
    sql: &'s str,
    scope: Scope,
) -> Result<Cow<'s, str>, Refused> {
    sql_dialect(backend)
        .and_then(|dialect| rewriter.rewrite(dialect, sql, rows(scope)))
        .map_err(with_way_out)
}

/// What a table's marker has in active rows.
pub(super) fn active(stamp: &StampColumns) -> Active {
    let (active, nullable) = match &stamp.marker {
        Marker::Time if stamp.scheduled => {
            let [postgres, mysql, sqlite] = stamp.deleted_at_kind.now();
            (Active::null().or_after(postgres, mysql, sqlite), false)
        }
        Marker::Time => (Active::null(), false),
        Marker::Flag { kind, nullable, .. } => match kind {
            FlagKind::Bool => (Active::false_(), *nullable),
            FlagKind::Integer(_) => (Active::zero(), *nullable),
        },
        Marker::TimeOr { active, nullable } => {
            let kind = stamp.deleted_at_kind;
            let active = match kind.time_of(active) {
                Some(at) if !kind.is_integer() => time(kind, at),
                _ => Active::zero(),
            };
            (active, *nullable)
        }
    };
    match nullable {
        true => active.or_null(),
        false => active,
    }
}

/// A time as each database writes it.
fn time(kind: TimeKind, at: DateTime<Utc>) -> Active {
    let text = |backend| kind.text(backend, at);
    Active::text(
        &text(DbBackend::Postgres),
        &text(DbBackend::MySql),
        &text(DbBackend::Sqlite),
    )
}

fn with_way_out(refused: Refused) -> Refused {
    let way_out = way_out(refused.reason());
    refused.with_way_out(way_out)
}

fn way_out(reason: &Reason) -> &'static str {
    match reason {
        Reason::Delete { .. } => {
            "use `force_delete` of its entity (or its `delete`, which keeps the rows), or run it on `unscoped()`"
        }
        _ => "run it on `unscoped()`",
    }
}

/// The SQL that the backend speaks. One that SeaORM didn't have when this was written is none of them.
fn sql_dialect(backend: DbBackend) -> Result<Dialect, Refused> {
    match backend {
        DbBackend::Postgres => Ok(Dialect::Postgres),
        DbBackend::MySql => Ok(Dialect::MySql),
        DbBackend::Sqlite => Ok(Dialect::Sqlite),
        _ => {
            let reason = Reason::Unreliable("the SQL of this backend");
            Err(Refused::new(reason, "a table"))
        }
    }
}

fn rows(scope: Scope) -> Rows {
    match scope {
        Scope::Active => Rows::Active,
        Scope::OnlyDeleted => Rows::Deleted,
        Scope::WithDeleted => Rows::All,
    }
}

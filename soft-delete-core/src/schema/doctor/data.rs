//! What only the rows can tell. Both checks read no more than a fixed number of them.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{Check, Finding, Severity};
use crate::{
    EntityMeta, Error, ForeignKey, OnDelete, Scope,
    cascade::graph::Group,
    schema::{
        Change,
        catalog::{Catalog, Table},
        change::refused,
        duplicates, index,
        sql::{quote, quote_table},
    },
};

/// Deleted parents that are looked at for each foreign key.
const PARENTS: u64 = 10_000;
/// Active rows that are counted below them.
const CHILDREN: u64 = 1_000;

/// Active rows with equal values, where no index forbids it.
pub(super) async fn collisions<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    table: &Table,
) -> Result<Vec<Finding>, Error> {
    let deleted_at = &meta.stamp.deleted_at;
    let mut findings = Vec::new();
    if table.column(deleted_at).is_none() {
        return Ok(findings);
    }
    for key in &meta.unique {
        let exists = |column: &String| table.column(column).is_some();
        let is_enforced = table.indexes.iter().any(|found| {
            index::is_plain_unique(table, found, &key.columns)
                || index::is_unique_active(table, found, &key.columns, deleted_at)
        });
        if is_enforced || !key.columns.iter().all(exists) {
            continue;
        }
        let found =
            duplicates::find_some(db, &meta.table, &key.columns, deleted_at, Scope::Active).await?;
        if found.is_empty() {
            continue;
        }
        let shown: Vec<_> = found.iter().take(3).map(ToString::to_string).collect();
        findings.push(Finding::new(
            Severity::Error,
            Check::Collisions,
            &meta.table,
            format!(
                "active rows have equal values in ({}): {}{}",
                key.columns.join(", "),
                shown.join(", "),
                if found.len() > shown.len() {
                    ", and more"
                } else {
                    ""
                },
            ),
            "the index that keeps them unique can't be created",
            "change or delete all but one of each",
        ));
    }
    Ok(findings)
}

/// Active rows under deleted parents.
pub(super) async fn orphans<C: ConnectionTrait>(
    db: &C,
    catalog: &Catalog,
    group: &Group,
    place: usize,
) -> Result<Vec<Finding>, Error> {
    let meta = group.entity(place);
    let mut findings = Vec::new();
    for key in &meta.foreign_keys {
        let Some(parent) = group.find(&key.parent).map(|parent| group.entity(parent)) else {
            continue;
        };
        // Other rules let a row be active under a deleted parent: one that was deleted before the parent, and came back.
        if key.on_delete != OnDelete::Cascade || !can_join(catalog, meta, key, parent) {
            continue;
        }
        let rows = count(db, meta, key, parent).await?;
        if rows > 0 {
            findings.push(orphaned(db.get_database_backend(), meta, key, parent, rows));
        }
    }
    Ok(findings)
}

/// Whether both tables have the columns that the question needs.
fn can_join(catalog: &Catalog, meta: &EntityMeta, key: &ForeignKey, parent: &EntityMeta) -> bool {
    let has = |meta: &EntityMeta, columns: &[String]| {
        let all = columns.iter().chain([&meta.stamp.deleted_at]);
        let mut all = all.map(String::as_str).chain(meta.stamp.names());
        let table = catalog.find(&meta.table);
        table.is_some_and(|table| all.all(|column| table.column(column).is_some()))
    };
    has(meta, &key.columns) && has(parent, &key.parent_columns)
}

async fn count<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    key: &ForeignKey,
    parent: &EntityMeta,
) -> Result<u64, Error> {
    let backend = db.get_database_backend();
    let parent_deleted_at = quote(backend, &parent.stamp.deleted_at);
    let parent_columns: Vec<_> = key
        .parent_columns
        .iter()
        .map(|column| quote(backend, column))
        .collect();
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 AS found FROM \
         (SELECT {} FROM {} WHERE {parent_deleted_at} IS NOT NULL LIMIT {PARENTS}) AS p \
         JOIN {} AS c ON {} WHERE c.{} IS NULL LIMIT {CHILDREN}) AS orphans",
        parent_columns.join(", "),
        quote_table(backend, &parent.table),
        quote_table(backend, &meta.table),
        joined(backend, key),
        quote(backend, &meta.stamp.deleted_at),
    );
    let row = db
        .query_one_raw(Statement::from_string(backend, sql))
        .await
        .map_err(|error| refused(&format!("read the rows of `{}`", meta.table), error))?;
    let count = row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
    Ok(count.unwrap_or(0).unsigned_abs())
}

fn joined(backend: DbBackend, key: &ForeignKey) -> String {
    let pairs = key.columns.iter().zip(&key.parent_columns);
    let equal = pairs.map(|(column, parent_column)| {
        format!(
            "c.{} = p.{}",
            quote(backend, column),
            quote(backend, parent_column)
        )
    });
    equal.collect::<Vec<_>>().join(" AND ")
}

fn orphaned(
    backend: DbBackend,
    meta: &EntityMeta,
    key: &ForeignKey,
    parent: &EntityMeta,
    rows: u64,
) -> Finding {
    let more = if rows == CHILDREN { " or more" } else { "" };
    Finding::new(
        Severity::Error,
        Check::Orphans,
        &meta.table,
        format!(
            "{rows}{more} active rows are under deleted rows of `{}`, by ({}), as far as the first {PARENTS} of those tell",
            parent.table,
            key.columns.join(", ")
        ),
        "they are seen without what they belong to, and no restore or delete of the parent reaches them",
        take_along(backend, meta, key, parent),
    )
}

/// Gives the rows the stamp of their parent, so that they come back with it.
fn take_along(
    backend: DbBackend,
    meta: &EntityMeta,
    key: &ForeignKey,
    parent: &EntityMeta,
) -> Change {
    let mut stamps = vec![(&meta.stamp.deleted_at, &parent.stamp.deleted_at)];
    let of_both = [
        (&meta.stamp.deletion_id, &parent.stamp.deletion_id),
        (&meta.stamp.deleted_by, &parent.stamp.deleted_by),
        (&meta.stamp.delete_reason, &parent.stamp.delete_reason),
    ];
    for (own, parents) in of_both {
        if let (Some(own), Some(parents)) = (own, parents) {
            stamps.push((own, parents));
        }
    }
    let child = quote_table(backend, &meta.table);
    let parents = quote_table(backend, &parent.table);
    let joined = joined(backend, key);
    let is_orphan = format!(
        "c.{} IS NULL AND p.{} IS NOT NULL",
        quote(backend, &meta.stamp.deleted_at),
        quote(backend, &parent.stamp.deleted_at)
    );
    let set: Vec<_> = stamps
        .iter()
        .map(|(own, parents)| {
            let (own, parents) = (quote(backend, own), quote(backend, parents));
            match backend {
                DbBackend::MySql => format!("c.{own} = p.{parents}"),
                _ => format!("{own} = p.{parents}"),
            }
        })
        .collect();
    let set = set.join(", ");
    let sql = match backend {
        DbBackend::MySql => {
            format!(
                "UPDATE {child} AS c JOIN {parents} AS p ON {joined} SET {set} WHERE {is_orphan}"
            )
        }
        _ => format!(
            "UPDATE {child} AS c SET {set} FROM {parents} AS p WHERE {joined} AND {is_orphan}"
        ),
    };
    let description = format!(
        "delete the active rows of `{}` under deleted rows of `{}` with these",
        meta.table, parent.table
    );
    Change::new(&meta.table, description).sql(sql)
}

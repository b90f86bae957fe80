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
        sql::{quote, quote_all, quote_table},
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

/// A foreign key that cascades, between tables that have what it needs.
pub(super) struct Cascading {
    child: EntityMeta,
    key: ForeignKey,
    parent: EntityMeta,
}

/// Those of an entity.
pub(super) fn cascades_into(catalog: &Catalog, group: &Group, place: usize) -> Vec<Cascading> {
    let child = group.entity(place);
    let cascading = child.foreign_keys.iter().filter_map(|key| {
        let parent = group.entity(group.find(&key.parent)?);
        // Other rules let a row be active under a deleted parent: one that was deleted before the parent, and came back.
        let is_asked = key.on_delete == OnDelete::Cascade && can_join(catalog, child, key, parent);
        is_asked.then(|| Cascading {
            child: child.clone(),
            key: key.clone(),
            parent: parent.clone(),
        })
    });
    cascading.collect()
}

/// Active rows under deleted parents.
pub(super) async fn orphans<C: ConnectionTrait>(
    db: &C,
    cascades: &[Cascading],
) -> Result<Vec<Finding>, Error> {
    /// Keys that one statement asks for: a statement each would take longer to send and to prepare than to run.
    const AT_ONCE: usize = 20;

    let backend = db.get_database_backend();
    let mut findings = Vec::new();
    for some in cascades.chunks(AT_ONCE) {
        let counts = some
            .iter()
            .enumerate()
            .map(|(place, cascading)| count(backend, place, cascading));
        let sql = counts.collect::<Vec<_>>().join(" UNION ALL ");
        let rows = db
            .query_all_raw(Statement::from_string(backend, sql))
            .await
            .map_err(|error| refused("look for active rows under deleted parents", error))?;
        for row in rows {
            let place: i64 = row.try_get_by_index(0)?;
            let orphans: i64 = row.try_get_by_index(1)?;
            let asked = usize::try_from(place)
                .ok()
                .and_then(|place| some.get(place));
            if let Some(Cascading { child, key, parent }) = asked
                && orphans > 0
            {
                let rows = orphans.unsigned_abs();
                findings.push(orphaned(backend, child, key, parent, rows));
            }
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

fn count(backend: DbBackend, place: usize, cascading: &Cascading) -> String {
    let Cascading { child, key, parent } = cascading;
    let parent_deleted_at = quote(backend, &parent.stamp.deleted_at);
    // PostgreSQL's numbers in SQL have four bytes.
    let number = match backend {
        DbBackend::Postgres => "bigint",
        _ => "SIGNED",
    };
    let place = match backend {
        DbBackend::Sqlite => place.to_string(),
        _ => format!("CAST({place} AS {number})"),
    };
    format!(
        "SELECT {place}, COUNT(*) FROM (SELECT 1 AS found FROM \
         (SELECT {} FROM {} WHERE {parent_deleted_at} IS NOT NULL LIMIT {PARENTS}) AS p \
         JOIN {} AS c ON {} WHERE c.{} IS NULL LIMIT {CHILDREN}) AS orphans",
        quote_all(backend, &key.parent_columns),
        quote_table(backend, &parent.table),
        quote_table(backend, &child.table),
        joined(backend, key),
        quote(backend, &child.stamp.deleted_at),
    )
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

//! What only the rows can tell. Each check reads no more than a fixed number of them.

use sea_orm::{ConnectionTrait, Statement, sea_query::Expr};

use super::{Check, Finding, Fix, Severity};
use crate::{
    Change, UniqueActiveIndex,
    catalog::Catalog,
    change::refused,
    dialect::{Dialect, JoinedUpdate},
    duplicates, index,
    marked::Marked,
    sql::to_sql,
    table::Table,
};
use soft_delete_core::{EntityMeta, Error, ForeignKeyMeta, OnDelete, Scope, engine_api::Group};

/// Deleted parents that are looked at for each foreign key.
const PARENTS: u64 = 10_000;
/// Active rows that are counted below them.
const CHILDREN: u64 = 1_000;

/// Active rows with equal values, where no index forbids it.
pub(super) async fn collisions<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    table: &Table,
) -> Result<Vec<Finding>, Error> {
    let marked = Marked::of(meta);
    let mut findings = Vec::new();
    if table.column(marked.column()).is_none() {
        return Ok(findings);
    }
    for key in &meta.unique {
        let exists = |column: &String| table.column(column).is_some();
        let wanted = UniqueActiveIndex::of_key(meta, key);
        let is_enforced = table.indexes.iter().any(|found| {
            key.is_plain() && index::is_plain_unique(table, found, &key.columns)
                || wanted.is_it(table, found, dialect)
        });
        if is_enforced || !key.columns.iter().all(exists) {
            continue;
        }
        let key = duplicates::Key {
            table: &meta.table,
            columns: &key.columns,
            marked: &marked,
            compared: wanted.compared(table, dialect),
        };
        let found = duplicates::find_some(db, dialect, &key).await?;
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

/// A foreign key between tables that have what the question needs.
pub(super) struct OrphanCheck {
    child: EntityMeta,
    key: ForeignKeyMeta,
    parent: EntityMeta,
}

/// Those of an entity, but for keys that are ignored.
pub(super) fn keys_of(catalog: &Catalog, group: &Group, place: usize) -> Vec<OrphanCheck> {
    let child = group.entity(place);
    let checks = child.foreign_keys.iter().filter_map(|key| {
        let parent = group.entity(group.find(&key.parent)?);
        let is_checked = key.on_delete != OnDelete::Ignore && can_join(catalog, child, key, parent);
        is_checked.then(|| OrphanCheck {
            child: child.clone(),
            key: key.clone(),
            parent: parent.clone(),
        })
    });
    checks.collect()
}

/// Active rows under deleted parents.
pub(super) async fn orphans<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    keys: &[OrphanCheck],
) -> Result<Vec<Finding>, Error> {
    /// Keys that one statement asks for: a statement each would take longer to send and to prepare than to run.
    const AT_ONCE: usize = 20;

    let mut findings = Vec::new();
    for some in keys.chunks(AT_ONCE) {
        let counts = some
            .iter()
            .enumerate()
            .map(|(place, check)| count(dialect, place, check));
        let sql = counts.collect::<Vec<_>>().join(" UNION ALL ");
        let rows = db
            .query_all_raw(Statement::from_string(dialect.backend(), sql))
            .await
            .map_err(|error| refused("look for active rows under deleted parents", error))?;
        for row in rows {
            let place: i64 = row.try_get_by_index(0)?;
            let orphans: i64 = row.try_get_by_index(1)?;
            let check = usize::try_from(place)
                .ok()
                .and_then(|place| some.get(place));
            if let Some(OrphanCheck { child, key, parent }) = check
                && orphans > 0
            {
                let rows = orphans.unsigned_abs();
                findings.push(orphaned(dialect, child, key, parent, rows));
            }
        }
    }
    Ok(findings)
}

/// Whether both tables have the columns that the question needs.
fn can_join(
    catalog: &Catalog,
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
    parent: &EntityMeta,
) -> bool {
    let has = |meta: &EntityMeta, columns: &[String]| {
        let all = columns.iter().chain([&meta.stamp.deleted_at]);
        let mut all = all.map(String::as_str).chain(meta.stamp.names());
        let table = catalog.find(&meta.table);
        table.is_some_and(|table| all.all(|column| table.column(column).is_some()))
    };
    has(meta, &key.matching()) && has(parent, &key.matching_parent())
}

fn count(dialect: &dyn Dialect, place: usize, check: &OrphanCheck) -> String {
    let OrphanCheck { child, key, parent } = check;
    let of_parent: Vec<_> = key.matching_parent();
    let of_parent = of_parent
        .iter()
        .map(|name| format!("p.{}", dialect.quote(name)));
    format!(
        "SELECT {}, COUNT(*) FROM (SELECT 1 AS found FROM \
         (SELECT {} FROM {} AS p WHERE {}{} LIMIT {PARENTS}) AS p \
         JOIN {} AS c ON {} WHERE {}{} LIMIT {CHILDREN}) AS orphans",
        dialect.big_integer(place),
        of_parent.collect::<Vec<_>>().join(", "),
        dialect.quote_table(&parent.table),
        Marked::of(parent).sql(dialect, Scope::OnlyDeleted, "p."),
        and(dialect, key.condition_on_parent("p")),
        dialect.quote_table(&child.table),
        joined(dialect, key),
        Marked::of(child).sql(dialect, Scope::Active, "c."),
        and(dialect, key.condition_on_child("c")),
    )
}

/// What the relation's own condition adds to a filter.
fn and(dialect: &dyn Dialect, condition: Option<Expr>) -> String {
    condition.map_or_else(String::new, |condition| {
        format!(" AND ({})", to_sql(dialect, condition))
    })
}

fn joined(dialect: &dyn Dialect, key: &ForeignKeyMeta) -> String {
    let (columns, parent_columns) = (key.matching(), key.matching_parent());
    let pairs = columns.iter().zip(&parent_columns);
    let equal = pairs.map(|(column, parent_column)| {
        format!(
            "c.{} = p.{}",
            dialect.quote(column),
            dialect.quote(parent_column)
        )
    });
    equal.collect::<Vec<_>>().join(" AND ")
}

fn orphaned(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
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
        match key.on_delete {
            OnDelete::Cascade => {
                "they are seen without what they belong to, and no restore or delete of the parent reaches them"
            }
            _ => "they are seen without what they refer to",
        },
        match key.on_delete {
            OnDelete::Cascade if marked_alike(meta, parent) => {
                delete_with_parents(dialect, meta, key, parent).into()
            }
            OnDelete::SetNull => set_keys_null(dialect, meta, key, parent),
            _ => restore_parents(parent),
        },
    )
}

/// Whether the parent's stamp can be copied.
fn marked_alike(meta: &EntityMeta, parent: &EntityMeta) -> bool {
    let mut both = [meta, parent].into_iter();
    both.all(|meta| meta.stamp.require_time(&meta.table, "the doctor").is_ok())
}

fn restore_parents(parent: &EntityMeta) -> Fix {
    format!(
        "restore the rows of `{}`, or delete these as well",
        parent.table
    )
    .into()
}

/// Gives the rows the stamp of their parent, so that they come back with it.
fn delete_with_parents(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
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
    let set: Vec<_> = stamps
        .iter()
        .map(|(own, parents)| (own.as_str(), format!("p.{}", dialect.quote(parents))))
        .collect();
    let description = format!(
        "delete the active rows of `{}` under deleted rows of `{}` with these",
        meta.table, parent.table
    );
    let sql = update_orphans(dialect, meta, key, parent, &set);
    Change::new(&meta.table, description).sql(sql)
}

/// Does to the rows what the delete of their parents would have done: sets their key to NULL, as far as it may be.
fn set_keys_null(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
    parent: &EntityMeta,
) -> Fix {
    let is_nullable = |name: &&String| meta.column(name).is_some_and(|column| column.nullable);
    let columns = key.columns.iter().filter(is_nullable);
    let set: Vec<_> = columns
        .map(|name| (name.as_str(), "NULL".to_owned()))
        .collect();
    if set.is_empty() {
        return restore_parents(parent);
    }
    let description = format!(
        "set the key of the active rows of `{}` under deleted rows of `{}` to NULL",
        meta.table, parent.table
    );
    let sql = update_orphans(dialect, meta, key, parent, &set);
    Change::new(&meta.table, description).sql(sql).into()
}

fn update_orphans(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    key: &ForeignKeyMeta,
    parent: &EntityMeta,
    set: &[(&str, String)],
) -> String {
    let set = set.iter();
    dialect.update_joined(&JoinedUpdate {
        table: dialect.quote_table(&meta.table),
        other: dialect.quote_table(&parent.table),
        on: joined(dialect, key),
        set: set
            .map(|(own, value)| (dialect.quote(own), value.clone()))
            .collect(),
        filter: format!(
            "{} AND {}{}{}",
            Marked::of(meta).sql(dialect, Scope::Active, "c."),
            Marked::of(parent).sql(dialect, Scope::OnlyDeleted, "p."),
            and(dialect, key.condition_on_child("c")),
            and(dialect, key.condition_on_parent("p")),
        ),
    })
}

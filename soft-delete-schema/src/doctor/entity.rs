//! The table itself and its columns.

use sea_orm::ColumnType;

use super::{Check, Finding, Fix, Severity};
use crate::{
    Change, PurgeIndex,
    catalog::Catalog,
    columns::{add_column, drop_not_null, imprecise_time},
    dialect::{Dialect, TimeZone},
    index,
    similar::most_similar,
    sql::quote_all,
    table::{Column, Table},
};
use soft_delete_core::{ColumnMeta, EntityMeta, Marker};

pub(super) fn missing_table(meta: &EntityMeta, catalog: &Catalog) -> Finding {
    let names = catalog.tables().iter().map(|table| &*table.name);
    let meant = most_similar(&meta.table.name, names)
        .map_or_else(String::new, |name| format!("; there is a `{name}`"));
    Finding::new(
        Severity::Error,
        Check::MissingTable,
        &meta.table,
        format!("the table of `{}` is not there{meant}", meta.entity),
        "nothing works on this entity",
        "create it, or check the name, the schema, the group, and what the database user may see",
    )
}

pub(super) fn examine(catalog: &Catalog, meta: &EntityMeta, table: &Table) -> Vec<Finding> {
    let dialect = catalog.dialect;
    let mut findings = Vec::new();
    for column in &meta.columns {
        match table.column(&column.name) {
            None => findings.push(missing_column(dialect, meta, column)),
            Some(found) if is_of_stamp(meta, &column.name) && is_known(meta, &column.name) => {
                findings.extend(wrong_column(dialect, meta, column, found));
            }
            Some(_) => {}
        }
    }
    if meta.stamp.marker == Marker::Time {
        findings.extend(column_default(dialect, meta, table));
    }
    if is_known(meta, &meta.stamp.deleted_at) {
        findings.extend(coarse_time(dialect, meta, table));
        findings.extend(end_of_time(dialect, meta, table));
    }
    findings.extend(other_primary_key(meta, table));
    if table.primary_key().is_empty() {
        findings.push(no_primary_key(dialect, meta));
    }
    findings.extend(missing_purge_index(catalog, meta, table));
    findings
}

fn is_of_stamp(meta: &EntityMeta, column: &str) -> bool {
    meta.stamp.names().any(|name| name == column)
}

/// Whether it is known how the column has to be: not if it tells deleted rows in another way than by NULL, or as a number.
fn is_known(meta: &EntityMeta, column: &str) -> bool {
    let stamp = &meta.stamp;
    let is_marker = [stamp.deleted_at.as_str(), stamp.marker_column()].contains(&column);
    !is_marker || stamp.require_time(&meta.table, "the doctor").is_ok()
}

fn missing_column(dialect: &dyn Dialect, meta: &EntityMeta, column: &ColumnMeta) -> Finding {
    let fix: Fix = if column.nullable && is_known(meta, &column.name) {
        let needed = match column.name == meta.stamp.deleted_at {
            true => dialect.time_type(&column.column_type),
            false => dialect.column_type(&column.column_type),
        };
        add_column(dialect, &meta.table, &column.name, &needed).into()
    } else {
        "add it in a migration, with a value for the rows that are there".into()
    };
    Finding::new(
        Severity::Error,
        Check::MissingColumn,
        &meta.table,
        format!("the column `{}` is not there", column.name),
        "every statement on this entity fails",
        fix,
    )
}

fn wrong_column(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    column: &ColumnMeta,
    found: &Column,
) -> Option<Finding> {
    let type_name = &found.type_name;
    let (fits, needed) = if column.name == meta.stamp.deleted_at {
        let zone = TimeZone::of(meta.stamp.deleted_at_kind);
        let needed = dialect.time_type(&column.column_type);
        (dialect.holds_time(type_name, zone), needed)
    } else if meta.stamp.deletion_id.as_ref() == Some(&column.name) {
        match dialect.holds_uuid(type_name) {
            true => (true, type_name.clone()),
            false => (false, dialect.column_type(&ColumnType::Uuid)),
        }
    } else {
        (true, type_name.clone())
    };
    if fits && found.nullable {
        return None;
    }
    let fix = if fits {
        drop_not_null(dialect, &meta.table, found).into()
    } else {
        retype(dialect, meta, found, &needed)
    };
    let not_null = if found.nullable { "" } else { " NOT NULL" };
    Some(Finding::new(
        Severity::Error,
        Check::WrongColumn,
        &meta.table,
        format!(
            "the column `{}` is `{}{not_null}` and has to be `{needed} NULL`",
            found.name, found.type_name
        ),
        "its values can't be read or written, or no row can be active",
        fix,
    ))
}

/// Where the old values can be read as the new type.
fn retype(dialect: &dyn Dialect, meta: &EntityMeta, found: &Column, needed: &str) -> Fix {
    let statements = dialect.retype(&meta.table, found, needed);
    if statements.is_empty() {
        return format!("change it to `{needed} NULL` in a migration that keeps its values").into();
    }
    let description = format!("make `{}` of `{}` `{needed}`", found.name, meta.table);
    let change = Change::new(&meta.table, description);
    statements.into_iter().fold(change, Change::sql).into()
}

fn column_default(dialect: &dyn Dialect, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let found = table.column(&meta.stamp.deleted_at)?;
    let default = found.default.as_ref()?;
    let name = &found.name;
    let description = format!("drop the default of `{name}` of `{}`", meta.table);
    let fix = Change::new(&meta.table, description).step(dialect.drop_default(&meta.table, found));
    Some(Finding::new(
        Severity::Error,
        Check::ColumnDefault,
        &meta.table,
        format!("the column `{name}` gets a value by itself: {default}"),
        "rows are inserted as deleted, or an edit changes when they were",
        fix,
    ))
}

fn coarse_time(dialect: &dyn Dialect, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let name = &meta.stamp.deleted_at;
    let column = table.column(name)?;
    if !dialect.is_imprecise(&column.type_name) {
        return None;
    }
    let change = imprecise_time(dialect, meta, table)?;
    let (consequence, fix) = match meta.stamp.deletion_id {
        Some(_) => ("the time of a deletion is rounded", change.into()),
        None => (
            "deletions within one tick of it can't be told apart, and are restored together",
            add_deletion_id(dialect, meta, &change),
        ),
    };
    Some(Finding::new(
        Severity::Warning,
        Check::CoarseTime,
        &meta.table,
        format!(
            "the column `{name}` is `{}` and keeps no microseconds",
            column.type_name
        ),
        consequence,
        fix,
    ))
}

/// The entity needs the field, too, so that no change of the schema alone will do.
fn add_deletion_id(dialect: &dyn Dialect, meta: &EntityMeta, finer: &Change) -> Fix {
    let id = add_column(
        dialect,
        &meta.table,
        "deletion_id",
        &dialect.column_type(&ColumnType::Uuid),
    );
    let sql = |change: &Change| change.statements().join("; ");
    Fix::Manual(format!(
        "add `deletion_id`: the column (`{}`), and `pub deletion_id: Option<Uuid>` to `{}`; or make the tick a microsecond (`{}`)",
        sql(&id),
        meta.entity,
        sql(finer),
    ))
}

/// MySQL and MariaDB store NULL for a time that a TIMESTAMP can't hold, unless in strict mode.
fn end_of_time(dialect: &dyn Dialect, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let name = &meta.stamp.deleted_at;
    let column = table.column(name)?;
    if !dialect.ends_in_2038(&column.type_name) {
        return None;
    }
    Some(Finding::new(
        Severity::Warning,
        Check::TimeEnds,
        &meta.table,
        format!(
            "the column `{name}` is `{}`, which ends in January 2038 (in 2106 since MariaDB 11.5)",
            column.type_name
        ),
        "a row that is deleted later stays active, or the delete fails. The fix has to run in a session whose time zone is UTC, as \
         those of this library are",
        imprecise_time(dialect, meta, table)?,
    ))
}

/// Two rows are one to the entity.
fn other_primary_key(meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let found = table.primary_key();
    if found.is_empty() || table.keeps_unique(&meta.primary_key) {
        return None;
    }
    let (own, found) = (meta.primary_key.join(", "), found.join(", "));
    Some(Finding::new(
        Severity::Error,
        Check::OtherPrimaryKey,
        &meta.table,
        format!("the entity's primary key is ({own}), and the table's is ({found})"),
        "rows with the same key in the entity are deleted and restored together",
        format!(
            "give the columns ({found}) `#[sea_orm(primary_key)]` in `{}`, or the table a unique index over ({own})",
            meta.entity
        ),
    ))
}

fn no_primary_key(dialect: &dyn Dialect, meta: &EntityMeta) -> Finding {
    let fix: Fix = if dialect.can_add_primary_key() {
        let description = format!("add the primary key of `{}`", meta.table);
        Change::new(&meta.table, description)
            .sql(format!(
                "ALTER TABLE {} ADD PRIMARY KEY ({})",
                dialect.quote_table(&meta.table),
                quote_all(dialect, &meta.primary_key),
            ))
            .into()
    } else {
        let server = dialect.oldest_version().server;
        format!("{server} can't add one: create the table anew with it, and copy the rows").into()
    };
    Finding::new(
        Severity::Error,
        Check::NoPrimaryKey,
        &meta.table,
        "the table has no primary key",
        "rows with the same key are deleted and restored together, and each by a search through the table",
        fix,
    )
}

fn missing_purge_index(catalog: &Catalog, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let deleted_at = &meta.stamp.deleted_at;
    meta.retention?;
    table.column(deleted_at)?;
    let has_it = table
        .indexes
        .iter()
        .any(|found| index::leads_to_deleted(table, found, deleted_at));
    if has_it {
        return None;
    }
    let fix = match PurgeIndex::of_meta(meta).plan_create(catalog) {
        _ if meta.stamp.marker != Marker::Time => Fix::Manual(format!(
            "create an index whose first column is `{deleted_at}`"
        )),
        Ok(changes) => changes.into(),
        Err(error) => Fix::Manual(error.to_string()),
    };
    Some(Finding::new(
        Severity::Warning,
        Check::MissingPurgeIndex,
        &meta.table,
        format!("no index finds rows by `{deleted_at}`, and the entity has a retention"),
        "a purge reads the whole table",
        fix,
    ))
}

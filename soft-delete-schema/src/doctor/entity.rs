//! The table itself and its columns.

use sea_orm::{ColumnType, DbBackend};

use super::{Check, Finding, Fix, Severity};
use crate::{
    Change, PurgeIndex,
    catalog::{Catalog, Column, Table},
    change::Step,
    columns::{add_column, drop_not_null, ends_in_2038, holds_time, imprecise_time, is_imprecise},
    index,
    similar::most_similar,
    sql::{column_type, quote, quote_all, quote_table, time_type},
    sqlite::InPlace,
};
use soft_delete_core::{ColumnMeta, EntityMeta};

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
    let backend = catalog.backend;
    let mut findings = Vec::new();
    for column in &meta.columns {
        match table.column(&column.name) {
            None => findings.push(missing_column(backend, meta, column)),
            Some(found) if is_of_stamp(meta, &column.name) => {
                findings.extend(wrong_column(backend, meta, column, found));
            }
            Some(_) => {}
        }
    }
    findings.extend(column_default(backend, meta, table));
    findings.extend(coarse_time(backend, meta, table));
    findings.extend(end_of_time(backend, meta, table));
    findings.extend(other_primary_key(meta, table));
    if table.primary_key().is_empty() {
        findings.push(no_primary_key(backend, meta));
    }
    findings.extend(missing_purge_index(catalog, meta, table));
    findings
}

fn is_of_stamp(meta: &EntityMeta, column: &str) -> bool {
    meta.stamp.names().any(|name| name == column)
}

fn missing_column(backend: DbBackend, meta: &EntityMeta, column: &ColumnMeta) -> Finding {
    let fix: Fix = if column.nullable {
        let needed = match column.name == meta.stamp.deleted_at {
            true => time_type(backend, &column.column_type),
            false => column_type(backend, &column.column_type),
        };
        add_column(backend, &meta.table, &column.name, &needed).into()
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
    backend: DbBackend,
    meta: &EntityMeta,
    column: &ColumnMeta,
    found: &Column,
) -> Option<Finding> {
    let (fits, needed) = if column.name == meta.stamp.deleted_at {
        let has_zone = meta.stamp.deleted_at_kind.has_zone();
        let needed = time_type(backend, &column.column_type);
        (holds_time(backend, &found.type_name, has_zone), needed)
    } else if meta.stamp.deletion_id.as_ref() == Some(&column.name) {
        match backend {
            DbBackend::Postgres => (found.type_name == "uuid", "uuid".to_owned()),
            DbBackend::MySql => (
                found.type_name == "binary(16)" || found.type_name == "varbinary(16)",
                "binary(16)".to_owned(),
            ),
            _ => (true, found.type_name.clone()),
        }
    } else {
        (true, found.type_name.clone())
    };
    if fits && found.nullable {
        return None;
    }
    let fix = if fits {
        drop_not_null(backend, &meta.table, found).into()
    } else {
        retype(backend, meta, found, &needed)
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
fn retype(backend: DbBackend, meta: &EntityMeta, found: &Column, needed: &str) -> Fix {
    let table = quote_table(backend, &meta.table);
    let column = quote(backend, &found.name);
    let type_name = &found.type_name;
    let using = match backend {
        DbBackend::Postgres if type_name.starts_with("timestamp") => {
            Some(format!("{column} AT TIME ZONE 'UTC'"))
        }
        DbBackend::Postgres
            if needed == "uuid" && (type_name.starts_with("character") || type_name == "text") =>
        {
            Some(format!("{column}::uuid"))
        }
        _ => None,
    };
    let description = format!("make `{}` of `{}` `{needed}`", found.name, meta.table);
    let change = Change::new(&meta.table, description);
    if let Some(using) = using {
        let alter = format!("ALTER TABLE {table} ALTER COLUMN {column}");
        return change
            .sql(format!("{alter} TYPE {needed} USING {using}"))
            .sql(format!("{alter} DROP NOT NULL"))
            .into();
    }
    if backend == DbBackend::MySql && type_name == "char(36)" && needed == "binary(16)" {
        let old = quote(backend, &format!("{}_text", found.name));
        return change
            .sql(format!(
                "ALTER TABLE {table} CHANGE COLUMN {column} {old} char(36) NULL, ADD COLUMN {column} binary(16) NULL"
            ))
            .sql(format!(
                "UPDATE {table} SET {column} = UNHEX(REPLACE({old}, '-', '')) WHERE {old} IS NOT NULL"
            ))
            .sql(format!("ALTER TABLE {table} DROP COLUMN {old}"))
            .into();
    }
    format!("change it to `{needed} NULL` in a migration that keeps its values").into()
}

fn column_default(backend: DbBackend, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let found = table.column(&meta.stamp.deleted_at)?;
    let default = found.default.as_ref()?;
    let name = &found.name;
    let (quoted_table, column) = (quote_table(backend, &meta.table), quote(backend, name));
    let description = format!("drop the default of `{name}` of `{}`", meta.table);
    let change = Change::new(&meta.table, description);
    let fix: Fix = match backend {
        DbBackend::Postgres => change
            .sql(format!(
                "ALTER TABLE {quoted_table} ALTER COLUMN {column} DROP DEFAULT"
            ))
            .into(),
        DbBackend::MySql => change
            .sql(format!(
                "ALTER TABLE {quoted_table} MODIFY COLUMN {column} {} NULL DEFAULT NULL",
                found.type_name
            ))
            .into(),
        _ => change
            .step(Step::InPlace(InPlace::DropDefault {
                table: meta.table.name.clone(),
                column: name.clone(),
            }))
            .into(),
    };
    Some(Finding::new(
        Severity::Error,
        Check::ColumnDefault,
        &meta.table,
        format!("the column `{name}` gets a value by itself: {default}"),
        "rows are inserted as deleted, or an edit changes when they were",
        fix,
    ))
}

fn coarse_time(backend: DbBackend, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let name = &meta.stamp.deleted_at;
    let column = table.column(name)?;
    if !is_imprecise(backend, &column.type_name) {
        return None;
    }
    let change = imprecise_time(backend, meta, table)?;
    let (consequence, fix) = match meta.stamp.deletion_id {
        Some(_) => ("the time of a deletion is rounded", change.into()),
        None => (
            "deletions within one tick of it can't be told apart, and are restored together",
            add_deletion_id(backend, meta, &change),
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
fn add_deletion_id(backend: DbBackend, meta: &EntityMeta, finer: &Change) -> Fix {
    let id = add_column(
        backend,
        &meta.table,
        "deletion_id",
        &column_type(backend, &ColumnType::Uuid),
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
fn end_of_time(backend: DbBackend, meta: &EntityMeta, table: &Table) -> Option<Finding> {
    let name = &meta.stamp.deleted_at;
    let column = table.column(name)?;
    if !ends_in_2038(backend, &column.type_name) {
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
        imprecise_time(backend, meta, table)?,
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

fn no_primary_key(backend: DbBackend, meta: &EntityMeta) -> Finding {
    let fix: Fix = if backend == DbBackend::Sqlite {
        "SQLite can't add one: create the table anew with it, and copy the rows".into()
    } else {
        let description = format!("add the primary key of `{}`", meta.table);
        Change::new(&meta.table, description)
            .sql(format!(
                "ALTER TABLE {} ADD PRIMARY KEY ({})",
                quote_table(backend, &meta.table),
                quote_all(backend, &meta.primary_key),
            ))
            .into()
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

//! Foreign keys: those of the entity, and those that the database has.

use super::{Check, Finding, Fix, Severity};
use crate::{
    Change,
    catalog::{self, Catalog},
    columns::drop_not_null,
    dialect::Dialect,
    index,
    sync::{create_foreign_key_index, lacks_index},
    table::Table,
    unique::create_unique,
};
use soft_delete_core::{EntityMeta, ForeignKeyMeta, OnDelete, engine_api::Group};

pub(super) fn examine(
    catalog: &Catalog,
    group: &Group,
    place: usize,
    table: &Table,
) -> Vec<Finding> {
    let meta = group.entity(place);
    let mut findings = Vec::new();
    let mut indexed: Vec<&[String]> = Vec::new();
    for key in &meta.foreign_keys {
        if lacks_index(meta, key, table) && !indexed.contains(&&*key.columns) {
            indexed.push(&key.columns);
            findings.push(missing_index(catalog, meta, key));
        }
        findings.extend(set_null_of_required(catalog.dialect, meta, table, key));
    }
    for found in &table.foreign_keys {
        findings.extend(physical_cascade(catalog, group, meta, table, found));
    }
    let mut seen: Vec<&[String]> = Vec::new();
    for (child, found) in catalog.references(table) {
        if !seen.contains(&&*found.parent_columns) {
            let finding = partial_target(catalog, meta, table, child, found);
            if finding.is_some() {
                seen.push(&found.parent_columns);
            }
            findings.extend(finding);
        }
    }
    findings
}

fn missing_index(catalog: &Catalog, meta: &EntityMeta, key: &ForeignKeyMeta) -> Finding {
    Finding::new(
        Severity::Warning,
        Check::MissingForeignKeyIndex,
        &meta.table,
        format!(
            "no index begins with ({}), the foreign key to `{}`",
            key.columns.join(", "),
            key.parent
        ),
        format!(
            "deleting or restoring a row of `{}` reads the whole table",
            key.parent
        ),
        create_foreign_key_index(catalog.dialect, meta, key),
    )
}

/// A key of several columns loses those of them that may be NULL in the entity: the others say more than which row it refers to,
/// such as the tenant, and are left as they are.
fn set_null_of_required(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    table: &Table,
    key: &ForeignKeyMeta,
) -> Option<Finding> {
    if key.on_delete != OnDelete::SetNull {
        return None;
    }
    let is_optional = |name: &&String| meta.column(name).is_some_and(|column| column.nullable);
    let written: Vec<_> = match key.columns.len() {
        1 => key.columns.iter().collect(),
        _ => key.columns.iter().filter(is_optional).collect(),
    };
    if written.is_empty() {
        return Some(nothing_to_null(meta, key));
    }
    let columns = written.iter().filter_map(|name| table.column(name));
    let required: Vec<_> = columns.filter(|column| !column.nullable).collect();
    if required.is_empty() {
        return None;
    }
    let changes: Vec<_> = required
        .iter()
        .map(|column| drop_not_null(dialect, &meta.table, column))
        .collect();
    let names: Vec<_> = required.iter().map(|column| column.name.as_str()).collect();
    Some(Finding::new(
        Severity::Error,
        Check::SetNullOfRequired,
        &meta.table,
        format!(
            "deleting a row of `{}` sets ({}) to NULL, which is NOT NULL",
            key.parent,
            names.join(", ")
        ),
        format!(
            "rows of `{}` that are referred to can't be deleted; to keep it that way, use `#[soft_delete(on_delete = \"restrict\")]`; \
             to allow it, make the entity's field an `Option`",
            key.parent
        ),
        changes,
    ))
}

fn nothing_to_null(meta: &EntityMeta, key: &ForeignKeyMeta) -> Finding {
    let columns = key.columns.join(", ");
    Finding::new(
        Severity::Error,
        Check::SetNullOfRequired,
        &meta.table,
        format!(
            "deleting a row of `{}` is to set its key ({columns}) to NULL, and none of these columns may be NULL",
            key.parent
        ),
        format!(
            "rows of `{}` that are referred to can't be deleted: it is refused",
            key.parent
        ),
        format!(
            "to keep it that way, put `#[soft_delete(on_delete = \"restrict\")]` on the relation; to allow it, make the column \
             nullable that identifies the row of `{}`, in the table and as an `Option` in `{}`",
            key.parent, meta.entity
        ),
    )
}

/// An ON DELETE CASCADE from a table whose deleted rows are to be kept.
fn physical_cascade(
    catalog: &Catalog,
    group: &Group,
    meta: &EntityMeta,
    table: &Table,
    found: &catalog::ForeignKey,
) -> Option<Finding> {
    if found.on_delete != "CASCADE" {
        return None;
    }
    let is_it = |key: &&ForeignKeyMeta| {
        let names = key.columns.iter().map(String::as_str);
        table.same_columns(names, &found.columns)
    };
    let rule = meta
        .foreign_keys
        .iter()
        .find(is_it)
        .map(|key| key.on_delete);
    let (severity, consequence) = match rule {
        _ if !is_soft_deleted(catalog, group, found) => (
            Severity::Warning,
            format!(
                "a DELETE from `{}` permanently removes rows of this table, deleted ones too",
                found.parent
            ),
        ),
        Some(OnDelete::Cascade) => (
            Severity::Advice,
            format!(
                "a physical DELETE from `{}`, by a force delete or past this library, permanently removes rows of this table, \
                 deleted ones too, and a purge by hand as well",
                found.parent
            ),
        ),
        _ => (
            Severity::Warning,
            format!(
                "the entity has another rule: a physical DELETE from `{}` removes what it would keep",
                found.parent
            ),
        ),
    };
    Some(Finding::new(
        severity,
        Check::PhysicalCascade,
        &meta.table,
        format!(
            "the foreign key ({}) to `{}` is ON DELETE CASCADE",
            found.columns.join(", "),
            found.parent
        ),
        consequence,
        no_action(catalog.dialect, meta, table, found),
    ))
}

/// Whether the key refers to a table of an entity.
fn is_soft_deleted(catalog: &Catalog, group: &Group, key: &catalog::ForeignKey) -> bool {
    let parent = catalog.find(&soft_delete_core::TableName {
        schema: Some(key.parent_schema.clone()),
        name: key.parent.clone(),
    });
    group.entities().iter().any(|meta| {
        let soft = catalog.find(&meta.table);
        let both = soft.zip(parent);
        both.is_some_and(|(soft, parent)| soft.schema == parent.schema && soft.name == parent.name)
    })
}

fn no_action(
    dialect: &dyn Dialect,
    meta: &EntityMeta,
    table: &Table,
    found: &catalog::ForeignKey,
) -> Fix {
    let description = format!(
        "make the foreign key ({}) of `{}` ON DELETE NO ACTION",
        found.columns.join(", "),
        meta.table
    );
    match dialect.drop_cascade(&meta.table, table, found) {
        Some(steps) => Change::new(&meta.table, description).steps(steps).into(),
        None => "give it ON DELETE NO ACTION in a migration".into(),
    }
}

/// A foreign key needs its target to be unique among all rows, deleted ones too.
fn partial_target(
    catalog: &Catalog,
    meta: &EntityMeta,
    table: &Table,
    child: &Table,
    found: &catalog::ForeignKey,
) -> Option<Finding> {
    let columns = &found.parent_columns;
    let is_key = table.same_columns(table.primary_key().iter().map(String::as_str), columns);
    let is_unique = table
        .indexes
        .iter()
        .any(|found| index::is_plain_unique(table, found, columns));
    if is_key || is_unique || columns.is_empty() {
        return None;
    }
    Some(Finding::new(
        Severity::Error,
        Check::PartialTarget,
        &meta.table,
        format!(
            "a foreign key of `{}` refers to ({}), which is not unique among all rows",
            child.name,
            columns.join(", ")
        ),
        "SQLite refuses each write to either table; MySQL and MariaDB let the key mean several rows, active and deleted",
        create_unique(catalog.dialect, &meta.table, columns),
    ))
}

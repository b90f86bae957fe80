//! What is unique, and among which rows.

use super::{Check, Finding, Fix, Severity};
use crate::{
    Change, UniqueActiveIndex,
    catalog::Catalog,
    index,
    marked::Marked,
    predicate::references_column,
    table::{Column, Index, Table},
    unique::{drop_index, referencing},
};
use soft_delete_core::{EntityMeta, Marker, Scope, UniqueKey};

pub(super) fn examine(catalog: &Catalog, meta: &EntityMeta, table: &Table) -> Vec<Finding> {
    if table.column(meta.stamp.marker_column()).is_none() {
        return Vec::new();
    }
    let mut examination = Examination {
        catalog,
        meta,
        table,
        created: Vec::new(),
    };
    let mut findings = Vec::new();
    for key in &meta.unique {
        if let Some(finding) = examination.plain(key) {
            findings.push(finding);
            examination.created.push(key.columns.clone());
        }
    }
    for found in table.indexes.iter().filter(|found| index::is_plain(found)) {
        findings.extend(examination.undeclared(found));
    }
    for found in &table.indexes {
        findings.extend(examination.special(found));
    }
    for key in &meta.unique {
        if !examination.created.contains(&key.columns) {
            findings.extend(examination.missing(key));
        }
    }
    findings
}

/// The unique indexes of one table, compared with what its entity declares.
struct Examination<'e> {
    catalog: &'e Catalog,
    meta: &'e EntityMeta,
    table: &'e Table,
    /// Keys for which a fix creates the index.
    created: Vec<Vec<String>>,
}

impl Examination<'_> {
    /// A key that the entity declares, and that is unique among all rows.
    fn plain(&self, key: &UniqueKey) -> Option<Finding> {
        let (catalog, meta, table) = (self.catalog, self.meta, self.table);
        let columns = key.columns.join(", ");
        let plain = table
            .indexes
            .iter()
            .find(|found| index::is_plain_unique(table, found, &key.columns))?;
        if let Some(child) = referencing(catalog, table, &key.columns) {
            return Some(Finding::new(
                Severity::Warning,
                Check::UniqueOfAllRows,
                &meta.table,
                format!(
                    "({columns}) is unique among all rows, and a foreign key of `{}` needs that",
                    child.name
                ),
                "a deleted row keeps its value, though the entity says `#[soft_delete(unique)]`",
                format!(
                    "let the foreign key of `{}` refer to the primary key, or take the attribute away",
                    child.name
                ),
            ));
        }
        Some(Finding::new(
            Severity::Error,
            Check::UniqueOfAllRows,
            &meta.table,
            format!("`{}` keeps ({columns}) unique among all rows", plain.name),
            "a deleted row keeps its value for ever: no new row can have it",
            plan(
                catalog,
                UniqueActiveIndex::of_key(meta, key).replacing_unique(),
            ),
        ))
    }

    /// A key that the entity declares, and that no index enforces.
    fn missing(&self, key: &UniqueKey) -> Option<Finding> {
        let (catalog, meta, table) = (self.catalog, self.meta, self.table);
        let exists = |column: &String| table.column(column).is_some();
        let dialect = catalog.dialect;
        let wanted = UniqueActiveIndex::of_key(meta, key);
        let mut indexes = table.indexes.iter();
        let has_it = indexes.any(|found| wanted.is_it(table, found, dialect));
        if has_it || !key.columns.iter().all(exists) {
            return None;
        }
        Some(Finding::new(
            Severity::Error,
            Check::MissingUnique,
            &meta.table,
            format!(
                "nothing keeps ({}) unique among active rows",
                wanted.shown()
            ),
            "two active rows can have the same value, and a restore may bring such a row back",
            plan(catalog, wanted),
        ))
    }

    /// A unique index that the entity does not declare in these columns.
    fn undeclared(&mut self, found: &Index) -> Option<Finding> {
        let (meta, table) = (self.meta, self.table);
        let columns: Vec<_> = found.columns().map(ToOwned::to_owned).collect();
        let is_declared = |columns: &[String]| {
            let mut keys = meta.unique.iter();
            keys.any(|key| table.same_columns(key.columns.iter().map(String::as_str), columns))
        };
        // A marker column that belongs in the index.
        let is_generated = |name: &String| {
            let column = table.column(name);
            column.is_some_and(|column| column.generated.is_some())
        };
        if is_declared(&columns) || columns.iter().any(is_generated) {
            return None;
        }
        let is_deleted_at = |name: &String| table.same_column(name, &meta.stamp.deleted_at);
        if columns.iter().any(is_deleted_at) {
            // Where active rows have a value there, they are kept apart.
            if meta.stamp.marker != Marker::Time {
                return None;
            }
            return self.unique_of_nothing(found, &columns);
        }
        let (flags, rest): (Vec<_>, Vec<_>) = columns.iter().cloned().partition(|name| {
            let is_own = table.same_column(name, meta.stamp.marker_column());
            is_own || table.column(name).is_some_and(is_flag)
        });
        if flags.len() == 1 && is_declared(&rest) {
            return Some(Finding::new(
                Severity::Error,
                Check::UniqueWithFlag,
                &meta.table,
                format!("`{}` has the flag `{}` in its key", found.name, flags[0]),
                "the second row of a value can't be deleted",
                self.replace(found, rest),
            ));
        }
        self.keeps_value(found, &columns)
    }

    /// A unique index under a condition, over an expression, or an exclusion constraint, that is none of those declared.
    fn special(&self, found: &Index) -> Option<Finding> {
        let (meta, table) = (self.meta, self.table);
        let dialect = self.catalog.dialect;
        let is_exclusion = found.owned_by_constraint && !found.unique && !found.primary;
        let is_special = found.predicate.is_some() || found.has_expressions() || is_exclusion;
        if !is_special || !(found.unique || is_exclusion) || !found.valid || found.primary {
            return None;
        }
        let marked = Marked::of(meta);
        let mut keys = meta.unique.iter();
        let is_declared = keys.any(|key| {
            let wanted = UniqueActiveIndex::of_key(meta, key);
            wanted.is_it(table, found, dialect)
                || index::is_plain_unique(table, found, &key.columns)
        });
        // Columns alone, among active rows: what the fix of an undeclared plain index makes.
        let columns: Vec<_> = found.columns().map(ToOwned::to_owned).collect();
        if index::is_unique_active(table, found, &columns, &marked, dialect) {
            return None;
        }
        let tells_active = |text: &String| references_column(text, marked.column());
        let is_of_active = found.predicate.as_ref().is_some_and(tells_active);
        if is_declared || is_exclusion && is_of_active {
            return None;
        }
        let name = &found.name;
        if is_exclusion {
            return Some(Finding::new(
                Severity::Warning,
                Check::UndeclaredUnique,
                &meta.table,
                format!("the exclusion constraint `{name}` counts deleted rows"),
                "a deleted row keeps its place for ever, and new rows that overlap with it are refused",
                Fix::Manual(format!(
                    "create `{name}` anew with `WHERE ({})`",
                    marked.sql(dialect, Scope::Active, "")
                )),
            ));
        }
        let consequence = match is_of_active {
            true => "restores don't know of it, and fail on it with the database's own error",
            false => {
                "it may count deleted rows, whose values no new row can have then, and restores fail on it with the database's own error"
            }
        };
        Some(Finding::new(
            Severity::Warning,
            Check::UndeclaredUnique,
            &meta.table,
            format!(
                "the unique index `{name}` is none that the entity declares, as far as its definition can be compared"
            ),
            consequence,
            Fix::Manual(format!(
                "declare what it is over, such as `#[soft_delete(unique(email = \"lower(email)\"))]` or \
                 `#[soft_delete(unique(owner_id, where = \"is_default\"))]`, create that with `SchemaSync`, and drop `{name}`"
            )),
        ))
    }

    /// An index that a deleted row keeps its value in, which may be meant.
    fn keeps_value(&self, found: &Index, columns: &[String]) -> Option<Finding> {
        let (catalog, meta, table) = (self.catalog, self.meta, self.table);
        // Unique because the primary key is, which no row gives back.
        let primary_key = table.primary_key();
        if primary_key
            .iter()
            .all(|key| columns.iter().any(|column| table.same_column(key, column)))
        {
            return None;
        }
        if referencing(catalog, table, columns).is_some() {
            return None;
        }
        let index = UniqueActiveIndex::on(meta.table.to_ref())
            .cols(columns.to_vec())
            .marked_as(meta)
            .replacing_unique();
        Some(Finding::new(
            Severity::Warning,
            Check::UniqueOfAllRows,
            &meta.table,
            format!(
                "`{}` keeps ({}) unique among all rows",
                found.name,
                columns.join(", ")
            ),
            "a deleted row keeps its value; if it should not, declare the columns `#[soft_delete(unique)]` too, \
         so that restores find conflicts",
            plan(catalog, index),
        ))
    }

    /// NULLs are never equal, and so no two active rows are.
    fn unique_of_nothing(&mut self, found: &Index, columns: &[String]) -> Option<Finding> {
        let (meta, table) = (self.meta, self.table);
        if found.nulls_not_distinct {
            return None;
        }
        let rest: Vec<_> = columns
            .iter()
            .filter(|name| !table.same_column(name, &meta.stamp.deleted_at))
            .cloned()
            .collect();
        Some(Finding::new(
            Severity::Error,
            Check::UniqueOfNothing,
            &meta.table,
            format!(
                "`{}` has `{}` in its key",
                found.name, meta.stamp.deleted_at
            ),
            "it is NULL in all active rows, and NULLs are never equal: nothing is unique",
            self.replace(found, rest),
        ))
    }

    /// Puts an index over active rows in another's place.
    fn replace(&mut self, found: &Index, columns: Vec<String>) -> Fix {
        let (catalog, meta, table) = (self.catalog, self.meta, self.table);
        let drop = drop_index(catalog.dialect, &meta.table, table, found);
        let is_created = self
            .created
            .iter()
            .any(|other| table.same_columns(columns.iter().map(String::as_str), other));
        if columns.is_empty() || is_created {
            return drop.into();
        }
        self.created.push(columns.clone());
        let index = UniqueActiveIndex::on(meta.table.to_ref())
            .cols(columns)
            .marked_as(meta);
        match index.plan_create(catalog) {
            Ok(changes) => changes
                .into_iter()
                .chain([drop])
                .collect::<Vec<Change>>()
                .into(),
            Err(error) => Fix::Manual(error.to_string()),
        }
    }
}

fn plan(catalog: &Catalog, index: UniqueActiveIndex) -> Fix {
    match index.plan_create(catalog) {
        Ok(changes) => changes.into(),
        Err(error) => Fix::Manual(error.to_string()),
    }
}

fn is_flag(column: &Column) -> bool {
    matches!(
        &*column.type_name,
        "boolean" | "bool" | "tinyint(1)" | "bit(1)"
    )
}

//! SQLite.

mod catalog;

use sea_orm::{
    DbBackend,
    sea_query::{
        ColumnType, IntoIden as _, QuotedBuilder as _, SelectStatement, SqliteQueryBuilder,
        TableBuilder as _,
    },
};

use super::{Dialect, OldestVersion, ParentCheck, ParentTrigger, Queries, SqlDialect};
use crate::{
    sqlite::InPlace,
    step::Step,
    table::{Column, ForeignKey, Index, Table},
};
use soft_delete_core::{EntityMeta, TableName};

/// SQLite.
#[derive(Debug)]
pub struct Sqlite;

impl SqlDialect for Sqlite {
    fn backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    fn quote(&self, name: &str) -> String {
        let mut sql = String::new();
        SqliteQueryBuilder.prepare_iden(&name.to_owned().into_iden(), &mut sql);
        sql
    }

    fn inlined(&self, select: &SelectStatement) -> String {
        select.to_string(SqliteQueryBuilder)
    }

    fn big_integer(&self, number: usize) -> String {
        number.to_string()
    }

    fn column_type(&self, column_type: &ColumnType) -> String {
        let mut sql = String::new();
        SqliteQueryBuilder.prepare_column_type(column_type, &mut sql);
        sql
    }

    /// Its tables are those of the one file.
    fn has_schemas(&self) -> bool {
        false
    }
}

impl Dialect for Sqlite {
    fn version_query(&self) -> &'static str {
        "SELECT sqlite_version()"
    }

    /// ALTER TABLE … DROP COLUMN.
    fn oldest_version(&self) -> OldestVersion {
        OldestVersion {
            server: "SQLite",
            numbers: (3, 35),
            name: "3.35",
        }
    }

    fn catalog_queries(&self) -> &'static Queries {
        &catalog::QUERIES
    }

    fn remembers_schema(&self) -> bool {
        true
    }

    fn drop_index(&self, name: &TableName, _: &Table, index: &Index) -> Step {
        match index.owned_by_constraint {
            true => Step::InPlace(InPlace::DropUnique {
                table: name.name.clone(),
                columns: index.columns().map(ToOwned::to_owned).collect(),
            }),
            false => Step::Sql(format!("DROP INDEX {}", self.quote(&index.name))),
        }
    }

    fn drop_not_null(&self, table: &TableName, column: &Column) -> Step {
        Step::InPlace(InPlace::DropNotNull {
            table: table.name.clone(),
            column: column.name.clone(),
        })
    }

    fn drop_default(&self, table: &TableName, column: &Column) -> Step {
        Step::InPlace(InPlace::DropDefault {
            table: table.name.clone(),
            column: column.name.clone(),
        })
    }

    fn drop_cascade(&self, _: &TableName, table: &Table, key: &ForeignKey) -> Option<Vec<Step>> {
        Some(vec![Step::InPlace(InPlace::SetOnDelete {
            table: table.name.clone(),
            columns: key.columns.clone(),
            parent: key.parent.clone(),
            action: "NO ACTION",
        })])
    }

    fn can_add_primary_key(&self) -> bool {
        false
    }

    fn parent_trigger(&self, check: &ParentCheck<'_>, trigger: &ParentTrigger) -> String {
        format!(
            "CREATE TRIGGER {} AFTER {} ON {} FOR EACH ROW WHEN {} AND EXISTS \
             (SELECT 1 FROM {} AS p WHERE {} AND {}) \
             BEGIN SELECT RAISE(ABORT, {}); END",
            self.quote(&trigger.name),
            trigger.event,
            self.quote_table(check.name),
            trigger.applies,
            self.quote_table(check.parent_name),
            check.is_parent,
            match &check.parent_is_deleted {
                None => format!("p.{} IS NOT NULL", self.quote(check.parent_deleted_at)),
                Some(is_deleted) => is_deleted.clone(),
            },
            self.literal(&check.message),
        )
    }

    fn is_changed(&self, column: &str) -> String {
        format!("NEW.{column} IS NOT OLD.{column}")
    }

    fn is_unreadable_time(&self, deleted_at: &str) -> String {
        format!("julianday({deleted_at}) IS NULL")
    }

    fn unreadable_time(&self) -> &'static str {
        "a text that SQLite can't read as a time"
    }

    fn stores_times_as_text(&self) -> bool {
        true
    }

    fn key_as_text(&self, meta: &EntityMeta) -> String {
        let parts = meta.primary_key.iter().map(|name| {
            let column = format!("r.{}", self.quote(name));
            format!(
                "CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE CAST({column} AS TEXT) END"
            )
        });
        parts.collect::<Vec<_>>().join(" || ', ' || ")
    }
}

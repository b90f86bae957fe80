//! MySQL, and MariaDB where it does the same.

mod catalog;
mod views;

use sea_orm::{
    DbBackend,
    sea_query::{
        ArrayType, ColumnType, IntoIden as _, MysqlQueryBuilder, QuotedBuilder as _,
        SelectStatement, TableBuilder as _,
    },
};

use super::{
    Dialect, JoinedUpdate, OldestVersion, ParentCheck, ParentTrigger, Queries, SqlDialect,
    TimeSample, TimeZone, views::Views,
};
use crate::{
    marker::MARKER,
    sql::quote_all,
    step::Step,
    table::{Column, ForeignKey, Index, Table},
};
use soft_delete_core::{EntityMeta, TableName};

/// MySQL, or a server that is like it.
#[derive(Debug)]
pub struct MySql {
    pub(super) oldest: OldestVersion,
    /// Whether an expression may be a part of an index.
    pub(super) indexes_expressions: bool,
}

/// MySQL itself.
pub static MYSQL: MySql = MySql {
    oldest: OldestVersion {
        server: "MySQL",
        numbers: (8, 0),
        name: "8.0",
    },
    indexes_expressions: true,
};

impl SqlDialect for MySql {
    fn backend(&self) -> DbBackend {
        DbBackend::MySql
    }

    fn quote(&self, name: &str) -> String {
        let mut sql = String::new();
        MysqlQueryBuilder.prepare_iden(&name.to_owned().into_iden(), &mut sql);
        sql
    }

    fn literal(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''").replace('\\', "\\\\"))
    }

    fn inlined(&self, select: &SelectStatement) -> String {
        select.to_string(MysqlQueryBuilder)
    }

    fn placeholder(&self, _: usize) -> String {
        "?".to_owned()
    }

    fn big_integer(&self, number: usize) -> String {
        format!("CAST({number} AS SIGNED)")
    }

    fn text_type(&self) -> &'static str {
        "CHAR"
    }

    fn column_type(&self, column_type: &ColumnType) -> String {
        match column_type {
            ColumnType::Timestamp | ColumnType::TimestampWithTimeZone => "timestamp(6)".to_owned(),
            ColumnType::DateTime => "datetime(6)".to_owned(),
            other => {
                let mut sql = String::new();
                MysqlQueryBuilder.prepare_column_type(other, &mut sql);
                sql
            }
        }
    }

    /// A TIMESTAMP ends in January 2038; what lies beyond becomes NULL, and the row active.
    fn time_type(&self, _: &ColumnType) -> String {
        "datetime(6)".to_owned()
    }
}

impl Dialect for MySql {
    fn version_query(&self) -> &'static str {
        "SELECT CAST(VERSION() AS CHAR)"
    }

    fn oldest_version(&self) -> OldestVersion {
        self.oldest
    }

    fn catalog_queries(&self) -> &'static Queries {
        &catalog::QUERIES
    }

    fn views(&self) -> Option<&dyn Views> {
        Some(self)
    }

    /// MySQL knows invisible columns since 8.0.23. MariaDB does since 10.3, and passes over comments for MySQL 8.
    fn hidden_column(&self, name: &str, type_name: &str, expression: &str) -> String {
        format!(
            "{} {type_name} GENERATED ALWAYS AS ({expression}) VIRTUAL \
             /*!80023 INVISIBLE */ /*M!100303 INVISIBLE */",
            self.quote(name),
        )
    }

    fn active_marker(&self, is_active: &str) -> Option<String> {
        let expression = format!("CASE WHEN {is_active} THEN 1 END");
        Some(self.hidden_column(MARKER, "tinyint", &expression))
    }

    fn indexes_expressions(&self) -> bool {
        self.indexes_expressions
    }

    fn drop_index(&self, name: &TableName, _: &Table, index: &Index) -> Step {
        let (table, index) = (self.quote_table(name), self.quote(&index.name));
        Step::Sql(format!("ALTER TABLE {table} DROP INDEX {index}"))
    }

    fn drop_not_null(&self, table: &TableName, column: &Column) -> Step {
        Step::Sql(format!(
            "ALTER TABLE {} MODIFY COLUMN {} {} NULL DEFAULT NULL",
            self.quote_table(table),
            self.quote(&column.name),
            column.type_name,
        ))
    }

    fn drop_default(&self, table: &TableName, column: &Column) -> Step {
        self.drop_not_null(table, column)
    }

    /// A key can't be dropped and added under one name in one statement.
    fn drop_cascade(&self, name: &TableName, _: &Table, key: &ForeignKey) -> Option<Vec<Step>> {
        let (table, own) = (self.quote_table(name), self.quote(&key.name));
        let add = format!(
            "ALTER TABLE {table} ADD CONSTRAINT {own} FOREIGN KEY ({}) REFERENCES {} ({}) {} ON DELETE NO ACTION",
            quote_all(self, &key.columns),
            self.quote_in(Some(&key.parent_schema), &key.parent),
            quote_all(self, &key.parent_columns),
            key.definition.as_deref().unwrap_or_default(),
        );
        let drop = format!("ALTER TABLE {table} DROP FOREIGN KEY {own}");
        Some(vec![Step::Sql(drop), Step::Sql(add)])
    }

    /// The types have no time zone.
    fn holds_time(&self, type_name: &str, _: TimeZone) -> bool {
        is_time(type_name)
    }

    fn is_imprecise(&self, type_name: &str) -> bool {
        is_time(type_name) && !type_name.contains("(6)")
    }

    fn ends_in_2038(&self, type_name: &str) -> bool {
        type_name.starts_with("timestamp")
    }

    /// A TIMESTAMP is converted by the session's time zone: by UTC, which is that of the driver's sessions.
    fn widen_time(&self, column: &Column) -> Option<String> {
        let is_narrow =
            self.is_imprecise(&column.type_name) || self.ends_in_2038(&column.type_name);
        is_narrow.then(|| {
            let name = self.quote(&column.name);
            format!("MODIFY COLUMN {name} datetime(6) NULL DEFAULT NULL")
        })
    }

    fn holds_uuid(&self, type_name: &str) -> bool {
        matches!(type_name, "binary(16)" | "varbinary(16)")
    }

    fn retype(&self, table: &TableName, column: &Column, needed: &str) -> Vec<String> {
        if column.type_name != "char(36)" || needed != "binary(16)" {
            return Vec::new();
        }
        let table = self.quote_table(table);
        let old = self.quote(&format!("{}_text", column.name));
        let column = self.quote(&column.name);
        vec![
            format!(
                "ALTER TABLE {table} CHANGE COLUMN {column} {old} char(36) NULL, ADD COLUMN {column} binary(16) NULL"
            ),
            format!(
                "UPDATE {table} SET {column} = UNHEX(REPLACE({old}, '-', '')) WHERE {old} IS NOT NULL"
            ),
            format!("ALTER TABLE {table} DROP COLUMN {old}"),
        ]
    }

    fn update_joined(&self, update: &JoinedUpdate) -> String {
        let set = update.set.iter();
        let set: Vec<_> = set
            .map(|(column, value)| format!("c.{column} = {value}"))
            .collect();
        format!(
            "UPDATE {} AS c JOIN {} AS p ON {} SET {} WHERE {}",
            update.table,
            update.other,
            update.on,
            set.join(", "),
            update.filter
        )
    }

    fn parent_trigger(&self, check: &ParentCheck<'_>, trigger: &ParentTrigger) -> String {
        // MAX gives one row whatever there is, and a message has at most 128 characters.
        let message: String = check.message.chars().take(128).collect();
        format!(
            "CREATE TRIGGER {trigger} BEFORE {verb} ON {table} FOR EACH ROW BEGIN\n    \
             DECLARE parent_is_deleted int;\n    \
             IF {applies} THEN\n        \
             SELECT MAX({deleted_at}) INTO parent_is_deleted FROM {parent} p WHERE {condition} LOCK IN SHARE MODE;\n        \
             IF parent_is_deleted = 1 THEN\n            \
             SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1452, MESSAGE_TEXT = {message};\n        \
             END IF;\n    END IF;\nEND",
            trigger = self.quote_in(check.name.in_schema(), &trigger.name),
            verb = trigger.verb,
            table = self.quote_table(check.name),
            applies = trigger.applies,
            // Of any type: a column that is NULL in active rows may be a time or a number.
            deleted_at = match &check.parent_is_deleted {
                None => format!("p.{} IS NOT NULL", self.quote(check.parent_deleted_at)),
                Some(is_deleted) => is_deleted.clone(),
            },
            parent = self.quote_table(check.parent_name),
            condition = check.is_parent,
            message = self.literal(&message),
        )
    }

    fn is_changed(&self, column: &str) -> String {
        format!("NOT (NEW.{column} <=> OLD.{column})")
    }

    /// Such dates come before all others, or among those of their year.
    fn times_to_examine(&self, sample: &TimeSample<'_>) -> String {
        match sample.is_indexed {
            true => sample.first_rows(&format!(" ORDER BY {}", sample.deleted_at)),
            false => sample.any_rows(),
        }
    }

    fn is_unreadable_time(&self, deleted_at: &str) -> String {
        format!("(MONTH({deleted_at}) = 0 OR DAYOFMONTH({deleted_at}) = 0)")
    }

    fn unreadable_time(&self) -> &'static str {
        "a date without month or day"
    }

    fn key_as_text(&self, meta: &EntityMeta) -> String {
        let parts = meta.primary_key.iter().map(|name| {
            let column = format!("r.{}", self.quote(name));
            match meta.column(name).map(|column| &column.value_type) {
                Some(ArrayType::Uuid | ArrayType::Bytes) => format!("HEX({column})"),
                _ => format!("CAST({column} AS CHAR)"),
            }
        });
        let parts: Vec<_> = parts.collect();
        match parts.as_slice() {
            [only] => only.clone(),
            several => format!("CONCAT_WS(', ', {})", several.join(", ")),
        }
    }
}

fn is_time(type_name: &str) -> bool {
    type_name.starts_with("timestamp") || type_name.starts_with("datetime")
}

//! PostgreSQL.

mod catalog;
mod views;

use sea_orm::{
    DbBackend,
    sea_query::{
        ColumnType, IntoIden as _, PostgresQueryBuilder, QuotedBuilder as _, SelectStatement,
        TableBuilder as _,
    },
};

use super::{
    Dialect, OldestVersion, ParentCheck, ParentTrigger, Queries, SqlDialect, TimeSample, TimeZone,
    views::Views,
};
use crate::{
    step::Step,
    table::{Column, ForeignKey, Index, Table},
};
use soft_delete_core::{EntityMeta, TableName};

/// PostgreSQL.
#[derive(Debug)]
pub struct Postgres;

impl SqlDialect for Postgres {
    fn backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    fn quote(&self, name: &str) -> String {
        let mut sql = String::new();
        PostgresQueryBuilder.prepare_iden(&name.to_owned().into_iden(), &mut sql);
        sql
    }

    fn inlined(&self, select: &SelectStatement) -> String {
        select.to_string(PostgresQueryBuilder)
    }

    /// Its numbers in SQL have four bytes.
    fn big_integer(&self, number: usize) -> String {
        format!("CAST({number} AS bigint)")
    }

    fn column_type(&self, column_type: &ColumnType) -> String {
        let mut sql = String::new();
        PostgresQueryBuilder.prepare_column_type(column_type, &mut sql);
        sql
    }
}

impl Dialect for Postgres {
    fn version_query(&self) -> &'static str {
        "SELECT current_setting('server_version')"
    }

    fn oldest_version(&self) -> OldestVersion {
        OldestVersion {
            server: "PostgreSQL",
            numbers: (13, 0),
            name: "13",
        }
    }

    fn catalog_queries(&self) -> &'static Queries {
        &catalog::QUERIES
    }

    fn views(&self) -> Option<&dyn Views> {
        Some(self)
    }

    fn folds_case(&self) -> bool {
        false
    }

    fn may_compare_nulls(&self) -> bool {
        true
    }

    fn builds_concurrently(&self) -> bool {
        true
    }

    fn drop_index(&self, name: &TableName, table: &Table, index: &Index) -> Step {
        Step::Sql(match index.owned_by_constraint {
            true => format!(
                "ALTER TABLE {} DROP CONSTRAINT {}",
                self.quote_table(name),
                self.quote(&index.name)
            ),
            false => format!(
                "DROP INDEX {}",
                self.quote_in(Some(&table.schema), &index.name)
            ),
        })
    }

    fn drop_not_null(&self, table: &TableName, column: &Column) -> Step {
        Step::Sql(format!("{} DROP NOT NULL", self.alter(table, column)))
    }

    fn drop_default(&self, table: &TableName, column: &Column) -> Step {
        Step::Sql(format!("{} DROP DEFAULT", self.alter(table, column)))
    }

    fn drop_cascade(&self, name: &TableName, _: &Table, key: &ForeignKey) -> Option<Vec<Step>> {
        // The rule comes after all names.
        let definition = key.definition.as_deref().unwrap_or_default();
        let (before, after) = definition.rsplit_once(" ON DELETE CASCADE")?;
        let (table, own) = (self.quote_table(name), self.quote(&key.name));
        Some(vec![Step::Sql(format!(
            "ALTER TABLE {table} DROP CONSTRAINT {own}, ADD CONSTRAINT {own} {before}{after}"
        ))])
    }

    #[cfg(feature = "schema-sync")]
    fn syncs_indexes_as_constraints(&self) -> bool {
        true
    }

    /// With the driver's types it can't if only one of the two has a time zone.
    fn holds_time(&self, type_name: &str, zone: TimeZone) -> bool {
        type_name.starts_with("timestamp") && has_zone(type_name) == (zone == TimeZone::With)
    }

    fn is_imprecise(&self, type_name: &str) -> bool {
        type_name.starts_with("timestamp") && type_name.contains('(') && !type_name.contains("(6)")
    }

    fn widen_time(&self, column: &Column) -> Option<String> {
        let zone = match has_zone(&column.type_name) {
            true => "timestamp with time zone",
            false => "timestamp without time zone",
        };
        let name = self.quote(&column.name);
        self.is_imprecise(&column.type_name)
            .then(|| format!("ALTER COLUMN {name} TYPE {zone}"))
    }

    fn holds_uuid(&self, type_name: &str) -> bool {
        type_name == "uuid"
    }

    fn retype(&self, table: &TableName, column: &Column, needed: &str) -> Vec<String> {
        let (name, type_name) = (self.quote(&column.name), &column.type_name);
        let is_text = type_name.starts_with("character") || type_name == "text";
        let using = match needed {
            _ if type_name.starts_with("timestamp") && needed.starts_with("timestamp") => {
                format!("{name} AT TIME ZONE 'UTC'")
            }
            "uuid" if is_text => format!("{name}::uuid"),
            _ => return Vec::new(),
        };
        let alter = self.alter(table, column);
        vec![
            format!("{alter} TYPE {needed} USING {using}"),
            format!("{alter} DROP NOT NULL"),
        ]
    }

    fn is_true(&self, flag: &str, type_name: &str) -> String {
        match type_name {
            "boolean" => flag.to_owned(),
            _ => format!("{flag} <> 0"),
        }
    }

    /// It locks the parent's row as its own owner, as PostgreSQL's foreign keys do: whoever may insert a child need not have
    /// the privilege to update the parent.
    fn parent_function(&self, check: &ParentCheck<'_>) -> Option<String> {
        Some(format!(
            "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
             SET search_path = pg_catalog, pg_temp AS $soft_delete$\n\
             DECLARE\n    parent_deleted_at {type_name};\n\
             BEGIN\n    \
             SELECT {deleted_at} INTO parent_deleted_at FROM {parent} p WHERE {condition} FOR SHARE;\n    \
             IF parent_deleted_at IS NOT NULL THEN\n        \
             RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', MESSAGE = {message};\n    \
             END IF;\n    RETURN NULL;\nEND\n$soft_delete$",
            function = self.quote_in(Some(&check.table.schema), &check.function),
            type_name = match check.parent_is_deleted {
                None => format!(
                    "{}.{}%TYPE",
                    self.quote_in(Some(&check.parent.schema), &check.parent.name),
                    self.quote(check.parent_deleted_at)
                ),
                Some(_) => "integer".to_owned(),
            },
            deleted_at = match &check.parent_is_deleted {
                None => format!("p.{}", self.quote(check.parent_deleted_at)),
                Some(is_deleted) => format!("CASE WHEN {is_deleted} THEN 1 END"),
            },
            parent = self.quote_in(Some(&check.parent.schema), &check.parent.name),
            condition = check.is_parent,
            message = self.literal(&check.message),
        ))
    }

    fn drop_parent_function(&self, table: &Table, function: &str) -> Option<String> {
        let function = self.quote_in(Some(&table.schema), function);
        Some(format!("DROP FUNCTION IF EXISTS {function}()"))
    }

    fn parent_trigger(&self, check: &ParentCheck<'_>, trigger: &ParentTrigger) -> String {
        format!(
            "CREATE CONSTRAINT TRIGGER {} AFTER {} ON {} DEFERRABLE INITIALLY IMMEDIATE \
             FOR EACH ROW WHEN ({}) EXECUTE FUNCTION {}()",
            self.quote(&trigger.name),
            trigger.event,
            self.quote_table(check.name),
            trigger.applies,
            self.quote_in(Some(&check.table.schema), &check.function),
        )
    }

    fn drop_trigger(&self, table: &TableName, name: &str) -> String {
        let table = self.quote_table(table);
        format!("DROP TRIGGER {} ON {table}", self.quote(name))
    }

    fn is_changed(&self, column: &str) -> String {
        format!("NEW.{column} IS DISTINCT FROM OLD.{column}")
    }

    fn sees_statement(&self) -> bool {
        true
    }

    fn times_to_examine(&self, sample: &TimeSample<'_>) -> String {
        let TimeSample {
            table, deleted_at, ..
        } = sample;
        match sample.is_indexed {
            true => format!("{table} AS r WHERE {deleted_at} IS NOT NULL AND"),
            false => sample.any_rows(),
        }
    }

    fn is_unreadable_time(&self, deleted_at: &str) -> String {
        format!(
            "({deleted_at} < '0001-01-01 00:00:00+00' OR {deleted_at} >= '10000-01-01 00:00:00+00')"
        )
    }

    fn unreadable_time(&self) -> &'static str {
        "infinite, or not of the years 1 to 9999"
    }

    fn key_as_text(&self, meta: &EntityMeta) -> String {
        let parts = meta.primary_key.iter();
        let parts: Vec<_> = parts
            .map(|name| format!("r.{}::text", self.quote(name)))
            .collect();
        parts.join(" || ', ' || ")
    }
}

impl Postgres {
    fn alter(&self, table: &TableName, column: &Column) -> String {
        let (table, name) = (self.quote_table(table), self.quote(&column.name));
        format!("ALTER TABLE {table} ALTER COLUMN {name}")
    }
}

fn has_zone(type_name: &str) -> bool {
    type_name.ends_with("with time zone")
}

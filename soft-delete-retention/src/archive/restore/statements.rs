//! The statements that put a row of one shape back.

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde_json::Value as Json;

use super::{
    Stored,
    same::{bytes, is_same},
};
use crate::{
    archive::encode::row_as_json,
    dialect::{self, Dialect},
};
use soft_delete_core::{ArchiveError, Error, TableName};
use soft_delete_schema::schema_api::catalog::{Catalog, Column, Table};

/// Rows of one table that were archived with the same columns.
#[derive(Debug)]
pub(super) struct Insertion<'t> {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) name: TableName,
    pub(super) table: &'t Table,
    /// For connections that guard the table.
    deleted_at: Option<String>,
    /// The columns that are written, each with its name in the entry.
    pub(super) columns: Vec<(&'t Column, String)>,
    /// Columns of the entry that the table has no more.
    pub(super) dropped: Vec<String>,
    /// Columns of the table that take their default.
    pub(super) defaulted: Vec<String>,
    /// Columns of the table that have none.
    pub(super) missing: Vec<String>,
    /// Parent, columns and the parent's columns of the table's foreign keys.
    pub(super) references: Vec<(&'t Table, Vec<String>, Vec<String>)>,
    insert: String,
    read: String,
}

/// A row whose columns have the values that an entry has in the columns `own`.
pub(super) struct RowOf<'r> {
    pub(super) table: &'r TableName,
    pub(super) columns: &'r [String],
    pub(super) own: &'r [String],
}

impl<'t> Insertion<'t> {
    pub(super) async fn new<C: ConnectionTrait>(
        db: &C,
        catalog: &'t Catalog,
        name: TableName,
        deleted_at: Option<String>,
        archived: &[String],
    ) -> Result<Self, Error> {
        let table = catalog.require(&name)?;
        let key = table.primary_key();
        let mut columns = Vec::new();
        let mut defaulted = Vec::new();
        let mut missing = Vec::new();
        let stored = table
            .columns
            .iter()
            .filter(|column| column.generated.is_none());
        for column in stored {
            let is_key = || key.iter().any(|key| table.same_column(key, &column.name));
            match named(table, archived, &column.name) {
                Some(name) => columns.push((column, name.clone())),
                None if is_key() || !column.nullable && column.default.is_none() => {
                    missing.push(column.name.clone());
                }
                None => defaulted.push(column.name.clone()),
            }
        }
        let is_written = |name: &&String| columns.iter().any(|(_, written)| written == *name);
        let dropped = archived
            .iter()
            .filter(|name| !is_written(name))
            .cloned()
            .collect();
        let mut insertion = Self {
            dialect: dialect::of(db.get_database_backend())?,
            references: references(catalog, table),
            name,
            table,
            deleted_at,
            columns,
            dropped,
            defaulted,
            missing,
            insert: String::new(),
            read: String::new(),
        };
        let overriding = match insertion.has_own_numbers(db).await? {
            true => " OVERRIDING SYSTEM VALUE",
            false => "",
        };
        insertion.insert = insertion.insert_statement(overriding);
        insertion.read = insertion.read_statement();
        Ok(insertion)
    }

    pub(super) fn is_into(&self, table: &Table) -> bool {
        std::ptr::eq(self.table, table)
    }

    /// The entry's value for a column of the table.
    pub(super) fn value<'e>(&self, entry: &'e Stored, column: &str) -> Option<&'e Json> {
        let mut columns = self.columns.iter();
        let (_, name) = columns.find(|(known, _)| self.table.same_column(&known.name, column))?;
        entry.row.data.get(name)
    }

    /// Writes the row, reads it again, and compares.
    pub(super) async fn insert<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &Stored,
    ) -> Result<(), Error> {
        let all = self.columns.iter().map(|(column, _)| &*column.name);
        let mut insert = self.statement(&self.insert, entry, all);
        self.read_reals(db, entry, &mut insert).await?;
        db.execute_raw(insert).await?;
        let key = self.table.primary_key();
        let read = self.statement(&self.read, entry, key.iter().map(String::as_str));
        let row = db.query_one_raw(read).await?;
        let row = row
            .map(|row| row.try_get_by_index::<String>(0))
            .transpose()?;
        let found: Json = match row {
            Some(row) => {
                serde_json::from_str(&row).map_err(|error| DbErr::Json(error.to_string()))?
            }
            None => Json::Null,
        };
        for (column, name) in &self.columns {
            let (archived, found) = (&entry.row.data[name], &found[&column.name]);
            if !is_same(archived, found) {
                return Err(ArchiveError::value_changed(
                    entry.row_key(),
                    column.name.clone(),
                    archived.to_string(),
                    found.to_string(),
                )
                .into());
            }
        }
        Ok(())
    }

    /// Lets the database read fractions from the texts that it wrote, where a value that is bound would lose bits.
    async fn read_reals<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &Stored,
        insert: &mut Statement,
    ) -> Result<(), DbErr> {
        let Some(sql) = self.dialect.sum_of_reals() else {
            return Ok(());
        };
        let values = insert.values.iter_mut().flat_map(|values| &mut values.0);
        for ((_, name), value) in self.columns.iter().zip(values) {
            let archived = &entry.row.data[name];
            let text = |member| archived.get(member).and_then(Json::as_str);
            let Some(real) = text("real") else {
                continue;
            };
            let is_infinite = real.parse().is_ok_and(f64::is_infinite);
            if !is_infinite {
                let parts = [real.into(), text("plus").unwrap_or("0").into()];
                let sum = Statement::from_sql_and_values(self.dialect.backend(), sql, parts);
                if let Some(row) = db.query_one_raw(sum).await? {
                    *value = row.try_get_by_index::<f64>(0)?.into();
                }
            }
        }
        Ok(())
    }

    /// A statement over the entry: it takes its JSON where that is read as a record, else the values of some columns.
    pub(super) fn statement<'a>(
        &self,
        sql: &str,
        entry: &Stored,
        columns: impl Iterator<Item = &'a str>,
    ) -> Statement {
        let values = match self.dialect.records() {
            Some(_) => vec![entry.data.as_str().into()],
            None => columns
                .map(|column| bound(self.value(entry, column)))
                .collect(),
        };
        Statement::from_sql_and_values(self.dialect.backend(), sql, values)
    }

    /// ```sql
    /// INSERT INTO post (id, title) SELECT r.id, r.title FROM json_populate_record(NULL::post, $1::json) AS r; -- PostgreSQL
    /// INSERT INTO post (id, title) VALUES (?, ?)
    /// ```
    fn insert_statement(&self, overriding: &str) -> String {
        let quoted = |column: &Column| self.dialect.quote(&column.name);
        let names: Vec<_> = self.columns.iter().map(|(one, _)| quoted(one)).collect();
        let into = format!("INSERT INTO {} ({})", self.quoted(), names.join(", "));
        let Some(records) = self.dialect.records() else {
            let places = vec!["?"; names.len()].join(", ");
            return format!("{into} VALUES ({places})");
        };
        let values = self.columns.iter();
        let values = values.map(|(column, name)| records.value_for(column, name));
        format!(
            "{into}{overriding} SELECT {} FROM {}",
            values.collect::<Vec<_>>().join(", "),
            records.row_of(&self.quoted())
        )
    }

    /// The row of the same key as JSON.
    fn read_statement(&self) -> String {
        let row = row_as_json(self.dialect, self.table, &self.name.name);
        let row = self.dialect.json_as_text(row);
        let key = self.table.primary_key();
        let own = RowOf {
            table: &self.name,
            columns: &key,
            own: &key,
        };
        self.select_where(&row, &own, self.deleted_at.as_deref())
    }

    /// Selects from that row's table.
    pub(super) fn select_where(
        &self,
        what: &str,
        row: &RowOf<'_>,
        deleted_at: Option<&str>,
    ) -> String {
        let RowOf {
            table: from,
            columns,
            own,
        } = *row;
        let records = self.dialect.records();
        let called = self.dialect.quote(&from.name);
        let conditions = columns.iter().zip(own).map(|(column, own)| {
            let column = format!("{called}.{}", self.dialect.quote(column));
            match records {
                Some(records) => {
                    let own = records.column_of_row(&self.dialect.quote(own));
                    format!("{column} = {own}")
                }
                None => format!("{column} = ?"),
            }
        });
        // A connection that guards the table lets pass what speaks of `deleted_at`.
        let any_state = deleted_at.map(|name| {
            let name = format!("{called}.{}", self.dialect.quote(name));
            format!("({name} IS NULL OR TRUE)")
        });
        let conditions: Vec<_> = conditions.chain(any_state).collect();
        let from = self.dialect.quote_table(from);
        let from = match records {
            Some(records) => format!("{from}, {}", records.row_of(&self.quoted())),
            None => from,
        };
        format!(
            "SELECT {what} FROM {from} WHERE {}",
            conditions.join(" AND ")
        )
    }

    pub(super) fn quoted(&self) -> String {
        self.dialect.quote_table(&self.name)
    }

    /// Whether the table numbers its rows itself, and has to be told that it may not.
    async fn has_own_numbers<C: ConnectionTrait>(&self, db: &C) -> Result<bool, Error> {
        let Some(sql) = self.dialect.own_numbers_query() else {
            return Ok(false);
        };
        let table = self.quoted();
        let always = Statement::from_sql_and_values(self.dialect.backend(), sql, [table.into()]);
        Ok(db.query_one_raw(always).await?.is_some())
    }
}

/// A value of an entry as it was.
fn bound(value: Option<&Json>) -> Value {
    match value {
        None | Some(Json::Null) => Value::String(None),
        Some(Json::Bool(yes)) => Value::from(*yes),
        Some(Json::Number(number)) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => Value::from(number.to_string()),
        },
        Some(Json::String(text)) => Value::from(text.clone()),
        Some(other) => {
            let real = other.get("real").and_then(Json::as_str);
            let real = real.and_then(|text| text.parse::<f64>().ok());
            match (bytes(other), real) {
                (Some(bytes), _) => Value::from(bytes),
                (None, Some(real)) => Value::from(real),
                (None, None) => Value::from(other.to_string()),
            }
        }
    }
}

fn named<'a>(table: &Table, archived: &'a [String], column: &str) -> Option<&'a String> {
    let mut exact = archived.iter();
    exact.find(|name| **name == column).or_else(|| {
        let mut alike = archived.iter();
        alike.find(|name| table.same_column(name, column))
    })
}

fn references<'t>(
    catalog: &'t Catalog,
    child: &'t Table,
) -> Vec<(&'t Table, Vec<String>, Vec<String>)> {
    let parents = catalog.tables().iter();
    parents
        .flat_map(|parent| {
            let keys = catalog.references(parent);
            keys.filter(|(table, _)| std::ptr::eq(*table, child))
                .map(move |(_, key)| (parent, key.columns.clone(), key.parent_columns.clone()))
        })
        .collect()
}

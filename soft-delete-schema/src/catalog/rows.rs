//! The rows of a catalog's queries, put together to tables.

use sea_orm::{DbErr, QueryResult};

use crate::{
    table::{Column, ForeignKey, Index, Key, Table},
    trigger::Trigger,
};

/// Puts the rows of the queries together.
pub(super) struct Tables {
    pub(super) tables: Vec<Table>,
    pub(super) folds_case: bool,
}

impl Tables {
    /// Rows come table by table, so that it nearly always is the last.
    fn table(&mut self, row: &QueryResult) -> Result<Option<&mut Table>, DbErr> {
        let schema: String = row.try_get_by_index(0)?;
        let name: String = row.try_get_by_index(1)?;
        let mut tables = self.tables.iter_mut().rev();
        Ok(tables.find(|table| table.schema == schema && table.name == name))
    }

    fn start(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        self.tables.push(Table {
            schema: row.try_get_by_index(0)?,
            name: row.try_get_by_index(1)?,
            is_view: false,
            has_parts: false,
            is_part: false,
            columns: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            triggers: Vec::new(),
            folds_case: self.folds_case,
        });
        Ok(())
    }

    pub(super) fn add_column(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        if self.table(row)?.is_none() {
            self.start(row)?;
        }
        let column = Column {
            name: row.try_get_by_index(3)?,
            type_name: row.try_get_by_index::<String>(4)?.to_ascii_lowercase(),
            nullable: flag(row, 5)?,
            generated: row.try_get_by_index(6)?,
            default: row.try_get_by_index(7)?,
        };
        let is_view = flag(row, 2)?;
        if let Some(table) = self.table(row)? {
            table.is_view = is_view;
            table.columns.push(column);
            // Others than PostgreSQL have no such column.
            table.has_parts |= row.try_get_by_index::<i64>(8).is_ok_and(|parts| parts != 0);
            table.is_part |= row.try_get_by_index::<i64>(9).is_ok_and(|parts| parts != 0);
        }
        Ok(())
    }

    pub(super) fn add_index_key(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        let name: String = row.try_get_by_index(2)?;
        let column: Option<String> = row.try_get_by_index(9)?;
        let key = match column {
            Some(column) => Key::Column(column),
            None => Key::Expression(
                row.try_get_by_index::<Option<String>>(10)?
                    .unwrap_or_default(),
            ),
        };
        let Some(table) = self.table(row)? else {
            return Ok(());
        };
        if let Some(index) = table.indexes.iter_mut().find(|index| index.name == name) {
            index.keys.push(key);
            return Ok(());
        }
        table.indexes.push(Index {
            name,
            unique: flag(row, 3)?,
            primary: flag(row, 4)?,
            owned_by_constraint: flag(row, 5)?,
            valid: flag(row, 6)?,
            nulls_not_distinct: flag(row, 7)?,
            predicate: row.try_get_by_index(8)?,
            keys: vec![key],
        });
        Ok(())
    }

    pub(super) fn add_foreign_key_column(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        // One that refers to the table asked for, from a table that was not.
        if self.table(row)?.is_none() {
            self.start(row)?;
        }
        let name: String = row.try_get_by_index(2)?;
        let column: String = row.try_get_by_index(3)?;
        let parent_column: Option<String> = row.try_get_by_index(6)?;
        let Some(table) = self.table(row)? else {
            return Ok(());
        };
        if let Some(key) = table.foreign_keys.iter_mut().find(|key| key.name == name) {
            key.columns.push(column);
            key.parent_columns.extend(parent_column);
            return Ok(());
        }
        table.foreign_keys.push(ForeignKey {
            name,
            columns: vec![column],
            parent_schema: row.try_get_by_index(4)?,
            parent: row.try_get_by_index(5)?,
            parent_columns: parent_column.into_iter().collect(),
            on_delete: row.try_get_by_index(7)?,
            definition: row.try_get_by_index(8)?,
        });
        Ok(())
    }

    pub(super) fn add_trigger(&mut self, row: &QueryResult) -> Result<(), DbErr> {
        let kind: String = row.try_get_by_index(3)?;
        let columns: Option<String> = row.try_get_by_index(4)?;
        let name: Option<String> = row.try_get_by_index(2)?;
        let name = name.unwrap_or_default();
        let trigger = Trigger::new(name, &kind, columns.as_deref(), row.try_get_by_index(5)?);
        if let Some(table) = self.table(row)? {
            table.triggers.push(trigger);
        }
        Ok(())
    }
}

/// The backends' truth values have three types; the queries make them numbers.
fn flag(row: &QueryResult, index: usize) -> Result<bool, DbErr> {
    Ok(row.try_get_by_index::<i64>(index)? != 0)
}

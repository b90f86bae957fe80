//! Why the database refused a row: looked for afterwards, since hardly any is refused.

use sea_orm::{ConnectionTrait, DbErr, SqlErr, Statement};

use super::{
    Stored,
    same::text,
    statements::{Insertion, RowOf},
    table_of,
};
use soft_delete_core::{ArchiveError, Error, RowKey, TableName};
use soft_delete_schema::schema_api::catalog::ForeignKey;

impl Insertion<'_> {
    /// An error that tells the row, and what is in its way if that can be found.
    pub(super) async fn explain<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &Stored,
        error: Error,
    ) -> Error {
        let source = match error {
            Error::Db(source) => source,
            other => return other,
        };
        let found = match source.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => self.row_exists(db, entry).await,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => self.missing_parent(db, entry).await,
            _ => Ok(None),
        };
        if let Ok(Some(found)) = found {
            return found.into();
        }
        ArchiveError::refused(
            entry.row_key(),
            self.refused_column(db, entry).await,
            source,
        )
        .into()
    }

    async fn row_exists<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &Stored,
    ) -> Result<Option<ArchiveError>, DbErr> {
        let key = self.table.primary_key();
        let row = RowOf {
            table: &self.name,
            columns: &key,
            own: &key,
        };
        let found = self.finds(db, entry, &row).await?;
        Ok(found.then(|| ArchiveError::row_exists(entry.row_key())))
    }

    async fn missing_parent<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &Stored,
    ) -> Result<Option<ArchiveError>, DbErr> {
        for key in &self.table.foreign_keys {
            let values = key.columns.iter().map(|name| self.value(entry, name));
            let values: Option<Vec<_>> = values.map(|value| value.and_then(text)).collect();
            // A key with a NULL refers to nothing.
            let Some(parent_key) = values else {
                continue;
            };
            let parent = self.parent_of(key);
            let row = RowOf {
                table: &parent,
                columns: &key.parent_columns,
                own: &key.columns,
            };
            if !self.finds(db, entry, &row).await? {
                return Ok(Some(ArchiveError::parent_missing(
                    entry.row_key(),
                    key.columns.clone(),
                    Box::new(RowKey {
                        table: parent.to_string(),
                        key: parent_key,
                    }),
                )));
            }
        }
        Ok(None)
    }

    /// As it would be written: with its schema only if that is another than the row's.
    fn parent_of(&self, key: &ForeignKey) -> TableName {
        let is_elsewhere = key.parent_schema != self.table.schema;
        let has_schema = is_elsewhere || self.name.schema.is_some();
        TableName {
            schema: (has_schema && self.dialect.has_schemas()).then(|| key.parent_schema.clone()),
            name: key.parent.clone(),
        }
    }

    async fn finds<C: ConnectionTrait>(
        &self,
        db: &C,
        entry: &Stored,
        row: &RowOf<'_>,
    ) -> Result<bool, DbErr> {
        let (_, deleted_at) = table_of(&row.table.to_string());
        let sql = self.select_where("1", row, deleted_at.as_deref());
        let select = self.statement(&sql, entry, row.own.iter().map(String::as_str));
        Ok(db.query_one_raw(select).await?.is_some())
    }

    /// The first column whose value can't be read as one of its type. Where entries are not read as records, the database names it, or
    /// takes all values.
    async fn refused_column<C: ConnectionTrait>(&self, db: &C, entry: &Stored) -> Option<String> {
        let records = self.dialect.records()?;
        for (column, name) in &self.columns {
            let sql = records.check_value_for(&self.quoted(), column, name);
            let values = [entry.data.as_str().into()];
            let select = Statement::from_sql_and_values(self.dialect.backend(), sql, values);
            if db.query_one_raw(select).await.is_err() {
                return Some(column.name.clone());
            }
        }
        None
    }
}

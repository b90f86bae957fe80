//! Writing rows into the archive.

use chrono::{DateTime, SubsecRound as _, Utc};
use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, InsertStatement, Query, SelectStatement},
};

use super::{
    ArchiveTable,
    encode::{fingerprint, key_of_row, row_as_json},
    table::{
        ARCHIVED_AT, DATA, DELETED_AT, DELETION_ID, FINGERPRINT, FOREIGN_KEYS, ROW_KEY, TABLE_NAME,
    },
};
use crate::dialect::{self, Dialect};
use soft_delete_core::{
    EntityMeta, Error, Scope,
    engine_api::rows::{column, iden, in_scope},
};
use soft_delete_schema::schema_api::catalog::Table;

/// Deleted rows of a table that go into the archive.
pub(crate) struct RowsToArchive<'a> {
    pub(crate) meta: &'a EntityMeta,
    pub(crate) table: &'a Table,
    pub(crate) condition: Expr,
    pub(crate) archived_at: DateTime<Utc>,
}

impl ArchiveTable {
    /// Writes the deleted rows that meet a condition into the archive, and tells how many. For the transaction that removes them.
    ///
    /// ```sql
    /// INSERT INTO soft_delete_archive (table_name, row_key, deletion_id, deleted_at, archived_at, fingerprint, foreign_keys, data)
    /// SELECT 'post', json_build_array(post.id)::text, post.deletion_id, post.deleted_at, $1, $2, $3, row_to_json(post)
    /// FROM post WHERE <condition> AND post.deleted_at IS NOT NULL
    /// ```
    ///
    /// The text is the same for equal conditions of one table as it is now.
    pub(crate) async fn copy<C: ConnectionTrait>(
        &self,
        db: &C,
        rows: RowsToArchive<'_>,
    ) -> Result<u64, Error> {
        let dialect = dialect::of(db.get_database_backend())?;
        let insert = self.insert(rows.select(dialect))?;
        Ok(db.execute(&insert).await?.rows_affected())
    }

    fn insert(&self, rows: SelectStatement) -> Result<InsertStatement, Error> {
        let columns = [
            TABLE_NAME,
            ROW_KEY,
            DELETION_ID,
            DELETED_AT,
            ARCHIVED_AT,
            FINGERPRINT,
            FOREIGN_KEYS,
            DATA,
        ];
        Query::insert()
            .into_table(self.name.to_ref())
            .columns(columns.map(iden))
            .select_from(rows)
            .map(|insert| insert.to_owned())
            .map_err(|error| {
                Error::Db(sea_orm::DbErr::Query(sea_orm::RuntimeErr::Internal(
                    error.to_string(),
                )))
            })
    }
}

impl RowsToArchive<'_> {
    fn select(self, dialect: &dyn Dialect) -> SelectStatement {
        let Self { meta, table, .. } = self;
        let called = &meta.table.name;
        let deletion_id = match &meta.stamp.deletion_id {
            Some(name) => column(meta, name),
            None => Expr::cust(dialect.null_uuid()),
        };
        let time = table.column(&meta.stamp.deleted_at);
        let type_name = time.map(|column| column.type_name.as_str());
        let deleted_at = column(meta, &meta.stamp.deleted_at);
        Query::select()
            .expr(Expr::val(meta.table.to_string()))
            .expr(key_of_row(dialect, Some(table), called, &meta.primary_key))
            .expr(deletion_id)
            .expr(dialect.in_utc(deleted_at, type_name))
            .expr(Expr::val(self.archived_at.trunc_subsecs(6)))
            .expr(Expr::val(fingerprint(table)))
            .expr(Expr::val(foreign_keys(meta)))
            .expr(Expr::cust(row_as_json(dialect, table, called)))
            .from(meta.table.to_ref())
            .and_where(self.condition)
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .to_owned()
    }
}

/// The keys of a table by the names that they have now.
fn foreign_keys(meta: &EntityMeta) -> String {
    let keys = meta.foreign_keys.iter().map(|key| {
        serde_json::json!({
            "relation": key.relation,
            "columns": key.matching(),
            "parent": key.parent.to_string(),
        })
    });
    serde_json::Value::from_iter(keys).to_string()
}

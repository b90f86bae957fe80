//! What the archive holds, and the end of it.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbErr, Order, QueryResult,
    sea_query::{Expr, ExprTrait as _, IntoTableRef, Query, SelectStatement},
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    ArchiveTable, RowKey,
    compare::equals_key,
    encode::key_of_texts,
    table::{ARCHIVED_AT, DATA, DELETED_AT, DELETION_ID, FINGERPRINT, ID, ROW_KEY, TABLE_NAME},
};
use crate::{
    dialect::{self, Dialect},
    removal::{BATCH, padded},
};
use soft_delete_core::{Error, TableName, TimeKind, engine_api::rows::iden};

/// A row in the archive.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ArchivedRow {
    /// The entry's number. Later entries have higher ones.
    pub id: i64,
    /// The row's table.
    pub table: String,
    /// The values of its primary key, as text.
    pub key: Vec<String>,
    /// The deletion that took the row, if the table told it.
    pub deletion_id: Option<Uuid>,
    /// When the row was deleted.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it was archived.
    pub archived_at: DateTime<Utc>,
    /// Equal for rows whose table had the same columns.
    pub fingerprint: String,
    /// [The row](super#what-an-entry-holds).
    pub data: Json,
}

/// A search in the archive, from [`ArchiveTable::list`].
#[derive(Clone, Debug)]
#[must_use = "it reads nothing until `all(&db)` is awaited"]
pub struct ListArchived<'a> {
    archive: &'a ArchiveTable,
    table: Option<TableName>,
    key: Option<Vec<String>>,
    deletion: Option<Uuid>,
    archived_before: Option<DateTime<Utc>>,
    archived_after: Option<DateTime<Utc>>,
    before_id: Option<i64>,
    limit: Option<u64>,
}

impl ArchiveTable {
    /// Searches the archive, the newest entries first.
    ///
    /// ```no_run
    /// # use sea_orm::DatabaseConnection;
    /// # use soft_delete::{Error, archive::ArchiveTable};
    /// # async fn page(db: &DatabaseConnection, shown: Option<i64>) -> Result<(), Error> {
    /// let archive = ArchiveTable::new();
    /// let mut list = archive.list().table("post").limit(50);
    /// if let Some(last) = shown {
    ///     list = list.before_id(last);
    /// }
    /// for row in list.all(db).await? {
    ///     println!("{} {:?} {}", row.id, row.key, row.data["title"]);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> ListArchived<'_> {
        ListArchived {
            archive: self,
            table: None,
            key: None,
            deletion: None,
            archived_before: None,
            archived_after: None,
            before_id: None,
            limit: None,
        }
    }

    /// Removes the entries that were archived before then, in batches, and tells how many. What is removed can't be restored.
    ///
    /// Each batch is a transaction of its own, unless the connection is one. Dropping the future loses nothing: the next call
    /// goes on from there.
    ///
    /// # Errors
    ///
    /// [`Error::Db`], such as for a missing table.
    pub async fn expire<C: ConnectionTrait>(
        &self,
        older_than: DateTime<Utc>,
        db: &C,
    ) -> Result<u64, Error> {
        let mut removed = 0;
        loop {
            let expired = Query::select()
                .column(iden(ID))
                .from(self.name.to_ref())
                .and_where(Expr::col(iden(ARCHIVED_AT)).lt(older_than))
                .order_by(iden(ARCHIVED_AT), Order::Asc)
                .limit(BATCH as u64)
                .to_owned();
            let ids = read_ids(&db.query_all(&expired).await?)?;
            removed += self.remove(db, &ids).await?;
            if ids.len() < BATCH {
                return Ok(removed);
            }
        }
    }

    /// Removes entries.
    pub(crate) async fn remove<C: ConnectionTrait>(
        &self,
        db: &C,
        ids: &[i64],
    ) -> Result<u64, Error> {
        let mut removed = 0;
        for ids in ids.chunks(BATCH) {
            let delete = Query::delete()
                .from_table(self.name.to_ref())
                .and_where(Expr::col(iden(ID)).is_in(padded(ids)))
                .to_owned();
            removed += db.execute(&delete).await?.rows_affected();
        }
        Ok(removed)
    }

    /// Selects whole entries.
    pub(crate) fn select(&self, dialect: &dyn Dialect) -> SelectStatement {
        let mut select = Query::select();
        for name in [
            ID,
            TABLE_NAME,
            ROW_KEY,
            DELETION_ID,
            DELETED_AT,
            ARCHIVED_AT,
            FINGERPRINT,
        ] {
            select.column(iden(name));
        }
        let data = dialect.data_as_text(Expr::col(iden(DATA)));
        select.expr_as(data, DATA).from(self.name.to_ref());
        select
    }

    pub(crate) fn is_of_table(table: &str) -> Expr {
        Expr::col(iden(TABLE_NAME)).eq(table)
    }
}

impl ListArchived<'_> {
    /// Rows of this table.
    pub fn table(mut self, table: impl IntoTableRef) -> Self {
        self.table = Some(TableName::of(&table.into_table_ref()));
        self
    }

    /// The row, or several once of the same key, with these values in its primary key: for [`table`](Self::table).
    pub fn key<K: ToString>(mut self, key: impl IntoIterator<Item = K>) -> Self {
        self.key = Some(key.into_iter().map(|value| value.to_string()).collect());
        self
    }

    /// Rows that this deletion took, in tables that have a `deletion_id`.
    pub fn deletion(mut self, id: Uuid) -> Self {
        self.deletion = Some(id);
        self
    }

    /// Rows archived before then.
    pub fn archived_before(mut self, time: DateTime<Utc>) -> Self {
        self.archived_before = Some(time);
        self
    }

    /// Rows archived then or after.
    pub fn archived_after(mut self, time: DateTime<Utc>) -> Self {
        self.archived_after = Some(time);
        self
    }

    /// Goes on after this entry, the last one of the page before.
    pub fn before_id(mut self, id: i64) -> Self {
        self.before_id = Some(id);
        self
    }

    /// As many at most. Without a limit all are loaded.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Reads them, the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Db`], such as for a missing table.
    pub async fn all<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<ArchivedRow>, Error> {
        let equal = match (&self.table, &self.key) {
            (Some(table), Some(key)) => equals_key(db, table, key).await?,
            _ => None,
        };
        let select = self.statement(dialect::of(db.get_database_backend())?, equal);
        let rows = db.query_all(&select).await?;
        let rows = rows.iter().map(read);
        rows.map(|stored| Ok(stored?.row)).collect()
    }

    /// How many there are, whatever the [`limit`](Self::limit).
    ///
    /// # Errors
    ///
    /// [`Error::Db`], such as for a missing table.
    pub async fn count<C: ConnectionTrait>(&self, db: &C) -> Result<u64, Error> {
        let equal = match (&self.table, &self.key) {
            (Some(table), Some(key)) => equals_key(db, table, key).await?,
            _ => None,
        };
        let mut entries = self.statement(dialect::of(db.get_database_backend())?, equal);
        entries
            .clear_selects()
            .clear_order_by()
            .reset_limit()
            .expr_as(Expr::col(iden(ID)).count(), ID);
        let row = db.query_one(&entries).await?;
        let rows: i64 = row.map(|row| row.try_get("", ID)).transpose()?.unwrap_or(0);
        Ok(rows.unsigned_abs())
    }

    fn statement(&self, dialect: &dyn Dialect, equal: Option<Expr>) -> SelectStatement {
        let col = |name| Expr::col(iden(name));
        let mut select = self.archive.select(dialect);
        if let Some(table) = &self.table {
            select.and_where(ArchiveTable::is_of_table(&table.to_string()));
        }
        if let Some(key) = &self.key {
            let exact = col(ROW_KEY).eq(key_of_texts(dialect, key));
            select.and_where(match equal {
                Some(equal) => exact.or(equal),
                None => exact,
            });
        }
        if let Some(id) = self.deletion {
            select.and_where(col(DELETION_ID).eq(id));
        }
        if let Some(time) = self.archived_before {
            select.and_where(col(ARCHIVED_AT).lt(time));
        }
        if let Some(time) = self.archived_after {
            select.and_where(col(ARCHIVED_AT).gte(time));
        }
        if let Some(id) = self.before_id {
            select.and_where(col(ID).lt(id));
        }
        if let Some(rows) = self.limit {
            select.limit(rows);
        }
        select.order_by(iden(ID), Order::Desc).to_owned()
    }
}

/// An entry as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) row: ArchivedRow,
    /// The row's JSON, letter by letter.
    pub(crate) data: String,
}

impl Stored {
    pub(crate) fn row_key(&self) -> Box<RowKey> {
        Box::new(RowKey {
            table: self.row.table.clone(),
            key: self.row.key.clone(),
        })
    }
}

pub(super) fn read(row: &QueryResult) -> Result<Stored, Error> {
    let data: String = row.try_get("", DATA)?;
    let key: String = row.try_get("", ROW_KEY)?;
    let archived_at = TimeKind::ChronoUtc.read(row, ARCHIVED_AT)?;
    let row = ArchivedRow {
        id: row.try_get("", ID)?,
        table: row.try_get("", TABLE_NAME)?,
        key: parse_key(&key)?,
        deletion_id: row.try_get("", DELETION_ID)?,
        deleted_at: TimeKind::ChronoUtc.read(row, DELETED_AT)?,
        archived_at: archived_at.unwrap_or_default(),
        fingerprint: row.try_get("", FINGERPRINT)?,
        data: parse(&data)?,
    };
    Ok(Stored { row, data })
}

fn parse(json: &str) -> Result<Json, Error> {
    serde_json::from_str(json)
        .map_err(|error| Error::Db(DbErr::Json(format!("in the archive: {error}"))))
}

/// SQLite lets a primary key be NULL.
fn parse_key(json: &str) -> Result<Vec<String>, Error> {
    let text = |value: &Json| value.as_str().unwrap_or("NULL").to_owned();
    let key = parse(json)?;
    Ok(key.as_array().into_iter().flatten().map(text).collect())
}

pub(crate) fn read_ids(rows: &[QueryResult]) -> Result<Vec<i64>, Error> {
    let ids = rows.iter().map(|row| row.try_get("", ID));
    Ok(ids.collect::<Result<_, DbErr>>()?)
}

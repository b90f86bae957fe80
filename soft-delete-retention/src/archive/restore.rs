//! Putting rows back from the archive into their tables.

mod explain;
mod order;
mod same;
mod statements;

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DbErr, Order, TransactionSession as _, TransactionTrait,
    sea_query::{Expr, ExprTrait as _, IntoTableRef, Query},
};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    ArchiveError, ArchiveTable,
    compare::equals_key,
    encode::key_of_texts,
    entries::{Stored, read},
    table::{DELETED_AT, DELETION_ID, ID, ROW_KEY},
};
use crate::dialect;
use soft_delete_core::{
    Error, Registry, TableCounts, TableName,
    engine_api::{dialect::locks_rows, rows::iden, transaction},
};
use soft_delete_schema::schema_api::catalog::Catalog;
use statements::Insertion;

/// A restore from the archive that doesn't know yet of what: from [`ArchiveTable::restore`].
#[derive(Clone, Debug)]
#[must_use = "it does nothing until it is told what to restore, and `exec(&db)` is awaited"]
pub struct RestoreArchived<'a> {
    archive: &'a ArchiveTable,
}

/// A restore from the archive.
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `exec(&db)` is awaited"]
pub struct RestoreRows<'a> {
    archive: &'a ArchiveTable,
    wanted: Wanted,
    registry: Option<Registry>,
}

#[derive(Clone, Debug)]
enum Wanted {
    Entry(i64),
    Row(TableName, Vec<String>),
    Deletion(Uuid),
}

/// What a restore from the archive has put back.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RestoredRows {
    tables: TableCounts,
    /// Values whose columns the tables no longer have. Nothing else keeps them now.
    pub dropped: Vec<DroppedValue>,
    /// Columns that the tables have gained since, whose default the rows have.
    pub defaulted: Vec<DefaultedColumn>,
}

/// An archived value whose column is gone.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DroppedValue {
    /// The row's table.
    pub table: TableName,
    /// Its key.
    pub key: Vec<String>,
    /// The column that was.
    pub column: String,
    /// The value, as in [`ArchivedRow::data`](super::ArchivedRow::data). It is not NULL.
    pub value: Json,
}

/// A column that a restored row has no value of its own for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DefaultedColumn {
    /// The table.
    pub table: TableName,
    /// The column.
    pub column: String,
    /// How many of the rows have its default.
    pub rows: u64,
}

impl ArchiveTable {
    /// Puts rows back into their tables, as they were archived: deleted, with their stamp. So they are in the trash again, and
    /// a restore of the row, or [`Undo`](soft_delete_core::Undo), makes them active with all its checks.
    ///
    /// ```no_run
    /// # use sea_orm::DatabaseConnection;
    /// # use soft_delete::{Error, Undo, archive::ArchiveTable};
    /// # async fn undo(db: &DatabaseConnection, deletion: sea_orm::prelude::Uuid) -> Result<(), Error> {
    /// let rows = ArchiveTable::new().restore().deletion(deletion).exec(db).await?;
    /// println!("{:?}", rows.rows_by_table());
    /// Undo::deletion(deletion).exec(db).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The table may have changed since. Columns that it lost are [told](RestoredRows::dropped), with their values; columns that
    /// it gained take their default and are [told](RestoredRows::defaulted). Each row is read again and compared: where a column
    /// has got another type, its value must be the same in it, such as 7 in a `bigint` that was an `integer`.
    ///
    /// All is done in one transaction, which also removes the entries; with an error, nothing is. It takes a few statements for
    /// each row.
    pub fn restore(&self) -> RestoreArchived<'_> {
        RestoreArchived { archive: self }
    }
}

impl<'a> RestoreArchived<'a> {
    /// The row of one entry.
    pub fn entry(self, id: i64) -> RestoreRows<'a> {
        self.wanted(Wanted::Entry(id))
    }

    /// The row of that key, as it was archived last: `.row("post", [7])`. Keys are compared as the table compares them.
    pub fn row<K: ToString>(
        self,
        table: impl IntoTableRef,
        key: impl IntoIterator<Item = K>,
    ) -> RestoreRows<'a> {
        let key = key.into_iter().map(|value| value.to_string()).collect();
        self.wanted(Wanted::Row(TableName::of(&table.into_table_ref()), key))
    }

    /// All archived rows of that deletion, parents before children.
    ///
    /// Rows of tables without `deletion_id` are known by their `deleted_at`, as for any restore.
    pub fn deletion(self, id: Uuid) -> RestoreRows<'a> {
        self.wanted(Wanted::Deletion(id))
    }

    fn wanted(self, wanted: Wanted) -> RestoreRows<'a> {
        RestoreRows {
            archive: self.archive,
            wanted,
            registry: None,
        }
    }
}

/// An error, and the row that it came with.
struct Failure<'t> {
    error: Error,
    row: Option<(&'t Insertion<'t>, &'t Stored)>,
}

impl<E: Into<Error>> From<E> for Failure<'_> {
    fn from(error: E) -> Self {
        let error = error.into();
        Self { error, row: None }
    }
}

impl RestoreRows<'_> {
    /// Restores with the entities of this registry, and not of [`Registry::global`].
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// - [`ArchiveError::NotArchived`], and [`Error::NoEntities`].
    /// - [`ArchiveError::RowExists`], [`ArchiveError::ParentMissing`], [`ArchiveError::ValueChanged`] and
    ///   [`ArchiveError::MissingValues`], each with the first row in question; [`ArchiveError::Refused`] for what else the
    ///   database has against a row.
    /// - [`SchemaError::UnknownTable`](soft_delete_core::SchemaError::UnknownTable) if a row's table is gone.
    pub async fn exec<C>(self, db: &C) -> Result<RestoredRows, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db, true).await
    }

    /// What [`exec`](Self::exec) would put back, or the error that it would end with: whether the database takes a row shows only
    /// when it gets it, so that all is written in a transaction, which is rolled back.
    ///
    /// # Errors
    ///
    /// Those of [`exec`](Self::exec).
    pub async fn plan<C>(self, db: &C) -> Result<RestoredRows, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        self.run(db, false).await
    }

    async fn run<C>(self, db: &C, is_kept: bool) -> Result<RestoredRows, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let registry = self.registry.as_ref().unwrap_or(Registry::global());
        registry.require_entities()?;
        let transaction = transaction::begin(db).await?;
        let (catalog, stored) = match self.look(&transaction).await {
            Ok(found) => found,
            Err(error) => return Err(transaction::abort(db, transaction, error).await),
        };
        let insertions = match self.prepare(&transaction, &catalog, &stored).await {
            Ok(insertions) => insertions,
            Err(error) => return Err(transaction::abort(db, transaction, error).await),
        };
        match self.put_back(&transaction, &insertions, &stored).await {
            Ok(restored) => {
                match is_kept {
                    true => transaction.commit().await?,
                    false => transaction.rollback().await?,
                }
                Ok(restored)
            }
            Err(Failure { error, row }) => {
                let error = transaction::abort(db, transaction, error).await;
                match row {
                    Some((insertion, stored)) => Err(insertion.explain(db, stored, error).await),
                    None => Err(error),
                }
            }
        }
    }

    /// Reads and locks the entries, and what the database knows of their tables.
    async fn look<C: ConnectionTrait>(&self, db: &C) -> Result<(Catalog, Vec<Stored>), Error> {
        let stored = self.entries(db).await?;
        if stored.is_empty() {
            let wanted = match &self.wanted {
                Wanted::Entry(id) => format!("entry {id}"),
                Wanted::Row(table, key) => format!("row ({}) of `{table}`", key.join(", ")),
                Wanted::Deletion(id) => format!("row of the deletion {id}"),
            };
            return Err(ArchiveError::not_archived(wanted).into());
        }
        let mut tables: Vec<_> = stored
            .iter()
            .map(|entry| table_of(&entry.row.table).0)
            .collect();
        tables.sort_unstable();
        tables.dedup();
        let catalog = Catalog::of_tables(db, &tables.iter().collect::<Vec<_>>()).await?;
        Ok((catalog, stored))
    }

    async fn entries<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Stored>, Error> {
        let dialect = dialect::of(db.get_database_backend())?;
        let col = |name| Expr::col(iden(name));
        let mut select = self.archive.select(dialect);
        match &self.wanted {
            Wanted::Entry(id) => {
                select.and_where(col(ID).eq(*id));
            }
            Wanted::Row(table, key) => {
                let exact = col(ROW_KEY).eq(key_of_texts(dialect, key));
                let equal = match equals_key(db, table, key).await? {
                    Some(equal) => exact.or(equal),
                    None => exact,
                };
                select
                    .and_where(ArchiveTable::is_of_table(&table.to_string()))
                    .and_where(equal)
                    .order_by(iden(ID), Order::Desc)
                    .limit(1);
            }
            Wanted::Deletion(id) => {
                let times = Query::select()
                    .column(iden(DELETED_AT))
                    .from(self.archive.name.to_ref())
                    .and_where(col(DELETION_ID).eq(*id))
                    .to_owned();
                let same_time = col(DELETED_AT).in_subquery(times);
                let by_time = col(DELETION_ID).is_null().and(same_time);
                select
                    .and_where(col(DELETION_ID).eq(*id).or(by_time))
                    .order_by(iden(ID), Order::Asc);
            }
        }
        if locks_rows(dialect.backend()) {
            select.lock_exclusive();
        }
        db.query_all(&select).await?.iter().map(read).collect()
    }

    /// What is to be written into each table, by the table's name in the archive and the columns that the entry has.
    async fn prepare<'t, C: ConnectionTrait>(
        &self,
        db: &C,
        catalog: &'t Catalog,
        stored: &[Stored],
    ) -> Result<BTreeMap<Shape, Insertion<'t>>, Error> {
        let mut insertions = BTreeMap::new();
        for entry in stored {
            let shape = shape_of(entry);
            if !insertions.contains_key(&shape) {
                let (name, deleted_at) = table_of(&entry.row.table);
                require_time(&name)?;
                let insertion = Insertion::new(db, catalog, name, deleted_at, &shape.1).await?;
                insertions.insert(shape.clone(), insertion);
            }
            if let Some(insertion) = insertions.get(&shape)
                && !insertion.missing.is_empty()
            {
                return Err(ArchiveError::missing_values(
                    entry.row_key(),
                    insertion.missing.clone(),
                )
                .into());
            }
        }
        Ok(insertions)
    }

    async fn put_back<'t, C: ConnectionTrait>(
        &self,
        db: &C,
        insertions: &'t BTreeMap<Shape, Insertion<'t>>,
        stored: &'t [Stored],
    ) -> Result<RestoredRows, Failure<'t>> {
        let mut restored = RestoredRows::default();
        let insertion_of = |entry: &Stored| insertions.get(&shape_of(entry));
        for place in order::parents_first(stored, insertion_of) {
            let entry = &stored[place];
            let Some(insertion) = insertion_of(entry) else {
                continue;
            };
            if let Err(error) = insertion.insert(db, entry).await {
                let row = Some((insertion, entry));
                return Err(Failure { error, row });
            }
            restored.add(insertion, entry);
        }
        let ids: Vec<_> = stored.iter().map(|entry| entry.row.id).collect();
        let removed = self.archive.remove(db, &ids).await?;
        if removed != ids.len() as u64 {
            let message = "entries were removed from the archive by another transaction";
            return Err(DbErr::RecordNotFound(message.to_owned()).into());
        }
        Ok(restored)
    }
}

impl RestoredRows {
    /// How many rows, of all tables.
    pub fn rows_affected(&self) -> u64 {
        self.tables.total()
    }

    /// How many rows of each table, parents first.
    pub fn rows_by_table(&self) -> &TableCounts {
        &self.tables
    }

    fn add(&mut self, insertion: &Insertion<'_>, entry: &Stored) {
        let table = &insertion.name;
        self.tables.extend([(table.clone(), 1)]);
        for column in &insertion.dropped {
            let value = &entry.row.data[column];
            if !value.is_null() {
                self.dropped.push(DroppedValue {
                    table: table.clone(),
                    key: entry.row.key.clone(),
                    column: column.clone(),
                    value: value.clone(),
                });
            }
        }
        for column in &insertion.defaulted {
            let is_it =
                |known: &&mut DefaultedColumn| known.table == *table && known.column == *column;
            match self.defaulted.iter_mut().find(is_it) {
                Some(known) => known.rows += 1,
                None => self.defaulted.push(DefaultedColumn {
                    table: table.clone(),
                    column: column.clone(),
                    rows: 1,
                }),
            }
        }
    }
}

/// A table's name in the archive, and the columns of an entry of it.
type Shape = (String, Vec<String>);

fn shape_of(entry: &Stored) -> Shape {
    let columns = entry.row.data.as_object().into_iter();
    let columns = columns.flat_map(|data| data.keys().cloned()).collect();
    (entry.row.table.clone(), columns)
}

/// Whether rows of that table are made active by NULL, as they were when they were archived.
fn require_time(table: &TableName) -> Result<(), Error> {
    let mut entities = Registry::global().entities();
    match entities.find(|meta| meta.table == *table) {
        Some(meta) => meta.stamp.require_time(table, "the archive"),
        None => Ok(()),
    }
}

/// The table of that name in the archive, and its `deleted_at` if it is still soft-deletable.
fn table_of(written: &str) -> (TableName, Option<String>) {
    let mut entities = Registry::global().entities();
    if let Some(meta) = entities.find(|meta| meta.table == written) {
        return (meta.table.clone(), Some(meta.stamp.deleted_at.clone()));
    }
    let name = match written.split_once('.') {
        Some((schema, name)) => TableName {
            schema: Some(schema.to_owned()),
            name: name.to_owned(),
        },
        None => TableName::new(written),
    };
    (name, None)
}

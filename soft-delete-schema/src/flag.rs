//! From an `is_deleted` flag to `deleted_at`, and back.

use chrono::{SubsecRound as _, Utc};
use sea_orm::{
    ConnectionTrait, Statement, TransactionTrait, Value,
    sea_query::{IntoIden, IntoTableRef},
};

use super::{
    Change, SoftDeleteColumns, UniqueActiveIndex,
    catalog::{self, Catalog},
    change::{apply, exec_all},
    columns::{drop_column, refuse_if_indexed},
    dialect::Dialect,
    duplicates::{self, Key},
    index,
    marked::Marked,
    marker::{MARKER, Marker},
    sql::{object_name, quote_all},
    step::Step,
    table::{Index, Table},
    unique::drop_index,
};
use soft_delete_core::{Error, Scope, TableName};

/// Turns a flag such as `is_deleted` into `deleted_at`, and back.
///
/// [`exec`](Self::exec), on PostgreSQL with its defaults:
///
/// ```sql
/// ALTER TABLE "post" ADD COLUMN "deleted_at" timestamp with time zone NULL;
/// UPDATE "post" SET "deleted_at" = $1 WHERE "is_deleted" AND "deleted_at" IS NULL;
/// ALTER TABLE "post" DROP COLUMN "is_deleted";
/// ```
///
/// The flag may be a boolean or an integer; NULL counts as active. A unique index over some columns and the flag, which allows
/// one deleted row for each value and refuses the second, becomes a [`UniqueActiveIndex`] over those columns.
///
/// Let nothing write to the table meanwhile. On MySQL and MariaDB each step commits by itself, and a row that another program flags
/// after the column was filled is active when the flag is gone; on PostgreSQL the same holds if `deleted_at` was there before.
///
/// A flag doesn't tell when a row was deleted. All rows that are converted get the present time, or what
/// [`deleted_at_from`](Self::deleted_at_from) names. Without `deletion_id`, rows of equal `deleted_at` count as one deletion:
/// restoring a row then brings back those of them that are below it.
///
/// ```
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::schema::FlagConversion;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// db.execute_unprepared(
///     "CREATE TABLE post (id INTEGER PRIMARY KEY, is_deleted BOOLEAN NOT NULL DEFAULT FALSE, updated_at TEXT)",
/// )
/// .await?;
///
/// let conversion = FlagConversion::on("post").deleted_at_from("updated_at");
/// for change in conversion.plan(&db).await? {
///     println!("{change}"); // what `exec` will do
/// }
/// conversion.exec(&db).await?;
/// db.execute_unprepared("SELECT deleted_at FROM post").await?;
/// conversion.revert(&db).await?;
/// db.execute_unprepared("SELECT is_deleted FROM post").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `exec(&db)` or `revert(&db)` is awaited"]
pub struct FlagConversion {
    table: TableName,
    flag: String,
    deleted_at: String,
    deleted_at_from: Option<String>,
}

impl FlagConversion {
    /// Of the flag `is_deleted` of that table.
    pub fn on(table: impl IntoTableRef) -> Self {
        Self {
            table: TableName::of(&table.into_table_ref()),
            flag: "is_deleted".to_owned(),
            deleted_at: "deleted_at".to_owned(),
            deleted_at_from: None,
        }
    }

    /// Another name for the flag.
    pub fn flag_named(mut self, column: impl IntoIden) -> Self {
        self.flag = column.into_iden().to_string();
        self
    }

    /// Another name for `deleted_at`.
    pub fn deleted_at_named(mut self, column: impl IntoIden) -> Self {
        self.deleted_at = column.into_iden().to_string();
        self
    }

    /// The column that tells best when a deleted row was deleted, such as `updated_at`. Where it is NULL the present time is
    /// taken.
    pub fn deleted_at_from(mut self, column: impl IntoIden) -> Self {
        self.deleted_at_from = Some(column.into_iden().to_string());
        self
    }

    /// Adds `deleted_at`, fills it, and drops the flag; tells what was done. A run that was interrupted is completed.
    ///
    /// # Errors
    ///
    /// [`SchemaError::ColumnIndexed`](super::SchemaError::ColumnIndexed) if an index that is not unique uses the flag; [`SchemaError::UnknownTable`](super::SchemaError::UnknownTable),
    /// [`SchemaError::UnknownColumn`](super::SchemaError::UnknownColumn), [`SchemaError::ColumnMismatch`](super::SchemaError::ColumnMismatch), [`SchemaError::Privilege`](super::SchemaError::Privilege). They come before anything is
    /// changed.
    pub async fn exec<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        apply(db, &[&self.table], |catalog| self.plan_convert(catalog)).await
    }

    /// What [`exec`](Self::exec) would do: nothing is changed.
    ///
    /// # Errors
    ///
    /// Those of [`exec`](Self::exec) that come before anything is changed.
    pub async fn plan<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Change>, Error> {
        let catalog = Catalog::of_table(db, &self.table).await?;
        self.plan_convert(&catalog)
    }

    /// Adds the flag, sets it in deleted rows, and drops `deleted_at`; tells what was done.
    ///
    /// The times are lost. An index that is unique among active rows becomes one over its columns and the flag.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Duplicates`](super::SchemaError::Duplicates) if two deleted rows have equal values in columns of such an index;
    /// [`SchemaError::ColumnIndexed`](super::SchemaError::ColumnIndexed) if another index uses `deleted_at`; [`SchemaError::UnknownTable`](super::SchemaError::UnknownTable),
    /// [`SchemaError::UnknownColumn`](super::SchemaError::UnknownColumn), [`SchemaError::Privilege`](super::SchemaError::Privilege). They come before anything is changed.
    pub async fn revert<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let catalog = Catalog::of_table(db, &self.table).await?;
        let changes = self.plan_revert(&catalog)?;
        for columns in self.unique_active(catalog.require(&self.table)?, catalog.dialect) {
            let key = Key {
                table: &self.table,
                columns: &columns,
                marked: &Marked::by(&self.deleted_at),
                compared: None,
            };
            duplicates::check(db, catalog.dialect, &key, Scope::OnlyDeleted).await?;
        }
        exec_all(db, &changes).await?;
        Ok(changes)
    }

    fn plan_convert(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let dialect = catalog.dialect;
        let table = catalog.require(&self.table)?;
        if table.column(&self.flag).is_none() && table.column(&self.deleted_at).is_some() {
            return Ok(Vec::new());
        }
        let named = [Some(&self.flag), self.deleted_at_from.as_ref()];
        catalog::require_columns(&self.table, table, named.into_iter().flatten())?;
        let uniques = self.uniques_with_flag(table)?;

        let columns = SoftDeleteColumns::new().deleted_at_named(self.deleted_at.clone());
        let mut changes = columns.missing(&self.table, table, dialect)?;
        changes.push(self.fill_deleted_at(dialect, table));
        let mut marker = Marker::of(table);
        for (index, columns) in uniques {
            let unique = self.unique_active_index(columns);
            changes.push(unique.create_new(dialect, marker));
            changes.push(drop_index(dialect, &self.table, table, index));
            marker = Marker::Present;
        }
        changes.push(drop_column(dialect, &self.table, &self.flag));
        Ok(changes)
    }

    fn plan_revert(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let dialect = catalog.dialect;
        let table = catalog.require(&self.table)?;
        if table.column(&self.deleted_at).is_none() && table.column(&self.flag).is_some() {
            return Ok(Vec::new());
        }
        catalog::require_columns(&self.table, table, [&self.deleted_at])?;
        let uniques = self.unique_active(table, dialect);
        let mut without = table.clone();
        without.indexes.retain(|index| {
            !uniques.iter().any(|columns| {
                index::is_unique_active(
                    table,
                    index,
                    columns,
                    &Marked::by(&self.deleted_at),
                    dialect,
                )
            })
        });
        refuse_if_indexed(&self.table, &without, &self.deleted_at)?;

        let mut changes = Vec::new();
        if table.column(&self.flag).is_none() {
            changes.push(self.add_flag(dialect));
        }
        changes.push(self.fill_flag(dialect));
        for columns in &uniques {
            let unique = self.unique_active_index(columns.clone());
            changes.push(self.create_unique_with_flag(dialect, columns));
            changes.extend(unique.drop_indexes(table, dialect, Marker::Present));
        }
        if table.column(MARKER).is_some() {
            changes.push(drop_column(dialect, &self.table, MARKER));
        }
        changes.push(drop_column(dialect, &self.table, &self.deleted_at));
        Ok(changes)
    }

    /// The unique indexes over some columns and the flag, with those columns.
    fn uniques_with_flag<'t>(
        &self,
        table: &'t Table,
    ) -> Result<Vec<(&'t Index, Vec<String>)>, Error> {
        let mut rest = table.clone();
        let mut found = Vec::new();
        for index in &table.indexes {
            let is_flag = |name: &&str| table.same_column(name, &self.flag);
            let columns: Vec<_> = index
                .columns()
                .filter(|name| !is_flag(name))
                .map(ToOwned::to_owned)
                .collect();
            if index::is_plain(index)
                && !columns.is_empty()
                && index.columns().any(|name| is_flag(&name))
            {
                rest.indexes.retain(|other| other.name != index.name);
                found.push((index, columns));
            }
        }
        refuse_if_indexed(&self.table, &rest, &self.flag)?;
        Ok(found)
    }

    fn unique_active_index(&self, columns: Vec<String>) -> UniqueActiveIndex {
        UniqueActiveIndex::on(self.table.to_ref())
            .cols(columns)
            .deleted_at_named(self.deleted_at.clone())
    }

    /// The columns of indexes that are unique among active rows.
    fn unique_active(&self, table: &Table, dialect: &dyn Dialect) -> Vec<Vec<String>> {
        let mut all: Vec<Vec<String>> = Vec::new();
        for index in &table.indexes {
            let generated = |name: &str| {
                table
                    .column(name)
                    .is_some_and(|column| column.generated.is_some())
            };
            let columns: Vec<_> = index
                .columns()
                .filter(|name| !generated(name))
                .map(ToOwned::to_owned)
                .collect();
            if index::is_unique_active(
                table,
                index,
                &columns,
                &Marked::by(&self.deleted_at),
                dialect,
            ) && !all.contains(&columns)
            {
                all.push(columns);
            }
        }
        all
    }

    fn fill_deleted_at(&self, dialect: &dyn Dialect, table: &Table) -> Change {
        let deleted_at = dialect.quote(&self.deleted_at);
        let now = dialect.placeholder(1);
        let time = match &self.deleted_at_from {
            Some(column) => format!("COALESCE({}, {now})", dialect.quote(column)),
            None => now,
        };
        let flag = table.column(&self.flag);
        let type_name = flag.map_or("", |column| &column.type_name);
        let is_set = dialect.is_true(&dialect.quote(&self.flag), type_name);
        let sql = format!(
            "UPDATE {} SET {deleted_at} = {time} WHERE {is_set} AND {deleted_at} IS NULL",
            dialect.quote_table(&self.table),
        );
        let values = [Value::from(Utc::now().trunc_subsecs(6))];
        let description = format!(
            "fill `{}` of `{}` from `{}`",
            self.deleted_at, self.table, self.flag
        );
        Change::new(&self.table, description).step(Step::Write(Statement::from_sql_and_values(
            dialect.backend(),
            sql,
            values,
        )))
    }

    fn add_flag(&self, dialect: &dyn Dialect) -> Change {
        let description = format!("add the column `{}` to `{}`", self.flag, self.table);
        Change::new(&self.table, description).sql(format!(
            "ALTER TABLE {} ADD COLUMN {} boolean NOT NULL DEFAULT FALSE",
            dialect.quote_table(&self.table),
            dialect.quote(&self.flag),
        ))
    }

    fn fill_flag(&self, dialect: &dyn Dialect) -> Change {
        let description = format!(
            "fill `{}` of `{}` from `{}`",
            self.flag, self.table, self.deleted_at
        );
        Change::new(&self.table, description).sql(format!(
            "UPDATE {} SET {} = TRUE WHERE {} IS NOT NULL",
            dialect.quote_table(&self.table),
            dialect.quote(&self.flag),
            dialect.quote(&self.deleted_at),
        ))
    }

    fn create_unique_with_flag(&self, dialect: &dyn Dialect, columns: &[String]) -> Change {
        let mut columns = columns.to_vec();
        columns.push(self.flag.clone());
        let name = object_name("uq", &self.table.name, &columns, "");
        let description = format!("create the index `{name}` of `{}`", self.table);
        Change::new(&self.table, description).sql(format!(
            "CREATE UNIQUE INDEX {} ON {} ({})",
            dialect.quote(&name),
            dialect.quote_table(&self.table),
            quote_all(dialect, &columns),
        ))
    }
}

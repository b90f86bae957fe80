//! One change of a schema, and the running of several.

use std::fmt;

use sea_orm::{ConnectionTrait, DbErr, Statement, TransactionTrait};

use super::{
    SchemaError,
    catalog::Catalog,
    dialect::{self, Dialect},
    step::Step,
};
use soft_delete_core::{
    Error, TableName,
    engine_api::{
        dialect::{is_missing_privilege, is_retryable},
        transaction,
    },
};

/// One change of a table's schema: what it does, and the statements that do it.
///
/// [`SchemaSync::plan`](super::SchemaSync::plan) and the [`doctor`](super::doctor) propose changes; [`exec`](Self::exec)
/// makes one. `Display` shows what it does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    table: TableName,
    description: String,
    steps: Vec<Step>,
    outside_transactions: bool,
}

impl Change {
    /// `description` reads on from "can't" and "the privilege to".
    pub fn new(table: &TableName, description: impl Into<String>) -> Self {
        Self {
            table: table.clone(),
            description: description.into(),
            steps: Vec::new(),
            outside_transactions: false,
        }
    }

    pub(crate) fn outside_transactions(mut self) -> Self {
        self.outside_transactions = true;
        self
    }

    #[doc(hidden)]
    pub fn sql(mut self, sql: impl Into<String>) -> Self {
        self.steps.push(Step::Sql(sql.into()));
        self
    }

    pub(crate) fn steps(self, steps: impl IntoIterator<Item = Step>) -> Self {
        steps.into_iter().fold(self, Self::step)
    }

    pub(crate) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Whether it edits the definition of a table.
    pub(crate) fn is_in_place(&self) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| matches!(step, Step::InPlace(_)))
    }

    /// The table that is changed.
    pub fn table(&self) -> &TableName {
        &self.table
    }

    /// What it does, such as ``create the index `idx_post_slug_active` of `post` ``.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The statements, in their order.
    ///
    /// SQLite has none for some changes of a table: there a comment says what [`exec`](Self::exec) does.
    pub fn statements(&self) -> Vec<String> {
        self.steps.iter().map(ToString::to_string).collect()
    }

    /// Makes the change: in a transaction on PostgreSQL and SQLite, statement by statement on MySQL and MariaDB.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Privilege`] and [`SchemaError::Refused`], with the database's own error.
    pub async fn exec<C>(&self, db: &C) -> Result<(), Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        exec_all(db, std::slice::from_ref(self)).await
    }

    async fn run<C: ConnectionTrait>(&self, db: &C) -> Result<(), Error> {
        for step in &self.steps {
            step.run(db)
                .await
                .map_err(|error| refused(&self.description, error))?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// Makes the changes that are planned from what the database has of some tables, and gives them.
pub async fn apply<C>(
    db: &C,
    tables: &[&TableName],
    plan: impl FnOnce(&Catalog) -> Result<Vec<Change>, Error>,
) -> Result<Vec<Change>, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    let catalog = Catalog::of_tables(db, tables).await?;
    let changes = plan(&catalog)?;
    exec_all(db, &changes).await?;
    Ok(changes)
}

/// Makes all the changes, or none where DDL is part of a transaction.
pub async fn exec_all<C>(db: &C, changes: &[Change]) -> Result<(), Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    if changes.is_empty() {
        return Ok(());
    }
    let dialect = dialect::of_backend(db.get_database_backend())?;
    let is_outside = changes.iter().any(|change| change.outside_transactions);
    if is_outside || !dialect.has_transactional_ddl() {
        return run_all(db, changes).await;
    }
    let transaction = begin(db, dialect).await?;
    let done = run_all(&transaction, changes).await;
    transaction::end(db, transaction, done).await
}

/// A transaction that knows the schema as it is now.
pub(crate) async fn begin<C>(db: &C, dialect: &dyn Dialect) -> Result<C::Transaction, Error>
where
    C: ConnectionTrait + TransactionTrait,
{
    let transaction = transaction::begin(db).await?;
    match reload_schema(&transaction, dialect).await {
        Ok(()) => Ok(transaction),
        Err(error) => Err(transaction::abort(db, transaction, error).await),
    }
}

/// A connection of SQLite learns that another changed the schema when it next reads a table; until then DDL is checked against
/// the schema that it remembers.
async fn reload_schema<C: ConnectionTrait>(db: &C, dialect: &dyn Dialect) -> Result<(), Error> {
    if dialect.remembers_schema() {
        let sql = "SELECT COUNT(*) FROM sqlite_master";
        db.query_one_raw(Statement::from_string(dialect.backend(), sql))
            .await?;
    }
    Ok(())
}

pub(crate) async fn run_all<C: ConnectionTrait>(db: &C, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        change.run(db).await?;
    }
    Ok(())
}

/// The error of a change that the database refused.
pub fn refused(action: &str, source: DbErr) -> Error {
    let action = action.to_owned();
    if is_retryable(&source) {
        Error::Contention(source)
    } else if is_missing_privilege(&source) {
        SchemaError::privilege(action, source).into()
    } else {
        SchemaError::refused(action, source).into()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;

        let mut change = serializer.serialize_struct("Change", 3)?;
        change.serialize_field("table", &self.table.to_string())?;
        change.serialize_field("description", &self.description)?;
        change.serialize_field("statements", &self.statements())?;
        change.end()
    }
}

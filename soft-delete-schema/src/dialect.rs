//! What the databases do differently in a schema: one file for each, and what they have in common as the methods' defaults.

mod mariadb;
mod mysql;
mod postgres;
mod queries;
mod sqlite;
mod version;
pub(crate) mod views;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

pub use crate::sql::SqlDialect;
use crate::{
    SchemaError,
    step::Step,
    table::{Column, ForeignKey, Index, Table},
};
pub use mysql::{MYSQL, MySql};
pub use postgres::Postgres;
pub(crate) use queries::{Queries, SearchPath};
use soft_delete_core::{
    EntityMeta, Error, TableName, TimeKind,
    engine_api::dialect::{self as core, Server},
};
pub use sqlite::Sqlite;
pub(crate) use version::OldestVersion;
use views::Views;

/// How a database describes and changes its tables.
pub(crate) trait Dialect: SqlDialect {
    /// Gives one text.
    fn version_query(&self) -> &'static str;

    fn oldest_version(&self) -> OldestVersion;

    fn catalog_queries(&self) -> &'static Queries;

    /// Whether names that differ in case alone mean one table or column.
    fn folds_case(&self) -> bool {
        true
    }

    /// How it makes a schema of views; `None` where there are no schemas.
    fn views(&self) -> Option<&dyn Views> {
        None
    }

    /// Whether a connection goes by the schema that it has read, until it reads a table again.
    fn remembers_schema(&self) -> bool {
        false
    }

    /// Whether DDL is part of a transaction.
    fn has_transactional_ddl(&self) -> bool {
        core::has_transactional_ddl(self.backend())
    }

    /// Whether an index can be over a part of the rows.
    fn has_partial_indexes(&self) -> bool {
        core::has_partial_indexes(self.backend())
    }

    /// The column that tells active rows in an index; `None` where an index may be over active rows alone.
    fn active_marker(&self, is_active: &str) -> Option<String> {
        let _ = is_active;
        None
    }

    /// A column that is there for an index alone, and that `SELECT *` doesn't show.
    fn hidden_column(&self, name: &str, type_name: &str, expression: &str) -> String {
        let name = self.quote(name);
        format!("{name} {type_name} GENERATED ALWAYS AS ({expression}) VIRTUAL")
    }

    /// Whether an expression may stand in an index as it is.
    fn indexes_expressions(&self) -> bool {
        true
    }

    /// Whether NULLs may be equal in a unique index.
    fn may_compare_nulls(&self) -> bool {
        false
    }

    /// Whether an index can be built while others write to the table.
    fn builds_concurrently(&self) -> bool {
        false
    }

    /// Drops an index, or the constraint that owns it.
    fn drop_index(&self, name: &TableName, table: &Table, index: &Index) -> Step;

    fn drop_not_null(&self, table: &TableName, column: &Column) -> Step;

    fn drop_default(&self, table: &TableName, column: &Column) -> Step;

    /// Makes a foreign key ON DELETE NO ACTION; `None` if its definition can't be read.
    fn drop_cascade(&self, name: &TableName, table: &Table, key: &ForeignKey) -> Option<Vec<Step>>;

    fn can_add_primary_key(&self) -> bool {
        true
    }

    /// What SeaORM's schema sync takes a unique index for when it drops one.
    #[cfg(feature = "schema-sync")]
    fn syncs_indexes_as_constraints(&self) -> bool {
        false
    }

    /// Whether values of `deleted_at` can be written to and read from a column of that type.
    fn holds_time(&self, type_name: &str, zone: TimeZone) -> bool {
        let _ = (type_name, zone);
        true
    }

    /// Whether a column of that type rounds times to less than microseconds.
    fn is_imprecise(&self, type_name: &str) -> bool {
        let _ = type_name;
        false
    }

    /// Whether a column of that type holds no time after January 2038.
    fn ends_in_2038(&self, type_name: &str) -> bool {
        let _ = type_name;
        false
    }

    /// What ALTER TABLE does to a column of times that [is imprecise](Self::is_imprecise) or [ends](Self::ends_in_2038).
    fn widen_time(&self, column: &Column) -> Option<String> {
        let _ = column;
        None
    }

    /// Whether values of `deletion_id` can be written to and read from a column of that type.
    fn holds_uuid(&self, type_name: &str) -> bool {
        let _ = type_name;
        true
    }

    /// Statements that make a column another type and keep its values; none if they can't be read as that type.
    fn retype(&self, table: &TableName, column: &Column, needed: &str) -> Vec<String> {
        let _ = (table, column, needed);
        Vec::new()
    }

    /// Whether a flag is set, whose column has that type.
    fn is_true(&self, flag: &str, type_name: &str) -> String {
        let _ = type_name;
        format!("{flag} <> 0")
    }

    /// An UPDATE of rows by others that they are joined with.
    fn update_joined(&self, update: &JoinedUpdate) -> String {
        let set = update.set.iter();
        let set: Vec<_> = set
            .map(|(column, value)| format!("{column} = {value}"))
            .collect();
        format!(
            "UPDATE {} AS c SET {} FROM {} AS p WHERE {} AND {}",
            update.table,
            set.join(", "),
            update.other,
            update.on,
            update.filter
        )
    }

    /// The function that looks at the parent, where triggers can't have a body of their own.
    fn parent_function(&self, check: &ParentCheck<'_>) -> Option<String> {
        let _ = check;
        None
    }

    /// Drops that function; the table is the one that it is for.
    fn drop_parent_function(&self, table: &Table, function: &str) -> Option<String> {
        let _ = (table, function);
        None
    }

    /// A trigger that looks at the parent.
    fn parent_trigger(&self, check: &ParentCheck<'_>, trigger: &ParentTrigger) -> String;

    fn drop_trigger(&self, table: &TableName, name: &str) -> String {
        let trigger = self.quote_in(table.in_schema(), name);
        format!("DROP TRIGGER {trigger}")
    }

    /// In a trigger, whether a statement changes a column; the name is quoted.
    fn is_changed(&self, column: &str) -> String;

    /// Whether triggers see the rows of one statement together, and not one after the other.
    fn sees_statement(&self) -> bool {
        false
    }

    /// Deleted rows among which times are looked at that no program can read, and what follows a `WHERE` of them. Those are at
    /// one end of an index.
    fn times_to_examine(&self, sample: &TimeSample<'_>) -> String {
        sample.any_rows()
    }

    /// Whether a value of `deleted_at` can't be read as a time.
    fn is_unreadable_time(&self, deleted_at: &str) -> String;

    /// What such a value is.
    fn unreadable_time(&self) -> &'static str;

    /// Whether times are texts, in whatever form a program wrote them.
    fn stores_times_as_text(&self) -> bool {
        false
    }

    /// The primary key of a row `r`, for people.
    fn key_as_text(&self, meta: &EntityMeta) -> String;
}

/// Whether times of an entity's column are stored with a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeZone {
    With,
    Without,
}

impl TimeZone {
    pub(crate) fn of(kind: TimeKind) -> Self {
        match kind.has_zone() {
            true => Self::With,
            false => Self::Without,
        }
    }
}

/// What triggers look at to refuse an active row under a deleted parent.
pub(crate) struct ParentCheck<'c> {
    pub(crate) name: &'c TableName,
    pub(crate) table: &'c Table,
    pub(crate) parent_name: &'c TableName,
    pub(crate) parent: &'c Table,
    pub(crate) parent_deleted_at: &'c str,
    /// The condition that the parent `p` is deleted, where that isn't told by `IS NOT NULL`.
    pub(crate) parent_is_deleted: Option<String>,
    /// Whether a row `p` is the parent of the row NEW, as SQL.
    pub(crate) is_parent: String,
    /// The name of the function, where there is one.
    pub(crate) function: String,
    /// What is said of a row that is refused.
    pub(crate) message: String,
}

/// One of those triggers. Conditions are SQL.
pub(crate) struct ParentTrigger {
    pub(crate) name: String,
    /// INSERT or UPDATE.
    pub(crate) verb: &'static str,
    /// The same with the columns that are looked at, where a trigger names them.
    pub(crate) event: String,
    /// Whether a row is looked at.
    pub(crate) applies: String,
}

/// Rows `c` of a table, joined with rows `p` of another. All texts are SQL.
pub(crate) struct JoinedUpdate {
    pub(crate) table: String,
    pub(crate) other: String,
    pub(crate) on: String,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) filter: String,
}

/// Deleted rows `r` whose times are looked at. All texts are SQL.
pub(crate) struct TimeSample<'s> {
    pub(crate) table: &'s str,
    /// The columns that are needed.
    pub(crate) columns: &'s str,
    pub(crate) deleted_at: &'s str,
    pub(crate) is_indexed: bool,
    pub(crate) limit: u64,
}

impl TimeSample<'_> {
    /// Whatever rows come first.
    fn any_rows(&self) -> String {
        self.first_rows("")
    }

    fn first_rows(&self, order: &str) -> String {
        let Self {
            table,
            columns,
            deleted_at,
            limit,
            ..
        } = self;
        format!(
            "(SELECT {columns} FROM {table} AS r WHERE {deleted_at} IS NOT NULL{order} LIMIT {limit}) AS r WHERE"
        )
    }
}

/// The dialect of a database.
pub(crate) fn of(server: Server) -> &'static dyn Dialect {
    match server {
        Server::Postgres => &Postgres,
        Server::MySql => &MYSQL,
        Server::MariaDb => &mariadb::MARIADB,
        Server::Sqlite => &Sqlite,
    }
}

/// The dialect of a connection by its backend alone, for what MySQL and MariaDB do alike.
pub(crate) fn of_backend(backend: DbBackend) -> Result<&'static dyn Dialect, DbErr> {
    Server::of(backend, None).map(of)
}

/// The dialect of a URL; `None` if it is none of a database that there is a dialect for.
pub(crate) fn of_url(url: &str) -> Option<&'static dyn Dialect> {
    let (scheme, _) = url.split_once(':')?;
    match scheme {
        "postgres" | "postgresql" => Some(&Postgres),
        "mysql" | "mariadb" => Some(&MYSQL),
        "sqlite" => Some(&Sqlite),
        _ => None,
    }
}

/// The dialect of a connection, whose server must not be too old.
pub(crate) async fn supported<C: ConnectionTrait>(db: &C) -> Result<&'static dyn Dialect, Error> {
    let backend = db.get_database_backend();
    let version = of_backend(backend)?.version_query();
    let row = db
        .query_one_raw(Statement::from_string(backend, version))
        .await?;
    let found: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    let dialect = of(Server::of(backend, found.as_deref())?);
    let oldest = dialect.oldest_version();
    match found {
        Some(found) if oldest.is_after(&found) => {
            Err(SchemaError::server_too_old(oldest.server, found, oldest.name).into())
        }
        _ => Ok(dialect),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Server; 4] = [
        Server::Postgres,
        Server::MySql,
        Server::MariaDb,
        Server::Sqlite,
    ];

    #[test]
    fn a_quote_in_an_identifier_ends_nothing() {
        for server in ALL {
            let quote = |name| of(server).quote(name);
            match server {
                Server::Postgres | Server::Sqlite => assert_eq!(quote(r#"a"b"#), r#""a""b""#),
                Server::MySql | Server::MariaDb => assert_eq!(quote("a`b"), "`a``b`"),
            }
        }
    }

    #[test]
    fn a_quote_in_a_text_ends_nothing() {
        let literal = |server| of(server).literal(r"it's \");
        assert_eq!(literal(Server::Postgres), r"'it''s \'");
        assert_eq!(literal(Server::Sqlite), r"'it''s \'");
        assert_eq!(literal(Server::MySql), r"'it''s \\'");
        assert_eq!(literal(Server::MariaDb), r"'it''s \\'");
    }

    #[test]
    fn each_server_has_an_oldest_version_of_its_own() {
        let oldest = ALL.map(|server| {
            let oldest = of(server).oldest_version();
            (oldest.server, oldest.name)
        });
        let expected = [
            ("PostgreSQL", "13"),
            ("MySQL", "8.0"),
            ("MariaDB", "10.6"),
            ("SQLite", "3.35"),
        ];
        assert_eq!(oldest, expected);
    }
}

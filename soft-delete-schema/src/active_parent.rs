//! Triggers that refuse an active row under a deleted parent.

use sea_orm::{
    ConnectionTrait, TransactionTrait,
    sea_query::{Expr, IntoIden, IntoTableRef},
};

use super::{
    Change,
    catalog::{self, Catalog},
    change::apply,
    dialect::{Dialect, ParentCheck, ParentTrigger, SqlDialect},
    marked::Marked,
    sql::{object_name, to_sql},
};
use soft_delete_core::{
    EntityMeta, Error, ForeignKeyMeta, Scope, TableName, engine_api::dialect::UNDER_DELETED_PARENT,
};

/// A pair of triggers that refuse an active row under a deleted parent: when it is inserted, when it is moved, and when it is
/// restored, by whatever program.
///
/// A foreign key only sees to it that the parent exists. The library's own restores check this themselves; the triggers are for
/// inserts, updates, and raw SQL. They fail with SQLSTATE 23503 on PostgreSQL and error 1452 on MySQL and MariaDB, which SeaORM's
/// `sql_err()` gives as `ForeignKeyConstraintViolation`, and with `SQLITE_CONSTRAINT_TRIGGER` on SQLite.
///
/// A row inserted while its parent is being deleted waits for that deletion and is refused then: the trigger locks the parent
/// as a foreign key does (`FOR SHARE` on PostgreSQL, `LOCK IN SHARE MODE` on MySQL and MariaDB). On PostgreSQL this lock is
/// stronger than the foreign key's own: an update of the parent waits for transactions that inserted a child.
///
/// On PostgreSQL they are constraint triggers: `SET CONSTRAINTS … DEFERRED` puts them off until the commit, and rows that one
/// statement restores together are seen together. SQLite, MySQL and MariaDB look at one row after the other, so that a tree could
/// not come back. Where a table refers to itself they don't look at restores there, and nowhere where
/// [`circular`](Self::circular) says that several tables refer to each other in a circle.
///
/// A restore by this library brings back children before parents, which takes the fewest writes. The first one that such a
/// trigger refuses is made again with parents first, and so are all later ones of the program: they write each row twice.
///
/// ```
/// use sea_orm::{ConnectionTrait, Database};
/// use soft_delete::schema::ActiveParentTriggers;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let db = Database::connect("sqlite::memory:").await?;
/// for table in [
///     "CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TEXT)",
///     "CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES post (id), deleted_at TEXT)",
/// ] {
///     db.execute_unprepared(table).await?;
/// }
/// ActiveParentTriggers::on("comment").key("post_id", "id").parent("post").create(&db).await?;
///
/// db.execute_unprepared("INSERT INTO post VALUES (1, '2026-01-01')").await?;
/// assert!(db.execute_unprepared("INSERT INTO comment VALUES (1, 1, NULL)").await.is_err());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it does nothing until `create` or `drop`"]
pub struct ActiveParentTriggers {
    table: TableName,
    marked: Marked,
    parent: TableName,
    parent_marked: Marked,
    /// Columns of the table, and those of the parent that they refer to.
    key: Vec<(String, String)>,
    /// The relation, if its own condition bounds the key.
    relation: Option<ForeignKeyMeta>,
    circular: bool,
}

impl ActiveParentTriggers {
    /// On the table with the foreign key. Say which with [`key`](Self::key), and what it refers to with
    /// [`parent`](Self::parent).
    pub fn on(table: impl IntoTableRef) -> Self {
        let table = TableName::of(&table.into_table_ref());
        Self {
            parent: table.clone(),
            table,
            marked: Marked::by("deleted_at"),
            parent_marked: Marked::by("deleted_at"),
            key: Vec::new(),
            relation: None,
            circular: false,
        }
    }

    pub(crate) fn of_key(child: &EntityMeta, key: &ForeignKeyMeta, parent: &EntityMeta) -> Self {
        let columns = key.matching().into_iter();
        let is_bounded = key.condition_on_child(NEW).is_some()
            || key.condition_on_parent(NEW).is_some()
            || columns.len() > key.columns.len();
        Self {
            table: child.table.clone(),
            marked: Marked::of(child),
            parent: parent.table.clone(),
            parent_marked: Marked::of(parent),
            key: columns.zip(key.matching_parent()).collect(),
            relation: is_bounded.then(|| key.clone()),
            circular: false,
        }
    }

    /// Adds a column of the foreign key, and the parent's column that it refers to.
    pub fn key(mut self, column: impl IntoIden, parent_column: impl IntoIden) -> Self {
        let column = column.into_iden().to_string();
        self.key
            .push((column, parent_column.into_iden().to_string()));
        self
    }

    /// The table referred to; without this, the table itself.
    pub fn parent(mut self, parent: impl IntoTableRef) -> Self {
        self.parent = TableName::of(&parent.into_table_ref());
        self
    }

    /// Another name for `deleted_at` of the table.
    pub fn deleted_at_named(mut self, column: impl IntoIden) -> Self {
        self.marked = Marked::by(column.into_iden().to_string());
        self
    }

    /// Another name for `deleted_at` of the parent.
    pub fn parent_deleted_at_named(mut self, column: impl IntoIden) -> Self {
        self.parent_marked = Marked::by(column.into_iden().to_string());
        self
    }

    /// The parent refers to this table in turn, directly or through others, by keys that cascade. Restores are not looked at
    /// then.
    pub fn circular(mut self) -> Self {
        self.circular = true;
        self
    }

    /// Creates the triggers that are missing, and tells what was done.
    ///
    /// Rows that are there already are not looked at: the [`doctor`](super::doctor) finds active rows under deleted parents.
    ///
    /// # Errors
    ///
    /// [`SchemaError::UnknownTable`](super::SchemaError::UnknownTable), [`SchemaError::UnknownColumn`](super::SchemaError::UnknownColumn), and [`SchemaError::Privilege`](super::SchemaError::Privilege): MySQL with binary logging
    /// wants `SUPER`, or `log_bin_trust_function_creators`.
    pub async fn create<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let tables = [&self.table, &self.parent];
        apply(db, &tables, |catalog| self.plan_create(catalog)).await
    }

    /// Drops the triggers that are there, and tells what was done.
    ///
    /// # Errors
    ///
    /// [`SchemaError::UnknownTable`](super::SchemaError::UnknownTable), [`SchemaError::Privilege`](super::SchemaError::Privilege).
    pub async fn drop<C>(&self, db: &C) -> Result<Vec<Change>, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        apply(db, &[&self.table], |catalog| self.plan_drop(catalog)).await
    }

    fn plan_drop(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let dialect = catalog.dialect;
        let table = catalog.require(&self.table)?;
        let present = [Event::Insert, Event::Update]
            .map(|event| self.name(event))
            .into_iter()
            .filter(|name| table.has_trigger(name));
        let mut changes: Vec<_> = present
            .map(|name| self.drop_trigger(dialect, &name))
            .collect();
        if !changes.is_empty()
            && let Some(drop) = dialect.drop_parent_function(table, &self.function())
        {
            let description = format!("drop the function `{}`", self.function());
            changes.push(Change::new(&self.table, description).sql(drop));
        }
        Ok(changes)
    }

    pub(crate) fn plan_create(&self, catalog: &Catalog) -> Result<Vec<Change>, Error> {
        let table = catalog.require(&self.table)?;
        let parent = catalog.require(&self.parent)?;
        let own = self.key.iter().map(|(column, _)| column);
        catalog::require_columns(&self.table, table, own.chain([self.marked.column()]))?;
        let parents = self.key.iter().map(|(_, column)| column);
        catalog::require_columns(
            &self.parent,
            parent,
            parents.chain([self.parent_marked.column()]),
        )?;
        let missing: Vec<_> = [Event::Insert, Event::Update]
            .into_iter()
            .filter(|event| !table.has_trigger(&self.name(*event)))
            .collect();
        let dialect = catalog.dialect;
        let check = ParentCheck {
            name: &self.table,
            table,
            parent_name: &self.parent,
            parent,
            parent_deleted_at: self.parent_marked.column(),
            parent_is_deleted: (!self.parent_marked.is_null(dialect))
                .then(|| self.parent_marked.sql(dialect, Scope::OnlyDeleted, "p.")),
            is_parent: self.is_parent(dialect),
            function: self.function(),
            message: self.message(),
        };
        let mut changes = Vec::new();
        if !missing.is_empty()
            && let Some(create) = dialect.parent_function(&check)
        {
            let description = format!("create the function `{}`", self.function());
            changes.push(Change::new(&self.table, description).sql(create));
        }
        for event in missing {
            let trigger = ParentTrigger {
                name: self.name(event),
                verb: event.verb(),
                event: self.event(dialect, event),
                applies: self.applies(dialect, event),
            };
            let create = dialect.parent_trigger(&check, &trigger);
            changes.push(self.create_trigger(event, create));
        }
        Ok(changes)
    }

    fn create_trigger(&self, event: Event, sql: String) -> Change {
        let description = format!(
            "create the trigger `{}` on `{}`",
            self.name(event),
            self.table
        );
        Change::new(&self.table, description).sql(sql)
    }

    fn drop_trigger(&self, dialect: &dyn Dialect, name: &str) -> Change {
        let description = format!("drop the trigger `{name}` on `{}`", self.table);
        Change::new(&self.table, description).sql(dialect.drop_trigger(&self.table, name))
    }

    /// What follows BEFORE or AFTER, where a trigger names the columns that it looks at.
    fn event(&self, dialect: &dyn Dialect, event: Event) -> String {
        let deleted_at = dialect.quote(self.marked.column());
        let columns = self.key_columns(dialect).into_iter().chain([deleted_at]);
        match event {
            // A condition may have to do with any column.
            Event::Update if self.relation.is_none() => {
                format!("UPDATE OF {}", columns.collect::<Vec<_>>().join(", "))
            }
            _ => event.verb().to_owned(),
        }
    }

    /// Whether a row is looked at: one that is active and refers to a parent, and was not or did not before.
    fn applies(&self, dialect: &dyn Dialect, event: Event) -> String {
        let is_active = self.is_active_child(dialect);
        match event {
            Event::Insert => is_active,
            Event::Update => format!("{is_active} AND {}", self.has_changed(dialect)),
        }
    }

    /// Whether a row `p` is the parent: `p.id = NEW.post_id`.
    fn is_parent(&self, dialect: &dyn Dialect) -> String {
        let equal = self.key.iter().map(|(column, parent_column)| {
            let (own, parents) = (dialect.quote(column), dialect.quote(parent_column));
            format!("p.{parents} = NEW.{own}")
        });
        let relation = self.relation.as_ref();
        let more = relation.and_then(|key| key.condition_on_parent("p"));
        let more = more.map(|condition| expression(dialect, condition));
        equal.chain(more).collect::<Vec<_>>().join(" AND ")
    }

    /// What the relation asks of a row of the table, under that name of the row.
    fn condition_on(&self, dialect: &dyn Dialect, row: &str) -> Option<String> {
        let condition = self.relation.as_ref()?.condition_on_child(NEW)?;
        let text = expression(dialect, condition);
        // Some backends don't take the name in quotes.
        Some(text.replace(&format!("{}.", dialect.quote(NEW)), &format!("{row}.")))
    }

    fn is_active_child(&self, dialect: &dyn Dialect) -> String {
        let deleted_at = self.marked.sql(dialect, Scope::Active, "NEW.");
        let set = self
            .key_columns(dialect)
            .into_iter()
            .map(|column| format!("NEW.{column} IS NOT NULL"));
        let all = [deleted_at].into_iter().chain(set);
        let all: Vec<_> = all.chain(self.condition_on(dialect, "NEW")).collect();
        all.join(" AND ")
    }

    /// Restored or moved.
    fn has_changed(&self, dialect: &dyn Dialect) -> String {
        let restored = self
            .looks_at_restores(dialect)
            .then(|| self.marked.sql(dialect, Scope::OnlyDeleted, "OLD."));
        let moved = self.key_columns(dialect).into_iter();
        let moved = moved.map(|column| dialect.is_changed(&column));
        let other = self.condition_on(dialect, "OLD");
        let other = other.map(|condition| format!("({condition}) IS NOT TRUE"));
        let any: Vec<_> = restored.into_iter().chain(moved).chain(other).collect();
        format!("({})", any.join(" OR "))
    }

    /// Whether a restore is looked at: where a parent and its child may come back in one statement, they have to be seen together.
    fn looks_at_restores(&self, dialect: &dyn Dialect) -> bool {
        let is_self_reference = self.table == self.parent;
        !self.circular && (dialect.sees_statement() || !is_self_reference)
    }

    fn key_columns(&self, dialect: &dyn Dialect) -> Vec<String> {
        self.key
            .iter()
            .map(|(column, _)| dialect.quote(column))
            .collect()
    }

    fn message(&self) -> String {
        format!(
            "an active row of {} {UNDER_DELETED_PARENT} {}",
            self.table, self.parent
        )
    }

    fn name(&self, event: Event) -> String {
        self.object(event.suffix())
    }

    fn function(&self) -> String {
        self.object("")
    }

    fn object(&self, suffix: &str) -> String {
        let columns = self.key.iter().map(|(column, _)| column.clone());
        // By the same columns, other rows refer to other parents.
        let parent = self.relation.as_ref().map(|key| key.parent.name.clone());
        let columns: Vec<_> = columns.chain(parent).collect();
        object_name("active_parent", &self.table.name, &columns, suffix)
    }
}

/// Stands for NEW or OLD in a relation's condition.
const NEW: &str = "soft_delete_new_row";

/// Values are literals: triggers take no bound ones.
fn expression(dialect: &dyn SqlDialect, condition: Expr) -> String {
    format!("({})", to_sql(dialect, condition))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Insert,
    Update,
}

impl Event {
    fn verb(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
        }
    }
}

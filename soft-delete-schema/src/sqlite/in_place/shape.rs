//! What SQLite says of a table, to compare before and after an edit.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{query, quoted};

/// A table as SQLite understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Generated and hidden ones too.
    pub(super) columns: Vec<Column>,
    /// In the order of their names.
    pub(super) indexes: Vec<Index>,
    /// Those from this table.
    pub(super) foreign_keys: Vec<ForeignKey>,
    /// The rows that refer to nothing, which may have been there before.
    violations: usize,
}

/// A row of `pragma_table_xinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Whether it is declared NOT NULL.
    pub(super) not_null: bool,
    /// Whether it belongs to the primary key.
    pub(super) in_primary_key: bool,
    /// Its DEFAULT.
    pub(super) default: Option<String>,
    /// What no edit changes.
    rest: String,
}

/// A row of `pragma_index_list`, with its columns and its row in `sqlite_schema`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// Its name.
    pub name: String,
    /// `c` of CREATE INDEX, `u` of UNIQUE, `pk` of PRIMARY KEY.
    pub(super) origin: String,
    /// The key columns' names.
    pub(super) columns: Vec<String>,
    /// The columns as CREATE INDEX spells them.
    pub(super) spelled: Vec<String>,
    /// The primary key of a table WITHOUT ROWID has no row.
    pub(super) row: Option<i64>,
    /// The b-tree. An edit must not give it to another index.
    pub(super) rootpage: Option<i64>,
    /// Its CREATE INDEX.
    sql: Option<String>,
    /// What no edit changes.
    rest: String,
}

/// The rows of `pragma_foreign_key_list` that are one foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ForeignKey {
    /// Its number in the pragma.
    id: i64,
    /// The table that it refers to.
    pub(super) parent: String,
    /// The columns that refer.
    pub(super) columns: Vec<String>,
    /// The action, as SQL spells it.
    pub(super) on_delete: String,
    /// What no edit changes.
    rest: Vec<String>,
}

impl Index {
    /// Makes it an index of CREATE INDEX, and gives its SQL.
    pub(super) fn make_ordinary(&mut self, name: String, table: &str) -> String {
        let (quoted_name, columns) = (quoted(&name), self.spelled.join(", "));
        let sql = format!(
            "CREATE UNIQUE INDEX {quoted_name} ON {} ({columns})",
            quoted(table)
        );
        self.name = name;
        "c".clone_into(&mut self.origin);
        self.sql = Some(sql.clone());
        sql
    }
}

impl Shape {
    /// Reads it.
    pub(super) async fn read<C: ConnectionTrait>(db: &C, table: &str) -> Result<Self, DbErr> {
        Ok(Self {
            columns: columns(db, table).await?,
            indexes: indexes(db, table).await?,
            foreign_keys: foreign_keys(db, table).await?,
            violations: violations(db, table).await?,
        })
    }

    /// The columns of the primary key.
    pub(super) fn primary_key(&self) -> Vec<&str> {
        let in_key = self.columns.iter().filter(|column| column.in_primary_key);
        in_key.map(|column| column.name.as_str()).collect()
    }

    /// Sorts what was renamed.
    pub(super) fn sort(&mut self) {
        self.indexes
            .sort_by(|left, right| left.name.cmp(&right.name));
    }

    /// The shape without b-trees: SQLite may move them when it drops another.
    pub(super) fn without_pages(mut self) -> Self {
        for index in &mut self.indexes {
            index.rootpage = None;
        }
        self
    }
}

/// The columns of a table.
async fn columns<C: ConnectionTrait>(db: &C, table: &str) -> Result<Vec<Column>, DbErr> {
    let sql = r#"SELECT name, "notnull", pk,
        quote(cid) || quote(type) || quote(hidden), dflt_value
        FROM pragma_table_xinfo(?, 'main') ORDER BY cid"#;
    let column = |row: &QueryResult| {
        Ok(Column {
            name: row.try_get_by_index(0)?,
            not_null: row.try_get_by_index::<i64>(1)? != 0,
            in_primary_key: row.try_get_by_index::<i64>(2)? != 0,
            rest: row.try_get_by_index(3)?,
            default: row.try_get_by_index(4)?,
        })
    };
    query(db, sql, [table.into()])
        .await?
        .iter()
        .map(column)
        .collect()
}

/// The indexes of a table.
async fn indexes<C: ConnectionTrait>(db: &C, table: &str) -> Result<Vec<Index>, DbErr> {
    let sql = r#"SELECT list.name, list.origin, coalesce(key.name, ''), key.coll, key."desc",
        entry.rowid, entry.rootpage, entry.sql,
        list."unique" || list.partial
        FROM pragma_index_list(?, 'main') AS list
        JOIN pragma_index_xinfo(list.name, 'main') AS key
        LEFT JOIN main.sqlite_schema AS entry ON entry.type = 'index' AND entry.name = list.name
        WHERE key.key ORDER BY list.name, key.seqno"#;
    let mut indexes: Vec<Index> = Vec::new();
    for row in query(db, sql, [table.into()]).await? {
        let name: String = row.try_get_by_index(0)?;
        if indexes.last().is_none_or(|index| index.name != name) {
            indexes.push(Index {
                name,
                origin: row.try_get_by_index(1)?,
                columns: Vec::new(),
                spelled: Vec::new(),
                row: row.try_get_by_index(5)?,
                rootpage: row.try_get_by_index(6)?,
                sql: row.try_get_by_index(7)?,
                rest: row.try_get_by_index(8)?,
            });
        }
        if let Some(index) = indexes.last_mut() {
            let (column, spelled) = index_column(&row)?;
            index.columns.push(column);
            index.spelled.push(spelled);
        }
    }
    Ok(indexes)
}

/// A key column of an index: its name, and as CREATE INDEX spells it.
fn index_column(row: &QueryResult) -> Result<(String, String), DbErr> {
    let column: String = row.try_get_by_index(2)?;
    let collation: String = row.try_get_by_index(3)?;
    let descending = row.try_get_by_index::<i64>(4)? != 0;
    let order = if descending { " DESC" } else { "" };
    let spelled = format!("{} COLLATE {}{order}", quoted(&column), quoted(&collation));
    Ok((column, spelled))
}

/// The foreign keys from a table.
async fn foreign_keys<C: ConnectionTrait>(db: &C, table: &str) -> Result<Vec<ForeignKey>, DbErr> {
    let sql = r#"SELECT id, "table", "from", on_delete, quote("to") || on_update || "match"
        FROM pragma_foreign_key_list(?, 'main') ORDER BY id, seq"#;
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in query(db, sql, [table.into()]).await? {
        let id = row.try_get_by_index(0)?;
        if keys.last().is_none_or(|key| key.id != id) {
            keys.push(ForeignKey {
                id,
                parent: row.try_get_by_index(1)?,
                columns: Vec::new(),
                on_delete: row.try_get_by_index(3)?,
                rest: Vec::new(),
            });
        }
        if let Some(key) = keys.last_mut() {
            key.columns.push(row.try_get_by_index(2)?);
            key.rest.push(row.try_get_by_index(4)?);
        }
    }
    Ok(keys)
}

/// How many rows of a table refer to nothing.
async fn violations<C: ConnectionTrait>(db: &C, table: &str) -> Result<usize, DbErr> {
    let sql = format!("PRAGMA main.foreign_key_check({})", quoted(table));
    Ok(query(db, &sql, []).await?.len())
}

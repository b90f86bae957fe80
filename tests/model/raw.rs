//! What other programs do with the rows: statements that know nothing of soft deletes.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, QueryResult, Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement, UpdateStatement},
};
use uuid::Uuid;

use super::{
    key,
    layout::Form,
    operation::{Operation, bit},
    schema::{TABLES, Table, meta},
};

/// A row as it is stored.
pub struct StoredRow {
    pub id: i64,
    pub parents: Vec<(Table, i64)>,
    pub kind: i32,
    pub code: Option<i32>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub deletion_id: Option<Uuid>,
    pub deleted_by: Option<i64>,
}

/// Does what another program does. `false` of an operation that is the engine's.
pub async fn exec<C: ConnectionTrait>(db: &C, operation: &Operation) -> Result<bool, DbErr> {
    match operation {
        Operation::Insert {
            table,
            id,
            below,
            kind,
            code,
        } => insert(db, *table, *id, below, (*kind, *code)).await?,
        Operation::Move {
            table,
            id,
            parent,
            to,
        } => {
            let mut update = update(*table, *id);
            for (name, value) in key::reference(*parent, *to) {
                update.value(Alias::new(name), value);
            }
            db.execute(&update).await?;
        }
        Operation::SetCode { table, id, code } => {
            db.execute(update(*table, *id).value("code", *code)).await?;
        }
        Operation::SetKind { table, id, kind } => {
            db.execute(update(*table, *id).value("kind", *kind)).await?;
        }
        Operation::Purge(bits) => purge(db, *bits).await?,
        Operation::Rewrite { table, id, form } => rewrite(db, *table, *id, *form).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

async fn insert<C: ConnectionTrait>(
    db: &C,
    table: Table,
    id: i64,
    below: &[(Table, i64)],
    (kind, code): (i32, Option<i32>),
) -> Result<(), DbErr> {
    let mut columns = vec!["kind", "code"];
    let mut values = vec![Value::from(kind), Value::from(code)];
    columns.extend(key::columns(table));
    values.extend(key::values(table, id));
    for parent in 0..TABLES {
        let parent_id = below.iter().find(|(other, _)| *other == parent);
        for (column, value) in key::reference(parent, parent_id.map(|(_, id)| *id)) {
            columns.push(column);
            values.push(value);
        }
    }
    let mut insert = Query::insert();
    insert
        .into_table(Alias::new(&meta(table).table.name))
        .columns(columns.into_iter().map(Alias::new))
        .values_panic(values.into_iter().map(Expr::val));
    db.execute(&insert).await?;
    Ok(())
}

fn update(table: Table, id: i64) -> UpdateStatement {
    Query::update()
        .table(Alias::new(&meta(table).table.name))
        .and_where(key::is(table, id))
        .to_owned()
}

/// Removes all rows.
pub async fn clear<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    for table in 0..TABLES {
        db.execute(Query::delete().from_table(Alias::new(&meta(table).table.name)))
            .await?;
    }
    Ok(())
}

/// Removes deleted rows.
async fn purge(db: &impl ConnectionTrait, bits: u64) -> Result<(), DbErr> {
    for table in 0..TABLES {
        let ids = (1..64 / 8).filter(|id| bits & bit((table, *id)) != 0);
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(&meta(table).table.name))
            .and_where(key::is_one_of(table, ids))
            .and_where(Expr::col("deleted_at").is_not_null());
        db.execute(&delete).await?;
    }
    Ok(())
}

/// Writes the time of a deleted row in another form.
async fn rewrite(
    db: &impl ConnectionTrait,
    table: Table,
    id: i64,
    form: Form,
) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let mut select = Query::select();
    select
        .column("deleted_at")
        .from(Alias::new(&meta(table).table.name))
        .and_where(key::is(table, id))
        .and_where(Expr::col("deleted_at").is_not_null());
    if let Some(row) = db.query_one(&select).await? {
        let at: DateTime<Utc> = row.try_get("", "deleted_at")?;
        db.execute(update(table, id).value("deleted_at", form.write(at)))
            .await?;
    }
    Ok(())
}

/// All rows of a table, deleted or not.
pub async fn rows(db: &impl ConnectionTrait, table: Table) -> Result<Vec<StoredRow>, DbErr> {
    let rows = db.query_all(&select(table)).await?;
    rows.iter().map(|row| read(row, table)).collect()
}

fn select(table: Table) -> SelectStatement {
    let meta = meta(table);
    let names = ["kind", "code", "deleted_at", "deletion_id"];
    let parents = (0..TABLES).flat_map(key::parent_columns);
    let keys = key::columns(table).iter().chain(parents).copied();
    let mut select = Query::select();
    select
        .columns(names.into_iter().chain(keys).map(Alias::new))
        .from(Alias::new(&meta.table.name));
    match meta.stamp.deleted_by.is_some() {
        true => select.column("deleted_by"),
        false => select.expr_as(Expr::cust("NULL"), "deleted_by"),
    };
    select
}

fn read(row: &QueryResult, table: Table) -> Result<StoredRow, DbErr> {
    let mut parents = Vec::new();
    for parent in 0..TABLES {
        if let Some(id) = key::read(row, parent, key::parent_columns(parent))? {
            parents.push((parent, id));
        }
    }
    let has_actor = meta(table).stamp.deleted_by.is_some();
    Ok(StoredRow {
        id: key::read(row, table, key::columns(table))?.expect("a row has a key"),
        parents,
        kind: row.try_get("", "kind")?,
        code: row.try_get("", "code")?,
        deleted_at: row.try_get("", "deleted_at")?,
        deletion_id: row.try_get("", "deletion_id")?,
        deleted_by: match has_actor {
            true => row.try_get("", "deleted_by")?,
            false => None,
        },
    })
}

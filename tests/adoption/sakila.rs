//! Sakila as it is before soft deletion comes, and the steps that bring it.

use sea_orm::{ConnectionTrait, DbErr, Statement};
use soft_delete::{
    Error, Registry,
    schema::{
        SoftDeleteColumns,
        doctor::{self, Report},
    },
};

use support::{Kind, TestDb, TestResult};

pub const TABLES: [&str; 15] = [
    "actor",
    "address",
    "category",
    "city",
    "country",
    "customer",
    "film",
    "film_actor",
    "film_category",
    "inventory",
    "language",
    "payment",
    "rental",
    "staff",
    "store",
];

/// The schema and its data, without any of our columns.
pub async fn old(db: &TestDb) -> Result<(), DbErr> {
    let schema = match db.kind() {
        Kind::Postgres => include_str!("sakila_postgres.sql"),
        _ => include_str!("sakila_mariadb.sql"),
    };
    db.execute_unprepared(schema).await?;
    db.execute_unprepared(include_str!("data.sql")).await?;
    Ok(())
}

pub fn columns() -> SoftDeleteColumns {
    SoftDeleteColumns::new().deletion_id()
}

pub async fn with_columns(db: &TestDb) -> TestResult {
    old(db).await?;
    for table in TABLES {
        columns().add(table, db).await?;
    }
    Ok(())
}

/// With all that the doctor proposes.
pub async fn adopted(db: &TestDb) -> TestResult {
    with_columns(db).await?;
    mend(db, &entities(db)).await?;
    Ok(())
}

/// Those that were generated from this database.
pub fn entities(db: &TestDb) -> Registry {
    Registry::global().of_group(match db.kind() {
        Kind::Postgres => "sakila_postgres",
        _ => "sakila_mariadb",
    })
}

/// Applies what the doctor proposes until it finds nothing that it can mend, and tells how many rounds that took.
pub async fn mend(db: &TestDb, entities: &Registry) -> Result<(u8, Report), Error> {
    for round in 0..5 {
        let report = doctor::examine(entities, db).await?;
        let mut changed = false;
        for finding in &report {
            changed |= finding.apply(db).await?;
        }
        if !changed {
            return Ok((round, report));
        }
    }
    panic!("the doctor finds something to mend each time");
}

/// The number of rows of each table, deleted ones included.
pub async fn rows(db: &TestDb) -> Result<Vec<(&'static str, i64)>, DbErr> {
    let mut all = Vec::new();
    for table in TABLES {
        all.push((
            table,
            number(db, &format!("SELECT COUNT(*) FROM {table}")).await?,
        ));
    }
    Ok(all)
}

/// The number of deleted rows, of all tables.
pub async fn deleted(db: &TestDb) -> Result<i64, DbErr> {
    let mut all = 0;
    for table in TABLES {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE deleted_at IS NOT NULL");
        all += number(db, &sql).await?;
    }
    Ok(all)
}

/// The number that a query gives, past any scope.
pub async fn number(db: &TestDb, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(db.backend(), sql);
    let row = db.connection().query_one_raw(statement).await?;
    row.expect("a row").try_get_by_index(0)
}

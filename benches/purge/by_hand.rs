//! The same removal in hand-written SQL, in several forms.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, Statement,
    TransactionTrait as _, Value, prelude::DateTimeUtc,
};

use super::tables::{BATCH, Shape, cutoff};
use support::TestResult;

/// One way to write it.
#[derive(Clone, Debug)]
pub struct Form {
    pub name: &'static str,
    /// Whether it gives what a purge does: rows that others have locked are passed over, no row is locked that stays, and no
    /// child that was inserted meanwhile goes along or makes it fail.
    pub is_safe: bool,
    /// For each table, children first.
    removals: Vec<Removal>,
}

/// How one table's rows are removed, batch after batch.
#[derive(Clone, Debug)]
enum Removal {
    /// The same statement, until it has too few rows.
    Statement(String),
    /// The same, which goes on where the last has ended and tells where that is.
    Keyset(String),
    /// In a transaction: locks the next rows, and removes them by their keys.
    Lock(Lock),
}

#[derive(Clone, Debug)]
struct Lock {
    select: String,
    /// Which rows, of those locked, nothing refers to now.
    free: Option<String>,
    delete: String,
    keys: Keys,
}

/// How keys are written into the statement in place of `{keys}`.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Keys {
    /// As one array.
    Array,
    /// Each as a value of its own.
    Bound,
    /// As text.
    Literal,
}

/// The forms worth a try.
pub fn forms(backend: DbBackend, shape: Shape) -> Vec<Form> {
    let form = |name, is_safe, removal: &dyn Fn(&'static str, &'static str) -> Removal| Form {
        name,
        is_safe,
        removals: shape
            .tables()
            .iter()
            .map(|table| removal(table, free(shape, table)))
            .collect(),
    };
    if shape == Shape::Unindexed {
        return unindexed_forms(backend);
    }
    match backend {
        DbBackend::Postgres => vec![
            form("`IN (SELECT …)`", shape.is_leaf(), &|table, free| {
                Removal::Statement(format!(
                    "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE deleted_at <= $1{free} \
                     ORDER BY deleted_at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED)"
                ))
            }),
            form("`ctid = ANY (…)`", shape.is_leaf(), &|table, free| {
                Removal::Statement(format!(
                    "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE deleted_at <= $1{free} \
                     ORDER BY deleted_at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED))"
                ))
            }),
            form("`ctid`, keyset", shape.is_leaf(), &postgres_keyset),
            form(
                "`ctid`, keyset; lock, look again",
                true,
                &|table, free| match free {
                    "" => postgres_keyset(table, free),
                    free => postgres_lock(table, free),
                },
            ),
            form("lock, look again", true, &postgres_lock),
        ],
        DbBackend::MySql => vec![
            form("`LIMIT`", false, &|table, free| {
                Removal::Statement(format!(
                    "DELETE FROM {table} WHERE deleted_at <= ?{free} ORDER BY deleted_at LIMIT {BATCH}"
                ))
            }),
            form("lock, `IN (?, …)`", true, &|table, free| {
                mysql_lock(table, free, Keys::Bound)
            }),
            form("lock, `IN (1, …)`", true, &|table, free| {
                mysql_lock(table, free, Keys::Literal)
            }),
        ],
        _ => vec![
            form("`IN (SELECT …)`", true, &|table, free| {
                Removal::Statement(format!(
                    "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE deleted_at <= ?{free} \
                     ORDER BY deleted_at, id LIMIT {BATCH})"
                ))
            }),
            form("`IN (SELECT …)`, in no order", true, &|table, free| {
                Removal::Statement(format!(
                    "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE deleted_at <= ?{free} LIMIT {BATCH})"
                ))
            }),
        ],
    }
}

/// Without the purge index: whatever rows come first, or in the order of their keys.
fn unindexed_forms(backend: DbBackend) -> Vec<Form> {
    let form = |name, is_safe, removal| Form {
        name,
        is_safe,
        removals: vec![removal],
    };
    match backend {
        DbBackend::Postgres => vec![
            form(
                "`ctid = ANY (…)`, in no order",
                true,
                Removal::Statement(format!(
                    "DELETE FROM post WHERE ctid = ANY (ARRAY(SELECT ctid FROM post WHERE deleted_at <= $1 \
                     LIMIT {BATCH} FOR UPDATE SKIP LOCKED))"
                )),
            ),
            form(
                "`ctid`, keyset by key",
                true,
                Removal::Keyset(format!(
                    "WITH taken AS MATERIALIZED (SELECT ctid AS place, deleted_at, id FROM post \
                     WHERE deleted_at <= $1 AND $2::timestamptz IS NOT NULL AND id > $3 ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED), \
                     gone AS (DELETE FROM post WHERE ctid = ANY (ARRAY(SELECT place FROM taken)) RETURNING 1) \
                     SELECT deleted_at, id, (SELECT COUNT(*) FROM gone) AS rows FROM taken ORDER BY id DESC LIMIT 1"
                )),
            ),
        ],
        DbBackend::MySql => vec![
            form(
                "`LIMIT`",
                false,
                Removal::Statement(format!(
                    "DELETE FROM post WHERE deleted_at <= ? LIMIT {BATCH}"
                )),
            ),
            form(
                "lock, `IN (1, …)`, keyset by key",
                true,
                Removal::Lock(Lock {
                    select: format!(
                        "SELECT deleted_at, id FROM post WHERE deleted_at <= ? AND ? IS NOT NULL AND ? IS NOT NULL \
                         AND id > ? ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"
                    ),
                    free: None,
                    delete: "DELETE FROM post WHERE id IN ({keys})".to_owned(),
                    keys: Keys::Literal,
                }),
            ),
        ],
        _ => vec![form(
            "`IN (SELECT …)`, in no order",
            true,
            Removal::Statement(format!(
                "DELETE FROM post WHERE id IN (SELECT id FROM post WHERE deleted_at <= ? LIMIT {BATCH})"
            )),
        )],
    }
}

fn free(shape: Shape, table: &str) -> &'static str {
    match (shape, table) {
        (Shape::Referenced | Shape::TwoTables, "post") => {
            " AND NOT EXISTS (SELECT 1 FROM comment WHERE comment.post_id = post.id)"
        }
        _ => "",
    }
}

fn postgres_keyset(table: &str, free: &str) -> Removal {
    Removal::Keyset(format!(
        "WITH taken AS MATERIALIZED (SELECT ctid AS place, deleted_at, id FROM {table} \
         WHERE deleted_at <= $1 AND (deleted_at, id) > ($2, $3){free} \
         ORDER BY deleted_at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED), \
         gone AS (DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT place FROM taken)) RETURNING 1) \
         SELECT deleted_at, id, (SELECT COUNT(*) FROM gone) AS rows FROM taken ORDER BY deleted_at DESC, id DESC LIMIT 1"
    ))
}

fn postgres_lock(table: &str, free: &str) -> Removal {
    Removal::Lock(Lock {
        select: format!(
            "SELECT deleted_at, id FROM {table} WHERE deleted_at <= $1 AND (deleted_at, id) > ($2, $3){free} \
             ORDER BY deleted_at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"
        ),
        free: None,
        // A statement sees what was committed before it began: this is the second look.
        delete: format!("DELETE FROM {table} WHERE id = ANY ({{keys}}){free}"),
        keys: Keys::Array,
    })
}

fn mysql_lock(table: &str, free: &str, keys: Keys) -> Removal {
    Removal::Lock(Lock {
        select: format!(
            "SELECT deleted_at, id FROM {table} WHERE deleted_at <= ? \
             AND (deleted_at > ? OR deleted_at = ? AND id > ?){free} \
             ORDER BY deleted_at, id LIMIT {BATCH} FOR UPDATE SKIP LOCKED"
        ),
        // In the DELETE it would wait for comments that others have locked.
        free: (!free.is_empty())
            .then(|| format!("SELECT id FROM {table} WHERE id IN ({{keys}}){free}")),
        delete: format!("DELETE FROM {table} WHERE id IN ({{keys}})"),
        keys,
    })
}

/// The place that was come to.
#[derive(Clone, Copy)]
struct Place(DateTimeUtc, i64);

impl Form {
    /// Removes all that is expired, and returns how many rows that were.
    pub async fn exec(&self, pool: &DatabaseConnection) -> TestResult<u64> {
        let mut removed = 0;
        for removal in &self.removals {
            let mut place = Place(DateTimeUtc::UNIX_EPOCH, 0);
            loop {
                let rows = match removal {
                    Removal::Statement(sql) => {
                        let values = [cutoff().into()];
                        let statement = Statement::from_sql_and_values(
                            pool.get_database_backend(),
                            sql,
                            values,
                        );
                        pool.execute_raw(statement).await?.rows_affected()
                    }
                    Removal::Keyset(sql) => {
                        let statement = place.bind(pool.get_database_backend(), sql);
                        match pool.query_all_raw(statement).await?.first() {
                            Some(row) => {
                                place =
                                    Place(row.try_get("", "deleted_at")?, row.try_get("", "id")?);
                                row.try_get::<i64>("", "rows")?.unsigned_abs()
                            }
                            None => 0,
                        }
                    }
                    Removal::Lock(lock) => lock.exec(pool, &mut place).await?,
                };
                removed += rows;
                if rows < BATCH {
                    break;
                }
            }
        }
        Ok(removed)
    }
}

impl Place {
    fn bind(self, backend: DbBackend, sql: &str) -> Statement {
        let Self(at, id) = self;
        let values: Vec<Value> = match backend {
            DbBackend::MySql => vec![cutoff().into(), at.into(), at.into(), id.into()],
            _ => vec![cutoff().into(), at.into(), id.into()],
        };
        Statement::from_sql_and_values(backend, sql, values)
    }
}

impl Lock {
    async fn exec(&self, pool: &DatabaseConnection, place: &mut Place) -> Result<u64, DbErr> {
        let backend = pool.get_database_backend();
        let transaction = pool
            .begin_with_config(Some(IsolationLevel::ReadCommitted), None)
            .await?;
        let rows = transaction
            .query_all_raw(place.bind(backend, &self.select))
            .await?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in &rows {
            keys.push(row.try_get("", "id")?);
        }
        if let Some(last) = rows.last() {
            *place = Place(last.try_get("", "deleted_at")?, last.try_get("", "id")?);
            if let Some(free) = &self.free {
                let free = self.keys.write(backend, free, &keys);
                keys.clear();
                for row in transaction.query_all_raw(free).await? {
                    keys.push(row.try_get("", "id")?);
                }
            }
        }
        let mut removed = 0;
        if !keys.is_empty() {
            let delete = self.keys.write(backend, &self.delete, &keys);
            removed = match self.keys {
                Keys::Literal => transaction.execute_unprepared(&delete.sql).await?,
                _ => transaction.execute_raw(delete).await?,
            }
            .rows_affected();
        }
        transaction.commit().await?;
        Ok(removed)
    }
}

impl Keys {
    fn write(self, backend: DbBackend, sql: &str, keys: &[i64]) -> Statement {
        let joined = || {
            keys.iter()
                .map(i64::to_string)
                .collect::<Vec<_>>()
                .join(",")
        };
        let (written, values) = match self {
            Self::Array => (
                "$1::text::bigint[]".to_owned(),
                vec![format!("{{{}}}", joined()).into()],
            ),
            Self::Bound => {
                let marks = vec!["?"; keys.len()].join(",");
                (marks, keys.iter().map(|key| Value::from(*key)).collect())
            }
            Self::Literal => (joined(), Vec::new()),
        };
        Statement::from_sql_and_values(backend, sql.replace("{keys}", &written), values)
    }
}

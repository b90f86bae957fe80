//! What is measured.

use std::{ops::Range, time::Instant};

use sea_orm::{
    ConnectionTrait as _, Statement, TransactionTrait as _,
    prelude::DateTimeUtc,
    sea_query::{Expr, ExprTrait as _, Query},
};

use super::tables::{POSTS, Variant};
use support::{TestDb, TestResult};

const ROWS_PER_STATEMENT: usize = 500;

/// In this order: each finds what the ones before have left.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    InsertOneByOne,
    InsertMany,
    Update,
    Delete,
    Restore,
}

impl Operation {
    pub const ALL: [Self; 5] = [
        Self::InsertOneByOne,
        Self::InsertMany,
        Self::Update,
        Self::Delete,
        Self::Restore,
    ];

    /// How many comments it writes, of `rows` asked for.
    pub fn rows(self, rows: usize) -> usize {
        match self {
            Self::InsertOneByOne => rows.div_ceil(10),
            _ => rows,
        }
    }

    pub fn describe(self, rows: usize) -> String {
        let rows = self.rows(rows);
        match self {
            Self::InsertOneByOne => format!("insert {rows} rows, a statement each"),
            Self::InsertMany => format!("insert {rows} rows, {ROWS_PER_STATEMENT} in a statement"),
            Self::Update => format!("update another column of {rows} rows"),
            Self::Delete => format!("soft-delete {rows} rows"),
            Self::Restore => format!("restore {rows} rows"),
        }
    }

    /// Milliseconds that it takes, in one transaction.
    pub async fn time(self, db: &TestDb, variant: &Variant, rows: usize) -> TestResult<f64> {
        // Putting the statements together isn't the database's work.
        let statements = self.statements(db, &variant.comment(), rows);
        let pool = db.connection();
        let mut written = 0;
        let start = Instant::now();
        let transaction = pool.begin().await?;
        for statement in statements {
            written += transaction.execute_raw(statement).await?.rows_affected();
        }
        transaction.commit().await?;
        let time = start.elapsed().as_secs_f64() * 1e3;
        assert_eq!(
            usize::try_from(written),
            Ok(self.rows(rows)),
            "{self:?}, {}",
            variant.name
        );
        Ok(time)
    }

    fn statements(self, db: &TestDb, comment: &str, rows: usize) -> Vec<Statement> {
        // The comments inserted one by one are all there is before, and are left alone after.
        let others = Self::InsertOneByOne.rows(rows);
        let backend = db.backend();
        let mut update = Query::update();
        update
            .table(comment.to_owned())
            .and_where(Expr::col("id").gt(others as i64));
        match self {
            Self::InsertOneByOne => inserts(db, comment, 0..others, 1),
            Self::InsertMany => inserts(db, comment, others..others + rows, ROWS_PER_STATEMENT),
            Self::Update => {
                update.value("likes", Expr::col("likes").add(1));
                vec![backend.build(&update)]
            }
            Self::Delete => {
                let now = DateTimeUtc::from(std::time::SystemTime::now());
                update
                    .value("deleted_at", now)
                    .and_where(Expr::col("deleted_at").is_null());
                vec![backend.build(&update)]
            }
            Self::Restore => {
                update
                    .value("deleted_at", None::<DateTimeUtc>)
                    .and_where(Expr::col("deleted_at").is_not_null());
                vec![backend.build(&update)]
            }
        }
    }
}

fn inserts(db: &TestDb, comment: &str, rows: Range<usize>, per_statement: usize) -> Vec<Statement> {
    let rows: Vec<_> = rows.collect();
    let statements = rows.chunks(per_statement).map(|chunk| {
        let mut insert = Query::insert();
        insert
            .into_table(comment.to_owned())
            .columns(["id", "post_id", "slug", "body"]);
        for row in chunk {
            let id = *row as i64 + 1;
            insert.values_panic([
                id.into(),
                (1 + id % POSTS).into(),
                slug(*row).into(),
                "What people write below a post".into(),
            ]);
        }
        db.backend().build(&insert)
    });
    statements.collect()
}

/// Each row's own, and in no order: an odd factor maps the numbers of 32 bits one to one.
fn slug(row: usize) -> String {
    let mixed = (row as u32).wrapping_mul(2_654_435_761);
    format!("{mixed:08x}-a-slug-of-ordinary-length")
}

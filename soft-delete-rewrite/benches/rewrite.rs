//! What reading a statement costs: `cargo bench -p soft-delete-rewrite`.

#![allow(clippy::expect_used)]

use std::{
    hint::black_box,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use soft_delete_rewrite::{Dialect, Rewriter, Rows, Tables, rewrite};

const ROUNDS: usize = 11;

fn main() {
    let tables = ["author", "post", "comment"];
    let tables = tables.into_iter().fold(Tables::new(), |tables, name| {
        tables.with(None, name, "deleted_at")
    });
    let by_text = Rewriter::new(tables.clone());
    let by_shape = Rewriter::with_capacities(tables.clone(), 0, 8 * 1024 * 1024);
    println!("| statement | bytes | first read | per byte | by shape | by text |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, sql) in statements() {
        let read = || rewrite(Dialect::Postgres, &sql, &tables, Rows::Active).expect("understood");
        let seconds = median_time(|| _ = black_box(read()));
        let find = |rewriter: &Rewriter| {
            let find = || rewriter.rewrite(Dialect::Postgres, &sql, Rows::Active);
            median_time(|| _ = black_box(find().expect("understood"))) * 1e6
        };
        let bytes = sql.len();
        println!(
            "| {name} | {bytes} | {:.1} µs | {:.1} ns | {:.2} µs | {:.2} µs |",
            seconds * 1e6,
            seconds * 1e9 / bytes as f64,
            find(&by_shape),
            find(&by_text),
        );
    }
}

fn statements() -> Vec<(&'static str, String)> {
    let columns = |table: &str| {
        [
            "id",
            "author_id",
            "title",
            "body",
            "slug",
            "created_at",
            "updated_at",
            "deleted_at",
        ]
        .map(|column| format!(r#""{table}"."{column}""#))
        .join(", ")
    };
    let ids = |count: usize| {
        (0..count)
            .map(|id| (1_000_000 + id).to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let binds = |count: usize| {
        (1..=count)
            .map(|id| format!("${id}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let post = columns("post");
    vec![
        (
            "lookup by key",
            format!(r#"SELECT {post} FROM "post" WHERE "post"."id" = $1 LIMIT $2"#),
        ),
        (
            "page of a relation",
            format!(
                r#"SELECT {post} FROM "post" INNER JOIN "author" ON "author"."id" = "post"."author_id" WHERE "author"."slug" = $1 AND "post"."title" LIKE $2 ORDER BY "post"."id" ASC LIMIT $3 OFFSET $4"#
            ),
        ),
        ("five joins", FIVE_JOINS.to_owned()),
        (
            "IN list of 10 kB, bound",
            format!(
                r#"SELECT {post} FROM "post" WHERE "post"."id" IN ({})"#,
                binds(1_600)
            ),
        ),
        (
            "IN list of 10 kB, inlined",
            format!(
                r#"SELECT {post} FROM "post" WHERE "post"."id" IN ({})"#,
                ids(1_100)
            ),
        ),
        (
            "IN list of 100 kB, inlined",
            format!(
                r#"SELECT {post} FROM "post" WHERE "post"."id" IN ({})"#,
                ids(11_000)
            ),
        ),
        ("INSERT of 1,000 rows", insert(1_000)),
        ("INSERT of 10,000 rows", insert(10_000)),
        (
            "other table",
            r#"SELECT "log"."id", "log"."text" FROM "log" WHERE "log"."id" = $1"#.to_owned(),
        ),
    ]
}

fn insert(rows: usize) -> String {
    let row = |row: usize| {
        let binds: Vec<_> = (1..=5).map(|bind| format!("${}", row * 5 + bind)).collect();
        format!("({})", binds.join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    format!(
        r#"INSERT INTO "post" ("author_id", "title", "body", "slug", "created_at") VALUES {} RETURNING "id""#,
        rows.join(", ")
    )
}

const FIVE_JOINS: &str = "SELECT p.id, p.title, a.slug, c.body, COUNT(*) AS answers FROM post AS p \
     INNER JOIN author AS a ON a.id = p.author_id LEFT JOIN comment AS c ON c.post_id = p.id \
     LEFT JOIN comment AS answer ON answer.post_id = p.id AND answer.id > c.id \
     LEFT JOIN author AS reader ON reader.id = c.id LEFT JOIN post AS other ON other.author_id = a.id \
     WHERE p.id > $1 AND (p.title LIKE $2 OR a.slug = $3) GROUP BY p.id, p.title, a.slug, c.body \
     ORDER BY p.id DESC LIMIT 50";

/// The median of the seconds per call in some rounds of some hundredths of a second, on the processor: what others do on the machine
/// counts little.
fn median_time(call: impl Fn()) -> f64 {
    let time = |calls: u32| {
        let start = processor_seconds();
        for _ in 0..calls {
            call();
        }
        (processor_seconds() - start) / f64::from(calls)
    };
    // The first calls fill the memory that later ones find things in.
    (0..100).for_each(|_| call());
    let start = Instant::now();
    (0..20).for_each(|_| call());
    let calls = (0.08 * 20.0 / start.elapsed().as_secs_f64()).clamp(1.0, 1e6) as u32;
    let mut times: Vec<_> = (0..ROUNDS).map(|_| time(calls)).collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// How long this thread has run. Where Linux doesn't tell, the time of day.
fn processor_seconds() -> f64 {
    let read = || {
        let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        line.split(' ').next()?.parse::<f64>().ok()
    };
    match read() {
        Some(nanoseconds) => nanoseconds / 1e9,
        None => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |time| time.as_secs_f64()),
    }
}

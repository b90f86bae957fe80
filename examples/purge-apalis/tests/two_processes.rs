//! Two processes share the queue and the purge. Needs `POSTGRES_URL`, from tests/run.sh:
//!
//! ```sh
//! tests/run.sh -- cargo test --manifest-path examples/purge-apalis/Cargo.toml
//! ```

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement, prelude::Uuid,
};

/// A database with 3,000 expired notes, 100 that were deleted today, and 100 active ones.
struct Notes {
    server: DatabaseConnection,
    db: DatabaseConnection,
    name: String,
    url: String,
}

impl Notes {
    async fn create() -> Self {
        let server_url =
            env::var("POSTGRES_URL").expect("POSTGRES_URL: run tests/run.sh -- cargo test …");
        let server = Database::connect(&server_url).await.unwrap();
        let name = format!("purge_apalis_{}", Uuid::now_v7().simple());
        server
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        let (before, _) = server_url.rsplit_once('/').unwrap();
        let url = format!("{before}/{name}");
        let db = Database::connect(&url).await.unwrap();
        for sql in [
            "CREATE TABLE note (id bigserial PRIMARY KEY, text varchar NOT NULL, deleted_at timestamptz)",
            "INSERT INTO note (text, deleted_at) SELECT 'x', now() - interval '60 days' FROM generate_series(1, 3000)",
            "INSERT INTO note (text, deleted_at) SELECT 'x', now() FROM generate_series(1, 100)",
            "INSERT INTO note (text) SELECT 'x' FROM generate_series(1, 100)",
        ] {
            db.execute_unprepared(sql).await.unwrap();
        }
        Self {
            server,
            db,
            name,
            url,
        }
    }

    async fn number(&self, sql: &str) -> i64 {
        let query = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.db.query_one_raw(query).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    async fn expired(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM note WHERE deleted_at < now() - interval '30 days'")
            .await
    }

    async fn wait_until_none_is_expired(&self) {
        let begun = Instant::now();
        while self.expired().await > 0 {
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "it takes too long"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Rows that no purge may remove.
    async fn others(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM note WHERE deleted_at IS NULL OR deleted_at > now() - interval '1 day'").await
    }

    async fn drop(self) {
        self.db.close().await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        self.server.execute_unprepared(&sql).await.unwrap();
    }
}

/// The program, in a process of its own.
struct Program {
    process: Child,
    /// Sends all that it prints.
    printed: Receiver<String>,
    lines: Vec<String>,
}

impl Program {
    fn start(notes: &Notes, schedule: &str, rows_per_second: u32) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_purge-apalis"))
            .env("DATABASE_URL", &notes.url)
            .env("PURGE_SCHEDULE", schedule)
            .env("PURGE_BATCH", "50")
            .env("PURGE_ROWS_PER_SECOND", rows_per_second.to_string())
            .env("HEARTBEAT_SECONDS", "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, printed) = mpsc::channel();
        thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        assert_eq!(
            printed.recv_timeout(Duration::from_secs(60)).unwrap(),
            "ready"
        );
        Self {
            process,
            printed,
            lines: Vec::new(),
        }
    }

    /// Whether it has begun to purge.
    fn is_at_it(&mut self) -> bool {
        self.lines.extend(self.printed.try_iter());
        !self.lines.is_empty()
    }

    /// Ctrl-C, after which it finishes what it is at. Tells the ticks it did, with the rows of each.
    fn stop(&mut self) -> Vec<(u64, i64)> {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.process.wait().unwrap().success());
        self.lines.extend(self.printed.iter());
        let lines = self.lines.iter();
        let done = lines.filter_map(|line| line.strip_prefix("tick ")?.split_once(" done: "));
        done.map(|(tick, rows)| (tick.parse().unwrap(), rows.parse().unwrap()))
            .collect()
    }

    /// `kill -9`
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tick_is_one_purge_and_each_row_is_counted_once() {
    let notes = Notes::create().await;
    // Every second, and a purge takes longer than that: several run at the same time.
    let schedule = "* * * * * *";
    let mut programs = [
        Program::start(&notes, schedule, 300),
        Program::start(&notes, schedule, 300),
    ];
    notes.wait_until_none_is_expired().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let [first, second] = programs.each_mut().map(Program::stop);

    // Both had some, none of them the same.
    assert!(
        !first.is_empty() && !second.is_empty(),
        "{first:?} {second:?}"
    );
    let mut done = [first, second].concat();
    done.sort_unstable();
    let ticks = done.len();
    done.dedup_by_key(|(tick, _)| *tick);
    assert_eq!(done.len(), ticks);
    assert_eq!(done.iter().map(|(_, rows)| rows).sum::<i64>(), 3_000);
    assert_eq!(notes.others().await, 200);
    notes.drop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_began_is_finished_by_the_other() {
    let notes = Notes::create().await;
    // Once, in some seconds from now: whoever has it, has it alone.
    let once = Utc::now() + TimeDelta::seconds(5);
    let schedule = once.format("%S %M %H %d %m * %Y").to_string();
    let mut one = Program::start(&notes, &schedule, 200);
    let mut other = Program::start(&notes, &schedule, 200);
    while notes.expired().await > 2_500 {
        assert!(Utc::now() - once < TimeDelta::seconds(60), "nobody began");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if other.is_at_it() {
        (one, other) = (other, one);
    }
    assert!(one.is_at_it() && !other.is_at_it());
    one.kill();
    // The database takes a moment to notice.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let left = notes.expired().await;
    assert!(left > 0);

    notes.wait_until_none_is_expired().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rows: Vec<i64> = other.stop().iter().map(|(_, rows)| *rows).collect();
    assert_eq!(rows, [left]);
    assert_eq!(notes.others().await, 200);
    notes.drop().await;
}

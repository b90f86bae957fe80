//! A database is dumped, and loaded into another one.

use std::{env, fs, path::PathBuf};

use sea_orm::{ConnectionTrait as _, Database};

use super::{clients::Form, state};
use support::{TestDb, TestResult, Through, on_backends, run};

/// A file that is gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let name = format!("soft_delete_dump_{}", uuid::Uuid::now_v7().simple());
        Self(env::temp_dir().join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

async fn survives(db: &TestDb, form: Form) -> TestResult {
    let before = state::create(db).await?;
    let file = Scratch::new();
    form.dump(db, &file.0).await?;

    let kind = db.kind();
    let there = before.clone();
    // Another test, so that its database goes however it ends. It has a runtime of its own, and so needs a thread.
    let copy = tokio::task::spawn_blocking(move || {
        run(kind, Through::Pool, async move |copy: &TestDb| {
            form.load(copy, &file.0).await?;
            there.is_what_is_in(copy).await?;
            there.goes_on_in(copy).await
        });
    });
    copy.await?;
    // It was not the original that all this was done to.
    before.is_what_is_in(db).await
}

on_backends! { [postgres Postgres Pool]
    async fn pg_dump_in_the_custom_format_keeps_every_state(db: &TestDb) {
        survives(db, Form::PgCustom).await?
    }

    async fn pg_dump_as_plain_sql_keeps_every_state(db: &TestDb) {
        survives(db, Form::PgPlain).await?
    }
}

on_backends! { [mariadb MariaDb Pool]
    async fn mariadb_dump_keeps_every_state(db: &TestDb) {
        survives(db, Form::MariaDb).await?
    }
}

// Of the database in memory, which sqlx opens by a URI, SQLite makes the copy in memory, too.
on_backends! { [sqlite SqliteFile Pool]
    async fn vacuum_into_keeps_every_state(db: &TestDb) {
        let before = state::create(db).await?;
        let file = Scratch::new();
        db.execute_unprepared(&format!("VACUUM INTO '{}'", file.0.display())).await?;
        let copy = Database::connect(format!("sqlite://{}", file.0.display())).await?;
        before.is_what_is_in(&copy).await?;
        before.goes_on_in(&copy).await?;
        copy.close().await?;
        before.is_what_is_in(db).await?
    }
}

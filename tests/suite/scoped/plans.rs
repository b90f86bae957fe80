//! A scoped query is planned as the one that has the condition by hand.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TransactionTrait as _};

use support::{self, Kind, TestDb, domain};

/// What reads which table and by which index, without estimates.
async fn plan(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let explain = match backend {
        DbBackend::Sqlite => "EXPLAIN QUERY PLAN",
        DbBackend::Postgres => "EXPLAIN (COSTS OFF)",
        _ => "EXPLAIN",
    };
    let explain = Statement::from_string(backend, format!("{explain} {sql}"));
    let rows = db.query_all_raw(explain).await?;
    rows.iter()
        .map(|row| match backend {
            DbBackend::Sqlite => row.try_get("", "detail"),
            // Its conditions are the same in another order.
            DbBackend::Postgres => row
                .try_get_by_index(0)
                .map(|line: String| line.split("Filter:").next().unwrap_or_default().to_owned()),
            _ => {
                let table: Option<String> = row.try_get("", "table")?;
                let access: Option<String> = row.try_get("", "type")?;
                let key: Option<String> = row.try_get("", "key")?;
                Ok(format!("{table:?} {access:?} {key:?}"))
            }
        })
        .collect()
}

support::on_scoped! {
    async fn a_scoped_query_uses_the_indexes_that_the_condition_by_hand_uses(db: &TestDb) {
        domain::create(db).await?;
        for sql in ["CREATE INDEX task_project ON task (project_id)", "CREATE INDEX comment_task ON comment (task_id)"] {
            db.execute_unprepared(sql).await?;
        }
        if db.kind() != Kind::MariaDb {
            let partial = "CREATE INDEX active_tasks ON task (title) WHERE deleted_at IS NULL";
            db.execute_unprepared(partial).await?;
        }
        let session = db.connection().begin().await?;
        if db.kind() == Kind::Postgres {
            // The tables are empty, for which an index is no use.
            session.execute_unprepared("SET LOCAL enable_seqscan = off").await?;
        }
        for (query, by_hand) in [
            ("SELECT id FROM task WHERE id = 7", "SELECT id FROM task WHERE id = 7 AND task.deleted_at IS NULL"),
            ("SELECT id FROM task WHERE title = 'a'", "SELECT id FROM task WHERE title = 'a' AND task.deleted_at IS NULL"),
            (
                "SELECT t.id, c.id FROM task t JOIN comment c ON c.task_id = t.id WHERE t.project_id = 1",
                "SELECT t.id, c.id FROM task t JOIN comment c ON c.task_id = t.id \
                 WHERE t.project_id = 1 AND t.deleted_at IS NULL AND c.deleted_at IS NULL",
            ),
            (
                "SELECT t.id, c.id FROM task t LEFT JOIN comment c ON c.task_id = t.id WHERE t.project_id = 1",
                "SELECT t.id, c.id FROM task t LEFT JOIN comment c ON c.task_id = t.id AND c.deleted_at IS NULL \
                 WHERE t.project_id = 1 AND t.deleted_at IS NULL",
            ),
            (
                "SELECT id FROM task WHERE project_id = 1 AND EXISTS (SELECT 1 FROM comment c WHERE c.task_id = task.id)",
                "SELECT id FROM task WHERE project_id = 1 AND EXISTS \
                 (SELECT 1 FROM comment c WHERE c.task_id = task.id AND c.deleted_at IS NULL) AND task.deleted_at IS NULL",
            ),
        ] {
            let scoped = db.scoped().rewrite(query).expect("scoped").into_owned();
            assert_ne!(scoped, query);
            assert_eq!(plan(&session, &scoped).await?, plan(&session, by_hand).await?, "{scoped}");
        }
    }
}

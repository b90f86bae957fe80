//! A query of the views is planned as one of the tables with the condition.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::layer::{ACTIVE, BASE, on_layer};
use support::{TestDb, TestResult, domain};

async fn tables(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    let main = domain::workspace(db, "main").await?;
    let engine = domain::project(db, &main, "engine").await?;
    for title in ["a", "b", "c"] {
        domain::task(db, &engine, title).await?;
    }
    Ok(())
}

/// The plan without the names of schemas, and without what was measured.
async fn plan(db: &impl ConnectionTrait, sql: &str) -> TestResult<String> {
    let backend = db.get_database_backend();
    let explain = match backend {
        DbBackend::Postgres => "EXPLAIN (VERBOSE, COSTS OFF)",
        _ => "EXPLAIN FORMAT=JSON",
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, format!("{explain} {sql}")))
        .await?;
    let mut lines = Vec::new();
    for row in rows {
        lines.push(row.try_get_by_index::<String>(0)?);
    }
    let text = lines
        .join("\n")
        .replace(&*ACTIVE, "schema")
        .replace(&*BASE, "schema")
        .replace("schema.", "");
    // Each statement is warned of and numbered anew.
    let is_kept = |line: &&str| !line.contains("Query Identifier");
    Ok(text.lines().filter(is_kept).collect::<Vec<_>>().join("\n"))
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn plans_are_those_of_the_condition_written_by_hand(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            for (shown, by_hand) in [
                (
                    "SELECT title FROM task WHERE project_id = 1",
                    "SELECT title FROM task WHERE project_id = 1 AND deleted_at IS NULL",
                ),
                (
                    "SELECT task.title FROM task JOIN project ON project.id = task.project_id WHERE project.id = 1",
                    "SELECT task.title FROM task JOIN project ON project.id = task.project_id \
                     WHERE project.id = 1 AND task.deleted_at IS NULL AND project.deleted_at IS NULL",
                ),
                (
                    "SELECT project.name, COUNT(*) FROM project JOIN task ON project.id = task.project_id GROUP BY project.name",
                    "SELECT project.name, COUNT(*) FROM project JOIN task ON project.id = task.project_id \
                     WHERE project.deleted_at IS NULL AND task.deleted_at IS NULL GROUP BY project.name",
                ),
                (
                    "UPDATE task SET title = 'x' WHERE id = 2",
                    "UPDATE task SET title = 'x' WHERE id = 2 AND deleted_at IS NULL",
                ),
            ] {
                let (shown, by_hand) = (plan(&layer.owner, shown).await?, plan(&layer.tables, by_hand).await?);
                let same = |plan: &str| accesses(plan, db.backend());
                assert_eq!(same(&shown), same(&by_hand), "{shown}\n---\n{by_hand}");
            }
            Ok(())
        }).await?;
    }
}

/// What is read, how, and by which index; PostgreSQL's plan as a whole.
fn accesses(plan: &str, backend: DbBackend) -> Vec<String> {
    const PARTS: [&str; 6] = [
        "\"access_type\"",
        "\"key\"",
        "\"operation\"",
        "\"rows_examined",
        "\"rows\"",
        "\"used_key_parts\"",
    ];
    let is_kept = |line: &&str| match backend {
        // Names of columns and aliases of the view's own.
        DbBackend::Postgres => !line.trim_start().starts_with("Output:"),
        _ => PARTS.iter().any(|part| line.contains(part)),
    };
    let bare = |line: &str| line.trim_end_matches(',').to_owned();
    plan.lines().filter(is_kept).map(bare).collect()
}

//! The exact SQL of a purge, and the plans that databases make for it.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use soft_delete::archive::ArchiveTable;

use super::fixture::{a_tree, days_ago, purge, purge_of};
use super::scale::fill;
use support::{
    self, Connection, Recorder, TestDb, TestResult,
    domain::{self, comment, workspace},
    folder,
};

fn compare(name: &str, db: &TestDb, sent: &Recorder<Connection>) {
    // What is read of the catalog is another matter.
    let is_own =
        |sql: &String| matches!(sql.as_str(), "BEGIN" | "COMMIT") || sql.contains("deleted_at");
    let statements: Vec<_> = sent.statements().into_iter().filter(is_own).collect();
    sent.clear();
    let backend = format!("{:?}", db.backend()).to_lowercase();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}.{backend}"), statements.join("\n"));
    });
}

support::on_backends! {
    [sqlite_memory SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn the_sql_of_a_purge(db: &TestDb) {
        domain::create(db).await?;
        let (workspace, ..) = a_tree(db, "old").await?;
        workspace::Entity::delete_by_id(workspace).at(days_ago(60)).exec(db).await?;
        let sent = db.recorder();
        purge().batch(2).only::<comment::Entity>().only::<domain::task::Entity>().exec(&sent).await?;
        compare("tables", db, &sent);
    }

    async fn the_sql_of_a_purge_of_a_tree_into_the_archive(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        let archive = ArchiveTable::new();
        archive.create(db).await?;
        folder::Entity::delete_by_id(2).at(days_ago(60)).exec(db).await?;
        let sent = db.recorder();
        purge_of("folders").archive(archive).exec(&sent).await?;
        compare("tree", db, &sent);
    }

    async fn a_batch_is_found_by_the_purge_index(db: &TestDb) {
        fill(db, 20_000, 10).await?;
        let sent = db.recorder();
        purge_of("notes").batch(100).exec(&sent).await?;
        // The second batch, which goes on where the first has ended.
        let batches: Vec<_> = sent.statements().into_iter().filter(|sql| sql.contains("LIMIT") && sql.contains("note")).collect();
        let plan = plan(db, &batches[1]).await?;
        let index = "idx_note_deleted_at_purge";
        assert!(plan.contains(index), "{plan}");
        // What was found may be sorted once more to tell the last.
        let sorted = plan.replace("Sort Key: soft_delete_next", "").matches("Sort Key").count();
        assert!(sorted == 0 && !plan.contains("filesort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn rows_that_were_found_are_had_by_their_places_whatever_the_statistics(db: &TestDb) {
        fill(db, 20_000, 1_000_000).await?;
        // The statistics still say that no row is deleted.
        db.execute_unprepared("UPDATE note SET deleted_at = '2026-01-01 00:00:00Z' WHERE id % 2 = 0").await?;
        let sent = db.recorder();
        purge_of("notes").batch(100).exec(&sent).await?;
        let batches: Vec<_> = sent.statements().into_iter().filter(|sql| sql.contains("SKIP LOCKED")).collect();
        let plan = plan(db, &batches[1]).await?;
        assert_eq!(plan.matches("Tid Scan on note").count(), 2, "{plan}");
        assert_eq!(plan.matches("Scan using").count(), 1, "{plan}");
    }
}

/// With values in place of the placeholders, in their order: times and keys of the middle.
async fn plan(db: &TestDb, sql: &str) -> TestResult<String> {
    let backend = db.backend();
    let mut explained = String::new();
    let mut place = 0;
    let values = ["'2026-05-02 12:00:00'", "'2026-01-01 00:00:00'", "10000"];
    let mut rest = sql;
    let mark = |c: char| c == '?' || c == '$';
    while let Some(at) = rest.find(mark) {
        explained.push_str(&rest[..at]);
        rest = rest[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let text = explained.trim_end().to_ascii_lowercase();
        let value = if text.ends_with("limit") {
            "100"
        } else if text.ends_with("`id` >") {
            values[2]
        } else if place == 0 || text.ends_with("julianday(") {
            values[0]
        } else if text.ends_with(',') {
            values[2]
        } else {
            values[1]
        };
        explained.push_str(value);
        place += 1;
    }
    explained.push_str(rest);
    let prefix = match backend {
        DbBackend::Sqlite => "EXPLAIN QUERY PLAN",
        _ => "EXPLAIN",
    };
    let rows = db
        .query_all_raw(Statement::from_string(
            backend,
            format!("{prefix} {explained}"),
        ))
        .await?;
    let mut plan = format!("{explained}\n");
    for row in rows {
        for column in row.column_names() {
            if let Ok(text) = row.try_get::<String>("", &column) {
                plan.push_str(&text);
                plan.push(' ');
            }
        }
        plan.push('\n');
    }
    Ok(plan)
}

use super::{app::run, world::world};
use crate::support::{self, TestDb};
support::on_backends! { [sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]
    async fn explore(db: &TestDb) {
        let w = world(db).await?;
        let id = w.project_deleted.id().to_string();
        let all: &[&[&str]] = &[&[], &["--help"], &["trash", "list", "--help"], &["trash"], &["trash", "list"], &["trash", "list", "--json", "--limit", "1"], &["trash", "show", "project", "1"],
          &["trash", "show", "project", "1", "--json"], &["trash", "show", "task", "1"], &["trash", "show", "workspace", "1"], &["trash", "show", "workspce", "1"],
          &["trash", "show", "task_tag", "1"], &["trash", "show", "task", "x"], &["trash", "show", "task", "9"], &["trash", "restore", "task", "1"], &["trash", "restore", "task", "1", "--json"],
          &["trash", "restore", "project", "1", "--dry-run"], &["deletion", "show", &id], &["deletion", "show", &id, "--json"], &["deletion", "undo", &id, "--dry-run"],
          &["trash", "delete", "comment", "1"], &["trash", "delete", "comment", "1", "--yes"], &["trash", "delete", "workspace", "1", "--yes"], &["trash", "delete", "project", "1", "--yes"],
          &["trash", "restore", "project", "1"], &["deletion", "undo", &id], &["doctor"], &["doctor", "--fix"], &["doctor", "--fix", "--yes"], &["doctor"], &["doctor", "--json"], &["purge"], &["purge", "--json"],
          &["trash", "list", "--by", "x"], &["trash", "list", "--by", "7"], &["trash", "list", "--since", "x"], &["trash", "list", "--since", "2026-01-02", "--until", "2026-01-03"]];
        for args in all {
            let ran = run(db, args);
            println!("$ {}\n{}-- {} --\n{}", args.join(" "), ran.out, ran.code, ran.err);
        }
    }
}

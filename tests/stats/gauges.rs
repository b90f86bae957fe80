//! The figures as a Prometheus server reads them.

use metrics_exporter_prometheus::PrometheusBuilder;
use sea_orm::DbBackend;
use soft_delete::Stats;

use super::tables::{create, days_ago, insert, insert_many, make_large, read, registry};
use support::{TestDb, on_backends};

fn rendered(stats: &Stats) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || stats.record());
    handle.render()
}

/// The lines without comments and blank ones, sorted.
fn samples(rendered: &str) -> Vec<&str> {
    let lines = rendered.lines();
    let mut lines: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    lines.sort_unstable();
    lines
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn each_figure_is_a_gauge(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        let rows = [None, None, None, Some(40), Some(31), Some(1), Some(-1)];
        insert(db, "ticket", &rows.map(|days| days.map(days_ago))).await?;
        let rendered = rendered(&read(db, &registry()).await?);
        let samples = samples(&rendered);
        for sample in [
            r#"soft_delete_rows{table="ticket",state="active"} 3"#,
            r#"soft_delete_rows{table="ticket",state="deleted"} 4"#,
            r#"soft_delete_rows{table="ticket",state="expired"} 2"#,
            r#"soft_delete_rows{table="ticket",state="future"} 1"#,
            r#"soft_delete_rows{table="note",state="active"} 0"#,
            r#"soft_delete_oldest_deletion_age_seconds{table="ticket"} 3456000"#,
            r#"soft_delete_oldest_deletion_age_seconds{table="note"} 0"#,
            r#"soft_delete_purge_backlog_seconds{table="ticket"} 864000"#,
        ] {
            assert!(samples.contains(&sample), "{sample} in\n{rendered}");
        }
        assert!(!rendered.contains(r#"table="note",state="expired""#), "{rendered}");
        assert!(!rendered.contains(r#"soft_delete_purge_backlog_seconds{table="note"}"#), "{rendered}");
        assert!(rendered.contains("# TYPE soft_delete_table_bytes gauge"), "{rendered}");
        assert!(rendered.contains(r#"soft_delete_table_bytes{table="ticket"}"#), "{rendered}");
        let has_dead_rows = rendered.contains(r#"soft_delete_dead_rows{table="ticket"}"#);
        assert_eq!(has_dead_rows, db.backend() == DbBackend::Postgres, "{rendered}");
    }
}

on_backends! {
    [sqlite SqliteMemory Pool]

    async fn what_is_not_known_is_not_a_number(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        insert_many(db, "ticket", 40_000, "2026-01-01").await?;
        make_large(db).await?;
        let rendered = rendered(&read(db, &registry()).await?);
        let active = r#"soft_delete_rows{table="ticket",state="active"} NaN"#;
        assert!(rendered.contains(active), "{rendered}");
    }

    async fn the_help_says_what_a_gauge_is(db: &TestDb) {
        create(db, "ticket").await?;
        create(db, "note").await?;
        let rendered = rendered(&read(db, &registry()).await?);
        let mut help: Vec<_> = rendered.lines().filter(|line| line.starts_with("# HELP")).collect();
        help.sort_unstable();
        insta::assert_snapshot!(help.join("\n"));
    }
}

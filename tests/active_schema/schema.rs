//! Creating, changing and dropping the schema.

use sea_orm::{ConnectionTrait as _, DbBackend, TransactionTrait as _};
use sea_orm_migration::SchemaManager;
use soft_delete::{
    migration::SoftDeleteSchema as _,
    schema::{
        ActiveSchema, Change, SchemaSync,
        doctor::{self, Check},
    },
};

use super::layer::{ACTIVE, BASE, Layer, number, on_layer};
use support::{TestDb, TestResult, domain};

async fn tables(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    let main = domain::workspace(db, "main").await?;
    domain::project(db, &main, "engine").await?;
    db.execute_unprepared("CREATE TABLE setting (id INTEGER PRIMARY KEY, name VARCHAR(20))")
        .await?;
    db.execute_unprepared("INSERT INTO setting VALUES (1, 'theme')")
        .await?;
    Ok(())
}

fn descriptions(changes: &[Change]) -> Vec<String> {
    let names = |change: &Change| change.description().replace(&*BASE, "base");
    changes.iter().map(names).collect()
}

async fn changes(layer: &Layer) -> TestResult<Vec<String>> {
    let schema = ActiveSchema::named(&*ACTIVE).registry(&domain::registry());
    let report = doctor::examine(&domain::registry(), &layer.tables).await?;
    let changes = descriptions(&schema.create(&layer.tables).await?);
    let lags = report.findings().iter();
    let lags = lags.filter(|finding| finding.check() == Check::ActiveSchema);
    assert_eq!(lags.count(), changes.len(), "{report}");
    Ok(changes)
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn it_goes_up_and_down_and_up_with_data(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            assert_eq!(number(&layer.views, "SELECT COUNT(*) FROM project").await?, 1);
            assert_eq!(number(&layer.views, "SELECT COUNT(*) FROM setting").await?, 1);
            assert_eq!(changes(layer).await?, [""; 0]);
            let manager = SchemaManager::new(&*layer.tables);
            let schema = ActiveSchema::named(&*ACTIVE).registry(&domain::registry());
            assert!(!manager.drop_active_schema(&schema).await?.is_empty());
            assert!(manager.drop_active_schema(&schema).await?.is_empty());
            assert!(!manager.create_active_schema(&schema).await?.is_empty());
            assert!(manager.create_active_schema(&schema).await?.is_empty());
            assert_eq!(number(&layer.views, "SELECT COUNT(*) FROM project").await?, 1);
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM project").await?, 1);
            Ok(())
        }).await?;
    }

    async fn a_view_that_lacks_a_column_is_found_and_gets_it(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            layer.tables.execute_unprepared("ALTER TABLE tag ADD COLUMN colour VARCHAR(20)").await?;
            let report = doctor::examine(&domain::registry(), &layer.tables).await?;
            let mut lags = report.findings().iter().filter(|finding| finding.check() == Check::ActiveSchema);
            assert!(lags.next().unwrap().problem().contains("tag"), "{report}");
            assert!(lags.next().is_none(), "{report}");
            assert_eq!(
                changes(layer).await?,
                ["create the view `base_active.tag` of the active rows of `base.tag`"]
            );
            assert_eq!(number(&layer.views, "SELECT COUNT(colour) FROM tag").await?, 0);
            assert_eq!(changes(layer).await?, [""; 0]);
            Ok(())
        }).await?;
    }

    async fn a_view_of_other_columns_or_rows_is_made_anew(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let view = |table: &str| format!("{}.{table}", *ACTIVE);
            // On PostgreSQL a column that a view shows can't be dropped.
            let statements = match db.backend() {
                DbBackend::Postgres => vec![
                    format!("DROP VIEW {}", view("comment")),
                    "ALTER TABLE comment DROP COLUMN body, ADD COLUMN text VARCHAR(20)".to_owned(),
                    format!("CREATE VIEW {} AS SELECT id, task_id, deleted_at, deletion_id FROM comment", view("comment")),
                    format!("ALTER VIEW {} RESET (check_option)", view("task")),
                    format!("DROP VIEW {}", view("project")),
                ],
                _ => vec![
                    "ALTER TABLE comment CHANGE COLUMN body text VARCHAR(20)".to_owned(),
                    format!("ALTER VIEW {} AS SELECT * FROM task WHERE deleted_at IS NULL", view("task")),
                    format!("DROP VIEW {}", view("project")),
                ],
            };
            for statement in statements {
                layer.tables.execute_unprepared(&statement).await?;
            }
            let made = changes(layer).await?;
            for table in ["comment", "task", "project"] {
                let create = format!("create the view `base_active.{table}` of the active rows of `base.{table}`");
                assert!(made.contains(&create), "{made:?}");
            }
            assert_eq!(number(&layer.views, "SELECT COUNT(text) FROM comment").await?, 0);
            assert_eq!(changes(layer).await?, [""; 0]);
            Ok(())
        }).await?;
    }

    async fn a_view_without_a_table_or_entity_is_dropped(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let sql = format!("CREATE VIEW {}.old_setting AS SELECT id FROM setting", *ACTIVE);
            layer.tables.execute_unprepared(&sql).await?;
            assert_eq!(changes(layer).await?, ["drop the view `base_active.old_setting`"]);
            assert_eq!(changes(layer).await?, [""; 0]);
            Ok(())
        }).await?;
    }

    async fn a_new_table_without_entity_is_seen_as_it_is(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            layer.tables.execute_unprepared("CREATE TABLE log (id INTEGER PRIMARY KEY)").await?;
            let made = changes(layer).await?;
            match db.backend() {
                DbBackend::Postgres => assert_eq!(made, [""; 0]),
                _ => assert_eq!(made, ["create the view `base_active.log` of all rows of `base.log`"]),
            }
            assert_eq!(number(&layer.owner, "SELECT COUNT(*) FROM log").await?, 0);
            Ok(())
        }).await?;
    }

    async fn the_sync_gives_views_the_columns_that_tables_get(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            // On PostgreSQL a column that a view shows can't be dropped.
            layer.schema.drop(&layer.tables).await?;
            layer.tables.execute_unprepared("ALTER TABLE comment DROP COLUMN deletion_id").await?;
            if db.backend() == DbBackend::Postgres {
                layer.tables.execute_unprepared("ALTER TABLE task ALTER COLUMN deleted_at TYPE timestamptz(0)").await?;
            } else {
                layer.tables.execute_unprepared("ALTER TABLE task MODIFY COLUMN deleted_at datetime NULL").await?;
            }
            layer.schema.create(&layer.tables).await?;
            let sync = || SchemaSync::new().registry(&domain::registry()).active_schema(&ActiveSchema::named(&*ACTIVE).registry(&domain::registry()));
            let planned = descriptions(&sync().plan(&layer.tables).await?);
            assert!(planned.iter().any(|change| change.contains("the active rows of `base.comment`")), "{planned:?}");
            let done = sync().exec(&layer.tables).await?;
            assert!(!done.is_empty());
            assert_eq!(descriptions(&sync().exec(&layer.tables).await?), [""; 0]);
            assert_eq!(changes(layer).await?, [""; 0]);
            assert_eq!(number(&layer.owner, "SELECT COUNT(deletion_id) FROM comment").await?, 0);
            Ok(())
        }).await?;
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn policies_and_privileges_are_those_of_the_user(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let role = format!("{}_reader", *BASE);
            for sql in [
                format!("DROP ROLE IF EXISTS {role}"),
                format!("CREATE ROLE {role}"),
                "ALTER TABLE project ENABLE ROW LEVEL SECURITY".to_owned(),
                format!("CREATE POLICY none ON project TO {role} USING (false)"),
            ] {
                layer.tables.execute_unprepared(&sql).await?;
            }
            let schema = layer.schema.clone().grant_to(role.as_str());
            schema.create(&layer.tables).await?;
            let session = layer.views.begin().await?;
            session.execute_unprepared(&format!("SET LOCAL ROLE {role}")).await?;
            let seen = [
                number(&session, "SELECT COUNT(*) FROM workspace").await?,
                number(&session, "SELECT COUNT(*) FROM project").await?,
            ];
            session.execute_unprepared("DELETE FROM workspace").await.unwrap_err();
            session.rollback().await?;
            layer.tables.execute_unprepared(&format!("DROP OWNED BY {role}")).await?;
            layer.tables.execute_unprepared(&format!("DROP ROLE {role}")).await?;
            assert_eq!(seen, [1, 0]);
            Ok(())
        }).await?;
    }
}

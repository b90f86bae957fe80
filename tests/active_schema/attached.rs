//! A program that has attached: what the library does through the views is what it does on the tables.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, DbBackend, EntityTrait, IntoActiveModel as _,
    ModelTrait as _, PaginatorTrait as _, QueryFilter as _, TransactionTrait as _,
};
use soft_delete::archive::ArchiveTable;
use soft_delete::{
    ConflictPolicy, DEFAULT_GROUP, Outcome, Purge, ScopedConnection, SelectScope as _, SoftDelete,
    StatsReader, Trash, Undo, schema::doctor,
};

use super::layer::{BASE, Layer, number, on_layer};
use support::{
    TestDb, TestResult,
    domain::{self, comment, project, tag, task, workspace},
};

async fn tables(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    let main = domain::workspace(db, "main").await?;
    let engine = domain::project(db, &main, "engine").await?;
    let plan = domain::task(db, &engine, "plan").await?;
    domain::comment(db, &plan, "first").await?;
    domain::comment(db, &plan, "second").await?;
    let urgent = domain::tag(db, "urgent").await?;
    domain::task_tag(db, &plan, &urgent).await?;
    Ok(())
}

async fn attached(db: &TestDb, test: impl AsyncFnOnce(&Layer) -> TestResult) -> TestResult {
    on_layer(db, &domain::registry(), tables, async |layer| {
        layer.schema.attach(&layer.views).await?;
        layer.schema.attach(&layer.views).await?;
        test(layer).await
    })
    .await
}

async fn comments(layer: &Layer) -> TestResult<[u64; 4]> {
    let db = &layer.views;
    Ok([
        comment::Entity::find().count(db).await?,
        comment::Entity::only_deleted().count(db).await?,
        comment::Entity::with_deleted().count(db).await?,
        u64::try_from(
            number(
                &layer.tables,
                "SELECT COUNT(*) FROM comment WHERE deleted_at IS NULL",
            )
            .await?,
        )
        .unwrap(),
    ])
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn a_delete_cascades_and_is_undone(db: &TestDb) {
        attached(db, async |layer| {
            let db = &layer.views;
            let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
            assert_eq!(deletion.rows_affected, 1);
            let counts = deletion.rows_by_table();
            assert_eq!((counts.get("task"), counts.get("comment"), counts.get("task_tag")), (1, 2, 1));
            assert_eq!(comments(layer).await?, [0, 2, 2, 0]);
            let again = workspace::Entity::delete_by_id(1).exec(db).await?;
            assert!(matches!(again.outcome(), Outcome::AlreadyDeleted { .. }));
            assert_eq!(deletion.undo().exec(db).await?.rows_affected, 1);
            assert_eq!(comments(layer).await?, [2, 0, 2, 2]);
            Ok(())
        }).await?;
    }

    async fn a_restore_and_an_undo_by_id_find_what_was_deleted(db: &TestDb) {
        attached(db, async |layer| {
            let db = &layer.views;
            let task = task::Entity::find().one(db).await?.unwrap();
            task.clone().delete(db).await?;
            let deleted = task::Entity::only_deleted().one(db).await?.unwrap();
            assert!(deleted.deleted_at.is_some());
            deleted.restore(db).await?;
            assert_eq!(comments(layer).await?, [2, 0, 2, 2]);
            let deletion = task::Entity::delete_by_id(task.id).exec(db).await?;
            let undone = Undo::deletion(deletion.id()).on_conflict(ConflictPolicy::Skip);
            assert_eq!(undone.exec(db).await?.rows_affected, 1);
            project::Entity::delete_many().filter(project::Column::Name.eq("engine")).exec(db).await?;
            let restored = task::Entity::restore_by_id(task.id).with_parents().exec(db).await?;
            assert_eq!(restored.rows_affected, 1);
            assert_eq!(comments(layer).await?, [2, 0, 2, 2]);
            Ok(())
        }).await?;
    }

    async fn it_does_the_same_in_a_transaction_of_the_callers(db: &TestDb) {
        attached(db, async |layer| {
            let transaction = layer.views.begin().await?;
            task::Entity::delete_by_id(1).exec(&transaction).await?;
            assert_eq!(comment::Entity::only_deleted().count(&transaction).await?, 2);
            transaction.rollback().await?;
            assert_eq!(comments(layer).await?, [2, 0, 2, 2]);
            Ok(())
        }).await?;
    }

    async fn selects_of_deleted_rows_reach_the_table(db: &TestDb) {
        attached(db, async |layer| {
            let db = &layer.views;
            comment::Entity::delete_by_id(2).exec(db).await?;
            let pages = comment::Entity::with_deleted().paginate(db, 1);
            assert_eq!(pages.num_items_and_pages().await?.number_of_pages, 2);
            let joined = comment::Entity::only_deleted().find_also_related(task::Entity).all(db).await?;
            assert!(joined[0].1.is_some());
            let roots = comment::Entity::deletion_roots().all(db).await?;
            assert_eq!(roots.len(), 1);
            let task = task::Entity::find().one(db).await?.unwrap();
            assert_eq!(task.find_related(comment::Entity).all(db).await?.len(), 1);
            let related = task.find_related(comment::Entity).only_deleted().all(db).await?;
            assert_eq!(related, joined.into_iter().map(|(comment, _)| comment).collect::<Vec<_>>());
            let all = <comment::Entity as SoftDelete>::scoped(soft_delete::Scope::WithDeleted);
            assert_eq!(all.filter(comment::Column::TaskId.eq(1)).all(db).await?.len(), 2);
            // The same on a plain connection, and on a scoped one over the views.
            assert_eq!(comment::Entity::with_deleted().count(&layer.tables).await?, 2);
            let scoped = ScopedConnection::new(db.clone());
            assert_eq!(comment::Entity::only_deleted().all(&scoped).await?.len(), 1);
            assert_eq!(<comment::Entity as EntityTrait>::find().all(&scoped).await?.len(), 1);
            Ok(())
        }).await?;
    }

    async fn a_deleted_row_is_edited_and_stays_deleted(db: &TestDb) {
        attached(db, async |layer| {
            let db = &layer.views;
            comment::Entity::delete_by_id(2).exec(db).await?;
            let mut row = comment::Entity::only_deleted().one(db).await?.unwrap().into_active_model();
            row.body = Set("edited".to_owned());
            let row = row.update(db).await?;
            assert!(row.deleted_at.is_some() && row.body == "edited");
            let mut row = comment::Entity::find_by_id(1).one(db).await?.unwrap().into_active_model();
            row.body = Set("edited".to_owned());
            row.save(db).await?;
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM comment WHERE body = 'edited'").await?, 2);
            Ok(())
        }).await?;
    }

    async fn the_trash_figures_and_the_doctor_see_the_tables(db: &TestDb) {
        attached(db, async |layer| {
            let db = &layer.views;
            task::Entity::delete_by_id(1).exec(db).await?;
            let trash = Trash::of(&domain::registry(), DEFAULT_GROUP)?;
            let page = trash.list().exec(db).await?;
            assert_eq!((page.items.len(), page.items[0].table.to_string()), (1, "task".to_owned()));
            let restored = trash.restore("task", trash.key("task", &["1"])?)?.exec(db).await?;
            assert_eq!(restored.rows_affected, 1);
            task::Entity::delete_by_id(1).exec(db).await?;
            if layer.tables.backend() == DbBackend::Postgres {
                let stats = StatsReader::new().registry(&domain::registry()).exact().exec(db).await?;
                let plain = StatsReader::new().registry(&domain::registry()).exact().exec(&layer.tables).await?;
                assert_eq!(format!("{stats}"), format!("{plain}"));
                let report = doctor::examine(&domain::registry(), db).await?;
                let plain = doctor::examine(&domain::registry(), &layer.tables).await?;
                // PostgreSQL names the schema in a definition where the search path doesn't lead to the table.
                let report = report.to_string().replace(&format!("REFERENCES {}.", *BASE), "REFERENCES ");
                assert_eq!(report, plain.to_string());
            }
            Ok(())
        }).await?;
    }

    async fn a_purge_removes_what_has_expired_if_the_user_may(db: &TestDb) {
        attached(db, async |layer| {
            task::Entity::delete_by_id(1).exec(&layer.views).await?;
            let purge = || Purge::new().registry(&domain::registry()).default_retention(Duration::ZERO);
            match db.backend() {
                DbBackend::Postgres => {
                    let report = purge().exec(&layer.views).await?;
                    assert_eq!(report.rows_purged(), 4);
                }
                _ => {
                    purge().exec(&layer.views).await.unwrap_err();
                    assert_eq!(purge().exec(&layer.tables).await?.rows_purged(), 4);
                }
            }
            assert_eq!(comments(layer).await?, [0, 0, 0, 0]);
            Ok(())
        }).await?;
    }

    async fn a_force_delete_removes_a_row_if_the_user_may(db: &TestDb) {
        attached(db, async |layer| {
            comment::Entity::delete_by_id(2).exec(&layer.views).await?;
            let removed = comment::Entity::force_delete_by_id(2).exec(&layer.views).await;
            match db.backend() {
                DbBackend::Postgres => assert_eq!(removed?.rows_affected, 1),
                _ => drop(removed.unwrap_err()),
            }
            let _ = tag::Entity::force_delete_by_id(7).exec(&layer.tables).await?;
            Ok(())
        }).await?;
    }

    async fn the_archive_takes_rows_and_gives_them_back(db: &TestDb) {
        let make_tables = async |db: &TestDb| {
            tables(db).await?;
            ArchiveTable::new().create(db).await?;
            Ok(())
        };
        on_layer(db, &domain::registry(), make_tables, async |layer| {
            let db = &layer.owner;
            layer.schema.attach(db).await?;
            comment::Entity::delete_by_id(2).exec(db).await?;
            let purge = Purge::new().registry(&domain::registry()).default_retention(Duration::ZERO);
            let report = purge.archive(ArchiveTable::new()).exec(db).await?;
            assert_eq!(report.rows_purged(), 1);
            assert_eq!(comments(layer).await?, [1, 0, 1, 1]);
            let archive = ArchiveTable::new();
            let restored = archive.restore().row("comment", [2]).exec(db).await?;
            assert_eq!(restored.rows_affected(), 1);
            assert_eq!(comment::Entity::with_deleted().count(db).await?, 2);
            Ok(())
        }).await?;
    }
}

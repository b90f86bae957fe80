//! What SeaORM does by itself and the library can't change: as the guide says it.

use std::collections::BTreeSet;

use chrono::Utc;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, sea_query::OnConflict,
};

use support::{
    self, Kind, TestDb, TestResult,
    domain::{self, comment, project, tag, task, task_tag},
};

async fn a_task(db: &TestDb) -> TestResult<(project::Model, task::Model)> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    Ok((project, task))
}

support::on_every_backend! {
    async fn a_cascade_delete_makes_each_row_a_deletion_of_its_own(db: &TestDb) {
        let (project, task) = a_task(db).await?;
        domain::comment(db, &task, "first").await?;
        domain::comment(db, &task, "second").await?;
        // It removes the tags of tasks physically, which a scoped connection refuses.
        project.clone().cascade_delete(&db.connection()).await?;

        let mut deletions = BTreeSet::new();
        deletions.extend(project::Entity::only_deleted().all(db).await?.into_iter().map(|row| row.deletion_id));
        deletions.extend(task::Entity::only_deleted().all(db).await?.into_iter().map(|row| row.deletion_id));
        deletions.extend(comment::Entity::only_deleted().all(db).await?.into_iter().map(|row| row.deletion_id));
        assert!(!deletions.contains(&None), "{deletions:?}");
        assert_eq!(deletions.len(), 4);

        let restored = project.restore(db).await?;
        assert_eq!(restored.rows_by_table(), [("project", 1)]);
        assert_eq!(task::Entity::find().count(db).await?, 0);
    }

    async fn a_link_that_was_deleted_stays_so_when_it_is_added_again(db: &TestDb) {
        let (_, task) = a_task(db).await?;
        let urgent = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &urgent).await?;
        let deletion = task_tag::Entity::delete_by_id((task.id, urgent.id)).exec(db).await?;

        let mut task = task.into_active_model().into_ex();
        task.tags.push(urgent.into_active_model().into_ex());
        task.save(&db.connection()).await?;

        let links = task_tag::Entity::with_deleted().all(db).await?;
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].deletion_id, Some(deletion.id()));
    }

    async fn an_upsert_by_the_key_edits_a_deleted_row_and_leaves_it_deleted(db: &TestDb) {
        domain::create(db).await?;
        let urgent = domain::tag(db, "urgent").await?;
        let deletion = tag::Entity::delete_by_id(urgent.id).exec(db).await?;
        let again = tag::ActiveModel {
            id: Set(urgent.id),
            name: Set("again".to_owned()),
            ..Default::default()
        };
        let update = OnConflict::column(tag::Column::Id).update_column(tag::Column::Name).to_owned();
        // With the derive alone. What a scoped connection makes of it is shown beside the leaks.
        tag::Entity::insert(again).on_conflict(update).exec_without_returning(&db.connection()).await?;

        let row = tag::Entity::only_deleted().one(db).await?.expect("still deleted");
        assert_eq!((row.name.as_str(), row.deleted_at), ("again", Some(deletion.deleted_at())));
    }
}

support::on_scoped! {
    /// SeaORM reads what it has inserted where there is no RETURNING, and the connection sees active rows.
    async fn an_insert_of_a_row_that_is_already_deleted_is_not_found_again_on_mariadb(db: &TestDb) {
        domain::create(db).await?;
        let deleted = |name: &str| tag::ActiveModel {
            name: Set(name.to_owned()),
            deleted_at: Set(Some(Utc::now())),
            ..Default::default()
        };
        let inserted = deleted("one").insert(db).await;
        match (db.kind(), inserted) {
            (Kind::MariaDb, Err(DbErr::RecordNotFound(_))) => {}
            (Kind::MariaDb, other) => panic!("{other:?}"),
            (_, inserted) => assert!(inserted?.is_deleted()),
        }
        // The row is there, and the ways around it work.
        tag::Entity::insert(deleted("two")).exec_without_returning(db).await?;
        let read_back = deleted("three").insert(&db.scoped().with_deleted()).await?;
        assert!(read_back.is_deleted());
        assert_eq!(tag::Entity::only_deleted().count(db).await?, 3);
        assert_eq!(tag::Entity::find().filter(tag::Column::Name.eq("one")).count(db).await?, 0);
    }
}

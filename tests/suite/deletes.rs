//! Deleting rows: the outcome, the stamp, and what is refused.

use chrono::{DateTime, TimeZone as _, Utc};
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, IntoActiveModel as _, QueryFilter as _, Set,
    TransactionTrait as _, sea_query::ExprTrait as _,
};
use soft_delete::{Error, Outcome};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, task_tag, workspace},
};

async fn three_tags(db: &TestDb) -> TestResult<Vec<tag::Model>> {
    domain::create(db).await?;
    for name in ["a", "b", "c"] {
        domain::tag(db, name).await?;
    }
    Ok(tag::Entity::find().order_by_id_asc().all(db).await?)
}

async fn active_tags(db: &TestDb) -> TestResult<Vec<String>> {
    let tags = tag::Entity::find().order_by_id_asc().all(db).await?;
    Ok(tags.into_iter().map(|tag| tag.name).collect())
}

support::on_every_backend! {
    async fn a_delete_marks_the_row_and_keeps_it(db: &TestDb) {
        three_tags(db).await?;
        let deletion = tag::Entity::delete_by_id(2).exec(db).await?;

        assert_eq!(deletion.rows_affected, 1);
        assert_eq!(deletion.outcome(), Outcome::Deleted);
        assert_eq!(deletion.rows_by_table(), [("tag", 1)]);
        assert_eq!(active_tags(db).await?, ["a", "c"]);
        let trash = tag::Entity::only_deleted().all(db).await?;
        assert_eq!(trash.len(), 1);
        assert_eq!(trash[0].name, "b");
    }

    async fn the_stamp_read_back_is_the_stamp_returned(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let deletion = workspace::Entity::delete_by_id(workspace.id).by(42).reason("spam").exec(db).await?;

        let row = workspace::Entity::only_deleted().one(db).await?.expect("the workspace");
        assert_eq!(row.deleted_at, Some(deletion.deleted_at()));
        assert_eq!(row.deletion_id, Some(deletion.id()));
        assert_eq!(deletion.id().get_version_num(), 7);
        assert_eq!(row.deleted_by, Some(42));
        assert_eq!(row.delete_reason.as_deref(), Some("spam"));
    }

    async fn the_time_is_cut_to_microseconds(db: &TestDb) {
        three_tags(db).await?;
        let at: DateTime<Utc> = Utc.timestamp_nanos(1_800_000_000_123_456_789);
        let deletion = tag::Entity::delete_by_id(1).at(at).exec(db).await?;

        let cut = Utc.timestamp_nanos(1_800_000_000_123_456_000);
        assert_eq!(deletion.deleted_at(), cut);
        let row = tag::Entity::only_deleted().one(db).await?.expect("the tag");
        assert_eq!(row.deleted_at, Some(cut));
    }

    async fn deleting_twice_is_no_error_and_leaves_the_stamp_alone(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let first = workspace::Entity::delete_by_id(workspace.id).by(1).exec(db).await?;
        let stamped = workspace::Entity::only_deleted().one(db).await?;

        let second = workspace::Entity::delete_by_id(workspace.id).by(2).exec(db).await?;

        assert_eq!(second.rows_affected, 0);
        assert_eq!(second.rows_by_table(), []);
        assert_eq!(
            second.outcome(),
            Outcome::AlreadyDeleted { deleted_at: first.deleted_at() }
        );
        assert_eq!(workspace::Entity::only_deleted().one(db).await?, stamped);
    }

    async fn deleting_what_never_was_is_told_apart(db: &TestDb) {
        three_tags(db).await?;
        let deletion = tag::Entity::delete_by_id(4711).exec(db).await?;
        assert_eq!(deletion.rows_affected, 0);
        assert_eq!(deletion.outcome(), Outcome::NotFound);
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn a_filter_names_the_rows(db: &TestDb) {
        three_tags(db).await?;
        let deletion = tag::Entity::delete_many()
            .filter(tag::Column::Name.ne("b"))
            .exec(db)
            .await?;
        assert_eq!(deletion.rows_affected, 2);
        assert_eq!(active_tags(db).await?, ["b"]);
    }

    async fn an_or_in_the_filter_of_a_delete_is_grouped(db: &TestDb) {
        three_tags(db).await?;
        let first = tag::Entity::delete_by_id(1).exec(db).await?;
        let either = tag::Column::Name.eq("a").or(tag::Column::Name.eq("b"));
        let deletion = tag::Entity::delete_many().filter(either).exec(db).await?;

        assert_eq!(deletion.rows_affected, 1);
        let a = tag::Entity::only_deleted().filter(tag::Column::Name.eq("a")).one(db).await?;
        assert_eq!(a.expect("a").deleted_at, Some(first.deleted_at()));
    }

    async fn ids_name_the_rows(db: &TestDb) {
        three_tags(db).await?;
        let deletion = tag::Entity::delete_many().filter_by_ids([1, 3, 4711]).exec(db).await?;
        assert_eq!(deletion.rows_affected, 2);
        assert_eq!(active_tags(db).await?, ["b"]);
    }

    async fn composite_ids_name_the_rows(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        for name in ["a", "b", "c"] {
            domain::task_tag(db, &task, &domain::tag(db, name).await?).await?;
        }
        let deletion = task_tag::Entity::delete_many().filter_by_ids([(1, 1), (1, 3)]).exec(db).await?;
        assert_eq!(deletion.rows_affected, 2);
        let left = task_tag::Entity::find().all(db).await?;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].tag_id, 2);
    }

    async fn a_delete_without_conditions_is_refused(db: &TestDb) {
        three_tags(db).await?;
        for delete in [
            tag::Entity::delete_many(),
            tag::Entity::delete_many().filter(Condition::all()),
            tag::Entity::delete_many().filter(Condition::all().add(Condition::all())),
        ] {
            let refused = delete.exec(db).await.map_err(Error::from).expect_err("no filter");
            assert!(matches!(refused, Error::Unfiltered { .. }), "{refused}");
        }
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn a_delete_of_an_empty_choice_deletes_nothing(db: &TestDb) {
        three_tags(db).await?;
        let none = tag::Entity::delete_many().filter(Condition::any()).exec(db).await?;
        assert_eq!(none.rows_affected, 0);
        let none = tag::Entity::delete_many().filter_by_ids([]).exec(db).await?;
        assert_eq!(none.rows_affected, 0);
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn all_deletes_every_active_row(db: &TestDb) {
        three_tags(db).await?;
        let first = tag::Entity::delete_by_id(2).exec(db).await?;
        let deletion = tag::Entity::delete_many().all().exec(db).await?;
        assert_eq!(deletion.rows_affected, 2);
        let b = tag::Entity::only_deleted().filter(tag::Column::Name.eq("b")).one(db).await?;
        assert_eq!(b.expect("b").deleted_at, Some(first.deleted_at()));
    }

    async fn a_model_is_deleted_by_its_key(db: &TestDb) {
        let tags = three_tags(db).await?;
        let deletion = tags[0].clone().delete(db).await?;
        assert_eq!(deletion.rows_affected, 1);
        assert_eq!(active_tags(db).await?, ["b", "c"]);
    }

    async fn an_active_model_is_deleted_by_its_key(db: &TestDb) {
        let tags = three_tags(db).await?;
        let deleted = tags[0].clone().into_active_model().delete(db).await?;
        assert_eq!(deleted.rows_affected, 1);
        let deletion = tag::Entity::delete(tags[1].clone().into_active_model()).exec(db).await?;
        assert_eq!(deletion.rows_affected, 1);
        assert_eq!(active_tags(db).await?, ["c"]);
    }

    async fn an_active_model_without_a_key_is_refused(db: &TestDb) {
        three_tags(db).await?;
        let keyless = tag::ActiveModel { name: Set("a".to_owned()), ..Default::default() };
        let refused = tag::Entity::delete(keyless.clone()).plan(db).await.expect_err("no key");
        assert!(matches!(&refused, Error::PrimaryKeyNotSet { column, .. } if column == "id"), "{refused}");
        let refused = tag::Entity::delete(keyless.clone()).exec(db).await;
        assert!(matches!(refused, Err(DbErr::PrimaryKeyNotSet { .. })), "{refused:?}");
        assert!(matches!(keyless.delete(db).await, Err(DbErr::PrimaryKeyNotSet { .. })));
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn a_reason_needs_a_column(db: &TestDb) {
        three_tags(db).await?;
        let refused = tag::Entity::delete_by_id(1).reason("spam").exec(db).await.map_err(Error::from).expect_err("no column");
        assert!(matches!(refused, Error::MissingColumn { .. }));
        assert!(refused.to_string().contains("add `delete_reason: Option<String>`"), "{refused}");
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn a_time_that_no_database_stores_is_refused(db: &TestDb) {
        three_tags(db).await?;
        let refused = tag::Entity::delete_by_id(1).at(DateTime::<Utc>::MAX_UTC).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::TimeOutOfRange { .. })));
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn string_and_uuid_keys_work(db: &TestDb) {
        domain::create(db).await?;
        let ada = domain::member(db, "ada").await?;
        let deletion = member::Entity::delete_by_id(ada.id).exec(db).await?;
        assert_eq!(deletion.outcome(), Outcome::Deleted);
        assert!(member::Entity::find_by_id(ada.id).one(db).await?.is_none());
    }

    async fn a_force_delete_removes_the_row_in_any_state(db: &TestDb) {
        three_tags(db).await?;
        tag::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(tag::Entity::force_delete_by_id(1).exec(db).await?.rows_affected, 1);
        assert_eq!(tag::Entity::force_delete_by_id(2).exec(db).await?.rows_affected, 1);
        assert_eq!(tag::Entity::with_deleted().all(db).await?.len(), 1);
    }

    async fn a_force_delete_of_the_trash_takes_a_filter(db: &TestDb) {
        let tags = three_tags(db).await?;
        tag::Entity::delete_by_id(1).exec(db).await?;
        let removed = tag::Entity::force_delete_many()
            .filter(tag::Column::DeletedAt.is_not_null())
            .exec(db)
            .await?;
        assert_eq!(removed.rows_affected, 1);
        assert_eq!(tags[1].clone().force_delete(db).await?.rows_affected, 1);
        assert_eq!(active_tags(db).await?, ["c"]);
        assert!(matches!(
            tag::Entity::force_delete_many().exec(db).await,
            Err(Error::Unfiltered { .. })
        ));
    }

    async fn a_second_delete_is_never_physical(db: &TestDb) {
        let tags = three_tags(db).await?;
        for _ in 0..3 {
            tags[0].clone().delete(db).await?;
            tag::Entity::delete_by_id(1).exec(db).await?;
        }
        assert_eq!(tag::Entity::with_deleted().all(db).await?.len(), 3);
    }

    async fn a_callers_rollback_takes_the_deletion_back(db: &TestDb) {
        three_tags(db).await?;
        let transaction = db.begin().await?;
        tag::Entity::delete_by_id(1).exec(&transaction).await?;
        assert_eq!(tag::Entity::find().all(&transaction).await?.len(), 2);
        transaction.rollback().await?;
        assert_eq!(active_tags(db).await?.len(), 3);
    }

    async fn an_error_leaves_the_callers_transaction_usable(db: &TestDb) {
        domain::create(db).await?;
        let ada = domain::member(db, "ada").await?;
        let workspace = domain::workspace(db, "main").await?;
        let mut project = domain::project(db, &workspace, "engine").await?.into_active_model();
        project.lead_id = Set(Some(ada.id));
        project.update(db).await?;

        let transaction = db.begin().await?;
        domain::tag(&transaction, "before").await?;
        let refused = member::Entity::delete_by_id(ada.id).exec(&transaction).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })));
        domain::tag(&transaction, "after").await?;
        transaction.commit().await?;
        assert_eq!(active_tags(db).await?, ["before", "after"]);
    }

    async fn a_database_error_leaves_the_callers_transaction_usable(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::comment(db, &task, "first").await?;

        let transaction = db.begin().await?;
        let bad_filter = sea_orm::sea_query::Expr::cust("no_such_column = 1");
        let failed = comment::Entity::delete_many().filter(bad_filter).exec(&transaction).await.map_err(Error::from);
        assert!(matches!(failed, Err(Error::Db(_))));
        domain::tag(&transaction, "after").await?;
        transaction.commit().await?;
        assert_eq!(active_tags(db).await?, ["after"]);
    }

    async fn seaorms_own_cascade_delete_marks_too(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::comment(db, &task, "done").await?;

        if db.is_scoped() {
            // It removes the tags of tasks physically.
            let refused = project.clone().cascade_delete(db).await.expect_err("refused");
            assert!(refused.to_string().contains("task_tag"), "{refused}");
            assert_eq!(project::Entity::find().all(db).await?.len(), 1);
        }
        let deleted = project.cascade_delete(&db.connection()).await?;

        assert!(deleted.rows_affected > 0);
        assert_eq!(project::Entity::only_deleted().all(db).await?.len(), 1);
        assert_eq!(task::Entity::only_deleted().all(db).await?.len(), 1);
        assert_eq!(comment::Entity::only_deleted().all(db).await?.len(), 1);
    }
}

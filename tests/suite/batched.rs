//! Deletes in batches: the same rows as a delete in one transaction takes, however large the batches are and wherever it ends early.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, Set, Statement, TransactionTrait as _,
};
use soft_delete::{Deletion, Error, Outcome, SoftDelete, Undo};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, task_tag, workspace},
    folder,
    shelf::{self, book, log, shelf as shelves},
};

/// Two workspaces, of which the first has two projects with three tasks each, four comments a task, and tags. One comment was
/// deleted before.
async fn two_workspaces(db: &TestDb) -> TestResult<member::Model> {
    domain::create(db).await?;
    let tag = domain::tag(db, "urgent").await?;
    let ada = domain::member(db, "Ada").await?;
    for slug in ["main", "other"] {
        let workspace = domain::workspace(db, slug).await?;
        for project in ["engine", "loom"] {
            let project = domain::project(db, &workspace, project).await?;
            for title in ["start", "go on", "end"] {
                let task = domain::task(db, &project, title).await?;
                let mut assigned = task.clone().into_active_model();
                assigned.assignee_id = Set(Some(ada.id));
                assigned.update(db).await?;
                domain::task_tag(db, &task, &tag).await?;
                for body in ["one", "two", "three", "four"] {
                    domain::comment(db, &task, body).await?;
                }
            }
        }
    }
    comment::Entity::delete_by_id(3).exec(db).await?;
    Ok(ada)
}

/// How many rows of each table have no deletion, and the given one.
async fn state(db: &TestDb, deletion: &Deletion) -> TestResult<BTreeMap<&'static str, (i64, i64)>> {
    let mut state = BTreeMap::new();
    for table in ["workspace", "project", "task", "task_tag", "comment"] {
        let count = |condition: &str, values: Vec<sea_orm::Value>| {
            let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {condition}");
            Statement::from_sql_and_values(db.backend(), sql, values)
        };
        let place = if db.backend() == DbBackend::Postgres {
            "$1"
        } else {
            "?"
        };
        let active = db
            .connection()
            .query_one_raw(count("deleted_at IS NULL", vec![]))
            .await?;
        let of_this = count(
            &format!("deletion_id = {place} AND deleted_at IS NOT NULL"),
            vec![deletion.id().into()],
        );
        let of_this = db.connection().query_one_raw(of_this).await?;
        let number =
            |row: Option<sea_orm::QueryResult>| row.expect("a row").try_get::<i64>("", "n");
        state.insert(table, (number(active)?, number(of_this)?));
    }
    Ok(state)
}

/// Runs a delete whose connection is lost after so many batches. Says whether that was before its end.
async fn interrupted<E: SoftDelete>(
    db: &TestDb,
    delete: soft_delete::BatchedDelete<E>,
    after: usize,
) -> bool {
    let connection = db.recorder();
    connection.fail_after(after);
    match delete.exec(&connection).await {
        Ok(_) => false,
        Err(error) => {
            assert!(
                error.to_string().contains("the connection is lost"),
                "{error}"
            );
            true
        }
    }
}

fn whole() -> [(&'static str, u64); 5] {
    [
        ("workspace", 1),
        ("project", 2),
        ("task", 6),
        ("task_tag", 6),
        ("comment", 23),
    ]
}

support::on_every_backend! {
    async fn batches_take_what_one_transaction_would(db: &TestDb) {
        two_workspaces(db).await?;
        for rows in [1, 2, 3, 5, 1_000, u64::MAX, 0] {
            let delete = workspace::Entity::delete_by_id(1).by(7).reason("closed").batched(rows);
            let id = delete.deletion_id();
            let deletion = delete.exec(db).await?;
            assert_eq!(deletion.id(), id);
            assert_eq!((deletion.rows_affected, deletion.outcome()), (1, Outcome::Deleted));
            assert_eq!(sorted(&deletion), sorted_pairs(whole()), "{rows}");
            let task = task::Entity::only_deleted().one(db).await?.expect("a task");
            assert_eq!((task.deletion_id, task.deleted_by, task.deleted_at), (Some(id), Some(7), Some(deletion.deleted_at())));
            assert_eq!(task.delete_reason.as_deref(), Some("closed"));
            assert_eq!(comment::Entity::find().count(db).await?, 24);
            let restored = deletion.undo().exec(db).await?;
            assert_eq!(sorted_pairs(restored.rows_by_table().iter().map(|(table, rows)| (table.name.as_str(), rows))), sorted(&deletion));
        }
    }

    async fn a_delete_that_ended_early_is_continued_or_undone(db: &TestDb) {
        two_workspaces(db).await?;
        let before = state(db, &workspace::Entity::delete_by_id(99).exec(db).await?).await?;
        let mut interruptions = 0;
        for (after, is_continued) in [(1, true), (1, false), (2, true), (4, false), (7, true), (11, false), (17, true), (18, false)] {
            let delete = workspace::Entity::delete_by_id(1).reason("closed").batched(2);
            let id = delete.deletion_id();
            interruptions += u32::from(interrupted(db, delete, after).await);
            if is_continued {
                let again = || workspace::Entity::delete_by_id(1).batched(3).continuing(id);
                let rest = again().exec(db).await?;
                assert_eq!(rest.id(), id);
                let now = state(db, &rest).await?;
                assert_eq!(now.values().map(|(_, of_this)| of_this).collect::<Vec<_>>(), [&23, &2, &6, &6, &1], "{after}");
                let reasons = task::Entity::only_deleted().filter(task::Column::DeleteReason.eq("closed")).count(db).await?;
                assert_eq!(reasons, 6);
                let times = comment::Entity::only_deleted().filter(comment::Column::DeletedAt.eq(rest.deleted_at())).count(db).await?;
                assert_eq!(times, 23);
                assert_eq!(again().exec(db).await?.rows_by_table(), []);
            }
            Undo::deletion(id).exec(db).await?;
            assert_eq!(state(db, &workspace::Entity::delete_by_id(99).exec(db).await?).await?, before, "{after}");
        }
        assert_eq!(interruptions, 8);
    }

    async fn many_rows_are_taken_in_batches_and_continued(db: &TestDb) {
        two_workspaces(db).await?;
        let delete = || task::Entity::delete_many().filter(task::Column::Id.gt(2)).batched(3);
        let first = delete();
        let id = first.deletion_id();
        assert!(interrupted(db, first, 5).await);
        let rest = delete().continuing(id).exec(db).await?;
        assert!(rest.rows_affected < 10, "{rest:?}");
        assert_eq!(task::Entity::find().count(db).await?, 2);
        assert_eq!(comment::Entity::find().count(db).await?, 7);
        assert_eq!(task_tag::Entity::find().count(db).await?, 2);
        let restored = Undo::deletion(id).exec(db).await?;
        assert_eq!(restored.rows_affected, 10);
        assert_eq!(comment::Entity::find().count(db).await?, 47);
    }

    async fn one_that_had_not_begun_begins(db: &TestDb) {
        two_workspaces(db).await?;
        let id = workspace::Entity::delete_by_id(1).batched(1).deletion_id();
        let deletion = workspace::Entity::delete_by_id(1).batched(10).continuing(id).exec(db).await?;
        assert_eq!(sorted(&deletion), sorted_pairs(whole()));
        assert_eq!(deletion.id(), id);
        let again = workspace::Entity::delete_by_id(1).batched(10).exec(db).await?;
        assert_eq!(again.outcome(), Outcome::AlreadyDeleted { deleted_at: deletion.deleted_at() });
        assert_eq!(workspace::Entity::delete_by_id(9).batched(10).exec(db).await?.outcome(), Outcome::NotFound);
    }

    async fn what_restricts_is_found_before_anything_is_written(db: &TestDb) {
        let ada = two_workspaces(db).await?;
        let mut project = project::Entity::find_by_id(4).one(db).await?.expect("a project").into_active_model();
        project.lead_id = Set(Some(ada.id));
        project.update(db).await?;
        let error = member::Entity::delete_by_id(ada.id).batched(2).exec(db).await.unwrap_err();
        let Error::Restricted { blockers, .. } = &error else { panic!("{error}") };
        assert_eq!((blockers.len(), blockers[0].rows), (1, 1));
        assert_eq!(member::Entity::find().count(db).await?, 1);

        project::Entity::delete_by_id(4).exec(db).await?;
        let plan = member::Entity::delete_by_id(ada.id).batched(2).plan(db).await?;
        assert_eq!(plan.set_null()[0].rows, 9);
        member::Entity::delete_by_id(ada.id).batched(2).exec(db).await?;
        // Only active rows lose the reference.
        assert_eq!(task::Entity::find().filter(task::Column::AssigneeId.is_not_null()).count(db).await?, 0);
        assert_eq!(task::Entity::only_deleted().filter(task::Column::AssigneeId.is_not_null()).count(db).await?, 3);
    }

    async fn a_table_without_a_deletions_id_is_refused(db: &TestDb) {
        two_workspaces(db).await?;
        let error = tag::Entity::delete_by_id(1).batched(2).exec(db).await.unwrap_err();
        assert!(matches!(&error, Error::MissingDeletionId { table, .. } if table.name == "tag"), "{error}");
        assert_eq!(tag::Entity::find().count(db).await?, 1);
    }

    async fn a_transaction_is_refused(db: &TestDb) {
        two_workspaces(db).await?;
        let transaction = db.begin().await?;
        let error = workspace::Entity::delete_by_id(1).batched(2).exec(&transaction).await.unwrap_err();
        assert!(matches!(error, Error::InTransaction { .. }), "{error}");
        transaction.rollback().await?;
        assert_eq!(workspace::Entity::find().count(db).await?, 2);
    }

    async fn a_tree_is_taken_to_its_last_level(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 60).await?;
        let deletion = folder::Entity::delete_by_id(3).batched(7).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("folder", 58)]);
        assert_eq!(deletion.rows_affected, 1);
        assert_eq!(folder::Entity::find().count(db).await?, 2);
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), [("folder", 58)]);
        let all = folder::Entity::delete_many().all().batched(9).exec(db).await?;
        assert_eq!(all.rows_by_table(), [("folder", 60)]);
        assert_eq!(all.undo().exec(db).await?.rows_by_table(), [("folder", 60)]);
    }

    async fn hooks_run_for_each_batch(db: &TestDb) {
        shelf::create(db).await?;
        db.execute_unprepared("INSERT INTO shelf (id) VALUES (1)").await?;
        for id in 1..=5 {
            let sql = format!("INSERT INTO book (id, shelf_id, title) VALUES ({id}, 1, 'plain')");
            db.execute_unprepared(&sql).await?;
        }
        let deletion = shelves::Entity::delete_by_id(1).batched(2).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("shelf", 1), ("book", 5)]);
        let lines = log::lines(db).await?;
        let of_books: Vec<_> = lines.iter().filter(|line| line.contains(" book ")).collect();
        assert_eq!(of_books, [
            "before_delete book 2 [1, 2]", "after_delete book 2 [1, 2]", "before_delete book 2 [3, 4]",
            "after_delete book 2 [3, 4]", "before_delete book 1 [5]", "after_delete book 1 [5]",
        ]);
        assert_eq!(book::Entity::find().count(db).await?, 0);
    }
}

fn sorted_pairs<'t>(pairs: impl IntoIterator<Item = (&'t str, u64)>) -> Vec<(String, u64)> {
    let pairs = pairs
        .into_iter()
        .map(|(table, rows)| (table.to_owned(), rows));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    pairs
}

fn sorted(deletion: &Deletion) -> Vec<(String, u64)> {
    let pairs = deletion.rows_by_table().iter();
    sorted_pairs(pairs.map(|(table, rows)| (table.name.as_str(), rows)))
}

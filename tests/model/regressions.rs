//! Counterexamples that were found, each under the rule that it broke.

use std::time::Duration;

use chrono::Utc;
use soft_delete::Delete;

use super::{
    check::check,
    database::Database,
    operation::{
        A, B, C, D, F, OnConflict::*, Operation, Target::*, cascade, delete, insert, restore,
        set_code, undo,
    },
    random::{Case, Step},
    schema::{Key, create_tables, node_a, node_b, registry},
};
use crate::support::{self, TestDb, TestResult};

async fn holds(
    db: &TestDb,
    keys: impl Into<Vec<Key>>,
    operations: impl Into<Vec<Operation>>,
) -> TestResult {
    create_tables(db).await?;
    let operations = operations.into().into_iter();
    let case = Case {
        keys: keys.into(),
        in_transaction: false,
        steps: operations.map(Step::as_it_is).collect(),
    };
    Ok(check(db, &case).await?)
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_deletion_tells_its_own_table_first_also_in_a_circle(db: &TestDb) {
        holds(db, [cascade(B, A), cascade(A, B)], [
            insert(B, 1),
            insert(A, 1).below(B, 1),
            delete(B, Id(1)),
        ]).await?;
    }

    async fn a_restore_tells_parents_before_children(db: &TestDb) {
        holds(db, [cascade(D, A), cascade(A, C)], [
            insert(C, 1),
            insert(A, 1).below(C, 1),
            insert(D, 1).below(A, 1),
            delete(C, Id(1)),
            restore(D, Id(1)).with_parents(),
        ]).await?;
    }

    async fn a_row_named_is_not_kept_for_another_parent_also_below_another_row_named(db: &TestDb) {
        holds(db, [cascade(A, A), cascade(A, B)], [
            insert(B, 1),
            insert(A, 1),
            insert(A, 2).below(A, 1).below(B, 1),
            delete(A, Id(1)),
            delete(B, Id(1)),
            restore(A, Ids(vec![1, 2])),
            restore(A, Id(1)),
        ]).await?;
    }

    async fn with_parents_restores_the_parents_of_every_row_named(db: &TestDb) {
        holds(db, [cascade(A, A), cascade(A, B)], [
            insert(B, 1),
            insert(A, 1),
            insert(A, 2).below(A, 1).below(B, 1),
            delete(A, Id(1)),
            delete(B, Id(1)),
            restore(A, Ids(vec![1, 2])).with_parents(),
        ]).await?;
    }

    async fn a_plan_counts_rows_named_that_a_deleted_parent_forbids_to_restore(db: &TestDb) {
        holds(db, [cascade(A, A), cascade(A, D)], [
            insert(D, 1),
            insert(A, 1).below(D, 1),
            delete(D, Id(1)),
            restore(A, All),
        ]).await?;
    }

    async fn a_row_named_is_not_kept_for_a_parent_below_it(db: &TestDb) {
        holds(db, [cascade(A, A), cascade(A, B)], [
            insert(B, 1),
            insert(A, 1).below(A, 2),
            insert(A, 2).below(A, 1).below(B, 1),
            delete(A, Id(1)),
            delete(B, Id(1)),
            restore(A, Id(1)),
            restore(A, Id(1)).with_parents(),
        ]).await?;
    }

    async fn skipped_rows_keep_their_deletion_id_where_the_row_named_has_none(db: &TestDb) {
        holds(db, [cascade(A, C)], [
            insert(C, 1),
            insert(A, 1).below(C, 1).code(1),
            delete(C, Id(1)),
            insert(A, 2).code(1),
            restore(C, Id(1)).on_conflict(Skip),
        ]).await?;
    }

    async fn skipped_rows_keep_who_deleted_them_where_the_row_above_has_no_such_column(db: &TestDb) {
        holds(db, [cascade(B, A), cascade(D, B)], [
            insert(A, 1),
            insert(B, 1).below(A, 1).code(1),
            insert(D, 1).below(B, 1),
            delete(A, Id(1)).by(7),
            insert(B, 2).code(1),
            restore(A, Id(1)).on_conflict(Skip),
        ]).await?;
    }

    async fn skipped_rows_below_others_keep_their_own_deletion(db: &TestDb) {
        holds(db, [cascade(A, A)], [
            insert(A, 1).code(1),
            insert(A, 2).below(A, 1),
            delete(A, Id(2)),
            delete(A, Id(1)),
            insert(A, 3).code(1),
            restore(A, Ids(vec![1, 2])).on_conflict(Skip),
        ]).await?;
    }

    async fn a_row_kept_below_a_parent_without_deletion_id_comes_back_with_it(db: &TestDb) {
        let keys = [cascade(C, A), cascade(B, C), cascade(B, D)];
        holds(db, keys, [
            insert(D, 1),
            insert(A, 1),
            insert(C, 1).below(A, 1),
            insert(B, 1).below(C, 1).below(D, 1),
            delete(D, Id(1)),
            delete(A, Id(1)),
            restore(D, Id(1)),
            restore(A, Id(1)),
        ]).await?;
    }

    async fn undoing_a_deletion_ends_where_a_kept_row_has_no_deletion_id(db: &TestDb) {
        let keys = [cascade(C, A), cascade(B, C), cascade(B, D), cascade(F, B)];
        let operations = [
            insert(D, 1),
            insert(A, 1),
            insert(C, 1).below(A, 1),
            insert(B, 1).below(C, 1).below(D, 1),
            insert(F, 1).below(B, 1),
            delete(D, Id(1)),
            delete(A, Id(1)),
            restore(D, Id(1)),
            undo(1),
        ];
        tokio::time::timeout(Duration::from_secs(20), holds(db, keys, operations)).await??;
    }

    /// Of a row without `deletion_id` nobody could say which of the two took it.
    async fn a_deletion_is_not_at_the_time_of_another_below_the_same_row(db: &TestDb) {
        create_tables(db).await?;
        let registry = registry(&[cascade(C, A), cascade(C, B)]);
        let mut database = Database::new(db, registry.clone());
        for insert in [insert(A, 1), insert(B, 1), insert(C, 1).below(A, 1).below(B, 1)] {
            database.exec(&insert).await?;
        }
        let now = Utc::now();
        Delete::<node_a::Entity>::by_id(1).at(now).registry(&registry).exec(db).await?;
        let same = Delete::<node_b::Entity>::by_id(1).at(now).registry(&registry).exec(db).await;
        assert!(matches!(same, Err(soft_delete::Error::SameTime { .. })), "{same:?}");
        let deletion = Delete::<node_b::Entity>::by_id(1).registry(&registry).exec(db).await?;

        let undone = deletion.undo_in(&registry, db);
        let restored = tokio::time::timeout(Duration::from_secs(20), undone).await??;

        assert_eq!(restored.rows_by_table(), [("node_b", 1)]);
    }

    async fn a_row_is_not_restored_by_replacing_its_own_parent(db: &TestDb) {
        holds(db, [cascade(A, A)], [
            insert(A, 1),
            insert(A, 2).below(A, 1).code(1),
            delete(A, Id(2)),
            set_code(A, 1, Some(1)),
            restore(A, Id(2)).on_conflict(Replace),
        ]).await?;
    }

    async fn a_parent_is_not_restored_below_one_that_was_replaced(db: &TestDb) {
        holds(db, [cascade(A, A)], [
            insert(A, 1),
            insert(A, 2).below(A, 1).code(1),
            insert(A, 3).below(A, 2),
            delete(A, Id(3)),
            delete(A, Id(2)),
            set_code(A, 1, Some(1)),
            restore(A, Id(3)).with_parents().on_conflict(Replace),
        ]).await?;
    }

    async fn a_parent_is_not_restored_below_one_that_was_skipped(db: &TestDb) {
        holds(db, [cascade(A, A)], [
            insert(A, 1).code(1),
            insert(A, 2).below(A, 1),
            insert(A, 3).below(A, 2),
            delete(A, Id(3)),
            delete(A, Id(2)),
            delete(A, Id(1)),
            insert(A, 4).code(1),
            restore(A, Ids(vec![1, 3])).with_parents().on_conflict(Skip),
        ]).await?;
    }

    async fn a_row_in_conflict_with_an_active_and_a_restored_row_is_told_once(db: &TestDb) {
        holds(db, [cascade(A, B)], [
            insert(B, 1),
            insert(A, 1).below(B, 1),
            insert(A, 2).below(B, 1),
            insert(A, 3).below(B, 1),
            delete(B, Id(1)),
            set_code(A, 1, Some(1)),
            set_code(A, 2, Some(1)),
            set_code(A, 3, Some(1)),
            restore(B, Id(1)),
            insert(A, 4).code(1),
            restore(B, Id(1)),
        ]).await?;
    }

    async fn a_holder_that_went_with_another_is_not_told_as_replaced(db: &TestDb) {
        holds(db, [cascade(A, C), cascade(B, C), cascade(B, A)], [
            insert(C, 1),
            insert(A, 1).below(C, 1).code(1),
            insert(B, 1).below(C, 1).code(1),
            delete(C, Id(1)),
            insert(A, 2).code(1),
            insert(B, 2).below(A, 2).code(1),
            restore(C, Id(1)).on_conflict(Replace),
        ]).await?;
    }
}

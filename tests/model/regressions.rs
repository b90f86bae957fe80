//! Counterexamples that were found, each under the rule that it broke.

use std::time::Duration;

use chrono::Utc;
use sea_orm::{ConnectionTrait as _, DbBackend, IsolationLevel::RepeatableRead};
use soft_delete::Delete;

use super::{
    check::check,
    database::Database,
    layout::{Form, Layout},
    operation::{
        A, B, C, D, E, F, OnConflict::*, Operation, Target::*, cascade, delete, insert, move_below,
        purge, restore, restrict, rewrite, set_code, set_null, undo,
    },
    random::{Around, Case, Step, Where, fresh},
    schema::{Key, Node, Rules, TABLES, node_a, node_b},
};
use support::{self, TestDb, TestResult};

async fn holds(
    db: &TestDb,
    rules: impl Into<Rules>,
    operations: impl Into<Vec<Operation>>,
) -> TestResult {
    let steps = operations.into().into_iter().map(Step::as_it_is);
    steps_hold(db, rules, steps.collect()).await
}

async fn steps_hold(db: &TestDb, rules: impl Into<Rules>, steps: Vec<Step>) -> TestResult {
    let layout = Layout::finest(db.kind());
    let case = Case {
        rules: rules.into(),
        place: Where::Connection,
        steps,
    };
    Ok(check(&fresh(db, &layout).await?, &layout, &case).await?)
}

/// In columns of whole seconds, without `deletion_id`: deletions that follow each other would have the same time. Three times, as a
/// second may end in between.
async fn holds_by_whole_seconds(
    db: &TestDb,
    keys: impl Into<Vec<Key>>,
    operations: impl Into<Vec<Operation>>,
) -> TestResult {
    let layout = Layout::whole_seconds(db.kind());
    let case = Case {
        rules: Rules {
            keys: keys.into(),
            has_id: [false; TABLES],
        },
        place: Where::Connection,
        steps: operations.into().into_iter().map(Step::as_it_is).collect(),
    };
    for _ in 0..3 {
        check(&fresh(db, &layout).await?, &layout, &case).await?;
    }
    Ok(())
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    /// The key to clear is in the table whose rows the deletion began with, and MySQL updates no table that a sub-select reads.
    async fn a_key_is_cleared_in_the_table_of_the_roots(db: &TestDb) {
        holds_by_whole_seconds(db, [cascade(F, D), set_null(D, F)], [
            insert(D, 1),
            insert(F, 1),
            insert(D, 3),
            insert(F, 3).below(D, 3),
            insert(D, 4).below(F, 3),
            delete(D, Id(3)),
        ]).await?;
    }

    async fn a_row_below_one_deleted_at_the_same_time_does_not_forbid_a_delete_that_reaches_no_parent_of_it(db: &TestDb) {
        let keys = [cascade(E, D), restrict(E, E), cascade(D, C), cascade(C, D)];
        holds_by_whole_seconds(db, keys, [
            insert(D, 1),
            insert(E, 1),
            delete(E, Id(1)),
            insert(E, 5).below(E, 1),
            delete(D, Id(1)),
        ]).await?;
    }

    async fn a_row_below_one_deleted_at_the_same_time_does_not_forbid_a_delete(db: &TestDb) {
        let keys = [cascade(E, D), restrict(E, E), cascade(D, C), cascade(C, D)];
        holds_by_whole_seconds(db, keys, [
            insert(D, 1),
            insert(E, 1).below(D, 1),
            insert(E, 2),
            delete(E, Id(2)),
            insert(E, 3).below(E, 2),
            delete(D, Id(1)),
        ]).await?;
    }

    async fn a_row_below_one_deleted_at_the_same_time_is_not_deleted_with_others_named(db: &TestDb) {
        holds_by_whole_seconds(db, [cascade(B, A)], [
            insert(A, 1),
            insert(A, 2),
            insert(B, 2).below(A, 2),
            delete(A, Id(1)),
            insert(B, 1).below(A, 1),
            delete(A, Ids(vec![1, 2])),
            insert(A, 3),
            delete(A, All),
        ]).await?;
    }

    async fn a_row_below_one_deleted_at_the_same_time_is_not_deleted_with_rows_further_up(db: &TestDb) {
        let keys = [cascade(D, A), cascade(B, A), cascade(B, D), cascade(C, B)];
        holds_by_whole_seconds(db, keys, [
            insert(A, 1),
            insert(B, 1).below(A, 1),
            insert(B, 2),
            delete(B, Id(2)),
            insert(C, 2).below(B, 2),
            delete(A, Id(1)),
        ]).await?;
    }

    async fn a_key_to_a_row_deleted_at_the_same_time_is_not_set_to_null(db: &TestDb) {
        holds_by_whole_seconds(db, [cascade(B, A), cascade(B, D), set_null(C, B)], [
            insert(A, 1),
            insert(B, 1).below(A, 1),
            insert(B, 2),
            delete(B, Id(2)),
            insert(C, 2).below(B, 2),
            delete(A, Id(1)),
            insert(B, 3),
            delete(B, All),
        ]).await?;
    }
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
        let layout = Layout::finest(db.kind());
        let db = &fresh(db, &layout).await?;
        let registry = Rules::from([cascade(C, A), cascade(C, B)]).registry();
        let mut database = Database::new(registry.clone(), &layout);
        for insert in [insert(A, 1), insert(B, 1), insert(C, 1).below(A, 1).below(B, 1)] {
            database.exec(db, &insert).await?;
        }
        let now = Utc::now();
        Delete::<node_a::Entity>::by_id(1).at(now).registry(&registry).exec(db).await?;
        let same = <node_b::Entity as Node>::delete(1).at(now).registry(&registry).exec(db).await.map_err(soft_delete::Error::from);
        assert!(matches!(same, Err(soft_delete::Error::SameTime { .. })), "{same:?}");
        let deletion = <node_b::Entity as Node>::delete(1).registry(&registry).exec(db).await?;

        let undone = deletion.undo().registry(&registry).exec(db);
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

    /// The first UPDATE finds no row there, as it would beside a trigger that may veto.
    async fn active_rows_beside_deleted_ones_are_deleted_in_a_transaction_with_a_snapshot(db: &TestDb) {
        let around = Around::Transaction { level: Some(RepeatableRead), commits: true };
        let mut steps = [insert(C, 1), insert(C, 2), delete(C, Id(1)), delete(C, All)].map(Step::as_it_is);
        steps[3].around = around;
        steps_hold(db, [cascade(A, C)], steps.to_vec()).await?;
    }

    async fn active_rows_beside_deleted_ones_are_deleted_though_a_trigger_may_veto(db: &TestDb) {
        let layout = Layout::finest(db.kind());
        let db = &fresh(db, &layout).await?;
        let trigger = match db.get_database_backend() {
            DbBackend::Sqlite => "CREATE TRIGGER looks_on BEFORE UPDATE ON node_c BEGIN SELECT 1; END",
            DbBackend::Postgres => "CREATE FUNCTION looks_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
                 CREATE TRIGGER looks_on BEFORE UPDATE ON node_c FOR EACH ROW EXECUTE FUNCTION looks_on()",
            _ => "CREATE TRIGGER looks_on BEFORE UPDATE ON node_c FOR EACH ROW SET @looked = 1",
        };
        db.unscoped().execute_unprepared(trigger).await?;
        let steps = [insert(C, 1), insert(C, 2), delete(C, Id(1)), delete(C, All)].map(Step::as_it_is);
        let case = Case { rules: Rules::from([cascade(A, C)]), place: Where::Connection, steps: steps.to_vec() };
        check(db, &layout, &case).await?;
    }

    async fn an_undo_tells_what_is_gone_when_nothing_is_left(db: &TestDb) {
        holds(db, [cascade(C, A), cascade(C, C)], [
            insert(A, 1),
            insert(C, 1).below(A, 1),
            delete(A, Id(1)),
            purge(&[(A, 1), (C, 1)]),
            undo(0),
        ]).await?;
    }

    async fn a_row_below_itself_is_not_below_another_row(db: &TestDb) {
        holds(db, [cascade(D, D), cascade(D, F), cascade(F, D)], [
            insert(D, 1),
            insert(F, 1).below(D, 1),
            insert(D, 3).below(D, 3).below(F, 1),
            delete(D, Id(3)),
            delete(D, Id(1)),
            undo(0),
        ]).await?;
    }

    async fn a_parent_that_is_below_a_row_named_is_not_restored_below_a_deleted_one(db: &TestDb) {
        holds(db, [cascade(A, E), cascade(E, A), cascade(A, B)], [
            insert(B, 2),
            insert(A, 1).below(B, 2).below(E, 2),
            insert(E, 1).below(A, 1),
            insert(A, 3).below(E, 1),
            insert(E, 2).below(A, 3),
            delete(B, Id(2)),
            restore(A, Id(3)).with_parents(),
        ]).await?;
    }

    async fn a_row_that_is_skipped_needs_no_parent(db: &TestDb) {
        holds(db, [cascade(B, D)], [
            insert(D, 1),
            insert(B, 1).code(1),
            insert(B, 2).below(D, 1),
            delete(D, Id(1)),
            set_code(B, 2, Some(1)),
            restore(B, Id(2)).on_conflict(Skip),
        ]).await?;
    }

    async fn an_undo_that_would_replace_the_parent_of_its_rows_is_refused(db: &TestDb) {
        holds(db, [cascade(E, E)], [
            insert(E, 1).code(0),
            insert(E, 3).below(E, 1),
            insert(E, 4).below(E, 3).code(3),
            delete(E, Id(3)),
            set_code(E, 4, Some(0)),
            undo(0).on_conflict(Replace),
        ]).await?;
    }

    async fn an_undo_that_is_refused_for_a_parent_resolves_no_conflict(db: &TestDb) {
        for policy in [Skip, Replace, RenameBy(7)] {
            holds(db, [cascade(B, D)], [
                insert(D, 1),
                insert(B, 1).code(1),
                insert(B, 2).code(2),
                insert(B, 3).below(D, 1),
                delete(B, Ids(vec![2, 3])),
                set_code(B, 2, Some(1)),
                delete(D, Id(1)),
                undo(0).on_conflict(policy),
            ]).await?;
        }
    }

    async fn an_undo_finds_rows_whose_time_was_written_anew(db: &TestDb) {
        let forms = match db.kind().is_server() {
            true => vec![],
            false => vec![Form::Plain, Form::Zulu, Form::Nanoseconds, Form::Eastward, Form::Westward],
        };
        for form in forms {
            holds(db, [cascade(A, B)], [
                insert(A, 3),
                insert(A, 4),
                delete(A, All),
                rewrite(A, 4, form),
                undo(0),
            ]).await?;
        }
    }

    async fn a_restore_of_a_row_in_a_circle_of_tables_and_rows_ends(db: &TestDb) {
        let rules = [set_null(A, A), cascade(A, C), cascade(B, B), set_null(B, A), cascade(C, A)];
        holds(db, rules, [
            insert(A, 1).below(B, 4).below(C, 2).code(2),
            insert(B, 1).below(A, 4).below(C, 3).code(0),
            insert(C, 1).below(B, 3).below(C, 3).code(0),
            insert(A, 2).below(A, 1).below(B, 2).below(C, 2).code(3),
            insert(B, 2).below(A, 4).below(B, 3).kind(1).code(2),
            insert(C, 2).below(A, 1).below(B, 1).below(C, 3),
            insert(A, 3).below(A, 1).below(B, 1).below(C, 4),
            insert(B, 3).below(A, 1).below(C, 1),
            insert(A, 4).below(A, 3).below(B, 4).below(C, 4),
            insert(B, 4).below(A, 3).below(B, 2).below(C, 1).code(3),
            insert(C, 4).below(A, 3).below(B, 2).below(C, 1).kind(1),
            delete(B, Id(2)).by(8),
            delete(B, Id(1)).by(8),
            move_below(B, 4, B, Some(4)),
            restore(B, Id(4)).on_conflict(Skip),
            delete(B, Id(4)),
            delete(C, Id(2)),
            restore(B, Ids(vec![2, 2, 2, 2])).on_conflict(Skip),
        ]).await?;
    }
}

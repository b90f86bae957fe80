//! Counterexamples that were found, each with the rule that it broke.

use super::{
    check::check,
    operation::{
        A, B, C, Case, D, E, F, OnConflict::*, Operation, Target::*, cascade, delete, force_delete,
        insert, move_below, restore, restrict, set_null, undo,
    },
    schema::{Key, create_tables},
};
use crate::support::{self, TestDb, TestResult};

async fn holds(
    db: &TestDb,
    keys: impl Into<Vec<Key>>,
    operations: impl Into<Vec<Operation>>,
) -> TestResult {
    create_tables(db).await?;
    let case = Case {
        keys: keys.into(),
        in_transaction: false,
        operations: operations.into(),
    };
    Ok(check(db, &case).await?)
}

support::on_backends! {
    [sqlite SqliteMemory, postgres Postgres, mariadb MariaDb]

    async fn nothing_yet(db: &TestDb) {
        holds(db, [cascade(B, A)], [insert(A, 1)]).await?;
    }
}

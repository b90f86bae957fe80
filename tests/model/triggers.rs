//! The same beside triggers that refuse an active row under a deleted parent.

use sea_orm::DatabaseConnection;
use soft_delete::schema::{ActiveParentTriggers, SchemaSync};
use tokio::task::block_in_place;

use super::{
    check::{Checked, Disagreement, Triggers, check_beside},
    random::{Case, run},
    schema::{Key, PARENT_COLUMNS, create_tables, meta, registry},
};
use crate::support::{self, TestDb};

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, scoped_sqlite SqliteMemory Scoped]

    async fn they_are_not_in_the_engines_way(db: &TestDb) {
        create_tables(db).await?;
        // Each case makes its own triggers, which takes its time.
        block_in_place(|| run(db, 2, check))?;
    }
}

/// With the triggers that the case's keys want.
async fn check(db: &DatabaseConnection, case: &Case) -> Checked {
    let of_schema = |error: soft_delete::Error| Disagreement(error.to_string());
    let sync = SchemaSync::new(&registry(&case.keys)).active_parent_triggers();
    sync.exec(db).await.map_err(of_schema)?;
    let checked = check_beside(db, case, Triggers::ActiveParent).await;
    for key in &case.keys {
        triggers(key).drop(db).await.map_err(of_schema)?;
    }
    checked
}

fn triggers(key: &Key) -> ActiveParentTriggers {
    ActiveParentTriggers::on(meta(key.child).table.name.clone())
        .key(PARENT_COLUMNS[key.parent], "id")
        .parent(meta(key.parent).table.name.clone())
}

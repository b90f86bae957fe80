//! The same beside triggers that refuse an active row under a deleted parent.

use soft_delete::schema::{ActiveParentTriggers, SchemaSync};

use super::{
    check::{Checked, Disagreement, Triggers, check_beside},
    key,
    layout::Layout,
    random::{Case, run},
    schema::{Key, When, meta},
};
use support::{self, Connection, TestDb};

support::on_backends! {
    [sqlite SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool, scoped_sqlite SqliteFile Scoped]

    async fn they_are_not_in_the_engines_way(db: &TestDb) {
        // Each case makes its own triggers, which takes its time.
        run(db, &[Layout::finest(db.kind())], 3, check).await?;
    }
}

/// With the triggers that the case's keys want.
async fn check(db: &Connection, layout: &Layout, case: &Case) -> Checked {
    let of_schema = |error: soft_delete::Error| Disagreement(error.to_string());
    let mut case = case.clone();
    for key in &mut case.rules.keys {
        key.when = When::Always;
    }
    let sync = SchemaSync::new()
        .registry(&case.rules.registry())
        .active_parent_triggers();
    sync.exec(db.unscoped()).await.map_err(of_schema)?;
    let checked = check_beside(db, layout, &case, Triggers::ActiveParent).await;
    for key in &case.rules.keys {
        triggers(key).drop(db.unscoped()).await.map_err(of_schema)?;
    }
    checked
}

fn triggers(of: &Key) -> ActiveParentTriggers {
    let triggers = ActiveParentTriggers::on(meta(of.child).table.name.clone())
        .parent(meta(of.parent).table.name.clone());
    let (own, of_parent) = (key::parent_columns(of.parent), key::columns(of.parent));
    let columns = own.iter().zip(of_parent);
    columns.fold(triggers, |triggers, (own, of_parent)| {
        triggers.key(*own, *of_parent)
    })
}

//! The exact SQL, as each backend gets it. The statements are run as well.

use sea_orm::{ColumnTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use soft_delete::SelectActive as _;

use support::{
    self, Connection, Recorder, TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, workspace},
    folder,
};

/// Compares what was sent since the last time with the snapshot of that name.
fn compare(name: &str, db: &TestDb, sent: &Recorder<Connection>) {
    let sql = sent.statements().join("\n");
    sent.clear();
    let backend = format!("{:?}", db.backend()).to_lowercase();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}.{backend}"), sql);
    });
}

async fn a_task(db: &TestDb) -> TestResult<task::Model> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    domain::comment(db, &task, "first").await?;
    Ok(task)
}

support::on_every_backend! {
    async fn the_sql_of_reads(db: &TestDb) {
        a_task(db).await?;
        let sent = db.recorder();
        tag::Entity::find().all(&sent).await?;
        tag::Entity::find_by_id(1).one(&sent).await?;
        tag::Entity::with_deleted().all(&sent).await?;
        tag::Entity::only_deleted().all(&sent).await?;
        tag::Entity::find_by_name("urgent").one(&sent).await?;
        tag::Entity::update_many().col_expr(tag::Column::Name, "later".into()).exec(&sent).await?;
        task::Entity::find().find_also_active(comment::Entity).all(&sent).await?;
        tag::Entity::find().find_with_active(task::Entity).all(&sent).await?;
        compare("reads", db, &sent);
    }

    async fn the_sql_of_an_edit(db: &TestDb) {
        let mut task = a_task(db).await?.into_active_model();
        task.title = Set("finish".to_owned());
        let sent = db.recorder();
        task.update_without_returning(&sent).await?;
        compare("edit", db, &sent);
    }

    async fn the_sql_of_a_delete_without_children(db: &TestDb) {
        a_task(db).await?;
        let sent = db.recorder();
        comment::Entity::delete_by_id(1).exec(&sent).await?;
        comment::Entity::delete_by_id(1).exec(&sent).await?;
        comment::Entity::delete_many().filter(comment::Column::Body.eq("first")).exec(&sent).await?;
        comment::Entity::force_delete_by_id(1).exec(&sent).await?;
        compare("leaf", db, &sent);
    }

    async fn the_sql_of_a_cascade_and_of_its_restore(db: &TestDb) {
        a_task(db).await?;
        let sent = db.recorder();
        let deletion = workspace::Entity::delete_by_id(1).by(42).reason("closed").exec(&sent).await?;
        compare("cascade", db, &sent);
        deletion.undo().exec(&sent).await?;
        compare("undo", db, &sent);
        workspace::Entity::delete_by_id(1).exec(db).await?;
        workspace::Entity::restore_by_id(1).exec(&sent).await?;
        compare("restore", db, &sent);
    }

    /// Rows with two parents may have been kept below the other one, with its stamp.
    async fn the_sql_of_an_undo_of_rows_with_two_parents(db: &TestDb) {
        let task = a_task(db).await?;
        let tag = domain::tag(db, "later").await?;
        domain::task_tag(db, &task, &tag).await?;
        let deletion = task::Entity::delete_by_id(task.id).exec(db).await?;
        let sent = db.recorder();
        deletion.undo().exec(&sent).await?;
        compare("undo_junction", db, &sent);
    }

    async fn the_sql_of_restrict_and_set_null(db: &TestDb) {
        a_task(db).await?;
        let ada = domain::member(db, "ada").await?;
        let project = project::Entity::find_by_id(1).one(db).await?.expect("the project");
        let sent = db.recorder();
        member::Entity::delete_by_id(ada.id).exec(&sent).await?;
        assert_eq!(project.lead_id, None);
        compare("restrict", db, &sent);
    }

    async fn the_sql_of_a_tree(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        let sent = db.recorder();
        folder::Entity::delete_by_id(2).exec(&sent).await?;
        compare("tree", db, &sent);
        folder::Entity::restore_by_id(2).exec(&sent).await?;
        compare("tree_restore", db, &sent);
    }
}

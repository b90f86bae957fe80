//! Columns as SeaORM's schema builder makes them on MySQL and MariaDB: `deleted_at` of whole seconds, which the server rounds.

use sea_orm::{ConnectionTrait as _, DbBackend, PaginatorTrait as _};

use support::{
    self, TestDb,
    domain::{self, tag, task_tag},
};

support::on_every_backend! {
    async fn a_deletion_known_by_its_time_alone_is_followed_and_undone(db: &TestDb) {
        domain::create(db).await?;
        if db.backend() == DbBackend::MySql {
            db.execute_unprepared("ALTER TABLE tag MODIFY deleted_at TIMESTAMP NULL").await?;
        }
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        let tag = domain::tag(db, "urgent").await?;
        domain::task_tag(db, &task, &tag).await?;

        for microsecond in [123_456, 654_321] {
            let at = chrono::DateTime::from_timestamp(1_800_000_000, microsecond * 1_000).expect("a time");
            let plan = tag::Entity::delete_by_id(tag.id).plan(db).await?;
            let deletion = tag::Entity::delete_by_id(tag.id).at(at).exec(db).await?;
            assert_eq!(deletion.rows_by_table(), [("tag", 1), ("task_tag", 1)]);
            assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
            assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
        }
        assert_eq!(tag::Entity::find().count(db).await?, 1);
        assert_eq!(task_tag::Entity::find().count(db).await?, 1);
    }
}

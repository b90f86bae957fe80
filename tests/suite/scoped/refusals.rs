//! What a scoped connection does not send.

use sea_orm::{ConnectionTrait as _, EntityTrait, ModelTrait, PaginatorTrait as _, Statement};

use support::{
    self, Kind, TestDb,
    domain::{self, tag},
};

support::on_scoped! {
    async fn a_physical_delete_is_refused_whoever_builds_it(db: &TestDb) {
        domain::create(db).await?;
        let tag = domain::tag(db, "urgent").await?;
        let scoped = db.scoped();
        for refused in [
            <tag::Entity as EntityTrait>::delete_by_id(1).exec(&scoped).await.map(drop),
            <tag::Entity as EntityTrait>::delete_many().exec(&scoped).await.map(drop),
            ModelTrait::delete(tag, &scoped).await.map(drop),
            scoped.execute_unprepared("DELETE FROM tag").await.map(drop),
            scoped.execute_raw(Statement::from_string(db.backend(), "DELETE FROM tag WHERE id = 1")).await.map(drop),
            scoped.with_deleted().execute_unprepared("DELETE FROM tag").await.map(drop),
        ] {
            let message = refused.expect_err("refused").to_string();
            assert!(message.contains("`tag`"), "{message}");
            assert!(message.contains("unscoped()"), "{message}");
        }
        assert_eq!(tag::Entity::with_deleted().count(db).await?, 1);

        scoped.unscoped().execute_unprepared("DELETE FROM tag").await?;
        assert_eq!(tag::Entity::with_deleted().count(db).await?, 0);
    }

    async fn a_force_delete_is_let_through(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "urgent").await?;
        let removed = tag::Entity::force_delete_by_id(1).exec(db).await?;
        assert_eq!(removed.rows_affected, 1);
    }

    async fn what_cannot_be_understood_is_refused_and_not_sent(db: &TestDb) {
        domain::create(db).await?;
        domain::tag(db, "urgent").await?;
        let scoped = db.scoped();
        for sql in [
            "SELECT id FROM tag; SELECT id FROM tag",
            "SELECT id FROM tag WHERE",
            "UPDATE tag SET name = 'a' WHERE id = 1; UPDATE tag SET name = 'b' WHERE id = 1",
            "COPY tag TO STDOUT",
            "TRUNCATE TABLE tag",
        ] {
            let message = scoped.execute_unprepared(sql).await.expect_err(sql).to_string();
            assert!(message.contains("unscoped()"), "{message}");
        }
        assert_eq!(tag::Entity::find_by_name("urgent").count(db).await?, 1);
    }

    async fn statements_on_other_tables_and_ddl_are_sent_as_they_are(db: &TestDb) {
        let scoped = db.scoped();
        for sql in [
            "CREATE TABLE plain (id INTEGER, deleted_at INTEGER)",
            "INSERT INTO plain VALUES (1, NULL), (2, 9)",
            "CREATE INDEX plain_id ON plain (id)",
            "DELETE FROM plain WHERE id = 1",
        ] {
            assert_eq!(scoped.rewrite(sql), Ok(sql.into()));
            scoped.execute_unprepared(sql).await?;
        }
        let rows = Statement::from_string(db.backend(), "SELECT id FROM plain");
        assert_eq!(scoped.query_all_raw(rows).await?.len(), 1);
        if db.kind() == Kind::Postgres {
            scoped.execute_unprepared("SET statement_timeout = '1min'").await?;
        }
    }
}

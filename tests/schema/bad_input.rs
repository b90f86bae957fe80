//! Users who may not, and servers that can't.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, Database, DbBackend, MockDatabase, Value};
use soft_delete::{
    Error,
    schema::{PurgeIndex, SchemaError, SoftDeleteColumns},
};

use super::tables::run;
use support::{TestDb, on_backends};

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_missing_privilege_is_told_with_what_it_was_for(db: &TestDb) {
        run(db, &["CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TIME)"]).await?;
        let mut url = url::Url::parse(db.url())?;
        let database = url.path().trim_start_matches('/').to_owned();
        let user = format!("reader_{database}").chars().take(60).collect::<String>();
        let (create, drop) = match db.backend() {
            DbBackend::Postgres => (
                vec![format!("CREATE ROLE {user} LOGIN PASSWORD 'secret'"), format!("GRANT SELECT ON post TO {user}")],
                vec![format!("REVOKE ALL ON post FROM {user}"), format!("DROP ROLE {user}")],
            ),
            _ => (
                vec![format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'secret'"), format!("GRANT SELECT ON `{database}`.* TO '{user}'@'%'")],
                vec![format!("DROP USER '{user}'@'%'")],
            ),
        };
        for statement in create {
            db.execute_unprepared(&statement).await?;
        }
        url.set_username(&user).expect("a URL with a user");
        url.set_password(Some("secret")).expect("a URL with a password");
        let reader = Database::connect(url.as_str()).await?;
        let columns = SoftDeleteColumns::new().deletion_id().add("post", &reader).await;
        let index = PurgeIndex::on("post").create(&reader).await;
        reader.close().await?;
        for statement in drop {
            db.execute_unprepared(&statement).await?;
        }
        for (error, what) in [
            (columns.unwrap_err(), "add the column `deletion_id` to `post`"),
            (index.unwrap_err(), "create the index `idx_post_deleted_at_purge` of `post`, for purges"),
        ] {
            assert!(matches!(&error, Error::Schema(SchemaError::Privilege { action, .. }) if action == what), "{error}");
        }
    }
}

on_backends! {
    [sqlite_file SqliteFile Pool]

    async fn a_database_that_is_read_only_is_told(db: &TestDb) {
        run(db, &["CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TIME)"]).await?;
        let url = db.url().replace("mode=rwc", "mode=ro");
        let reader = Database::connect(url).await?;
        let error = PurgeIndex::on("post").create(&reader).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::Privilege { .. })), "{error}");
    }
}

#[tokio::test]
async fn an_old_server_is_told() {
    for (backend, version, told) in [
        (
            DbBackend::Postgres,
            "12.22",
            "this needs PostgreSQL 13 or later, and the server is 12.22: upgrade it",
        ),
        (
            DbBackend::MySql,
            "10.5.8-MariaDB",
            "this needs MariaDB 10.6 or later, and the server is 10.5.8-MariaDB: upgrade it",
        ),
        (
            DbBackend::MySql,
            "5.7.44",
            "this needs MySQL 8.0 or later, and the server is 5.7.44: upgrade it",
        ),
        (
            DbBackend::Sqlite,
            "3.31.1",
            "this needs SQLite 3.35 or later, and the server is 3.31.1: upgrade it",
        ),
    ] {
        let row = BTreeMap::from([("version", Value::from(version))]);
        let old = MockDatabase::new(backend)
            .append_query_results([[row]])
            .into_connection();
        let error = PurgeIndex::on("post").create(&old).await.unwrap_err();
        assert_eq!(error.to_string(), told);
    }
}

//! The purge index.

use soft_delete::{
    Error,
    schema::{PurgeIndex, SchemaError},
};

use super::tables::{descriptions, run};
use support::{TestDb, on_backends, on_every_backend};

const TABLE: &str = "CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TIME)";

on_every_backend! {
    async fn the_purge_index_goes_up_and_down_and_up_with_data(db: &TestDb) {
        run(db, &[TABLE, "INSERT INTO post VALUES (1, NOW), (2, NULL)"]).await?;
        let index = PurgeIndex::on("post");
        assert_eq!(
            descriptions(&index.create(db).await?),
            ["create the index `idx_post_deleted_at_purge` of `post`, for purges"]
        );
        assert_eq!(descriptions(&index.create(db).await?), [""; 0]);
        assert_eq!(index.drop(db).await?.len(), 1);
        assert_eq!(descriptions(&index.drop(db).await?), [""; 0]);
        assert_eq!(index.create(db).await?.len(), 1);
    }

    async fn any_index_that_begins_with_deleted_at_will_do(db: &TestDb) {
        run(db, &[TABLE, "CREATE INDEX mine ON post (deleted_at, id)"]).await?;
        assert_eq!(descriptions(&PurgeIndex::on("post").create(db).await?), [""; 0]);
    }

    async fn another_index_with_its_name_is_told(db: &TestDb) {
        run(db, &[TABLE, "CREATE INDEX idx_post_deleted_at_purge ON post (id)"]).await?;
        let error = PurgeIndex::on("post").create(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::NameTaken { .. })), "{error}");
    }
}

on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool]

    async fn an_index_of_active_rows_will_not(db: &TestDb) {
            run(db, &[TABLE, "CREATE INDEX mine ON post (deleted_at) WHERE deleted_at IS NULL"]).await?;
            assert_eq!(PurgeIndex::on("post").create(db).await?.len(), 1);
    }
}

//! Unique among active rows.

use sea_orm::ConnectionTrait as _;
use soft_delete::{
    Error,
    schema::{SchemaError, SoftDeleteColumns, UniqueActiveIndex},
};

use super::tables::{descriptions, number, run};
use support::{TestDb, on_backends, on_every_backend};

const TABLE: &str = "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50), deleted_at TIME)";

fn slug() -> UniqueActiveIndex {
    UniqueActiveIndex::on("post").col("slug")
}

async fn insert(db: &TestDb, values: &str) -> bool {
    let sql = format!("INSERT INTO post (id, author_id, slug, deleted_at) VALUES {values}");
    run(db, &[&sql]).await.is_ok()
}

on_every_backend! {
    async fn active_rows_are_unique_and_deleted_ones_are_not(db: &TestDb) {
        run(db, &[TABLE]).await?;
        assert_eq!(slug().create(db).await?.len(), 1);
        assert!(insert(db, "(1, 1, 'a', NOW)").await);
        assert!(insert(db, "(2, 1, 'a', NOW)").await);
        assert!(insert(db, "(3, 1, 'a', NULL)").await);
        assert!(!insert(db, "(4, 1, 'a', NULL)").await);
        assert!(insert(db, "(5, 1, 'b', NULL)").await);
        assert!(run(db, &["UPDATE post SET deleted_at = NULL WHERE id = 1"]).await.is_err());
        assert!(insert(db, "(6, 1, NULL, NULL), (7, 1, NULL, NULL)").await);
    }

    async fn a_composite_key_is_one(db: &TestDb) {
        run(db, &[TABLE]).await?;
        let index = UniqueActiveIndex::on("post").cols(["author_id", "slug"]);
        index.create(db).await?;
        assert_eq!(descriptions(&index.create(db).await?), [""; 0]);
        assert!(insert(db, "(1, 1, 'a', NULL), (2, 2, 'a', NULL), (3, 1, 'a', NOW)").await);
        assert!(!insert(db, "(4, 1, 'a', NULL)").await);
    }

    async fn it_goes_up_and_down_and_up_with_data(db: &TestDb) {
        run(db, &[TABLE]).await?;
        assert!(insert(db, "(1, 1, 'a', NOW), (2, 1, 'a', NULL)").await);
        assert_eq!(slug().create(db).await?.len(), 1);
        assert_eq!(descriptions(&slug().create(db).await?), [""; 0]);
        assert_eq!(slug().drop(db).await?.len(), 1);
        assert_eq!(descriptions(&slug().drop(db).await?), [""; 0]);
        assert_eq!(slug().create(db).await?.len(), 1);
        assert!(!insert(db, "(3, 1, 'a', NULL)").await);
        // Nothing of it is left behind that would keep the column.
        slug().drop(db).await?;
        SoftDeleteColumns::new().even_with_deleted_rows().drop("post", db).await?;
    }

    async fn several_indexes_of_a_table_come_and_go(db: &TestDb) {
        run(db, &[TABLE]).await?;
        let author = UniqueActiveIndex::on("post").col("author_id");
        slug().create(db).await?;
        author.create(db).await?;
        slug().drop(db).await?;
        assert!(insert(db, "(1, 1, 'a', NULL)").await);
        assert!(!insert(db, "(2, 1, 'b', NULL)").await);
        author.drop(db).await?;
        SoftDeleteColumns::new().drop("post", db).await?;
    }

    async fn a_plain_unique_is_replaced_and_comes_back(db: &TestDb) {
        let unique = "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50) UNIQUE, deleted_at TIME)";
        run(db, &[unique]).await?;
        assert!(insert(db, "(1, 1, 'a', NOW)").await);
        assert!(!insert(db, "(2, 1, 'a', NULL)").await);
        let index = slug().replacing_unique();
        index.create(db).await?;
        assert_eq!(descriptions(&index.create(db).await?), [""; 0]);
        assert!(insert(db, "(2, 1, 'a', NULL)").await);
        assert!(!insert(db, "(3, 1, 'a', NULL)").await);

        let error = index.drop(db).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "rows of `post` have equal values in (slug): (a) 2 times; change or delete all but one of each"
        );
        run(db, &["DELETE FROM post WHERE id = 1"]).await?;
        index.drop(db).await?;
        assert_eq!(descriptions(&index.drop(db).await?), [""; 0]);
        run(db, &["UPDATE post SET deleted_at = NOW"]).await?;
        assert!(!insert(db, "(3, 1, 'a', NULL)").await);
        index.create(db).await?;
        assert!(insert(db, "(3, 1, 'a', NULL)").await);
    }

    async fn unique_constraints_of_every_spelling_are_replaced(db: &TestDb) {
        let unique = "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50), deleted_at TIME, \
             CONSTRAINT one UNIQUE (slug, author_id), CONSTRAINT other UNIQUE (id, slug))";
        run(db, &[unique, "CREATE UNIQUE INDEX two ON post (author_id, slug)"]).await?;
        assert!(insert(db, "(1, 1, 'a', NOW)").await);
        UniqueActiveIndex::on("post").cols(["author_id", "slug"]).replacing_unique().create(db).await?;
        assert!(insert(db, "(2, 1, 'a', NULL)").await);
        assert!(!insert(db, "(3, 1, 'a', NULL)").await);
        // That of other columns is left alone.
        let left = SoftDeleteColumns::new().drop("post", db).await.unwrap_err();
        assert!(matches!(left, Error::Schema(SchemaError::ColumnIndexed { .. })), "{left}");
    }

    async fn rows_that_refer_to_the_table_stay_when_its_unique_is_replaced(db: &TestDb) {
        run(db, &[
            "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50) UNIQUE, deleted_at TIME)",
            "CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER, FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE)",
        ]).await?;
        assert!(insert(db, "(1, 1, 'a', NULL)").await);
        run(db, &["INSERT INTO comment VALUES (1, 1), (2, 1)"]).await?;
        slug().replacing_unique().create(db).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM comment").await?, 2);
        // And the foreign key still works.
        assert!(run(db, &["INSERT INTO comment VALUES (3, 9)"]).await.is_err());
        run(db, &["DELETE FROM post WHERE id = 1"]).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM comment").await?, 0);
    }

    async fn active_rows_that_collide_are_listed(db: &TestDb) {
        run(db, &[TABLE]).await?;
        assert!(insert(db, "(1, 1, 'a', NULL), (2, 1, 'a', NULL), (3, 1, 'a', NOW), (4, 1, 'b', NOW), (5, 1, 'b', NULL)").await);
        let error = slug().create(db).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "active rows of `post` have equal values in (slug): (a) 2 times; change or delete all but one of each"
        );
        run(db, &["DELETE FROM post WHERE id = 2"]).await?;
        slug().create(db).await?;
    }

    async fn a_key_that_a_foreign_key_refers_to_stays_unique(db: &TestDb) {
        run(db, &[
            "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50) UNIQUE, deleted_at TIME)",
            "CREATE TABLE link (id INTEGER PRIMARY KEY, slug VARCHAR(50), FOREIGN KEY (slug) REFERENCES post (slug))",
        ]).await?;
        let error = slug().replacing_unique().create(db).await.unwrap_err();
        assert!(matches!(&error, Error::Schema(SchemaError::ReferencedKey { child, .. }) if child == "link"), "{error}");
        assert!(insert(db, "(1, 1, 'a', NULL)").await);
        run(db, &["INSERT INTO link VALUES (1, 'a')"]).await?;
    }

    async fn another_index_of_that_name_is_told(db: &TestDb) {
        run(db, &[TABLE, "CREATE INDEX idx_post_slug_active ON post (author_id)"]).await?;
        let error = slug().create(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::NameTaken { .. })), "{error}");
        slug().name("slug_of_active_posts").create(db).await?;
    }

    async fn an_index_made_by_hand_is_recognised(db: &TestDb) {
        run(db, &[TABLE]).await?;
        if db.kind().supports_partial_index() {
            run(db, &["CREATE UNIQUE INDEX mine ON post (slug) WHERE deleted_at IS NULL"]).await?;
        } else {
            run(db, &[
                "ALTER TABLE post ADD COLUMN live INT GENERATED ALWAYS AS (IF(deleted_at IS NULL, 1, NULL)) STORED",
                "CREATE UNIQUE INDEX mine ON post (live, slug)",
            ]).await?;
        }
        assert_eq!(descriptions(&slug().create(db).await?), [""; 0]);
    }

    async fn columns_that_are_not_there_are_told(db: &TestDb) {
        run(db, &[TABLE]).await?;
        let error = UniqueActiveIndex::on("post").col("slugs").create(db).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "`post` has no column `slugs` (did you mean `slug`?): add it first, or check the name"
        );
        let error = slug().deleted_at_named("removed_at").create(db).await.unwrap_err();
        assert!(error.to_string().starts_with("`post` has no column `removed_at`"), "{error}");
    }

    async fn select_star_and_inserts_without_columns_are_as_before(db: &TestDb) {
        run(db, &[TABLE]).await?;
        slug().create(db).await?;
        run(db, &["INSERT INTO post VALUES (1, 1, 'a', NULL)"]).await?;
        let all = sea_orm::Statement::from_string(db.backend(), "SELECT * FROM post");
        let row = db.connection().query_one_raw(all).await?.expect("a row");
        assert_eq!(row.column_names().len(), 4);
    }
}

on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool]

    async fn an_index_over_fewer_rows_is_not_enough(db: &TestDb) {
            run(db, &[TABLE, "CREATE UNIQUE INDEX mine ON post (slug) WHERE deleted_at IS NULL AND author_id = 1"]).await?;
            assert_eq!(slug().create(db).await?.len(), 1);
    }
}

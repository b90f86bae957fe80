//! The columns of a deletion.

use sea_orm::{
    ConnectionTrait, DbBackend, TransactionTrait as _,
    sea_query::{ColumnDef, ColumnType, Table},
};
use soft_delete::{
    Error,
    schema::{SchemaError, SoftDeleteColumns},
};

use super::tables::{descriptions, number, run};
use support::{TestDb, on_every_backend};

const TABLE: &str = "CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(50))";

fn all() -> SoftDeleteColumns {
    SoftDeleteColumns::new()
        .deletion_id()
        .deleted_by(ColumnType::BigInteger)
        .delete_reason()
}

on_every_backend! {
    async fn columns_are_added_and_dropped_and_added_again(db: &TestDb) {
        run(db, &[TABLE, "INSERT INTO post VALUES (1, 'a')"]).await?;
        let added = all().add("post", db).await?;
        assert_eq!(descriptions(&added), [
            "add the column `deleted_at` to `post`",
            "add the column `deletion_id` to `post`",
            "add the column `deleted_by` to `post`",
            "add the column `delete_reason` to `post`",
        ]);
        assert_eq!(descriptions(&all().add("post", db).await?), [""; 0]);
        assert_eq!(all().drop("post", db).await?.len(), 4);
        assert_eq!(descriptions(&all().drop("post", db).await?), [""; 0]);
        assert_eq!(all().add("post", db).await?.len(), 4);
        assert_eq!(number(db, "SELECT COUNT(*) FROM post WHERE deleted_at IS NULL").await?, 1);
    }

    async fn an_interrupted_run_is_completed(db: &TestDb) {
        run(db, &[TABLE]).await?;
        SoftDeleteColumns::new().add("post", db).await?;
        assert_eq!(descriptions(&all().add("post", db).await?), [
            "add the column `deletion_id` to `post`",
            "add the column `deleted_by` to `post`",
            "add the column `delete_reason` to `post`",
        ]);
    }

    async fn a_table_is_created_with_the_columns(db: &TestDb) {
        let mut table = Table::create();
        table.table("post").col(ColumnDef::new("id").integer().primary_key());
        all().add_to(&mut table, db.backend());
        db.execute(&table).await?;
        assert_eq!(descriptions(&all().add("post", db).await?), [""; 0]);
    }

    async fn deleted_at_keeps_microseconds(db: &TestDb) {
        run(db, &[TABLE]).await?;
        SoftDeleteColumns::new().add("post", db).await?;
        run(db, &["INSERT INTO post (id, deleted_at) VALUES (1, '2026-01-02 03:04:05.123456')"]).await?;
        let same = "SELECT COUNT(*) FROM post WHERE deleted_at = '2026-01-02 03:04:05.123456'";
        assert_eq!(number(db, same).await?, 1);
    }

    async fn dropping_them_does_not_bring_deleted_rows_back_unseen(db: &TestDb) {
        run(db, &[TABLE]).await?;
        all().add("post", db).await?;
        run(db, &["INSERT INTO post (id, deleted_at) VALUES (1, NOW), (2, NULL)"]).await?;
        let error = all().drop("post", db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::DeletedRows { rows: 1, .. })), "{error}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM post WHERE deleted_at IS NOT NULL").await?, 1);
        assert_eq!(all().even_with_deleted_rows().drop("post", db).await?.len(), 4);
    }

    async fn a_column_that_an_index_needs_is_not_dropped(db: &TestDb) {
        run(db, &[TABLE]).await?;
        all().add("post", db).await?;
        run(db, &["CREATE INDEX by_deletion ON post (deletion_id)"]).await?;
        let error = all().drop("post", db).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the index `by_deletion` of `post` uses the column `deletion_id`: drop it first"
        );
    }

    async fn a_column_that_is_something_else_is_told(db: &TestDb) {
        run(db, &["CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at INTEGER NOT NULL)"]).await?;
        let error = all().add("post", db).await.unwrap_err();
        assert!(
            matches!(&error, Error::Schema(SchemaError::ColumnMismatch { column, .. }) if column == "deleted_at"),
            "{error}"
        );
        assert_eq!(number(db, "SELECT COUNT(*) FROM post").await?, 0);
    }

    async fn a_table_that_is_not_there_is_told_with_one_that_may_be_meant(db: &TestDb) {
        run(db, &[TABLE]).await?;
        let error = all().add("posts", db).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database has no table `posts` (did you mean `post`?): create it first, or check the name and the schema it is in"
        );
        let error = all().add("invoice", db).await.unwrap_err();
        assert!(error.to_string().starts_with("the database has no table `invoice`: create"), "{error}");
    }

    async fn a_view_is_not_a_table(db: &TestDb) {
        run(db, &[TABLE, "CREATE VIEW titles AS SELECT id, title FROM post"]).await?;
        let error = all().add("titles", db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::UnknownTable { .. })), "{error}");
    }

    async fn a_table_without_a_primary_key_is_told(db: &TestDb) {
        run(db, &["CREATE TABLE log (message VARCHAR(50))"]).await?;
        let error = all().add("log", db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::NoPrimaryKey { .. })), "{error}");
    }

    async fn names_are_quoted(db: &TestDb) {
        let table = match db.backend() {
            DbBackend::MySql => "CREATE TABLE `or``der \"x` (id INTEGER PRIMARY KEY)",
            _ => "CREATE TABLE \"or`der \"\"x\" (id INTEGER PRIMARY KEY)",
        };
        run(db, &[table]).await?;
        let columns = SoftDeleteColumns::new().deleted_at_named("removed \"at`");
        assert_eq!(columns.add("or`der \"x", db).await?.len(), 1);
        assert_eq!(columns.add("or`der \"x", db).await?.len(), 0);
        assert_eq!(columns.drop("or`der \"x", db).await?.len(), 1);
    }

    async fn a_callers_transaction_decides_where_it_can(db: &TestDb) {
        run(db, &[TABLE]).await?;
        let transaction = db.begin().await?;
        all().add("post", &transaction).await?;
        transaction.rollback().await?;
        let left = all().add("post", db).await?.len();
        // MySQL and MariaDB have committed each statement.
        assert_eq!(left, if db.backend() == DbBackend::MySql { 0 } else { 4 });
    }
}

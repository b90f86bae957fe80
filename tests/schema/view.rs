//! The view of active rows.

use soft_delete::{
    Error,
    schema::{ActiveView, SchemaError, UniqueActiveIndex},
};

use super::tables::{descriptions, number, run};
use support::{TestDb, on_every_backend};

const TABLE: &str = "CREATE TABLE post (id INTEGER PRIMARY KEY, slug VARCHAR(20), deleted_at TIME)";

on_every_backend! {
    async fn the_view_goes_up_and_down_and_up_with_data(db: &TestDb) {
        run(db, &[TABLE, "INSERT INTO post VALUES (1, 'a', NOW), (2, 'a', NULL)"]).await?;
        UniqueActiveIndex::on("post").col("slug").create(db).await?;
        let view = ActiveView::of("post");
        assert_eq!(
            descriptions(&view.create(db).await?),
            ["create the view `active_post` of `post`"]
        );
        assert_eq!(number(db, "SELECT COUNT(*) FROM active_post").await?, 1);
        assert_eq!(descriptions(&view.create(db).await?), [""; 0]);
        assert_eq!(view.drop(db).await?.len(), 1);
        assert_eq!(descriptions(&view.drop(db).await?), [""; 0]);
        assert_eq!(view.create(db).await?.len(), 1);
    }

    async fn a_view_that_lacks_new_columns_is_made_anew(db: &TestDb) {
        run(db, &[TABLE]).await?;
        ActiveView::of("post").create(db).await?;
        run(db, &["ALTER TABLE post ADD COLUMN title VARCHAR(20)"]).await?;
        assert_eq!(
            descriptions(&ActiveView::of("post").create(db).await?),
            ["drop the view `active_post` of `post`", "create the view `active_post` of `post`"]
        );
        assert_eq!(number(db, "SELECT COUNT(title) FROM active_post").await?, 0);
    }

    async fn a_table_of_that_name_is_left_alone(db: &TestDb) {
        run(db, &[TABLE, "CREATE TABLE active_post (id INTEGER PRIMARY KEY)"]).await?;
        let error = ActiveView::of("post").create(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::NameTaken { .. })), "{error}");
        let error = ActiveView::of("post").drop(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::NameTaken { .. })), "{error}");
        ActiveView::of("post").name("posts").create(db).await?;
    }
}

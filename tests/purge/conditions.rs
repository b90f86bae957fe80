//! Relations with a condition of their own: a comment is on a post or on a photo.

use sea_orm::ConnectionTrait as _;

use super::fixture::{purge_of, purged, table};
use support::{self, TestDb, TestResult, create_table, domain::ids};

pub mod post {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "post")]
    #[soft_delete(group = "owners")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTime>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod photo {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "photo")]
    #[soft_delete(group = "owners")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTime>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod comment {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "comment")]
    #[soft_delete(group = "owners")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub owner_type: String,
        pub owner_id: i64,
        pub deleted_at: Option<DateTime>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::post::Entity",
            from = "Column::OwnerId",
            to = "super::post::Column::Id",
            on_delete = "Cascade",
            on_condition = r#"Column::OwnerType.eq("post")"#,
            skip_fk
        )]
        Post,
        #[sea_orm(
            belongs_to = "super::photo::Entity",
            from = "Column::OwnerId",
            to = "super::photo::Column::Id",
            on_delete = "Cascade",
            on_condition = r#"Column::OwnerType.eq("photo")"#,
            skip_fk
        )]
        Photo,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Post 1 and photo 1, post 2 and photo 2.
async fn owners(db: &TestDb, comments: &str) -> TestResult {
    create_table(db, post::Entity).await?;
    create_table(db, photo::Entity).await?;
    create_table(db, comment::Entity).await?;
    let old = "'2026-01-01 00:00:00'";
    for sql in [
        format!("INSERT INTO post VALUES (1, {old}), (2, {old})"),
        format!("INSERT INTO photo VALUES (1, {old}), (2, NULL)"),
        format!(
            "INSERT INTO comment VALUES {}",
            comments.replace("OLD", old)
        ),
    ] {
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn a_comment_keeps_its_own_owner_only(db: &TestDb) {
        owners(db, "(1, 'photo', 1, NULL), (2, 'post', 2, NULL), (3, 'photo', 2, NULL), (4, 'video', 1, NULL)").await?;
        let dry = purge_of("owners").plan(db).await?;
        let report = purge_of("owners").exec(db).await?;
        assert_eq!(purged(&report), [("post", 1)]);
        assert_eq!(purged(&dry), purged(&report));
        for report in [&dry, &report] {
            assert_eq!(table(report, "post").referenced[0].rows, 1);
            assert_eq!(table(report, "photo").referenced[0].rows, 1);
        }
        assert_eq!(ids(db, "SELECT id FROM post WHERE deleted_at IS NOT NULL").await?, [2]);
    }

    async fn comments_go_before_their_owners(db: &TestDb) {
        owners(db, "(1, 'photo', 1, OLD), (2, 'post', 1, OLD), (3, 'post', 2, OLD), (4, 'photo', 2, NULL)").await?;
        let dry = purge_of("owners").plan(db).await?;
        let report = purge_of("owners").batch(1).exec(db).await?;
        let tables = purged(&report);
        assert_eq!(tables.iter().next().map(|(table, _)| table.to_string()), Some("comment".to_owned()));
        assert_eq!(["comment", "photo", "post"].map(|table| tables.get(table)), [3, 1, 2]);
        assert_eq!(report.rows_purged(), dry.rows_purged());
        assert_eq!(ids(db, "SELECT id FROM comment WHERE deleted_at IS NULL").await?, [4]);
    }
}

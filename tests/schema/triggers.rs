//! Triggers that refuse an active row under a deleted parent.

use sea_orm::{DbBackend, SqlErr};
use soft_delete::schema::ActiveParentTriggers;

use super::tables::{descriptions, run};
use support::{TestDb, on_every_backend};

const TABLES: [&str; 2] = [
    "CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TIME)",
    "CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER, deleted_at TIME, FOREIGN KEY (post_id) REFERENCES post (id))",
];
const ROWS: [&str; 2] = [
    "INSERT INTO post VALUES (1, NULL), (2, NOW)",
    "INSERT INTO comment VALUES (1, 1, NULL), (2, 2, NOW), (3, NULL, NULL)",
];

fn triggers() -> ActiveParentTriggers {
    ActiveParentTriggers::on("comment")
        .key("post_id", "id")
        .parent("post")
}

async fn allows(db: &TestDb, sql: &str) -> bool {
    run(db, &[sql]).await.is_ok()
}

on_every_backend! {
    async fn no_active_row_gets_under_a_deleted_parent(db: &TestDb) {
        run(db, &TABLES).await?;
        run(db, &ROWS).await?;
        triggers().create(db).await?;
        assert!(allows(db, "INSERT INTO comment VALUES (4, 1, NULL)").await);
        assert!(!allows(db, "INSERT INTO comment VALUES (5, 2, NULL)").await);
        assert!(allows(db, "INSERT INTO comment VALUES (6, 2, NOW)").await);
        assert!(allows(db, "INSERT INTO comment VALUES (7, NULL, NULL)").await);
        assert!(!allows(db, "UPDATE comment SET post_id = 2 WHERE id = 1").await, "moved");
        assert!(!allows(db, "UPDATE comment SET deleted_at = NULL WHERE id = 2").await, "restored");
        assert!(allows(db, "UPDATE comment SET post_id = 1, deleted_at = NULL WHERE id = 2").await);
        assert!(allows(db, "UPDATE post SET deleted_at = NULL WHERE id = 2").await);
        assert!(allows(db, "UPDATE comment SET deleted_at = NULL").await);
    }

    async fn rows_that_are_there_already_can_still_be_edited(db: &TestDb) {
        run(db, &TABLES).await?;
        run(db, &["INSERT INTO post VALUES (2, NOW)", "INSERT INTO comment VALUES (1, 2, NULL)"]).await?;
        triggers().create(db).await?;
        assert!(allows(db, "UPDATE comment SET id = 9, post_id = 2 WHERE id = 1").await);
    }

    async fn they_go_up_and_down_and_up_with_data(db: &TestDb) {
        run(db, &TABLES).await?;
        run(db, &ROWS).await?;
        let created = triggers().create(db).await?;
        let names = descriptions(&created);
        assert_eq!(names[names.len() - 2..], [
            "create the trigger `active_parent_comment_post_id_insert` on `comment`",
            "create the trigger `active_parent_comment_post_id_update` on `comment`",
        ]);
        assert_eq!(descriptions(&triggers().create(db).await?), [""; 0]);
        assert_eq!(triggers().drop(db).await?.len(), created.len());
        assert_eq!(descriptions(&triggers().drop(db).await?), [""; 0]);
        assert!(allows(db, "INSERT INTO comment VALUES (5, 2, NULL)").await);
        assert_eq!(triggers().create(db).await?.len(), created.len());
        assert!(!allows(db, "INSERT INTO comment VALUES (6, 2, NULL)").await);
    }

    async fn an_interrupted_run_is_completed(db: &TestDb) {
        run(db, &TABLES).await?;
        run(db, &ROWS).await?;
        triggers().create(db).await?;
        let drop = match db.backend() {
            DbBackend::Postgres => "DROP TRIGGER active_parent_comment_post_id_insert ON comment",
            _ => "DROP TRIGGER active_parent_comment_post_id_insert",
        };
        run(db, &[drop]).await?;
        triggers().create(db).await?;
        assert!(!allows(db, "INSERT INTO comment VALUES (6, 2, NULL)").await);
        assert!(!allows(db, "UPDATE comment SET post_id = 2 WHERE id = 1").await);
    }

    async fn the_error_is_that_of_a_foreign_key_where_sea_orm_can_tell(db: &TestDb) {
        run(db, &TABLES).await?;
        run(db, &ROWS).await?;
        triggers().create(db).await?;
        let error = run(db, &["INSERT INTO comment VALUES (5, 2, NULL)"]).await.unwrap_err();
        assert!(
            error.to_string().contains("an active row of comment can't be under a deleted row of post"),
            "{error}"
        );
        if db.backend() != DbBackend::Sqlite {
            assert!(matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_))), "{error:?}");
        }
    }

    async fn a_composite_key_is_one(db: &TestDb) {
        run(db, &[
            "CREATE TABLE post (tenant INTEGER, id INTEGER, deleted_at TIME, PRIMARY KEY (tenant, id))",
            "CREATE TABLE comment (id INTEGER PRIMARY KEY, tenant INTEGER, post_id INTEGER, deleted_at TIME)",
            "INSERT INTO post VALUES (1, 1, NULL), (1, 2, NOW), (2, 1, NOW)",
        ]).await?;
        ActiveParentTriggers::on("comment").key("tenant", "tenant").key("post_id", "id").parent("post").create(db).await?;
        assert!(allows(db, "INSERT INTO comment VALUES (1, 1, 1, NULL)").await);
        assert!(!allows(db, "INSERT INTO comment VALUES (2, 1, 2, NULL)").await);
        assert!(!allows(db, "INSERT INTO comment VALUES (3, 2, 1, NULL)").await);
        assert!(allows(db, "INSERT INTO comment VALUES (4, 2, NULL, NULL)").await);
    }

    async fn a_tree_comes_back_in_one_statement(db: &TestDb) {
        run(db, &[
            "CREATE TABLE node (id INTEGER PRIMARY KEY, parent_id INTEGER, deleted_at TIME)",
            // Children before their parents, and after them.
            "INSERT INTO node VALUES (1, NULL, NULL), (2, 1, NOW), (3, 2, NOW), (4, 5, NOW), (5, 2, NOW)",
        ]).await?;
        ActiveParentTriggers::on("node").key("parent_id", "id").create(db).await?;
        assert!(allows(db, "UPDATE node SET deleted_at = NULL WHERE deleted_at IS NOT NULL").await);
        assert!(allows(db, "UPDATE node SET deleted_at = NOW WHERE id = 4").await);
        assert!(!allows(db, "INSERT INTO node VALUES (6, 4, NULL)").await);
        assert!(!allows(db, "UPDATE node SET parent_id = 4 WHERE id = 3").await);
    }
}

/// A comment of the first kind is below a post; of another, it is not.
mod kinds {
    pub mod post {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
        #[sea_orm(table_name = "post")]
        #[soft_delete(group = "trigger-kinds")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub deleted_at: Option<DateTimeUtc>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod comment {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
        #[sea_orm(table_name = "comment")]
        #[soft_delete(group = "trigger-kinds")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub kind: String,
            pub owner_id: i32,
            pub deleted_at: Option<DateTimeUtc>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::post::Entity",
                from = "Column::OwnerId",
                to = "super::post::Column::Id",
                on_delete = "Cascade",
                on_condition = r#"Column::Kind.eq("it's a \"post\"")"#,
                skip_fk
            )]
            Post,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

on_every_backend! {
    async fn a_relations_condition_bounds_them(db: &TestDb) {
        run(db, &[
            "CREATE TABLE post (id INTEGER PRIMARY KEY, deleted_at TIME)",
            "CREATE TABLE comment (id INTEGER PRIMARY KEY, kind VARCHAR(20), owner_id INTEGER, deleted_at TIME)",
            "INSERT INTO post VALUES (1, NULL), (2, NOW)",
        ]).await?;
        let registry = soft_delete::Registry::global().of_group("trigger-kinds");
        let sync = soft_delete::schema::SchemaSync::new().registry(&registry).active_parent_triggers();
        assert!(!sync.exec(db).await?.is_empty());
        assert!(sync.exec(db).await?.is_empty());
        assert!(allows(db, "INSERT INTO comment VALUES (1, 'it''s a \"post\"', 1, NULL)").await);
        assert!(!allows(db, "INSERT INTO comment VALUES (2, 'it''s a \"post\"', 2, NULL)").await);
        assert!(allows(db, "INSERT INTO comment VALUES (3, 'photo', 2, NULL)").await);
        assert!(allows(db, "UPDATE comment SET owner_id = 1 WHERE id = 3").await);
        assert!(allows(db, "UPDATE comment SET owner_id = 2 WHERE id = 3").await);
        // It would become one of the post.
        assert!(!allows(db, "UPDATE comment SET kind = 'it''s a \"post\"' WHERE id = 3").await);
        assert!(!allows(db, "UPDATE comment SET owner_id = 2 WHERE id = 1").await);
        assert!(allows(db, "UPDATE comment SET kind = 'photo', owner_id = 2 WHERE id = 1").await);
        assert!(allows(db, "INSERT INTO comment VALUES (4, 'it''s a \"post\"', 2, NOW)").await);
        assert!(!allows(db, "UPDATE comment SET deleted_at = NULL WHERE id = 4").await);
    }
}

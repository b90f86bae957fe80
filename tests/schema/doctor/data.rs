//! Faults that only the rows show.

use soft_delete::{
    Registry,
    schema::doctor::{self, Check, Severity::Error},
};

use super::{AUTHOR, COMMENT, INDEXES, POST, found, healthy, mends, post, registry, registry_of};
use crate::schema::tables::{number, run};
use support::{TestDb, on_every_backend};

on_every_backend! {
    async fn active_rows_that_collide(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT]).await?;
        run(db, &INDEXES).await?;
        run(db, &["INSERT INTO post (id, slug) VALUES (1, 'a'), (2, 'a'), (3, 'b')", "INSERT INTO post (id, slug, deleted_at) VALUES (4, 'b', NOW)"]).await?;
        let report = doctor::examine(&registry_of::<post::Entity>(), db).await?;
        assert_eq!(found(&report), [
            (Error, Check::MissingUnique, "post".to_owned()),
            (Error, Check::Collisions, "post".to_owned()),
        ], "{report}");
        assert!(report.findings()[1].problem().contains("(a) 2 times"), "{report}");
        assert!(report.findings()[0].apply(db).await.is_err());
        run(db, &["UPDATE post SET slug = 'c' WHERE id = 2"]).await?;
        assert!(report.findings()[0].apply(db).await?);
        assert_eq!(found(&doctor::examine(&registry_of::<post::Entity>(), db).await?), []);
    }

    async fn active_rows_under_a_deleted_parent_that_cascades(db: &TestDb) {
        healthy(db).await?;
        run(db, &[
            "INSERT INTO author (id, deleted_at) VALUES (1, NOW), (2, NULL)",
            "INSERT INTO post (id, author_id, slug) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')",
        ]).await?;
        let finding = mends(db, &registry(), Error, Check::Orphans, "post").await?;
        assert!(finding.problem().starts_with("2 active rows are under deleted rows of `author`, by (author_id)"));
        let same = "SELECT COUNT(*) FROM post p JOIN author a ON a.id = p.author_id WHERE p.deleted_at = a.deleted_at";
        assert_eq!(number(db, same).await?, 2);
    }

    async fn an_active_row_under_a_deleted_parent_by_a_key_that_becomes_null(db: &TestDb) {
        healthy(db).await?;
        run(db, &[
            "INSERT INTO post (id, slug, deleted_at) VALUES (1, 'a', NOW)",
            "INSERT INTO comment VALUES (1, 1, NULL), (2, NULL, NULL), (3, 1, NOW)",
        ]).await?;
        let finding = mends(db, &registry(), Error, Check::Orphans, "comment").await?;
        assert!(finding.problem().starts_with("1 active rows are under deleted rows of `post`, by (post_id)"), "{}", finding.problem());
        assert_eq!(number(db, "SELECT COUNT(*) FROM comment WHERE post_id IS NULL AND deleted_at IS NULL").await?, 2);
    }

    async fn an_active_row_under_a_deleted_parent_by_a_key_that_restricts(db: &TestDb) {
        run(db, &[
            "CREATE TABLE owner (id INTEGER PRIMARY KEY, deleted_at TIME)",
            "CREATE TABLE remark (id INTEGER PRIMARY KEY, owner_id INTEGER, kind VARCHAR(10), deleted_at TIME)",
            "CREATE INDEX remark_owner ON remark (owner_id)",
            "INSERT INTO owner VALUES (1, NOW), (2, NULL)",
            // Of the second kind, the owner is none of these.
            "INSERT INTO remark VALUES (1, 1, 'a', NULL), (2, 1, 'b', NULL), (3, 2, 'a', NULL), (4, 1, 'a', NOW)",
        ]).await?;
        let registry = Registry::global().of_group("doctor-remarks");
        let report = doctor::examine(&registry, db).await?;
        assert_eq!(found(&report), [(Error, Check::Orphans, "remark".to_owned())], "{report}");
        let finding = &report.findings()[0];
        assert!(finding.problem().starts_with("1 active rows are under deleted rows of `owner`, by (owner_id)"), "{report}");
        assert!(finding.fix().to_string().contains("restore the rows of `owner`"), "{report}");
        run(db, &["UPDATE remark SET deleted_at = NOW WHERE id = 1"]).await?;
        assert_eq!(found(&doctor::examine(&registry, db).await?), []);
    }
}

mod remarks {
    pub mod owner {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
        #[sea_orm(table_name = "owner")]
        #[soft_delete(group = "doctor-remarks")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub deleted_at: Option<DateTimeUtc>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod remark {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
        #[sea_orm(table_name = "remark")]
        #[soft_delete(group = "doctor-remarks")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i32,
            pub owner_id: i32,
            pub kind: String,
            pub deleted_at: Option<DateTimeUtc>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "super::owner::Entity",
                from = "Column::OwnerId",
                to = "super::owner::Column::Id",
                on_delete = "Restrict",
                on_condition = r#"Column::Kind.eq("a")"#,
                skip_fk
            )]
            Owner,
        }

        impl Related<super::owner::Entity> for Entity {
            fn to() -> RelationDef {
                Relation::Owner.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

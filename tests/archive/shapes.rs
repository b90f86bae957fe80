//! Erasure in schemas of other shapes.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use super::fixture::{archive, number, purge, run};
use support::{TestDb, create_table, domain, folder, on_every_backend};

/// Two tables that cascade into each other, each by a key that may be NULL.
mod egg {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "egg")]
    #[soft_delete(group = "hens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub hen_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "hen_id", to = "id", on_delete = "Cascade")]
        pub hen: BelongsTo<Option<super::hen::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod hen {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "hen")]
    #[soft_delete(group = "hens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub egg_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "egg_id", to = "id", on_delete = "Cascade")]
        pub egg: BelongsTo<Option<super::egg::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Two tables in a cycle: a knight may have been a squire, and a squire has two knights, by keys that can't be NULL.
mod knight {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "knight")]
    #[soft_delete(group = "knights")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub squire_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Squire",
            from = "squire_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub squire: BelongsTo<Option<super::squire::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod squire {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "squire")]
    #[soft_delete(group = "knights")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub first_id: i64,
        pub second_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            relation_enum = "First",
            from = "first_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub first: BelongsTo<super::knight::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Second",
            from = "second_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub second: BelongsTo<super::knight::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A tree whose rows all have a parent; the root is its own.
mod branch {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "branch")]
    #[soft_delete(group = "branches")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub parent_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            self_ref,
            relation_enum = "Parent",
            relation_reverse = "Children",
            from = "parent_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub parent: HasOne<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Pages by two columns, notes on them by the same two, and a log that is not soft-deletable.
mod page {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "page")]
    #[soft_delete(group = "pages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(has_many)]
        pub notes: HasMany<super::note::Entity>,
        #[sea_orm(has_many)]
        pub views: HasMany<super::view::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "pages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub page_book: String,
        pub page_number: i32,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            from = "(page_book, page_number)",
            to = "(book, number)",
            on_delete = "Cascade"
        )]
        pub page: BelongsTo<super::page::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod view {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "view")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub page_book: String,
        pub page_number: i32,
        #[sea_orm(
            belongs_to,
            from = "(page_book, page_number)",
            to = "(book, number)",
            on_delete = "Cascade"
        )]
        pub page: BelongsTo<super::page::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

on_every_backend! {
    async fn a_diamond_is_erased_once(db: &TestDb) {
        // Task and tag are both above their link.
        domain::create(db).await?;
        let workspace = domain::workspace(db, "a").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let tag = domain::tag(db, "urgent").await?;
        for title in ["one", "two"] {
            let task = domain::task(db, &project, title).await?;
            domain::task_tag(db, &task, &tag).await?;
        }
        let report = domain::project::Entity::erase_by_id(project.id).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("project", 1), ("task", 2), ("task_tag", 2)]);
        assert_eq!(number(db, "SELECT COUNT(*) FROM tag").await?, 1);
    }

    async fn a_tree_is_erased_from_a_row_downwards(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        folder::Entity::delete_by_id(4).exec(db).await?;
        let report = folder::Entity::erase_by_id(2).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("folder", 3)]);
        assert_eq!(folder::active(db).await?, [1, 5]);
        assert_eq!(number(db, "SELECT COUNT(*) FROM folder").await?, 2);
    }

    async fn a_thousand_rows_below_each_other_are_erased(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 1_000).await?;
        let report = folder::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("folder", 1_000)]);
    }

    async fn rows_below_each_other_are_erased_from_the_archive(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 30).await?;
        folder::Entity::delete_by_id(2).exec(db).await?;
        purge(db, "folders").await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 29);
        let report = folder::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("folder", 1)]);
        assert_eq!(report.archived_by_table(), [("folder", 29)]);
    }

    async fn a_circle_of_rows_is_erased(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 5).await?;
        run(db, &["UPDATE folder SET parent_id = 5 WHERE id = 1"]).await?;
        let report = folder::Entity::erase_by_id(3).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("folder", 5)]);
    }

    async fn a_circle_of_tables_is_erased(db: &TestDb) {
        run(db, &[
            "CREATE TABLE egg (id bigint PRIMARY KEY, hen_id bigint, deleted_at TIME)",
            "CREATE TABLE hen (id bigint PRIMARY KEY, egg_id bigint REFERENCES egg (id), deleted_at TIME)",
        ]).await?;
        if db.kind().is_server() {
            run(db, &["ALTER TABLE egg ADD FOREIGN KEY (hen_id) REFERENCES hen (id)"]).await?;
        }
        run(db, &[
            "INSERT INTO egg VALUES (1, NULL, NULL)",
            "INSERT INTO hen VALUES (1, 1, NULL)",
            "INSERT INTO egg VALUES (2, 1, '2024-01-01 00:00:00')",
            "INSERT INTO hen VALUES (2, 2, NULL)",
            "UPDATE egg SET hen_id = 2 WHERE id = 1",
            "INSERT INTO egg VALUES (9, NULL, NULL)",
        ]).await?;
        let report = hen::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_erased(), 4);
        assert_eq!(number(db, "SELECT COUNT(*) FROM egg").await?, 1);
        assert_eq!(number(db, "SELECT COUNT(*) FROM hen").await?, 0);
    }

    async fn a_cycle_of_tables_is_erased_whose_rows_refer_to_what_is_found_after_them(db: &TestDb) {
        run(db, &[
            "CREATE TABLE knight (id bigint PRIMARY KEY, squire_id bigint, deleted_at TIME)",
            "CREATE TABLE squire (id bigint PRIMARY KEY, first_id bigint NOT NULL, second_id bigint NOT NULL, deleted_at TIME, \
             FOREIGN KEY (first_id) REFERENCES knight (id), FOREIGN KEY (second_id) REFERENCES knight (id))",
        ]).await?;
        if db.kind().is_server() {
            run(db, &["ALTER TABLE knight ADD FOREIGN KEY (squire_id) REFERENCES squire (id)"]).await?;
        }
        run(db, &[
            "INSERT INTO knight VALUES (1, NULL, NULL)",
            "INSERT INTO knight VALUES (2, NULL, NULL)",
            "INSERT INTO knight VALUES (9, NULL, NULL)",
            "INSERT INTO squire VALUES (5, 1, 2, NULL)",
            "UPDATE knight SET squire_id = 5 WHERE id = 2",
        ]).await?;
        // The squire is found by its first knight, and the second knight by the squire.
        let report = knight::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_erased(), 3);
        assert_eq!(number(db, "SELECT COUNT(*) FROM squire").await?, 0);
        assert_eq!(number(db, "SELECT MIN(id) FROM knight").await?, 9);
    }

    async fn a_tree_whose_key_may_not_be_null_is_erased_from_its_leaves(db: &TestDb) {
        run(db, &[
            "CREATE TABLE branch (id bigint PRIMARY KEY, parent_id bigint NOT NULL, deleted_at TIME, FOREIGN KEY (parent_id) REFERENCES branch (id))",
            "INSERT INTO branch VALUES (1, 1, NULL)",
            "INSERT INTO branch VALUES (2, 1, NULL)",
            "INSERT INTO branch VALUES (3, 2, '2024-01-01 00:00:00')",
            "INSERT INTO branch VALUES (4, 3, NULL)",
        ]).await?;
        assert_eq!(branch::Entity::erase_by_id(2).exec(db).await?.rows_erased(), 3);
        // MySQL and MariaDB remove no row that refers to itself.
        let root = branch::Entity::erase_by_id(1).exec(db).await;
        match db.backend() {
            sea_orm::DbBackend::MySql => assert!(root.is_err()),
            _ => assert_eq!(root?.rows_erased(), 1),
        }
    }

    async fn composite_keys_are_followed_in_the_tables_and_in_the_archive(db: &TestDb) {
        create_table(db, page::Entity).await?;
        create_table(db, note::Entity).await?;
        create_table(db, view::Entity).await?;
        run(db, &[
            "INSERT INTO page VALUES ('it''s \"a\"', 1, NULL), ('it''s \"a\"', 2, NULL), ('b', 1, NULL)",
            "INSERT INTO note VALUES (1, 'it''s \"a\"', 1, NULL), (2, 'it''s \"a\"', 2, NULL), (3, 'b', 1, NULL), (4, 'it''s \"a\"', 1, NULL)",
            "INSERT INTO view VALUES (1, 'it''s \"a\"', 1)",
        ]).await?;
        note::Entity::delete_many().filter_by_ids([1, 2, 3]).exec(db).await?;
        purge(db, "pages").await?;
        let report = page::Entity::erase_by_id(("it's \"a\"".to_owned(), 1)).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("page", 1), ("note", 1)]);
        assert_eq!(report.archived_by_table(), [("note", 1)]);
        assert_eq!(report.not_followed, ["view"]);
        assert_eq!(report.key, ["it's \"a\"", "1"]);
        assert_eq!(number(db, "SELECT COUNT(*) FROM view").await?, 0);
        assert_eq!(archive().list().all(db).await?.len(), 2);
    }
}

//! Rows that were archived when the columns of their table had other names.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use super::fixture::{number, purge, run};
use support::{TestDb, TestResult, on_every_backend};

/// The tables as they were.
mod before {
    pub mod writer {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "writer")]
        #[soft_delete(group = "letters before")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            #[sea_orm(has_many)]
            pub letters: HasMany<super::letter::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod letter {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "letter")]
        #[soft_delete(group = "letters before")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub owner_id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Cascade")]
            pub writer: BelongsTo<super::writer::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// The same tables later.
mod after {
    pub mod writer {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "writer")]
        #[soft_delete(group = "letters after")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub writer_id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            #[sea_orm(has_many)]
            pub letters: HasMany<super::letter::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod letter {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "letter")]
        #[soft_delete(group = "letters after")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub author_id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            #[sea_orm(
                belongs_to,
                from = "author_id",
                to = "writer_id",
                on_delete = "Cascade"
            )]
            pub writer: BelongsTo<super::writer::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// Two writers, with a letter each that went into the archive before their keys were renamed.
async fn create(db: &TestDb) -> TestResult {
    run(db, &[
        "CREATE TABLE writer (id bigint PRIMARY KEY, deleted_at TIME)",
        "CREATE TABLE letter (id bigint PRIMARY KEY, owner_id bigint NOT NULL, deleted_at TIME)",
        "INSERT INTO writer VALUES (1, NULL), (2, NULL)",
        "INSERT INTO letter VALUES (10, 1, '2024-01-01 00:00:00'), (20, 2, '2024-01-01 00:00:00')",
    ])
    .await?;
    assert_eq!(purge(db, "letters before").await?.rows_purged(), 2);
    Ok(())
}

const RENAMED: [&str; 2] = [
    "ALTER TABLE writer RENAME COLUMN id TO writer_id",
    "ALTER TABLE letter RENAME COLUMN owner_id TO author_id",
];

on_every_backend! {
    async fn a_key_that_was_recorded_under_another_name_is_followed(db: &TestDb) {
        create(db).await?;
        run(db, &RENAMED).await?;
        let report = after::writer::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("letter", 1)], "{report}");
        assert_eq!(report.not_looked_at, []);
        let left = super::fixture::archive().list().all(db).await?;
        assert_eq!((left.len(), left[0].key[0].as_str()), (1, "20"));
    }

    async fn a_parent_that_the_archive_alone_has_is_followed_under_its_old_name(db: &TestDb) {
        create(db).await?;
        run(db, &["UPDATE writer SET deleted_at = '2024-01-01 00:00:00'"]).await?;
        purge(db, "letters before").await?;
        run(db, &RENAMED).await?;
        let report = after::writer::Entity::erase_by_id(2).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("writer", 1), ("letter", 1)], "{report}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 2);
    }

    async fn what_can_not_be_looked_at_is_told(db: &TestDb) {
        create(db).await?;
        run(db, &RENAMED).await?;
        run(db, &["UPDATE soft_delete_archive SET foreign_keys = NULL"]).await?;
        let report = after::writer::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("writer", 1)]);
        assert_eq!(report.archived_erased(), 0);
        let unseen = &report.not_looked_at[0];
        assert_eq!((unseen.table.as_str(), &*unseen.columns, unseen.entries), ("letter", &["author_id".to_owned()][..], 2));
        let told = report.to_string();
        assert!(told.contains("letter: 2 archived could not be looked at, they have no (author_id)"), "{told}");
    }

    async fn nothing_is_told_where_all_was_looked_at(db: &TestDb) {
        create(db).await?;
        let report = before::writer::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("letter", 1)], "{report}");
        assert_eq!(report.not_looked_at, []);
    }
}

//! Tables that have changed since a row of theirs was archived.

use soft_delete::{Error, archive::ArchiveError, schema::SchemaError};

use super::fixture::{archive, archive_specimens, create_specimens, number, run, text};
use support::{Kind, TestDb, on_every_backend};

on_every_backend! {
    async fn values_of_lost_columns_are_told(db: &TestDb) {
        create_specimens(db, "title varchar(50), notes varchar(50)").await?;
        run(db, &["INSERT INTO specimen (id, title, notes) VALUES (1, 'a', 'rare'), (2, 'b', NULL)"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &["ALTER TABLE specimen DROP COLUMN notes"]).await?;
        let restored = archive().restore().deletion(deletion).exec(db).await?;
        assert_eq!(restored.rows_affected(), 2);
        assert_eq!(restored.dropped.len(), 1);
        let dropped = &restored.dropped[0];
        assert_eq!((dropped.table.to_string().as_str(), &*dropped.key, dropped.column.as_str()), ("specimen", &["1".to_owned()][..], "notes"));
        assert_eq!(dropped.value, "rare");
        assert_eq!(text(db, "SELECT title FROM specimen WHERE id = 1").await?, Some("a".to_owned()));
    }

    async fn gained_columns_take_their_default_and_are_told(db: &TestDb) {
        create_specimens(db, "title varchar(50)").await?;
        run(db, &["INSERT INTO specimen (id, title) VALUES (1, 'a'), (2, 'b')"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &[
            "ALTER TABLE specimen ADD COLUMN colour varchar(50) NOT NULL DEFAULT 'grey'",
            "ALTER TABLE specimen ADD COLUMN size bigint",
        ]).await?;
        let restored = archive().restore().deletion(deletion).exec(db).await?;
        let defaulted: Vec<_> = restored.defaulted.iter().map(|one| (one.column.as_str(), one.rows)).collect();
        assert_eq!(defaulted, [("colour", 2), ("size", 2)]);
        assert_eq!(text(db, "SELECT colour FROM specimen WHERE id = 1").await?, Some("grey".to_owned()));
    }

    async fn a_gained_column_that_wants_a_value_forbids_it_by_name(db: &TestDb) {
        create_specimens(db, "title varchar(50)").await?;
        run(db, &["INSERT INTO specimen (id, title) VALUES (1, 'a')"]).await?;
        let deletion = archive_specimens(db).await?;
        if db.backend() == sea_orm::DbBackend::Sqlite {
            // SQLite adds no such column, but a table may be made anew with it.
            run(db, &["DROP TABLE specimen"]).await?;
            create_specimens(db, "title varchar(50), colour varchar(50) NOT NULL").await?;
        } else {
            run(db, &["ALTER TABLE specimen ADD COLUMN colour varchar(50) NOT NULL"]).await?;
        }
        let error = archive().restore().deletion(deletion).exec(db).await.unwrap_err();
        assert!(
            matches!(&error, Error::Archive(ArchiveError::MissingValues { columns, .. }) if columns == &["colour"]),
            "{error}"
        );
        assert_eq!(archive().list().all(db).await?.len(), 1);
    }

    async fn a_column_of_a_wider_type_takes_the_value(db: &TestDb) {
        create_specimens(db, "size int, title varchar(10), price decimal(8,2)").await?;
        run(db, &["INSERT INTO specimen (id, size, title, price) VALUES (1, -7, 'a ü', 1.50)"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &["DROP TABLE specimen"]).await?;
        create_specimens(db, "price decimal(20,5), title varchar(200), size bigint").await?;
        let restored = archive().restore().deletion(deletion).exec(db).await?;
        assert_eq!((restored.dropped.len(), restored.defaulted.len()), (0, 0));
        assert_eq!(number(db, "SELECT COUNT(*) FROM specimen WHERE size = -7 AND title = 'a ü' AND price = 1.5").await?, 1);
    }

    async fn a_number_becomes_a_text(db: &TestDb) {
        create_specimens(db, "size int").await?;
        run(db, &["INSERT INTO specimen (id, size) VALUES (1, 42)"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &["DROP TABLE specimen"]).await?;
        create_specimens(db, "size varchar(20)").await?;
        archive().restore().deletion(deletion).exec(db).await?;
        assert_eq!(text(db, "SELECT size FROM specimen").await?, Some("42".to_owned()));
    }

    async fn a_renamed_key_forbids_it(db: &TestDb) {
        create_specimens(db, "title varchar(50)").await?;
        run(db, &["INSERT INTO specimen (id, title) VALUES (1, 'a')"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &["ALTER TABLE specimen RENAME COLUMN id TO number"]).await?;
        let error = archive().restore().deletion(deletion).exec(db).await.unwrap_err();
        assert!(
            matches!(&error, Error::Archive(ArchiveError::MissingValues { columns, .. }) if columns == &["number"]),
            "{error}"
        );
    }

    async fn a_table_that_is_gone_is_named(db: &TestDb) {
        create_specimens(db, "title varchar(50)").await?;
        run(db, &["INSERT INTO specimen (id, title) VALUES (1, 'a')"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &["DROP TABLE specimen"]).await?;
        let error = archive().restore().deletion(deletion).exec(db).await.unwrap_err();
        assert!(matches!(error, Error::Schema(SchemaError::UnknownTable { .. })), "{error}");
    }

    async fn a_value_that_its_column_would_change_forbids_it(db: &TestDb) {
        if db.backend() == sea_orm::DbBackend::Sqlite {
            create_specimens(db, "code text").await?;
            run(db, &["INSERT INTO specimen (id, code) VALUES (1, '007')"]).await?;
        } else {
            create_specimens(db, "code decimal(8,3)").await?;
            run(db, &["INSERT INTO specimen (id, code) VALUES (1, 1.255)"]).await?;
        }
        let deletion = archive_specimens(db).await?;
        run(db, &["DROP TABLE specimen"]).await?;
        create_specimens(db, "code decimal(8,2)").await?;
        let error = archive().restore().deletion(deletion).exec(db).await.unwrap_err();
        assert!(
            matches!(&error, Error::Archive(ArchiveError::ValueChanged { column, .. }) if column == "code"),
            "{error}"
        );
        assert_eq!(number(db, "SELECT COUNT(*) FROM specimen").await?, 0);
        assert_eq!(archive().list().all(db).await?.len(), 1);
    }

    async fn a_value_that_its_column_refuses_forbids_it(db: &TestDb) {
        create_specimens(db, "code varchar(20), size varchar(20)").await?;
        run(db, &["INSERT INTO specimen (id, code, size) VALUES (1, 'a', 'much too long')"]).await?;
        let deletion = archive_specimens(db).await?;
        run(db, &["DROP TABLE specimen"]).await?;
        let size = if db.backend() == sea_orm::DbBackend::Sqlite { "text CHECK (length(size) < 5)" } else { "varchar(5)" };
        create_specimens(db, &format!("code varchar(20), size {size}")).await?;
        let error = archive().restore().deletion(deletion).exec(db).await.unwrap_err();
        match &error {
            Error::Archive(ArchiveError::Refused { row, column, .. }) => {
                assert_eq!((row.table.to_string().as_str(), &*row.key), ("specimen", &["1".to_owned()][..]));
                if db.kind() == Kind::Postgres {
                    assert_eq!(column.as_deref(), Some("size"));
                }
                assert!(error.to_string().contains("size"), "{error}");
            }
            other => panic!("{other}"),
        }
    }
}

//! Faults that the catalog shows.

use sea_orm::DbBackend;
use soft_delete::schema::doctor::{
    self, Check, Fix,
    Severity::{Advice, Error, Warning},
};

use super::{
    AUTHOR, COMMENT, INDEXES, POST, author, comment, examine, found, healthy, mends, post,
    registry, registry_of, unique_slug,
};
use crate::schema::tables::run;
use support::{TestDb, on_backends, on_every_backend};

on_every_backend! {
    async fn a_healthy_schema_gives_no_findings(db: &TestDb) {
        healthy(db).await?;
        let report = examine(db).await?;
        assert!(report.findings().is_empty(), "{report}");
        assert!(report.is_healthy());
        assert_eq!(report.to_string(), "nothing found");
    }

    async fn missing_table(db: &TestDb) {
        run(db, &[AUTHOR, POST, "CREATE TABLE comments (id INTEGER PRIMARY KEY)"]).await?;
        run(db, &INDEXES[..2]).await?;
        unique_slug(db).await?;
        let report = examine(db).await?;
        assert_eq!(found(&report), [(Error, Check::MissingTable, "comment".to_owned())], "{report}");
        assert!(report.findings()[0].problem().ends_with("; there is a `comments`"), "{report}");
        assert!(!report.findings()[0].apply(db).await?);
        run(db, &[COMMENT, INDEXES[2]]).await?;
        assert_eq!(found(&examine(db).await?), []);
    }

    async fn missing_column(db: &TestDb) {
        run(db, &["CREATE TABLE author (id INTEGER PRIMARY KEY, deleted_at TIME)"]).await?;
        mends(db, &registry_of::<author::Entity>(), Error, Check::MissingColumn, "author").await?;
    }

    async fn missing_deleted_at(db: &TestDb) {
        run(db, &["CREATE TABLE author (id INTEGER PRIMARY KEY, deletion_id UUID)"]).await?;
        mends(db, &registry_of::<author::Entity>(), Error, Check::MissingColumn, "author").await?;
    }

    async fn a_required_column_is_left_to_people(db: &TestDb) {
        run(db, &[AUTHOR, "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, deleted_at TIME, deletion_id UUID)"]).await?;
        run(db, &INDEXES[..2]).await?;
        let report = doctor::examine(&registry_of::<post::Entity>(), db).await?;
        assert_eq!(found(&report), [(Error, Check::MissingColumn, "post".to_owned())], "{report}");
        assert!(matches!(report.findings()[0].fix(), Fix::Manual(_)));
    }

    async fn deleted_at_that_is_not_null(db: &TestDb) {
        let not_null = AUTHOR.replace("deleted_at TIME", match db.backend() {
            DbBackend::MySql => "deleted_at datetime(6) NOT NULL",
            _ => "deleted_at TIME NOT NULL",
        });
        run(db, &[&not_null, "INSERT INTO author (id, deleted_at) VALUES (1, NOW)"]).await?;
        mends(db, &registry_of::<author::Entity>(), Error, Check::WrongColumn, "author").await?;
        run(db, &["UPDATE author SET deleted_at = NULL"]).await?;
    }

    async fn deleted_at_with_a_default(db: &TestDb) {
        let default = AUTHOR.replace("deleted_at TIME", match db.backend() {
            DbBackend::MySql => "deleted_at datetime(6) NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
            _ => "deleted_at TIME DEFAULT CURRENT_TIMESTAMP",
        });
        run(db, &[&default]).await?;
        mends(db, &registry_of::<author::Entity>(), Error, Check::ColumnDefault, "author").await?;
        run(db, &["INSERT INTO author (id) VALUES (1)"]).await?;
        assert_eq!(crate::schema::tables::number(db, "SELECT COUNT(*) FROM author WHERE deleted_at IS NULL").await?, 1);
    }

    async fn no_primary_key(db: &TestDb) {
        run(db, &["CREATE TABLE author (id INTEGER NOT NULL, deleted_at TIME, deletion_id UUID)"]).await?;
        let registry = registry_of::<author::Entity>();
        if db.backend() == DbBackend::Sqlite {
            let report = doctor::examine(&registry, db).await?;
            assert_eq!(found(&report), [(Error, Check::NoPrimaryKey, "author".to_owned())], "{report}");
            assert!(matches!(report.findings()[0].fix(), Fix::Manual(_)));
        } else {
            mends(db, &registry, Error, Check::NoPrimaryKey, "author").await?;
        }
    }

    async fn a_primary_key_of_which_the_entity_has_a_part(db: &TestDb) {
        run(db, &["CREATE TABLE author (id INTEGER NOT NULL, day INTEGER NOT NULL, deleted_at TIME, deletion_id UUID, PRIMARY KEY (id, day))"]).await?;
        let registry = registry_of::<author::Entity>();
        let report = doctor::examine(&registry, db).await?;
        assert_eq!(found(&report), [(Error, Check::OtherPrimaryKey, "author".to_owned())], "{report}");
        assert!(report.to_string().contains("the entity's primary key is (id), and the table's is (id, day)"), "{report}");
        // Unique by itself, it will do.
        run(db, &["CREATE UNIQUE INDEX one_each ON author (id)"]).await?;
        let report = doctor::examine(&registry, db).await?;
        assert!(report.into_iter().all(|finding| finding.check() != Check::OtherPrimaryKey), "{report}");
    }

    async fn a_unique_constraint_where_unique_among_active_was_meant(db: &TestDb) {
        let unique = POST.replace("NOT NULL,", "NOT NULL UNIQUE,");
        run(db, &[AUTHOR, &unique, COMMENT]).await?;
        run(db, &INDEXES).await?;
        run(db, &["INSERT INTO post (id, slug, deleted_at) VALUES (1, 'a', NOW)"]).await?;
        mends(db, &registry(), Error, Check::UniqueOfAllRows, "post").await?;
        run(db, &["INSERT INTO post (id, slug) VALUES (2, 'a')"]).await?;
    }

    async fn a_unique_constraint_that_the_entity_does_not_declare(db: &TestDb) {
        healthy(db).await?;
        run(db, &["CREATE UNIQUE INDEX one_each ON post (author_id, slug)"]).await?;
        let finding = mends(db, &registry(), Warning, Check::UniqueOfAllRows, "post").await?;
        assert!(finding.consequence().contains("#[soft_delete(unique)]"));
    }

    async fn a_unique_constraint_over_the_primary_key_and_more_is_no_fault(db: &TestDb) {
        healthy(db).await?;
        run(db, &["CREATE UNIQUE INDEX covering ON post (id, author_id)"]).await?;
        assert_eq!(found(&examine(db).await?), []);
    }

    async fn a_declared_key_that_a_foreign_key_needs(db: &TestDb) {
        let unique = POST.replace("NOT NULL,", "NOT NULL UNIQUE,");
        run(db, &[AUTHOR, &unique, COMMENT]).await?;
        run(db, &INDEXES).await?;
        run(db, &["CREATE TABLE link (id INTEGER PRIMARY KEY, slug VARCHAR(50), FOREIGN KEY (slug) REFERENCES post (slug))"]).await?;
        let report = examine(db).await?;
        assert_eq!(found(&report), [(Warning, Check::UniqueOfAllRows, "post".to_owned())], "{report}");
        assert!(matches!(report.findings()[0].fix(), Fix::Manual(_)));
    }

    /// Pitfall: NULLs are never equal, so a UNIQUE over a nullable `deleted_at` enforces nothing.
    async fn a_unique_index_over_deleted_at(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT]).await?;
        run(db, &INDEXES).await?;
        run(db, &["CREATE UNIQUE INDEX slugs ON post (slug, deleted_at)", "INSERT INTO post (id, slug) VALUES (1, 'a')"]).await?;
        mends(db, &registry(), Error, Check::UniqueOfNothing, "post").await?;
        assert!(run(db, &["INSERT INTO post (id, slug) VALUES (2, 'a')"]).await.is_err());
    }

    /// Pitfall: a flag in the key refuses the second delete of a value.
    async fn a_unique_index_with_a_flag(db: &TestDb) {
        healthy(db).await?;
        run(db, &["ALTER TABLE post ADD COLUMN is_deleted BOOLEAN", "CREATE UNIQUE INDEX slugs ON post (slug, is_deleted)"]).await?;
        mends(db, &registry(), Error, Check::UniqueWithFlag, "post").await?;
    }

    async fn several_faults_of_one_table_are_mended_in_one_go(db: &TestDb) {
        let unique = POST.replace("NOT NULL,", "NOT NULL UNIQUE,");
        run(db, &[AUTHOR, &unique, COMMENT]).await?;
        run(db, &INDEXES).await?;
        run(db, &[
            "ALTER TABLE post ADD COLUMN is_deleted BOOLEAN",
            "CREATE UNIQUE INDEX slugs_and_times ON post (slug, deleted_at)",
            "CREATE UNIQUE INDEX slugs_and_flags ON post (slug, is_deleted)",
            "CREATE UNIQUE INDEX one_each ON post (author_id, slug)",
        ]).await?;
        let report = examine(db).await?;
        assert_eq!(report.findings().len(), 4, "{report}");
        for finding in &report {
            assert!(finding.apply(db).await?, "{report}");
        }
        assert_eq!(found(&examine(db).await?), []);
    }

    async fn a_declared_key_without_an_index(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT]).await?;
        run(db, &INDEXES).await?;
        mends(db, &registry(), Error, Check::MissingUnique, "post").await?;
        run(db, &["INSERT INTO post (id, slug) VALUES (1, 'a')"]).await?;
        assert!(run(db, &["INSERT INTO post (id, slug) VALUES (2, 'a')"]).await.is_err());
    }

    async fn no_purge_index(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT, INDEXES[0], INDEXES[2]]).await?;
        unique_slug(db).await?;
        mends(db, &registry(), Warning, Check::MissingPurgeIndex, "post").await?;
    }

    async fn no_index_behind_a_foreign_key(db: &TestDb) {
        // MySQL and MariaDB make one for each foreign key.
        let comment = COMMENT.replace(", FOREIGN KEY (post_id) REFERENCES post (id)", "");
        run(db, &[AUTHOR, POST, &comment, INDEXES[0], INDEXES[1]]).await?;
        unique_slug(db).await?;
        mends(db, &registry(), Warning, Check::MissingForeignKeyIndex, "comment").await?;
    }

    /// Pitfall: a physical ON DELETE CASCADE of the database removes soft-deleted rows.
    async fn on_delete_cascade_from_a_table_without_soft_delete(db: &TestDb) {
        let cascade = COMMENT.replace("post (id)", "post (id) ON DELETE CASCADE ON UPDATE CASCADE");
        run(db, &[AUTHOR, POST, &cascade]).await?;
        run(db, &INDEXES).await?;
        run(db, &["INSERT INTO post (id, slug) VALUES (1, 'a')", "INSERT INTO comment VALUES (1, 1, NOW)"]).await?;
        mends(db, &registry_of::<comment::Entity>(), Warning, Check::PhysicalCascade, "comment").await?;
        assert!(run(db, &["DELETE FROM post"]).await.is_err());
        // What else the key says is as before.
        run(db, &["UPDATE post SET id = 2"]).await?;
        assert_eq!(crate::schema::tables::number(db, "SELECT COUNT(*) FROM comment WHERE post_id = 2").await?, 1);
    }

    async fn on_delete_cascade_where_the_entity_has_another_rule(db: &TestDb) {
        let cascade = COMMENT.replace("post (id)", "post (id) ON DELETE CASCADE");
        run(db, &[AUTHOR, POST, &cascade]).await?;
        run(db, &INDEXES).await?;
        unique_slug(db).await?;
        mends(db, &registry(), Warning, Check::PhysicalCascade, "comment").await?;
    }

    async fn on_delete_cascade_where_deletes_cascade_too_is_advice(db: &TestDb) {
        let cascade = POST.replace("author (id)", "author (id) ON DELETE CASCADE");
        run(db, &[AUTHOR, &cascade, COMMENT]).await?;
        run(db, &INDEXES).await?;
        unique_slug(db).await?;
        assert!(examine(db).await?.is_healthy());
        mends(db, &registry(), Advice, Check::PhysicalCascade, "post").await?;
    }

    async fn a_rule_that_nulls_a_required_column(db: &TestDb) {
        let required = COMMENT.replace("post_id INTEGER", "post_id INTEGER NOT NULL");
        run(db, &[AUTHOR, POST, &required]).await?;
        run(db, &INDEXES).await?;
        unique_slug(db).await?;
        mends(db, &registry(), Error, Check::SetNullOfRequired, "comment").await?;
    }
}

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool]

    async fn whole_seconds(db: &TestDb) {
        let coarse = match db.backend() {
            DbBackend::MySql => AUTHOR.replace(" TIME", " datetime NULL"),
            _ => AUTHOR.replace(" TIME", " timestamp(0) with time zone"),
        };
        run(db, &[&coarse]).await?;
        mends(db, &registry_of::<author::Entity>(), Warning, Check::CoarseTime, "author").await?;
    }

    async fn fewer_than_six_digits_without_a_deletion_id(db: &TestDb) {
        for digits in ["(0)", "(3)", "(5)"] {
            let coarse = match db.backend() {
                DbBackend::MySql => format!(" datetime{digits} NULL"),
                _ => format!(" timestamp{digits} with time zone"),
            };
            let comment = COMMENT.replace(" TIME", &coarse).replace(", FOREIGN KEY (post_id) REFERENCES post (id)", "");
            run(db, &["DROP TABLE IF EXISTS comment", &comment, INDEXES[2]]).await?;
            let report = doctor::examine(&registry_of::<comment::Entity>(), db).await?;
            assert_eq!(found(&report), [(Warning, Check::CoarseTime, "comment".to_owned())], "{report}");
            let finding = &report.findings()[0];
            assert!(finding.consequence().contains("can't be told apart"), "{report}");
            assert!(finding.fix().to_string().starts_with("add `deletion_id`: "), "{report}");
            assert!(finding.fix().to_string().contains("ADD COLUMN"), "{report}");
        }
    }

    async fn columns_of_another_type(db: &TestDb) {
        let wrong = match db.backend() {
            DbBackend::MySql => AUTHOR.replace("UUID", "char(36)"),
            _ => AUTHOR.replace("UUID", "text"),
        };
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        run(db, &[&wrong, &format!("INSERT INTO author VALUES (1, NOW, '{id}')")]).await?;
        mends(db, &registry_of::<author::Entity>(), Error, Check::WrongColumn, "author").await?;
        let row = author::Entity::only_deleted().one(db).await?.expect("a row");
        assert_eq!(row.deletion_id.expect("an id").to_string(), id);
    }
}

on_backends! {
    [mariadb MariaDb Pool]

    async fn a_timestamp_ends_in_2038(db: &TestDb) {
        run(db, &[
            &AUTHOR.replace(" TIME", " timestamp(6) NULL"),
            "ALTER TABLE author ADD COLUMN email VARCHAR(50)",
            "INSERT INTO author (id, deleted_at) VALUES (1, '2026-01-02 03:04:05.123456'), (2, NULL)",
        ]).await?;
        // Its generated column depends on the one that is changed.
        soft_delete::schema::UniqueActiveIndex::on("author").col("email").create(db).await?;
        let finding = mends(db, &registry_of::<author::Entity>(), Warning, Check::TimeEnds, "author").await?;
        assert!(finding.problem().contains("ends in January 2038"));
        run(db, &["UPDATE author SET deleted_at = '2040-01-02 03:04:05.123456' WHERE id = 2"]).await?;
        let same = "SELECT COUNT(*) FROM author WHERE deleted_at IN ('2026-01-02 03:04:05.123456', '2040-01-02 03:04:05.123456')";
        assert_eq!(crate::schema::tables::number(db, same).await?, 2);
    }

    async fn a_timestamp_of_whole_seconds_has_both_faults(db: &TestDb) {
        run(db, &[&AUTHOR.replace(" TIME", " timestamp NULL")]).await?;
        let registry = registry_of::<author::Entity>();
        let report = doctor::examine(&registry, db).await?;
        assert_eq!(found(&report), [
            (Warning, Check::CoarseTime, "author".to_owned()),
            (Warning, Check::TimeEnds, "author".to_owned()),
        ], "{report}");
        for finding in &report {
            assert!(finding.apply(db).await?);
        }
        assert_eq!(found(&doctor::examine(&registry, db).await?), []);
    }
}

on_backends! {
    [postgres Postgres Pool]

    async fn deleted_at_without_its_time_zone(db: &TestDb) {
            run(db, &[&AUTHOR.replace(" TIME", " timestamp without time zone")]).await?;
            mends(db, &registry_of::<author::Entity>(), Error, Check::WrongColumn, "author").await?;
    }
}

on_backends! {
    // PostgreSQL refuses such a foreign key itself.
    [sqlite SqliteMemory Pool, mariadb MariaDb Pool]

    async fn a_foreign_key_to_columns_that_are_unique_among_active_rows_alone(db: &TestDb) {
        run(db, &[AUTHOR]).await?;
        run(db, &["ALTER TABLE author ADD COLUMN email VARCHAR(50)"]).await?;
        soft_delete::schema::UniqueActiveIndex::on("author").col("email").create(db).await?;
        run(db, &["CREATE TABLE letter (id INTEGER PRIMARY KEY, email VARCHAR(50), FOREIGN KEY (email) REFERENCES author (email))"]).await?;
        mends(db, &registry_of::<author::Entity>(), Error, Check::PartialTarget, "author").await?;
        run(db, &["INSERT INTO author (id, email) VALUES (1, 'a')", "INSERT INTO letter VALUES (1, 'a')"]).await?;
    }
}

//! Keys that are equal to the database though they are written in another way: an erasure finds the entry as `find_by_id` finds the
//! row.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::DbBackend;

use super::fixture::{number, purge, run};
use support::{TestDb, TestResult, on_backends};

mod label {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "label")]
    #[soft_delete(group = "labels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(has_many)]
        pub uses: HasMany<super::label_use::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod label_use {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "label_use")]
    #[soft_delete(group = "labels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub label_name: String,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "label_name", to = "name", on_delete = "Cascade")]
        pub label: BelongsTo<super::label::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A label and one that is another to the database, each with a use that writes its name in its own way. All is in the archive.
async fn archived(db: &TestDb, key: &str, names: [&str; 2], other: &str) -> TestResult {
    let names = names.map(|name| name.replace('\'', "''"));
    run(db, &[
        &format!("CREATE TABLE label (name {key} PRIMARY KEY, deleted_at TIME)"),
        &format!("CREATE TABLE label_use (id bigint PRIMARY KEY, label_name {key} NOT NULL, deleted_at TIME)"),
        &format!("INSERT INTO label VALUES ('{}', '2024-01-01 00:00:00'), ('{other}', '2024-01-01 00:00:00')", names[0]),
        &format!(
            "INSERT INTO label_use VALUES (1, '{}', '2024-01-01 00:00:00'), (2, '{other}', '2024-01-01 00:00:00')",
            names[1]
        ),
    ])
    .await?;
    assert_eq!(purge(db, "labels").await?.rows_purged(), 4);
    Ok(())
}

/// That the key finds the row while it is there, and its entry and that of its use later.
async fn is_found(db: &TestDb, key: &str, names: [&str; 2], other: &str, by: &str) -> TestResult {
    archived(db, key, names, other).await?;
    run(
        db,
        &[&format!(
            "INSERT INTO label (name) VALUES ('{}')",
            names[0].replace('\'', "''")
        )],
    )
    .await?;
    assert!(
        label::Entity::find_by_id(by).one(db).await?.is_some(),
        "{by}"
    );
    run(db, &["DELETE FROM label"]).await?;
    let report = label::Entity::erase_by_id(by).exec(db).await?;
    assert_eq!(
        report.archived_by_table(),
        [("label", 1), ("label_use", 1)],
        "{by} {report}"
    );
    assert_eq!(
        number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?,
        2
    );
    run(
        db,
        &[
            "DROP TABLE label_use",
            "DROP TABLE label",
            "DELETE FROM soft_delete_archive",
        ],
    )
    .await?;
    Ok(())
}

on_backends! {
    [mariadb MariaDb Pool, mysql MySql Pool, scoped_mariadb MariaDb Scoped]

    async fn case_and_padding_of_mysql(db: &TestDb) {
        for (key, names, other, by) in [
            ("varchar(50) COLLATE utf8mb4_general_ci", ["Ünïq'ue", "UNIQ'UE"], "uniq", "uniq'Ue"),
            ("varchar(50) COLLATE utf8mb4_general_ci", ["ab", "AB "], "abc", "Ab  "),
            ("varchar(50) COLLATE utf8mb4_bin", ["ab", "ab "], "AB", "ab   "),
            ("char(50) COLLATE utf8mb4_unicode_ci", ["straße", "STRASSE"], "strase", "Strasse"),
            ("varchar(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci", ["é?", "E?"], "x", "e?"),
            ("varchar(50) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci", ["Ab", "aB"], "x", "ab"),
            ("enum('Ab', 'x') COLLATE utf8mb4_general_ci", ["Ab", "ab"], "x", "AB"),
        ] {
            is_found(db, key, names, other, by).await?;
        }
    }

    async fn what_a_character_set_lacks_is_no_question_mark(db: &TestDb) {
        archived(db, "varchar(50) CHARACTER SET latin1", ["?", "?"], "x").await?;
        // The server doesn't compare them, as it doesn't in `find_by_id`.
        assert!(label::Entity::erase_by_id("ł").exec(db).await.is_err());
        assert_eq!(number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?, 4);
    }
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn case_of_postgres(db: &TestDb) {
        run(db, &["CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"]).await?;
        is_found(db, "varchar(50) COLLATE any_case", ["Ünïq'ue", "ÜNÏQ'UE"], "uniq", "üNïq'Ue").await?;
    }

    async fn case_counts_in_postgres(db: &TestDb) {
        archived(db, "text", ["ab", "ab"], "AB").await?;
        assert_eq!(label::Entity::erase_by_id("aB").exec(db).await?.archived_erased(), 0);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, scoped_sqlite SqliteMemory Scoped]

    async fn case_and_padding_of_sqlite(db: &TestDb) {
        for (key, names, other, by) in [
            ("text COLLATE NOCASE", ["Uniq'ue", "uNIQ'UE"], "uniq", "UNIQ'UE"),
            ("varchar(20) COLLATE RTRIM", ["ab", "ab  "], "AB", "ab "),
            ("text", ["Ab", "Ab"], "ab", "Ab"),
        ] {
            is_found(db, key, names, other, by).await?;
        }
    }
}

/// A key of two columns, the first in any case.
mod seat {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "seat")]
    #[soft_delete(group = "seats")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub hall: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn keys_of_several_columns_compare_each_by_its_own(db: &TestDb) {
        let hall = match db.backend() {
            DbBackend::Postgres => {
                run(db, &["CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"]).await?;
                "text COLLATE any_case"
            }
            DbBackend::MySql => "varchar(20) COLLATE utf8mb4_general_ci",
            _ => "text COLLATE NOCASE",
        };
        run(db, &[
            &format!("CREATE TABLE seat (hall {hall}, number bigint, deleted_at TIME, PRIMARY KEY (hall, number))"),
            "INSERT INTO seat VALUES ('Red', 1, '2024-01-01 00:00:00'), ('Red', 2, '2024-01-01 00:00:00'), ('Blue', 1, '2024-01-01 00:00:00')",
        ]).await?;
        assert_eq!(purge(db, "seats").await?.rows_purged(), 3);
        let report = seat::Entity::erase_by_id(("rED".to_owned(), 1)).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("seat", 1)], "{report}");
        // As a search and a restore do.
        let found = super::fixture::archive().list().table("seat").key(["bLUE", "1"]).all(db).await?;
        assert_eq!(found.len(), 1);
        super::fixture::archive().restore().row("seat", ["bLUE", "1"]).exec(db).await?;
        assert_eq!(number(db, "SELECT COUNT(*) FROM seat").await?, 1);
        assert_eq!(purge(db, "seats").await?.rows_purged(), 1);
        let left = super::fixture::archive().list().all(db).await?;
        let keys: Vec<_> = left.iter().map(|entry| entry.key.join(" ")).collect();
        assert!(keys.contains(&"Red 2".to_owned()) && keys.contains(&"Blue 1".to_owned()), "{keys:?}");
    }
}

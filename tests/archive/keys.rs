//! Erasure by keys of all types: of rows in their table, of rows below them, and of rows that only the archive has.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{DbBackend, prelude::Decimal};
use soft_delete::ErasureReport;

use super::fixture::{number, purge, run};
use support::{Kind, TestDb, TestResult, on_backends, on_every_backend};

/// An entity of table `ticket` by a key of some type, and one of table `stub` below it.
macro_rules! tickets {
    ($module:ident, $group:literal, $(#[$key:meta])* $type:ty) => {
        mod $module {
            pub mod ticket {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[allow(unused_imports)]
                use super::super::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = "ticket")]
                #[soft_delete(group = $group)]
                pub struct Model {
                    $(#[$key])*
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub code: $type,
                    pub deleted_at: Option<DateTimeUtc>,
                    #[sea_orm(has_many)]
                    pub stubs: HasMany<super::stub::Entity>,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }

            pub mod stub {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[allow(unused_imports)]
                use super::super::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = "stub")]
                #[soft_delete(group = $group)]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    $(#[$key])*
                    pub ticket_code: $type,
                    pub deleted_at: Option<DateTimeUtc>,
                    #[sea_orm(belongs_to, from = "ticket_code", to = "code", on_delete = "Cascade")]
                    pub ticket: BelongsTo<super::ticket::Entity>,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }
        }
    };
}

tickets!(
    by_number,
    "tickets by number",
    #[sea_orm(column_type = "Decimal(Some((20, 2)))")]
    Decimal
);
tickets!(
    by_char,
    "tickets by char",
    #[sea_orm(column_type = "Char(Some(10))")]
    String
);
tickets!(by_text, "tickets by text", String);
tickets!(by_mood, "tickets by mood", Mood);
tickets!(
    by_address,
    "tickets by address",
    #[sea_orm(column_type = "custom(\"inet\")", select_as = "text", save_as = "inet")]
    String
);
tickets!(by_day, "tickets by day", sea_orm::prelude::DateTimeUtc);

#[derive(Clone, Copy, Debug, PartialEq, Eq, sea_orm::EnumIter, sea_orm::DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
pub enum Mood {
    #[sea_orm(string_value = "calm")]
    Calm,
    #[sea_orm(string_value = "it's wild")]
    Wild,
}

/// Tables with a key of this type, a row of each code with a stub below it, and for the same codes a deleted stub.
async fn create(db: &TestDb, key: &str, codes: [&str; 2]) -> TestResult {
    run(db, &[
        &format!("CREATE TABLE ticket (code {key} PRIMARY KEY, deleted_at TIME)"),
        &format!(
            "CREATE TABLE stub (id bigint PRIMARY KEY, ticket_code {key} NOT NULL, deleted_at TIME, \
             FOREIGN KEY (ticket_code) REFERENCES ticket (code))"
        ),
    ])
    .await?;
    for (number, code) in codes.iter().enumerate() {
        run(
            db,
            &[
                &format!("INSERT INTO ticket (code) VALUES ({code})"),
                &format!(
                    "INSERT INTO stub (id, ticket_code) VALUES ({}, {code})",
                    number * 2
                ),
                &format!(
                    "INSERT INTO stub VALUES ({}, {code}, '2024-01-01 00:00:00')",
                    number * 2 + 1
                ),
            ],
        )
        .await?;
    }
    Ok(())
}

/// That an erasure removed one ticket, one stub from the table, and one from the archive.
async fn assert_one_erased(db: &TestDb, report: &ErasureReport) -> TestResult {
    assert_eq!(
        report.rows_by_table(),
        [("ticket", 1), ("stub", 1)],
        "{report}"
    );
    assert_eq!(report.archived_by_table(), [("stub", 1)], "{report}");
    for table in ["ticket", "stub", "soft_delete_archive"] {
        assert_eq!(
            number(db, &format!("SELECT COUNT(*) FROM {table}")).await?,
            1,
            "{table}"
        );
    }
    Ok(())
}

/// Moves what is left into the archive, and no row stays.
async fn archive_all(db: &TestDb, group: &str) -> TestResult {
    run(
        db,
        &[
            "UPDATE stub SET deleted_at = '2024-01-01 00:00:00'",
            "UPDATE ticket SET deleted_at = '2024-01-01 00:00:00'",
        ],
    )
    .await?;
    assert_eq!(purge(db, group).await?.rows_purged(), 2);
    assert_eq!(number(db, "SELECT COUNT(*) FROM ticket").await?, 0);
    Ok(())
}

/// That an erasure removed one ticket and two stubs from the archive, and nothing is left there.
async fn assert_all_erased(db: &TestDb, report: &ErasureReport) -> TestResult {
    assert_eq!(
        report.archived_by_table(),
        [("ticket", 1), ("stub", 2)],
        "{report}"
    );
    assert_eq!(
        number(db, "SELECT COUNT(*) FROM soft_delete_archive").await?,
        0
    );
    Ok(())
}

on_every_backend! {
    async fn decimals(db: &TestDb) {
        use by_number::ticket::Entity as Ticket;
        create(db, "decimal(20, 2)", ["1.10", "123456789012345.67"]).await?;
        purge(db, "tickets by number").await?;
        let report = Ticket::erase_by_id(Decimal::new(110, 2)).exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by number").await?;
        let report = Ticket::erase_by_id(Decimal::new(12_345_678_901_234_567, 2)).exec(db).await?;
        assert_all_erased(db, &report).await?;
    }

    async fn padded_texts(db: &TestDb) {
        use by_char::ticket::Entity as Ticket;
        create(db, "char(10)", ["'ab'", "'cd'"]).await?;
        purge(db, "tickets by char").await?;
        let report = Ticket::erase_by_id("ab").exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by char").await?;
        let report = Ticket::erase_by_id("cd").exec(db).await?;
        assert_all_erased(db, &report).await?;
    }

    async fn texts_that_the_database_pads_unknown_to_the_entity(db: &TestDb) {
        use by_text::ticket::Entity as Ticket;
        create(db, "char(10)", ["'ab'", "'cd'"]).await?;
        purge(db, "tickets by text").await?;
        let report = Ticket::erase_by_id("ab").exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by text").await?;
        let report = Ticket::erase_by_id("cd").exec(db).await?;
        assert_all_erased(db, &report).await?;
    }

    async fn instants(db: &TestDb) {
        use by_day::ticket::Entity as Ticket;
        let (key, values) = match db.backend() {
            DbBackend::Postgres => ("timestamp with time zone", ["'2024-01-01 12:00:00.5+00'", "'2024-01-02 12:00:00+00'"]),
            DbBackend::MySql => ("datetime(6)", ["'2024-01-01 12:00:00.5'", "'2024-01-02 12:00:00'"]),
            _ => ("timestamp_with_timezone_text", ["'2024-01-01T12:00:00.500+00:00'", "'2024-01-02T12:00:00+00:00'"]),
        };
        create(db, key, values).await?;
        purge(db, "tickets by day").await?;
        let at = |text: &str| text.parse::<sea_orm::prelude::DateTimeUtc>().expect("a time");
        let report = Ticket::erase_by_id(at("2024-01-01T12:00:00.5Z")).exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by day").await?;
        let report = Ticket::erase_by_id(at("2024-01-02T12:00:00Z")).exec(db).await?;
        assert_all_erased(db, &report).await?;
    }

    /// Values of enums are the database's type, or a text.
    async fn enums(db: &TestDb) {
        use by_mood::ticket::Entity as Ticket;
        let key = match db.backend() {
            DbBackend::Postgres => "mood",
            DbBackend::MySql => "enum('calm', 'it''s wild')",
            _ => "enum_text",
        };
        if db.kind() == Kind::Postgres {
            run(db, &["CREATE TYPE mood AS ENUM ('calm', 'it''s wild')"]).await?;
        }
        create(db, key, ["'calm'", "'it''s wild'"]).await?;
        purge(db, "tickets by mood").await?;
        let report = Ticket::erase_by_id(Mood::Calm).exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by mood").await?;
        let report = Ticket::erase_by_id(Mood::Wild).exec(db).await?;
        assert_all_erased(db, &report).await?;
    }
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn types_that_the_entity_casts(db: &TestDb) {
        use by_address::ticket::Entity as Ticket;
        create(db, "inet", ["'10.0.0.1'", "'::1'"]).await?;
        purge(db, "tickets by address").await?;
        let report = Ticket::erase_by_id("10.0.0.1").exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by address").await?;
        let report = Ticket::erase_by_id("::1").exec(db).await?;
        assert_all_erased(db, &report).await?;
    }

    async fn a_padded_key_is_the_same_with_its_padding(db: &TestDb) {
        create(db, "char(10)", ["'ab'", "'cd'"]).await?;
        purge(db, "tickets by text").await?;
        let report = by_text::ticket::Entity::erase_by_id("ab        ").exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by text").await?;
        let report = by_char::ticket::Entity::erase_by_id("cd        ").exec(db).await?;
        assert_all_erased(db, &report).await?;
    }

    async fn a_text_that_is_not_padded_is_another_with_a_blank(db: &TestDb) {
        create(db, "text", ["'ab'", "'ab '"]).await?;
        purge(db, "tickets by text").await?;
        let report = by_text::ticket::Entity::erase_by_id("ab ").exec(db).await?;
        assert_one_erased(db, &report).await?;
        archive_all(db, "tickets by text").await?;
        let report = by_text::ticket::Entity::erase_by_id("ab ").exec(db).await?;
        assert_eq!(report.archived_erased(), 0, "{report}");
        let report = by_text::ticket::Entity::erase_by_id("ab").exec(db).await?;
        assert_all_erased(db, &report).await?;
    }
}

on_backends! {
    [sqlite SqliteMemory Pool]

    async fn instants_that_another_program_wrote(db: &TestDb) {
        create(db, "timestamp_with_timezone_text", ["'2024-01-01 12:00:00'", "'2024-01-02T12:00:00Z'"]).await?;
        purge(db, "tickets by day").await?;
        // SeaORM would look for `2024-01-01T12:00:00+00:00`: only rows that are reached otherwise have their texts.
        run(db, &["UPDATE stub SET deleted_at = NULL"]).await?;
        let at = "2024-01-02T12:00:00Z".parse::<sea_orm::prelude::DateTimeUtc>().expect("a time");
        assert_eq!(by_day::ticket::Entity::erase_by_id(at).exec(db).await?.rows_erased(), 0);
    }
}

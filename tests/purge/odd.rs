//! Odd tables: keys of several columns and of other types, times in other forms, tables that are not soft-deletable.

use sea_orm::{ConnectionTrait as _, DbBackend};

use super::fixture::{count, days_ago, purge, purge_of, purged, table};
use support::{
    self, TestDb,
    domain::{self, tag, task, task_tag},
};

pub mod account {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "account")]
    #[soft_delete(group = "accounts")]
    pub struct Model {
        #[sea_orm(
            primary_key,
            auto_increment = false,
            column_type = "Decimal(Some((20, 2)))"
        )]
        pub number: Decimal,
        pub deleted_at: Option<DateTime>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "notes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes that were deleted on the first day of the year.
pub async fn deleted_notes(db: &TestDb, ids: impl Iterator<Item = i64>) -> support::TestResult {
    support::create_table(db, note::Entity).await?;
    let at = match db.backend() {
        DbBackend::Sqlite => "2026-01-01T00:00:00+00:00",
        _ => "2026-01-01 00:00:00",
    };
    let rows: Vec<_> = ids.map(|id| format!("({id}, '{at}')")).collect();
    db.execute_unprepared(&format!("INSERT INTO note VALUES {}", rows.join(", ")))
        .await?;
    Ok(())
}

support::on_every_backend! {
    async fn keys_of_several_columns(db: &TestDb) {
        domain::create(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let tags = [domain::tag(db, "a").await?, domain::tag(db, "b").await?];
        for title in ["one", "two", "three"] {
            let task = domain::task(db, &project, title).await?;
            for tag in &tags {
                domain::task_tag(db, &task, tag).await?;
            }
        }
        task_tag::Entity::delete_by_id((1, 1)).at(days_ago(1)).exec(db).await?;
        task::Entity::delete_by_id(2).at(days_ago(60)).exec(db).await?;
        task::Entity::delete_by_id(3).at(days_ago(50)).exec(db).await?;
        tag::Entity::delete_by_id(1).at(days_ago(40)).exec(db).await?;
        for batch in [1, 3] {
            let report = purge().batch(batch).exec(db).await?;
            let expected: &[_] = if batch == 1 { &[("task_tag", 4), ("task", 2)] } else { &[] };
            assert_eq!(purged(&report), *expected);
            // One was deleted yesterday.
            assert_eq!(table(&report, "tag").referenced[0].rows, 1);
        }
        assert_eq!(count(db, "task_tag").await?, 2);
    }

    async fn keys_of_types_that_are_read_as_text(db: &TestDb) {
        support::create_table(db, account::Entity).await?;
        for (number, at) in [("1.50", days_ago(60)), ("20.25", days_ago(60)), ("3.00", days_ago(1))] {
            db.execute_unprepared(&format!(
                "INSERT INTO account VALUES ({number}, '{}')",
                at.format("%Y-%m-%d %H:%M:%S")
            ))
            .await?;
        }
        let report = purge_of("accounts").batch(1).exec(db).await?;
        assert_eq!(purged(&report), [("account", 2)]);
        assert_eq!(count(db, "account").await?, 1);
    }

    async fn tables_that_are_not_soft_deletable_follow_their_own_keys(db: &TestDb) {
        deleted_notes(db, 1..=6).await?;
        let key = "FOREIGN KEY (note_id) REFERENCES note (id)";
        for sql in [
            // 1 goes with what is attached to it, and what is attached to that.
            format!("CREATE TABLE attached (id BIGINT PRIMARY KEY, note_id BIGINT, {key} ON DELETE CASCADE)"),
            "CREATE TABLE attached_to_it (attached_id BIGINT, FOREIGN KEY (attached_id) REFERENCES attached (id) \
             ON DELETE CASCADE)".to_owned(),
            // 2 stays with its bill, 3 with the bill of its order.
            format!("CREATE TABLE bill (note_id BIGINT, {key})"),
            format!("CREATE TABLE orders (id BIGINT PRIMARY KEY, note_id BIGINT, {key} ON DELETE CASCADE)"),
            "CREATE TABLE order_bill (order_id BIGINT, FOREIGN KEY (order_id) REFERENCES orders (id))".to_owned(),
            // 4 lets go.
            format!("CREATE TABLE mention (note_id BIGINT, {key} ON DELETE SET NULL)"),
            "INSERT INTO attached VALUES (1, 1)".to_owned(),
            "INSERT INTO attached_to_it VALUES (1)".to_owned(),
            "INSERT INTO bill VALUES (2)".to_owned(),
            "INSERT INTO orders VALUES (1, 3)".to_owned(),
            "INSERT INTO order_bill VALUES (1)".to_owned(),
            "INSERT INTO mention VALUES (4)".to_owned(),
        ] {
            db.execute_unprepared(&sql).await?;
        }
        let dry = purge_of("notes").plan(db).await?;
        let report = purge_of("notes").exec(db).await?;
        assert_eq!(purged(&report), [("note", 4)]);
        assert_eq!(purged(&dry), purged(&report));
        assert_eq!(domain::ids(db, "SELECT id FROM note WHERE deleted_at IS NOT NULL ORDER BY id").await?, [2, 3]);
        let mut kept: Vec<_> = table(&report, "note").referenced.iter().map(|kept| (kept.rows, kept.columns.join(","))).collect();
        kept.sort();
        assert_eq!(kept, [(1, "note_id".to_owned()), (1, "note_id".to_owned())]);
        assert!(report.is_complete());
        let mentions = domain::ids(db, "SELECT note_id AS id FROM mention WHERE note_id IS NOT NULL").await?;
        assert!(mentions.is_empty());
    }
}

support::on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool]

    async fn times_that_other_programs_wrote_are_not_taken_for_older(db: &TestDb) {
        support::create_table(db, note::Entity).await?;
        // The purge is at noon. As texts, a blank comes before `T`.
        for (id, at) in [
            (1, "2026-05-02 11:59:59"),
            (2, "2026-05-02 12:00:01"),
            (3, "2026-05-02T13:59:59+02:00"),
            (4, "2026-05-02T14:00:01+02:00"),
            (5, "yesterday"),
            (6, "1700000000"),
            (7, "2026-05-01 23:00:00.5"),
        ] {
            db.execute_unprepared(&format!("INSERT INTO note VALUES ({id}, '{at}')")).await?;
        }
        for batch in [1, 2, 10] {
            let _ = purge_of("notes").batch(batch).exec(db).await?;
        }
        // 3 looks younger than it is, and goes within the day.
        let left = domain::ids(db, "SELECT id FROM note WHERE deleted_at IS NOT NULL ORDER BY id").await?;
        assert_eq!(left, [2, 3, 4, 5, 6]);
        let report = purge_of("notes").at(super::fixture::now() + super::fixture::DAY).exec(db).await?;
        assert_eq!(report.rows_purged(), 3);
    }
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_key_that_cannot_be_seen_is_met_without_failing(db: &TestDb) {
        // A table of another schema refers to two of the rows.
        deleted_notes(db, 1..=5_000).await?;
        let elsewhere = format!("elsewhere_{}", uuid::Uuid::now_v7().simple());
        let note = match db.backend() {
            DbBackend::Postgres => "note".to_owned(),
            _ => {
                let here = sea_orm::Statement::from_string(db.backend(), "SELECT DATABASE()");
                let here: String = db.query_one_raw(here).await?.expect("a name").try_get_by_index(0)?;
                format!("{here}.note")
            }
        };
        db.execute_unprepared(&format!("CREATE SCHEMA {elsewhere}")).await?;
        let sql = format!("CREATE TABLE {elsewhere}.bill (note_id BIGINT, FOREIGN KEY (note_id) REFERENCES {note} (id))");
        db.execute_unprepared(&sql).await?;
        db.execute_unprepared(&format!("INSERT INTO {elsewhere}.bill VALUES (17), (4000)")).await?;

        let report = purge_of("notes").exec(db).await;
        let left = domain::ids(db, "SELECT id FROM note WHERE deleted_at IS NOT NULL ORDER BY id").await;
        let drop = match db.backend() {
            DbBackend::Postgres => format!("DROP SCHEMA {elsewhere} CASCADE"),
            _ => format!("DROP SCHEMA {elsewhere}"),
        };
        db.execute_unprepared(&drop).await?;
        assert_eq!(left?, [17, 4000]);
        let report = report?;
        assert_eq!((report.rows_purged(), table(&report, "note").remaining), (4_998, 2));
    }
}

//! Deletions that are told by what `deleted_at` keeps: columns of all precisions, of other programs, at the same time.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, PaginatorTrait as _, QuerySelect as _};
use soft_delete::{Deletion, Error, Outcome, SoftDelete as _};

use support::{self, TestDb};

/// A house has rooms, and a room has lamps. None has a `deletion_id`; rooms have a time without a zone.
pub mod house {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "house")]
    #[soft_delete(group = "houses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod room {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "room")]
    #[soft_delete(group = "houses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub house_id: i64,
        pub deleted_at: Option<DateTime>,
        #[sea_orm(belongs_to, from = "house_id", to = "id", on_delete = "Cascade")]
        pub house: BelongsTo<super::house::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod lamp {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "lamp")]
    #[soft_delete(group = "houses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub room_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "room_id", to = "id", on_delete = "Cascade")]
        pub room: BelongsTo<super::room::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A part in parts, whose `deleted_at` keeps whole seconds where a column can.
pub mod part {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "part")]
    #[soft_delete(group = "parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub part_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            self_ref,
            relation_enum = "Whole",
            relation_reverse = "Parts",
            from = "part_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub whole: HasOne<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Columns of these digits; of other types where the backend has some. SQLite keeps the text that it is given.
async fn create(db: &TestDb, digits: [u8; 3]) -> Result<(), DbErr> {
    let [house, room, lamp] = digits;
    let types = match db.backend() {
        DbBackend::Postgres => [
            format!("timestamptz({house})"),
            format!("timestamp({room})"),
            format!("timestamptz({lamp})"),
        ],
        DbBackend::MySql => [
            format!("TIMESTAMP({house}) NULL"),
            format!("DATETIME({room})"),
            format!("TIMESTAMP({lamp}) NULL"),
        ],
        _ => ["TEXT", "TEXT", "TEXT"].map(ToOwned::to_owned),
    };
    for (table, column, of) in [
        ("house", "", &types[0]),
        ("room", "house_id BIGINT,", &types[1]),
        ("lamp", "room_id BIGINT,", &types[2]),
    ] {
        let table =
            format!("CREATE TABLE {table} (id BIGINT PRIMARY KEY, {column} deleted_at {of})");
        db.execute_unprepared(&table).await?;
    }
    for insert in [
        "INSERT INTO house (id) VALUES (1), (2)",
        "INSERT INTO room (id, house_id) VALUES (1, 1), (2, 1), (3, 2)",
        "INSERT INTO lamp (id, room_id) VALUES (1, 1), (2, 1), (3, 2), (4, 3)",
    ] {
        db.execute_unprepared(insert).await?;
    }
    Ok(())
}

async fn active(db: &TestDb) -> Result<[u64; 3], DbErr> {
    Ok([
        house::Entity::find().count(db).await?,
        room::Entity::find().count(db).await?,
        lamp::Entity::find().count(db).await?,
    ])
}

/// What is left of the first house.
const ALL_OF_A_HOUSE: [(&str, u64); 3] = [("house", 1), ("room", 2), ("lamp", 3)];

/// A time with all digits, that rounds up and down differently.
fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 987_654_321).expect("a time")
}

support::on_every_backend! {
    async fn a_deletion_is_found_again_whatever_its_columns_keep(db: &TestDb) {
        for digits in [[3, 3, 3], [6, 3, 6], [3, 6, 6], [0, 0, 0], [6, 6, 0]] {
            create(db, digits).await?;
            let plan = house::Entity::delete_by_id(1).plan(db).await?;
            let deletion = house::Entity::delete_by_id(1).exec(db).await?;
            assert_eq!(deletion.rows_by_table(), ALL_OF_A_HOUSE, "{digits:?}");
            assert_eq!(plan.rows_by_table(), ALL_OF_A_HOUSE);
            assert_eq!(active(db).await?, [1, 1, 1]);
            assert_eq!(room::Entity::deletion_roots_on(db.backend()).count(db).await?, 0);
            assert_eq!(lamp::Entity::deletion_roots_on(db.backend()).count(db).await?, 0);
            assert_eq!(house::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), ALL_OF_A_HOUSE);

            let deletion = house::Entity::delete_many().filter_by_ids([1]).at(at(0)).exec(db).await?;
            assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), ALL_OF_A_HOUSE, "{digits:?}");
            assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), []);

            // Several at once go by the general way.
            house::Entity::delete_many().all().exec(db).await?;
            let restored = house::Entity::restore_many().all().exec(db).await?;
            assert_eq!(restored.rows_by_table(), [("house", 2), ("room", 3), ("lamp", 4)]);
            for table in ["lamp", "room", "house"] {
                db.execute_unprepared(&format!("DROP TABLE {table}")).await?;
            }
        }
    }

    async fn what_was_deleted_before_in_the_same_tick_is_not_taken_for_a_deletions_own(db: &TestDb) {
        create(db, [0, 0, 0]).await?;
        let earlier = lamp::Entity::delete_by_id(1).exec(db).await?;
        let deletion = house::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("house", 1), ("room", 2), ("lamp", 2)]);

        assert_eq!(lamp::Entity::deletion_roots_on(db.backend()).count(db).await?, 1);
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
        assert_eq!(active(db).await?, [2, 3, 3]);
        assert_eq!(earlier.undo().exec(db).await?.rows_affected, 1);
    }

    async fn an_undo_of_one_of_two_deletions_in_a_tick_takes_its_own(db: &TestDb) {
        create(db, [0, 0, 0]).await?;
        let deletions = [
            lamp::Entity::delete_by_id(1).exec(db).await?,
            lamp::Entity::delete_by_id(2).exec(db).await?,
            lamp::Entity::delete_many().filter_by_ids([3, 4]).exec(db).await?,
        ];
        for (deletion, left) in deletions.iter().zip([1, 2, 4]) {
            assert_eq!(deletion.undo().exec(db).await?.rows_affected, deletion.rows_affected);
            assert_eq!(lamp::Entity::find().count(db).await?, left);
        }
    }

    async fn a_deletion_whose_time_is_given_is_refused_where_it_could_not_be_told(db: &TestDb) {
        create(db, [3, 3, 3]).await?;
        lamp::Entity::delete_by_id(1).at(at(0)).exec(db).await?;
        let refused = room::Entity::delete_by_id(1).at(at(0)).exec(db).await.map_err(Error::from).expect_err("the same time");
        assert!(matches!(refused, Error::SameTime { .. }), "{refused:?}");
        assert!(refused.to_string().contains("add `deletion_id"), "{refused}");
        assert_eq!(active(db).await?, [2, 3, 3]);
        let deletion = room::Entity::delete_by_id(1).at(at(1)).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("room", 1), ("lamp", 1)]);
    }

    async fn a_deletion_remembers_the_rows_it_started_from(db: &TestDb) {
        create(db, [6, 6, 6]).await?;
        let deletion = house::Entity::delete_many().all().exec(db).await?;
        house::Entity::restore_by_id(2).exec(db).await?;
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), ALL_OF_A_HOUSE);
        let written = serde_json::to_string(&deletion).expect("JSON");
        let read: Deletion = serde_json::from_str(&written).expect("the same");
        assert_eq!(read, deletion);
    }

    async fn a_tree_that_keeps_whole_seconds_is_restored_at_once(db: &TestDb) {
        let column = match db.backend() {
            DbBackend::Postgres => "timestamptz(0)",
            DbBackend::MySql => "TIMESTAMP NULL",
            _ => "TEXT",
        };
        db.execute_unprepared(&format!(
            "CREATE TABLE part (id BIGINT PRIMARY KEY, part_id BIGINT, deleted_at {column})"
        )).await?;
        db.execute_unprepared("INSERT INTO part (id, part_id) VALUES (1, NULL), (2, 1), (3, 2), (4, NULL)").await?;
        part::Entity::delete_by_id(4).exec(db).await?;
        let deletion = part::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("part", 3)]);
        let restore = part::Entity::restore_by_id(1);
        assert_eq!(restore.clone().plan(db).await?.restoration.rows_by_table(), [("part", 3)]);
        assert_eq!(restore.exec(db).await?.rows_by_table(), [("part", 3)]);
        assert_eq!(part::Entity::only_deleted().count(db).await?, 1);

        let deletion = part::Entity::delete_by_id(2).exec(db).await?;
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), [("part", 2)]);
    }

    async fn a_time_that_a_column_cannot_hold_is_refused_before_anything_is_written(db: &TestDb) {
        create(db, [6, 6, 6]).await?;
        let far = DateTime::from_timestamp(2_300_000_000, 0).expect("2042");
        let deleted = house::Entity::delete_by_id(1).at(far).exec(db).await;
        let plan = house::Entity::delete_by_id(1).at(far).plan(db).await;
        if db.backend() == DbBackend::MySql {
            for error in [deleted.map_err(Error::from).expect_err("TIMESTAMP ends in 2038"), plan.expect_err("the same")] {
                assert!(matches!(error, Error::UnstorableTime { .. }), "{error:?}");
                assert!(error.to_string().contains("DATETIME(6)"), "{error}");
            }
            assert_eq!(active(db).await?, [2, 3, 4]);
            // A table of one such column, too, and the time of today.
            let refused = lamp::Entity::delete_by_id(1).at(far).exec(db).await.map_err(Error::from);
            assert!(matches!(refused, Err(Error::UnstorableTime { .. })), "{refused:?}");
        } else {
            assert_eq!(deleted?.deleted_at(), far);
            assert_eq!(house::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), ALL_OF_A_HOUSE);
        }
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, scoped SqliteMemory Scoped]

    async fn a_text_of_sqlite_is_an_instant_whoever_wrote_it(db: &TestDb) {
        let forms = [
            "2027-01-15 08:00:00",
            "2027-01-15T08:00:00Z",
            "2027-01-15T08:00:00+00:00",
            "2027-01-15 08:00:00.000000",
            "2027-01-15T10:00:00+02:00",
            "2027-01-15T03:30:00.000-04:30",
            "2027-01-15 08:00:00.000000000Z",
        ];
        create(db, [6, 6, 6]).await?;
        for parent in forms {
            for child in forms {
                for (table, text) in [("house", parent), ("room", child), ("lamp", parent)] {
                    db.execute_unprepared(&format!("UPDATE {table} SET deleted_at = '{text}'")).await?;
                }
                db.execute_unprepared("UPDATE lamp SET deleted_at = '2027-01-15 08:00:00.000001' WHERE id = 2").await?;
                let roots = lamp::Entity::deletion_roots_on(db.backend());
                let roots: Vec<i64> = roots.select_only().column(lamp::Column::Id).into_tuple().all(db).await?;
                assert_eq!(roots, [2], "{parent} {child}");
                assert_eq!(room::Entity::deletion_roots_on(db.backend()).count(db).await?, 0, "{parent} {child}");
                let again = house::Entity::delete_by_id(1).exec(db).await?;
                let expected = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
                assert_eq!(again.outcome(), Outcome::AlreadyDeleted { deleted_at: expected });
                let plan = house::Entity::restore_by_id(1).plan(db).await?;
                let restored = house::Entity::restore_by_id(1).exec(db).await?;
                assert_eq!(restored.rows_by_table(), [("house", 1), ("room", 2), ("lamp", 2)], "{parent} {child}");
                assert_eq!(plan.restoration.rows_by_table(), restored.rows_by_table());
            }
        }
    }

    async fn a_text_that_is_no_time_is_told_and_does_not_stand_in_a_restores_way(db: &TestDb) {
        create(db, [6, 6, 6]).await?;
        for table in ["house", "room", "lamp"] {
            db.execute_unprepared(&format!("UPDATE {table} SET deleted_at = 'yesterday'")).await?;
        }
        let error = house::Entity::delete_by_id(1).exec(db).await.map_err(Error::from).expect_err("when it was deleted");
        assert!(matches!(error, Error::UnreadableTime { .. }), "{error:?}");
        assert_eq!(house::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), ALL_OF_A_HOUSE);
    }
}

support::on_backends! {
    [postgres Postgres Pool, scoped Postgres Scoped]

    async fn the_sessions_zone_is_of_no_account(db: &TestDb) {
        create(db, [6, 6, 6]).await?;
        let transaction = sea_orm::TransactionTrait::begin(db).await?;
        transaction.execute_unprepared("SET LOCAL timezone = 'America/New_York'").await?;
        let deletion = house::Entity::delete_by_id(1).exec(&transaction).await?;
        assert_eq!(deletion.rows_by_table(), ALL_OF_A_HOUSE);
        assert_eq!(room::Entity::deletion_roots_on(db.backend()).count(&transaction).await?, 0);
        assert_eq!(lamp::Entity::deletion_roots_on(db.backend()).count(&transaction).await?, 0);
        assert_eq!(house::Entity::restore_many().all().exec(&transaction).await?.rows_by_table(), ALL_OF_A_HOUSE);
        let deletion = house::Entity::delete_by_id(1).exec(&transaction).await?;
        assert_eq!(deletion.undo().exec(&transaction).await?.rows_by_table(), ALL_OF_A_HOUSE);
        sea_orm::TransactionSession::commit(transaction).await?;
    }

    async fn an_infinite_time_is_told_and_does_not_stand_in_a_restores_way(db: &TestDb) {
        for infinity in ["infinity", "-infinity"] {
            create(db, [6, 6, 6]).await?;
            for table in ["house", "room", "lamp"] {
                db.execute_unprepared(&format!("UPDATE {table} SET deleted_at = '{infinity}'")).await?;
            }
            let error = house::Entity::delete_by_id(1).exec(db).await.map_err(Error::from).expect_err("when it was deleted");
            assert!(matches!(error, Error::UnreadableTime { .. }), "{error:?}");
            assert_eq!(house::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), ALL_OF_A_HOUSE);
            db.execute_unprepared("DROP TABLE house, room, lamp").await?;
        }
    }
}

support::on_backends! {
    [mariadb MariaDb Pool, mysql MySql Pool, scoped MariaDb Scoped]

    async fn a_zero_date_is_told_and_does_not_stand_in_a_restores_way(db: &TestDb) {
        create(db, [6, 6, 6]).await?;
        let transaction = sea_orm::TransactionTrait::begin(db).await?;
        transaction.execute_unprepared("SET SESSION sql_mode = ''").await?;
        for table in ["house", "room", "lamp"] {
            transaction.execute_unprepared(&format!("UPDATE {table} SET deleted_at = '0000-00-00 00:00:00'")).await?;
        }
        let error = house::Entity::delete_by_id(1).exec(&transaction).await.map_err(Error::from).expect_err("when it was deleted");
        assert!(matches!(error, Error::UnreadableTime { .. }), "{error:?}");
        assert_eq!(house::Entity::restore_by_id(1).exec(&transaction).await?.rows_by_table(), ALL_OF_A_HOUSE);
        sea_orm::TransactionSession::rollback(transaction).await?;
    }
}

//! What must not grow: the depth of an expression, the time for a row, the number of values that a statement binds.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, PaginatorTrait as _, QueryFilter as _,
};
use soft_delete::{ConflictPolicy, Error};

use support::{self, TestDb, create_table, folder};

pub mod board {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "board")]
    #[soft_delete(group = "boards")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A card of a board, with a unique name. It may hang on another one, and then forbids that one's deletion.
pub mod card {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "card")]
    #[soft_delete(group = "boards")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(indexed)]
        pub board_id: i64,
        pub second_board_id: Option<i64>,
        #[soft_delete(unique)]
        pub name: Option<String>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Board",
            from = "board_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub board: BelongsTo<super::board::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "SecondBoard",
            from = "second_board_id",
            to = "id",
            on_delete = "Restrict"
        )]
        pub second: BelongsTo<Option<super::board::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn create(db: &TestDb, boards: i64, cards: i64) -> Result<(), DbErr> {
    create_table(db, board::Entity).await?;
    create_table(db, card::Entity).await?;
    if db.kind().supports_partial_index() {
        db.execute_unprepared(
            "CREATE UNIQUE INDEX card_name ON card (name) WHERE deleted_at IS NULL",
        )
        .await?;
    }
    insert(db, "board (id)", boards, |id| format!("({id})")).await?;
    insert(db, "card (id, board_id, name)", cards, |id| {
        format!("({id}, {}, 'card {id}')", id % boards + 1)
    })
    .await
}

async fn insert(
    db: &TestDb,
    into: &str,
    rows: i64,
    row: impl Fn(i64) -> String,
) -> Result<(), DbErr> {
    for first in (1..=rows).step_by(1_000) {
        let values: Vec<_> = (first..=rows.min(first + 999)).map(&row).collect();
        db.execute_unprepared(&format!("INSERT INTO {into} VALUES {}", values.join(", ")))
            .await?;
    }
    Ok(())
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool, scoped SqliteMemory Scoped]

    async fn any_number_of_deletions_is_restored_at_once(db: &TestDb) {
        const DELETIONS: i64 = 1_500;
        create(db, DELETIONS, 2 * DELETIONS).await?;
        for id in 1..=DELETIONS {
            board::Entity::delete_by_id(id).exec(db).await?;
        }
        let plan = board::Entity::restore_many().all().plan(db).await?;
        let restored = board::Entity::restore_many().all().exec(db).await?;
        let all = [("board", DELETIONS as u64), ("card", 2 * DELETIONS as u64)];
        assert_eq!(restored.rows_by_table(), all);
        assert_eq!(plan.restoration.rows_by_table(), all);
    }

    async fn rows_with_unique_values_come_back_by_as_many_statements_as_one_does(db: &TestDb) {
        create(db, 2, 4_000).await?;
        db.execute_unprepared("UPDATE card SET board_id = 1 WHERE id > 4").await?;
        let mut counts = Vec::new();
        for (board, cards) in [(2, 2), (1, 3_998)] {
            let deletion = board::Entity::delete_by_id(board).exec(db).await?;
            let sent = db.recorder();
            assert_eq!(deletion.undo().exec(&sent).await?.rows_by_table(), [("board", 1), ("card", cards)]);
            counts.push(sent.statements().len());
        }
        assert_eq!(counts[0], counts[1]);

        // By the general way in batches.
        card::Entity::delete_many().all().exec(db).await?;
        let restored = card::Entity::restore_many().all().on_conflict(ConflictPolicy::Skip).exec(db).await?;
        assert_eq!(restored.rows_affected, 4_000);
    }

    async fn rows_restored_that_share_a_value_are_told(db: &TestDb) {
        create(db, 1, 10).await?;
        for id in [3, 5, 8] {
            card::Entity::delete_by_id(id).exec(db).await?;
        }
        let name = if db.backend() == DbBackend::MySql { "Same" } else { "same" };
        db.execute_unprepared(&format!("UPDATE card SET name = '{name}' WHERE id = 3")).await?;
        db.execute_unprepared("UPDATE card SET name = 'same' WHERE id IN (5, 8)").await?;
        let told = card::Entity::restore_many().all().exec(db).await.expect_err("three of one name");
        let Error::Conflict(conflict) = &told else { panic!("{told:?}") };
        let holders: Vec<_> = conflict.iter().map(|row| (row.key[0].clone(), row.holder[0].clone())).collect();
        if db.backend() == DbBackend::MySql {
            // By their bytes two of them are equal. The column's collation has the last word, at the write.
            assert!(!holders.is_empty());
        } else {
            assert_eq!(holders, [(5_i64.into(), 3_i64.into()), (8_i64.into(), 3_i64.into())]);
        }
        let restored = card::Entity::restore_many().all().on_conflict(ConflictPolicy::Skip).exec(db).await;
        if db.kind().supports_partial_index() {
            assert_eq!(restored?.rows_affected, 1);
        }
    }

    async fn a_filter_may_bind_as_many_values_as_a_find(db: &TestDb) {
        const BOARDS: i64 = 30_000;
        create(db, BOARDS, 100).await?;
        let ids = || 1..BOARDS;
        let plan = board::Entity::delete_many().filter_by_ids(ids()).plan(db).await?;
        let deletion = board::Entity::delete_many().filter_by_ids(ids()).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("board", BOARDS as u64 - 1), ("card", 100)]);
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
        let restored = board::Entity::restore_many().filter_by_ids(ids()).exec(db).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
        db.execute_unprepared("UPDATE card SET second_board_id = 7 WHERE id = 1").await?;
        db.execute_unprepared("UPDATE card SET board_id = 30000 WHERE id = 1").await?;
        let refused = board::Entity::delete_many().filter_by_ids(ids()).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
        assert_eq!(board::Entity::find().count(db).await?, BOARDS as u64);
    }

    async fn a_tree_of_mostly_roots_is_deleted_and_restored(db: &TestDb) {
        const FOLDERS: i64 = 20_000;
        folder::create(db).await?;
        let table = if db.backend() == DbBackend::Postgres { "\"folder\"" } else { "folder" };
        db.execute_unprepared(&format!("CREATE INDEX folder_purge ON {table} (deleted_at, id)")).await?;
        insert(db, "folder (id, parent_id)", FOLDERS, |id| match id % 10 {
            9 => format!("({id}, {})", id - 1),
            _ => format!("({id}, NULL)"),
        })
        .await?;
        let deletion = folder::Entity::delete_many().filter(folder::Column::Id.lte(2_000)).exec(db).await?;
        assert_eq!(deletion.rows_affected, 2_000);
        let deletion = folder::Entity::delete_by_id(2_008).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("folder", 2)]);
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), [("folder", 2)]);
        let restored = folder::Entity::restore_many().all().exec(db).await?;
        assert_eq!(restored.rows_affected, 2_000);
    }
}

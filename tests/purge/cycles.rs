//! Tables that refer to themselves, and to each other in a circle.

use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait as _, Set};
use soft_delete::archive::ArchiveTable;

use super::fixture::{count, days_ago, purge_of, purged, table};
use support::{self, TestDb, create_table, domain::ids, folder};

/// A team is led by a player, who is of a team.
pub mod team {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "team")]
    #[soft_delete(group = "teams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub founder_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Founder",
            from = "founder_id",
            to = "id",
            on_delete = "Cascade",
            skip_fk
        )]
        pub founder: BelongsTo<Option<super::player::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod player {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "player")]
    #[soft_delete(group = "teams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub team_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Team",
            from = "team_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub team: BelongsTo<Option<super::team::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

support::on_every_backend! {
    async fn a_tree_goes_from_its_leaves_up(db: &TestDb) {
        folder::create(db).await?;
        folder::tree(db).await?;
        folder::Entity::delete_by_id(4).at(days_ago(10)).exec(db).await?;
        folder::Entity::delete_by_id(1).at(days_ago(60)).exec(db).await?;
        for batch in [1, 1_000] {
            let report = purge_of("folders").batch(batch).exec(db).await?;
            let expected: &[_] = if batch == 1 { &[("folder", 2)] } else { &[] };
            assert_eq!(purged(&report), *expected);
            // 2 by 4, and 1 by 2.
            assert_eq!(table(&report, "folder").referenced[0].rows, 2);
            assert_eq!(ids(db, "SELECT id FROM folder WHERE deleted_at IS NOT NULL ORDER BY id").await?, [1, 2, 4]);
        }
    }

    async fn a_row_that_refers_to_itself_does_not_keep_itself(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 2).await?;
        db.execute_unprepared("UPDATE folder SET parent_id = 1 WHERE id = 1 AND deleted_at IS NULL").await?;
        folder::Entity::delete_by_id(1).at(days_ago(60)).exec(db).await?;
        assert_eq!(purge_of("folders").plan(db).await?.rows_purged(), 2);
        assert_eq!(purge_of("folders").exec(db).await?.rows_purged(), 2);
    }

    async fn rows_that_only_keep_each_other_go_together(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 5).await?;
        // 1 and 2 in each other, 3 below them; 4 and 5 in each other, with an active one below.
        for (id, parent) in [(1, 2), (2, 1), (3, 1), (4, 5), (5, 4)] {
            let sql = format!("UPDATE folder SET parent_id = {parent} WHERE id = {id} AND deleted_at IS NULL");
            db.execute_unprepared(&sql).await?;
        }
        folder::Entity::delete_by_id(1).at(days_ago(60)).exec(db).await?;
        folder::Entity::delete_by_id(4).at(days_ago(60)).exec(db).await?;
        db.execute_unprepared("INSERT INTO folder (id, parent_id) VALUES (6, 5)").await?;
        let archive = ArchiveTable::new();
        archive.create(db).await?;

        let report = purge_of("folders").archive(archive).exec(db).await?;
        assert_eq!((report.rows_purged(), table(&report, "folder").archived), (3, 3));
        assert_eq!(table(&report, "folder").referenced[0].rows, 2);
        assert!(report.is_complete());
        assert_eq!(ids(db, "SELECT id FROM folder WHERE deleted_at IS NULL OR TRUE ORDER BY id").await?, [4, 5, 6]);
        // What stays is as it was, and the archive has what was.
        assert_eq!(ids(db, "SELECT parent_id AS id FROM folder WHERE deleted_at IS NOT NULL ORDER BY parent_id").await?, [4, 5]);
        let of_one = "SELECT id FROM soft_delete_archive WHERE CAST(data AS CHAR(200)) LIKE '%\"parent_id\"%2%' AND row_key LIKE '%1%' AND deleted_at IS NOT NULL";
        assert_eq!(ids(db, of_one).await?.len(), 1);
    }

    async fn a_team_goes_with_its_founder(db: &TestDb) {
        create_table(db, team::Entity).await?;
        create_table(db, player::Entity).await?;
        if db.backend() != DbBackend::Sqlite {
            let sql = "ALTER TABLE team ADD CONSTRAINT founder FOREIGN KEY (founder_id) REFERENCES player (id)";
            db.execute_unprepared(sql).await?;
        }
        for id in 1..=300 {
            let team = team::ActiveModel { id: Set(id), ..Default::default() };
            team::Entity::insert(team).exec_without_returning(db).await?;
            let player = player::ActiveModel { id: Set(id), team_id: Set(Some(id)), ..Default::default() };
            player::Entity::insert(player).exec_without_returning(db).await?;
        }
        db.execute_unprepared("UPDATE team SET founder_id = id WHERE deleted_at IS NULL").await?;
        team::Entity::delete_many().all().at(days_ago(60)).exec(db).await?;
        // One founder is of a team that is younger.
        player::Entity::restore_by_id(300).with_parents().exec(db).await?;
        for batch in [7, 1_000] {
            let report = purge_of("teams").batch(batch).exec(db).await?;
            assert_eq!(report.rows_purged(), if batch == 7 { 598 } else { 0 });
        }
        assert_eq!((count(db, "team").await?, count(db, "player").await?), (1, 1));
    }

    async fn tables_in_a_circle_go_row_by_row_from_the_end(db: &TestDb) {
        create_table(db, team::Entity).await?;
        create_table(db, player::Entity).await?;
        // Player 1 founds team 1, whose player 2 founds team 2, and so on.
        for id in 1..=100 {
            let team = player::ActiveModel { id: Set(id), team_id: Set((id > 1).then_some(id - 1)), ..Default::default() };
            player::Entity::insert(team).exec_without_returning(db).await?;
            let team = team::ActiveModel { id: Set(id), founder_id: Set(Some(id)), ..Default::default() };
            team::Entity::insert(team).exec_without_returning(db).await?;
        }
        player::Entity::delete_by_id(1).at(days_ago(60)).exec(db).await?;
        let sent = db.recorder();
        let report = purge_of("teams").exec(&sent).await?;
        assert_eq!(report.rows_purged(), 200);
        // From each row straight to the next, not by going through the tables again and again.
        let looked = sent.statements().iter().filter(|sql| sql.starts_with("SELECT") && sql.contains("LIMIT")).count();
        assert!(looked < 230, "{looked}");
    }
}

support::on_backends! {
    [sqlite_memory SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn a_chain_of_two_thousand_goes(db: &TestDb) {
        folder::create(db).await?;
        folder::chain(db, 2_000).await?;
        folder::Entity::delete_by_id(1).at(days_ago(60)).exec(db).await?;
        let report = purge_of("folders").exec(db).await?;
        assert_eq!(report.rows_purged(), 2_000);
        assert_eq!(count(db, "folder").await?, 0);
    }
}

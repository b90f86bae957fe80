//! A table without the purge index is read once for all batches together.

use sea_orm::{ConnectionTrait as _, DbBackend};

use super::{
    fixture::{count, purge_of, purged, table},
    odd::deleted_notes,
};
use support::{self, TestDb, create_table, domain::ids};

support::on_every_backend! {
    async fn rows_go_in_the_order_of_their_key(db: &TestDb) {
        deleted_notes(db, 1..=40).await?;
        let young = match db.backend() {
            DbBackend::Sqlite => "2026-05-31T00:00:00+00:00",
            _ => "2026-05-31 00:00:00",
        };
        db.execute_unprepared(&format!("UPDATE note SET deleted_at = '{young}' WHERE id IN (5, 6, 20)")).await?;
        db.execute_unprepared("UPDATE note SET deleted_at = NULL WHERE id IN (1, 40)").await?;
        let sent = db.recorder();
        let report = purge_of("notes").batch(10).exec(&sent).await?;
        assert_eq!(purged(&report), [("note", 35)]);
        assert!(report.is_complete());
        assert_eq!(count(db, "note").await?, 5);
        let statements = sent.statements();
        let batches = statements.iter().filter(|sql| sql.contains("deleted_at"));
        let orders = batches.filter_map(|sql| sql.split("ORDER BY ").nth(1)?.split(" ASC").next());
        let orders: std::collections::BTreeSet<_> = orders.map(|order| order.replace(['"', '`'], "")).collect();
        assert_eq!(Vec::from_iter(orders), ["note.id"]);
    }

    async fn with_the_index_the_oldest_go_first(db: &TestDb) {
        deleted_notes(db, 1..=4).await?;
        soft_delete::schema::PurgeIndex::on("note").create(db).await?;
        let older = match db.backend() {
            DbBackend::Sqlite => "2025-12-31T00:00:00+00:00",
            _ => "2025-12-31 00:00:00",
        };
        db.execute_unprepared(&format!("UPDATE note SET deleted_at = '{older}' WHERE id = 4")).await?;
        let report = purge_of("notes").batch(1).deadline(std::time::Duration::MAX).on_progress(|_| {}).exec(db).await?;
        assert_eq!(purged(&report), [("note", 4)]);
    }

    async fn a_key_of_several_columns_goes_by_its_own_order(db: &TestDb) {
        // The index begins with the tag, the entity with the task.
        create_table(db, pair::Entity).await?;
        let at = match db.backend() {
            DbBackend::Sqlite => "2026-01-01T00:00:00+00:00",
            _ => "2026-01-01 00:00:00",
        };
        let rows: Vec<_> = (0..30).map(|n| format!("({}, {}, '{at}')", n % 7, n)).collect();
        db.execute_unprepared(&format!("INSERT INTO pair (a, b, deleted_at) VALUES {}", rows.join(", "))).await?;
        db.execute_unprepared("UPDATE pair SET deleted_at = NULL WHERE a = 3 AND b = 3").await?;
        let report = purge_of("pairs").batch(4).exec(db).await?;
        assert_eq!(purged(&report), [("pair", 29)]);
        assert_eq!(table(&report, "pair").remaining, 0);
        assert_eq!(ids(db, "SELECT b AS id FROM pair WHERE deleted_at IS NULL").await?, [3]);
    }
}

pub mod pair {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "pair")]
    #[soft_delete(group = "pairs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub a: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub b: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

//! Partitioned tables of PostgreSQL, and tables whose key is not the entity's.

use std::time::Instant;

use sea_orm::{ColumnTrait as _, ConnectionTrait as _};
use soft_delete::archive::ArchiveTable;

use super::fixture::{count, purge_of, purged, table};
use support::{self, TestDb, TestResult, domain::ids};

/// Of one day, or of one shard: the entity knows of the number alone.
pub mod visit {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "visit")]
    #[soft_delete(group = "visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub day: i64,
        pub deleted_at: Option<DateTime>,
        #[sea_orm(has_many)]
        pub clicks: HasMany<super::click::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod click {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "click")]
    #[soft_delete(group = "visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub visit_id: i64,
        pub deleted_at: Option<DateTime>,
        #[sea_orm(
            belongs_to,
            from = "visit_id",
            to = "id",
            on_delete = "Cascade",
            skip_fk
        )]
        pub visit: BelongsTo<super::visit::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const OLD: &str = "'2026-01-01 00:00:00'";
const YOUNG: &str = "'2026-05-31 00:00:00'";

async fn run(db: &TestDb, statements: &[&str]) -> TestResult {
    for sql in statements {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

async fn visits_and_clicks(db: &TestDb, visit: &str) -> TestResult {
    run(
        db,
        &[
            visit,
            "CREATE TABLE click (id BIGINT PRIMARY KEY, visit_id BIGINT NOT NULL, deleted_at TIMESTAMP NULL)",
        ],
    )
    .await
}

support::on_every_backend! {
    async fn rows_with_the_same_key_in_the_entity_are_told_apart(db: &TestDb) {
        let visit = "CREATE TABLE visit (id BIGINT NOT NULL, day BIGINT NOT NULL, deleted_at TIMESTAMP NULL, PRIMARY KEY (id, day))";
        visits_and_clicks(db, visit).await?;
        run(db, &[
            &format!("INSERT INTO visit VALUES (1, 1, {OLD}), (1, 2, {YOUNG}), (1, 3, NULL), (1, 4, {OLD}), (2, 1, {OLD})"),
        ]).await?;
        let archive = ArchiveTable::new();
        archive.create(db).await?;
        // Day 4 is held.
        let purge = || purge_of("visits").hold::<visit::Entity>(visit::Column::Day.eq(4)).archive(archive.clone());
        for batch in [1, 1_000] {
            purge().batch(batch).exec(db).await?;
            assert_eq!(ids(db, "SELECT day AS id FROM visit WHERE deleted_at IS NULL OR TRUE ORDER BY day").await?, [2, 3, 4]);
        }
        assert_eq!(ids(db, "SELECT COUNT(*) AS id FROM soft_delete_archive WHERE deleted_at IS NOT NULL").await?, [2]);
    }

    async fn without_an_archive_too(db: &TestDb) {
        let visit = "CREATE TABLE visit (id BIGINT NOT NULL, day BIGINT NOT NULL, deleted_at TIMESTAMP NULL, PRIMARY KEY (id, day))";
        visits_and_clicks(db, visit).await?;
        run(db, &[
            &format!("INSERT INTO visit VALUES (1, 1, {OLD}), (1, 2, {YOUNG}), (1, 3, NULL), (2, 1, {OLD}), (3, 1, {OLD}), (3, 2, {OLD})"),
            &format!("INSERT INTO click VALUES (1, 2, {OLD}), (2, 3, NULL)"),
        ]).await?;
        for batch in [1, 1_000] {
            let report = purge_of("visits").batch(batch).exec(db).await?;
            assert_eq!(table(&report, "visit").referenced[0].rows, 2);
        }
        assert_eq!((count(db, "visit").await?, count(db, "click").await?), (4, 1));
    }
}

const PARTITIONED: &str = "CREATE TABLE visit (id BIGINT NOT NULL, day BIGINT NOT NULL, deleted_at TIMESTAMP, PRIMARY KEY (id, day)) PARTITION BY LIST (day)";

async fn partitions(db: &TestDb) -> TestResult {
    visits_and_clicks(db, PARTITIONED).await?;
    for day in 1..=5 {
        db.execute_unprepared(&format!(
            "CREATE TABLE visit_{day} PARTITION OF visit FOR VALUES IN ({day}) WITH (autovacuum_enabled = false)"
        ))
        .await?;
    }
    Ok(())
}

support::on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    /// Each partition begins with the same place, and here with the same key.
    async fn a_row_of_another_partition_in_the_same_place_stays(db: &TestDb) {
        partitions(db).await?;
        run(db, &[
            "INSERT INTO visit SELECT g, 1, '2026-01-01' FROM generate_series(1, 100) g",
            "INSERT INTO visit SELECT g, 2, '2026-05-31' FROM generate_series(1, 100) g",
            "INSERT INTO visit SELECT g, 3, NULL FROM generate_series(1, 100) g",
        ]).await?;
        // Without clicks, as a leaf: in one statement.
        let registry = soft_delete::Registry::builder().entity::<visit::Entity>().build();
        let purge = soft_delete::Purge::new().registry(&registry).default_retention(30 * super::fixture::DAY).at(super::fixture::now());
        let report = purge.batch(30).exec(db).await?;
        assert_eq!(purged(&report), [("visit", 100)]);
        assert!(report.is_complete());
        assert_eq!(count(db, "visit").await?, 200);
        assert_eq!(count(db, "visit_1").await?, 0);
    }

    async fn a_key_of_a_partitioned_child_counts_once(db: &TestDb) {
        run(db, &[
            "CREATE TABLE visit (id BIGINT PRIMARY KEY, day BIGINT NOT NULL, deleted_at TIMESTAMP)",
            "CREATE TABLE click (id BIGINT PRIMARY KEY, visit_id BIGINT NOT NULL REFERENCES visit (id), deleted_at TIMESTAMP) PARTITION BY HASH (id)",
            "CREATE TABLE click_0 PARTITION OF click FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "CREATE TABLE click_1 PARTITION OF click FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
            "INSERT INTO visit SELECT g, 1, '2026-01-01' FROM generate_series(1, 10) g",
            "INSERT INTO click SELECT g, g, CASE WHEN g > 2 THEN timestamp '2026-01-01' END FROM generate_series(1, 10) g",
        ]).await?;
        let dry = purge_of("visits").plan(db).await?;
        let report = purge_of("visits").exec(db).await?;
        assert_eq!(purged(&report), [("click", 8), ("visit", 8)]);
        assert_eq!(purged(&dry), purged(&report));
        for report in [&dry, &report] {
            let kept: Vec<_> = table(report, "visit").referenced.iter().map(ToString::to_string).collect();
            assert_eq!(kept, ["2 kept by `click` (visit_id)"]);
        }
    }

    /// The statistics say that no row is deleted.
    async fn a_batch_takes_as_long_with_stale_statistics(db: &TestDb) {
        partitions(db).await?;
        run(db, &[
            "CREATE INDEX ON visit (deleted_at, id, day) WHERE deleted_at IS NOT NULL",
            "INSERT INTO visit SELECT g, 1 + g % 5, NULL FROM generate_series(1, 40000) g",
            "ANALYZE visit",
            "UPDATE visit SET deleted_at = '2026-01-01'",
        ]).await?;
        let begun = Instant::now();
        let report = purge_of("visits").only::<visit::Entity>().exec(db).await?;
        assert_eq!(report.rows_purged(), 40_000);
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }
}

mod schemas {
    //! One name in two schemas.

    pub mod upper {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "item", schema_name = "upper_part")]
        #[soft_delete(group = "parts")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub deleted_at: Option<DateTime>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod lower {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "item", schema_name = "lower_part")]
        #[soft_delete(group = "parts")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub upper_id: i64,
            pub deleted_at: Option<DateTime>,
            #[sea_orm(belongs_to, from = "upper_id", to = "id", on_delete = "Cascade")]
            pub upper: BelongsTo<super::upper::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

support::on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn a_dry_run_tells_one_name_in_two_schemas_apart(db: &TestDb) {
        run(db, &[
            "CREATE SCHEMA upper_part",
            "CREATE SCHEMA lower_part",
            "CREATE TABLE upper_part.item (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP)",
            "CREATE TABLE lower_part.item (id BIGINT PRIMARY KEY, upper_id BIGINT NOT NULL REFERENCES upper_part.item (id), deleted_at TIMESTAMP)",
            "INSERT INTO upper_part.item SELECT g, '2026-01-01' FROM generate_series(1, 6) g",
            // 1 and 2 keep theirs: an active one, and one that was deleted yesterday. 5 is held.
            "INSERT INTO lower_part.item VALUES (11, 1, NULL), (12, 2, '2026-05-31'), (13, 3, '2026-01-01'), (14, 4, '2026-01-01'), (15, 5, '2026-01-01')",
        ]).await?;
        let purge = || purge_of("parts").hold::<schemas::lower::Entity>(schemas::lower::Column::Id.eq(15));
        let dry = purge().plan(db).await?;
        let report = purge().exec(db).await?;
        assert_eq!(purged(&report), [("lower_part.item", 2), ("upper_part.item", 3)]);
        assert_eq!(purged(&dry), purged(&report));
        assert_eq!(table(&dry, "upper_part.item").referenced[0].rows, 3);
    }
}

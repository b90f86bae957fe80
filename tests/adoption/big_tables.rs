//! What the changes do to tables that are too big to be copied or locked for long.

use sea_orm::{ConnectionTrait as _, Statement, TransactionTrait as _};
use soft_delete::schema::{SoftDeleteColumns, UniqueActiveIndex, doctor};

use super::sakila::{self, entities, number};
use support::{TestDb, on_backends};

fn rental_date() -> UniqueActiveIndex {
    UniqueActiveIndex::on("rental")
        .cols(["rental_date", "inventory_id", "customer_id"])
        .replacing_unique()
}

on_backends! {
    [postgres Postgres Pool]

    async fn postgres_adds_the_columns_without_writing_the_table_anew(db: &TestDb) {
        sakila::old(db).await?;
        let file = "SELECT pg_relation_filenode('rental')::bigint";
        let before = number(db, file).await?;
        SoftDeleteColumns::new().deletion_id().add("rental", db).await?;
        assert_eq!(number(db, file).await?, before);
    }

    /// `ShareLock` lets others read and not write.
    async fn postgres_locks_the_table_for_each_change(db: &TestDb) {
        sakila::old(db).await?;
        for (sql, lock) in [
            ("ALTER TABLE payment ADD COLUMN deleted_at timestamp with time zone NULL", "AccessExclusiveLock"),
            ("ALTER TABLE payment ALTER COLUMN rental_id DROP NOT NULL", "AccessExclusiveLock"),
            ("CREATE INDEX idx_payment_rental_id ON payment (rental_id)", "ShareLock"),
        ] {
            let transaction = db.connection().begin().await?;
            transaction.execute_unprepared(sql).await?;
            let held = Statement::from_string(
                db.backend(),
                format!(
                    "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'payment'::regclass AND mode = '{lock}'"
                ),
            );
            assert!(transaction.query_one_raw(held).await?.is_some(), "{sql}");
            transaction.rollback().await?;
        }
    }

    async fn postgres_makes_the_index_without_blocking_writes(db: &TestDb) {
        sakila::with_columns(db).await?;
        let changes = rental_date().concurrently().create(db).await?;
        let statements: Vec<_> = changes.iter().flat_map(|change| change.statements()).collect();
        assert_eq!(
            statements,
            [
                r#"CREATE UNIQUE INDEX CONCURRENTLY "idx_rental_rental_date_inventory_id_customer_id_active" ON "rental" ("rental_date", "inventory_id", "customer_id") WHERE "deleted_at" IS NULL"#,
                r#"DROP INDEX "public"."idx_unq_rental_rental_date_inventory_id_customer_id""#,
            ]
        );
        let report = doctor::examine(&entities(db), db).await?;
        let is_of_unique = |problem: &str| problem.contains("keeps (rental_date");
        assert!(!report.into_iter().any(|finding| is_of_unique(finding.problem())), "{report}");
    }
}

on_backends! {
    [mariadb MariaDb Pool]

    /// The server refuses the statement if it can't do it that way.
    async fn mariadb_adds_the_columns_at_once(db: &TestDb) {
        sakila::old(db).await?;
        let changes = SoftDeleteColumns::new().deletion_id().add("rental", db).await?;
        SoftDeleteColumns::new().deletion_id().drop("rental", db).await?;
        for statement in changes.iter().flat_map(|change| change.statements()) {
            db.execute_unprepared(&format!("{statement}, ALGORITHM=INSTANT")).await?;
        }
    }

    async fn mariadb_makes_the_index_without_copying_the_table_or_blocking_writes(db: &TestDb) {
        sakila::with_columns(db).await?;
        let changes = rental_date().create(db).await?;
        rental_date().drop(db).await?;
        let statements: Vec<_> = changes.iter().flat_map(|change| change.statements()).collect();
        let [marker, index] = &statements[..] else {
            panic!("{statements:?}")
        };
        db.execute_unprepared(&format!("{marker}, ALGORITHM=INSTANT")).await?;
        let index = index.replace("INDEX `rental_date`,", "INDEX `uq_rental_rental_date_inventory_id_customer_id`,");
        db.execute_unprepared(&format!("{index}, ALGORITHM=INPLACE, LOCK=NONE")).await?;
        assert!(rental_date().create(db).await?.is_empty());
    }
}

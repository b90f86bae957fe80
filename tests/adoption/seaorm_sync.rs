//! SeaORM's own schema sync, which looks at the indexes too, after adoption.

use soft_delete::schema::doctor::{self, Check, Severity};

use super::{
    entities_mariadb, entities_postgres,
    sakila::{adopted, entities, mend},
};
use support::{TestDb, on_backends};

on_backends! {
    [postgres Postgres Pool]

    async fn it_leaves_the_index_alone_on_postgres(db: &TestDb) {
        adopted(db).await?;
        let pool = db.connection();
        let rental = entities_postgres::rental::Entity;
        pool.get_schema_builder().register(rental).sync(&pool).await?;
        assert_eq!(doctor::examine(&entities(db), db).await?.to_string(), "nothing found");
    }
}

on_backends! {
    [mariadb MariaDb Pool]

    /// It drops ours and makes a plain one. The doctor tells, and mends it.
    async fn it_puts_a_plain_one_in_its_place_on_mariadb(db: &TestDb) {
        adopted(db).await?;
        let pool = db.connection();
        let rental = entities_mariadb::rental::Entity;
        pool.get_schema_builder().register(rental).sync(&pool).await?;

        let report = doctor::examine(&entities(db), db).await?;
        let [finding] = report.findings() else {
            panic!("{report}")
        };
        assert_eq!(finding.severity(), Severity::Warning);
        assert_eq!(finding.check(), Check::UniqueOfAllRows);
        let fix = finding.fix().to_string();
        assert!(fix.contains("ADD UNIQUE INDEX `idx_rental_rental_date_inventory_id_customer_id_active`"), "{fix}");

        mend(db, &entities(db)).await?;
        assert_eq!(doctor::examine(&entities(db), db).await?.to_string(), "nothing found");
    }
}

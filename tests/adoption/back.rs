//! The way back, and what stands in it.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _};
use soft_delete::{
    Error,
    schema::{SchemaError, UniqueActiveIndex},
};

use super::{
    entities_postgres::rental,
    sakila::{self, TABLES, adopted, columns},
};
use support::{TestDb, on_backends};

fn indexes() -> [UniqueActiveIndex; 2] {
    [
        UniqueActiveIndex::on("rental")
            .cols(["rental_date", "inventory_id", "customer_id"])
            .replacing_unique(),
        UniqueActiveIndex::on("store")
            .col("manager_staff_id")
            .replacing_unique(),
    ]
}

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped]

    async fn the_indexes_go_first_and_then_the_columns(db: &TestDb) {
        adopted(db).await?;
        let before = sakila::rows(db).await?;
        let early = columns().drop("rental", db).await;
        assert!(matches!(early, Err(Error::Schema(SchemaError::ColumnIndexed { .. }))), "{early:?}");

        for index in indexes() {
            index.drop(db).await?;
        }
        for table in TABLES {
            columns().drop(table, db).await?;
        }
        assert_eq!(sakila::rows(db).await?, before);
        assert!(db.execute_unprepared("SELECT deleted_at FROM store").await.is_err());

        // Unique among all rows again.
        let twice = "INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id) \
             SELECT rental_date, inventory_id, customer_id, staff_id FROM rental WHERE rental_id = 1";
        assert!(db.execute_unprepared(twice).await.is_err());
    }
}

on_backends! {
    [postgres Postgres Pool, scoped_postgres Postgres Scoped]

    async fn deleted_rows_stand_in_the_way(db: &TestDb) {
        adopted(db).await?;
        let rental = rental::Entity::find_by_id(3).one(db).await?.unwrap();
        rental::Entity::delete_by_id(3).exec(db).await?;
        let newcomer = rental::ActiveModel {
            rental_date: Set(rental.rental_date),
            inventory_id: Set(rental.inventory_id),
            customer_id: Set(rental.customer_id),
            staff_id: Set(rental.staff_id),
            ..Default::default()
        };
        newcomer.insert(db).await?;

        // Both rentals can't have the date among all rows.
        let [rental_date, _] = indexes();
        let refused = rental_date.drop(db).await;
        assert!(matches!(refused, Err(Error::Schema(SchemaError::Duplicates { .. }))), "{refused:?}");
        rental::Entity::force_delete_by_id(121).exec(db).await?;
        rental_date.drop(db).await?;

        // The deleted one would come back.
        let refused = columns().drop("rental", db).await;
        assert!(matches!(refused, Err(Error::Schema(SchemaError::DeletedRows { rows: 1, .. }))), "{refused:?}");
        assert_eq!(sakila::deleted(db).await?, 1);
        columns().even_with_deleted_rows().drop("rental", db).await?;
        assert_eq!(sakila::number(db, "SELECT COUNT(*) FROM rental").await?, 120);
    }
}

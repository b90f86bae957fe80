//! Life after adoption, with the entities as they were generated.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbErr,
    PaginatorTrait as _, QueryFilter as _, SqlErr,
};
use soft_delete::{Error, schema::ActiveView};

use super::sakila::{self, adopted, number};
use support::{TestDb, on_backends};

/// The tables and numbers of the rows that forbid a delete.
fn restricted<T>(refused: Result<T, Error>) -> Vec<(String, u64)> {
    let Err(Error::Restricted { blockers, .. }) = refused else {
        panic!("it should be restricted")
    };
    let mut rows: Vec<_> = blockers
        .into_iter()
        .map(|blocker| (blocker.table.to_string(), blocker.rows))
        .collect();
    rows.sort();
    rows
}

fn tables<const N: usize>(rows: [(&str, u64); N]) -> Vec<(String, u64)> {
    rows.map(|(table, rows)| (table.to_owned(), rows)).into()
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// The same on each server: the entities differ in the types of their columns. Each key may be made of a `u8`.
macro_rules! adopted_on {
    ($server:ident, $kind:ident, $entities:ident) => {
        mod $server {
            use super::*;
            use crate::adoption::$entities::{actor, category, film, film_actor, film_category, payment, rental, staff, store};

            on_backends! {
                [pool $kind Pool, scoped $kind Scoped]

                async fn all_rows_are_active(db: &TestDb) {
                    adopted(db).await?;
                    assert_eq!(film::Entity::find().count(db).await?, 30);
                    assert_eq!(film_actor::Entity::find().count(db).await?, 90);
                    assert_eq!(payment::Entity::find().count(db).await?, 120);
                    assert_eq!(payment::Entity::only_deleted().count(db).await?, 0);
                }

                async fn a_film_is_kept_by_what_refers_to_it(db: &TestDb) {
                    adopted(db).await?;
                    let refused = film::Entity::delete_by_id(1_u8).exec(db).await.map_err(Error::from);
                    assert_eq!(restricted(refused), tables([("film_actor", 3), ("film_category", 1), ("inventory", 2)]));
                    assert_eq!(sakila::deleted(db).await?, 0);
                }

                async fn a_store_is_kept_by_its_staff_and_they_by_it(db: &TestDb) {
                    adopted(db).await?;
                    let refused = store::Entity::delete_by_id(1_u8).exec(db).await.map_err(Error::from);
                    assert_eq!(restricted(refused), tables([("customer", 8), ("inventory", 30), ("staff", 2)]));
                    let refused = staff::Entity::delete_by_id(1_u8).exec(db).await.map_err(Error::from);
                    assert_eq!(restricted(refused), tables([("payment", 60), ("rental", 60), ("store", 1)]));
                    assert_eq!(staff::Entity::delete_by_id(3_u8).exec(db).await?.rows_affected, 1);
                }

                async fn a_rental_can_be_deleted_once_its_payment_is(db: &TestDb) {
                    adopted(db).await?;
                    let payments = payment::Entity::delete_many().filter(payment::Column::RentalId.eq(1));
                    assert_eq!(payments.exec(db).await?.rows_affected, 1);
                    let deletion = rental::Entity::delete_by_id(1_u8).exec(db).await?;
                    assert_eq!(deletion.rows_by_table(), [("rental", 1)]);

                    // The payment keeps its rental: only active children are changed.
                    assert_eq!(number(db, "SELECT COUNT(*) FROM payment WHERE rental_id = 1").await?, 1);
                    deletion.undo().exec(db).await?;
                    payment::Entity::restore_by_id(1_u8).exec(db).await?;
                    assert_eq!(sakila::deleted(db).await?, 0);
                }

                /// As its key says: ON DELETE SET NULL.
                async fn an_active_payment_loses_its_rental(db: &TestDb) {
                    adopted(db).await?;
                    rental::Entity::delete_by_id(2_u8).exec(db).await?;
                    rental::Entity::restore_by_id(2_u8).exec(db).await?;
                    assert_eq!(number(db, "SELECT COUNT(*) FROM payment WHERE payment_id = 2 AND rental_id IS NULL").await?, 1);
                }

                async fn a_primary_key_stays_taken(db: &TestDb) {
                    adopted(db).await?;
                    film_actor::Entity::delete_by_id((8, 1)).exec(db).await?;
                    assert_eq!(film_actor::Entity::find().count(db).await?, 89);

                    let again = film_actor::ActiveModel { actor_id: Set(8), film_id: Set(1), ..Default::default() };
                    let error = again.insert(db).await.unwrap_err();
                    assert!(is_unique_violation(&error), "{error}");

                    film_actor::Entity::restore_by_id((8, 1)).exec(db).await?;
                    assert_eq!(film_actor::Entity::find().count(db).await?, 90);
                }

                async fn a_deleted_rental_gives_its_date_back(db: &TestDb) {
                    adopted(db).await?;
                    let rental = rental::Entity::find_by_id(3_u8).one(db).await?.unwrap();
                    rental::Entity::delete_by_id(3_u8).exec(db).await?;
                    let newcomer = rental::ActiveModel {
                        rental_date: Set(rental.rental_date),
                        inventory_id: Set(rental.inventory_id),
                        customer_id: Set(rental.customer_id),
                        staff_id: Set(rental.staff_id),
                        ..Default::default()
                    };
                    let newcomer = newcomer.insert(db).await?;

                    // The entity declares nothing, so that the database has to refuse it.
                    let refused = rental::Entity::restore_by_id(3_u8).exec(db).await;
                    let Err(error @ Error::UndeclaredUnique { .. }) = refused else {
                        panic!("{refused:?}")
                    };
                    assert!(error.to_string().contains("declare its columns `#[soft_delete(unique)]`"), "{error}");
                    assert_eq!(rental::Entity::only_deleted().one(db).await?.unwrap().rental_id, 3);
                    assert_eq!(rental::Entity::find().count(db).await?, 120);

                    newcomer.delete(db).await?;
                    rental::Entity::restore_by_id(3_u8).exec(db).await?;
                    assert_eq!(rental::Entity::find().count(db).await?, 120);
                    assert_eq!(rental::Entity::only_deleted().count(db).await?, 1);
                }

                /// With the columns alone, and none of the doctor's proposals.
                async fn before_the_indexes_are_replaced_it_keeps_it(db: &TestDb) {
                    sakila::with_columns(db).await?;
                    payment::Entity::delete_many().filter(payment::Column::RentalId.eq(3)).exec(db).await?;
                    let rental = rental::Entity::find_by_id(3_u8).one(db).await?.unwrap();
                    rental::Entity::delete_by_id(3_u8).exec(db).await?;
                    let newcomer = rental::ActiveModel {
                        rental_date: Set(rental.rental_date),
                        inventory_id: Set(rental.inventory_id),
                        customer_id: Set(rental.customer_id),
                        staff_id: Set(rental.staff_id),
                        ..Default::default()
                    };
                    let error = newcomer.insert(db).await.unwrap_err();
                    assert!(is_unique_violation(&error), "{error}");
                }

                async fn a_delete_and_a_restore_are_updates_to_the_triggers(db: &TestDb) {
                    adopted(db).await?;
                    db.execute_unprepared("UPDATE category SET last_update = '2006-02-15 04:46:27'").await?;
                    let before = category::Entity::find_by_id(16_u8).one(db).await?.unwrap();
                    film_category::Entity::delete_many().filter(film_category::Column::CategoryId.eq(16)).exec(db).await?;
                    category::Entity::delete_by_id(16_u8).exec(db).await?;
                    category::Entity::restore_by_id(16_u8).exec(db).await?;
                    let after = category::Entity::find_by_id(16_u8).one(db).await?.unwrap();
                    assert_eq!(after.name, before.name);
                    assert!(after.last_update > before.last_update);
                }

                async fn views_work_and_show_deleted_rows(db: &TestDb) {
                    adopted(db).await?;
                    let counts = async || -> Result<[i64; 3], DbErr> {
                        Ok([
                            number(db, "SELECT COUNT(*) FROM customer_list").await?,
                            number(db, "SELECT COUNT(*) FROM film_list").await?,
                            number(db, "SELECT COUNT(*) FROM staff_list").await?,
                        ])
                    };
                    assert_eq!(counts().await?, [16, 30, 3]);
                    staff::Entity::delete_by_id(3_u8).exec(db).await?;
                    assert_eq!(counts().await?, [16, 30, 3]);

                    ActiveView::of("staff").create(db).await?;
                    assert_eq!(number(db, "SELECT COUNT(*) FROM active_staff").await?, 2);
                }

                /// The database's own foreign keys count deleted rows.
                async fn a_physical_delete_meets_deleted_rows(db: &TestDb) {
                    adopted(db).await?;
                    film_actor::Entity::delete_many().filter(film_actor::Column::ActorId.eq(40)).exec(db).await?;
                    actor::Entity::delete_by_id(40_u8).exec(db).await?;
                    let refused = actor::Entity::force_delete_by_id(40_u8).exec(db).await;
                    assert!(refused.is_err());
                    assert!(db.execute_unprepared("DELETE FROM actor WHERE actor_id = 40").await.is_err());

                    film_actor::Entity::force_delete_many().filter(film_actor::Column::ActorId.eq(40)).exec(db).await?;
                    actor::Entity::force_delete_by_id(40_u8).exec(db).await?;
                    let restore = actor::Entity::restore_by_id(40_u8).exec(db).await;
                    assert!(matches!(restore, Err(Error::NotFound { .. })), "{restore:?}");
                }
            }
        }
    };
}

adopted_on!(postgres, Postgres, entities_postgres);
adopted_on!(mariadb, MariaDb, entities_mariadb);

mod on_postgres_alone {
    use super::*;
    use crate::adoption::entities_postgres::{film, payment, rental};

    on_backends! {
        [pool Postgres Pool, scoped Postgres Scoped]

        async fn a_refusal_names_the_rows(db: &TestDb) {
            adopted(db).await?;
            let refused = film::Entity::delete_by_id(1).exec(db).await;
            insta::assert_snapshot!("restricted", refused.unwrap_err().to_string());
        }

        /// Sakila's one table without `last_update`.
        async fn a_restored_payment_is_what_it_was(db: &TestDb) {
            adopted(db).await?;
            let before = payment::Entity::find_by_id(1).one(db).await?;
            payment::Entity::delete_by_id(1).exec(db).await?;
            assert_eq!(payment::Entity::find_by_id(1).one(db).await?, None);
            payment::Entity::restore_by_id(1).exec(db).await?;
            assert_eq!(payment::Entity::find_by_id(1).one(db).await?, before);
        }

        /// The entity was generated before: generate it again once the column is nullable.
        async fn an_entity_of_the_old_column_reads_no_null(db: &TestDb) {
            adopted(db).await?;
            rental::Entity::delete_by_id(1).exec(db).await?;
            assert!(payment::Entity::find_by_id(1).one(db).await.is_err());
        }

        /// As the doctor told.
        async fn before_it_is_nullable_the_delete_fails(db: &TestDb) {
            sakila::with_columns(db).await?;
            let refused = rental::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
            assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
            assert_eq!(sakila::deleted(db).await?, 0);
        }
    }
}

mod on_mariadb_alone {
    use super::*;
    use crate::adoption::entities_mariadb::{
        film, film_actor, film_category, inventory, payment, rental,
    };

    on_backends! {
        [pool MariaDb Pool, scoped MariaDb Scoped]

        /// `del_film` would remove the row of `film_text`.
        async fn triggers_on_delete_stay_silent(db: &TestDb) {
            adopted(db).await?;
            payment::Entity::delete_many().all().exec(db).await?;
            rental::Entity::delete_many().all().exec(db).await?;
            inventory::Entity::delete_many().all().exec(db).await?;
            film_actor::Entity::delete_many().all().exec(db).await?;
            film_category::Entity::delete_many().all().exec(db).await?;
            film::Entity::delete_by_id(1_u16).exec(db).await?;
            assert_eq!(film::Entity::find().count(db).await?, 29);
            assert_eq!(number(db, "SELECT COUNT(*) FROM film_text").await?, 30);
        }
    }
}

//! Futures of all long calls can be spawned, so that a handler of a web framework can await them.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, TransactionTrait as _};
use soft_delete::{
    Error, Purge, Registry, ScopedConnection,
    schema::{KeepIndexes, SchemaSync, doctor},
};

use super::fixture::{archive, specimen};

#[tokio::test]
async fn every_call_can_be_spawned() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let pool = Database::connect(options).await.unwrap();
    let table = "CREATE TABLE specimen (id integer PRIMARY KEY, deleted_at timestamp_with_timezone_text, deletion_id uuid_text)";
    pool.execute_unprepared(table).await.unwrap();
    pool.execute_unprepared("INSERT INTO specimen (id) VALUES (1), (2), (3)")
        .await
        .unwrap();
    let work = async move {
        let registry = Registry::global().of_group("specimens");
        archive().create(&pool).await?;
        specimen::Entity::delete_by_id(1).exec(&pool).await?;
        let purge = || {
            Purge::new()
                .registry(&Registry::global().of_group("specimens"))
                .default_retention(Duration::ZERO)
                .archive(archive())
        };
        assert_eq!(purge().plan(&pool).await?.rows_purged(), 1);
        assert_eq!(purge().exec(&pool).await?.rows_purged(), 1);
        assert!(doctor::examine(&registry, &pool).await.is_ok());
        KeepIndexes::of(&registry, &pool).await?;
        SchemaSync::new().registry(&registry).plan(&pool).await?;

        let db = ScopedConnection::with_registry(pool, &registry);
        let transaction = db.begin().await?;
        assert_eq!(archive().list().all(&transaction).await?.len(), 1);
        archive()
            .restore()
            .row("specimen", [1])
            .exec(&transaction)
            .await?;
        let erase = specimen::Entity::erase_by_id(2).registry(&registry);
        assert_eq!(erase.exec(&transaction).await?.rows_erased(), 1);
        transaction.commit().await?;
        assert_eq!(specimen::Entity::with_deleted().all(&db).await?.len(), 2);
        Ok::<_, Error>(())
    };
    tokio::spawn(work).await.unwrap().unwrap();
}

//! A program that was not told where the tables are: nothing that would find no deleted row passes for an answer.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use soft_delete::{
    Error, Purge, Registry, StatsReader, Trash,
    schema::{PurgeIndex, SchemaError, SchemaSync, doctor},
};

use super::layer::{Layer, on_layer};
use support::{TestDb, TestResult, create_table};

pub mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "notes", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub parent_id: Option<i64>,
        pub body: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            self_ref,
            relation_enum = "Parent",
            from = "parent_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub parent: BelongsTo<Option<Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn registry() -> Registry {
    Registry::global().of_group("notes")
}

async fn tables(db: &TestDb) -> TestResult {
    create_table(db, note::Entity).await?;
    db.execute_unprepared("INSERT INTO note (id, parent_id, body) VALUES (1, NULL, 'top'), (2, 1, 'below'), (3, NULL, 'gone')").await?;
    note::Entity::delete_by_id(3).exec(db).await?;
    Ok(())
}

#[track_caller]
fn assert_told(error: Error) {
    assert!(
        error.to_string().contains("`ActiveSchema::attach(&db)`"),
        "{error}"
    );
    // It survives SeaORM's.
    let carried = Error::from(DbErr::from(error));
    assert!(matches!(
        carried,
        Error::ThroughActiveView(_) | Error::Schema(SchemaError::NotAttached { .. })
    ));
}

async fn refuses_all(layer: &Layer) -> TestResult {
    let db = &layer.views;
    assert_told(Error::from(
        note::Entity::delete_by_id(1).exec(db).await.unwrap_err(),
    ));
    assert_told(Error::from(
        note::Entity::delete_by_id(3).exec(db).await.unwrap_err(),
    ));
    assert_told(note::Entity::restore_by_id(3).exec(db).await.unwrap_err());
    assert_told(
        note::Entity::restore_many()
            .all()
            .exec(db)
            .await
            .unwrap_err(),
    );
    let removed = note::Entity::force_delete_by_id(3)
        .exec(db)
        .await
        .unwrap_err();
    match db.get_database_backend() {
        DbBackend::Postgres => assert_told(removed),
        // The user may not remove rows at all.
        _ => drop(removed),
    }
    let trash = Trash::of(&registry(), "notes")?;
    assert_told(trash.list().exec(db).await.unwrap_err());
    assert_told(trash.list().count(db).await.unwrap_err());
    assert_told(
        Purge::new()
            .registry(&registry())
            .exec(db)
            .await
            .unwrap_err(),
    );
    assert_told(
        StatsReader::new()
            .registry(&registry())
            .exec(db)
            .await
            .unwrap_err(),
    );
    assert_told(doctor::examine(&registry(), db).await.unwrap_err());
    assert_told(
        SchemaSync::new()
            .registry(&registry())
            .exec(db)
            .await
            .unwrap_err(),
    );
    assert_told(PurgeIndex::on("note").create(db).await.unwrap_err());
    Ok(())
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn what_needs_deleted_rows_is_refused_and_changes_nothing(db: &TestDb) {
        on_layer(db, &registry(), tables, async |layer| {
            refuses_all(layer).await?;
            assert_eq!(note::Entity::find().all(&layer.views).await?.len(), 2);
            assert_eq!(note::Entity::find().all(&layer.tables).await?.len(), 2);
            assert_eq!(note::Entity::only_deleted().all(&layer.tables).await?.len(), 1);
            Ok(())
        }).await?;
    }

    async fn a_plain_connection_is_what_it_was(db: &TestDb) {
        on_layer(db, &registry(), tables, async |layer| {
            let deletion = note::Entity::delete_by_id(1).exec(&layer.tables).await?;
            assert_eq!(deletion.rows_affected, 1);
            assert!(note::Entity::find().all(&layer.views).await?.is_empty());
            note::Entity::restore_by_id(1).exec(&layer.tables).await?;
            assert_eq!(note::Entity::find().all(&layer.views).await?.len(), 2);
            Ok(())
        }).await?;
    }
}

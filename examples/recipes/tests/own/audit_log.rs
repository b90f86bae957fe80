//! An audit log that is written by hooks, in the transaction of the delete or restore.

use sea_orm::{ConnectOptions, Database, DatabaseConnection, Set, entity::prelude::*};
use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};

// ANCHOR: recipe
pub mod audit {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub action: String,
        pub table: String,
        pub rows: i64,
        pub actor: Option<i64>,
        pub deletion: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// Called by the hooks of all entities.
    pub async fn write(
        action: &str,
        event: &HookEvent<'_>,
        db: &HookConnection<'_>,
    ) -> Result<(), HookError> {
        let deletion = event.deletion.as_ref();
        let entry = ActiveModel {
            action: Set(action.to_owned()),
            table: Set(event.table.to_string()),
            rows: Set(event.rows.try_into()?),
            actor: Set(deletion.and_then(|it| it.deleted_by?.clone().unwrap())),
            deletion: Set(deletion.map(|it| it.id)),
            ..Default::default()
        };
        Entity::insert(entry).exec_without_returning(db).await?;
        Ok(())
    }
}

pub mod invoice {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "invoice")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Hooks for Entity {
        async fn after_delete(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            audit::write("delete", event, db).await
        }

        async fn after_restore(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            audit::write("restore", event, db).await
        }
    }
}
// ANCHOR_END: recipe

async fn database() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    let tables = db.get_schema_builder();
    let tables = tables.register(audit::Entity).register(invoice::Entity);
    tables.apply(&db).await.unwrap();
    let invoice = invoice::ActiveModel {
        id: Set(1),
        ..Default::default()
    };
    invoice.insert(&db).await.unwrap();
    db
}

#[tokio::test]
async fn deletes_and_restores_are_in_the_log() {
    let db = database().await;
    let deletion = invoice::Entity::delete_by_id(1)
        .by(42)
        .exec(&db)
        .await
        .unwrap();
    deletion.undo().exec(&db).await.unwrap();

    let log = audit::Entity::find().all(&db).await.unwrap();
    let actions: Vec<_> = log.iter().map(|it| (it.action.as_str(), it.rows)).collect();
    assert_eq!(actions, [("delete", 1), ("restore", 1)]);
    assert_eq!(log[0].actor, Some(42));
    assert_eq!(log[0].deletion, Some(deletion.id()));
}

#[tokio::test]
async fn what_can_not_be_logged_is_not_deleted() {
    let db = database().await;
    db.execute_unprepared("DROP TABLE audit").await.unwrap();
    invoice::Entity::delete_by_id(1)
        .exec(&db)
        .await
        .unwrap_err();
    assert_eq!(invoice::Entity::find().count(&db).await.unwrap(), 1);
}

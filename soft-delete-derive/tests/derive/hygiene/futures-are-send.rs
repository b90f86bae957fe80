//! What a request handler awaits has to be `Send`.
use sea_orm::{DatabaseConnection, DatabaseTransaction, IntoActiveModel};

mod project {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn is_send<T: Send>(future: T) -> T {
    future
}

async fn all(db: DatabaseConnection, txn: DatabaseTransaction, project: project::Model) {
    let active = project.clone().into_active_model();
    let _ = is_send(project.clone().delete(&db)).await;
    let _ = is_send(project.clone().restore(&txn)).await;
    let _ = is_send(project.force_delete(&db)).await;
    let _ = is_send(active.clone().delete(&txn)).await;
    let _ = is_send(active.clone().restore(&db)).await;
    let _ = is_send(active.clone().force_delete(&db)).await;
    let _ = is_send(active.clone().update(&db)).await;
    let _ = is_send(active.clone().update_without_returning(&txn)).await;
    let _ = is_send(active.save(&db)).await;
    let _ = is_send(project::Entity::delete_by_id(1).exec(&db)).await;
    let _ = is_send(project::Entity::restore_by_id(1).exec(&db)).await;
}

fn main() {
    let _ = all;
}

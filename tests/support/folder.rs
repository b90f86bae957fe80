//! A tree in one table: folders in folders.

use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait as _, QueryOrder as _, entity::prelude::*,
};
use soft_delete::SoftDelete;

use super::create_table;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "folder")]
#[soft_delete(group = "folders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(indexed)]
    pub parent_id: Option<i64>,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    #[sea_orm(
        self_ref,
        relation_enum = "Parent",
        relation_reverse = "Children",
        from = "parent_id",
        to = "id",
        on_delete = "Cascade"
    )]
    pub parent: HasOne<Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn create(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    create_table(db, Entity).await
}

/// ```text
/// 1 ── 2 ── 3
///  │    └── 4
///  └── 5
/// ```
pub async fn tree(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    insert(
        db,
        [
            (1, None),
            (2, Some(1)),
            (3, Some(2)),
            (4, Some(2)),
            (5, Some(1)),
        ],
    )
    .await
}

/// Each folder in the one before.
pub async fn chain(db: &impl ConnectionTrait, length: i64) -> Result<(), DbErr> {
    insert(db, (1..=length).map(|id| (id, (id > 1).then_some(id - 1)))).await
}

async fn insert(
    db: &impl ConnectionTrait,
    folders: impl IntoIterator<Item = (i64, Option<i64>)>,
) -> Result<(), DbErr> {
    let folders: Vec<_> = folders
        .into_iter()
        .map(|(id, parent_id)| ActiveModel {
            id: Set(id),
            parent_id: Set(parent_id),
            ..Default::default()
        })
        .collect();
    for folders in folders.chunks(1_000) {
        Entity::insert_many(folders.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// The active folders' ids.
pub async fn active(db: &impl ConnectionTrait) -> Result<Vec<i64>, DbErr> {
    let folders = Entity::find().order_by_asc(Column::Id).all(db).await?;
    Ok(folders.into_iter().map(|folder| folder.id).collect())
}

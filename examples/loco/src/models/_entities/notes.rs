//! `SeaORM` Entity, as `cargo loco db entities` writes it

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Debug, PartialEq, DeriveEntityModel, Eq, Serialize, Deserialize, soft_delete::SoftDelete,
)]
#[sea_orm(table_name = "notes")]
#[soft_delete(retention = "30 days")]
pub struct Model {
    pub created_at: DateTimeWithTimeZone,
    pub updated_at: DateTimeWithTimeZone,
    #[sea_orm(primary_key)]
    pub id: i64,
    pub title: String,
    pub notebook_id: i64,
    pub deleted_at: Option<DateTimeWithTimeZone>,
    pub deletion_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::notebooks::Entity",
        from = "Column::NotebookId",
        to = "super::notebooks::Column::Id",
        on_update = "Cascade",
        on_delete = "Cascade"
    )]
    Notebooks,
}

impl Related<super::notebooks::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Notebooks.def()
    }
}

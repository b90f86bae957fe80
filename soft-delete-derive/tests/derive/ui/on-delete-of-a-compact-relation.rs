use sea_orm::entity::prelude::*;
use soft_delete::SoftDelete;

// A field of a compact entity does not know the name of its relation.
#[sea_orm::compact_model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
#[sea_orm(table_name = "task")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub parent_id: Option<i64>,
    pub deleted_at: Option<DateTimeUtc>,
    #[soft_delete(on_delete = "cascade")]
    pub parent: BelongsTo<Option<Entity>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "Entity", from = "Column::ParentId", to = "Column::Id")]
    Parent,
}

impl Related<Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Parent.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}

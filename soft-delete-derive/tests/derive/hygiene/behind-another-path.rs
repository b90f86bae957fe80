//! The library is re-exported, and the entity is made by a macro.
#![deny(warnings)]

mod vendor {
    pub mod orm {
        pub use soft_delete as deletion;
    }
}

macro_rules! entity {
    ($module:ident, $table:literal, $ty:ty) => {
        mod $module {
            use sea_orm::entity::prelude::*;

            use crate::vendor::orm::deletion::SoftDelete;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(crate = "crate::vendor::orm::deletion")]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                #[soft_delete(unique)]
                pub number: $ty,
                pub deleted_at: Option<DateTimeUtc>,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(project, "project", i32);
entity!(task, "task", i64);

fn main() {
    let _ = project::Entity::find_by_number(1);
    let _ = task::Entity::find_by_number(1);
}

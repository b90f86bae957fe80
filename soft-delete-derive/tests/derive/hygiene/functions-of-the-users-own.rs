//! An entity that has functions of the names that the derive gives.
#![deny(warnings)]

mod project {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "project")]
    #[soft_delete(skip(Entity::delete, is_deleted, find_by_slug), rename(Entity::restore_by_id = "bring_back"))]
    #[soft_delete(rename(Model::delete = "soft_delete", delete_by_slug = "remove_slug"), deleted_by = none)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        /// Not who deletes a row.
        pub deleted_by: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Entity {
        pub fn delete(id: i64) -> soft_delete::Delete<Self> {
            Self::delete_by_id(id).reason("by hand")
        }

        pub fn find_by_slug(slug: &str) -> Select<Self> {
            Self::find().filter(Column::Slug.starts_with(slug))
        }

        pub fn restore_by_id(id: i64) -> soft_delete::Restore<Self> {
            Self::bring_back(id).with_parents()
        }
    }

    impl Model {
        pub fn is_deleted(&self) -> &'static str {
            "perhaps"
        }

        pub fn delete(self) -> String {
            self.slug
        }
    }

    impl ModelEx {
        pub fn is_deleted(&self) -> bool {
            false
        }
    }
}

fn main() {
    let _: soft_delete::Delete<project::Entity> = project::Entity::delete(7);
    let _ = project::Entity::find_by_slug("a");
    let _ = project::Entity::remove_slug("a");
    let _ = project::Entity::restore_by_id(7);
    let model = project::Model {
        id: 7,
        slug: "a".to_owned(),
        deleted_at: None,
        deleted_by: "nobody".to_owned(),
    };
    assert_eq!(model.is_deleted(), "perhaps");
    let soft_delete = project::Model::soft_delete::<sea_orm::DatabaseConnection>;
    let _ = soft_delete;
    assert_eq!(model.delete(), "a");
}

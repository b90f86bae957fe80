//! The entity's module has types of its own that are called as std's and ours.
//!
//! SeaORM's derives don't get along with them, so they are in a module of their own, and `Model` is there twice.
#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod orm {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i64,
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "Entity", from = "Column::TenantId", to = "Column::Id")]
        Tenant,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod project {
    use super::orm::{ActiveModel, Column, Entity, Relation};

    struct Option;
    struct Some;
    struct None;
    struct Result;
    struct Ok;
    struct Err;
    struct String;
    struct Vec;
    struct Box;
    struct Into;
    struct LazyLock;
    struct Entity2;
    struct SoftDelete;
    struct EntityMeta;
    struct OnDelete;
    struct Registration;
    struct Delete;
    struct Restore;
    struct Deletion;
    struct Error;
    struct QueryFilter;
    struct ConnectionTrait;
    struct A;
    struct C;
    struct T;
    #[allow(non_camel_case_types)]
    struct bool;
    #[allow(non_camel_case_types)]
    struct str;
    mod core {}
    mod std {}
    mod soft_delete {}
    mod sea_orm {}

    #[derive(::soft_delete::SoftDelete)]
    #[soft_delete(unique(tenant_id, slug), group = "beside", retention = "1 day")]
    #[soft_delete(on_delete(Tenant = "restrict"))]
    pub struct Model {
        pub id: i64,
        pub tenant_id: i64,
        #[soft_delete(unique)]
        pub slug: ::std::string::String,
        pub deleted_at: ::core::option::Option<::sea_orm::prelude::DateTimeUtc>,
        pub deletion_id: ::core::option::Option<::sea_orm::prelude::Uuid>,
        pub deleted_by: ::core::option::Option<i64>,
        pub delete_reason: ::core::option::Option<::std::string::String>,
    }

    impl ::sea_orm::IntoActiveModel<ActiveModel> for Model {
        fn into_active_model(self) -> ActiveModel {
            ::std::unreachable!()
        }
    }
}

fn main() {
    let _ = orm::Entity::find_by_slug("a");
    let _ = orm::Entity::find_by_tenant_id_slug((1, "a".to_owned()));
    let _ = <orm::Entity as soft_delete::SoftDelete>::meta();
}

//! The derive on entities of which only some have the column, and attributes that come through macros.
#![deny(warnings)]

mod plain {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "plain")]
    #[soft_delete(if_present)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod compact {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "compact")]
    #[soft_delete(if_present)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod project {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "project")]
    #[soft_delete(if_present)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

macro_rules! entity {
    ($module:ident, $table:literal, $group:literal, $retention:expr, $rule:literal) => {
        mod $module {
            use sea_orm::entity::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = $group, retention = $retention, default_on_delete = $rule)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                pub deleted_at: Option<DateTimeUtc>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(by_macro, "by_macro", "of a macro", "30 days", "cascade");

fn main() {
    use sea_orm::EntityTrait as _;
    use soft_delete::SoftDelete;

    let _ = plain::Entity::find();
    let _ = compact::Entity::find();
    assert_eq!(project::Entity::meta().table.to_string(), "project");
    assert_eq!(by_macro::Entity::meta().group, "of a macro");
}

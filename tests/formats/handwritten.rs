//! One entity, written in the dense format, the compact one, and the compact one with a `ModelEx`.
//!
//! Each overrides the rule of `reviewer`, in the way that its format has for it.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use soft_delete::{OnDelete, SoftDelete};

use crate::sql;

mod user {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod dense {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "task")]
    #[soft_delete(group = "dense", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub reviewer_id: Option<i64>,
        pub parent_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Author",
            from = "author_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub author: BelongsTo<super::user::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Reviewer",
            from = "reviewer_id",
            to = "id"
        )]
        #[soft_delete(on_delete = "ignore")]
        pub reviewer: BelongsTo<Option<super::user::Entity>>,
        #[sea_orm(
            self_ref,
            relation_enum = "Parent",
            from = "parent_id",
            to = "id",
            on_delete = "SetNull"
        )]
        pub parent: BelongsTo<Option<Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod compact {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "task")]
    #[soft_delete(group = "compact", retention = "30 days")]
    #[soft_delete(on_delete(Reviewer = "ignore"))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub reviewer_id: Option<i64>,
        pub parent_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::user::Entity",
            from = "Column::AuthorId",
            to = "super::user::Column::Id",
            on_delete = "Cascade"
        )]
        Author,
        #[sea_orm(
            belongs_to = "super::user::Entity",
            from = "Column::ReviewerId",
            to = "super::user::Column::Id"
        )]
        Reviewer,
        #[sea_orm(
            belongs_to = "Entity",
            from = "Column::ParentId",
            to = "Column::Id",
            on_delete = "SetNull"
        )]
        Parent,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod compact_model {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::compact_model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "task")]
    #[soft_delete(group = "compact_model", retention = "30 days")]
    #[soft_delete(on_delete(Reviewer = "ignore"))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub reviewer_id: Option<i64>,
        pub parent_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub author: BelongsTo<super::user::Entity>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::user::Entity",
            from = "Column::AuthorId",
            to = "super::user::Column::Id",
            on_delete = "Cascade"
        )]
        Author,
        #[sea_orm(
            belongs_to = "super::user::Entity",
            from = "Column::ReviewerId",
            to = "super::user::Column::Id"
        )]
        Reviewer,
        #[sea_orm(
            belongs_to = "Entity",
            from = "Column::ParentId",
            to = "Column::Id",
            on_delete = "SetNull"
        )]
        Parent,
    }

    impl Related<super::user::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

macro_rules! of_format {
    ($test:ident, $module:ident) => {
        mod $test {
            use super::{
                $module::{Column, Entity},
                *,
            };

            #[test]
            fn find_is_what_one_would_write_by_hand_byte_for_byte() {
                let by_hand = <Entity as EntityTrait>::find().filter(Column::DeletedAt.is_null());
                assert_eq!(sql(&Entity::find()), sql(&by_hand));
            }

            #[test]
            fn rules_are_the_foreign_keys_own_unless_overridden() {
                let keys = Entity::meta().foreign_keys.iter();
                let rules: Vec<_> = keys.map(|key| (&*key.relation, key.on_delete)).collect();
                assert_eq!(
                    rules,
                    [
                        ("Author", OnDelete::Cascade),
                        ("Reviewer", OnDelete::Ignore),
                        ("Parent", OnDelete::SetNull),
                    ]
                );
            }

            #[test]
            fn group_and_retention_are_as_given() {
                let meta = Entity::meta();
                assert_eq!(meta.group, stringify!($module));
                assert_eq!(meta.retention.unwrap().as_secs(), 30 * 24 * 60 * 60);
            }
        }
    };
}

of_format!(in_dense, dense);
of_format!(in_compact, compact);
of_format!(in_compact_model, compact_model);

#[test]
fn a_model_ex_knows_whether_it_is_deleted() {
    let model = dense::Model {
        id: 1,
        author_id: 1,
        reviewer_id: None,
        parent_id: None,
        deleted_at: None,
    };
    assert!(!model.clone().into_ex().is_deleted());
    assert!(!model.is_deleted());
}

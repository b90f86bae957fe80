//! The code that is generated, kept in `snapshots/` below the entity it is generated for.
//!
//! `INSTA_UPDATE=always cargo test -p soft-delete-derive` writes them anew.

#![allow(clippy::unwrap_used)]

macro_rules! snapshot {
    ($name:ident, $entity:literal) => {
        #[test]
        fn $name() {
            insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
                insta::assert_snapshot!(stringify!($name), expansion($entity));
            });
        }
    };
}

fn expansion(entity: &str) -> String {
    let code = crate::derive(&syn::parse_str(entity).unwrap());
    let code = prettyplease::unparse(&syn::parse2(code).unwrap());
    format!("{entity}\n// expands to:\n\n{code}")
}

snapshot!(
    compact,
    r#"
#[sea_orm(table_name = "project")]
#[soft_delete(group = "billing", retention = "30 days", on_delete(Workspace = "restrict"))]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub workspace_id: i64,
    #[soft_delete(unique)]
    pub slug: String,
    pub deleted_at: Option<DateTimeUtc>,
    pub deletion_id: Option<Uuid>,
    pub deleted_by: Option<i64>,
    pub delete_reason: Option<String>,
}
"#
);

snapshot!(
    dense_model,
    r#"
#[sea_orm(table_name = "task")]
#[sea_orm(model_ex)]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique = "key")]
    pub project_id: i64,
    #[soft_delete(unique = "key")]
    pub number: Option<i32>,
    #[soft_delete(deleted_at)]
    pub removed_on: Option<DateTime>,
}
"#
);

snapshot!(
    dense_model_ex,
    r#"
#[sea_orm(table_name = "task")]
pub struct ModelEx {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique = "key")]
    pub project_id: i64,
    #[soft_delete(unique = "key")]
    pub number: Option<i32>,
    #[soft_delete(deleted_at)]
    pub removed_on: Option<DateTime>,
    #[sea_orm(belongs_to, from = "project_id", to = "id")]
    #[soft_delete(on_delete = "cascade")]
    pub project: BelongsTo<super::project::Entity>,
    #[sea_orm(self_ref, relation_enum = "Parent", from = "parent_id", to = "id")]
    #[soft_delete(on_delete = "set_null")]
    pub parent: BelongsTo<Option<Entity>>,
    #[sea_orm(has_many)]
    pub comments: HasMany<super::comment::Entity>,
}
"#
);

snapshot!(
    after_a_mistake,
    r#"
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[soft_delete(unique)]
    pub slug: String,
    pub deleted_at: DateTimeUtc,
}
"#
);

snapshot!(
    of_garbage,
    r#"
pub enum Model {
    Active,
    Deleted,
}
"#
);

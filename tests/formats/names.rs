//! Tables, columns and relations that SeaORM calls otherwise than the Rust code.

use soft_delete::{OnDelete, SoftDelete, TableName};

use crate::sql;

/// `rename_all`, `schema_name`, `column_name` and `enum_name`, and the stamp under other names.
mod renamed {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(
        table_name = "Task",
        schema_name = "planning",
        rename_all = "camelCase"
    )]
    #[soft_delete(group = "names", deleted_by = "user", delete_reason = "note")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub task_id: i64,
        #[sea_orm(column_name = "e-mail", enum_name = "Mail")]
        #[soft_delete(unique)]
        pub email: String,
        #[sea_orm(enum_name = "Gone")]
        #[soft_delete(deleted_at)]
        pub removed_on: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(column_name = "DELETED_BY")]
        pub user: Option<String>,
        pub note: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Keywords.
mod r#type {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "type")]
    #[soft_delete(group = "names", unique(r#type, r#match), deleted_at = "final")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub r#type: i64,
        pub r#match: i64,
        pub self_: i64,
        pub r#final: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "Column::Match", to = "id", on_delete = "Cascade")]
        #[soft_delete(on_delete = "restrict")]
        pub parent: BelongsTo<super::r#type::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn the_tables_name_and_schema_are_seaorms() {
    let table = &renamed::Entity::meta().table;
    assert_eq!(table.schema.as_deref(), Some("planning"));
    assert_eq!(table.name, "Task");
    assert_eq!(r#type::Entity::meta().table, TableName::new("type"));
}

#[test]
fn the_columns_names_are_those_of_the_database() {
    let meta = renamed::Entity::meta();
    assert_eq!(meta.stamp.deleted_at, "removedOn");
    assert_eq!(meta.stamp.deletion_id.as_deref(), Some("deletionId"));
    assert_eq!(meta.stamp.deleted_by.as_deref(), Some("DELETED_BY"));
    assert_eq!(meta.stamp.delete_reason.as_deref(), Some("note"));
    assert_eq!(meta.unique[0].name, "email");
    assert_eq!(meta.unique[0].columns, ["e-mail"]);
}

#[test]
fn queries_are_written_with_them() {
    let [mysql, postgres, _] = sql(&renamed::Entity::find_by_email("a@b.c"));
    assert!(mysql.ends_with(
        "FROM `planning`.`Task` WHERE `Task`.`removedOn` IS NULL AND `Task`.`e-mail` = 'a@b.c'"
    ));
    assert!(postgres.ends_with(
        r#"FROM "planning"."Task" WHERE "Task"."removedOn" IS NULL AND "Task"."e-mail" = 'a@b.c'"#
    ));
}

#[test]
fn keywords_are_names_like_others() {
    let meta = r#type::Entity::meta();
    assert_eq!(meta.stamp.deleted_at, "final");
    assert_eq!(meta.unique[0].name, "type");
    assert_eq!(meta.unique[1].name, "type_match");
    assert_eq!(meta.unique[1].columns, ["type", "match"]);
    assert_eq!(meta.foreign_keys[0].on_delete, OnDelete::Restrict);
    let [_, postgres, _] = sql(&r#type::Entity::find_by_type_match((1, 2)));
    assert!(
        postgres.ends_with(
            r#"WHERE "type"."final" IS NULL AND "type"."type" = 1 AND "type"."match" = 2"#
        )
    );
}

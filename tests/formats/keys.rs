//! Primary keys of every kind.

use soft_delete::SoftDelete;

use crate::sql;

macro_rules! entity {
    ($module:ident, $table:literal, { $($key:ident: $ty:ty),+ }) => {
        mod $module {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "keys")]
            pub struct Model {
                $(
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub $key: $ty,
                )+
                pub deleted_at: Option<DateTimeUtc>,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(tag, "tag", { name: String });
entity!(project, "project", { id: Uuid });
entity!(task_tag, "task_tag", { task_id: i64, tag_name: String });

#[test]
fn a_string() {
    assert_eq!(tag::Entity::meta().primary_key, ["name"]);
    let [_, postgres, _] = sql(&tag::Entity::find_by_id("urgent"));
    assert_eq!(
        postgres,
        r#"SELECT "tag"."name", "tag"."deleted_at" FROM "tag" WHERE "tag"."name" = 'urgent' AND "tag"."deleted_at" IS NULL"#
    );
}

#[test]
fn a_uuid() {
    assert_eq!(project::Entity::meta().primary_key, ["id"]);
    let [_, postgres, _] = sql(&project::Entity::find_by_id(uuid::Uuid::nil()));
    assert_eq!(
        postgres,
        r#"SELECT "project"."id", "project"."deleted_at" FROM "project" WHERE "project"."id" = '00000000-0000-0000-0000-000000000000' AND "project"."deleted_at" IS NULL"#
    );
}

#[test]
fn a_composite() {
    assert_eq!(
        task_tag::Entity::meta().primary_key,
        ["task_id", "tag_name"]
    );
    let [_, postgres, _] = sql(&task_tag::Entity::find_by_id((7, "urgent".to_owned())));
    assert_eq!(
        postgres,
        r#"SELECT "task_tag"."task_id", "task_tag"."tag_name", "task_tag"."deleted_at" FROM "task_tag" WHERE "task_tag"."task_id" = 7 AND "task_tag"."tag_name" = 'urgent' AND "task_tag"."deleted_at" IS NULL"#
    );
}

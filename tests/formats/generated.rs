//! What `sea-orm-cli generate entity --model-extra-derives soft_delete::SoftDelete` writes, in its three formats.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use soft_delete::{OnDelete, SoftDelete, TableName, TimeKind};

use crate::{generated_compact, generated_dense, generated_expanded, sql};

async fn database() -> Result<DatabaseConnection, DbErr> {
    let db = Database::connect("sqlite::memory:").await?;
    db.execute_unprepared(include_str!("schema.sql")).await?;
    Ok(db)
}

/// The same for each of the formats.
macro_rules! of_format {
    ($format:ident, $module:ident) => {
        mod $format {
            use super::{
                $module::{projects, task_tags, tasks, workspaces},
                *,
            };

            #[test]
            fn find_selects_active_rows_on_every_backend() {
                let select = tasks::Entity::find()
                    .select_only()
                    .column(tasks::Column::Type);
                assert_eq!(
                    sql(&select),
                    [
                        "SELECT `tasks`.`type` FROM `tasks` WHERE `tasks`.`deleted_at` IS NULL",
                        r#"SELECT "tasks"."type" FROM "tasks" WHERE "tasks"."deleted_at" IS NULL"#,
                        r#"SELECT "tasks"."type" FROM "tasks" WHERE "tasks"."deleted_at" IS NULL"#,
                    ]
                );
            }

            #[test]
            fn find_is_what_one_would_write_by_hand_byte_for_byte() {
                let by_hand = <tasks::Entity as EntityTrait>::find()
                    .filter(tasks::Column::DeletedAt.is_null());
                assert_eq!(sql(&tasks::Entity::find()), sql(&by_hand));
            }

            #[test]
            fn columns_and_keys_are_described() {
                let tasks = tasks::Entity::meta();
                let names: Vec<_> = tasks.columns.iter().map(|column| &*column.name).collect();
                assert_eq!(tasks.table, TableName::new("tasks"));
                assert_eq!(tasks.group, stringify!($module));
                assert_eq!(
                    names,
                    [
                        "id",
                        "project_id",
                        "parent_id",
                        "title",
                        "type",
                        "deleted_at"
                    ]
                );
                assert_eq!(tasks.primary_key, ["id"]);
                assert_eq!(
                    task_tags::Entity::meta().primary_key,
                    ["task_id", "tag_name"]
                );
                assert!(
                    tasks
                        .entity
                        .ends_with(concat!(stringify!($module), "::tasks"))
                );
            }

            #[test]
            fn the_stamp_is_found_by_the_names_of_the_columns() {
                let stamp = &projects::Entity::meta().stamp;
                assert_eq!(stamp.deleted_at, "deleted_at");
                assert_eq!(stamp.deleted_at_kind, TimeKind::ChronoFixedOffset);
                assert_eq!(stamp.deletion_id.as_deref(), Some("deletion_id"));
                assert_eq!(stamp.deleted_by.as_deref(), Some("deleted_by"));
                assert_eq!(stamp.delete_reason.as_deref(), Some("delete_reason"));
                let stamp = &tasks::Entity::meta().stamp;
                assert_eq!(stamp.deleted_at_kind, TimeKind::ChronoNaive);
                assert_eq!(stamp.names().collect::<Vec<_>>(), ["deleted_at"]);
            }

            #[test]
            fn foreign_keys_are_read_from_the_relations() {
                let keys = &tasks::Entity::meta().foreign_keys;
                assert_eq!(keys[0].relation, "Projects");
                assert_eq!(keys[0].columns, ["project_id"]);
                assert_eq!(keys[0].parent, TableName::new("projects"));
                assert_eq!(keys[0].parent_columns, ["id"]);
                assert_eq!(keys[1].relation, "SelfRef");
                assert_eq!(keys[1].columns, ["parent_id"]);
                assert_eq!(keys[1].parent, TableName::new("tasks"));
                assert_eq!(keys.len(), 2);
            }

            #[tokio::test]
            async fn rows_are_deleted_and_restored() {
                let db = database().await.unwrap();
                let workspace = workspaces::ActiveModel {
                    slug: Set("docs".to_owned()),
                    ..Default::default()
                };
                let workspace = workspaces::Entity::insert(workspace)
                    .exec_with_returning(&db)
                    .await
                    .unwrap();

                let deletion = workspace.clone().delete(&db).await.unwrap();
                assert_eq!(deletion.rows_affected, 1);
                assert!(
                    workspaces::Entity::find()
                        .all(&db)
                        .await
                        .unwrap()
                        .is_empty()
                );
                let deleted = workspaces::Entity::only_deleted().one(&db).await.unwrap();
                assert!(deleted.unwrap().is_deleted());

                workspace
                    .clone()
                    .into_active_model()
                    .restore(&db)
                    .await
                    .unwrap();
                assert_eq!(
                    workspaces::Entity::find().all(&db).await.unwrap(),
                    [workspace]
                );
            }
        }
    };
}

of_format!(compact, generated_compact);
of_format!(dense, generated_dense);
of_format!(expanded, generated_expanded);

fn rules<E: SoftDelete>() -> Vec<OnDelete> {
    E::meta()
        .foreign_keys
        .iter()
        .map(|key| key.on_delete)
        .collect()
}

#[test]
fn the_rules_are_those_of_the_foreign_keys() {
    use OnDelete::{Cascade, Restrict, SetNull};

    assert_eq!(
        rules::<generated_dense::tasks::Entity>(),
        [Cascade, SetNull]
    );
    assert_eq!(rules::<generated_dense::comments::Entity>(), [Restrict]);
    assert_eq!(
        rules::<generated_dense::task_tags::Entity>(),
        [Cascade, Cascade]
    );
    assert_eq!(
        rules::<generated_compact::tasks::Entity>(),
        [Cascade, SetNull]
    );
    assert_eq!(rules::<generated_compact::comments::Entity>(), [Restrict]);
    assert_eq!(
        rules::<generated_compact::task_tags::Entity>(),
        [Cascade, Cascade]
    );
}

/// It leaves them out, so there they are to be given on the struct.
#[test]
fn the_rules_are_unknown_in_the_expanded_format_of_sea_orm_cli() {
    use OnDelete::Restrict;

    assert_eq!(
        rules::<generated_expanded::tasks::Entity>(),
        [Restrict, Restrict]
    );
}

//! `find_by_…`, `delete_by_…` and `restore_by_…` of what is unique among active rows.

use sea_orm::{ActiveValue::Set, ConnectionTrait, Database, EntityTrait, Schema};
use soft_delete::SoftDelete;

use crate::sql;

mod task {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "task")]
    #[soft_delete(group = "unique", unique(by_state = (project_id, state)))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique = "number_in_project")]
        pub project_id: i64,
        #[soft_delete(unique = "number_in_project")]
        pub number: i32,
        #[soft_delete(unique)]
        pub slug: Option<String>,
        pub state: State,
        pub deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
    pub enum State {
        #[sea_orm(string_value = "open")]
        Open,
        #[sea_orm(string_value = "done")]
        Done,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use task::{Entity as Task, State};

#[test]
fn a_group_has_the_name_and_the_order_of_its_fields() {
    let groups = Task::meta().unique.iter();
    let groups: Vec<_> = groups
        .map(|group| (&*group.name, group.columns.join(", ")))
        .collect();
    assert_eq!(
        groups,
        [
            ("number_in_project", "project_id, number".to_owned()),
            ("slug", "slug".to_owned()),
            ("by_state", "project_id, state".to_owned()),
        ]
    );
}

#[test]
fn a_single_column_is_found_by_its_value() {
    let [_, postgres, _] = sql(&Task::find_by_slug("a"));
    assert!(
        postgres.ends_with(r#"WHERE "task"."deleted_at" IS NULL AND "task"."slug" = 'a'"#),
        "{postgres}"
    );
}

#[test]
fn several_columns_are_found_by_a_tuple() {
    let [_, postgres, _] = sql(&Task::find_by_number_in_project((3, 14)));
    assert!(
        postgres.ends_with(
            r#"WHERE "task"."deleted_at" IS NULL AND "task"."project_id" = 3 AND "task"."number" = 14"#
        ),
        "{postgres}"
    );
    let [_, postgres, _] = sql(&Task::find_by_by_state((3, State::Open)));
    assert!(
        postgres.ends_with(
            r#"WHERE "task"."deleted_at" IS NULL AND "task"."project_id" = 3 AND "task"."state" = 'open'"#
        ),
        "{postgres}"
    );
}

#[tokio::test]
async fn the_row_is_deleted_and_restored_by_it() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(Task))
        .await
        .unwrap();
    let task = task::ActiveModel {
        project_id: Set(3),
        number: Set(14),
        slug: Set(Some("a".to_owned())),
        state: Set(State::Done),
        ..Default::default()
    };
    let task = Task::insert(task).exec_with_returning(&db).await.unwrap();

    let deletion = Task::delete_by_slug("a").exec(&db).await.unwrap();
    assert_eq!(deletion.rows_affected, 1);
    assert_eq!(Task::find_by_slug("a").one(&db).await.unwrap(), None);

    let restoration = Task::restore_by_number_in_project((3, 14))
        .exec(&db)
        .await
        .unwrap();
    assert_eq!(restoration.rows_affected, 1);
    assert_eq!(Task::find_by_slug("a").one(&db).await.unwrap(), Some(task));
}

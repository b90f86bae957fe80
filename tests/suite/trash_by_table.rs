//! The trash of all tables, by their names.

use chrono::{TimeDelta, Utc};
use sea_orm::{ConnectionTrait as _, PaginatorTrait as _, Value, prelude::Uuid};
use soft_delete::{ConflictPolicy, DEFAULT_GROUP, Error, Registry, RowValue, Trash};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, workspace},
};

fn trash() -> Trash {
    Trash::of(&domain::registry(), DEFAULT_GROUP).expect("the domain is sound")
}

/// Two comments, a project with a task and a comment of its own, and a tag, each deleted by itself; the tag last.
async fn some_trash(db: &TestDb) -> TestResult<Uuid> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    for body in ["first", "second", "third"] {
        domain::comment(db, &task, body).await?;
    }
    domain::tag(db, "urgent").await?;
    let hour = |hours| Utc::now() - TimeDelta::hours(hours);
    comment::Entity::delete_by_id(1)
        .at(hour(5))
        .exec(db)
        .await?;
    comment::Entity::delete_by_id(2)
        .at(hour(4))
        .exec(db)
        .await?;
    let deletion = project::Entity::delete_by_id(1);
    let deletion = deletion
        .by(42)
        .reason("a \"duplicate\"")
        .at(hour(3))
        .exec(db)
        .await?;
    tag::Entity::delete_by_id(1).at(hour(2)).exec(db).await?;
    Ok(deletion.id())
}

fn names(page: &soft_delete::TrashPage) -> Vec<String> {
    let items = page.items.iter();
    items
        .map(|item| format!("{} {}", item.table, item.key[0].text()))
        .collect()
}

support::on_every_backend! {
    async fn rows_deleted_themselves_are_listed_the_newest_first(db: &TestDb) {
        let id = some_trash(db).await?;
        let page = trash().list().exec(db).await?;
        assert_eq!(names(&page), ["tag 1", "project 1", "comment 2", "comment 1"]);
        assert!(!page.more);
        let project = &page.items[1];
        assert_eq!(project.stamp.deletion_id, Some(id));
        assert_eq!(project.stamp.delete_reason.as_deref(), Some("a \"duplicate\""));
        assert_eq!(project.stamp.deleted_by, Some(RowValue(42_i64.into())));
        // A tag has `deleted_at` alone.
        assert!(page.items[0].stamp.deleted_by.is_none() && page.items[0].stamp.deletion_id.is_none());
        assert_eq!(trash().list().count(db).await?, 4);
    }

    async fn pages_follow_each_other_and_repeat_nothing(db: &TestDb) {
        some_trash(db).await?;
        let mut all = Vec::new();
        for page in 0..4 {
            let page = trash().list().limit(1).offset(page).exec(db).await?;
            assert_eq!(page.more, all.len() < 3);
            all.extend(names(&page));
        }
        assert_eq!(all, ["tag 1", "project 1", "comment 2", "comment 1"]);
        let beyond = trash().list().offset(4).exec(db).await?;
        assert!(beyond.items.is_empty() && !beyond.more);
        let none = trash().list().limit(0).exec(db).await?;
        assert!(none.items.is_empty() && none.more);
    }

    async fn the_list_is_narrowed_by_table_actor_and_time(db: &TestDb) {
        some_trash(db).await?;
        let comments = trash().list().table("comment")?.exec(db).await?;
        assert_eq!(names(&comments), ["comment 2", "comment 1"]);
        let by = trash().list().by(42_i64);
        assert_eq!(names(&by.exec(db).await?), ["project 1"]);
        assert_eq!(by.count(db).await?, 1);
        assert_eq!(trash().list().by(43_i64).count(db).await?, 0);
        let half_past = |hours: i64| Utc::now() - TimeDelta::minutes(60 * hours + 30);
        let between = trash().list().since(half_past(4)).until(half_past(2));
        assert_eq!(names(&between.exec(db).await?), ["project 1", "comment 2"]);
        assert_eq!(between.count(db).await?, 2);
    }

    async fn a_row_is_shown_with_its_deletion_and_what_a_restore_would_do(db: &TestDb) {
        let id = some_trash(db).await?;
        let row = trash().show("task", vec![1_i64.into()], db).await?;
        assert!(row.columns.contains(&("title".to_owned(), RowValue("start".into()))));
        let deletion = row.deletion.expect("it is deleted");
        assert!(deletion.with_parent);
        assert_eq!(deletion.stamp.deletion_id, Some(id));
        let tables: Vec<_> = deletion.tables.iter().map(|(table, rows)| (table.to_string(), rows)).collect();
        assert_eq!(tables, [("project".to_owned(), 1), ("task".to_owned(), 1), ("comment".to_owned(), 1)]);
        assert_eq!(deletion.restore.parents.len(), 1, "its project is deleted");

        let project = trash().show("project", vec![1_i64.into()], db).await?.deletion.expect("deleted");
        assert!(!project.with_parent && project.restore.parents.is_empty());
        let active = trash().show("workspace", vec![1_i64.into()], db).await?;
        assert!(active.deletion.is_none());
    }

    async fn a_row_is_restored_by_table_and_key(db: &TestDb) {
        some_trash(db).await?;
        let key = trash().key("task", &["1"])?;
        let refused = trash().restore("task", key.clone())?.exec(db).await;
        assert!(matches!(refused, Err(Error::ParentDeleted { .. })), "{refused:?}");
        let plan = trash().restore("task", key.clone())?.with_parents().plan(db).await?;
        assert_eq!(task::Entity::find().count(db).await?, 0, "a plan changes nothing");
        let restored = trash().restore("task", key)?.with_parents().by(7_i64).exec(db).await?;
        assert_eq!(restored.rows_by_table(), plan.restoration.rows_by_table());
        assert_eq!(project::Entity::find().count(db).await?, 1);
        assert_eq!(comment::Entity::find().count(db).await?, 1, "the comments deleted before stay deleted");
    }

    async fn a_conflict_is_resolved_as_told(db: &TestDb) {
        domain::create(db).await?;
        domain::workspace(db, "main").await?;
        workspace::Entity::delete_by_id(1).exec(db).await?;
        domain::workspace(db, "main").await?;
        let restore = || trash().restore("workspace", vec![1_i64.into()]);
        assert!(matches!(restore()?.exec(db).await, Err(Error::Conflict(_))));
        assert_eq!(restore()?.on_conflict(ConflictPolicy::Replace).exec(db).await?.rows_affected, 1);
        let active = workspace::Entity::find().all(db).await?;
        assert_eq!(active.iter().map(|row| row.id).collect::<Vec<_>>(), [1]);
    }

    async fn a_deletion_is_shown_and_undone(db: &TestDb) {
        let id = some_trash(db).await?;
        let deletion = trash().deletion(id, db).await?;
        assert_eq!(deletion.stamp.deleted_by, Some(RowValue(42_i64.into())));
        assert_eq!(deletion.tables.iter().map(|(_, rows)| rows).sum::<u64>(), 3);
        let plan = trash().undo(id).plan(db).await?;
        let undone = trash().undo(id).exec(db).await?;
        assert_eq!(undone.rows_by_table(), plan.restoration.rows_by_table());
        let gone = trash().deletion(id, db).await;
        assert!(matches!(gone, Err(Error::DeletionNotFound { .. })), "{gone:?}");
    }

    async fn a_deleted_row_is_removed_for_good_and_an_active_one_never(db: &TestDb) {
        some_trash(db).await?;
        let comment = || trash().remove("comment", vec![1_i64.into()]);
        assert_eq!(comment()?.plan(db).await?.references, []);
        comment()?.exec(db).await?;
        let all = <comment::Entity as soft_delete::SoftDelete>::with_deleted().count(db).await?;
        assert_eq!(all, 2);
        assert!(matches!(comment()?.exec(db).await, Err(Error::NotFound { .. })));

        let active = trash().remove("workspace", vec![1_i64.into()])?;
        assert!(matches!(active.plan(db).await, Err(Error::NotDeleted { .. })));
        assert!(matches!(active.exec(db).await, Err(Error::NotDeleted { .. })));
        assert_eq!(workspace::Entity::find().count(db).await?, 1);

        let plan = trash().remove("project", vec![1_i64.into()])?.plan(db).await?;
        let references: Vec<_> = plan.references.iter().map(|(table, rows)| (table.to_string(), rows)).collect();
        assert_eq!(references, [("task".to_owned(), 1)]);
    }

    async fn keys_are_read_from_texts(db: &TestDb) {
        domain::create(db).await?;
        let ada = domain::member(db, "Ada").await?;
        member::Entity::delete_by_id(ada.id).exec(db).await?;
        let page = trash().list().exec(db).await?;
        let texts: Vec<_> = page.items[0].key.iter().map(RowValue::text).collect();
        let key = trash().key("member", &texts)?;
        assert_eq!(key, [Value::from(ada.id)]);
        assert_eq!(trash().restore("member", key)?.exec(db).await?.rows_affected, 1);
        for (table, texts) in [("member", vec!["7"]), ("task", vec!["seven"]), ("task", vec!["1", "2"]), ("task_tag", vec!["1"])] {
            let wrong = trash().key(table, &texts);
            assert!(matches!(wrong, Err(Error::InvalidKey { .. })), "{wrong:?}");
        }
        let wrong = trash().restore("task_tag", vec![1_i64.into()]).expect_err("half a key");
        assert!(wrong.to_string().contains("(task_id, tag_id)"), "{wrong}");
    }

    async fn an_unknown_table_is_told_with_those_that_there_are(db: &TestDb) {
        domain::create(db).await?;
        let unknown = trash().list().table("posts").expect_err("no such table");
        assert!(matches!(unknown, Error::UnknownTable { .. }));
        assert!(unknown.to_string().contains("workspace"), "{unknown}");
        let missing = trash().show("task", vec![4711_i64.into()], db).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    }
}

mod in_schemas {
    pub mod here {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "thing", schema_name = "here")]
        #[soft_delete(group = "trash in schemas")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub deleted_at: Option<DateTimeUtc>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod there {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "thing", schema_name = "there")]
        #[soft_delete(group = "trash in schemas")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub deleted_at: Option<DateTimeUtc>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

#[test]
fn a_name_in_two_schemas_wants_its_schema() {
    let registry = Registry::builder()
        .entity::<in_schemas::here::Entity>()
        .entity::<in_schemas::there::Entity>()
        .build();
    let trash = Trash::of(&registry, "trash in schemas").expect("the entities are sound");
    let ambiguous = trash.entity("thing").expect_err("there are two");
    assert!(
        ambiguous.to_string().contains("name its schema"),
        "{ambiguous}"
    );
    let there = trash.entity("there.thing").expect("it is clear");
    assert_eq!(there.table.schema.as_deref(), Some("there"));
}

#[test]
fn a_group_without_entities_is_refused() {
    let missing = Trash::of(&domain::registry(), "nowhere");
    assert!(
        matches!(missing, Err(Error::NoEntities { .. })),
        "{missing:?}"
    );
}

support::on_backends! {
    [postgres Postgres Pool]

    /// A time that no program can read must not keep people from seeing their trash.
    async fn a_time_that_cant_be_read_is_shown_as_none(db: &TestDb) {
        some_trash(db).await?;
        db.execute_unprepared("UPDATE comment SET deleted_at = 'infinity' WHERE id = 1").await?;
        let page = trash().list().exec(db).await?;
        assert_eq!(names(&page), ["comment 1", "tag 1", "project 1", "comment 2"]);
        assert_eq!(page.items[0].stamp.deleted_at, None);
        assert_eq!(trash().show("comment", vec![2_i64.into()], db).await?.table.to_string(), "comment");
    }
}

//! What leaks elsewhere.

use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait, JoinType, LoaderTrait as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, RelationTrait as _,
    sea_query::{Expr, ExprTrait as _, IntoCondition as _, Query},
};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, project, tag, task, task_tag, workspace},
};

/// A task with an active and a deleted comment, with an active tag, a deleted one, and one whose link is deleted.
pub(super) async fn a_task(db: &TestDb) -> TestResult<task::Model> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    for body in ["first", "second"] {
        domain::comment(db, &task, body).await?;
    }
    for name in ["kept", "deleted", "unlinked"] {
        let tag = domain::tag(db, name).await?;
        domain::task_tag(db, &task, &tag).await?;
    }
    comment::Entity::delete_by_id(2).exec(db).await?;
    db.execute_unprepared("UPDATE tag SET deleted_at = '2020-01-01 00:00:00' WHERE id = 2")
        .await?;
    task_tag::Entity::delete_by_id((1, 3)).exec(db).await?;
    Ok(task)
}

/// What SeaORM's own `find` gives, which the derive does not change.
fn all<E: EntityTrait>() -> sea_orm::Select<E> {
    E::find()
}

support::on_scoped! {
    async fn an_or_in_the_filter_does_not_escape_the_scope(db: &TestDb) {
        a_task(db).await?;
        let either = Condition::any()
            .add(comment::Column::Body.eq("first"))
            .add(comment::Column::Body.eq("second"));
        let found = all::<comment::Entity>().filter(either).all(db).await?;
        assert_eq!(found.len(), 1);
        let by_hand = "SELECT id FROM comment WHERE body = 'first' OR body = 'second' OR 1 = 1";
        assert_eq!(domain::ids(db, by_hand).await?, [1]);
    }

    async fn a_left_join_keeps_parents_whose_children_are_all_deleted(db: &TestDb) {
        a_task(db).await?;
        comment::Entity::delete_many().all().exec(db).await?;
        let tasks = all::<task::Entity>().find_with_related(comment::Entity).all(db).await?;
        let [(task, comments)] = tasks.as_slice() else {
            panic!("{tasks:?}");
        };
        assert_eq!((task.id, comments.as_slice()), (1, [].as_slice()));
    }

    async fn junction_rows_of_a_many_to_many_are_filtered(db: &TestDb) {
        let task = a_task(db).await?;
        let names = |tags: &[tag::Model]| tags.iter().map(|tag| tag.name.clone()).collect::<Vec<_>>();
        let related = sea_orm::ModelTrait::find_related(&task, tag::Entity).all(db).await?;
        assert_eq!(names(&related), ["kept"]);
        let loaded = vec![task].load_many(tag::Entity, db).await?;
        assert_eq!(names(&loaded[0]), ["kept"]);
        let joined = all::<task::Entity>().find_with_related(tag::Entity).all(db).await?;
        assert_eq!(names(&joined[0].1), ["kept"]);
    }

    async fn exists_and_sub_selects_are_filtered(db: &TestDb) {
        a_task(db).await?;
        comment::Entity::delete_many().all().exec(db).await?;
        let mut commented = Query::select();
        commented.column(comment::Column::TaskId).from(comment::Entity);
        let in_a_subquery = all::<task::Entity>()
            .filter(task::Column::Id.in_subquery(commented))
            .count(db);
        assert_eq!(in_a_subquery.await?, 0);
        let exists = "SELECT id FROM task WHERE EXISTS (SELECT 1 FROM comment WHERE comment.task_id = task.id)";
        assert_eq!(domain::ids(db, exists).await?, [0_i64; 0]);
        let scalar = "SELECT id FROM task WHERE (SELECT COUNT(*) FROM comment WHERE task_id = task.id) = 0";
        assert_eq!(domain::ids(db, scalar).await?, [1]);
        let has_related = all::<task::Entity>().has_related(comment::Entity, Condition::all());
        assert_eq!(has_related.count(db).await?, 0);
    }

    async fn with_deleted_does_not_get_lost_in_relations_whatever_the_order_of_calls(db: &TestDb) {
        let task = a_task(db).await?;
        let scoped = db.scoped();
        let with_deleted = scoped.with_deleted();
        let loaded = vec![task.clone()].load_many(comment::Entity, &with_deleted).await?;
        assert_eq!(loaded[0].len(), 2);
        let joined = all::<task::Entity>().find_with_related(comment::Entity).all(&with_deleted).await?;
        assert_eq!(joined[0].1.len(), 2);
        let nested = project::Entity::load().with((task::Entity, comment::Entity)).all(&with_deleted).await?;
        assert_eq!(nested[0].tasks[0].comments.len(), 2);

        let filter_last = comment::Entity::with_deleted().filter(comment::Column::TaskId.eq(1));
        let filter_first = all::<comment::Entity>()
            .filter(comment::Column::TaskId.eq(1))
            .filter(soft_delete::Scope::WithDeleted.predicate(Expr::col((comment::Entity, comment::Column::DeletedAt))));
        assert_eq!(filter_last.count(db).await?, 2);
        assert_eq!(filter_first.count(db).await?, 2);
    }

    async fn a_relation_whose_own_condition_a_loader_drops_is_scoped_all_the_same(db: &TestDb) {
        let task = a_task(db).await?;
        let conditional = comment::Relation::Task.def().rev().on_condition(|_, comment| {
            Expr::col((comment, comment::Column::Body)).ne("first").into_condition()
        });
        let joined = all::<task::Entity>()
            .join(JoinType::InnerJoin, conditional)
            .select_only()
            .column(task::Column::Id)
            .into_tuple::<i64>()
            .all(db)
            .await?;
        assert_eq!(joined, [0_i64; 0]);
        let loaded = vec![task].load_many(comment::Entity, db).await?;
        let bodies: Vec<_> = loaded[0].iter().map(|comment| comment.body.as_str()).collect();
        assert_eq!(bodies, ["first"]);
    }

    async fn a_nested_loader_sees_active_rows(db: &TestDb) {
        a_task(db).await?;
        let workspaces = workspace::Entity::load()
            .with((project::Entity, task::Entity))
            .all(db)
            .await?;
        assert_eq!(workspaces[0].projects[0].tasks.len(), 1);
        task::Entity::delete_by_id(1).exec(db).await?;
        let workspaces = workspace::Entity::load()
            .with((project::Entity, task::Entity))
            .all(db)
            .await?;
        assert_eq!(workspaces[0].projects[0].tasks.len(), 0);
    }

    async fn an_update_by_hand_leaves_deleted_rows_alone(db: &TestDb) {
        a_task(db).await?;
        let update = "UPDATE comment SET body = 'edited' WHERE body = 'first' OR body = 'second'";
        let updated = db.scoped().execute_unprepared(update).await?;
        assert_eq!(updated.rows_affected(), 1);
    }
}

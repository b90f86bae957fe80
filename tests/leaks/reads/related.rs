//! What starts from a row.

use sea_orm::{
    ColumnTrait as _, EntityTrait as _, Linked, ModelTrait as _, QueryFilter as _, Related,
    RelationDef, RelationTrait as _,
};
use soft_delete::SelectScope as _;

use crate::leaks::read::{lines, reads};
use support::domain::{comment, member, project, tag, task, task_tag};

pub struct TaskToComment;

impl Linked for TaskToComment {
    type FromEntity = task::Entity;
    type ToEntity = comment::Entity;

    fn link(&self) -> Vec<RelationDef> {
        vec![comment::Relation::Task.def().rev()]
    }
}

pub struct ProjectToComment;

impl Linked for ProjectToComment {
    type FromEntity = project::Entity;
    type ToEntity = comment::Entity;

    fn link(&self) -> Vec<RelationDef> {
        vec![
            task::Relation::Project.def().rev(),
            comment::Relation::Task.def().rev(),
        ]
    }
}

reads! { world, db;
    "`user.find_related(Post)`", "`.active()` behind it" => {
        lines(world.engine.find_related(task::Entity).all(db).await?)
    }
    "`user.find_related(Post).active()`" => {
        lines(world.engine.find_related(task::Entity).active().all(db).await?)
    }
    "`post.find_related(User)`, which the post belongs to", "`.active()` behind it" => {
        let mut found = lines(world.kept.find_related(member::Entity).all(db).await?);
        found.extend(lines(world.plan.find_related(member::Entity).all(db).await?));
        found.extend(lines(world.lost.find_related(project::Entity).all(db).await?));
        found
    }
    "`post.find_related(Tag)`, many-to-many: deleted tags", "`.active()` behind it" => {
        let tags = world.kept.find_related(tag::Entity).filter(tag::Column::Name.ne("later"));
        lines(tags.all(db).await?)
    }
    "`post.find_related(Tag)`, many-to-many: deleted links", "`.filter(post_tag::Column::DeletedAt.is_null())` behind it" => {
        let tags = world.kept.find_related(tag::Entity).filter(tag::Column::Name.ne("stale"));
        lines(tags.all(db).await?)
    }
    "`post.find_related(Tag).active()`: deleted links", "`.filter(post_tag::Column::DeletedAt.is_null())` as well" => {
        lines(world.kept.find_related(tag::Entity).active().all(db).await?)
    }
    "the same with that filter" => {
        let tags = world.kept.find_related(tag::Entity).active();
        lines(tags.filter(task_tag::Column::DeletedAt.is_null()).all(db).await?)
    }
    "`User::find_related()` of the trait `Related`, `Post::find_related_rev()`", "the condition, of both tables" => {
        let related = <task::Entity as Related<comment::Entity>>::find_related().all(db).await?;
        let reverse = task::Entity::find_related_rev::<comment::Entity>().all(db).await?;
        [lines(related), lines(reverse)].concat()
    }
    "`user.find_linked(…)`", "`.active()` behind it, and the condition for the tables between" => {
        lines(world.kept.find_linked(TaskToComment).all(db).await?)
    }
    "`find_linked` over several tables", "`.active()` behind it, and the condition for the tables between" => {
        lines(world.engine.find_linked(ProjectToComment).all(db).await?)
    }
}

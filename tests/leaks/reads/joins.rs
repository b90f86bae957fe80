//! Joins that SeaORM builds from relations.

use futures_util::TryStreamExt as _;
use sea_orm::{
    ColumnTrait as _, JoinType, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
    RelationTrait as _, Select, SelectExt as _,
    sea_query::{Expr, ExprTrait as _, IntoCondition as _},
};
use soft_delete::SelectActive as _;

use super::related::{ProjectToComment, TaskToComment};
use crate::leaks::read::{grouped, lines, reads};
use support::{
    domain::{comment, member, project, tag, task, workspace},
    folder,
};

/// The titles of tasks, and what they are joined to.
fn bodies(select: Select<task::Entity>) -> Select<task::Entity> {
    select
        .select_only()
        .column(task::Column::Title)
        .column(comment::Column::Body)
}

type Pairs = Vec<(Option<String>, Option<String>)>;

reads! { world, db;
    "`find_also_related`", "`find_also_active`" => {
        let comments = task::Entity::find().find_also_related(comment::Entity).all(db).await?;
        let project = task::Entity::find().find_also_related(project::Entity).all(db).await?;
        let tags = task::Entity::find().find_also_related(tag::Entity).all(db).await?;
        [lines(comments), lines(project), lines(tags)].concat()
    }
    "`find_with_related`", "`find_with_active`" => {
        let comments = task::Entity::find().find_with_related(comment::Entity).all(db).await?;
        let tags = task::Entity::find().find_with_related(tag::Entity).all(db).await?;
        [grouped(comments), grouped(tags)].concat()
    }
    "`find_both_related`", "`find_both_active`" => {
        let comments = task::Entity::find().find_both_related(comment::Entity).all(db).await?;
        let project = task::Entity::find().find_both_related(project::Entity).all(db).await?;
        [lines(comments), lines(project)].concat()
    }
    "`find_also_active`, `find_with_active`, `find_both_active`" => {
        let also = task::Entity::find().find_also_active(project::Entity).all(db).await?;
        let with = task::Entity::find().find_with_active(comment::Entity).all(db).await?;
        let both = task::Entity::find().find_both_active(comment::Entity).all(db).await?;
        [lines(also), grouped(with), lines(both)].concat()
    }
    "the same through a junction table" => {
        let with = task::Entity::find().find_with_active(tag::Entity).all(db).await?;
        let both = task::Entity::find().find_both_active(tag::Entity).all(db).await?;
        [grouped(with), lines(both)].concat()
    }
    "`paginate`, `count`, `exists`, `cursor_by`, `stream` behind `find_also_related`", "`find_also_active`" => {
        let select = || task::Entity::find().order_by_id_asc().find_also_related(comment::Entity);
        let count = select().count(db).await?;
        let withdrawn = comment::Column::Body.eq("withdrawn");
        let exists = select().filter(withdrawn).exists(db).await?;
        let page = select().paginate(db, 100).fetch().await?;
        let mut cursor = select().cursor_by(task::Column::Id);
        let cursor = cursor.after(0).first(100).all(db).await?;
        let stream: Vec<_> = select().stream(db).await?.try_collect().await?;
        [lines([(count, exists)]), lines(page), lines(cursor), lines(stream)].concat()
    }
    "`find_also_linked`", "the condition in the relation, by `RelationDef::on_condition`" => {
        let near = task::Entity::find().find_also_linked(TaskToComment).all(db).await?;
        let far = project::Entity::find().find_also_linked(ProjectToComment).all(db).await?;
        [lines(near), lines(far)].concat()
    }
    "`find_with_linked`", "the condition in the relation, by `RelationDef::on_condition`" => {
        grouped(task::Entity::find().find_with_linked(TaskToComment).all(db).await?)
    }
    "`left_join`", "`left_join_active`" => {
        let select = bodies(task::Entity::find().left_join(comment::Entity));
        let pairs: Pairs = select.into_tuple().all(db).await?;
        lines(pairs)
    }
    "`inner_join`", "`inner_join_active`" => {
        let select = bodies(task::Entity::find().inner_join(comment::Entity));
        let pairs: Pairs = select.into_tuple().all(db).await?;
        lines(pairs)
    }
    "`left_join_active`, `inner_join_active`" => {
        let left = bodies(task::Entity::find().left_join_active(comment::Entity));
        let left: Pairs = left.into_tuple().all(db).await?;
        let inner = bodies(task::Entity::find().inner_join_active(comment::Entity));
        let inner: Pairs = inner.into_tuple().all(db).await?;
        [lines(left), lines(inner)].concat()
    }
    "`reverse_join`", "the condition" => {
        lines(task::Entity::find().reverse_join(comment::Entity).all(db).await?)
    }
    "`right_join` behind `Post::find()`", "`left_join_active`, from the other side" => {
        let select = bodies(task::Entity::find().right_join(project::Entity).left_join(comment::Entity));
        let select = select.column(project::Column::Name);
        let triples: Vec<(Option<String>, Option<String>, String)> = select.into_tuple().all(db).await?;
        lines(triples)
    }
    "`join`, `join_rev` with a `RelationDef`", "the condition in the relation, by `RelationDef::on_condition`" => {
        let relation = || task::Relation::Project.def();
        let forth = task::Entity::find().join(JoinType::InnerJoin, relation()).all(db).await?;
        let back = project::Entity::find().join_rev(JoinType::LeftJoin, relation()).all(db).await?;
        [lines(forth), lines(back)].concat()
    }
    "`join_as`, `join_as_rev`", "the condition in the relation, by `RelationDef::on_condition`" => {
        let relation = || task::Relation::Project.def();
        let forth = task::Entity::find()
            .column_as(Expr::col(("p", project::Column::Name)), "name")
            .join_as(JoinType::LeftJoin, relation(), "p");
        let back = project::Entity::find().join_as_rev(JoinType::InnerJoin, relation(), "t");
        [lines(forth.into_json().all(db).await?), lines(back.all(db).await?)].concat()
    }
    "`join` with `on_condition` that asks for active rows" => {
        let active = task::Relation::Project.def().on_condition(|_, project| {
            Expr::col((project, project::Column::DeletedAt)).is_null().into_condition()
        });
        lines(task::Entity::find().join(JoinType::InnerJoin, active).all(db).await?)
    }
    "a table joined to itself", "the condition in the relation, by `RelationDef::on_condition`" => {
        let select = folder::Entity::find()
            .column_as(Expr::col(("p", folder::Column::Id)), "above")
            .join_as(JoinType::LeftJoin, folder::Relation::Parent.def(), "p");
        lines(select.into_json().all(db).await?)
    }
    "three tables: `find_also_related`, `and_also_related`", "the condition for each" => {
        let chain = comment::Entity::find()
            .find_also_related(task::Entity)
            .and_also_related(project::Entity);
        let star = task::Entity::find()
            .find_also_related(project::Entity)
            .find_also_related(comment::Entity);
        [lines(chain.all(db).await?), lines(star.all(db).await?)].concat()
    }
    "four to six tables: `find_also`", "the condition for each" => {
        let four = || comment::Entity::find()
            .find_also_related(task::Entity)
            .and_also_related(project::Entity)
            .find_also(project::Entity, workspace::Entity);
        let five = || four().find_also(task::Entity, member::Entity);
        let six = five().find_also(task::Entity, tag::Entity);
        [lines(four().all(db).await?), lines(five().all(db).await?), lines(six.all(db).await?)].concat()
    }
    "`consolidate` of three tables", "the condition for each" => {
        let star = task::Entity::find()
            .order_by_id_asc()
            .find_also_related(project::Entity)
            .find_also_related(comment::Entity)
            .consolidate();
        let rows = star.all(db).await?.into_iter();
        grouped(rows.map(|(task, projects, comments)| ((task, projects), comments)))
    }
}

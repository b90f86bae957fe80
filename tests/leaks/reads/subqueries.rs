//! Queries in queries, built with SeaORM or SeaQuery.

use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
    sea_query::{
        Alias, CommonTableExpression, Expr, ExprTrait as _, Query, SelectStatement, UnionType,
    },
};

use crate::leaks::read::{lines, reads, texts};
use support::domain::{comment, tag, task, task_tag};

/// The tasks of all comments, said in SeaQuery.
fn commented() -> SelectStatement {
    let mut select = Query::select();
    select.column(comment::Column::TaskId).from(comment::Entity);
    select
}

fn titles() -> SelectStatement {
    let mut select = Query::select();
    select
        .column((task::Entity, task::Column::Title))
        .from(task::Entity);
    select
}

fn is_of_task() -> Expr {
    Expr::col((comment::Entity, comment::Column::TaskId)).equals((task::Entity, task::Column::Id))
}

reads! { world, db;
    "`has_related(Post, …)`", "`post::Column::DeletedAt.is_null()` in the condition" => {
        lines(task::Entity::find().has_related(comment::Entity, Condition::all()).all(db).await?)
    }
    "`has_related(Tag, …)`, many-to-many", "that condition for both tables" => {
        let stale = task::Entity::find().has_related(tag::Entity, tag::Column::Name.eq("stale"));
        let later = task::Entity::find().has_related(tag::Entity, tag::Column::Name.eq("later"));
        let urgent = task::Entity::find().has_related(tag::Entity, tag::Column::Name.eq("urgent"));
        [
            lines(stale.all(db).await?.into_iter().map(|task| ("stale", task))),
            lines(later.all(db).await?.into_iter().map(|task| ("later", task))),
            lines(urgent.all(db).await?),
        ].concat()
    }
    "`has_related` with these conditions" => {
        let active = tag::Column::DeletedAt.is_null().and(task_tag::Column::DeletedAt.is_null());
        let commented = task::Entity::find().has_related(comment::Entity, comment::Column::DeletedAt.is_null());
        let tagged = task::Entity::find().has_related(tag::Entity, active);
        [lines(commented.all(db).await?), lines(tagged.all(db).await?)].concat()
    }
    "`in_subquery` of a `Post::find()`" => {
        let tasks = comment::Entity::find().select_only().column(comment::Column::TaskId);
        let select = task::Entity::find().filter(task::Column::Id.in_subquery(tasks.into_query()));
        lines(select.all(db).await?)
    }
    "`in_subquery`, `not_in_subquery` of SeaQuery's `Query::select()`", "the condition, or `Post::find().into_query()`" => {
        let with = task::Entity::find().filter(task::Column::Id.in_subquery(commented()));
        let without = task::Entity::find().filter(task::Column::Id.not_in_subquery(commented()));
        let with = with.all(db).await?.into_iter().map(|task| (true, task));
        [lines(with), lines(without.all(db).await?)].concat()
    }
    "`Expr::exists`, `Expr::not_exists`", "the condition" => {
        let of_task = || commented().and_where(is_of_task()).to_owned();
        let with = task::Entity::find().filter(Expr::exists(of_task())).all(db).await?;
        let without = task::Entity::find().filter(Expr::not_exists(of_task())).all(db).await?;
        [lines(with.into_iter().map(|task| (true, task))), lines(without)].concat()
    }
    "a sub-select as a column", "the condition" => {
        let count = Query::select()
            .expr(Expr::col(comment::Column::Id).count())
            .from(comment::Entity)
            .and_where(is_of_task())
            .to_owned();
        let select = task::Entity::find()
            .select_only()
            .column(task::Column::Title)
            .expr_as(Expr::from(count), "comments");
        let counts: Vec<(String, i64)> = select.into_tuple().all(db).await?;
        lines(counts)
    }
    "a `Query::select()` by `db.query_all(…)`, `db.query_one(…)`", "the condition" => {
        let all = texts(&db.query_all(&titles()).await?)?;
        let gone = titles().and_where(task::Column::Title.eq("gone")).to_owned();
        let gone = db.query_one(&gone).await?;
        [all, texts(gone.as_slice())?].concat()
    }
    "`union` with it", "the condition in each" => {
        let mut bodies = Query::select();
        bodies.column(comment::Column::Body).from(comment::Entity);
        texts(&db.query_all(titles().union(UnionType::All, bodies)).await?)?
    }
    "`with_cte`, `from_subquery`", "the condition in each" => {
        let cte = CommonTableExpression::new()
            .query(titles())
            .column(Alias::new("title"))
            .table_name("titles")
            .to_owned();
        let named = Query::select().column("title").from("titles").with_cte(cte).to_owned();
        let derived = Query::select().column("title").from_subquery(titles(), "t").to_owned();
        [texts(&db.query_all(&named).await?)?, texts(&db.query_all(&derived).await?)?].concat()
    }
}

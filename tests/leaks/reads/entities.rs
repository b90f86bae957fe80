//! What starts from the entity.

use futures_util::TryStreamExt as _;
use sea_orm::{
    ColumnTrait as _, Condition, DerivePartialModel, EntityLoaderTrait as _, FromQueryResult,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, SelectExt as _,
    sea_query::ExprTrait as _,
};

use crate::leaks::{
    account::account,
    read::{lines, reads},
};
use support::domain::{comment, task, workspace};

#[derive(Debug, DerivePartialModel)]
#[sea_orm(entity = "task::Entity")]
struct TaskTitle {
    #[allow(dead_code)]
    title: String,
}

#[derive(Debug, FromQueryResult)]
struct Titled {
    #[allow(dead_code)]
    title: String,
}

reads! { world, db;
    "`Post::find()`" => { lines(task::Entity::find().all(db).await?) }
    "`Post::find_by_id(7)`" => {
        let mut found = Vec::new();
        for id in 1..=4 {
            found.extend(task::Entity::find_by_id(id).one(db).await?);
        }
        lines(found)
    }
    "`Post::find_by_slug(…)` of `#[soft_delete(unique)]`" => {
        let mut found = workspace::Entity::find_by_slug("main").all(db).await?;
        found.extend(workspace::Entity::find_by_slug("old").one(db).await?);
        lines(found)
    }
    "`Post::find_by_slug(…)` of `#[sea_orm(unique)]`" => {
        let mut found = account::Entity::find_by_email("ann").all(db).await?;
        found.extend(account::Entity::find_by_email("ben").one(db).await?);
        lines(found)
    }
    "`Post::load()`, `filter_by_slug`" => {
        let mut found = lines(task::Entity::load().all(db).await?);
        found.extend(lines(account::Entity::load().filter_by_email("ann").one(db).await?));
        found.extend(lines(account::Entity::load().filter_by_email("ben").one(db).await?));
        found
    }
    "`Post::load()` with `paginate`" => {
        let pages = task::Entity::load().order_by_id_asc().paginate(db, 100);
        let count = pages.num_items().await?;
        [lines([count]), lines(pages.fetch().await?)].concat()
    }
    "`filter` with OR" => {
        let title = task::Column::Title;
        let operator = task::Entity::find().filter(title.eq("kept").or(title.eq("gone")));
        let any = Condition::any().add(title.eq("kept")).add(title.eq("gone"));
        let condition = task::Entity::find().filter(any);
        [lines(operator.all(db).await?), lines(condition.all(db).await?)].concat()
    }
    "`paginate`: pages and their number" => {
        let mut pages = task::Entity::find().order_by_id_asc().paginate(db, 1);
        let numbers = (pages.num_items().await?, pages.num_pages().await?);
        let mut found = lines([numbers]);
        while let Some(page) = pages.fetch_and_next().await? {
            found.extend(lines([page]));
        }
        found
    }
    "`cursor_by`" => {
        let mut cursor = task::Entity::find().cursor_by(task::Column::Id);
        lines(cursor.after(1).first(10).all(db).await?)
    }
    "`stream`" => {
        let rows: Vec<_> = task::Entity::find().stream(db).await?.try_collect().await?;
        lines(rows)
    }
    "`count`, `exists`" => {
        let gone = task::Entity::find().filter(task::Column::Title.eq("gone"));
        lines([(task::Entity::find().count(db).await?, gone.exists(db).await?)])
    }
    "`into_partial_model`, `into_model`" => {
        let partial = task::Entity::find().into_partial_model::<TaskTitle>().all(db).await?;
        let model = task::Entity::find().into_model::<Titled>().all(db).await?;
        [lines(partial), lines(model)].concat()
    }
    "`into_json`, `into_tuple`" => {
        let json = task::Entity::find().into_json().all(db).await?;
        let tuple = task::Entity::find().select_only().column(task::Column::Title);
        let tuples: Vec<String> = tuple.into_tuple().all(db).await?;
        [lines(json), tuples].concat()
    }
    "`select_only` with `group_by` and `having`" => {
        let groups = comment::Entity::find()
            .select_only()
            .column(comment::Column::TaskId)
            .column_as(comment::Column::Id.count(), "comments")
            .group_by(comment::Column::TaskId)
            .having(comment::Column::Id.count().gte(1));
        let groups: Vec<(i64, i64)> = groups.into_tuple().all(db).await?;
        lines(groups)
    }
    "`distinct`, `limit`, `lock_shared`" => {
        let distinct = comment::Entity::find()
            .select_only()
            .column(comment::Column::TaskId)
            .distinct();
        let tasks: Vec<i64> = distinct.into_tuple().all(db).await?;
        let last = task::Entity::find().order_by_id_desc().limit(3).lock_shared();
        [lines(tasks), lines(last.all(db).await?)].concat()
    }
}

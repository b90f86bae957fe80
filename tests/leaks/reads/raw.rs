//! SQL written by hand.

use futures_util::TryStreamExt as _;
use sea_orm::{
    ConnectionTrait as _, FromQueryResult, JsonValue, PaginatorTrait as _, SelectExt as _,
    StreamTrait as _,
};

use crate::leaks::read::{lines, reads, texts};
use support::domain::task;

#[derive(Debug, FromQueryResult)]
struct Titled {
    #[allow(dead_code)]
    title: String,
}

reads! { world, db;
    "`Post::find().from_raw_sql(…)`", "the condition" => {
        let select = || task::Entity::find().from_raw_sql(world.sql("SELECT * FROM task"));
        let count = select().count(db).await?;
        let exists = select().exists(db).await?;
        let page = select().paginate(db, 100).fetch().await?;
        [lines(select().all(db).await?), lines([(count, exists)]), lines(page)].concat()
    }
    "`find_by_statement`", "the condition" => {
        let sql = "SELECT title FROM task";
        let models = Titled::find_by_statement(world.sql(sql)).all(db).await?;
        let json = JsonValue::find_by_statement(world.sql(sql)).all(db).await?;
        [lines(models), lines(json)].concat()
    }
    "`query_all_raw`, `query_one_raw`", "the condition" => {
        let all = db.query_all_raw(world.sql("SELECT title FROM task")).await?;
        let count = world.sql("SELECT COUNT(*) FROM task");
        let count: Option<i64> = match db.query_one_raw(count).await? {
            Some(row) => Some(row.try_get_by_index(0)?),
            None => None,
        };
        [texts(&all)?, lines(count)].concat()
    }
    "`stream_raw`", "the condition" => {
        let stream = db.stream_raw(world.sql("SELECT title FROM task")).await?;
        let rows: Vec<_> = stream.try_collect().await?;
        texts(&rows)?
    }
    "joins in SQL", "the condition, for an outer join in ON" => {
        let mut found = Vec::new();
        for sql in [
            "SELECT c.body FROM task AS t JOIN comment c ON c.task_id = t.id",
            "SELECT c.body FROM task, comment c WHERE c.task_id = task.id OR 1 = 0",
            "SELECT COALESCE(c.body, t.title) FROM task t LEFT JOIN comment c ON c.task_id = t.id",
            "SELECT COALESCE(c.body, t.title) FROM comment c RIGHT JOIN task t ON c.task_id = t.id",
        ] {
            found.extend(texts(&db.query_all_raw(world.sql(sql)).await?)?);
        }
        found
    }
    "`WITH`", "the condition in each query" => {
        let sql = "WITH t AS (SELECT title FROM task) SELECT title FROM t";
        texts(&db.query_all_raw(world.sql(sql)).await?)?
    }
    "`WITH RECURSIVE`", "the condition in each query" => {
        let sql = "WITH RECURSIVE below AS (\
            SELECT id FROM folder WHERE id = 1 \
            UNION ALL SELECT f.id FROM folder f JOIN below ON f.parent_id = below.id\
            ) SELECT CONCAT('folder ', id) FROM below";
        texts(&db.query_all_raw(world.sql(sql)).await?)?
    }
    "`UNION`, `EXCEPT`", "the condition in each query" => {
        let union = "SELECT title FROM task UNION SELECT body FROM comment";
        let except = "SELECT title FROM task EXCEPT SELECT title FROM task WHERE id = 1";
        let union = texts(&db.query_all_raw(world.sql(union)).await?)?;
        [union, texts(&db.query_all_raw(world.sql(except)).await?)?].concat()
    }
    "a derived table", "the condition in it" => {
        let sql = "SELECT d.title FROM (SELECT title FROM task) AS d";
        texts(&db.query_all_raw(world.sql(sql)).await?)?
    }
    "a window function", "the condition" => {
        let sql = "SELECT CONCAT(title, ' ', ROW_NUMBER() OVER (ORDER BY id), ' of ', COUNT(*) OVER ()) FROM task";
        texts(&db.query_all_raw(world.sql(sql)).await?)?
    }
    "`EXISTS`, `IN`, a sub-select as a column", "the condition in each query" => {
        let mut found = Vec::new();
        for sql in [
            "SELECT title FROM task t WHERE EXISTS (SELECT 1 FROM comment c WHERE c.task_id = t.id)",
            "SELECT title FROM task WHERE id NOT IN (SELECT task_id FROM comment)",
            "SELECT CONCAT(title, (SELECT COUNT(*) FROM comment c WHERE c.task_id = t.id)) FROM task t",
        ] {
            found.extend(texts(&db.query_all_raw(world.sql(sql)).await?)?);
        }
        found
    }
    "CREATE TABLE … AS SELECT", "the condition" => {
        db.execute_unprepared("CREATE TABLE copied AS SELECT title FROM task").await?;
        let copied = db.query_all_raw(world.sql("SELECT title FROM copied")).await?;
        db.execute_unprepared("DROP TABLE copied").await?;
        texts(&copied)?
    }
}

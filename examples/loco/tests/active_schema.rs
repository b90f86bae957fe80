//! The application on PostgreSQL through views of active rows, as `config/active.yaml` has it, where `POSTGRES_URL` names a server.

mod app;

use loco_rs::prelude::*;
use notes::models::{notebooks::Notebooks, notes::Entity as Note};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use soft_delete::schema::ActiveSchema;

use app::{
    active_config, on_active_schema,
    requests::notebooks::{note, notebook},
};
use axum_test::TestServer;

async fn request<F, Fut>(test: F)
where
    F: FnOnce(TestServer, AppContext) -> Fut,
    Fut: Future<Output = ()>,
{
    if let Some((server, ctx)) = on_active_schema().await {
        test(server, ctx).await;
    }
}

#[derive(FromQueryResult)]
struct Count {
    rows: i64,
}

/// What the views are for: code that knows nothing of deleted rows.
#[tokio::test]
async fn relations_and_raw_sql_see_active_rows() {
    let Some((request, ctx)) = on_active_schema().await else {
        return;
    };
    let work = notebook(&request, "work").await;
    let first = note(&request, work, "first").await;
    note(&request, work, "second").await;
    request
        .delete(&format!("/api/notes/{first}"))
        .await
        .assert_status_ok();

    let joined = Notebooks::find()
        .find_with_related(Note)
        .all(&ctx.db)
        .await
        .unwrap();
    assert_eq!(joined[0].1.len(), 1);
    let sql = Statement::from_string(DbBackend::Postgres, "SELECT COUNT(*) AS rows FROM notes");
    let count = Count::find_by_statement(sql).one(&ctx.db).await.unwrap();
    assert_eq!(count.map(|it| it.rows), Some(1));
    let generic = first_page::<Note>(&ctx).await;
    assert_eq!(generic, 1);
    assert_eq!(Note::with_deleted().all(&ctx.db).await.unwrap().len(), 2);
}

/// Loco's own pagination of any entity.
async fn first_page<E>(ctx: &AppContext) -> u64
where
    E: EntityTrait,
    E::Model: Sync,
{
    let first = query::PaginationQuery::default();
    let page = query::paginate(&ctx.db, E::find(), None, &first).await;
    page.unwrap().meta.total_items
}

#[tokio::test]
async fn the_configuration_has_the_url_of_the_views() {
    let config = active_config().await;
    let (plain, _) = config.database.uri.split_once('?').unwrap();
    let url = ActiveSchema::named("active").url(plain).unwrap();
    assert_eq!(config.database.uri, url);
    assert!(config.scheduler.unwrap().jobs.contains_key("purge"));
}

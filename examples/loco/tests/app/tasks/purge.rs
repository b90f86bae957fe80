use axum_test::TestServer;
use chrono::{TimeDelta, Utc};
use loco_rs::{app::AppContext, boot::run_task, task};
use notes::{app::App, models::notebooks::Notebooks};

use crate::app::{
    requests::notebooks::{note, notebook},
    tests,
};

tests! {
    what_has_expired_is_removed,
}

async fn what_has_expired_is_removed(request: TestServer, ctx: AppContext) {
    let old = notebook(&request, "old").await;
    note(&request, old, "old").await;
    let recent = notebook(&request, "recent").await;
    let long_ago = Utc::now() - TimeDelta::days(31);
    Notebooks::delete_by_id(old)
        .at(long_ago)
        .exec(&ctx.db)
        .await
        .unwrap();
    Notebooks::delete_by_id(recent).exec(&ctx.db).await.unwrap();

    let purge = "purge".to_owned();
    run_task::<App>(&ctx, Some(&purge), &task::Vars::default())
        .await
        .unwrap();
    let left = Notebooks::with_deleted().all(&ctx.db).await.unwrap();
    assert_eq!(left.iter().map(|it| it.id).collect::<Vec<_>>(), [recent]);
}

use axum_test::TestServer;
use loco_rs::{app::AppContext, prelude::data};
use serde_json::Value;

use super::notebooks::{note, notebook};
use crate::app::tests;

tests! {
    a_note_is_deleted_and_restored,
    a_note_of_a_deleted_notebook_is_a_conflict,
}

async fn a_note_is_deleted_and_restored(request: TestServer, _: AppContext) {
    let work = notebook(&request, "work").await;
    let note = note(&request, work, "idea").await;
    let path = format!("/api/notes/{note}");
    request.delete(&path).await.assert_status_ok();
    request.get(&path).await.assert_status_not_found();
    let trash: Value = request.get("/api/notes/trash").await.json();
    assert_eq!(trash[0]["title"], "idea");

    let restored = request.post(&format!("{path}/restore")).await;
    assert_eq!(restored.json::<Value>(), data!({ "rows": 1 }));
    request.get(&path).await.assert_status_ok();
}

async fn a_note_of_a_deleted_notebook_is_a_conflict(request: TestServer, _: AppContext) {
    let work = notebook(&request, "work").await;
    let note = note(&request, work, "idea").await;
    request
        .delete(&format!("/api/notebooks/{work}"))
        .await
        .assert_status_ok();
    let trash: Value = request.get("/api/notes/trash").await.json();
    assert_eq!(trash, data!([]));

    let refused = request.post(&format!("/api/notes/{note}/restore")).await;
    assert_eq!(refused.status_code(), 409);
    let parent = data!({ "error": "parent_deleted", "errors": ["notebooks"] });
    assert_eq!(refused.json::<Value>(), parent);
}

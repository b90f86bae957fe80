use axum_test::TestServer;
use loco_rs::{app::AppContext, prelude::data};
use serde_json::Value;

use crate::app::tests;

tests! {
    a_notebook_is_deleted_with_its_notes,
    a_delete_is_undone,
    the_trash_lists_notebooks,
    a_name_that_was_taken_meanwhile_is_a_conflict,
    what_does_not_exist_is_not_found,
    nothing_is_written_into_a_deleted_notebook,
}

async fn a_notebook_is_deleted_with_its_notes(request: TestServer, _: AppContext) {
    let work = notebook(&request, "work").await;
    note(&request, work, "kept").await;
    let path = format!("/api/notebooks/{work}");
    let shown: Value = request.get(&path).await.json();
    assert_eq!(shown["notes"][0]["title"], "kept");

    let deleted: Value = request.delete(&path).await.json();
    assert_eq!(deleted["rows"], 2);
    request.get(&path).await.assert_status_not_found();
    let listed: Value = request.get("/api/notebooks").await.json();
    assert_eq!(listed, data!({ "results": [], "total_items": 0 }));

    let again: Value = request.delete(&path).await.json();
    assert_eq!(again["rows"], 0);
}

async fn a_delete_is_undone(request: TestServer, _: AppContext) {
    let work = notebook(&request, "work").await;
    let kept = note(&request, work, "kept").await;
    let earlier = note(&request, work, "deleted earlier").await;
    request
        .delete(&format!("/api/notes/{earlier}"))
        .await
        .assert_status_ok();
    let deleted: Value = request
        .delete(&format!("/api/notebooks/{work}"))
        .await
        .json();

    let undo = format!("/api/deletions/{}/undo", deleted["undo"].as_str().unwrap());
    let restored: Value = request.post(&undo).await.json();
    assert_eq!(restored["rows"], 2);
    request
        .get(&format!("/api/notes/{kept}"))
        .await
        .assert_status_ok();
    request
        .get(&format!("/api/notes/{earlier}"))
        .await
        .assert_status_not_found();
}

async fn the_trash_lists_notebooks(request: TestServer, _: AppContext) {
    let work = notebook(&request, "work").await;
    notebook(&request, "home").await;
    request
        .delete(&format!("/api/notebooks/{work}"))
        .await
        .assert_status_ok();
    let trash: Value = request.get("/api/notebooks/trash").await.json();
    let names: Vec<_> = trash
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["work"]);

    let restored = request
        .post(&format!("/api/notebooks/{work}/restore"))
        .await;
    assert_eq!(restored.json::<Value>(), data!({ "rows": 1 }));
}

async fn a_name_that_was_taken_meanwhile_is_a_conflict(request: TestServer, _: AppContext) {
    let old = notebook(&request, "work").await;
    request
        .delete(&format!("/api/notebooks/{old}"))
        .await
        .assert_status_ok();
    notebook(&request, "work").await;
    let refused = request.post(&format!("/api/notebooks/{old}/restore")).await;
    assert_eq!(refused.status_code(), 409);
    let taken = data!({ "error": "taken", "errors": ["name"] });
    assert_eq!(refused.json::<Value>(), taken);
}

async fn what_does_not_exist_is_not_found(request: TestServer, _: AppContext) {
    request
        .get("/api/notebooks/99")
        .await
        .assert_status_not_found();
    request
        .delete("/api/notebooks/99")
        .await
        .assert_status_not_found();
    request
        .post("/api/notebooks/99/restore")
        .await
        .assert_status_not_found();
    let unknown = "/api/deletions/00000000-0000-7000-8000-000000000000/undo";
    request.post(unknown).await.assert_status_not_found();
}

async fn nothing_is_written_into_a_deleted_notebook(request: TestServer, _: AppContext) {
    let work = notebook(&request, "work").await;
    request
        .delete(&format!("/api/notebooks/{work}"))
        .await
        .assert_status_ok();
    let note = data!({ "notebook_id": work, "title": "late" });
    let refused = request.post("/api/notes").json(&note).await;
    assert_eq!(refused.status_code(), 500);
}

pub async fn notebook(request: &TestServer, name: &str) -> i64 {
    let created = request
        .post("/api/notebooks")
        .json(&data!({ "name": name }))
        .await;
    created.json::<Value>()["id"].as_i64().unwrap()
}

pub async fn note(request: &TestServer, notebook: i64, title: &str) -> i64 {
    let note = data!({ "notebook_id": notebook, "title": title });
    let created = request.post("/api/notes").json(&note).await;
    created.json::<Value>()["id"].as_i64().unwrap()
}

//! What deleting and restoring mean over HTTP.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use reqwest::Method;
use serde_json::json;
use support::{ADMIN, Answer, Backend, MEMBER, SUPPORT, World, on_both};

on_both! {
    async fn a_delete_is_idempotent(world: &World) {
        let path = format!("/projects/{}", world.new_project("alpha").await);
        assert!(world.delete(ADMIN, &path).await.is(204).is_null());
        let first = world.get(ADMIN, &path).await.body["deletion"].clone();
        world.delete(ADMIN, &path).await.is(204);
        let gone = world.get(ADMIN, &path).await;
        assert_eq!(gone.is_problem(410, "gone")["deletion"], first, "the first stamp stays");
        world.delete(ADMIN, "/projects/4711").await.is_problem(404, "not-found");
        world.delete(ADMIN, "/projects/0").await.is_problem(404, "not-found");
        world.delete(ADMIN, "/projects/one").await.is_problem(404, "not-found");
    }

    async fn a_delete_tells_what_it_took_if_asked(world: &World) {
        let request = world
            .request(ADMIN, Method::DELETE, "/projects/1?reason=over")
            .header("prefer", "respond-async, return=representation");
        let answer = Answer::of(request).await;
        let deletion = answer.is(200);
        assert_eq!(answer.header("preference-applied"), "return=representation");
        assert_eq!(deletion["outcome"], "deleted");
        assert_eq!(deletion["rows"], json!([
            { "type": "project", "rows": 1 }, { "type": "task", "rows": 3 }, { "type": "comment", "rows": 6 },
        ]));
        let undo = deletion["links"]["undo"].as_str().unwrap().trim_start_matches("/api/v1").to_owned();

        let again = Answer::of(
            world.request(ADMIN, Method::DELETE, "/projects/1").header("prefer", "return=representation"),
        ).await;
        assert_eq!(again.is(200)["outcome"], "already_deleted");
        assert_eq!(again.body["id"], deletion["id"]);

        let gone = world.get(ADMIN, "/projects/1").await;
        assert_eq!(gone.body["deletion"]["reason"], "over");
        assert_eq!(gone.body["deletion"]["deleted_by"], 1, "the caller");
        assert_eq!(world.post(ADMIN, &undo, json!({})).await.is(200)["rows"], deletion["rows"]);
        world.get(ADMIN, "/projects/1").await.is(200);
        world.post(ADMIN, &undo, json!({})).await.is_problem(404, "not-found");
    }

    async fn a_restore_brings_back_what_that_delete_took(world: &World) {
        world.delete(ADMIN, "/tasks/1").await.is(204);
        world.delete(ADMIN, "/projects/1").await.is(204);
        let restored = world.post(ADMIN, "/projects/1/restore", json!({})).await;
        assert_eq!(restored.is(200)["rows"], json!([
            { "type": "project", "rows": 1 }, { "type": "task", "rows": 2 }, { "type": "comment", "rows": 4 },
        ]));
        world.get(ADMIN, "/tasks/1").await.is_problem(410, "gone");
        world.post(ADMIN, "/projects/1/restore", json!({})).await.is(204);
        // Without a body, too.
        let bare = world.request(ADMIN, Method::POST, "/tasks/1/restore");
        assert_eq!(Answer::of(bare).await.is(200)["rows"][0]["type"], "task");
        world.post(ADMIN, "/tasks/4711/restore", json!({})).await.is_problem(404, "not-found");
    }

    async fn a_restore_below_something_deleted_is_a_conflict(world: &World) {
        world.delete(ADMIN, "/tasks/1").await.is(204);
        world.delete(ADMIN, "/projects/1").await.is(204);
        let refused = world.post(ADMIN, "/tasks/1/restore", json!({})).await;
        let parents = &refused.is_problem(409, "parent-deleted")["parents"];
        assert_eq!(parents, &json!([{
            "type": "task", "id": 1, "relation": "Project",
            "parent": {
                "type": "project", "id": 1,
                "links": { "self": "/api/v1/projects/1", "restore": "/api/v1/projects/1/restore" },
            },
        }]));
        let plan = world.get(ADMIN, "/tasks/1/restore-plan").await;
        assert_eq!(plan.is(200)["allowed"], false);
        assert_eq!(&plan.body["parents"], parents);
        let body = json!({ "with_parents": true });
        assert_eq!(world.post(ADMIN, "/tasks/1/restore", body).await.is(200)["rows"], json!([
            { "type": "project", "rows": 1 }, { "type": "task", "rows": 1 }, { "type": "comment", "rows": 2 },
        ]));
        world.get(ADMIN, "/tasks/2").await.is_problem(410, "gone");
    }

    async fn a_taken_slug_is_a_conflict_with_choices(world: &World) {
        let old = world.new_project("alpha").await;
        world.delete(ADMIN, &format!("/projects/{old}")).await.is(204);
        let new = world.new_project("alpha").await;
        let restore = format!("/projects/{old}/restore");

        let refused = world.post(ADMIN, &restore, json!({})).await;
        assert_eq!(refused.is_problem(409, "restore-conflict")["conflicts"], json!([{
            "type": "project", "id": old, "values": { "slug": "alpha", "workspace_id": "1" },
            "holder": { "id": new, "active": true, "links": { "self": format!("/api/v1/projects/{new}") } },
            "links": { "self": format!("/api/v1/projects/{old}") },
        }]));
        world.get(ADMIN, &format!("/projects/{old}")).await.is_problem(410, "gone");

        let skipped = world.post(ADMIN, &restore, json!({ "on_conflict": "skip" })).await;
        assert_eq!(skipped.is(200)["skipped"], json!([{ "type": "project", "rows": 1 }]));

        let renamed = world.post(ADMIN, &restore, json!({ "on_conflict": "rename" })).await;
        renamed.is(200);
        let row = world.get(ADMIN, &format!("/projects/{old}")).await;
        assert_eq!(row.is(200)["slug"], "alpha-restored");

        world.delete(ADMIN, &format!("/projects/{new}")).await.is(204);
        let newer = world.new_project("alpha").await;
        let replaced = world
            .post(ADMIN, &format!("/projects/{new}/restore"), json!({ "on_conflict": "replace" }))
            .await;
        assert_eq!(replaced.is(200)["replaced"][0]["rows"], json!([{ "type": "project", "rows": 1 }]));
        world.get(ADMIN, &format!("/projects/{newer}")).await.is_problem(410, "gone");
        assert_eq!(world.get(ADMIN, &format!("/projects/{new}")).await.is(200)["slug"], "alpha");
    }

    async fn an_undo_has_the_same_choices(world: &World) {
        let old = world.new_project("alpha").await;
        let deletion = world.delete_for_its_id(ADMIN, &format!("/projects/{old}")).await;
        world.new_project("alpha").await;
        let undo = format!("/trash/{deletion}/undo");
        world.post(ADMIN, &undo, json!({})).await.is_problem(409, "restore-conflict");
        let renamed = world.post(ADMIN, &undo, json!({ "on_conflict": "rename" })).await;
        assert_eq!(renamed.is(200)["rows"], json!([{ "type": "project", "rows": 1 }]));
    }

    async fn a_member_with_comments_is_kept(world: &World) {
        let refused = world.delete(ADMIN, "/members/2").await;
        let blockers = &refused.is_problem(409, "delete-restricted")["blockers"];
        assert_eq!(blockers[0]["type"], "comment");
        assert_eq!(blockers[0]["rows"], 6);
        assert_eq!(blockers[0]["links"][0], "/api/v1/comments/7");
        let plan = world.get(ADMIN, "/members/2/delete-plan").await;
        assert_eq!(plan.is(200)["allowed"], false);
        assert_eq!(&plan.body["blockers"], blockers);
        assert_eq!(plan.body["set_null"], json!([{ "type": "task", "relation": "Member", "rows": 3 }]));
    }

    async fn deleting_a_member_unassigns_their_tasks(world: &World) {
        let task = world.new_task(ADMIN, 1, "paint it").await;
        let path = format!("/tasks/{task}");
        world.patch(ADMIN, &path, json!({ "assignee_id": 3 })).await.is(200);
        world.delete(ADMIN, "/members/3").await.is(204);
        assert!(world.get(ADMIN, &path).await.is(200)["assignee_id"].is_null());
        // And nobody is assigned who is gone.
        let refused = world.patch(ADMIN, &path, json!({ "assignee_id": 3 })).await;
        assert_eq!(refused.is_problem(422, "invalid")["errors"][0]["pointer"], "/assignee_id");
    }

    async fn a_deleted_workspace_takes_all_of_it_and_its_members_tokens(world: &World) {
        let deletion = world.delete_for_its_id(SUPPORT, "/workspaces/1").await;
        world.get(ADMIN, "/me").await.is_problem(401, "unauthorized");
        let trashed = world.get(SUPPORT, &format!("/trash/{deletion}")).await;
        assert_eq!(trashed.is(200)["items"].as_array().unwrap().len(), 1);
        assert_eq!(trashed.body["rows"], json!([
            { "type": "workspace", "rows": 1 }, { "type": "project", "rows": 2 }, { "type": "task", "rows": 6 },
            { "type": "comment", "rows": 12 }, { "type": "member", "rows": 3 },
        ]));
        world.post(SUPPORT, &format!("/trash/{deletion}/undo"), json!({})).await.is(200);
        world.get(ADMIN, "/me").await.is(200);
        // What was in the trash before is there still.
        world.get(ADMIN, "/projects/3").await.is_problem(410, "gone");
    }

    async fn what_others_changed_is_not_undone_unseen(world: &World) {
        let path = format!("/projects/{}", world.new_project("alpha").await);
        let if_match = |method: Method, path: &str, etag: &str| {
            Answer::of(world.request(ADMIN, method, path).header("if-match", etag))
        };
        let seen = world.get(ADMIN, &path).await.header("etag").to_owned();
        world.patch(ADMIN, &path, json!({ "name": "changed" })).await.is(200);
        if_match(Method::DELETE, &path, &seen).await.is_problem(412, "precondition-failed");
        let seen = world.get(ADMIN, &path).await.header("etag").to_owned();
        if_match(Method::DELETE, &path, &format!("\"other\", {seen}")).await.is(204);
        // The same request again: what it asks for is so.
        if_match(Method::DELETE, &path, &seen).await.is(204);

        let restore = format!("{path}/restore");
        if_match(Method::POST, &restore, &seen).await.is_problem(412, "precondition-failed");
        let trash = world.get(ADMIN, "/trash?q=changed").await;
        let seen = trash.is(200)["items"][0]["etag"].as_str().unwrap().to_owned();
        if_match(Method::POST, &restore, &seen).await.is(200);

        let stale = world
            .request(ADMIN, Method::PATCH, &path)
            .header("if-match", &seen)
            .json(&json!({ "name": "again" }));
        Answer::of(stale).await.is_problem(412, "precondition-failed");
    }

    async fn a_deleted_thing_is_nowhere(world: &World) {
        world.delete(ADMIN, "/projects/1").await.is(204);
        world.get(MEMBER, "/projects/1").await.is_problem(404, "not-found");
        world.get(MEMBER, "/tasks/1").await.is_problem(404, "not-found");
        assert_eq!(world.get(MEMBER, "/tasks?project_id=1").await.is(200)["total"], 0);
        assert_eq!(world.get(MEMBER, "/comments?task_id=1").await.is(200)["total"], 0);
        world.patch(MEMBER, "/projects/1", json!({ "name": "x" })).await.is_problem(404, "not-found");
        world.patch(ADMIN, "/projects/1", json!({ "name": "x" })).await.is_problem(410, "gone");
        let body = json!({ "project_id": 1, "title": "below nothing" });
        let refused = world.post(MEMBER, "/tasks", body).await;
        assert_eq!(refused.is_problem(422, "invalid")["errors"][0]["pointer"], "/project_id");

        let all = world.get(ADMIN, "/projects?include_deleted=true").await;
        let states: Vec<_> = all.is(200)["items"].as_array().unwrap().iter()
            .map(|item| (item["id"].as_i64().unwrap(), item["deletion"].is_null())).collect();
        assert_eq!(states, [(1, false), (2, true), (3, false)]);
        // The slug is free again.
        world.new_project("website").await;
    }

    async fn the_trash_is_searched_and_paged(world: &World) {
        for name in ["one 100%", "two", "three"] {
            let task = world.new_task(ADMIN, 1, name).await;
            world.delete(ADMIN, &format!("/tasks/{task}?reason=done")).await.is(204);
        }
        world.delete(SUPPORT, "/workspaces/2").await.is(204);
        let titles = |answer: &Answer| -> Vec<String> {
            let items = answer.is(200)["items"].as_array().unwrap();
            items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
        };
        let all = world.get(ADMIN, "/trash").await;
        assert_eq!(titles(&all), ["three", "two", "one 100%", "Archive of 2025"]);
        assert_eq!(titles(&world.get(SUPPORT, "/trash?per_page=2").await), ["Globex", "three"]);
        assert_eq!(titles(&world.get(SUPPORT, "/trash?per_page=2&page=3").await), ["Archive of 2025"]);
        assert_eq!(titles(&world.get(SUPPORT, "/trash?workspace_id=2").await), ["Globex"]);
        assert_eq!(titles(&world.get(ADMIN, "/trash?type=project").await), ["Archive of 2025"]);
        assert_eq!(titles(&world.get(ADMIN, "/trash?q=100%25").await), ["one 100%"]);
        assert_eq!(titles(&world.get(ADMIN, "/trash?q=_w_").await), [""; 0], "_ means itself");
        assert_eq!(titles(&world.get(ADMIN, "/trash?deleted_by=2").await), [""; 0]);
        let moment = all.body["items"][1]["deletion"]["deleted_at"].as_str().unwrap();
        assert_eq!(titles(&world.get(ADMIN, &format!("/trash?since={moment}")).await), ["three", "two"]);
        assert_eq!(titles(&world.get(ADMIN, &format!("/trash?until={moment}")).await), ["one 100%", "Archive of 2025"]);
        let item = &all.body["items"][0];
        assert_eq!(item["deletion"]["reason"], "done");
        let purged = chrono::DateTime::parse_from_rfc3339(item["purge_at"].as_str().unwrap()).unwrap();
        let deleted = chrono::DateTime::parse_from_rfc3339(item["deletion"]["deleted_at"].as_str().unwrap()).unwrap();
        assert_eq!((purged - deleted).num_days(), 30);
    }

    async fn what_is_removed_for_good_is_gone_with_all_below_it(world: &World) {
        world.delete(ADMIN, "/tasks/1").await.is(204);
        let deletion = world.delete_for_its_id(ADMIN, "/projects/1").await;
        let path = format!("/trash/{deletion}");
        world.delete(ADMIN, &path).await.is(204);
        for gone in ["/projects/1", "/tasks/1", "/tasks/2", "/comments/1"] {
            world.get(ADMIN, gone).await.is_problem(404, "not-found");
        }
        world.delete(ADMIN, &path).await.is_problem(404, "not-found");
        world.get(ADMIN, &path).await.is_problem(404, "not-found");
        // A deletion that was taken back removes nothing.
        let deletion = world.delete_for_its_id(ADMIN, "/projects/2").await;
        world.post(ADMIN, &format!("/trash/{deletion}/undo"), json!({})).await.is(200);
        world.delete(ADMIN, &format!("/trash/{deletion}")).await.is_problem(404, "not-found");
        world.get(ADMIN, "/projects/2").await.is(200);
    }

    /// A task may come in while its project is deleted, but then it is taken along or refused, and never left behind.
    async fn nothing_active_is_left_below_a_deleted_project(world: &World) {
        for round in 0..8 {
            let project = world.new_project(&format!("race-{round}")).await;
            let body = json!({ "project_id": project, "title": "late" });
            let path = format!("/projects/{project}");
            let (created, deleted, again) = tokio::join!(
                world.post(MEMBER, "/tasks", body.clone()),
                world.delete(ADMIN, &path),
                world.post(MEMBER, "/tasks", body.clone()),
            );
            deleted.is(204);
            for answer in [&created, &again] {
                assert!([201, 422].contains(&answer.status.as_u16()), "{}", answer.body);
            }
            let left = world.get(ADMIN, &format!("/tasks?project_id={project}")).await;
            assert_eq!(left.is(200)["total"], 0);
        }
    }
}

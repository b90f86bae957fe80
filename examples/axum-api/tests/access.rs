//! Who may do what: every boundary, from outside.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{ADMIN, Answer, Backend, MEMBER, SUPPORT, World, on_both};

/// What a request by each of the three gives.
struct Boundary {
    method: Method,
    path: &'static str,
    body: Value,
    member: u16,
    admin: u16,
    support: u16,
}

fn boundary(
    method: Method,
    path: &'static str,
    body: Value,
    [member, admin, support]: [u16; 3],
) -> Boundary {
    Boundary {
        method,
        path,
        body,
        member,
        admin,
        support,
    }
}

/// Project 3 is in the trash. Project 4, task 10 and comment 19 are of another workspace than the member's and the admin's.
/// Tasks 1 to 3 are the admin's, 4 to 6 the member's. Nothing here is left changed but by the last of the three.
fn boundaries() -> Vec<Boundary> {
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let none = || Value::Null;
    let mut all = Vec::new();
    for path in [
        "/me",
        "/projects",
        "/projects/1",
        "/tasks",
        "/comments",
        "/members",
        "/workspaces",
        "/workspaces/1",
    ] {
        all.push(boundary(get.clone(), path, none(), [200, 200, 200]));
    }
    // Of another workspace: not there, and never 403.
    for path in [
        "/projects/4",
        "/tasks/10",
        "/comments/19",
        "/members/4",
        "/workspaces/2",
        "/projects/4/delete-plan",
    ] {
        let support = if path.ends_with("plan") { 403 } else { 200 };
        all.push(boundary(get.clone(), path, none(), [404, 404, support]));
    }
    all.push(boundary(get.clone(), "/members/5", none(), [404, 404, 200]));
    all.push(boundary(
        patch.clone(),
        "/projects/4",
        json!({}),
        [404, 404, 403],
    ));
    all.push(boundary(
        delete.clone(),
        "/projects/4",
        none(),
        [404, 404, 403],
    ));
    all.push(boundary(
        post.clone(),
        "/projects/4/restore",
        json!({}),
        [404, 404, 204],
    ));
    // The trash.
    all.push(boundary(get.clone(), "/trash", none(), [403, 200, 200]));
    all.push(boundary(
        get.clone(),
        "/projects?include_deleted=true",
        none(),
        [403, 200, 403],
    ));
    all.push(boundary(
        get.clone(),
        "/projects/3",
        none(),
        [404, 410, 410],
    ));
    all.push(boundary(
        get.clone(),
        "/projects/3/restore-plan",
        none(),
        [404, 200, 200],
    ));
    all.push(boundary(
        delete.clone(),
        "/projects/3",
        none(),
        [404, 204, 204],
    ));
    all.push(boundary(
        get.clone(),
        "/trash/00000000-0000-0000-0000-000000000000",
        none(),
        [404, 404, 404],
    ));
    all.push(boundary(
        delete.clone(),
        "/trash/00000000-0000-0000-0000-000000000000",
        none(),
        [404, 404, 404],
    ));
    // Creating.
    let project = |slug: &str| json!({ "workspace_id": 1, "slug": slug, "name": "P" });
    all.push(boundary(
        post.clone(),
        "/projects",
        project("website"),
        [409, 409, 403],
    ));
    all.push(boundary(
        post.clone(),
        "/projects",
        json!({ "workspace_id": 2, "slug": "x", "name": "P" }),
        [422, 422, 403],
    ));
    all.push(boundary(
        post.clone(),
        "/tasks",
        json!({ "project_id": 4, "title": "T" }),
        [422, 422, 403],
    ));
    all.push(boundary(
        post.clone(),
        "/comments",
        json!({ "task_id": 10, "body": "B" }),
        [422, 422, 403],
    ));
    all.push(boundary(
        post.clone(),
        "/workspaces",
        json!({ "slug": "acme", "name": "A" }),
        [403, 403, 409],
    ));
    let member = |role: &str| json!({ "workspace_id": 1, "name": "N", "email": "ada@example.com", "role": role });
    all.push(boundary(
        post.clone(),
        "/members",
        member("member"),
        [403, 409, 409],
    ));
    let support = json!({ "name": "N", "email": "ada@example.com", "role": "support" });
    all.push(boundary(post.clone(), "/members", support, [403, 403, 409]));
    // Changing.
    all.push(boundary(
        patch.clone(),
        "/projects/1",
        json!({}),
        [200, 200, 403],
    ));
    all.push(boundary(
        patch.clone(),
        "/tasks/1",
        json!({}),
        [200, 200, 403],
    ));
    all.push(boundary(
        patch.clone(),
        "/comments/1",
        json!({}),
        [403, 200, 403],
    ));
    all.push(boundary(
        patch.clone(),
        "/comments/7",
        json!({}),
        [200, 200, 403],
    ));
    all.push(boundary(
        patch.clone(),
        "/members/2",
        json!({}),
        [403, 200, 403],
    ));
    all.push(boundary(
        patch.clone(),
        "/members/2",
        json!({ "role": "support" }),
        [403, 403, 403],
    ));
    all.push(boundary(
        patch.clone(),
        "/workspaces/1",
        json!({}),
        [403, 200, 200],
    ));
    all.push(boundary(
        post.clone(),
        "/members/5/token",
        none(),
        [404, 404, 201],
    ));
    all.push(boundary(
        post.clone(),
        "/members/3/token",
        none(),
        [403, 201, 201],
    ));
    // Deleting. Nobody deletes themselves.
    all.push(boundary(
        get.clone(),
        "/tasks/1/delete-plan",
        none(),
        [403, 200, 403],
    ));
    all.push(boundary(
        get.clone(),
        "/tasks/4/delete-plan",
        none(),
        [200, 200, 403],
    ));
    all.push(boundary(
        delete.clone(),
        "/workspaces/1",
        none(),
        [403, 403, 204],
    ));
    all
}

on_both! {
    async fn every_boundary_holds(world: &World) {
        for Boundary { method, path, body, member, admin, support } in boundaries() {
            // The support's own token is void after it was given a new one, and the workspace's deletion ends the others'.
            for (token, wanted) in [(MEMBER, member), (ADMIN, admin), (SUPPORT, support)] {
                let mut request = world.request(token, method.clone(), path);
                if !body.is_null() {
                    request = request.json(&body);
                }
                let token = if path == "/members/5/token" && token == SUPPORT { continue } else { token };
                let answer = Answer::of(request).await;
                assert_eq!(answer.status.as_u16(), wanted, "{method} {path} by {token}: {}", answer.body);
            }
        }
    }

    async fn without_a_known_token_there_is_nothing(world: &World) {
        for header in [None, Some("Bearer wrong"), Some("Bearer "), Some("Basic YTpi"), Some("demo-admin-token")] {
            for path in ["/me", "/projects", "/projects/1", "/projects/4711", "/trash"] {
                let mut request = reqwest::Client::new().get(format!("{}/api/v1{path}", world.base));
                if let Some(header) = header {
                    request = request.header("authorization", header);
                }
                let answer = Answer::of(request).await;
                answer.is_problem(401, "unauthorized");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
        }
    }

    async fn members_take_back_what_they_deleted_and_nothing_else(world: &World) {
        let task = world.new_task(MEMBER, 1, "mine").await;
        let mine = world.delete_for_its_id(MEMBER, &format!("/tasks/{task}")).await;
        world.get(MEMBER, &format!("/trash/{mine}")).await.is(200);
        world.delete(MEMBER, &format!("/trash/{mine}")).await.is_problem(403, "forbidden");
        world.delete(SUPPORT, &format!("/trash/{mine}")).await.is_problem(403, "forbidden");
        world.post(MEMBER, &format!("/trash/{mine}/undo"), json!({})).await.is(200);

        let theirs = world.delete_for_its_id(ADMIN, &format!("/tasks/{task}")).await;
        world.get(MEMBER, &format!("/trash/{theirs}")).await.is_problem(404, "not-found");
        world.post(MEMBER, &format!("/trash/{theirs}/undo"), json!({})).await.is_problem(404, "not-found");
        world.post(MEMBER, &format!("/tasks/{task}/restore"), json!({})).await.is_problem(404, "not-found");
        world.delete(MEMBER, &format!("/trash/{theirs}")).await.is_problem(404, "not-found");
        world.post(SUPPORT, &format!("/trash/{theirs}/undo"), json!({})).await.is(200);
    }

    /// A restore may bring parents back and delete what has the name: only for those who may do that by itself.
    async fn a_restore_does_no_more_than_its_caller_may(world: &World) {
        let project = world.new_project("alpha").await;
        let task = world.new_task(MEMBER, project, "mine").await;
        let mine = world.delete_for_its_id(MEMBER, &format!("/tasks/{task}")).await;
        world.delete(ADMIN, &format!("/projects/{project}")).await.is(204);
        let parents = json!({ "with_parents": true });
        for path in [format!("/tasks/{task}/restore"), format!("/trash/{mine}/undo")] {
            world.post(MEMBER, &path, parents.clone()).await.is_problem(403, "forbidden");
        }
        world.new_project("alpha").await;
        let replace = json!({ "on_conflict": "replace" });
        let path = format!("/projects/{project}/restore");
        world.post(SUPPORT, &path, replace.clone()).await.is_problem(403, "forbidden");
        world.post(ADMIN, &path, replace).await.is(200);
        let newest = world.get(ADMIN, "/trash?type=project&q=alpha").await;
        assert_eq!(newest.is(200)["items"][0]["deletion"]["deleted_by"], 1, "who replaced it");
    }

    /// The address of a deleted member may be that of another workspace's member by now.
    async fn a_restore_deletes_nobody_of_another_workspace(world: &World) {
        let cleo = world.get(ADMIN, "/members/3").await.is(200)["email"].clone();
        world.delete(ADMIN, "/members/3").await.is(204);
        let body = json!({ "workspace_id": 2, "name": "Cleo", "email": cleo, "role": "member" });
        let theirs = world.post(SUPPORT, "/members", body).await.is(201)["id"].as_i64().unwrap();
        let replace = json!({ "on_conflict": "replace" });
        let path = "/members/3/restore";
        for (token, holder) in [(ADMIN, Value::Null), (SUPPORT, json!(theirs))] {
            let refused = world.post(token, path, json!({})).await;
            let conflict = &refused.is_problem(409, "restore-conflict")["conflicts"][0];
            assert_eq!(conflict["values"]["email"], cleo);
            assert_eq!(conflict["holder"]["id"], holder);
            let plan = world.get(token, "/members/3/restore-plan").await;
            assert_eq!(plan.is(200)["conflicts"][0]["holder"]["id"], holder);
            world.post(token, path, replace.clone()).await.is_problem(403, "forbidden");
        }
        world.get(SUPPORT, &format!("/members/{theirs}")).await.is(200);
        let deletion = world.delete_for_its_id(SUPPORT, "/workspaces/1").await;
        let undo = format!("/trash/{deletion}/undo");
        world.post(SUPPORT, &undo, replace).await.is_problem(403, "forbidden");
    }

    async fn the_trash_of_another_workspace_does_not_exist(world: &World) {
        let theirs = world.delete_for_its_id(SUPPORT, "/workspaces/2").await;
        world.get(ADMIN, &format!("/trash/{theirs}")).await.is_problem(404, "not-found");
        world.post(ADMIN, &format!("/trash/{theirs}/undo"), json!({})).await.is_problem(404, "not-found");
        world.delete(ADMIN, &format!("/trash/{theirs}")).await.is_problem(404, "not-found");
        assert_eq!(world.get(ADMIN, "/trash?workspace_id=2").await.is(200)["total"], 0);
    }

    async fn nobody_deletes_themselves_or_changes_their_own_role(world: &World) {
        world.delete(ADMIN, "/members/1").await.is_problem(403, "forbidden");
        let role = |role: &str| json!({ "role": role });
        world.patch(ADMIN, "/members/1", role("member")).await.is_problem(403, "forbidden");
        world.patch(ADMIN, "/members/1", role("admin")).await.is(200);
        world.patch(ADMIN, "/members/2", role("admin")).await.is(200);
    }

    async fn a_new_token_voids_the_old_one(world: &World) {
        let token = world.post(ADMIN, "/members/2/token", json!({})).await;
        let token = token.is(201)["token"].as_str().unwrap().to_owned();
        assert_eq!(token.len(), 64);
        world.get(MEMBER, "/me").await.is_problem(401, "unauthorized");
        assert_eq!(world.get(&token, "/me").await.is(200)["id"], 2);
        let all = world.get(ADMIN, "/members").await;
        assert!(!all.body.to_string().contains("token"), "{}", all.body);
    }

    async fn what_one_may_is_told(world: &World) {
        let mine = world.get(MEMBER, "/me").await;
        assert_eq!(mine.is(200), &json!({
            "id": 2, "name": "Ben", "role": "member", "workspace_id": 1,
            "permissions": {
                "see_trash": false, "include_deleted": false, "restore": false, "force_delete": false,
                "replace": [], "create": ["project", "task", "comment"], "edit": ["project", "task"],
                "edit_own": ["project", "task", "comment"], "delete": [], "delete_own": ["task", "comment"],
            },
        }));
    }
}

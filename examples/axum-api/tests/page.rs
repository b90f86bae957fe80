//! The pages as a browser without JavaScript sees them.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod support;

#[path = "support/browser.rs"]
mod browser;

use axum_api::{
    app::{self, App},
    page::session::Sessions,
};
use browser::{Browser, Visited};
use reqwest::{Method, header};
use serde_json::json;
use support::{ADMIN, Backend, MEMBER, SUPPORT, World, on_both, unlimited};
use tokio::net::TcpListener;

on_both! {
    async fn signing_in_leads_to_where_one_wanted_to_go(world: &World) {
        let browser = Browser::new(world);
        let wanted = browser.open("/trash?q=a%20b&page=2").await;
        assert_eq!(wanted.leads_to(), "/login?next=/trash%3Fq%3Da%2520b%26page%3D2");
        let form = browser.follow(&wanted).await;
        form.is(200);
        let answer = browser.submit(&form, "/login", &[("token", ADMIN)]).await;
        assert_eq!(answer.leads_to(), "/trash?q=a%20b&page=2");

        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains(ADMIN), "{cookie}");
        browser.open("/trash").await.is(200);
        let again = browser.open("/login?next=/trash").await;
        assert_eq!(again.leads_to(), "/trash", "who is signed in is not asked again");
    }

    async fn a_link_on_another_site_finds_the_session(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let stranger = Browser::new(world);
        let request = stranger.request(Method::GET, "/trash?q=a").header("sec-fetch-site", "cross-site");
        let page = Visited::of(request).await;
        page.is(200);
        let on = page.link("0; url=/login").replace("0; url=", "");
        assert_eq!(on, "/login?next=/trash%3Fq%3Da");
        assert_eq!(browser.open(&on).await.leads_to(), "/trash?q=a");
        stranger.open(&on).await.shows("API token");
    }

    async fn sessions_of_one_secret_are_good_in_all_processes(world: &World) {
        let sessions = || Sessions::new(Some("thirty-two-characters-are-enough")).unwrap();
        let (one, other, stranger) = (
            another_server(world, sessions()).await,
            another_server(world, sessions()).await,
            another_server(world, Sessions::default()).await,
        );
        let browser = Browser::at(&one);
        let answer = browser.send("/login", &[("token", ADMIN)]).await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        let open = async |base: &str| {
            let request = Browser::at(base).request(Method::GET, "/trash").header("cookie", cookie);
            Visited::of(request).await
        };
        open(&other).await.is(200);
        open(&stranger).await.leads_to();
    }

    async fn a_wrong_token_is_told(world: &World) {
        let browser = Browser::new(world);
        let answer = browser.send("/login", &[("token", "demo"), ("next", "/trash")]).await;
        assert!(answer.is(422).contains("role=\"alert\""));
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
        assert!(answer.hidden("/login").contains(&("next".into(), "/trash".into())));
        browser.open("/trash").await.leads_to();
        browser.send("/login", &[]).await.is(400);
    }

    async fn no_link_leads_elsewhere(world: &World) {
        let browser = Browser::new(world);
        for next in ["//x.example", "https://x.example", "/\\x.example", "/\t/x.example", ""] {
            let answer = browser.send("/login", &[("token", ADMIN), ("next", next)]).await;
            assert_eq!(answer.leads_to(), "/projects", "{next:?}");
        }
        let asked = browser.open("/projects/1/delete?back=//x.example").await;
        asked.hides("x.example");
        let answer = browser.submit(&asked, "/projects/1/delete", &[("back", "//x.example")]).await;
        assert_eq!(answer.leads_to(), "/projects");
    }

    async fn a_session_ends(world: &World) {
        let browser = Browser::signed_in(world, MEMBER).await;
        browser.open("/logout").await.is(405);
        assert_eq!(browser.send("/logout", &[]).await.leads_to(), "/login");
        assert_eq!(browser.open("/projects").await.leads_to(), "/login?next=/projects");

        let browser = Browser::signed_in(world, MEMBER).await;
        world.post(ADMIN, "/members/2/token", json!({})).await.is(201);
        browser.open("/projects").await.leads_to();

        let forged = Browser::new(world);
        let request = forged.request(Method::GET, "/projects").header("cookie", "session=1.abc");
        Visited::of(request).await.leads_to();
    }

    async fn the_trash_lists_searches_and_narrows(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        world.delete(MEMBER, "/tasks/4?reason=done%20already").await.is(204);
        let all = browser.open("/trash").await;
        all.shows("2 things in the trash");
        all.shows("done already");
        all.shows("by Ben");
        all.shows(">in 29 days</time>");
        let (newer, older) = (all.html.find("Write the first draft"), all.html.find("Archive of 2025"));
        assert!(newer.is_some() && newer < older);

        for (narrowed, shown, hidden) in [
            ("/trash?q=archive", "Archive of 2025", "first draft"),
            ("/trash?type=task&by=&within=&q=", "first draft", "Archive of 2025"),
            ("/trash?by=2&within=day", "first draft", "Archive of 2025"),
        ] {
            let page = browser.open(narrowed).await;
            page.shows(shown);
            page.hides(hidden);
        }
        let none = browser.open("/trash?q=100%25").await;
        none.shows("Nothing in the trash is like that.");
        none.shows("value=\"100%\"");
        for bad in ["/trash?type=row", "/trash?by=ben", "/trash?within=year", "/trash?page=0"] {
            browser.open(bad).await.is(422);
        }
    }

    async fn the_trash_has_pages(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        for n in 0..21 {
            let task = world.new_task(ADMIN, 1, &format!("No. {n}")).await;
            world.delete(ADMIN, &format!("/tasks/{task}")).await.is(204);
        }
        let first = browser.open("/trash?type=task&q=No.").await;
        first.shows("Page 1 of 2");
        first.shows(">No. 20<");
        first.hides(">No. 0<");
        let next = first.link("/trash?page=2").replace("&amp;", "&");
        let second = browser.open(&next).await;
        second.shows(">No. 0<");
        second.shows("rel=\"prev\"");
        second.hides("rel=\"next\"");
        browser.open("/trash?page=9").await.shows("This page is empty.");
    }

    async fn an_empty_trash_says_so(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let deletion = browser.open("/trash").await.link("/trash/0");
        browser.send(&deletion.replace("/restore", "").to_owned(), &[]).await.is(405);
        world.post(ADMIN, "/projects/3/restore", json!({})).await.is(200);
        browser.open("/trash").await.shows("The trash is empty.");
    }

    async fn a_delete_says_what_it_takes_and_can_be_undone(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let list = browser.open("/projects").await;
        let asked = browser.open(&list.link("/projects/1/delete")).await;
        asked.shows("1 project, 3 tasks and 6 comments");
        world.get(ADMIN, "/projects/1").await.is(200);

        let done = browser.submit(&asked, "/projects/1/delete", &[("reason", "over")]).await;
        assert_eq!(done.leads_to(), "/projects");
        let page = browser.follow(&done).await;
        page.shows("“Website” is in the trash: 1 project, 3 tasks and 6 comments.");
        page.shows("aria-live=\"polite\"");
        let gone = world.get(ADMIN, "/projects/1").await;
        assert_eq!(gone.is(410)["deletion"]["reason"], "over");

        let undo = page.link("/trash/0");
        let undone = browser.submit(&page, &undo, &[]).await;
        assert_eq!(undone.leads_to(), "/projects");
        browser.follow(&undone).await.shows("Restored 1 project, 3 tasks and 6 comments.");
        browser.open("/projects").await.hides("Restored");
        world.get(ADMIN, "/projects/1").await.is(200);
        browser.submit(&page, &undo, &[]).await.is(412);
    }

    async fn a_delete_of_what_changed_meanwhile_is_refused(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let asked = browser.open("/projects/1/delete").await;
        world.patch(ADMIN, "/projects/1", json!({ "name": "Other" })).await.is(200);
        let stale = browser.submit(&asked, "/projects/1/delete", &[]).await;
        assert!(stale.is(412).contains("Changed meanwhile"));
        world.get(ADMIN, "/projects/1").await.is(200);
    }

    async fn a_deletion_tells_what_it_took_and_what_comes_back(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let list = browser.open("/trash").await;
        let page = browser.open(&list.link("/trash/0").replace("/restore", "")).await;
        page.shows("“Archive of 2025”");
        for text in ["1 project", "3 tasks", "6 comments", "by Ada", "over"] {
            page.shows(text);
        }
        let action = page.link("/trash/0");
        let done = browser.submit(&page, &action, &[]).await;
        assert_eq!(done.leads_to(), "/trash");
        world.get(ADMIN, "/projects/3").await.is(200);
        browser.open("/trash/00000000-0000-0000-0000-000000000000").await.is(404);
        browser.open("/trash/x").await.is(404);
    }

    async fn a_conflict_asks_and_renames(world: &World) {
        let (browser, asked, action) = conflict(world).await;
        asked.shows("archive-restored");
        let done = browser.submit(&asked, &action, &[("on_conflict", "rename")]).await;
        browser.follow(&done).await.shows("Restored 1 project, 3 tasks and 6 comments.");
        assert_eq!(world.get(ADMIN, "/projects/3").await.is(200)["slug"], "archive-restored");
    }

    async fn a_conflict_asks_and_replaces(world: &World) {
        let (browser, asked, action) = conflict(world).await;
        let done = browser.submit(&asked, &action, &[("on_conflict", "replace")]).await;
        browser.follow(&done).await.shows("Replaced, and now in the trash: 1 project.");
        assert_eq!(world.get(ADMIN, "/projects/3").await.is(200)["slug"], "archive");
        world.get(ADMIN, "/projects/5").await.is(410);
    }

    async fn a_replace_is_offered_to_those_who_may_delete(world: &World) {
        let (_, asked, action) = conflict(world).await;
        asked.shows("Replace");
        let support = Browser::signed_in(world, SUPPORT).await;
        let asked = support.open(&action).await;
        asked.shows("Rename");
        asked.hides("Replace");
    }

    async fn a_conflict_asks_and_skips(world: &World) {
        let (browser, asked, action) = conflict(world).await;
        let done = browser.submit(&asked, &action, &[("on_conflict", "skip")]).await;
        browser.follow(&done).await.shows("Left in the trash:");
        world.get(ADMIN, "/projects/3").await.is(410);
        browser.submit(&asked, &action, &[("on_conflict", "else")]).await.is(400);
    }

    async fn a_deleted_parent_can_come_back_too(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let task = world.delete_for_its_id(ADMIN, "/tasks/1").await;
        let project = world.delete_for_its_id(ADMIN, "/projects/1").await;
        let page = browser.open(&format!("/trash/{task}")).await;
        page.shows("belongs to the project");
        page.shows(&format!("href=\"/trash/{project}\""));
        let action = format!("/trash/{task}/restore");
        let asked = browser.open(&action).await;
        asked.shows("Restore the parents too");
        let done = browser.submit(&asked, &action, &[]).await;
        browser.follow(&done).await.shows("Restored");
        world.get(ADMIN, "/projects/1").await.is(200);
        world.get(ADMIN, "/tasks/1").await.is(200);
        world.get(ADMIN, "/tasks/2").await.is(410);
    }

    async fn removing_for_good_asks_first(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let deletion = world.delete_for_its_id(ADMIN, "/projects/1").await;
        let action = format!("/trash/{deletion}/remove");
        let asked = browser.open(&action).await;
        asked.shows("1 project, 3 tasks and 6 comments");
        let unsure = browser.submit(&asked, &action, &[]).await;
        unsure.is(422);
        world.get(ADMIN, "/projects/1").await.is(410);
        let done = browser.submit(&unsure, &action, &[("confirm", "yes")]).await;
        browser.follow(&done).await.shows("Removed “Website” for good.");
        world.get(ADMIN, "/projects/1").await.is(404);
        browser.submit(&asked, &action, &[("confirm", "yes")]).await.is(412);

        let support = Browser::signed_in(world, SUPPORT).await;
        let deletion = world.delete_for_its_id(ADMIN, "/projects/2").await;
        support.open(&format!("/trash/{deletion}")).await.hides("Remove for good…");
        support.open(&format!("/trash/{deletion}/remove")).await.is(403);
        support.send(&format!("/trash/{deletion}/remove"), &[("confirm", "yes")]).await.is(403);
        world.get(ADMIN, "/projects/2").await.is(410);
    }

    async fn members_take_back_their_own_and_see_no_trash(world: &World) {
        let browser = Browser::signed_in(world, MEMBER).await;
        let forbidden = browser.open("/trash").await;
        forbidden.is(403);
        forbidden.hides("href=\"/trash\"");
        let others = world.delete_for_its_id(ADMIN, "/tasks/1").await;
        browser.open(&format!("/trash/{others}")).await.is(404);
        browser.send(&format!("/trash/{others}/restore"), &[]).await.is(412);
        browser.open("/projects/1/delete").await.is(403);
        browser.send("/projects/1/delete", &[]).await.is(403);
        browser.send("/tasks/2/delete", &[]).await.is(403);
        browser.open("/projects").await.hides("/projects/1/delete");

        let project = browser.open("/projects/2").await;
        project.hides("/projects/2/delete");
        let asked = browser.open(&project.link("/tasks/4/delete")).await;
        let done = browser.submit(&asked, "/tasks/4/delete", &[]).await;
        assert_eq!(done.leads_to(), "/projects/2");
        let page = browser.follow(&done).await;
        let undone = browser.submit(&page, &page.link("/trash/0"), &[]).await;
        assert_eq!(undone.leads_to(), "/projects/2");
        world.get(MEMBER, "/tasks/4").await.is(200);
    }

    async fn another_workspace_is_not_there(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        browser.open("/projects").await.hides("Rocket");
        browser.open("/projects/4").await.is(404);
        browser.open("/projects/4/delete").await.is(404);
        browser.send("/projects/4/delete", &[]).await.is(404);
        let support = Browser::signed_in(world, SUPPORT).await;
        let page = support.open("/projects").await;
        page.shows("Rocket");
        page.shows("Globex");
    }

    async fn forms_of_other_sites_are_refused(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://x.example"),
            ("origin", "null"),
        ] {
            for path in ["/projects/1/delete", "/login", "/logout"] {
                let request = browser.request(Method::POST, path).header(name, value);
                Visited::of(request.form(&[("token", MEMBER)])).await.is(403);
            }
        }
        world.get(ADMIN, "/projects/1").await.is(200);
        browser.open("/trash").await.is(200);
        let request = browser.request(Method::POST, "/projects/1/delete").header("origin", &world.base);
        Visited::of(request.form(&[("reason", "")])).await.leads_to();
    }

    async fn two_people_do_not_undo_each_other_unseen(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        let list = browser.open("/trash").await;
        let action = list.link("/trash/0");
        let action = format!("{}/restore", action.replace("/restore", ""));
        let page = browser.open(&action.replace("/restore", "")).await;
        world.post(ADMIN, "/projects/3/restore", json!({})).await.is(200);
        world.delete(ADMIN, "/projects/3").await.is(204);
        for seen in [&list, &page] {
            let answer = browser.submit(seen, &action, &[]).await;
            assert!(answer.is(412).contains("Changed meanwhile"));
        }
        world.get(ADMIN, "/projects/3").await.is(410);
    }

    async fn texts_are_no_markup(world: &World) {
        let browser = Browser::signed_in(world, ADMIN).await;
        const NAME: &str = "<script>alert(1)</script>\"'&";
        world.patch(ADMIN, "/projects/1", json!({ "name": NAME })).await.is(200);
        world.new_task(ADMIN, 1, NAME).await;
        let list = browser.open("/projects").await;
        let one = browser.open("/projects/1").await;
        let asked = browser.open("/projects/1/delete").await;
        let done = browser.submit(&asked, "/projects/1/delete", &[("reason", NAME)]).await;
        let toast = browser.follow(&done).await;
        let trash = browser.open("/trash?q=%3Cscript").await;
        let deleted = browser.open(&toast.link("/trash/0").replace("/restore", "")).await;
        for page in [list, one, asked, toast, trash, deleted] {
            page.shows("&lt;script&gt;");
            page.hides("<script>");
        }
    }

    async fn pages_load_their_own_files_and_nothing_else(world: &World) {
        let browser = Browser::new(world);
        let page = browser.open("/login").await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for rule in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        for inline in ["<style", " style=", "<script>", " onclick"] {
            page.hides(inline);
        }
        for (beginning, content_type) in [
            ("/assets/page.", "text/css; charset=utf-8"),
            ("/assets/icon.", "image/svg+xml"),
        ] {
            let asset = browser.open(&page.link(beginning)).await;
            assert_eq!(asset.headers[header::CONTENT_TYPE], content_type);
            assert_eq!(asset.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        }
        browser.open("/assets/page.0.css").await.is(404);
    }

    async fn problems_are_pages_for_browsers_and_documents_for_programs(world: &World) {
        let browser = Browser::new(world);
        let missing = browser.open("/nowhere").await;
        assert!(missing.is(404).contains("<h1>Not found</h1>"));
        assert!(missing.headers.contains_key(header::CONTENT_SECURITY_POLICY));
        let api = browser.open("/api/v1/projects").await;
        assert_eq!(api.headers[header::CONTENT_TYPE], "application/problem+json");
        let program = browser.request(Method::GET, "/nowhere").header("accept", "application/json");
        let program = reqwest::Client::new().execute(program.build().unwrap()).await.unwrap();
        assert_eq!(program.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    async fn who_has_a_value_in_another_workspace_is_not_told(world: &World) {
        let cleo = world.get(ADMIN, "/members/3").await.is(200)["email"].clone();
        let deletion = world.delete_for_its_id(ADMIN, "/members/3").await;
        let body = json!({ "workspace_id": 2, "name": "Cleo", "email": cleo, "role": "member" });
        world.post(SUPPORT, "/members", body).await.is(201);
        let browser = Browser::signed_in(world, ADMIN).await;
        let page = browser.open(&format!("/trash/{deletion}")).await;
        page.shows("Another workspace has it now.");
        page.shows("Skip");
        assert!(!page.is(200).contains("Replace"));
    }
}

/// A server on the same database: its address.
async fn another_server(world: &World, sessions: Sessions) -> String {
    let app = App::new(world.db.clone()).with_sessions(sessions);
    let router = app::router(app, &unlimited());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    base
}

/// The restore of a project from the list, where another one has its slug: what is asked, and where the answer goes.
async fn conflict(world: &World) -> (Browser, Visited, String) {
    let browser = Browser::signed_in(world, ADMIN).await;
    let holder = world.new_project("archive").await;
    let list = browser.open("/trash").await;
    let deletion = list.link("/trash/0").replace("/restore", "");
    let page = browser.open(&deletion).await;
    page.shows("In the way of a restore");
    page.shows(&format!("href=\"/projects/{holder}\""));
    let action = format!("{deletion}/restore");
    let asked = browser.submit(&list, &action, &[]).await;
    for text in ["Rename", "Replace", "Skip"] {
        assert!(asked.is(409).contains(text));
    }
    world.get(ADMIN, "/projects/3").await.is(410);
    (browser, asked, action)
}

//! Deletes, restores, the trash, and what inputs don't take.

use super::{Blog, tests};
use async_graphql::{Request, Value, value};

tests! {
    a_delete_takes_children_and_can_be_undone,
    a_row_is_restored_by_its_key,
    the_trash_has_what_was_deleted_itself,
    keys_of_two_columns,
    conflicts_and_deleted_parents,
    rows_that_do_not_exist,
    updates_change_active_rows,
    stamps_are_no_input,
    rows_are_created,
}

async fn a_delete_takes_children_and_can_be_undone(blog: &Blog) {
    let deleted = blog
        .ask("mutation { postDelete(id: 1) { id rows tables { table rows } } }")
        .await
        .into_json()
        .unwrap();
    let deletion = &deleted["postDelete"];
    assert_eq!(deletion["rows"], 3, "{deletion}");
    let none = value!({ "post": { "nodes": [] }, "comment": { "nodes": [] } });
    let query = "{ post { nodes { id } } comment { nodes { id } } }";
    assert_eq!(blog.ask(query).await, none);

    let id = deletion["id"].as_str().unwrap();
    let undone = blog
        .ask(&format!(
            r#"mutation {{ undo(deletion: "{id}") {{ rows }} }}"#
        ))
        .await;
    assert_eq!(undone, value!({ "undo": { "rows": 3 } }));
    let active =
        value!({ "post": { "nodes": [{ "id": 1 }] }, "comment": { "nodes": [{ "id": 1 }] } });
    assert_eq!(blog.ask(query).await, active);
}

async fn a_row_is_restored_by_its_key(blog: &Blog) {
    let restored = blog
        .ask("mutation { postRestore(id: 2) { rows tables { table rows } } }")
        .await;
    let tables = value!([{ "table": "post", "rows": 1 }, { "table": "comment", "rows": 1 }]);
    assert_eq!(
        restored,
        value!({ "postRestore": { "rows": 2, "tables": tables } })
    );
    let again = blog.ask("mutation { postRestore(id: 2) { rows } }").await;
    assert_eq!(again, value!({ "postRestore": { "rows": 0 } }));
}

async fn the_trash_has_what_was_deleted_itself(blog: &Blog) {
    let trash = blog
        .ask("{ userTrash { nodes { name } } postTrash { nodes { title } } commentTrash { nodes { text } } tagTrash { nodes { name } } postTagTrash { nodes { tagId } } }")
        .await;
    let roots = value!({
        "userTrash": { "nodes": [{ "name": "Bob" }] },
        "postTrash": { "nodes": [{ "title": "gone" }] },
        "commentTrash": { "nodes": [{ "text": "gone" }] },
        "tagTrash": { "nodes": [{ "name": "gone" }] },
        "postTagTrash": { "nodes": [{ "tagId": 2 }] },
    });
    assert_eq!(trash, roots);
    let filtered = blog
        .ask(r#"{ postTrash(filters: { title: { eq: "kept" } }, pagination: { page: { limit: 5, page: 0 } }) { paginationInfo { total } } }"#)
        .await;
    assert_eq!(
        filtered,
        value!({ "postTrash": { "paginationInfo": { "total": 0 } } })
    );
}

async fn keys_of_two_columns(blog: &Blog) {
    let restored = blog
        .ask("mutation { postTagRestore(postId: 1, tagId: 2) { rows } }")
        .await;
    assert_eq!(restored, value!({ "postTagRestore": { "rows": 1 } }));
    let deleted = blog
        .ask("mutation { postTagDelete(postId: 1, tagId: 2) { rows } }")
        .await;
    assert_eq!(deleted, value!({ "postTagDelete": { "rows": 1 } }));
}

async fn conflicts_and_deleted_parents(blog: &Blog) {
    blog.ask(r#"mutation { tagCreateOne(data: { name: "gone" }) { id } }"#)
        .await;
    assert_eq!(
        blog.fail("mutation { tagRestore(id: 3) { rows } }").await,
        "CONFLICT"
    );
    let child = "mutation { commentRestore(id: 2) { rows } }";
    assert_eq!(blog.fail(child).await, "PARENT_DELETED");
}

async fn rows_that_do_not_exist(blog: &Blog) {
    for mutation in [
        "mutation { postDelete(id: 99) { rows } }",
        "mutation { postRestore(id: 99) { rows } }",
        r#"mutation { undo(deletion: "00000000-0000-7000-8000-000000000000") { rows } }"#,
        r#"mutation { undo(deletion: "nonsense") { rows } }"#,
    ] {
        assert_eq!(blog.fail(mutation).await, "NOT_FOUND", "{mutation}");
    }
    let twice = blog.ask("mutation { postDelete(id: 2) { rows } }").await;
    assert_eq!(twice, value!({ "postDelete": { "rows": 0 } }));
}

async fn updates_change_active_rows(blog: &Blog) {
    let changed = blog
        .ask(r#"mutation { postUpdate(data: { title: "new" }, filter: {}) { id title } }"#)
        .await;
    assert_eq!(
        changed,
        value!({ "postUpdate": [{ "id": 1, "title": "new" }] })
    );
    let trash = blog.ask("{ postTrash { nodes { title } } }").await;
    assert_eq!(
        trash,
        value!({ "postTrash": { "nodes": [{ "title": "gone" }] } })
    );
}

async fn stamps_are_no_input(blog: &Blog) {
    for mutation in [
        "mutation { postUpdate(data: { deletedAt: null }, filter: {}) { id } }",
        r#"mutation { postUpdate(data: { deletionId: null, title: "x" }, filter: {}) { id } }"#,
        r#"mutation { tagCreateOne(data: { name: "x", deletedAt: "2026-01-01T00:00:00Z" }) { id } }"#,
        r#"mutation { tagCreateBatch(data: [{ name: "x", deletedAt: null }]) { id } }"#,
    ] {
        let response = blog.api.execute(Request::new(mutation)).await;
        assert_ne!(response.errors, [], "{mutation}");
        assert_eq!(response.data, Value::Null, "{mutation}");
    }
}

async fn rows_are_created(blog: &Blog) {
    let created = blog
        .ask(r#"mutation { commentCreateOne(data: { postId: 1, text: "new" }) { id text deletedAt } }"#)
        .await;
    let row = value!({ "id": 4, "text": "new", "deletedAt": null });
    assert_eq!(created, value!({ "commentCreateOne": row }));
    let below_deleted = r#"mutation { commentCreateOne(data: { postId: 2, text: "new" }) { id } }"#;
    let response = blog.api.execute(Request::new(below_deleted)).await;
    assert_ne!(response.errors, [], "the parent is deleted");
}

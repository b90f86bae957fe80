//! Nothing deleted is in any answer: asked in every way that the schema has.

use super::{Blog, tests};
use async_graphql::{Request, Value, value};

tests! {
    root_queries,
    filters,
    totals_of_pages,
    cursors,
    relations,
    junctions,
    having,
    having_through_a_junction,
    documents_of_several_operations,
}

async fn root_queries(blog: &Blog) {
    let found = blog
        .ask("{ user { nodes { name } } post { nodes { title } } comment { nodes { text } } tag(orderBy: { id: ASC }) { nodes { name } } postTag { nodes { tagId } } }")
        .await;
    let active = value!({
        "user": { "nodes": [{ "name": "Ada" }] },
        "post": { "nodes": [{ "title": "kept" }] },
        "comment": { "nodes": [{ "text": "kept" }] },
        "tag": { "nodes": [{ "name": "sql" }, { "name": "moved" }] },
        "postTag": { "nodes": [{ "tagId": 1 }] },
    });
    assert_eq!(found, active);
}

async fn filters(blog: &Blog) {
    for filter in [
        r#"{ title: { eq: "gone" } }"#,
        r#"{ id: { is_in: [2, 3] } }"#,
        r#"{ deletedAt: { is_null: false } }"#,
        r#"{ not: { title: { eq: "kept" } } }"#,
        r#"{ or: [{ title: { eq: "gone" } }, { deletedAt: { is_null: false } }] }"#,
    ] {
        let found = blog
            .ask(&format!(
                "{{ post(filters: {filter}) {{ nodes {{ title }} }} }}"
            ))
            .await;
        assert_eq!(found, value!({ "post": { "nodes": [] } }), "{filter}");
    }
}

async fn totals_of_pages(blog: &Blog) {
    for pagination in [
        "page: { limit: 1, page: 0 }",
        "offset: { limit: 1, offset: 0 }",
    ] {
        let found = blog
            .ask(&format!(
                "{{ post(pagination: {{ {pagination} }}) {{ paginationInfo {{ total pages }} }} }}"
            ))
            .await;
        let one = value!({ "post": { "paginationInfo": { "total": 1, "pages": 1 } } });
        assert_eq!(found, one, "{pagination}");
    }
}

async fn cursors(blog: &Blog) {
    let found = blog
        .ask("{ tag(pagination: { cursor: { limit: 2 } }) { nodes { name } pageInfo { hasNextPage } } }")
        .await;
    let last_page = value!({
        "tag": {
            "nodes": [{ "name": "sql" }, { "name": "moved" }],
            "pageInfo": { "hasNextPage": false },
        }
    });
    assert_eq!(found, last_page);
}

async fn relations(blog: &Blog) {
    let found = blog
        .ask("{ user { nodes { post { nodes { title comment { nodes { text post { user { name } } } } } } } } }")
        .await;
    let tree = value!({ "user": { "nodes": [{ "post": { "nodes": [{
        "title": "kept",
        "comment": { "nodes": [{ "text": "kept", "post": { "user": { "name": "Ada" } } }] },
    }] } }] } });
    assert_eq!(found, tree);
}

async fn junctions(blog: &Blog) {
    let found = blog
        .ask("{ post { nodes { tag { nodes { name } } } } }")
        .await;
    let tags = value!({ "post": { "nodes": [{ "tag": { "nodes": [{ "name": "sql" }] } }] } });
    assert_eq!(found, tags);

    let found = blog
        .ask("{ tag(orderBy: { id: ASC }) { nodes { name post { nodes { title } } } } }")
        .await;
    let posts = value!({ "tag": { "nodes": [
        { "name": "sql", "post": { "nodes": [{ "title": "kept" }] } },
        { "name": "moved", "post": { "nodes": [] } },
    ] } });
    assert_eq!(found, posts);
}

async fn having(blog: &Blog) {
    for (query, entity) in [
        (
            r#"user(having: { post: { title: { eq: "gone" } } })"#,
            "user",
        ),
        (
            r#"post(having: { comment: { text: { eq: "gone" } } })"#,
            "post",
        ),
        (
            r#"post(having: { comment: { deletedAt: { is_null: false } } })"#,
            "post",
        ),
    ] {
        assert_eq!(names(blog, query, entity).await, [] as [i64; 0], "{query}");
    }
    let query = r#"post(having: { comment: { text: { eq: "kept" } } })"#;
    assert_eq!(names(blog, query, "post").await, [1]);
}

async fn having_through_a_junction(blog: &Blog) {
    for tag in ["moved", "gone"] {
        let query = format!(r#"post(having: {{ tag: {{ name: {{ eq: "{tag}" }} }} }})"#);
        assert_eq!(names(blog, &query, "post").await, [] as [i64; 0], "{tag}");
    }
    let query = r#"post(having: { tag: { name: { eq: "sql" } } })"#;
    assert_eq!(names(blog, query, "post").await, [1]);
}

/// A mutation beside a query does not have the query run on the connection for mutations.
async fn documents_of_several_operations(blog: &Blog) {
    let document = r#"
        query Leak { post(having: { comment: { text: { eq: "gone" } } }) { nodes { id } } }
        mutation Other { _ping }"#;
    let request = Request::new(document).operation_name("Leak");
    let response = blog.api.execute(request).await;
    assert_eq!(response.errors, []);
    assert_eq!(response.data, value!({ "post": { "nodes": [] } }));
}

/// The ids that a query finds.
async fn names(blog: &Blog, query: &str, entity: &str) -> Vec<i64> {
    let Value::Object(found) = blog
        .ask(&format!("{{ {query} {{ nodes {{ id }} }} }}"))
        .await
    else {
        panic!("{query}");
    };
    let ids = found[entity].clone().into_json().unwrap();
    let nodes = ids["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["id"].as_i64().unwrap())
        .collect()
}

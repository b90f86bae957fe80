use crate::*;

fn in_schema() -> Tables {
    Tables::new().with(Some("blog"), "Post", "deleted_at")
}

#[track_caller]
fn is_scoped(tables: &Tables, backend: Dialect, name: &str) -> bool {
    let sql = format!("SELECT * FROM {name}");
    rewrite(backend, &sql, tables, Rows::Active).unwrap() != sql
}

#[test]
fn postgres_folds_what_is_not_quoted() {
    assert!(is_scoped(&tables(), Postgres, "POST"));
    assert!(is_scoped(&tables(), Postgres, r#""post""#));
    assert!(!is_scoped(&tables(), Postgres, r#""Post""#));
    assert!(!is_scoped(&in_schema(), Postgres, "Post"));
    assert!(is_scoped(&in_schema(), Postgres, r#""Post""#));
}

#[test]
fn sqlite_and_mysql_ignore_case() {
    for name in ["Post", "POST", "`pOST`"] {
        assert!(is_scoped(&tables(), Sqlite, name));
        assert!(is_scoped(&tables(), MySql, name));
    }
}

#[test]
fn schemas_count_where_both_give_one() {
    assert!(is_scoped(&in_schema(), Postgres, r#"blog."Post""#));
    assert!(!is_scoped(&in_schema(), Postgres, r#"shop."Post""#));
    assert!(is_scoped(&tables(), Postgres, "shop.post"));
    assert!(is_scoped(&tables(), Postgres, "db.shop.post"));
}

#[test]
fn one_name_in_two_schemas_is_told_apart() {
    let tables = Tables::new().with(Some("blog"), "post", "deleted_at").with(
        Some("shop"),
        "post",
        "removed_at",
    );
    let text = rewrite(MySql, "SELECT * FROM shop.post", &tables, Rows::Active).unwrap();
    assert_eq!(
        text,
        "SELECT * FROM shop.post WHERE shop.post.`removed_at` IS NULL"
    );
    let refused = rewrite(MySql, "SELECT * FROM post", &tables, Rows::Active).unwrap_err();
    assert!(
        refused.to_string().contains("more than one table"),
        "{refused}"
    );
}

#[test]
fn unusual_names_are_found() {
    let tables = Tables::new().with(None, "a \"b\" é", "deleted \"at\"");
    let text = rewrite(
        Postgres,
        r#"SELECT * FROM "a ""b"" é""#,
        &tables,
        Rows::Active,
    )
    .unwrap();
    assert_eq!(
        text,
        r#"SELECT * FROM "a ""b"" é" WHERE "a ""b"" é"."deleted ""at""" IS NULL"#
    );
}

#[test]
fn postgres_cuts_long_names() {
    let name = "a".repeat(63);
    let tables = Tables::new().with(None, &name, "deleted_at");
    assert!(is_scoped(&tables, Postgres, &"a".repeat(64)));
    assert!(!is_scoped(&tables, Sqlite, &"a".repeat(64)));
    assert!(!is_scoped(&tables, Postgres, &"a".repeat(62)));
}

#[test]
fn a_cte_hides_the_table_of_its_name() {
    stays(
        &ALL,
        "WITH post AS (SELECT * FROM author) SELECT * FROM post",
    );
    stays(
        &ALL,
        "WITH post AS (SELECT * FROM author) SELECT * FROM (SELECT * FROM post p) AS x",
    );
    becomes(
        &ALL,
        "WITH post AS (SELECT 1) SELECT * FROM post, main.post",
        "WITH post AS (SELECT 1) SELECT * FROM post, main.post WHERE main.post.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM (WITH post AS (SELECT 1) SELECT * FROM post) AS x, post",
        "SELECT * FROM (WITH post AS (SELECT 1) SELECT * FROM post) AS x, post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_cte_that_differs_in_case_alone_is_not_guessed_at() {
    let sql = "WITH Post AS (SELECT 1) SELECT * FROM post";
    refuses(&[MySql], sql, "more than one table");
    stays(&[Sqlite, Postgres], sql);
    becomes(
        &[Postgres],
        "WITH \"Post\" AS (SELECT 1) SELECT * FROM post",
        "WITH \"Post\" AS (SELECT 1) SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn without_recursive_a_cte_does_not_see_itself_or_later_ones() {
    becomes(
        &[Postgres, MySql],
        "WITH comment AS (SELECT * FROM post), post AS (SELECT * FROM post JOIN comment ON x) SELECT * FROM post, comment",
        "WITH comment AS (SELECT * FROM post WHERE post.“deleted_at“ IS NULL), \
         post AS (SELECT * FROM post JOIN comment ON x WHERE post.“deleted_at“ IS NULL) SELECT * FROM post, comment",
    );
    stays(
        &[Sqlite],
        "WITH comment AS (SELECT * FROM post), post AS (SELECT 1) SELECT * FROM comment",
    );
}

#[test]
fn a_recursive_cte_sees_itself() {
    becomes(
        &ALL,
        "WITH RECURSIVE comment AS (SELECT id FROM post UNION ALL SELECT c.id FROM comment c) SELECT * FROM comment",
        "WITH RECURSIVE comment AS (SELECT id FROM post WHERE post.“deleted_at“ IS NULL UNION ALL SELECT c.id FROM comment c) SELECT * FROM comment",
    );
    let sql = "WITH RECURSIVE x AS (SELECT * FROM post), post AS (SELECT 1) SELECT * FROM x";
    stays(&[Sqlite, Postgres], sql);
    refuses(&[MySql], sql, "more than one table");
}

#[test]
fn the_target_of_an_update_is_never_a_cte() {
    becomes(
        &[Postgres],
        "WITH post AS (SELECT 1) UPDATE post SET a = 1",
        "WITH post AS (SELECT 1) UPDATE post SET a = 1 WHERE post.“deleted_at“ IS NULL",
    );
    refuses(
        &[Postgres],
        "WITH post AS (SELECT 1) DELETE FROM post",
        "rows of `post`",
    );
}

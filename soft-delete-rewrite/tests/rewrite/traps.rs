use crate::*;

#[test]
fn executable_comments_of_mysql() {
    for comment in [
        "! JOIN post",
        "!50110 JOIN post",
        "M! JOIN post",
        "M!100100 JOIN post",
    ] {
        for rows in [Rows::Active, Rows::Deleted] {
            let sql = format!("SELECT * FROM author /*{comment} */");
            let refused = rewrite(MySql, &sql, &tables(), rows).unwrap_err();
            assert!(
                refused.to_string().contains("an executable comment"),
                "{refused}"
            );
        }
    }
    assert!(active(MySql, "SELECT * FROM author /*! , post /* x */").is_err());
    refuses(&[MySql], "/*! DELETE FROM post */", "DELETE would remove");
    refuses(
        &[MySql],
        "SELECT 1 /*! ; DELETE FROM post */",
        "an executable comment",
    );
    stays(&[Sqlite, Postgres], "SELECT * FROM author /*! , post */");
}

#[test]
fn optimizer_hints_are_harmless() {
    becomes(
        &ALL,
        "SELECT /*+ NO_INDEX_MERGE(post) */ * FROM post",
        "SELECT /*+ NO_INDEX_MERGE(post) */ * FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn nested_comments() {
    becomes(
        &[Postgres],
        "SELECT * FROM author /* /* */ , author */ , post",
        "SELECT * FROM author /* /* */ , author */ , post WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite, MySql],
        "SELECT * FROM author /* /* */ , post",
        "SELECT * FROM author /* /* */ , post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn two_dashes_without_a_space() {
    becomes(
        &[MySql],
        "SELECT 1--1 FROM post",
        "SELECT 1--1 FROM post WHERE post.“deleted_at“ IS NULL",
    );
    stays(&[Sqlite, Postgres], "SELECT 1--1 FROM post");
    becomes(
        &[Postgres],
        "SELECT 1 -- a\r FROM post",
        "SELECT 1 -- a\r FROM post WHERE post.“deleted_at“ IS NULL",
    );
    stays(&[Sqlite, MySql], "SELECT 1 -- a\r FROM post");
}

#[test]
fn hash_is_a_comment_in_mysql() {
    stays(&[MySql], "SELECT 1 # FROM post");
    becomes(
        &[Postgres],
        "SELECT 1 # 2 FROM post",
        "SELECT 1 # 2 FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn strings_of_postgres() {
    becomes(
        &[Postgres],
        r"SELECT E'\' FROM author --', $tag$ FROM ' $tag$, '\' FROM post",
        r"SELECT E'\' FROM author --', $tag$ FROM ' $tag$, '\' FROM post WHERE post.“deleted_at“ IS NULL",
    );
    stays(&[Postgres], "SELECT $$ SELECT * FROM post $$");
    refuses(&[Sqlite, MySql], "SELECT $$ SELECT * FROM post $$", "");
}

#[test]
fn names_in_unicode_escapes() {
    refuses(
        &[Postgres],
        r#"SELECT * FROM U&"p\006fst""#,
        "Unicode escapes",
    );
    refuses(
        &[Postgres],
        r#"SELECT * FROM u&"!0070ost" UESCAPE '!'"#,
        "Unicode escapes",
    );
    becomes(
        &[Postgres],
        "SELECT U&'\\0061' FROM post",
        "SELECT U&'\\0061' FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn strings_of_mysql() {
    becomes(
        &[MySql],
        r#"SELECT "it's \" a", 'b\' FROM author -- ' FROM post WHERE a = "deleted_at""#,
        r#"SELECT "it's \" a", 'b\' FROM author -- ' FROM post WHERE (a = "deleted_at") AND post.`deleted_at` IS NULL"#,
    );
    // In its ANSI mode this is a name.
    assert!(active(MySql, r#"SELECT * FROM "post""#).is_err());
}

#[test]
fn names_and_strings_of_sqlite() {
    becomes(
        &[Sqlite],
        "SELECT * FROM [post]",
        "SELECT * FROM [post] WHERE [post].“deleted_at“ IS NULL",
    );
    // A string may be the name of a table, but qualifies no column.
    becomes(
        &[Sqlite],
        "SELECT * FROM 'post' JOIN main.'comment' ON x",
        "SELECT * FROM 'post' JOIN main.'comment' ON x WHERE \"post\".“deleted_at“ IS NULL AND main.\"comment\".“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite],
        "UPDATE 'post' SET a = 'post'",
        "UPDATE 'post' SET a = 'post' WHERE \"post\".“deleted_at“ IS NULL",
    );
    stays(&[Sqlite], "SELECT * FROM 'post' WHERE deleted_at IS NULL");
    assert!(active(Sqlite, "SELECT * FROM post AS 'p'").is_err());
    stays(&[Sqlite], "SELECT 'post' AS 'x' FROM author AS 'a'");
}

#[test]
fn tables_with_options() {
    becomes(
        &[Postgres],
        "SELECT * FROM ONLY post p",
        "SELECT * FROM ONLY post p WHERE p.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "UPDATE ONLY post SET a = 1",
        "UPDATE ONLY post SET a = 1 WHERE post.“deleted_at“ IS NULL",
    );
    refuses(&[Postgres], "DELETE FROM ONLY post", "rows of `post`");
    becomes(
        &[Postgres],
        "SELECT * FROM ONLY (post)",
        "SELECT * FROM ONLY (post) WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "SELECT * FROM post * WHERE x",
        "SELECT * FROM post * WHERE (x) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "SELECT * FROM post TABLESAMPLE SYSTEM (10)",
        "SELECT * FROM post TABLESAMPLE SYSTEM (10) WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SELECT * FROM post PARTITION (p0, p1) AS p USE INDEX (a, b) WHERE x",
        "SELECT * FROM post PARTITION (p0, p1) AS p USE INDEX (a, b) WHERE (x) AND p.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SELECT * FROM post FORCE INDEX FOR ORDER BY (a) ORDER BY a",
        "SELECT * FROM post FORCE INDEX FOR ORDER BY (a) WHERE post.“deleted_at“ IS NULL ORDER BY a",
    );
    becomes(
        &[Sqlite],
        "SELECT * FROM post AS p INDEXED BY i JOIN comment NOT INDEXED ON x",
        "SELECT * FROM post AS p INDEXED BY i JOIN comment NOT INDEXED ON x WHERE p.“deleted_at“ IS NULL AND comment.“deleted_at“ IS NULL",
    );
    assert!(
        active(
            Sqlite,
            "SELECT * FROM author LEFT JOIN post INDEXED BY i USING (id)"
        )
        .is_err()
    );
}

#[test]
fn materialized_ctes_and_weak_locks() {
    becomes(
        &[Sqlite, Postgres],
        "WITH a AS MATERIALIZED (SELECT * FROM post), b AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a, b",
        "WITH a AS MATERIALIZED (SELECT * FROM post WHERE post.“deleted_at“ IS NULL), b AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a, b",
    );
    becomes(
        &[Postgres],
        "SELECT * FROM post FOR KEY SHARE",
        "SELECT * FROM post WHERE post.“deleted_at“ IS NULL FOR KEY SHARE",
    );
}

#[test]
fn a_table_in_parentheses_is_not_passed() {
    for backend in ALL {
        match active(backend, "SELECT * FROM (post)") {
            Ok(text) => assert!(text.contains("deleted_at")),
            Err(refused) => assert_eq!(refused.table(), "post"),
        }
    }
}

#[test]
fn operators_of_postgres() {
    becomes(
        &[Postgres],
        "SELECT a #>> '{b}', c->'d', e::text[] FROM post WHERE a ?| array['b'] AND c @> '{}' AND d <@ e OR f ~* 'x' OR g && h AND (r).f = 1 AND i IS NOT DISTINCT FROM 2",
        "SELECT a #>> '{b}', c->'d', e::text[] FROM post WHERE (a ?| array['b'] AND c @> '{}' AND d <@ e OR f ~* 'x' OR g && h AND (r).f = 1 AND i IS NOT DISTINCT FROM 2) AND post.“deleted_at“ IS NULL",
    );
}

#[test]
fn from_and_where_within_other_syntax() {
    becomes(
        &[Postgres, MySql],
        "SELECT extract(year FROM comment), a AS \"from\", t.where, substring(a FROM 2 FOR 3) FROM author t JOIN post ON x",
        "SELECT extract(year FROM comment), a AS \"from\", t.where, substring(a FROM 2 FOR 3) FROM author t JOIN post ON x WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "SELECT a IS DISTINCT FROM comment, 1 AS where, sum(x) FILTER (WHERE y) OVER (ORDER BY z ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM post",
        "SELECT a IS DISTINCT FROM comment, 1 AS where, sum(x) FILTER (WHERE y) OVER (ORDER BY z ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn placeholders_stay_in_order() {
    becomes(
        &[Sqlite, MySql],
        "SELECT * FROM post WHERE a = ? LIMIT ? OFFSET ?",
        "SELECT * FROM post WHERE (a = ?) AND post.“deleted_at“ IS NULL LIMIT ? OFFSET ?",
    );
    becomes(
        &[Sqlite],
        "SELECT * FROM post WHERE a = ?1 AND b = :b AND c = @c AND d = $d",
        "SELECT * FROM post WHERE (a = ?1 AND b = :b AND c = @c AND d = $d) AND post.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_space_that_is_not_ascii_is_part_of_a_name() {
    becomes(
        &ALL,
        "SELECT * FROM post \u{a0}p",
        "SELECT * FROM post \u{a0}p WHERE \u{a0}p.“deleted_at“ IS NULL",
    );
}

#[test]
fn long_lists_and_chains() {
    for backend in ALL {
        let chain = |count: usize| {
            let terms: Vec<_> = (0..count).map(|id| format!("id = {id}")).collect();
            format!("SELECT * FROM post WHERE {}", terms.join(" OR "))
        };
        assert!(active(backend, &chain(2_000)).unwrap().ends_with("IS NULL"));
        assert!(active(backend, &chain(9_000)).unwrap().ends_with("IS NULL"));
        assert!(active(backend, &chain(100_000)).is_err());
        let list = format!("SELECT * FROM post WHERE id IN ({}1)", "1, ".repeat(50_000));
        assert!(active(backend, &list).unwrap().ends_with("IS NULL"));
        let rows = format!(
            "INSERT INTO post (id, a) VALUES {}(1, 'b')",
            "(1, 'a'), ".repeat(20_000)
        );
        assert_eq!(active(backend, &rows).unwrap(), rows);
        let arms = format!(
            "SELECT 1 FROM post{}",
            " UNION ALL SELECT 1 FROM post".repeat(3_000)
        );
        assert_eq!(
            active(backend, &arms).unwrap().matches("IS NULL").count(),
            3_001
        );
    }
}

#[test]
fn deep_nesting_is_refused() {
    for backend in ALL {
        for (open, close) in [
            ("(", ")"),
            ("(SELECT ", ")"),
            ("NOT ", ""),
            ("- ", ""),
            ("CASE WHEN ", " END"),
            ("f(", ")"),
            ("[", "]"),
        ] {
            for depth in [30, 100, 1_000, 30_000] {
                let sql = format!(
                    "SELECT * FROM post WHERE {}1{}",
                    open.repeat(depth),
                    close.repeat(depth)
                );
                let _ = active(backend, &sql);
            }
        }
        let nested = format!(
            "SELECT * FROM {}post{}",
            "(".repeat(2_000),
            ")".repeat(2_000)
        );
        assert!(active(backend, &nested).is_err());
    }
}

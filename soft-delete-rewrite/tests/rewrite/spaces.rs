//! A reference to a column counts for the table that the server would take it for.

use crate::*;

/// `post` of two schemas, one of which is soft-deleted, and `comment` of any.
fn two_schemas() -> Tables {
    Tables::new()
        .with(Some("blog"), "post", "deleted_at")
        .with(Some("shop"), "post", "deleted_at")
        .with(None, "comment", "deleted_at")
}

/// Whether the statement gains a condition for each of these qualifiers and for no other.
#[track_caller]
fn gains(backend: Dialect, tables: &Tables, sql: &str, qualifiers: &[&str]) {
    let text = rewrite(backend, sql, tables, Rows::Active).expect(sql);
    let quote = quote(backend);
    let added = text.matches("IS NULL").count() - sql.matches("IS NULL").count();
    assert_eq!(added, qualifiers.len(), "{backend:?}: {text}");
    for qualifier in qualifiers {
        let predicate = format!("{qualifier}.{quote}deleted_at{quote} IS NULL");
        assert!(text.contains(&predicate), "{backend:?}: {text}");
    }
}

#[test]
fn mysql_tells_aliases_apart_by_case() {
    for (condition, scoped) in [
        ("p.deleted_at IS NULL", "P"),
        ("P.deleted_at IS NULL", "p"),
        ("`p`.deleted_at IS NULL", "P"),
        ("p.DELETED_AT IS NOT NULL", "P"),
    ] {
        for from in [
            format!("post p JOIN comment P ON P.post_id = p.id WHERE {condition}"),
            format!("post AS p, comment AS P WHERE {condition}"),
            format!("(post p JOIN comment P ON {condition})"),
        ] {
            gains(
                MySql,
                &tables(),
                &format!("SELECT 1 FROM {from}"),
                &[scoped],
            );
        }
        let update = format!("UPDATE post p JOIN comment P ON x SET p.a = 1 WHERE {condition}");
        gains(MySql, &tables(), &update, &[scoped]);
    }
    gains(
        MySql,
        &tables(),
        "SELECT 1 FROM Post WHERE post.deleted_at IS NULL",
        &["Post"],
    );
}

#[test]
fn a_delete_of_mysql_tells_its_targets_apart_by_case() {
    for sql in [
        "DELETE p FROM post p JOIN comment P ON P.post_id = p.id WHERE P.deleted_at IS NOT NULL",
        "DELETE p FROM post p JOIN author P ON P.id = p.id WHERE P.deleted_at IS NOT NULL",
        "DELETE FROM p USING post p JOIN comment P ON x WHERE P.deleted_at IS NOT NULL",
        "DELETE p, P FROM post p JOIN comment P ON x WHERE P.deleted_at IS NOT NULL",
    ] {
        refuses(&[MySql], sql, "rows of `post`");
    }
    becomes(
        &[MySql],
        "DELETE P FROM post p JOIN author P ON P.id = p.id",
        "DELETE P FROM post p JOIN author P ON P.id = p.id WHERE p.“deleted_at“ IS NULL",
    );
    // Where case does not count, there is no other that it could be.
    refuses(
        &[MySql],
        "DELETE P FROM post p JOIN author a ON x",
        "rows of `post`",
    );
}

#[test]
fn the_whole_path_is_compared() {
    for backend in ALL {
        for (condition, scoped) in [
            ("shop.post.deleted_at IS NULL", "blog.post"),
            ("blog.post.deleted_at IS NULL", "shop.post"),
            ("NOT blog . post . deleted_at IS NULL", "shop.post"),
        ] {
            let select = format!("SELECT 1 FROM blog.post, shop.post WHERE {condition}");
            gains(backend, &two_schemas(), &select, &[scoped]);
            let join = format!("SELECT 1 FROM blog.post JOIN shop.post ON {condition}");
            gains(backend, &two_schemas(), &join, &[scoped]);
        }
        // To the servers this is ambiguous.
        gains(
            backend,
            &two_schemas(),
            "SELECT 1 FROM blog.post, shop.post WHERE post.deleted_at IS NULL",
            &["blog.post", "shop.post"],
        );
        gains(
            backend,
            &two_schemas(),
            "SELECT 1 FROM blog.post WHERE post.deleted_at IS NULL",
            &[],
        );
        gains(
            backend,
            &tables(),
            "SELECT 1 FROM post WHERE other.post.deleted_at IS NULL",
            &["post"],
        );
    }
}

#[test]
fn the_whole_path_is_compared_in_writes() {
    for sql in [
        "DELETE FROM blog.post USING shop.post WHERE blog.post.id = shop.post.id AND shop.post.deleted_at IS NOT NULL",
        "DELETE FROM blog.post USING other.post WHERE other.post.deleted_at IS NOT NULL",
        "DELETE FROM blog.post USING other.post WHERE (other.post.deleted_at IS NULL OR TRUE)",
    ] {
        assert!(rewrite(Postgres, sql, &two_schemas(), Rows::Active).is_err());
    }
    gains(
        Postgres,
        &two_schemas(),
        "UPDATE blog.post SET title = 'X' FROM other.post WHERE blog.post.id = other.post.id + 1 AND other.post.deleted_at IS NULL",
        &["blog.post"],
    );
    gains(
        Sqlite,
        &two_schemas(),
        "UPDATE blog.post SET title = 'X' FROM shop.post WHERE shop.post.deleted_at IS NULL",
        &["blog.post"],
    );
    gains(
        MySql,
        &two_schemas(),
        "UPDATE blog.post JOIN shop.post ON blog.post.id = shop.post.id SET blog.post.a = 1 WHERE shop.post.deleted_at IS NULL",
        &["blog.post"],
    );
    let named = "DELETE blog.post FROM blog.post JOIN shop.post ON x WHERE shop.post.deleted_at IS NOT NULL";
    assert!(rewrite(MySql, named, &two_schemas(), Rows::Active).is_err());
}

#[test]
fn joined_tables_with_an_alias_are_a_name_space() {
    let outer = "p.title, j.* FROM post p JOIN";
    for (sql, text) in [
        (
            format!(
                "SELECT {outer} (comment p JOIN author t ON t.id = p.id) AS j ON true WHERE p.deleted_at IS NULL"
            ),
            "(comment p JOIN author t ON (t.id = p.id) AND p.\"deleted_at\" IS NULL) AS j ON true WHERE p.deleted_at IS NULL",
        ),
        (
            format!(
                "SELECT {outer} (comment p JOIN author t ON p.deleted_at IS NULL) AS j ON true"
            ),
            "(comment p JOIN author t ON p.deleted_at IS NULL) AS j ON true WHERE p.\"deleted_at\" IS NULL",
        ),
        (
            format!("SELECT {outer} (comment p CROSS JOIN author t) AS j ON p.deleted_at IS NULL"),
            "(comment p JOIN (SELECT) AS soft_delete_14 ON p.\"deleted_at\" IS NULL) CROSS JOIN author t) AS j ON p.deleted_at IS NULL",
        ),
        (
            format!(
                "SELECT {outer} (author p JOIN (comment p JOIN author t ON x) AS k ON deleted_at IS NULL) j ON y WHERE z"
            ),
            "j ON y WHERE (z) AND p.\"deleted_at\" IS NULL",
        ),
    ] {
        let scoped = active(Postgres, &sql).unwrap();
        assert!(scoped.ends_with(text), "{scoped}");
        stays(&[Postgres], &scoped);
    }
}

#[test]
fn an_on_sees_the_tables_that_it_joins() {
    let sql = "SELECT 1 FROM post p WHERE EXISTS (SELECT 1 FROM author a JOIN author b ON p.deleted_at IS NULL, comment p)";
    gains(Postgres, &tables(), sql, &["p", "p"]);
    gains(MySql, &tables(), sql, &["p", "p"]);
    // To SQLite it is part of the WHERE.
    gains(Sqlite, &tables(), sql, &["p"]);
    gains(
        Postgres,
        &tables(),
        "SELECT 1 FROM post p, author a JOIN author b ON deleted_at IS NULL",
        &["p"],
    );
}

#[test]
fn a_column_that_an_outer_join_merges_is_nobody_s() {
    for join in [
        "NATURAL LEFT JOIN author",
        "RIGHT JOIN author USING (deleted_at)",
        "LEFT JOIN author USING (id, deleted_at)",
    ] {
        for backend in ALL {
            let sql = format!("SELECT 1 FROM author a {join} WHERE deleted_at IS NULL");
            let sql = sql.replace("author a", "post a");
            let text = active(backend, &sql).unwrap();
            assert_ne!(text, sql);
        }
    }
    stays(
        &ALL,
        "SELECT 1 FROM post JOIN author USING (deleted_at) WHERE deleted_at IS NULL",
    );
}

#[test]
fn in_having_a_name_is_first_the_result_s_to_mysql() {
    for sql in [
        "SELECT id, id + 1 AS deleted_at FROM post HAVING deleted_at > 0",
        "SELECT id, id + 1 deleted_at FROM post HAVING NOT deleted_at > 0",
        "SELECT id, max(deleted_at) AS `DELETED_AT` FROM post GROUP BY id HAVING deleted_at IS NULL",
        "SELECT a.deleted_at FROM post JOIN author a ON x HAVING deleted_at IS NULL",
        "SELECT a.* FROM post JOIN author a ON x HAVING deleted_at IS NULL",
        "SELECT post.deleted_at FROM post JOIN author a ON x GROUP BY a.deleted_at HAVING deleted_at IS NULL",
        "SELECT 'deleted_at' FROM post HAVING deleted_at = 'deleted_at'",
        "SELECT id deleted_at, deleted_at FROM post HAVING deleted_at > 0",
        "SELECT (SELECT 1) AS deleted_at FROM post HAVING deleted_at = 1",
    ] {
        gains(MySql, &tables(), sql, &["post"]);
    }
    for sql in [
        "SELECT id, deleted_at FROM post HAVING deleted_at IS NOT NULL",
        "SELECT * FROM post HAVING deleted_at IS NOT NULL",
        "SELECT post.*, id + 1 FROM post HAVING deleted_at IS NOT NULL",
        "SELECT p.deleted_at AS deleted_at FROM post p HAVING deleted_at IS NOT NULL",
        "SELECT deleted_at FROM post GROUP BY deleted_at HAVING deleted_at IS NOT NULL",
        "SELECT id + 1 AS deleted_at FROM post HAVING post.deleted_at IS NOT NULL",
    ] {
        gains(MySql, &tables(), sql, &[]);
    }
    // Elsewhere it is the table's.
    stays(
        &[Sqlite, Postgres],
        "SELECT id + 1 AS deleted_at FROM post GROUP BY id, deleted_at HAVING deleted_at IS NULL",
    );
}

#[test]
fn the_name_of_an_argument_is_no_column() {
    for call in [
        "visible(id => id, deleted_at => 'x')",
        "visible(deleted_at => id)",
        "visible(deleted_at := id)",
        "a = b(c(deleted_at => 1))",
    ] {
        let sql = format!("SELECT id FROM post WHERE {call}");
        gains(Postgres, &tables(), &sql, &["post"]);
    }
    gains(
        Postgres,
        &tables(),
        "SELECT id FROM post WHERE visible(id => deleted_at)",
        &[],
    );
    gains(
        MySql,
        &tables(),
        "SELECT id FROM post WHERE DEFAULT(deleted_at) IS NOT NULL",
        &["post"],
    );
    for sql in [
        "SELECT id FROM post WHERE @deleted_at IS NOT NULL",
        "SELECT id FROM post WHERE @`deleted_at` IS NOT NULL",
        "SELECT id FROM post WHERE @'deleted_at' IS NOT NULL",
        "SELECT id FROM post WHERE @@deleted_at IS NOT NULL",
    ] {
        if let Ok(text) = active(MySql, sql) {
            assert_ne!(text, sql);
        }
    }
}

#[test]
fn an_alias_that_sqlite_may_lose_is_refused() {
    refuses(
        &[Sqlite],
        "SELECT 1 FROM post p WHERE EXISTS (SELECT 1 FROM author a, (comment p) WHERE p.deleted_at IS NULL)",
        "an alias in parentheses",
    );
    becomes(
        &[Sqlite],
        "SELECT 1 FROM (post) WHERE x",
        "SELECT 1 FROM (post) WHERE (x) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite],
        "SELECT 1 FROM author a, (post) AS p",
        "SELECT 1 FROM author a, (post) AS p WHERE p.“deleted_at“ IS NULL",
    );
}

#[test]
fn unusual_letters_are_told_apart_by_case_where_the_server_does() {
    gains(
        Sqlite,
        &tables(),
        "SELECT 1 FROM post é, comment É WHERE é.deleted_at IS NULL",
        &["É"],
    );
    gains(
        Sqlite,
        &tables(),
        "SELECT 1 FROM post p WHERE P.deleted_at IS NULL",
        &[],
    );
}

#[test]
fn an_upsert_is_of_its_own_table() {
    for (condition, scoped) in [
        ("excluded.deleted_at IS NULL", true),
        ("other.post.deleted_at IS NULL", true),
        (
            "excluded.a IS NOT NULL AND post.deleted_at IS NOT NULL",
            false,
        ),
    ] {
        let sql = format!(
            "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE {condition}"
        );
        let added: &[&str] = if scoped { &["post"] } else { &[] };
        gains(Postgres, &tables(), &sql, added);
        gains(Sqlite, &tables(), &sql, added);
    }
    gains(
        Postgres,
        &tables(),
        "INSERT INTO post AS p (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE post.deleted_at IS NULL",
        &["p"],
    );
}

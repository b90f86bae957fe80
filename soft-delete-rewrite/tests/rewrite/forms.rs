//! Rare forms of one database each, which the parser doesn't know as they are.

use crate::*;

/// The statement gains the condition of `post` at each `☐`.
#[track_caller]
fn gains(backends: &[Dialect], sql: &str) {
    assert!(sql.contains('☐'), "{sql}");
    let plain = sql.replace(" ☐", "");
    becomes(
        backends,
        &plain,
        &sql.replace('☐', "WHERE post.“deleted_at“ IS NULL"),
    );
}

#[test]
fn what_an_executable_comment_holds_is_understood_whether_it_is_run_or_not() {
    for sql in [
        "SELECT /*!40001 SQL_NO_CACHE */ * FROM post ☐",
        "SELECT /*! STRAIGHT_JOIN */ id FROM post ☐",
        "SELECT /*M!100100 SQL_NO_CACHE */ id FROM post ☐ ORDER BY id",
        "SELECT /*!100100 SQL_NO_CACHE */ id FROM post ☐",
        "SELECT/*!40001 SQL_NO_CACHE*/* FROM post ☐",
        "SELECT * FROM post /*!50000 FORCE INDEX (`i`) */ ☐ /*! LIMIT 3 */",
        "UPDATE /*!40000 LOW_PRIORITY */ post SET a = 1 ☐",
        "SELECT id /*!50000 , title */ FROM post ☐ /*!50000 ORDER BY id DESC */ LIMIT 1",
        "SELECT id, '/*! not a comment */' FROM post ☐",
        "INSERT /*!40000 IGNORE */ INTO author SELECT * FROM post ☐ /*! ON DUPLICATE KEY UPDATE a = 1 */",
    ] {
        gains(&[MySql], sql);
    }
    becomes(
        &[MySql],
        "SELECT * FROM post WHERE /*!50000 a OR */ b /*! LIMIT 3 */",
        "SELECT * FROM post WHERE (/*!50000 a OR */ b) AND post.“deleted_at“ IS NULL /*! LIMIT 3 */",
    );
    becomes(
        &[MySql],
        "SELECT * FROM author a LEFT JOIN post ON /*! x AND */ y /*! AND z */ WHERE b",
        "SELECT * FROM author a LEFT JOIN post ON (/*! x AND */ y /*! AND z */) AND post.“deleted_at“ IS NULL WHERE b",
    );
    for sql in [
        "/*!40000 ALTER TABLE post DISABLE KEYS */",
        "INSERT /*!40000 IGNORE */ INTO post VALUES (1)",
        "SELECT /*! SQL_NO_CACHE */ * FROM post WHERE deleted_at IS NULL",
    ] {
        stays(&[MySql], sql);
    }
}

#[test]
fn an_executable_comment_that_matters_is_refused() {
    for sql in [
        "SELECT * FROM post /*! WHERE a */",
        "SELECT * FROM post WHERE a /*! OR deleted_at IS NULL */",
        "SELECT * FROM post /*! AS p */",
        "/*! SELECT * FROM post */",
        "SELECT * FROM author /*! UNION SELECT id FROM post */",
        "SELECT /*!1234 x */ id FROM post",
        "SELECT /*!123456x */ id FROM post",
        "SELECT /*! 'a' */ -- */ FROM author, post",
        "SELECT 1 --/*!1*/ (SELECT * FROM post",
        "SELECT /*!1*/ a /*!2*/ b /*!3*/ c /*!4*/ d /*!5*/ FROM post",
        "SELECT /*! a /* b */ c */ id FROM post",
        "SELECT /*! # */ id FROM author, post",
    ] {
        assert!(active(MySql, sql).is_err(), "{sql}");
    }
}

#[test]
fn versions_of_rows_in_mariadb() {
    for time in [
        "ALL",
        "AS OF TIMESTAMP '2026-01-01 00:00:00'",
        "AS OF NOW() - INTERVAL 1 DAY",
        "AS OF @at",
        "AS OF TRANSACTION 12",
        "AS OF (TIMESTAMP('2026-01-01'))",
        "BETWEEN '2026-01-01' AND NOW()",
        "FROM '2026-01-01' TO TIMESTAMP '2026-02-01 00:00:00'",
    ] {
        gains(
            &[MySql],
            &format!("SELECT * FROM post FOR SYSTEM_TIME {time} ☐ ORDER BY id"),
        );
        becomes(
            &[MySql],
            &format!(
                "SELECT * FROM author a LEFT JOIN post FOR SYSTEM_TIME {time} AS p ON a.id = p.id, comment c"
            ),
            &format!(
                "SELECT * FROM author a LEFT JOIN post FOR SYSTEM_TIME {time} AS p ON (a.id = p.id) AND p.“deleted_at“ IS NULL, comment c WHERE c.“deleted_at“ IS NULL"
            ),
        );
    }
    for sql in [
        "SELECT * FROM author FOR SYSTEM_TIME AS OF (SELECT max(at) FROM post)",
        "SELECT * FROM author NATURAL LEFT JOIN post FOR SYSTEM_TIME ALL",
        "DELETE HISTORY FROM post BEFORE SYSTEM_TIME '2026-01-01'",
    ] {
        assert!(active(MySql, sql).is_err(), "{sql}");
    }
}

#[test]
fn a_table_in_parentheses() {
    for sql in [
        "SELECT * FROM ((post)) ☐",
        "SELECT * FROM (((post))) ☐ LIMIT 1",
        "SELECT * FROM author JOIN ((post)) ON x ☐",
        "SELECT * FROM (author JOIN ((post)) ON x) ☐",
        "SELECT * FROM ((author) JOIN post ON x) ☐",
    ] {
        gains(&[MySql, Sqlite], sql);
    }
    becomes(
        &[MySql],
        "SELECT * FROM ((post AS p)) LEFT JOIN ((comment c)) ON x",
        "SELECT * FROM ((post AS p)) LEFT JOIN ((comment c)) ON (x) AND c.“deleted_at“ IS NULL WHERE p.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SELECT * FROM author LEFT JOIN ((post, comment)) ON x",
        "SELECT * FROM author LEFT JOIN ((post, comment)) ON (x) AND post.“deleted_at“ IS NULL AND comment.“deleted_at“ IS NULL",
    );
}

#[test]
fn each_do_update_of_an_upsert() {
    for sql in [
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 ☐ ON CONFLICT (slug) DO UPDATE SET a = 2 ☐",
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 ☐ ON CONFLICT DO NOTHING",
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (a) DO NOTHING ON CONFLICT (b) WHERE c DO UPDATE SET a = 1 ☐ ON CONFLICT (c) DO NOTHING ON CONFLICT DO UPDATE SET a = 2 ☐ RETURNING id",
        "INSERT INTO post SELECT * FROM author WHERE true ON CONFLICT (id) DO UPDATE SET a = 1 ☐ ON CONFLICT (b) DO UPDATE SET (a, b) = (1, 2) ☐;",
    ] {
        gains(&[Sqlite], sql);
    }
    becomes(
        &[Sqlite],
        "INSERT INTO post AS p SELECT id FROM comment WHERE true ON CONFLICT (id) DO UPDATE SET a = 1 WHERE b OR c ON CONFLICT DO UPDATE SET a = 2 WHERE p.deleted_at IS NULL ON CONFLICT DO UPDATE SET a = 3",
        "INSERT INTO post AS p SELECT id FROM comment WHERE (true) AND comment.“deleted_at“ IS NULL ON CONFLICT (id) DO UPDATE SET a = 1 WHERE (b OR c) AND p.“deleted_at“ IS NULL ON CONFLICT DO UPDATE SET a = 2 WHERE p.deleted_at IS NULL ON CONFLICT DO UPDATE SET a = 3 WHERE p.“deleted_at“ IS NULL",
    );
    refuses(
        &[Sqlite],
        "INSERT INTO author (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = (SELECT id FROM post) ON CONFLICT (b) DO UPDATE SET a = 2",
        "a sub-select in this place",
    );
    stays(
        &[Sqlite],
        "CREATE TABLE post (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, slug UNIQUE ON CONFLICT IGNORE)",
    );
}

#[test]
fn functions_where_a_table_may_stand() {
    for sql in [
        "SELECT * FROM ROWS FROM (generate_series(1, 2), f(3)) AS t (a, b), post ☐",
        "SELECT * FROM post, ROWS FROM (post(post.id), f(3)) ☐",
        "SELECT * FROM author JOIN ROWS FROM (json_to_recordset('[]') AS (a INT, b TEXT), blog.g(1)) WITH ORDINALITY AS t ON x, post ☐",
        "SELECT * FROM post LEFT JOIN LATERAL ROWS FROM (f(post.id)) AS t ON true ☐",
        "SELECT * FROM ROWS FROM (f((SELECT max(id) FROM post ☐))) AS t",
        "SELECT rows FROM (SELECT * FROM post ☐) AS x",
        "SELECT a, rows FROM (author JOIN post ON x) ☐",
        "SELECT * FROM post, JSON_TABLE(post.a, '$' COLUMNS (a INT, b TEXT EXISTS)) AS j ☐",
        "SELECT * FROM post JOIN JSON_TABLE(post.a, '$[*]' AS p PASSING post.id AS i COLUMNS (NESTED '$.b' COLUMNS (c INT))) AS j ON true ☐",
        "SELECT * FROM post(1) AS p, comment(2), post ☐",
        "SELECT post(1) FROM blog.post(2) WITH ORDINALITY AS p JOIN LATERAL post(3) AS q ON true CROSS JOIN post ☐",
    ] {
        gains(&[Postgres], &sql.replace(", comment(2)", ", tag(2)"));
    }
    stays(&[Postgres], "SELECT * FROM post(1) WHERE post.id = 2");
    refuses(
        &[Postgres],
        "SELECT * FROM author, JSON_TABLE((author.a), '$' PASSING (SELECT a FROM post) AS x COLUMNS (a INT)) AS j",
        "a sub-select in this place",
    );
    // To SQLite it may be a virtual table, whose hidden columns the arguments are.
    becomes(
        &[Sqlite],
        "SELECT * FROM author LEFT JOIN post('x') AS p ON p.id = author.id, comment('y')",
        "SELECT * FROM author LEFT JOIN post('x') AS p ON (p.id = author.id) AND p.“deleted_at“ IS NULL, comment('y') WHERE comment.“deleted_at“ IS NULL",
    );
    refuses(&[MySql], "SELECT * FROM post(1)", "stands where");
    let derived = "SELECT * FROM author NATURAL LEFT JOIN post('x')";
    assert!(active(Sqlite, derived).is_err());
}

#[test]
fn groups_of_postgres() {
    for groups in [
        "GROUPING SETS ((a), GROUPING SETS ((b), ()))",
        "GROUPING SETS (a, GROUPING SETS (ROLLUP (a, b), GROUPING SETS ((), b)))",
        "a, GROUPING SETS (CUBE (a, b), (a))",
        "DISTINCT ROLLUP (a, b), CUBE (a)",
        "ALL GROUPING SETS ((a), (b))",
        "DISTINCT a, b",
    ] {
        gains(
            &[Postgres],
            &format!("SELECT a, b FROM post ☐ GROUP BY {groups} HAVING count(*) > 0"),
        );
    }
}

#[test]
fn a_query_in_a_copy_or_a_prepared_statement() {
    for (around, query) in [
        ("COPY (☐) TO STDOUT", "SELECT * FROM post"),
        (
            "COPY (☐) TO STDOUT WITH (FORMAT csv, HEADER);",
            "TABLE post",
        ),
        (
            "COPY (☐ ORDER BY id) TO '/tmp/x' CSV",
            "SELECT id FROM post",
        ),
        (
            "COPY (☐) TO PROGRAM 'cat' WITH CSV HEADER",
            "WITH x AS (SELECT * FROM post) SELECT * FROM x",
        ),
        ("PREPARE q AS ☐", "SELECT * FROM post"),
        ("PREPARE q (INT, VARCHAR(3)) AS ☐ LIMIT $1", "TABLE post"),
        ("PREPARE q AS ☐", "UPDATE post SET a = $1"),
    ] {
        let scoped = query
            .replace("TABLE post", "SELECT * FROM post")
            .replacen("FROM post", "FROM post WHERE post.“deleted_at“ IS NULL", 1)
            .replace("a = $1", "a = $1 WHERE post.“deleted_at“ IS NULL");
        becomes(
            &[Postgres],
            &around.replace('☐', query),
            &around.replace('☐', &scoped),
        );
    }
    refuses(
        &[Postgres],
        "COPY (DELETE FROM post RETURNING *) TO STDOUT",
        "DELETE would remove",
    );
    refuses(
        &[Postgres],
        "PREPARE q AS DELETE FROM post",
        "DELETE would remove",
    );
    refuses(&[Postgres], "COPY post TO STDOUT", "begins with `COPY`");
    refuses(
        &[Postgres],
        "COPY (SELECT 1) TO STDOUT; DELETE FROM post",
        "several statements",
    );
    stays(&[Postgres], "COPY post FROM STDIN");
    stays(
        &[Postgres],
        "COPY blog.post (id, title) FROM '/tmp/x' WITH (FORMAT csv)",
    );
}

#[test]
fn the_row_of_a_cursor() {
    for sql in [
        "UPDATE post SET a = 1 WHERE CURRENT OF c",
        "UPDATE post SET a = (SELECT max(id) FROM comment) WHERE CURRENT OF c RETURNING id",
    ] {
        let refused = active(Postgres, sql).unwrap_err();
        assert!(
            refused.to_string().contains("a condition on the key"),
            "{refused}"
        );
    }
    refuses(
        &[Postgres],
        "DELETE FROM post WHERE CURRENT OF c",
        "DELETE would remove",
    );
    gains(
        &[Postgres],
        "UPDATE author SET a = (SELECT max(id) FROM post ☐) WHERE CURRENT OF c",
    );
    let update = "UPDATE post SET a = 1 WHERE CURRENT OF c";
    assert_eq!(
        rewrite(Postgres, update, &tables(), Rows::All).unwrap(),
        update
    );
}

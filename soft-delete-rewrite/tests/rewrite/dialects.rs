//! Syntax of one database that the parser of many doesn't know.

use crate::*;

/// The statement gains the condition of `post` at `☐`, and of no other table.
#[track_caller]
fn gains(backends: &[Dialect], sql: &str) {
    let plain = sql.replace(" ☐", "");
    assert_eq!(sql.matches('☐').count(), 1, "{sql}");
    becomes(
        backends,
        &plain,
        &sql.replace('☐', "WHERE post.“deleted_at“ IS NULL"),
    );
}

#[test]
fn null_safe_equality_of_sqlite() {
    for condition in [
        "title IS ?",
        "title IS NOT ?",
        "a IS b AND c IS NOT d",
        "CASE WHEN id IS 1 THEN 1 END",
        "title IS 'x' OR id IS (SELECT 1)",
        "id ISNULL OR title NOTNULL",
        "title NOT NULL",
        "title NOT GLOB 'a*' AND title NOT REGEXP 'b' AND title NOT MATCH 'c'",
        "id << 1 = 2 AND id >> 1 == 1",
    ] {
        becomes(
            &[Sqlite],
            &format!("SELECT * FROM post WHERE {condition}"),
            &format!("SELECT * FROM post WHERE ({condition}) AND post.“deleted_at“ IS NULL"),
        );
    }
    for condition in [
        "deleted_at IS ?",
        "deleted_at IS NOT other",
        "post.deleted_at ISNULL",
    ] {
        stays(&[Sqlite], &format!("SELECT * FROM post WHERE {condition}"));
    }
    // It is not the one that a DELETE needs.
    refuses(
        &[Sqlite],
        "DELETE FROM post WHERE deleted_at IS NOT 5",
        "rows of `post`",
    );
    refuses(
        &[Sqlite],
        "DELETE FROM post WHERE deleted_at ISNULL",
        "rows of `post`",
    );
    stays(&[Sqlite], "DELETE FROM post WHERE deleted_at NOTNULL");
}

#[test]
fn other_forms_of_sqlite() {
    gains(
        &[Sqlite],
        "SELECT sum(id) OVER (ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM post ☐",
    );
    gains(
        &[Sqlite],
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) WHERE deleted_at IS NULL DO NOTHING ON CONFLICT (slug) DO UPDATE SET a = 1 ☐",
    );
    becomes(
        &[Sqlite],
        "SELECT * FROM post, comment ON post.id = comment.post_id",
        "SELECT * FROM post, comment ON post.id = comment.post_id WHERE post.“deleted_at“ IS NULL AND comment.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite],
        "INSERT INTO main.post AS p (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
        "INSERT INTO main.post AS p (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE p.“deleted_at“ IS NULL",
    );
    stays(
        &[Sqlite],
        "INSERT INTO post AS \"p\" (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE p.deleted_at IS NULL",
    );
}

#[test]
fn a_table_in_the_place_of_a_list() {
    becomes(
        &[Sqlite],
        "SELECT * FROM author WHERE id NOT IN post",
        "SELECT * FROM author WHERE id NOT IN (SELECT * FROM post WHERE post.“deleted_at“ IS NULL)",
    );
    becomes(
        &[Sqlite],
        "SELECT * FROM author WHERE id IN main.\"post\" OR a",
        "SELECT * FROM author WHERE id IN (SELECT * FROM main.\"post\" WHERE main.\"post\".“deleted_at“ IS NULL) OR a",
    );
    stays(
        &[Sqlite],
        "WITH post AS (SELECT 1) SELECT 1 WHERE 1 IN post",
    );
    stays(
        &[Sqlite],
        "SELECT * FROM author WHERE id IN other AND a = 'post'",
    );
}

#[test]
fn a_table_alone_is_a_query() {
    let (written, scoped) = (
        "TABLE post",
        "SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
    for around in [
        "☐",
        "☐ ORDER BY id LIMIT 1",
        "SELECT 1 UNION ALL ☐",
        "WITH x AS (☐) SELECT * FROM x",
        "SELECT * FROM author WHERE NOT EXISTS (☐)",
        "INSERT INTO author ☐",
        "EXPLAIN ☐",
        "CREATE TABLE copy AS ☐",
    ] {
        becomes(
            &[Postgres, MySql],
            &around.replace('☐', written),
            &around.replace('☐', scoped),
        );
    }
    becomes(
        &[Postgres],
        "(TABLE \"blog\".post) UNION (TABLE author)",
        "(SELECT * FROM \"blog\".post WHERE \"blog\".post.“deleted_at“ IS NULL) UNION (SELECT * FROM author)",
    );
    stays(&[Postgres, MySql], "WITH post AS (SELECT 1) TABLE post");
    let with_deleted = rewrite(Postgres, "TABLE post", &tables(), Rows::All);
    assert_eq!(with_deleted.unwrap(), "TABLE post");
}

#[test]
fn modifiers_of_mysql() {
    for sql in [
        "UPDATE IGNORE post SET a = 1 ☐",
        "UPDATE LOW_PRIORITY post SET a = 1 ☐ ORDER BY id LIMIT 1",
        "UPDATE LOW_PRIORITY IGNORE post SET a = 1 ☐",
        "SELECT STRAIGHT_JOIN post.id FROM post ☐",
        "SELECT HIGH_PRIORITY post.id FROM post ☐",
        "SELECT DISTINCT HIGH_PRIORITY STRAIGHT_JOIN SQL_NO_CACHE post.id FROM post ☐",
        "SELECT SQL_CALC_FOUND_ROWS STRAIGHT_JOIN post.* FROM post ☐ LIMIT 1",
        "EXPLAIN EXTENDED SELECT * FROM post ☐",
        "SELECT a FROM post ☐ GROUP BY a DESC, b ASC HAVING a ORDER BY a DESC",
        "SELECT id FROM post ☐ INTO @a",
        "SELECT id, b FROM post ☐ LIMIT 1 INTO @a, @b;",
        "SELECT * FROM post FORCE INDEX FOR JOIN (i) ☐",
    ] {
        gains(&[MySql], sql);
    }
    // What stands where a table does is no modifier.
    refuses(&[MySql], "DELETE IGNORE FROM post", "");
    refuses(&[MySql], "REPLACE HIGH_PRIORITY post VALUES (1)", "");
}

#[test]
fn lists_of_tables_of_mysql() {
    becomes(
        &[MySql],
        "UPDATE post a, comment b SET a.x = 1 WHERE a.id = b.id",
        "UPDATE post a, comment b SET a.x = 1 WHERE (a.id = b.id) AND a.“deleted_at“ IS NULL AND b.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SELECT * FROM post a LEFT JOIN (comment b, tag c) ON a.id = b.id",
        "SELECT * FROM post a LEFT JOIN (comment b, tag c) ON (a.id = b.id) AND b.“deleted_at“ IS NULL AND c.“removed_at“ IS NULL WHERE a.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SELECT * FROM (author, post) LEFT JOIN comment ON x",
        "SELECT * FROM (author, post) LEFT JOIN comment ON (x) AND comment.“deleted_at“ IS NULL WHERE post.“deleted_at“ IS NULL",
    );
    for sql in [
        "SELECT * FROM (post) ☐",
        "SELECT * FROM author JOIN (`post`) ON x ☐",
        "SELECT * FROM author, (SELECT 1) AS d JOIN (post) ☐",
    ] {
        gains(&[MySql], &sql.replace("`post`", "post"));
    }
    becomes(
        &[MySql],
        "SELECT * FROM (post AS p) WHERE x",
        "SELECT * FROM (post AS p) WHERE (x) AND p.“deleted_at“ IS NULL",
    );
    refuses(
        &[MySql],
        "UPDATE post a, comment b RIGHT JOIN author c ON x SET a.x = 1",
        "",
    );
    refuses(
        &[MySql],
        "SELECT * FROM author LEFT JOIN (post, comment RIGHT JOIN tag ON x) ON y",
        "",
    );
}

#[test]
fn expressions_of_mysql() {
    for column in [
        "a + INTERVAL '1:1' MINUTE_SECOND",
        "EXTRACT(YEAR_MONTH FROM a)",
        "id MOD 2",
        "(a) MOD (b)",
        "MOD(a, 2)",
        "a SOUNDS LIKE 'b'",
    ] {
        gains(&[MySql], &format!("SELECT {column} FROM post ☐"));
    }
}

#[test]
fn a_table_may_be_called_like_its_schema() {
    becomes(
        &ALL,
        "SELECT * FROM post.post JOIN comment.author ON x",
        "SELECT * FROM post.post JOIN comment.author ON x WHERE post.post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite, Postgres],
        r#"UPDATE "post"."post" SET a = 1"#,
        r#"UPDATE "post"."post" SET a = 1 WHERE "post"."post"."deleted_at" IS NULL"#,
    );
    becomes(
        &ALL,
        "INSERT INTO post SELECT * FROM post.post",
        "INSERT INTO post SELECT * FROM post.post WHERE post.post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "SELECT a INTO comment FROM post",
        "SELECT a INTO comment FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn assignments_and_fields_of_postgres() {
    for sql in [
        "UPDATE post SET tags[1] = 'a' ☐",
        "UPDATE post SET data['a'] = '1', b = 2, tags[1:2][3] = '{}', x.y = 1 ☐ RETURNING tags[1]",
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET tags[1] = 'a' ☐",
        "SELECT (post).* FROM post ☐",
        "SELECT (post).id, (f(x)).*, (array[1])[1] FROM post ☐",
    ] {
        gains(&[Postgres], sql);
    }
    refuses(
        &[Postgres],
        "UPDATE author SET tags[(SELECT max(id) FROM post)] = 'a'",
        "a sub-select in this place",
    );
    becomes(
        &[Postgres],
        "SELECT id FROM post WHERE tags[1] = (SELECT a FROM comment) AND (p).deleted_at IS NULL",
        "SELECT id FROM post WHERE (tags[1] = (SELECT a FROM comment WHERE comment.“deleted_at“ IS NULL) AND (p).deleted_at IS NULL) AND post.“deleted_at“ IS NULL",
    );
}

#[test]
fn windows_and_traversals_of_postgres() {
    for sql in [
        "SELECT sum(a) OVER (ORDER BY b EXCLUDE TIES) FROM post ☐",
        "SELECT sum(a) OVER (GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE NO OTHERS) FROM post ☐",
        "SELECT sum(a) OVER (RANGE BETWEEN '1 day'::interval PRECEDING AND '1'::numeric(3) FOLLOWING EXCLUDE GROUP) FROM post ☐",
        "SELECT exclude FROM post ☐ GROUP BY exclude",
        "WITH RECURSIVE t AS (SELECT id FROM post ☐ UNION ALL SELECT id FROM t) SEARCH DEPTH FIRST BY id, a SET o SELECT * FROM t",
        "WITH RECURSIVE t AS (SELECT id FROM post ☐ UNION ALL SELECT id FROM t) CYCLE id SET is_cycle USING path SELECT * FROM t",
        "WITH RECURSIVE t AS (SELECT id FROM post ☐ UNION ALL SELECT id FROM t) SEARCH BREADTH FIRST BY id SET o CYCLE id SET is_cycle TO 'Y' DEFAULT 'N' USING path, u AS (SELECT 1) SELECT * FROM t, u",
    ] {
        gains(&[Postgres], sql);
    }
}

#[test]
fn no_table_hides_in_what_is_not_read() {
    for sql in [
        "SELECT (1) cycle FROM author, post ORDER BY id USING <",
        "SELECT (1) cycle FROM author, post JOIN comment USING (id)",
        "SELECT (1) search FROM author, post",
        "SELECT xmlelement(name a) name FROM author, post",
        "SELECT (1) cycle, 2 AS set FROM author, post WHERE x",
    ] {
        if let Ok(text) = active(Postgres, sql) {
            assert!(text.contains("post.\"deleted_at\" IS NULL"), "{text}");
        }
    }
    for sql in [
        "SELECT id FROM author, post GROUP BY id DESC",
        "SELECT 1 FROM author a, (post, comment)",
        "SELECT STRAIGHT_JOIN id FROM author, post",
        "UPDATE IGNORE author, post SET a = 1",
        "SELECT id INTO @a FROM author, post",
    ] {
        if let Ok(text) = active(MySql, sql) {
            assert!(text.contains("post.`deleted_at` IS NULL"), "{text}");
        }
    }
}

#[test]
fn expressions_of_postgres() {
    for sql in [
        "SELECT id ISNULL, a NOTNULL FROM post ☐",
        "SELECT id BETWEEN SYMMETRIC 3 AND 1 FROM post ☐",
        "SELECT f(VARIADIC ARRAY[1, 2]), g(1, VARIADIC a) FROM post ☐",
        "SELECT xmlelement(name deleted_at, title), xmlelement(name a) FROM post ☐",
        "SELECT xmlexists('//a' PASSING BY VALUE title), xmlexists('//a' PASSING title) FROM post ☐",
        "SELECT * FROM author JOIN post USING (id) AS j ☐",
        "SELECT * FROM post * ☐",
        "SELECT * FROM ONLY (post) ☐",
        "SELECT * FROM post ☐ FETCH FIRST ROW WITH TIES",
    ] {
        gains(&[Postgres], sql);
    }
}

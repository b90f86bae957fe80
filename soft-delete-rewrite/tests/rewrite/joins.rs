use crate::*;

const ON: &str = "post p LEFT JOIN comment c ON c.post_id = p.id";

#[test]
fn the_nullable_side_of_a_left_join_is_scoped_in_its_on() {
    becomes(
        &ALL,
        &format!("SELECT * FROM {ON}"),
        "SELECT * FROM post p LEFT JOIN comment c ON (c.post_id = p.id) AND c.“deleted_at“ IS NULL \
         WHERE p.“deleted_at“ IS NULL",
    );
}

#[test]
fn the_nullable_side_of_a_right_join_is_scoped_in_its_on() {
    becomes(
        &ALL,
        "SELECT * FROM post p RIGHT OUTER JOIN comment c ON c.post_id = p.id WHERE c.x",
        "SELECT * FROM post p RIGHT OUTER JOIN comment c ON (c.post_id = p.id) AND p.“deleted_at“ IS NULL \
         WHERE (c.x) AND c.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_table_climbs_to_the_outer_join_that_makes_it_nullable() {
    becomes(
        &ALL,
        "SELECT * FROM post p JOIN comment c ON c.post_id = p.id RIGHT JOIN author a ON a.id = p.author_id",
        "SELECT * FROM post p JOIN comment c ON c.post_id = p.id RIGHT JOIN author a ON (a.id = p.author_id) \
         AND p.“deleted_at“ IS NULL AND c.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM author a LEFT JOIN (post p JOIN comment c ON c.post_id = p.id) ON a.id = p.author_id",
        "SELECT * FROM author a LEFT JOIN (post p JOIN comment c ON c.post_id = p.id) ON (a.id = p.author_id) \
         AND p.“deleted_at“ IS NULL AND c.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM author a JOIN (post p LEFT JOIN comment c ON c.post_id = p.id) ON a.id = p.author_id",
        "SELECT * FROM author a JOIN (post p LEFT JOIN comment c ON (c.post_id = p.id) AND c.“deleted_at“ IS NULL) \
         ON a.id = p.author_id WHERE p.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM author a LEFT JOIN post p ON p.author_id = a.id LEFT JOIN comment c ON c.post_id = p.id",
        "SELECT * FROM author a LEFT JOIN post p ON (p.author_id = a.id) AND p.“deleted_at“ IS NULL \
         LEFT JOIN comment c ON (c.post_id = p.id) AND c.“deleted_at“ IS NULL",
    );
}

#[test]
fn joins_without_parentheses_nest_to_the_right() {
    becomes(
        &[Postgres, MySql],
        "SELECT * FROM author a LEFT JOIN post p JOIN comment c ON c.post_id = p.id ON p.author_id = a.id WHERE x",
        "SELECT * FROM author a LEFT JOIN post p JOIN comment c ON c.post_id = p.id ON (p.author_id = a.id) \
         AND p.“deleted_at“ IS NULL AND c.“deleted_at“ IS NULL WHERE x",
    );
}

#[test]
fn joins_group_to_the_left() {
    becomes(
        &ALL,
        "SELECT * FROM post CROSS JOIN author b RIGHT JOIN author c ON b.id = c.id",
        "SELECT * FROM post CROSS JOIN author b RIGHT JOIN author c ON (b.id = c.id) AND post.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_join_without_on_before_a_right_join_is_not_guessed_at() {
    refuses(
        &[MySql],
        "SELECT * FROM post JOIN author b RIGHT JOIN author c ON b.id = c.id",
        "joins without parentheses",
    );
    becomes(
        &ALL,
        "SELECT * FROM post JOIN author b LEFT JOIN comment c ON b.id = c.id",
        "SELECT * FROM post JOIN author b LEFT JOIN comment c ON (b.id = c.id) AND c.“deleted_at“ IS NULL WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn to_sqlite_a_comma_is_a_join() {
    let sql = "SELECT * FROM post p, author a RIGHT JOIN author b ON a.id = b.id";
    becomes(
        &[Sqlite],
        sql,
        "SELECT * FROM post p, author a RIGHT JOIN author b ON (a.id = b.id) AND p.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres, MySql],
        sql,
        "SELECT * FROM post p, author a RIGHT JOIN author b ON a.id = b.id WHERE p.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_full_join_takes_derived_tables() {
    becomes(
        &[Sqlite],
        "SELECT * FROM post FULL JOIN comment AS c ON c.post_id = post.id",
        "SELECT * FROM (SELECT * FROM post WHERE post.“deleted_at“ IS NULL) AS post FULL JOIN \
         (SELECT * FROM comment WHERE comment.“deleted_at“ IS NULL) AS c ON c.post_id = post.id",
    );
    becomes(
        &[Postgres],
        r#"SELECT * FROM author a FULL OUTER JOIN "blog"."post" USING (id)"#,
        r#"SELECT * FROM author a FULL OUTER JOIN ("blog"."post" JOIN (SELECT) AS soft_delete_10 ON "blog"."post"."deleted_at" IS NULL) USING (id)"#,
    );
    becomes(
        &[Postgres],
        "SELECT p.ctid, c.id FROM post p FULL JOIN comment AS c ON c.post_id = p.id",
        "SELECT p.ctid, c.id FROM (post p JOIN (SELECT) AS soft_delete_10 ON p.“deleted_at“ IS NULL) FULL JOIN \
         (comment AS c JOIN (SELECT) AS soft_delete_15 ON c.“deleted_at“ IS NULL) ON c.post_id = p.id",
    );
}

#[test]
fn using_and_natural_take_derived_tables_on_the_nullable_side_only() {
    becomes(
        &[Sqlite, MySql],
        "SELECT * FROM post LEFT JOIN comment USING (id)",
        "SELECT * FROM post LEFT JOIN (SELECT * FROM comment WHERE comment.“deleted_at“ IS NULL) AS comment USING (id) \
         WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite, MySql],
        "SELECT * FROM post p NATURAL LEFT JOIN comment c",
        "SELECT * FROM post p NATURAL LEFT JOIN (SELECT * FROM comment WHERE comment.“deleted_at“ IS NULL) c \
         WHERE p.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM post p JOIN comment c USING (id) NATURAL JOIN author",
        "SELECT * FROM post p JOIN comment c USING (id) NATURAL JOIN author WHERE p.“deleted_at“ IS NULL \
         AND c.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "SELECT * FROM post p NATURAL LEFT JOIN comment c",
        "SELECT * FROM post p NATURAL LEFT JOIN (comment c JOIN (SELECT) AS soft_delete_9 ON c.“deleted_at“ IS NULL) \
         WHERE p.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_rowid_is_not_read_from_a_derived_table() {
    for sql in [
        "SELECT post.rowid FROM author LEFT JOIN post USING (id)",
        "SELECT 1 FROM author NATURAL LEFT JOIN post WHERE post._ROWID_ = 1",
        "SELECT \"oid\" FROM author FULL JOIN post ON x",
    ] {
        refuses_active(Sqlite, sql, "a rowid");
    }
    becomes(
        &[Sqlite],
        "SELECT post.rowid FROM author LEFT JOIN post ON post.id = author.id",
        "SELECT post.rowid FROM author LEFT JOIN post ON (post.id = author.id) AND post.“deleted_at“ IS NULL",
    );
}

#[track_caller]
fn refuses_active(backend: Dialect, sql: &str, words: &str) {
    let refused = active(backend, sql).unwrap_err().to_string();
    assert!(refused.contains(words), "{refused}");
}

#[test]
fn an_alias_of_joined_tables_hides_their_names() {
    becomes(
        &[Sqlite, Postgres],
        "SELECT * FROM (post p JOIN author a ON a.id = p.author_id) AS j",
        "SELECT * FROM (post p JOIN author a ON (a.id = p.author_id) AND p.“deleted_at“ IS NULL) AS j",
    );
    becomes(
        &[Postgres],
        "SELECT * FROM (post p LEFT JOIN author a ON a.id = p.author_id) AS j",
        "SELECT * FROM ((post p JOIN (SELECT) AS soft_delete_5 ON p.“deleted_at“ IS NULL) LEFT JOIN author a ON a.id = p.author_id) AS j",
    );
}

#[test]
fn an_inner_join_takes_what_the_outer_one_has_no_room_for() {
    becomes(
        &[Sqlite],
        "SELECT * FROM post p JOIN author a ON a.id = p.author_id FULL JOIN comment c ON c.post_id = p.id",
        "SELECT * FROM post p JOIN author a ON (a.id = p.author_id) AND p.“deleted_at“ IS NULL FULL JOIN \
         (SELECT * FROM comment WHERE comment.“deleted_at“ IS NULL) c ON c.post_id = p.id",
    );
    becomes(
        &ALL,
        "SELECT * FROM author LEFT JOIN (post JOIN comment c ON c.post_id = post.id) USING (id)",
        "SELECT * FROM author LEFT JOIN (post JOIN comment c ON (c.post_id = post.id) AND post.“deleted_at“ IS NULL \
         AND c.“deleted_at“ IS NULL) USING (id)",
    );
}

#[test]
fn an_alias_with_column_names_takes_a_derived_table() {
    becomes(
        &[Postgres],
        "SELECT * FROM post AS p(a, b) WHERE deleted_at IS NULL",
        "SELECT * FROM (SELECT * FROM post WHERE post.“deleted_at“ IS NULL) AS p(a, b) WHERE deleted_at IS NULL",
    );
}

#[test]
fn a_self_join_scopes_each_alias() {
    becomes(
        &ALL,
        "SELECT * FROM post a LEFT JOIN post b ON b.parent = a.id",
        "SELECT * FROM post a LEFT JOIN post b ON (b.parent = a.id) AND b.“deleted_at“ IS NULL WHERE a.“deleted_at“ IS NULL",
    );
}

#[test]
fn functions_named_like_joins_are_no_joins() {
    becomes(
        &ALL,
        "SELECT * FROM author a LEFT JOIN post p ON LEFT(p.x, 2) = a.y AND RIGHT(p.x, 2) = 'c'",
        "SELECT * FROM author a LEFT JOIN post p ON (LEFT(p.x, 2) = a.y AND RIGHT(p.x, 2) = 'c') AND p.“deleted_at“ IS NULL",
    );
}

#[test]
fn cross_and_straight_joins_keep_both_sides() {
    becomes(
        &ALL,
        "SELECT * FROM post CROSS JOIN comment",
        "SELECT * FROM post CROSS JOIN comment WHERE post.“deleted_at“ IS NULL AND comment.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SELECT * FROM author STRAIGHT_JOIN post ON post.id = author.id",
        "SELECT * FROM author STRAIGHT_JOIN post ON post.id = author.id WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn lateral_sub_selects_and_nested_parentheses_are_read() {
    becomes(
        &[Postgres],
        "SELECT * FROM post p LEFT JOIN LATERAL (SELECT * FROM comment c WHERE c.post_id = p.id LIMIT 1) l ON true",
        "SELECT * FROM post p LEFT JOIN LATERAL (SELECT * FROM comment c WHERE (c.post_id = p.id) AND c.“deleted_at“ IS NULL LIMIT 1) l ON true WHERE p.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM ((author a LEFT JOIN post p ON x) JOIN (author b) ON y)"
            .replace("(author b)", "author b")
            .as_str(),
        "SELECT * FROM ((author a LEFT JOIN post p ON (x) AND p.“deleted_at“ IS NULL) JOIN author b ON y)",
    );
}

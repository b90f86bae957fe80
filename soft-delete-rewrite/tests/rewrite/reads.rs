use crate::*;

#[test]
fn a_select_without_where_gains_one() {
    becomes(
        &ALL,
        "SELECT * FROM post",
        "SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_condition_is_grouped_before_the_predicate_is_added() {
    becomes(
        &ALL,
        "SELECT * FROM post WHERE id = 1 OR id = 2",
        "SELECT * FROM post WHERE (id = 1 OR id = 2) AND post.“deleted_at“ IS NULL",
    );
}

#[test]
fn each_scope_has_its_predicate() {
    let sql = "SELECT * FROM post";
    let only = rewrite(Sqlite, sql, &tables(), Rows::Deleted).unwrap();
    assert_eq!(
        only,
        r#"SELECT * FROM post WHERE post."deleted_at" IS NOT NULL"#
    );
    let with = rewrite(Sqlite, sql, &tables(), Rows::All).unwrap();
    assert_eq!(with, sql);
}

#[test]
fn each_table_has_its_own_column() {
    becomes(
        &ALL,
        "SELECT 1 FROM tag t",
        "SELECT 1 FROM tag t WHERE t.“removed_at“ IS NULL",
    );
}

#[test]
fn the_where_goes_before_what_follows_it() {
    for tail in [
        "GROUP BY a",
        "HAVING count(*) > 1",
        "ORDER BY a",
        "LIMIT 1",
        "UNION SELECT 1",
        "EXCEPT SELECT 1",
        "INTERSECT SELECT 1",
        ";",
        "-- at the end",
        "/* at the end */ ;",
        "WINDOW w AS (PARTITION BY a)",
        "GROUP BY a HAVING b ORDER BY c LIMIT 3 OFFSET 2",
    ] {
        becomes(
            &ALL,
            &format!("SELECT a FROM post {tail}"),
            &format!("SELECT a FROM post WHERE post.“deleted_at“ IS NULL {tail}"),
        );
        becomes(
            &ALL,
            &format!("SELECT a FROM post WHERE x {tail}"),
            &format!("SELECT a FROM post WHERE (x) AND post.“deleted_at“ IS NULL {tail}"),
        );
    }
    for tail in [
        "FOR UPDATE",
        "FOR UPDATE OF post SKIP LOCKED",
        "FOR SHARE NOWAIT",
    ] {
        becomes(
            &[Postgres, MySql],
            &format!("SELECT a FROM post {tail}"),
            &format!("SELECT a FROM post WHERE post.“deleted_at“ IS NULL {tail}"),
        );
    }
    for tail in [
        "OFFSET 3",
        "FETCH FIRST 3 ROWS ONLY",
        "FOR NO KEY UPDATE",
        "OFFSET 1 ROWS FETCH NEXT 3 ROWS ONLY",
    ] {
        becomes(
            &[Postgres],
            &format!("SELECT a FROM post {tail}"),
            &format!("SELECT a FROM post WHERE post.“deleted_at“ IS NULL {tail}"),
        );
    }
    becomes(
        &[MySql],
        "SELECT a FROM post LOCK IN SHARE MODE",
        "SELECT a FROM post WHERE post.“deleted_at“ IS NULL LOCK IN SHARE MODE",
    );
}

#[test]
fn the_qualifier_is_written_as_in_the_statement() {
    becomes(
        &[Sqlite, Postgres],
        r#"SELECT * FROM "post" AS "P""#,
        r#"SELECT * FROM "post" AS "P" WHERE "P"."deleted_at" IS NULL"#,
    );
    becomes(
        &[MySql],
        "SELECT * FROM `blog`.`post`",
        "SELECT * FROM `blog`.`post` WHERE `blog`.`post`.`deleted_at` IS NULL",
    );
    becomes(
        &[Sqlite],
        "SELECT * FROM [post] x, `comment`",
        r#"SELECT * FROM [post] x, `comment` WHERE x."deleted_at" IS NULL AND `comment`."deleted_at" IS NULL"#,
    );
}

#[test]
fn all_tables_of_a_block_are_scoped() {
    becomes(
        &ALL,
        "SELECT * FROM post p, author a, comment AS c JOIN tag ON tag.id = c.tag WHERE p.id = c.post",
        "SELECT * FROM post p, author a, comment AS c JOIN tag ON tag.id = c.tag WHERE (p.id = c.post) \
         AND p.“deleted_at“ IS NULL AND c.“deleted_at“ IS NULL AND tag.“removed_at“ IS NULL",
    );
}

#[test]
fn sub_selects_are_scoped_wherever_they_stand() {
    let inner = "(SELECT max(id) FROM comment)";
    let scoped = "(SELECT max(id) FROM comment WHERE comment.“deleted_at“ IS NULL)";
    for around in [
        "SELECT ☐ FROM author",
        "SELECT CASE WHEN ☐ > 1 THEN ☐ ELSE ☐ END",
        "SELECT coalesce(☐, 1)",
        "SELECT * FROM author WHERE id = ☐",
        "SELECT * FROM author WHERE id IN ☐ OR EXISTS ☐",
        "SELECT * FROM author WHERE NOT EXISTS ☐",
        "SELECT a FROM author GROUP BY a HAVING max(b) > ☐",
        "SELECT a FROM author ORDER BY ☐",
        "SELECT a FROM author JOIN author b ON a.id = ☐",
        "SELECT a FROM author LEFT JOIN ☐ AS d ON d.id = ☐",
        "SELECT * FROM ☐ AS d",
        "SELECT * FROM (SELECT * FROM ☐ AS e) AS d",
        "VALUES (1, ☐)",
        "SELECT 1 UNION ALL SELECT ☐",
        "WITH x AS ☐ SELECT * FROM x",
        "INSERT INTO author (id) VALUES (☐)",
        "INSERT INTO author (id) SELECT ☐",
        "UPDATE author SET id = ☐ WHERE id = ☐",
        "DELETE FROM author WHERE id IN ☐",
        "EXPLAIN SELECT ☐",
        "SELECT sum(a) OVER (PARTITION BY ☐) FROM author",
        "SELECT a BETWEEN ☐ AND ☐ FROM author",
    ] {
        becomes(
            &ALL,
            &around.replace('☐', inner),
            &around.replace('☐', scoped),
        );
    }
    for around in [
        "SELECT ARRAY☐",
        "SELECT * FROM author, LATERAL ☐ AS d",
        "SELECT a FROM author LIMIT ☐",
        "SELECT sum(a) FILTER (WHERE b > ☐) FROM author",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ☐) FROM author",
        "SELECT a = ANY ☐ FROM author",
        "INSERT INTO author (id) VALUES (1) RETURNING ☐",
        "UPDATE author SET (id) = ☐",
        "SELECT (☐)::int",
        "SELECT DISTINCT ON (☐) a FROM author",
        "SELECT ARRAY[☐, 1]",
        "INSERT INTO author (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = ☐",
        "SELECT json->☐->>'a' FROM author",
    ] {
        becomes(
            &[Postgres],
            &around.replace('☐', inner),
            &around.replace('☐', scoped),
        );
    }
}

#[test]
fn every_arm_of_a_set_operation_is_scoped() {
    becomes(
        &ALL,
        "SELECT id FROM post UNION ALL SELECT id FROM comment WHERE x UNION SELECT id FROM author ORDER BY 1",
        "SELECT id FROM post WHERE post.“deleted_at“ IS NULL UNION ALL SELECT id FROM comment WHERE (x) \
         AND comment.“deleted_at“ IS NULL UNION SELECT id FROM author ORDER BY 1",
    );
    becomes(
        &[Postgres, MySql],
        "(SELECT id FROM post LIMIT 1) UNION (SELECT id FROM post ORDER BY id)",
        "(SELECT id FROM post WHERE post.“deleted_at“ IS NULL LIMIT 1) UNION \
         (SELECT id FROM post WHERE post.“deleted_at“ IS NULL ORDER BY id)",
    );
}

#[test]
fn a_correlated_sub_select_is_a_block_of_its_own() {
    becomes(
        &ALL,
        "SELECT * FROM post p WHERE EXISTS (SELECT 1 FROM comment c WHERE c.post_id = p.id)",
        "SELECT * FROM post p WHERE (EXISTS (SELECT 1 FROM comment c WHERE (c.post_id = p.id) \
         AND c.“deleted_at“ IS NULL)) AND p.“deleted_at“ IS NULL",
    );
}

#[test]
fn what_creates_or_explains_rows_is_scoped() {
    becomes(
        &ALL,
        "CREATE TABLE copy AS SELECT * FROM post",
        "CREATE TABLE copy AS SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM post",
        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite],
        "EXPLAIN QUERY PLAN SELECT * FROM post",
        "EXPLAIN QUERY PLAN SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "EXPLAIN FORMAT=JSON SELECT * FROM post",
        "EXPLAIN FORMAT=JSON SELECT * FROM post WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "SELECT * INTO copy FROM post",
        "SELECT * INTO copy FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn statements_on_other_tables_are_not_copied() {
    stays(&ALL, "SELECT * FROM author WHERE name = 'postman'");
    stays(
        &ALL,
        "SELECT * FROM author WHERE kind = 'post' /* comment */",
    );
    stays(&ALL, "SELECT post, post.id, a.comment FROM author AS a");
    stays(&ALL, "this is no SQL");
    stays(&ALL, "");
}

#[test]
fn the_rest_of_the_text_stays_byte_for_byte() {
    becomes(
        &[Postgres],
        "select\t\"p\".*, 'é''–' ,\r\n  $1::int /* ünï /* nested */ */ from \"post\"  as p -- c\n where\n\n a ? 'k' -- d\r\n  ;  -- e",
        "select\t\"p\".*, 'é''–' ,\r\n  $1::int /* ünï /* nested */ */ from \"post\"  as p -- c\n where\n\n (a ? 'k') AND p.\"deleted_at\" IS NULL -- d\r\n  ;  -- e",
    );
}

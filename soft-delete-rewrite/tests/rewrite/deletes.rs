use crate::*;

#[test]
fn a_delete_is_refused_with_the_ways_out() {
    refuses(
        &ALL,
        "DELETE FROM post",
        "set their `deleted_at` by UPDATE instead; with `deleted_at IS NOT NULL`",
    );
    refuses(&ALL, "DELETE FROM post WHERE id = 1", "rows of `post`");
    refuses(
        &[Sqlite, Postgres],
        "DELETE FROM post AS p WHERE p.id = 1 RETURNING deleted_at",
        "rows of `post`",
    );
    refuses(&ALL, "EXPLAIN DELETE FROM post", "rows of `post`");
    refuses(
        &ALL,
        "WITH x AS (SELECT 1) DELETE FROM post WHERE id IN (SELECT * FROM x)",
        "rows of `post`",
    );
    refuses(
        &ALL,
        "DELETE FROM post WHERE id IN (SELECT id FROM author WHERE deleted_at IS NULL)",
        "rows of `post`",
    );
}

#[test]
fn a_delete_that_says_that_it_removes_passes() {
    stays(&ALL, "DELETE FROM post WHERE deleted_at IS NOT NULL");
    stays(
        &ALL,
        "DELETE FROM post WHERE id = 1 AND (post.deleted_at IS NULL OR TRUE)",
    );
    becomes(
        &ALL,
        "DELETE FROM post WHERE deleted_at IS NOT NULL AND id IN (SELECT post_id FROM comment)",
        "DELETE FROM post WHERE deleted_at IS NOT NULL AND id IN (SELECT post_id FROM comment WHERE comment.“deleted_at“ IS NULL)",
    );
}

#[test]
fn a_delete_that_keeps_to_active_rows_is_refused() {
    for condition in [
        "id = 7 AND deleted_at IS NULL",
        "post.deleted_at IS NULL",
        "(deleted_at IS NULL)",
        "deleted_at < 5",
        "deleted_at IS NULL AND TRUE",
        "deleted_at IS NULL OR id = 7",
        "deleted_at IS NOT NULL OR id = 7",
        "id = 7 OR deleted_at IS NULL OR TRUE",
        "id = 7 AND deleted_at IS NULL OR TRUE",
        "NOT (deleted_at IS NOT NULL)",
        "NOT (deleted_at IS NULL OR TRUE)",
        "coalesce(deleted_at, 1) IS NOT NULL",
        "(deleted_at IS NOT NULL) = FALSE",
        "CASE WHEN deleted_at IS NOT NULL THEN 1 ELSE 1 END = 1",
        "id IN (SELECT id FROM author WHERE post.deleted_at IS NOT NULL)",
        "EXISTS (SELECT 1 WHERE deleted_at IS NOT NULL)",
        "other.deleted_at IS NOT NULL",
        "title IS NOT NULL",
    ] {
        let sql = format!("DELETE FROM post WHERE {condition}");
        refuses(&ALL, &sql, "rows of `post`");
    }
    refuses(
        &[Sqlite, Postgres],
        "DELETE FROM post WHERE id = 7 AND deleted_at IS NULL RETURNING *",
        "`deleted_at IS NOT NULL`",
    );
}

#[test]
fn a_delete_says_that_it_removes_in_any_parentheses() {
    for condition in [
        "deleted_at IS NOT NULL",
        "(post.deleted_at IS NOT NULL)",
        "id = 7 AND (a = 1 AND ((deleted_at) IS NOT NULL))",
        "deleted_at IS NOT NULL AND (id = 7 OR id = 8)",
        "deleted_at IS NULL OR TRUE",
        "(((deleted_at) IS NULL) OR (TRUE)) AND id = 7",
    ] {
        stays(&ALL, &format!("DELETE FROM post WHERE {condition}"));
    }
    stays(
        &[MySql],
        "DELETE p, c FROM post p JOIN comment c ON x WHERE p.deleted_at IS NOT NULL AND (c.deleted_at IS NULL OR TRUE)",
    );
    refuses(
        &[MySql],
        "DELETE p, c FROM post p JOIN comment c ON c.deleted_at IS NOT NULL WHERE p.deleted_at IS NOT NULL",
        "rows of `comment`",
    );
}

#[test]
fn the_other_tables_of_a_delete_are_scoped() {
    becomes(
        &[Postgres],
        "DELETE FROM author USING post p WHERE p.author_id = author.id",
        "DELETE FROM author USING post p WHERE (p.author_id = author.id) AND p.“deleted_at“ IS NULL",
    );
    refuses(
        &[Postgres],
        "DELETE FROM post USING comment WHERE comment.deleted_at IS NULL",
        "rows of `post`",
    );
    becomes(
        &[Postgres],
        "DELETE FROM post p USING comment c LEFT JOIN tag ON tag.id = c.id WHERE p.deleted_at IS NOT NULL RETURNING *",
        "DELETE FROM post p USING comment c LEFT JOIN tag ON (tag.id = c.id) AND tag.“removed_at“ IS NULL WHERE (p.deleted_at IS NOT NULL) AND c.“deleted_at“ IS NULL RETURNING *",
    );
}

#[test]
fn a_delete_from_several_tables_is_judged_by_its_targets() {
    refuses(
        &[MySql],
        "DELETE p FROM post p JOIN comment c ON c.post_id = p.id",
        "rows of `post`",
    );
    refuses(
        &[MySql],
        "DELETE FROM p USING post p JOIN comment c ON c.post_id = p.id",
        "rows of `post`",
    );
    refuses(
        &[MySql],
        "DELETE a, p FROM author a JOIN post p ON a.id = p.id",
        "rows of `post`",
    );
    refuses(
        &[MySql],
        "DELETE post FROM author JOIN post ON a.id = p.id",
        "rows of `post`",
    );
    becomes(
        &[MySql],
        "DELETE a FROM author a JOIN post p ON a.id = p.author_id WHERE a.x",
        "DELETE a FROM author a JOIN post p ON a.id = p.author_id WHERE (a.x) AND p.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "DELETE p FROM post p JOIN comment c ON c.post_id = p.id WHERE p.deleted_at IS NOT NULL",
        "DELETE p FROM post p JOIN comment c ON c.post_id = p.id WHERE (p.deleted_at IS NOT NULL) AND c.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "DELETE FROM p USING post p JOIN comment c ON c.post_id = p.id WHERE p.deleted_at IS NOT NULL",
        "DELETE FROM p USING post p JOIN comment c ON c.post_id = p.id WHERE (p.deleted_at IS NOT NULL) AND c.“deleted_at“ IS NULL",
    );
}

#[test]
fn modifiers_of_mysql_are_no_tables() {
    for sql in [
        "DELETE QUICK FROM post WHERE id = 1",
        "DELETE LOW_PRIORITY FROM post",
        "DELETE IGNORE FROM post",
        "DELETE LOW_PRIORITY QUICK IGNORE FROM post",
        "DELETE QUICK p FROM post p",
        "DELETE QUICK FROM post JOIN comment ON x",
        "REPLACE post VALUES (1)",
        "REPLACE LOW_PRIORITY post VALUES (1)",
        "REPLACE DELAYED INTO post VALUES (1)",
    ] {
        refuses(&[MySql], sql, "");
    }
    for sql in [
        "UPDATE LOW_PRIORITY post SET a = 1",
        "UPDATE IGNORE post SET a = 1",
        "UPDATE LOW_PRIORITY IGNORE post SET a = 1",
        "INSERT LOW_PRIORITY author SELECT * FROM post",
    ] {
        match active(MySql, sql) {
            Ok(text) => assert!(text.contains("IS NULL"), "{text}"),
            Err(refused) => assert_eq!(refused.table(), "post"),
        }
    }
    stays(
        &[MySql],
        "DELETE post FROM post JOIN author ON x WHERE post.deleted_at IS NOT NULL",
    );
}

#[test]
fn truncate_and_merge_are_refused() {
    refuses(
        &[Postgres, MySql],
        "TRUNCATE TABLE post",
        "TRUNCATE may remove rows of `post`",
    );
    refuses(
        &[Postgres],
        "TRUNCATE author, post CASCADE",
        "TRUNCATE may remove rows of `post`",
    );
    refuses(
        &[Postgres],
        "MERGE INTO author USING post ON author.id = post.id WHEN MATCHED THEN DELETE",
        "MERGE may remove rows of `post`",
    );
    refuses(
        &[Postgres],
        "MERGE INTO post p USING author ON author.id = p.id WHEN MATCHED THEN DELETE",
        "MERGE may remove rows of `post`",
    );
}

#[test]
fn a_using_may_begin_with_a_parenthesis() {
    becomes(
        &[Postgres],
        "DELETE FROM author USING (SELECT id FROM post) p WHERE p.id = author.id",
        "DELETE FROM author USING (SELECT id FROM post WHERE post.“deleted_at“ IS NULL) p WHERE p.id = author.id",
    );
    becomes(
        &[Postgres],
        "DELETE FROM author USING (post p JOIN comment c ON c.post_id = p.id) WHERE p.id = author.id",
        "DELETE FROM author USING (post p JOIN comment c ON c.post_id = p.id) WHERE (p.id = author.id) AND p.“deleted_at“ IS NULL AND c.“deleted_at“ IS NULL",
    );
    refuses(
        &[Postgres],
        "DELETE FROM post USING (SELECT id FROM comment) c WHERE c.id = post.id",
        "rows of `post`",
    );
    becomes(
        &[MySql],
        "DELETE a FROM author a JOIN post p USING (id)",
        "DELETE a FROM author a JOIN post p USING (id) WHERE p.“deleted_at“ IS NULL",
    );
}

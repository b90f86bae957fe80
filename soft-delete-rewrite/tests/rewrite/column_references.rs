use crate::*;

#[test]
fn a_block_that_constrains_deleted_at_is_left_alone() {
    for condition in [
        "deleted_at IS NOT NULL",
        "post.deleted_at < 5",
        "(deleted_at IS NULL OR TRUE)",
        "id = 1 AND NOT (coalesce(deleted_at, 1) = 2)",
        "post . deleted_at IS NULL",
        "CASE WHEN deleted_at IS NULL THEN 1 END = 1",
    ] {
        stays(&ALL, &format!("SELECT * FROM post WHERE {condition}"));
        stays(&ALL, &format!("UPDATE post SET a = 1 WHERE {condition}"));
    }
    stays(
        &ALL,
        "SELECT a FROM post GROUP BY a HAVING max(deleted_at) IS NULL",
    );
    stays(
        &ALL,
        "SELECT a FROM author LEFT JOIN post ON post.deleted_at IS NULL",
    );
}

#[test]
fn each_table_counts_for_itself() {
    becomes(
        &ALL,
        "SELECT * FROM post p JOIN comment c ON c.post_id = p.id AND c.deleted_at IS NOT NULL",
        "SELECT * FROM post p JOIN comment c ON c.post_id = p.id AND c.deleted_at IS NOT NULL WHERE p.“deleted_at“ IS NULL",
    );
}

#[test]
fn an_unqualified_reference_must_be_of_one_table() {
    becomes(
        &ALL,
        "SELECT * FROM post p JOIN comment c ON x WHERE deleted_at IS NULL",
        "SELECT * FROM post p JOIN comment c ON x WHERE (deleted_at IS NULL) AND p.“deleted_at“ IS NULL AND c.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM post p JOIN tag t ON x WHERE deleted_at IS NULL",
        "SELECT * FROM post p JOIN tag t ON x WHERE (deleted_at IS NULL) AND t.“removed_at“ IS NULL",
    );
}

#[test]
fn a_reference_elsewhere_does_not_count() {
    becomes(
        &ALL,
        "SELECT deleted_at FROM post GROUP BY deleted_at ORDER BY deleted_at",
        "SELECT deleted_at FROM post WHERE post.“deleted_at“ IS NULL GROUP BY deleted_at ORDER BY deleted_at",
    );
    becomes(
        &ALL,
        "SELECT * FROM post WHERE id IN (SELECT id FROM comment c WHERE c.deleted_at IS NULL AND post.deleted_at IS NULL)",
        "SELECT * FROM post WHERE (id IN (SELECT id FROM comment c WHERE c.deleted_at IS NULL AND post.deleted_at IS NULL)) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "SELECT * FROM post WHERE x = 'deleted_at' AND other.deleted_at AND deleted_at.x",
        "SELECT * FROM post WHERE (x = 'deleted_at' AND other.deleted_at AND deleted_at.x) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "UPDATE post SET deleted_at = NULL WHERE id = 1",
        "UPDATE post SET deleted_at = NULL WHERE (id = 1) AND post.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_field_or_parameter_of_that_name_is_no_reference() {
    becomes(
        &[Postgres],
        "SELECT * FROM post, author a WHERE (a.x).deleted_at IS NULL",
        "SELECT * FROM post, author a WHERE ((a.x).deleted_at IS NULL) AND post.“deleted_at“ IS NULL",
    );
    for parameter in [":deleted_at", "@deleted_at", "$deleted_at"] {
        becomes(
            &[Sqlite],
            &format!("SELECT * FROM post WHERE a = {parameter}"),
            &format!("SELECT * FROM post WHERE (a = {parameter}) AND post.“deleted_at“ IS NULL"),
        );
    }
}

#[test]
fn the_name_of_a_table_with_an_alias_is_no_qualifier() {
    becomes(
        &ALL,
        "SELECT * FROM post p WHERE post.deleted_at IS NULL",
        "SELECT * FROM post p WHERE (post.deleted_at IS NULL) AND p.“deleted_at“ IS NULL",
    );
}

#[test]
fn an_alias_may_shadow_another_table() {
    becomes(
        &ALL,
        "SELECT * FROM comment AS post WHERE post.id = 1",
        "SELECT * FROM comment AS post WHERE (post.id = 1) AND post.“deleted_at“ IS NULL",
    );
    stays(&ALL, "SELECT * FROM author AS post WHERE post.id = 1");
}

#[test]
fn names_are_compared_as_the_database_does() {
    stays(&[Sqlite], "SELECT * FROM post P WHERE p.DELETED_AT IS NULL");
    stays(&[MySql], "SELECT * FROM post P WHERE P.DELETED_AT IS NULL");
    becomes(
        &[MySql],
        "SELECT * FROM post P WHERE p.deleted_at IS NULL",
        "SELECT * FROM post P WHERE (p.deleted_at IS NULL) AND P.“deleted_at“ IS NULL",
    );
    stays(
        &[Postgres],
        r#"SELECT * FROM post P WHERE p.DELETED_AT IS NULL"#,
    );
    stays(
        &[Postgres],
        r#"SELECT * FROM post P WHERE "p"."deleted_at" IS NULL"#,
    );
    becomes(
        &[Postgres],
        r#"SELECT * FROM post P WHERE p."DELETED_AT" IS NULL"#,
        r#"SELECT * FROM post P WHERE (p."DELETED_AT" IS NULL) AND P."deleted_at" IS NULL"#,
    );
}

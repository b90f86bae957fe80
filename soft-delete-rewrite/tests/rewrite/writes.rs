use crate::*;

#[test]
fn an_update_gains_the_predicate() {
    becomes(
        &ALL,
        "UPDATE post SET a = 1",
        "UPDATE post SET a = 1 WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &ALL,
        "UPDATE post SET a = 1 WHERE id = 1 OR id = 2",
        "UPDATE post SET a = 1 WHERE (id = 1 OR id = 2) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite, Postgres],
        r#"UPDATE "post" AS p SET a = b IS DISTINCT FROM c RETURNING "id""#,
        r#"UPDATE "post" AS p SET a = b IS DISTINCT FROM c WHERE p."deleted_at" IS NULL RETURNING "id""#,
    );
    becomes(
        &[MySql],
        "UPDATE post SET a = 1 ORDER BY id LIMIT 3",
        "UPDATE post SET a = 1 WHERE post.“deleted_at“ IS NULL ORDER BY id LIMIT 3",
    );
}

#[test]
fn an_update_scopes_all_its_tables() {
    becomes(
        &[Sqlite, Postgres],
        "UPDATE author SET a = p.b FROM post AS p LEFT JOIN comment c ON c.post_id = p.id WHERE p.id = 1",
        "UPDATE author SET a = p.b FROM post AS p LEFT JOIN comment c ON (c.post_id = p.id) AND c.“deleted_at“ IS NULL \
         WHERE (p.id = 1) AND p.“deleted_at“ IS NULL",
    );
    becomes(
        &[Sqlite, Postgres],
        "UPDATE post SET a = 1 FROM comment WHERE comment.deleted_at IS NOT NULL",
        "UPDATE post SET a = 1 FROM comment WHERE (comment.deleted_at IS NOT NULL) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "UPDATE post p LEFT JOIN comment c ON c.post_id = p.id SET p.a = 1 WHERE c.id IS NULL",
        "UPDATE post p LEFT JOIN comment c ON (c.post_id = p.id) AND c.“deleted_at“ IS NULL SET p.a = 1 \
         WHERE (c.id IS NULL) AND p.“deleted_at“ IS NULL",
    );
}

#[test]
fn an_insert_passes() {
    stays(
        &ALL,
        "INSERT INTO post (id, deleted_at) VALUES (1, NULL), (2, 3)",
    );
    stays(&ALL, "INSERT INTO post (id) SELECT id FROM author");
    stays(&[Sqlite, Postgres], "INSERT INTO post DEFAULT VALUES");
    stays(
        &[Sqlite, Postgres],
        "INSERT INTO post (id) VALUES (1) ON CONFLICT DO NOTHING",
    );
    stays(
        &[Sqlite, Postgres],
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (lower(id)) WHERE deleted_at IS NULL DO NOTHING RETURNING id",
    );
    stays(&[Sqlite], "INSERT OR IGNORE INTO post (id) VALUES (1)");
    stays(&[MySql], "INSERT IGNORE INTO post (id) VALUES (1)");
    stays(
        &[MySql],
        "INSERT INTO post (id, comment) VALUES (1, 2) ON DUPLICATE KEY UPDATE comment = VALUES(comment)",
    );
    stays(&[MySql], "INSERT INTO post SET id = 1");
}

#[test]
fn values_that_are_read_from_a_table_are_scoped() {
    becomes(
        &ALL,
        "INSERT INTO author (id) VALUES (1), ((SELECT max(id) FROM post))",
        "INSERT INTO author (id) VALUES (1), ((SELECT max(id) FROM post WHERE post.“deleted_at“ IS NULL))",
    );
    becomes(
        &[Postgres],
        "INSERT INTO author (id) VALUES (1) RETURNING EXISTS (TABLE post)",
        "INSERT INTO author (id) VALUES (1) RETURNING EXISTS (SELECT * FROM post WHERE post.“deleted_at“ IS NULL)",
    );
    becomes(
        &[Sqlite],
        "INSERT INTO author (id) VALUES (1 IN post)",
        "INSERT INTO author (id) VALUES (1 IN (SELECT * FROM post WHERE post.“deleted_at“ IS NULL))",
    );
    refuses(&ALL, "INSERT INTO post (id) VALUES (1", "can't be parsed");
    refuses(
        &ALL,
        "INSERT INTO post (id) VALUES (1); DELETE FROM post",
        "several statements",
    );
}

#[test]
fn insert_from_select_scopes_what_it_reads() {
    becomes(
        &ALL,
        "INSERT INTO post (id) SELECT id FROM post",
        "INSERT INTO post (id) SELECT id FROM post WHERE post.“deleted_at“ IS NULL",
    );
    becomes(
        &[Postgres],
        "INSERT INTO author (id) SELECT id FROM post ON CONFLICT DO NOTHING",
        "INSERT INTO author (id) SELECT id FROM post WHERE post.“deleted_at“ IS NULL ON CONFLICT DO NOTHING",
    );
    becomes(
        &[MySql],
        "INSERT INTO author (id) SELECT id FROM post ON DUPLICATE KEY UPDATE id = 1",
        "INSERT INTO author (id) SELECT id FROM post WHERE post.“deleted_at“ IS NULL ON DUPLICATE KEY UPDATE id = 1",
    );
}

#[test]
fn do_update_does_not_reach_a_deleted_row() {
    becomes(
        &[Sqlite, Postgres],
        r#"INSERT INTO "post" ("id") VALUES (1) ON CONFLICT ("id") WHERE "deleted_at" IS NULL DO UPDATE SET "a" = "excluded"."a" RETURNING "id""#,
        r#"INSERT INTO "post" ("id") VALUES (1) ON CONFLICT ("id") WHERE "deleted_at" IS NULL DO UPDATE SET "a" = "excluded"."a" WHERE "post"."deleted_at" IS NULL RETURNING "id""#,
    );
    becomes(
        &[Postgres],
        "INSERT INTO post AS p (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE p.b OR excluded.deleted_at IS NULL",
        "INSERT INTO post AS p (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE (p.b OR excluded.deleted_at IS NULL) AND p.“deleted_at“ IS NULL",
    );
    stays(
        &[Sqlite, Postgres],
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1 WHERE post.deleted_at IS NULL OR TRUE",
    );
    becomes(
        &[Sqlite, Postgres],
        "INSERT INTO post (id) SELECT id FROM comment WHERE true ON CONFLICT (id) DO UPDATE SET a = 1",
        "INSERT INTO post (id) SELECT id FROM comment WHERE (true) AND comment.“deleted_at“ IS NULL ON CONFLICT (id) DO UPDATE SET a = 1 WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn what_replaces_rows_is_refused() {
    refuses(
        &[MySql, Sqlite],
        "REPLACE INTO post (id) VALUES (1)",
        "REPLACE may remove rows of `post`",
    );
    refuses(
        &[Sqlite],
        "INSERT OR REPLACE INTO post (id) VALUES (1)",
        "INSERT OR REPLACE may remove rows of `post`",
    );
    refuses(
        &[Sqlite],
        "UPDATE OR REPLACE post SET id = 1",
        "UPDATE OR REPLACE may remove rows of `post`",
    );
    becomes(
        &[MySql, Sqlite],
        "REPLACE INTO author (id) SELECT id FROM post",
        "REPLACE INTO author (id) SELECT id FROM post WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn data_modifying_ctes_follow_the_same_rules() {
    becomes(
        &[Postgres],
        "WITH u AS (UPDATE post SET a = 1 RETURNING id) SELECT * FROM u JOIN comment c ON c.post_id = u.id",
        "WITH u AS (UPDATE post SET a = 1 WHERE post.“deleted_at“ IS NULL RETURNING id) SELECT * FROM u JOIN comment c ON c.post_id = u.id WHERE c.“deleted_at“ IS NULL",
    );
    refuses(
        &[Postgres],
        "WITH d AS (DELETE FROM post RETURNING id) SELECT * FROM d",
        "DELETE would remove rows of `post`",
    );
    becomes(
        &ALL,
        "WITH x AS (SELECT id FROM comment) UPDATE post SET a = 1 WHERE id IN (SELECT id FROM x)",
        "WITH x AS (SELECT id FROM comment WHERE comment.“deleted_at“ IS NULL) UPDATE post SET a = 1 WHERE (id IN (SELECT id FROM x)) AND post.“deleted_at“ IS NULL",
    );
}

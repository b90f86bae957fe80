use crate::*;

/// Statements of every form, scoped once and once more.
#[test]
fn a_scoped_statement_is_left_alone() {
    for sql in [
        "SELECT * FROM post",
        "SELECT * FROM post p LEFT JOIN comment c ON c.post_id = p.id LEFT JOIN tag USING (id) WHERE x OR y",
        "SELECT * FROM author a RIGHT JOIN (post p JOIN comment c ON x) ON y",
        "SELECT (SELECT 1 FROM post) FROM comment UNION SELECT 1 FROM tag NATURAL LEFT JOIN comment",
        "WITH x AS (SELECT * FROM post) SELECT * FROM x JOIN tag ON x.id = tag.id",
        "UPDATE post SET a = (SELECT max(id) FROM comment)",
        "INSERT INTO post (id) SELECT id FROM comment WHERE x",
    ] {
        for backend in ALL {
            let once = active(backend, sql).unwrap();
            assert_ne!(once, sql);
            stays(&[backend], &once);
        }
    }
    for sql in [
        "SELECT * FROM 'post' FULL JOIN comment USING (id) NATURAL LEFT JOIN post AS q",
        "SELECT * FROM 'post' JOIN 'comment' ON x",
        "INSERT INTO 'post' (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
    ] {
        let once = active(Sqlite, sql).unwrap();
        assert_ne!(once, sql);
        stays(&[Sqlite], &once);
    }
    for sql in [
        "SELECT * FROM post FULL JOIN comment AS c ON c.post_id = post.id",
        "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
    ] {
        let once = active(Sqlite, sql).unwrap();
        stays(&[Sqlite, Postgres], &once);
    }
}

/// Words that are names to the parser, and no names to the server in every place.
#[test]
fn a_word_that_is_no_name_before_a_column_is_refused() {
    for sql in [
        "SELECT * FROM post FULL JOIN comment true ON x",
        "SELECT * FROM post FULL JOIN comment NULL USING (id)",
        "SELECT id FROM post WHERE TABLE IS NULL OR TRUE",
    ] {
        assert!(active(Postgres, sql).is_err(), "{sql}");
    }
}

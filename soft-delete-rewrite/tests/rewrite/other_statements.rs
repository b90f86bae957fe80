use crate::*;

#[test]
fn definitions_pass() {
    for sql in [
        "CREATE TABLE post (id INT CHECK (id > 0), FOREIGN KEY (a) REFERENCES comment (id) ON DELETE CASCADE)",
        "CREATE UNIQUE INDEX i ON post (id) WHERE deleted_at IS NULL",
        "CREATE VIEW v AS SELECT * FROM post",
        "ALTER TABLE post ADD COLUMN x INT",
        "DROP TABLE post",
        "DROP TABLE IF EXISTS post;",
        "GRANT SELECT, DELETE ON post TO someone",
    ] {
        stays(&ALL, sql);
    }
}

#[test]
fn sessions_transactions_and_upkeep_pass() {
    for sql in [
        "SHOW CREATE TABLE post",
        "PRAGMA table_info(post)",
        "SAVEPOINT post",
        "BEGIN /* post */",
        "SET search_path TO post",
        "ANALYZE post",
        "VACUUM post",
        "LOCK TABLE post IN EXCLUSIVE MODE",
        "EXPLAIN post",
    ] {
        let backends: &[Dialect] = if sql == "EXPLAIN post" {
            &[MySql]
        } else {
            &ALL
        };
        stays(backends, sql);
    }
}

#[test]
fn a_harmless_beginning_does_not_excuse_a_query() {
    refuses(
        &[Postgres],
        "SET x = (SELECT id FROM post LIMIT 1)",
        "begins with `SET`",
    );
    refuses(
        &[MySql],
        "ANALYZE FORMAT=JSON UPDATE post SET a = 1",
        "begins with `ANALYZE`",
    );
    refuses(
        &[MySql],
        "BEGIN NOT ATOMIC DELETE FROM post; END",
        "several statements",
    );
}

#[test]
fn bodies_of_triggers_and_routines_pass() {
    stays(
        &[Sqlite],
        "CREATE TRIGGER t AFTER UPDATE OF deleted_at ON post BEGIN UPDATE comment SET a = CASE WHEN x THEN 1 END; DELETE FROM comment; END;",
    );
    stays(
        &[MySql],
        "CREATE TRIGGER t BEFORE INSERT ON post FOR EACH ROW BEGIN IF NEW.a THEN SIGNAL SQLSTATE '45000'; END IF; END",
    );
    stays(
        &[MySql],
        "CREATE TRIGGER t BEFORE INSERT ON post FOR EACH ROW SET NEW.a = (SELECT max(id) FROM comment)",
    );
    stays(
        &[Postgres],
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM post; END; $$ LANGUAGE plpgsql;",
    );
    refuses(
        &[Sqlite],
        "CREATE TRIGGER t AFTER UPDATE ON post BEGIN SELECT 1; END; DELETE FROM post",
        "several statements",
    );
    refuses(
        &[Sqlite],
        "CREATE TRIGGER t AFTER UPDATE ON post BEGIN SELECT 1; END; SELECT CASE a WHEN 1 THEN 2 END FROM post",
        "several statements",
    );
    refuses(
        &[Postgres],
        "CREATE TABLE a (b INT); DELETE FROM post",
        "several statements",
    );
}

#[test]
fn several_statements_are_refused() {
    refuses(&ALL, "SELECT 1; SELECT * FROM post", "several statements");
    refuses(&ALL, "SELECT * FROM post;;SELECT 1", "several statements");
    becomes(
        &ALL,
        "SELECT * FROM post ; ; -- end",
        "SELECT * FROM post WHERE post.“deleted_at“ IS NULL ; ; -- end",
    );
}

#[test]
fn what_is_not_known_is_refused() {
    for sql in [
        "COPY post TO STDOUT",
        "HANDLER post OPEN",
        "PREPARE s FROM 'SELECT * FROM post'",
        "EXECUTE post",
        "DO $$ BEGIN DELETE FROM post; END $$",
        "DECLARE c CURSOR FOR EXECUTE post",
        "LOAD DATA INFILE 'x' INTO TABLE post",
        "CALL f('post')",
        "FROM post",
        "post",
    ] {
        refuses(&[Postgres], sql, "can't be scoped");
    }
    stays(&ALL, "CALL f(1)");
    stays(&ALL, "EXECUTE s");
}

#[test]
fn what_is_not_understood_is_refused() {
    refuses(&ALL, "SELECT * FROM post WHERE (", "can't be parsed");
    refuses(&ALL, "SELECT * FROM post WHERE )", "can't be parsed");
    // SQLite has no such form.
    refuses(&[Sqlite], "TABLE post", "");
    refuses(&[Sqlite], "SELECT 1 UNION TABLE post", "");
    refuses(&[Sqlite], "WITH x AS (TABLE post) SELECT * FROM x", "");
}

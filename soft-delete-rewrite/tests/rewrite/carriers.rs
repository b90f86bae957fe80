//! Statements that hold others: definitions with a query, routines with a body, and what runs another statement.

use crate::*;

#[test]
fn a_definition_with_a_query_is_a_query() {
    for sql in [
        "CREATE TABLE copy AS WITH d AS (DELETE FROM post RETURNING *) TABLE d",
        "CREATE TABLE copy AS WITH d AS (DELETE FROM post RETURNING *) VALUES (1)",
        "CREATE TABLE copy AS WITH d (a) AS (DELETE FROM post RETURNING id) SELECT * FROM d",
        "CREATE TEMP TABLE copy AS (WITH d AS (DELETE FROM post RETURNING *) TABLE d)",
        "CREATE UNLOGGED TABLE IF NOT EXISTS copy (a, b) AS WITH RECURSIVE d AS (DELETE FROM post RETURNING 1) TABLE d WITH NO DATA",
        "CREATE TABLE copy AS EXECUTE post",
        "CREATE TABLE copy AS EXECUTE s('post')",
        "EXPLAIN ANALYZE CREATE TABLE copy AS WITH d AS (DELETE FROM post RETURNING *) TABLE d",
        "CREATE TABLE copy AS (DELETE FROM post)",
        "SELECT * INTO copy FROM (WITH d AS (DELETE FROM post RETURNING *) TABLE d) x",
    ] {
        refuses(&[Postgres], sql, "");
    }
    for sql in [
        "CREATE TABLE copy AS WITH d AS (UPDATE post SET a = 1 RETURNING *) TABLE d",
        "CREATE TABLE copy AS ((UPDATE post SET a = 1 RETURNING id))",
        "CREATE TABLE copy AS (TABLE post)",
        "CREATE TEMP TABLE copy AS (TABLE post) UNION ALL (TABLE post)",
        "CREATE TABLE copy AS WITH x AS (TABLE post) TABLE x",
        "CREATE TABLE copy AS TABLE post",
        "CREATE TABLE copy AS VALUES ((TABLE post))",
    ] {
        is_scoped_or_refused(Postgres, sql);
    }
    for sql in [
        "CREATE TABLE copy TABLE post",
        "CREATE TABLE copy (id INT) TABLE post",
        "CREATE TABLE copy IGNORE SELECT * FROM post",
        "CREATE TABLE copy REPLACE AS SELECT * FROM post",
        "CREATE TABLE copy WITH x AS (SELECT * FROM post) SELECT * FROM x",
        "CREATE TABLE copy VALUES ROW((TABLE post))",
    ] {
        is_scoped_or_refused(MySql, sql);
    }
}

/// Every `post` gets a condition, or the statement is not sent.
#[track_caller]
fn is_scoped_or_refused(backend: Dialect, sql: &str) {
    match active(backend, sql) {
        Ok(text) => assert_eq!(
            text.matches("IS NULL").count(),
            sql.matches("post").count(),
            "{text}"
        ),
        Err(refused) => assert!(refused.to_string().contains("without the rewriter")),
    }
}

#[test]
fn a_definition_without_a_query_passes() {
    for sql in [
        "CREATE TABLE post (id INT, at TIMESTAMP WITH TIME ZONE) WITH (fillfactor = 70)",
        "CREATE TABLE post (id INT REFERENCES tag (id) ON DELETE CASCADE ON UPDATE SET NULL)",
        "CREATE TABLE post PARTITION OF tag FOR VALUES IN (1, 2)",
        "CREATE TABLE copy (LIKE post INCLUDING ALL)",
        "CREATE POLICY p ON post USING (id IN (SELECT 1))",
        "CREATE PUBLICATION p FOR TABLE post",
        "CREATE TABLE post (delete BOOLEAN, update BOOLEAN)",
    ] {
        stays(&[Postgres], sql);
    }
    stays(
        &[Sqlite],
        "CREATE TABLE post (id INTEGER PRIMARY KEY) WITHOUT ROWID, STRICT",
    );
    stays(&[MySql], "CREATE TABLE copy LIKE post");
}

#[test]
fn a_statement_that_carries_another_is_judged_by_that() {
    for carried in [
        "EXECUTE IMMEDIATE 'DELETE FROM post'",
        "EXECUTE IMMEDIATE 'SELECT * FROM post'",
        "EXECUTE s USING 'post'",
        "PREPARE s FROM 'SELECT * FROM post'",
        "HANDLER post OPEN",
        "HANDLER post READ FIRST",
        "CALL f('post')",
        "DELETE FROM post",
        "REPLACE INTO post VALUES (1)",
        "TRUNCATE post",
        "BEGIN NOT ATOMIC DELETE FROM post; END",
        "BEGIN NOT ATOMIC EXECUTE IMMEDIATE 'DELETE FROM post' END",
        "SET STATEMENT a = 1 FOR EXECUTE IMMEDIATE 'DELETE FROM post'",
        "SET @x = (SELECT 1), @y = 2; DELETE FROM post",
        "IF TRUE THEN DELETE FROM post; END IF",
    ] {
        refuses(&[MySql], carried, "");
        refuses(
            &[MySql],
            &format!("SET STATEMENT max_statement_time=10 FOR {carried}"),
            "",
        );
        refuses(
            &[MySql],
            &format!("set statement a=1, b = 'FOR' for\n{carried}"),
            "",
        );
    }
    refuses(
        &[MySql],
        "SET STATEMENT a = (SELECT id FROM post) FOR SELECT 1",
        "begins with `SET`",
    );
    refuses(&[Postgres], "EXPLAIN EXECUTE q('post')", "");
    becomes(
        &[MySql],
        "SET STATEMENT max_statement_time = 1 FOR SELECT * FROM post WHERE x",
        "SET STATEMENT max_statement_time = 1 FOR SELECT * FROM post WHERE (x) AND post.“deleted_at“ IS NULL",
    );
    becomes(
        &[MySql],
        "SET STATEMENT max_statement_time = 1 FOR UPDATE post SET a = 1",
        "SET STATEMENT max_statement_time = 1 FOR UPDATE post SET a = 1 WHERE post.“deleted_at“ IS NULL",
    );
}

#[test]
fn a_variable_is_set_from_scoped_rows() {
    becomes(
        &[MySql],
        "SET @x = (SELECT max(id) FROM post)",
        "SET @x = (SELECT max(id) FROM post WHERE post.“deleted_at“ IS NULL)",
    );
}

#[test]
fn a_cursor_is_declared_for_scoped_rows() {
    for head in [
        "DECLARE c CURSOR FOR",
        "DECLARE c NO SCROLL CURSOR WITH HOLD FOR",
        "declare \"for\" binary insensitive cursor without hold for",
    ] {
        becomes(
            &[Postgres],
            &format!("{head} SELECT * FROM post FOR UPDATE"),
            &format!("{head} SELECT * FROM post WHERE post.“deleted_at“ IS NULL FOR UPDATE"),
        );
    }
}

#[test]
fn what_is_no_cursor_is_not_read_as_one() {
    for sql in [
        "DECLARE c CURSOR, post FOR SELECT 1",
        "DECLARE c CURSOR WITH FROM post FOR SELECT 1",
        "DECLARE c CURSOR TABLE post FOR SELECT 1",
    ] {
        refuses(&[Postgres], sql, "begins with `DECLARE`");
    }
}

#[test]
fn a_routine_s_body_is_told_from_its_name() {
    for name in ["begin", "b.begin", "IF NOT EXISTS begin"] {
        for rest in [
            "AFTER INSERT ON author BEGIN SELECT 1; END; DELETE FROM post; SELECT 1 AS end",
            "AFTER INSERT ON author BEGIN SELECT 1; END; DELETE FROM post; END",
            "AFTER INSERT ON begin BEGIN SELECT 1; END; DELETE FROM post; END",
            "AFTER UPDATE OF begin ON author WHEN new.begin > 1 BEGIN SELECT 1; END; DELETE FROM post; END;",
            "AFTER INSERT ON author BEGIN SELECT CASE 1 WHEN 2 THEN end ELSE 3 END; END; DELETE FROM post; END",
        ] {
            refuses(
                &[Sqlite],
                &format!("CREATE TRIGGER {name} {rest}"),
                "several statements",
            );
        }
        for rest in [
            "BEFORE INSERT ON author FOR EACH ROW SET NEW.a = 1; DELETE FROM post; SELECT 1 AS end",
            "BEFORE INSERT ON begin FOR EACH ROW SET NEW.a = 1; DELETE FROM post; END",
            "BEFORE INSERT ON author FOR EACH ROW FOLLOWS begin SET NEW.a = 1; DELETE FROM post; END",
            "BEFORE INSERT ON author FOR EACH ROW BEGIN SET NEW.a = 1; END; DELETE FROM post; END",
            "BEFORE INSERT ON author FOR EACH ROW BEGIN DO begin; END; DELETE FROM post; END",
            "BEFORE INSERT ON author FOR EACH ROW BEGIN SELECT CASE WHEN 1 THEN begin END; END; DELETE FROM post; END",
        ] {
            refuses(
                &[MySql],
                &format!("CREATE TRIGGER {name} {rest}"),
                "several statements",
            );
        }
    }
    for sql in [
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'select 1'; DELETE FROM post; SELECT 1 AS end",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'select 1'; DELETE FROM post; END",
        "CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS 'select 1'; DELETE FROM post; END",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS case; END; DELETE FROM post; END",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; DELETE FROM post; COMMIT",
        "CREATE SCHEMA trigger; DELETE FROM post; SELECT 1 AS end",
    ] {
        refuses(&[Postgres], sql, "several statements");
    }
    for sql in [
        "CREATE FUNCTION begin() RETURNS INT RETURN 1; DELETE FROM post; SELECT 1 AS end",
        "CREATE FUNCTION begin() RETURNS INT DETERMINISTIC BEGIN RETURN 1; END; DELETE FROM post; END",
        "CREATE PROCEDURE p() SELECT 1 AS begin; DELETE FROM post; END",
        "CREATE PROCEDURE p(begin INT) SELECT 1; DELETE FROM post; END",
        "CREATE EVENT begin ON SCHEDULE EVERY 1 DAY DO SELECT 1; DELETE FROM post; END",
    ] {
        refuses(&[MySql], sql, "several statements");
    }
}

#[test]
fn bodies_of_every_kind_are_read_to_their_end() {
    for sql in [
        "CREATE TRIGGER begin AFTER INSERT ON post BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER IF NOT EXISTS main.t INSTEAD OF UPDATE OF id ON post FOR EACH ROW WHEN new.id IN (1, 2) BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM post; END;",
    ] {
        stays(&[Sqlite], sql);
    }
    for sql in [
        "CREATE TRIGGER begin BEFORE INSERT ON post FOR EACH ROW BEGIN SET NEW.a = 1; END",
        "CREATE TRIGGER t BEFORE INSERT ON post FOR EACH ROW PRECEDES begin main: BEGIN SET NEW.a = 1; END main;",
        "CREATE DEFINER = `a`@`b` PROCEDURE p(a INT, OUT b VARCHAR(10)) COMMENT 'x' SQL SECURITY INVOKER BEGIN DECLARE x INT DEFAULT 0; WHILE x < 3 DO BEGIN SET x = x + 1; END; END WHILE; CASE x WHEN 1 THEN DELETE FROM post; ELSE BEGIN END; END CASE; IF x THEN SELECT CASE 1 WHEN 2 THEN 3 END; END IF; l: LOOP LEAVE l; END LOOP l; REPEAT SET x = 1; UNTIL x END REPEAT; END",
        "CREATE FUNCTION f() RETURNS VARCHAR(10) CHARACTER SET utf8mb4 READS SQL DATA BEGIN RETURN (SELECT title FROM post LIMIT 1); END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY COMMENT 'x' DO BEGIN DELETE FROM post; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM post",
    ] {
        stays(&[MySql], sql);
    }
    for sql in [
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; DELETE FROM post; END",
        "CREATE PROCEDURE begin() BEGIN ATOMIC DELETE FROM post; END;",
        "CREATE TRIGGER t BEFORE INSERT ON post FOR EACH ROW EXECUTE FUNCTION f();",
    ] {
        stays(&[Postgres], sql);
    }
}

#[test]
fn upkeep_passes_whatever_its_options_are_called() {
    for sql in [
        "LOCK TABLE post IN SHARE UPDATE EXCLUSIVE MODE",
        "VACUUM (TRUNCATE false) post",
        "REFRESH MATERIALIZED VIEW post WITH DATA",
        "REINDEX TABLE post",
        "ANALYZE post (id)",
    ] {
        stays(&[Postgres], sql);
    }
    for sql in [
        "ANALYZE TABLE post UPDATE HISTOGRAM ON id",
        "ANALYZE LOCAL TABLE post",
        "FLUSH TABLES post WITH READ LOCK",
        "LOCK TABLES post WRITE",
        "XA PREPARE 'post'",
        "DEALLOCATE PREPARE post",
    ] {
        stays(&[MySql], sql);
    }
    refuses(
        &[Sqlite],
        "VACUUM INTO (SELECT title FROM post)",
        "begins with `VACUUM`",
    );
    refuses(
        &[MySql],
        "ANALYZE UPDATE post SET a = 1",
        "begins with `ANALYZE`",
    );
}

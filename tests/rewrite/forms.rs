//! Rare forms of each database, run by it: what they see is what they would in a database without the deleted rows.

use sea_orm::{ConnectionTrait as _, Statement, TransactionTrait as _};

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, ids},
};

/// A task with two comments, the second of them deleted.
async fn a_task(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    for body in ["first", "second"] {
        domain::comment(db, &task, body).await?;
    }
    comment::Entity::delete_by_id(2).exec(db).await?;
    Ok(())
}

/// Each sees comment 1, and not comment 2, which is deleted.
async fn see_the_first(db: &TestDb, statements: &[&str]) -> TestResult {
    a_task(db).await?;
    for sql in statements {
        assert_eq!(ids(db, sql).await?, [1], "{sql}");
    }
    Ok(())
}

async fn body(db: &TestDb, id: i64) -> TestResult<String> {
    let sql = format!("SELECT body FROM comment WHERE id = {id} AND (deleted_at IS NULL OR TRUE)");
    let row = Statement::from_string(db.backend(), sql);
    let row = db.query_one_raw(row).await?.expect("a row");
    Ok(row.try_get("", "body")?)
}

support::on_backends! {
    [mariadb MariaDb Scoped, mysql MySql Scoped]
    async fn what_an_executable_comment_holds(db: &TestDb) {
        see_the_first(db, &[
            "SELECT /*!40001 SQL_NO_CACHE */ id FROM comment",
            "SELECT /*M!100100 SQL_NO_CACHE */ id FROM comment /*!50000 FORCE INDEX (PRIMARY) */ /*! LIMIT 3 */",
            "SELECT id FROM comment WHERE /*!50000 id > 0 AND */ id < 9 /*!99999 LIMIT 1 */",
            "SELECT id /*!99999 , body */ FROM comment ORDER BY id DESC",
        ]).await?;
        db.scoped().execute_unprepared("UPDATE /*!40000 LOW_PRIORITY */ comment SET body = 'x'").await?;
        assert_eq!((body(db, 1).await?, body(db, 2).await?), ("x".to_owned(), "second".to_owned()));
        for refused in [
            "SELECT id FROM comment /*! WHERE id > 0 */",
            "SELECT id FROM tag /*! UNION SELECT id FROM comment */",
            "/*! DELETE FROM comment */",
        ] {
            let refused = db.scoped().execute_unprepared(refused).await.expect_err(refused);
            assert!(refused.to_string().contains("unscoped()"), "{refused}");
        }
    }

    async fn a_table_in_parentheses(db: &TestDb) {
        see_the_first(db, &[
            "SELECT id FROM ((comment))",
            "SELECT c.id FROM (((comment AS c)))",
            "SELECT comment.id FROM ((comment) JOIN ((task)) ON task.id = comment.task_id)",
            "SELECT DISTINCT comment.id FROM comment LEFT JOIN ((task, tag)) ON task.id = comment.task_id",
        ]).await?;
    }

    async fn json_as_a_table(db: &TestDb) {
        see_the_first(db, &[
            "SELECT comment.id FROM comment, JSON_TABLE('[7]', '$[*]' COLUMNS (n FOR ORDINALITY, a INT PATH '$')) AS j",
            "SELECT comment.id FROM comment JOIN JSON_TABLE('[7]', '$[*]' COLUMNS (a INT PATH '$' DEFAULT '1' ON EMPTY)) AS j ON j.a = 7",
        ]).await?;
    }
}

support::on_backends! {
    [mariadb MariaDb Scoped]
    async fn versions_of_rows(db: &TestDb) {
        a_task(db).await?;
        db.execute_unprepared("ALTER TABLE comment ADD SYSTEM VERSIONING").await?;
        for time in [
            "ALL",
            "AS OF NOW(6) + INTERVAL 1 DAY",
            "AS OF TIMESTAMP '2037-01-01 00:00:00'",
            "BETWEEN '2000-01-01' AND NOW(6)",
            "FROM '2000-01-01' TO '2037-01-01'",
        ] {
            let one = format!("SELECT id FROM comment FOR SYSTEM_TIME {time}");
            assert_eq!(ids(db, &one).await?, [1], "{one}");
            let joined = format!("SELECT c.id FROM task LEFT JOIN comment FOR SYSTEM_TIME {time} AS c ON c.task_id = task.id");
            assert_eq!(ids(db, &joined).await?, [1], "{joined}");
        }
    }
}

support::on_backends! {
    [postgres Postgres Scoped]
    async fn functions_and_groups(db: &TestDb) {
        a_task(db).await?;
        db.execute_unprepared(
            "CREATE FUNCTION comment(n int) RETURNS TABLE (id bigint) LANGUAGE sql AS 'SELECT n::bigint'"
        ).await?;
        for sql in [
            "SELECT c.id FROM ROWS FROM (generate_series(1, 1), comment(5)) AS t (a, b), comment c",
            "SELECT c.id FROM comment c JOIN ROWS FROM (json_to_recordset('[{\"a\": 1}]') AS (a int), generate_series(1, 1)) WITH ORDINALITY AS t ON t.a = c.id",
            "SELECT c.id FROM comment c LEFT JOIN LATERAL ROWS FROM (comment(c.id::int)) AS t ON true",
            "SELECT id FROM ROWS FROM (comment((SELECT max(id)::int FROM comment))) AS t",
            "SELECT id FROM comment(1)",
            "SELECT t.id FROM comment(1) AS t, comment",
            "SELECT id FROM comment WHERE body <> '' GROUP BY GROUPING SETS ((id, body), GROUPING SETS ((id, body))) HAVING id IS NOT NULL LIMIT 1",
            "SELECT id FROM comment GROUP BY DISTINCT ROLLUP (id), CUBE (id) HAVING id IS NOT NULL",
        ] {
            assert_eq!(ids(db, sql).await?, [1], "{sql}");
        }
    }

    async fn what_a_copy_and_a_prepared_statement_hold(db: &TestDb) {
        a_task(db).await?;
        let scoped = db.scoped();
        let file = "CREATE TEMP TABLE copied (id bigint)";
        for query in ["SELECT id FROM comment", "WITH c AS (TABLE comment) SELECT id FROM c"] {
            let path = format!("/tmp/soft_delete_copy_{}", std::process::id());
            let session = scoped.begin().await?;
            session.execute_unprepared(file).await?;
            session.execute_unprepared(&format!("COPY ({query}) TO '{path}' WITH (FORMAT csv)")).await?;
            session.execute_unprepared(&format!("COPY copied FROM '{path}' WITH (FORMAT csv)")).await?;
            assert_eq!(ids(&session, "SELECT id FROM copied").await?, [1], "{query}");
            session.execute_unprepared("PREPARE q (bigint) AS SELECT id FROM comment WHERE id >= $1").await?;
            assert_eq!(ids(&session, "EXECUTE q (0)").await?, [1]);
            session.execute_unprepared("DEALLOCATE q").await?;
            session.rollback().await?;
        }
        for refused in ["COPY comment TO '/tmp/x'", "COPY (DELETE FROM comment RETURNING id) TO '/tmp/x'", "PREPARE q AS DELETE FROM comment"] {
            let refused = scoped.execute_unprepared(refused).await.expect_err(refused);
            assert!(refused.to_string().contains("unscoped()"), "{refused}");
        }
    }

    async fn the_row_of_a_cursor(db: &TestDb) {
        a_task(db).await?;
        for refused in [
            "UPDATE comment SET body = 'x' WHERE CURRENT OF c",
            "DELETE FROM comment WHERE CURRENT OF c",
        ] {
            let refused = db.scoped().execute_unprepared(refused).await.expect_err(refused);
            assert!(refused.to_string().contains("unscoped()"), "{refused}");
        }
    }
}

support::on_backends! {
    [sqlite SqliteMemory Scoped]
    async fn each_do_update_of_an_upsert(db: &TestDb) {
        a_task(db).await?;
        db.execute_unprepared("CREATE UNIQUE INDEX one_body ON comment (body)").await?;
        let scoped = db.scoped();
        for (id, text) in [(1, "new"), (2, "new"), (8, "first"), (9, "second")] {
            let upsert = format!(
                "INSERT INTO comment (id, task_id, body) VALUES ({id}, 1, '{text}') \
                 ON CONFLICT (id) DO UPDATE SET body = 'by id' ON CONFLICT (body) DO UPDATE SET body = body || ' by body'"
            );
            scoped.execute_unprepared(&upsert).await?;
        }
        // The second stays as it is. When the third came, the first had its new body.
        assert_eq!(body(db, 1).await?, "by id");
        assert_eq!(body(db, 2).await?, "second");
        assert_eq!(body(db, 8).await?, "first");
    }

    async fn names_in_single_quotes_and_parentheses(db: &TestDb) {
        see_the_first(db, &[
            "SELECT id FROM 'comment'",
            "SELECT id FROM main.'comment' WHERE id > 0 OR id < 0",
            "SELECT id FROM 'comment' NATURAL LEFT JOIN (SELECT 1 AS id) t",
            "SELECT 'comment'.id FROM 'comment' FULL JOIN (SELECT 1 AS id) t USING (id)",
            "SELECT id FROM ((comment))",
        ]).await?;
    }

    async fn a_virtual_table_with_arguments(db: &TestDb) {
        a_task(db).await?;
        // Its name is a registered table's, which hides any function called so.
        let refused = ids(db, "SELECT id FROM comment(1)").await.expect_err("no function");
        assert!(refused.to_string().contains("not a function"), "{refused}");
    }
}

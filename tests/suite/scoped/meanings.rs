//! What a name means to the server, and what a statement carries: where the text alone could mislead.

use sea_orm::ConnectionTrait as _;

use super::pitfalls::a_task;
use support::{self, TestDb, TestResult, domain::ids};

/// The comments whose row is there, by their number and text.
async fn comments(db: &TestDb) -> TestResult<Vec<String>> {
    let sql = "SELECT id, body FROM comment WHERE deleted_at IS NULL OR TRUE ORDER BY id";
    let rows = sea_orm::Statement::from_string(db.backend(), sql);
    let rows = db.query_all_raw(rows).await?;
    let text = |row: &sea_orm::QueryResult| {
        let (id, body): (i64, String) = (row.try_get("", "id")?, row.try_get("", "body")?);
        Ok(format!("{id} {body}"))
    };
    rows.iter().map(text).collect()
}

/// Each is refused, and changes no comment.
async fn refuses(db: &TestDb, statements: &[&str]) -> TestResult {
    let before = comments(db).await?;
    for sql in statements {
        let refused = db.scoped().execute_unprepared(sql).await.expect_err(sql);
        assert!(refused.to_string().contains("unscoped()"), "{refused}");
    }
    assert_eq!(comments(db).await?, before);
    Ok(())
}

support::on_scoped! {
    async fn a_delete_removes_active_rows_only_if_it_says_so(db: &TestDb) {
        a_task(db).await?;
        refuses(db, &[
            "DELETE FROM comment WHERE id = 1 AND deleted_at IS NULL",
            "DELETE FROM comment WHERE deleted_at IS NULL",
            "DELETE FROM comment WHERE deleted_at IS NOT NULL OR id = 1",
            "DELETE FROM comment WHERE NOT (deleted_at IS NOT NULL)",
        ]).await?;
        let scoped = db.scoped();
        let purge = "DELETE FROM comment WHERE id IN (1, 2) AND deleted_at IS NOT NULL";
        assert_eq!(scoped.execute_unprepared(purge).await?.rows_affected(), 1);
        assert_eq!(comments(db).await?, ["1 first"]);
        let all = "DELETE FROM comment WHERE id = 1 AND (deleted_at IS NULL OR TRUE)";
        assert_eq!(scoped.execute_unprepared(all).await?.rows_affected(), 1);
    }
}

support::on_backends! {
    [mariadb MariaDb Scoped]
    async fn aliases_that_differ_in_case_are_two(db: &TestDb) {
        a_task(db).await?;
        for sql in [
            "SELECT C.id FROM task c JOIN comment C ON C.task_id = c.id WHERE c.deleted_at IS NULL",
            "SELECT C.id FROM task c, comment C WHERE C.task_id = c.id AND c.deleted_at IS NULL",
            "SELECT C.id FROM comment C JOIN task c ON C.task_id = c.id AND c.deleted_at IS NULL",
        ] {
            assert_eq!(ids(db, sql).await?, [1], "{sql}");
        }
        refuses(db, &[
            "DELETE c FROM comment c JOIN task C ON c.task_id = C.id WHERE C.deleted_at IS NULL",
            "DELETE c FROM comment c JOIN task C ON c.task_id = C.id WHERE C.deleted_at IS NULL OR TRUE",
        ]).await?;
        let update = "UPDATE comment c JOIN task C ON c.task_id = C.id SET c.body = 'x' WHERE C.deleted_at IS NULL";
        db.scoped().execute_unprepared(update).await?;
        assert_eq!(comments(db).await?, ["1 x", "2 second"]);
    }

    async fn in_having_a_name_is_the_result_s(db: &TestDb) {
        a_task(db).await?;
        for sql in [
            "SELECT id, id + 1 AS deleted_at FROM comment HAVING deleted_at > 0",
            "SELECT comment.id, task.deleted_at FROM comment JOIN (SELECT NULL AS deleted_at) task HAVING deleted_at IS NULL",
            "SELECT comment.id, t.* FROM comment JOIN (SELECT 1 AS deleted_at) t HAVING deleted_at = 1",
        ] {
            assert_eq!(ids(db, sql).await?, [1], "{sql}");
        }
        let deleted = "SELECT id, deleted_at FROM comment HAVING deleted_at IS NOT NULL";
        assert_eq!(ids(db, deleted).await?, [2]);
    }

    async fn what_another_statement_carries_is_not_sent(db: &TestDb) {
        a_task(db).await?;
        refuses(db, &[
            "SET STATEMENT max_statement_time=10 FOR EXECUTE IMMEDIATE 'DELETE FROM comment'",
            "SET STATEMENT max_statement_time=10 FOR PREPARE s FROM 'DELETE FROM comment'",
            "SET STATEMENT max_statement_time=10 FOR DELETE FROM comment",
            "EXECUTE IMMEDIATE 'DELETE FROM comment'",
            "BEGIN NOT ATOMIC DELETE FROM comment; END",
        ]).await?;
        let select = "SET STATEMENT max_statement_time=10 FOR SELECT id FROM comment";
        assert_eq!(ids(db, select).await?, [1]);
        db.scoped().execute_unprepared("SET STATEMENT max_statement_time=10 FOR UPDATE comment SET body = 'x'").await?;
        assert_eq!(comments(db).await?, ["1 x", "2 second"]);
    }
}

support::on_backends! {
    [postgres Postgres Scoped]
    async fn one_name_in_two_schemas_is_two_tables(db: &TestDb) {
        a_task(db).await?;
        db.execute_unprepared("CREATE SCHEMA other").await?;
        db.execute_unprepared("CREATE TABLE other.comment AS SELECT * FROM comment").await?;
        refuses(db, &[
            "DELETE FROM public.comment USING other.comment WHERE public.comment.id = other.comment.id AND other.comment.deleted_at IS NULL",
            "DELETE FROM public.comment USING other.comment WHERE other.comment.deleted_at IS NOT NULL",
            "DELETE FROM public.comment USING other.comment WHERE other.comment.deleted_at IS NULL OR TRUE",
        ]).await?;
        let update = "UPDATE public.comment SET body = 'x' FROM other.comment \
            WHERE public.comment.id = other.comment.id + 1 AND other.comment.deleted_at IS NULL";
        db.scoped().execute_unprepared(update).await?;
        assert_eq!(comments(db).await?, ["1 first", "2 second"]);
        let select = "SELECT public.comment.id FROM public.comment, other.comment WHERE other.comment.deleted_at IS NOT NULL";
        assert_eq!(ids(db, select).await?, [1]);
    }

    async fn joined_tables_with_an_alias_have_names_of_their_own(db: &TestDb) {
        a_task(db).await?;
        for sql in [
            "SELECT j.id FROM task c JOIN (comment c JOIN (SELECT 1 AS one) t ON t.one = 1) AS j ON true WHERE c.deleted_at IS NULL",
            "SELECT j.id FROM task c JOIN (comment c CROSS JOIN (SELECT 1 AS one) t) AS j ON c.deleted_at IS NULL",
            "SELECT j.id FROM (comment c LEFT JOIN (SELECT 1 AS one) c2 ON true) AS j",
            "SELECT c.id FROM comment c JOIN (task c JOIN (SELECT 1 AS one) t ON c.deleted_at IS NULL) AS j ON true",
            "SELECT id FROM comment c WHERE EXISTS (SELECT 1 FROM (SELECT 1) a JOIN (SELECT 2) b ON c.deleted_at IS NULL, task c) \
             OR c.id = 2",
        ] {
            assert_eq!(ids(db, sql).await?, [1], "{sql}");
        }
    }

    async fn the_name_of_an_argument_is_no_column(db: &TestDb) {
        a_task(db).await?;
        db.execute_unprepared(
            "CREATE FUNCTION visible(id bigint, deleted_at text) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
        ).await?;
        for call in ["visible(id => id, deleted_at => 'x')", "visible(deleted_at := 'x', id := id)"] {
            assert_eq!(ids(db, &format!("SELECT id FROM comment WHERE {call}")).await?, [1]);
        }
    }

    async fn a_table_beside_using_keeps_its_key_and_its_place(db: &TestDb) {
        a_task(db).await?;
        for sql in [
            "SELECT c.* FROM comment t FULL JOIN comment c USING (id) GROUP BY c.id",
            "SELECT c.* FROM (SELECT 1 AS id) t LEFT JOIN comment c USING (id) GROUP BY c.id",
            "SELECT c.id FROM (SELECT 1 AS id) t NATURAL LEFT JOIN comment c WHERE c.ctid IS NOT NULL AND c.tableoid <> 0",
            "SELECT c.id FROM comment c FULL JOIN (SELECT 1 AS id) t ON t.id = c.id WHERE row_to_json(c)::text LIKE '%first%'",
        ] {
            assert_eq!(ids(db, sql).await?, [1], "{sql}");
        }
        let all = "SELECT * FROM (SELECT 2 AS id) t LEFT JOIN comment USING (id)";
        let columns = sea_orm::Statement::from_string(db.backend(), all);
        let scoped = db.query_all_raw(columns.clone()).await?;
        let plain = db.connection().query_all_raw(columns).await?;
        assert_eq!(scoped[0].column_names(), plain[0].column_names());
        assert_eq!(scoped[0].try_get::<Option<String>>("", "body")?, None);
    }

    async fn a_definition_that_writes_is_not_sent(db: &TestDb) {
        a_task(db).await?;
        refuses(db, &[
            "CREATE TABLE copy AS WITH d AS (DELETE FROM comment RETURNING *) TABLE d",
            "CREATE TABLE copy AS WITH d AS (DELETE FROM comment RETURNING *) VALUES (1)",
            "CREATE TABLE copy AS WITH d AS (DELETE FROM comment RETURNING id) SELECT * FROM d",
            "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'select 1'; DELETE FROM comment; SELECT 1 AS end",
        ]).await?;
        for query in ["(TABLE comment)", "WITH x AS (TABLE comment) TABLE x", "TABLE comment", "SELECT * FROM comment"] {
            let create = format!("CREATE TABLE copy AS {query}");
            if db.scoped().execute_unprepared(&create).await.is_ok() {
                assert_eq!(ids(db, "SELECT id FROM copy").await?, [1], "{query}");
                db.execute_unprepared("DROP TABLE copy").await?;
            }
        }
        let update = "CREATE TABLE copy AS WITH u AS (UPDATE comment SET body = 'x' RETURNING id) SELECT * FROM u";
        let _ = db.scoped().execute_unprepared(update).await;
        assert_eq!(comments(db).await?[1], "2 second");
    }
}

support::on_backends! {
    [sqlite SqliteMemory Scoped]
    async fn a_trigger_s_body_is_told_from_its_name(db: &TestDb) {
        a_task(db).await?;
        refuses(db, &[
            "CREATE TRIGGER begin AFTER INSERT ON tag BEGIN SELECT 1; END; DELETE FROM comment; SELECT 1 AS end",
            "CREATE TRIGGER t AFTER INSERT ON tag WHEN new.name = 'begin' BEGIN SELECT 1; END; DELETE FROM comment; END",
        ]).await?;
        let trigger = "CREATE TRIGGER begin AFTER INSERT ON comment BEGIN UPDATE comment SET body = 'x'; END;";
        db.scoped().execute_unprepared(trigger).await?;
    }

    async fn one_name_in_two_databases_is_two_tables(db: &TestDb) {
        a_task(db).await?;
        db.execute_unprepared("ATTACH ':memory:' AS other").await?;
        db.execute_unprepared("CREATE TABLE other.comment AS SELECT * FROM comment").await?;
        let update = "UPDATE main.comment SET body = 'x' FROM other.comment \
            WHERE main.comment.id = other.comment.id + 1 AND other.comment.deleted_at IS NULL";
        let _ = db.scoped().execute_unprepared(update).await;
        assert_eq!(comments(db).await?, ["1 first", "2 second"]);
        let select = "SELECT main.comment.id FROM main.comment, other.comment WHERE other.comment.deleted_at IS NOT NULL";
        assert_eq!(ids(db, select).await?, [1]);
    }
}

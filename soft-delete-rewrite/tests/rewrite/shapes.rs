//! Statements that differ in their values alone are rewritten by the same edits, and all others are read for themselves.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::*;

/// The rewriter has seen the first, and gives for the second what reading it gives.
#[track_caller]
fn after(dialect: Dialect, first: &str, second: &str) {
    let rewriter = Rewriter::with_capacities(tables(), 0, 1024 * 1024);
    for sql in [first, second, first, second] {
        for rows in [Rows::Active, Rows::Deleted, Rows::All] {
            let fresh = rewrite(dialect, sql, rewriter.tables(), rows);
            assert_eq!(
                rewriter.rewrite(dialect, sql, rows),
                fresh,
                "{dialect:?}: {sql}"
            );
        }
    }
}

#[test]
fn values_and_how_many_there_are_do_not_matter() {
    for (first, second) in [
        (
            "SELECT id FROM post WHERE id = 1 LIMIT 5",
            "SELECT id FROM post WHERE id = 2000 LIMIT 10",
        ),
        (
            "SELECT id FROM post WHERE id IN (1) OR x",
            "SELECT id FROM post WHERE id IN (1, 2, 'three', NULL) OR x",
        ),
        (
            "UPDATE post SET title = 'a' WHERE (id, n) IN ((1, 2))",
            "UPDATE post SET title = 'it''s longer' WHERE (id, n) IN ((1, 2), (3, 4))",
        ),
        (
            "INSERT INTO post (id) VALUES (1), (2) ON CONFLICT (id) DO UPDATE SET id = 3",
            "INSERT INTO post (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 400",
        ),
        (
            "SELECT id FROM post /* request 1 */",
            "/* of a page */ SELECT id FROM post /* 22 */",
        ),
        (
            "SELECT * FROM author a FULL JOIN post p ON p.id = 1",
            "SELECT * FROM author a FULL JOIN post p ON p.id = 100000",
        ),
    ] {
        for dialect in ALL {
            after(dialect, first, second);
        }
    }
}

#[test]
fn what_may_be_more_than_a_value_is_read_for_itself() {
    for (first, second) in [
        (
            "SELECT id AS 'a' FROM post",
            "SELECT id AS 'deleted_at' FROM post",
        ),
        (
            "SELECT 'a' FROM post HAVING deleted_at > 0",
            "SELECT 'deleted_at' FROM post HAVING deleted_at > 0",
        ),
        ("SELECT id FROM 'log'", "SELECT id FROM 'post'"),
        (
            "SELECT id FROM post WHERE deleted_at IS NULL OR FALSE",
            "SELECT id FROM post WHERE deleted_at IS NULL OR TRUE",
        ),
        (
            "DELETE FROM post WHERE deleted_at IS NULL OR TRUE",
            "DELETE FROM post WHERE deleted_at IS NULL OR FALSE",
        ),
        (
            "SELECT CAST(1 AS VARCHAR(10)) FROM post",
            "SELECT CAST(1 AS VARCHAR(1.5)) FROM post",
        ),
        (
            "INSERT INTO post VALUES (1), (2)",
            "INSERT INTO post VALUES (1), ((SELECT id FROM comment LIMIT 1))",
        ),
        ("SELECT id FROM post", "SELECT id  FROM post"),
    ] {
        for dialect in ALL {
            after(dialect, first, second);
            after(dialect, second, first);
        }
    }
}

#[test]
fn what_is_refused_is_refused_again() {
    let rewriter = Rewriter::new(tables());
    for id in 1..3 {
        let sql = format!("DELETE FROM post WHERE id = {id}");
        assert!(rewriter.rewrite(Postgres, &sql, Rows::Active).is_err());
    }
}

fn value() -> impl Strategy<Value = &'static str> {
    select(vec![
        "1",
        "2.5",
        "$1",
        "?",
        "'a'",
        "'post'",
        "'deleted_at'",
        "''",
        "'it''s'",
        "NULL",
        "TRUE",
        "DEFAULT",
        "-1",
        "x",
        "f(1)",
    ])
}

/// Two statements with different values in the same places.
fn pair() -> impl Strategy<Value = (String, String)> {
    let form = select(vec![
        "SELECT id FROM post WHERE a = {} AND b IN ({}) OR c > {} LIMIT {}",
        "SELECT {}, p.id AS {} FROM post p LEFT JOIN comment AS c ON c.id = {} GROUP BY {} HAVING deleted_at > {}",
        "UPDATE post SET a = {}, deleted_at = {} WHERE (a, b) IN (({}), ({}))",
        "INSERT INTO post (a, b) VALUES ({}), ({}) ON CONFLICT (a) DO UPDATE SET b = {}",
        "DELETE FROM post WHERE deleted_at IS NULL OR {} = {}",
        "SELECT * FROM (VALUES ({})) v WHERE x IN ({}) AND EXISTS (SELECT {} FROM tag WHERE tag.id = {})",
    ]);
    let values = || vec(vec(value(), 1..4), 6);
    (form, values(), values()).prop_map(|(form, first, second)| {
        let fill = |values: Vec<Vec<&str>>| {
            values.into_iter().fold(form.to_owned(), |text, values| {
                text.replacen("{}", &values.join(", "), 1)
            })
        };
        (fill(first), fill(second))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_reading_gives((first, second) in pair()) {
        for dialect in ALL {
            after(dialect, &first, &second);
        }
    }
}

//! Texts before and after an edit.
#![allow(clippy::unwrap_used)]

use super::CreateTable;

fn unique(sql: &str, columns: &[&str]) -> Option<String> {
    CreateTable::parse(sql).unwrap().without_unique(columns)
}

fn on_delete(sql: &str, columns: &[&str], parent: &str) -> Option<String> {
    CreateTable::parse(sql)
        .unwrap()
        .with_on_delete(columns, parent, "NO ACTION")
}

fn not_null(sql: &str, column: &str) -> Option<String> {
    CreateTable::parse(sql).unwrap().without_not_null(column)
}

#[track_caller]
fn gives(edited: Option<String>, expected: &str) {
    assert_eq!(edited.as_deref(), Some(expected));
}

#[test]
fn unique_of_a_column_goes() {
    gives(
        unique("CREATE TABLE t (a TEXT UNIQUE, b)", &["a"]),
        "CREATE TABLE t (a TEXT, b)",
    );
    gives(
        unique("CREATE TABLE t (a unique not null)", &["A"]),
        "CREATE TABLE t (a not null)",
    );
    gives(
        unique(
            "CREATE TABLE t(a UNIQUE ON CONFLICT IGNORE DEFAULT 1)",
            &["a"],
        ),
        "CREATE TABLE t(a DEFAULT 1)",
    );
    gives(
        unique("CREATE TABLE t(a UNIQUE UNIQUE)", &["a"]),
        "CREATE TABLE t(a)",
    );
    gives(
        unique("CREATE TABLE t(a DEFAULT(1)UNIQUE,b)", &["a"]),
        "CREATE TABLE t(a DEFAULT(1),b)",
    );
    assert_eq!(unique("CREATE TABLE t (a TEXT UNIQUE, b)", &["b"]), None);
    assert_eq!(
        unique("CREATE TABLE t (a TEXT UNIQUE, b UNIQUE)", &["a", "b"]),
        None
    );
}

#[test]
fn a_constraint_goes_with_its_name() {
    gives(
        unique("CREATE TABLE t (a CONSTRAINT n UNIQUE NOT NULL)", &["a"]),
        "CREATE TABLE t (a NOT NULL)",
    );
    gives(
        unique(
            "CREATE TABLE t (a CONSTRAINT x CONSTRAINT \"y z\" UNIQUE)",
            &["a"],
        ),
        "CREATE TABLE t (a CONSTRAINT x)",
    );
    gives(
        unique(
            "CREATE TABLE t (a, CONSTRAINT [n] UNIQUE (a) ON CONFLICT FAIL, CHECK (a))",
            &["a"],
        ),
        "CREATE TABLE t (a, CHECK (a))",
    );
    gives(
        not_null(
            "CREATE TABLE t (a INT CONSTRAINT n NOT NULL ON CONFLICT ABORT UNIQUE)",
            "a",
        ),
        "CREATE TABLE t (a INT UNIQUE)",
    );
}

#[test]
fn unique_of_a_table_goes_in_any_order_of_its_columns() {
    let sql = "CREATE TABLE t (a, b, UNIQUE (b DESC, \"A\" COLLATE nocase), UNIQUE(a,b), UNIQUE (a)) STRICT";
    gives(
        unique(sql, &["a", "b"]),
        "CREATE TABLE t (a, b, UNIQUE (a)) STRICT",
    );
    gives(
        unique("CREATE TABLE t (a UNIQUE, b, UNIQUE (a))", &["a"]),
        "CREATE TABLE t (a, b)",
    );
}

#[test]
fn table_constraints_need_no_comma_between_them() {
    let sql = "CREATE TABLE t (a, b, UNIQUE (a) CONSTRAINT c UNIQUE (b) CHECK (a > 0) UNIQUE(a))";
    gives(
        unique(sql, &["a"]),
        "CREATE TABLE t (a, b, CONSTRAINT c UNIQUE (b) CHECK (a > 0))",
    );
    gives(
        unique(sql, &["b"]),
        "CREATE TABLE t (a, b, UNIQUE (a) CHECK (a > 0) UNIQUE(a))",
    );
    gives(
        unique("CREATE TABLE t (a, UNIQUE (a) UNIQUE (a))", &["a"]),
        "CREATE TABLE t (a)",
    );
    let sql = "CREATE TABLE t (a, b, UNIQUE (a) FOREIGN KEY (a) REFERENCES p FOREIGN KEY (b) REFERENCES p)";
    gives(
        on_delete(sql, &["b"], "p"),
        "CREATE TABLE t (a, b, UNIQUE (a) FOREIGN KEY (a) REFERENCES p FOREIGN KEY (b) REFERENCES p ON DELETE NO ACTION)",
    );
}

#[test]
fn words_within_quotes_comments_and_parentheses_do_not_count() {
    let sql = r#"CREATE TABLE "a ( b" ("unique" TEXT, [not null] decimal(10, 2), `references` DEFAULT 'UNIQUE, it''s (',
 a /* UNIQUE ) */ DEFAULT (x'00' || ') UNIQUE'), -- UNIQUE, NOT NULL (
 g GENERATED ALWAYS AS (a NOT NULL) STORED, 'quo''ted' "UNIQUE" UNIQUE,
 c CHECK (c IN ('UNIQUE', "REFERENCES", (1)) AND c IS NOT NULL) COLLATE nocase) WITHOUT ROWID"#;
    for column in ["unique", "not null", "references", "a", "g", "c"] {
        assert_eq!(unique(sql, &[column]), None, "{column}");
        assert_eq!(not_null(sql, column), None, "{column}");
        assert_eq!(on_delete(sql, &[column], "(1)"), None, "{column}");
    }
    gives(
        unique(sql, &["quo'ted"]),
        &sql.replace(" UNIQUE,\n c", ",\n c"),
    );
}

#[test]
fn comments_stay_and_do_not_swallow_what_follows() {
    gives(
        unique("CREATE TABLE t (a TEXT -- why\n UNIQUE, b)", &["a"]),
        "CREATE TABLE t (a TEXT -- why\n , b)",
    );
    gives(
        unique("CREATE TABLE t (a -- why\n , UNIQUE (a) -- so\n)", &["a"]),
        "CREATE TABLE t (a -- why\n  -- so\n)",
    );
    gives(
        unique("CREATE TABLE t (a/* , */UNIQUE/**/NOT NULL)", &["a"]),
        "CREATE TABLE t (a/* , *//**/NOT NULL)",
    );
    gives(
        on_delete("CREATE TABLE t (a REFERENCES p -- why\n)", &["a"], "p"),
        "CREATE TABLE t (a REFERENCES p ON DELETE NO ACTION -- why\n)",
    );
}

#[test]
fn on_delete_is_replaced_or_added() {
    for action in [
        "CASCADE",
        "SET NULL",
        "set  default",
        "RESTRICT",
        "NO ACTION",
    ] {
        let sql = format!(
            "CREATE TABLE t (a INT REFERENCES \"P\"(id) ON UPDATE CASCADE ON DELETE {action} MATCH simple NOT DEFERRABLE NOT NULL)"
        );
        gives(
            on_delete(&sql, &["a"], "p"),
            &sql.replace(&format!("DELETE {action}"), "DELETE NO ACTION"),
        );
        gives(not_null(&sql, "a"), &sql.replace(" NOT NULL", ""));
        let sql = format!(
            "CREATE TABLE t (a, b, FOREIGN KEY (\"b\", a) REFERENCES p (x, y) ON DELETE {action} ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED)"
        );
        gives(
            on_delete(&sql, &["a", "b"], "P"),
            &sql.replace(&format!("DELETE {action}"), "DELETE NO ACTION"),
        );
        assert_eq!(on_delete(&sql, &["a"], "p"), None);
        assert_eq!(on_delete(&sql, &["a", "b"], "q"), None);
    }
    gives(
        on_delete(
            "CREATE TABLE t (a REFERENCES p (id) DEFERRABLE)",
            &["a"],
            "p",
        ),
        "CREATE TABLE t (a REFERENCES p (id) ON DELETE NO ACTION DEFERRABLE)",
    );
    gives(
        on_delete(
            "CREATE TABLE t (a REFERENCES p ON DELETE CASCADE ON DELETE SET NULL REFERENCES q, b REFERENCES p)",
            &["a"],
            "p",
        ),
        "CREATE TABLE t (a REFERENCES p ON DELETE NO ACTION ON DELETE NO ACTION REFERENCES q, b REFERENCES p)",
    );
}

#[test]
fn not_null_goes() {
    gives(
        not_null("CREATE TABLE t (a INT NOT NULL DEFAULT 1, b NOT NULL)", "A"),
        "CREATE TABLE t (a INT DEFAULT 1, b NOT NULL)",
    );
    gives(
        not_null(
            "CREATE TABLE t (a REFERENCES p ON DELETE SET NULL NOT\nNULL)",
            "a",
        ),
        "CREATE TABLE t (a REFERENCES p ON DELETE SET NULL)",
    );
    assert_eq!(
        not_null(
            "CREATE TABLE t (a REFERENCES p ON DELETE SET NULL NOT DEFERRABLE NULL)",
            "a"
        ),
        None
    );
}

#[test]
fn every_way_to_begin_is_read() {
    for head in [
        "CREATE TABLE t",
        "create temp table main.t",
        "CREATE TABLE IF NOT EXISTS [a b].`c``(`",
        "CREATE/**/TABLE\"t\"",
    ] {
        let sql = format!("{head}(ä$1 TEXT UNIQUE,b)");
        gives(unique(&sql, &["ä$1"]), &sql.replace(" UNIQUE", ""));
    }
}

#[test]
fn something_else_is_not_read() {
    for sql in [
        "",
        "CREATE",
        "CREATE TABLE",
        "CREATE TABLE t",
        "CREATE TABLE t (",
        "CREATE TABLE t (a",
        "CREATE TABLE t ()",
        "CREATE TABLE t (a,)",
        "CREATE TABLE t (a,,b)",
        "CREATE TABLE t ('a)",
        "CREATE TABLE t (a [x)",
        "CREATE TABLE t (a))(",
        "CREATE TABLE t (1)",
        "CREATE VIRTUAL TABLE t USING fts5(a)",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW t (a) AS SELECT 1",
        "CREATE TABLE t (a /* ",
        "CREATE TABLE t (a -- )",
    ] {
        // What follows the body is SQLite's to judge.
        assert_eq!(
            CreateTable::parse(sql).is_some(),
            sql == "CREATE TABLE t (a))(",
            "{sql}"
        );
    }
}

#[test]
fn no_text_makes_it_panic() {
    let sql = "CREATE TABLE \"é\" (a UNIQUE ON CONFLICT IGNORE, b CONSTRAINT é REFERENCES p (x) ON DELETE SET NULL NOT NULL, [ü] 'x''' DEFAULT (1), CONSTRAINT c UNIQUE (a, b) FOREIGN KEY (a) REFERENCES p) STRICT";
    for (cut, _) in sql.char_indices() {
        let (head, tail) = sql.split_at(cut);
        let texts = [
            head.to_owned(),
            format!("{head})"),
            format!("{head}){tail}"),
            format!("{head}({tail}"),
            format!("{head}\"{tail}"),
            head.to_owned() + &tail.chars().skip(1).collect::<String>(),
        ];
        for text in texts {
            if let Some(table) = CreateTable::parse(&text) {
                table.without_unique(&["a"]);
                table.without_unique(&["a", "b"]);
                table.with_on_delete(&["b"], "p", "CASCADE");
                table.with_on_delete(&["a"], "p", "CASCADE");
                table.without_not_null("b");
            }
        }
    }
}

#[test]
fn a_default_of_any_kind_is_removed() {
    for (text, expected) in [
        (
            "CREATE TABLE t (a INT DEFAULT 0 NOT NULL, b)",
            "CREATE TABLE t (a INT NOT NULL, b)",
        ),
        (
            "CREATE TABLE t (a INT DEFAULT -1.5)",
            "CREATE TABLE t (a INT)",
        ),
        (
            "CREATE TABLE t (a TEXT DEFAULT CURRENT_TIMESTAMP UNIQUE)",
            "CREATE TABLE t (a TEXT UNIQUE)",
        ),
        (
            "CREATE TABLE t (a TEXT CONSTRAINT d DEFAULT 'x, y')",
            "CREATE TABLE t (a TEXT)",
        ),
        (
            "CREATE TABLE t (a TEXT DEFAULT (datetime('now', '(')), b)",
            "CREATE TABLE t (a TEXT, b)",
        ),
    ] {
        let table = CreateTable::parse(text).unwrap();
        assert_eq!(
            table.without_default("A").as_deref(),
            Some(expected),
            "{text}"
        );
        assert_eq!(table.without_default("b"), None);
    }
}

use proptest::prelude::*;

use soft_delete_rewrite::Reason;

use crate::*;

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "post",
    "comment",
    "\"post\"",
    "`post`",
    "[post]",
    "'post'",
    "p",
    "AS",
    "(",
    ")",
    ",",
    ".",
    ";",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "OUTER",
    "CROSS",
    "NATURAL",
    "ON",
    "USING",
    "deleted_at",
    "IS",
    "NULL",
    "NOT",
    "AND",
    "OR",
    "WITH",
    "RECURSIVE",
    "UNION",
    "ALL",
    "UPDATE",
    "SET",
    "=",
    "DELETE",
    "INSERT",
    "INTO",
    "VALUES",
    "CONFLICT",
    "DO",
    "ONLY",
    "GROUP",
    "BY",
    "ORDER",
    "LIMIT",
    "1",
    "*",
    "$1",
    "?",
    "--",
    "\n",
    "\r\n",
    "/*",
    "*/",
    "/*!",
    "é",
    "😀",
    "\u{a0}",
    "E'",
    "'",
    "\"",
    "$$",
    "U&\"",
    "#",
    "LATERAL",
    "TABLE",
    "CREATE",
    "TRIGGER",
    "BEGIN",
    "END",
    "CASE",
    "WHEN",
    "EXPLAIN",
    "INDEXED",
    "RETURNING",
    "FOR",
    "OVER",
    "::",
    "->",
    "\\",
    "\0",
    "FETCH",
    "WINDOW",
    "EXISTS",
    "IN",
];

/// What takes long to read is refused, so that nobody waits for it: the bound is on words and signs, and on bytes that only the
/// parser can take apart.
#[test]
fn what_is_too_long_is_refused_unread() {
    let chain = |links: usize| format!("SELECT * FROM post WHERE id = f(1){}", ", a".repeat(links));
    let list = |names: usize| format!("SELECT {} FROM post", vec!["a"; names].join(", "));
    let uncommon =
        |bytes: usize| format!("SELECT * FROM post WHERE a = 'x\\\\{}'", "y".repeat(bytes));
    let literals = |count: usize| {
        let ids = vec!["12345"; count].join(",");
        format!("SELECT * FROM post WHERE id IN ({ids})")
    };
    for backend in ALL {
        assert!(active(backend, &list(49_000)).is_ok());
        for long in [chain(60_000), list(51_000), uncommon(8 * 1024 * 1024)] {
            let refused = active(backend, &long).unwrap_err();
            assert_eq!(refused.reason(), &Reason::TooLong, "{backend:?}");
        }
        assert!(active(backend, &literals(500_000)).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_text_panics(sql in "\\PC{0,40}( post )?\\PC{0,40}") {
        for backend in ALL {
            let _ = active(backend, &sql);
        }
    }

    #[test]
    fn no_soup_of_words_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..40), glue in "[ ]?") {
        let sql = words.join(&glue);
        for backend in ALL {
            let _ = active(backend, &sql);
        }
    }

    #[test]
    fn no_soup_in_a_select_panics(words in prop::collection::vec(prop::sample::select(WORDS), 0..12), place in 0..4) {
        let soup = words.join(" ");
        let sql = match place {
            0 => format!("SELECT * FROM post WHERE {soup}"),
            1 => format!("SELECT * FROM post {soup}"),
            2 => format!("SELECT {soup} FROM post"),
            _ => format!("SELECT * FROM author LEFT JOIN post ON {soup}"),
        };
        for backend in ALL {
            let _ = active(backend, &sql);
        }
    }
}

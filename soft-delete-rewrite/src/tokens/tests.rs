//! What is scanned is what the parser's tokenizer gives.

#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

use proptest::{prelude::*, sample::select};

use super::*;

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite];

/// The tokens of the tokenizer, but for space.
fn tokenized(dialect: Dialect, sql: &str) -> Option<Vec<TokenWithSpan>> {
    let tokens = Tokenizer::new(dialect.parser(), sql).tokenize_with_location();
    let is_space = |token: &TokenWithSpan| matches!(token.token, ParserToken::Whitespace(_));
    tokens.ok().map(|tokens| {
        tokens
            .into_iter()
            .filter(|token| !is_space(token))
            .collect()
    })
}

/// What may be left out of a list.
fn is_left_out(token: &ParserToken) -> bool {
    match token {
        ParserToken::Word(word) => matches!(
            word.keyword,
            Keyword::NULL | Keyword::TRUE | Keyword::FALSE | Keyword::DEFAULT
        ),
        ParserToken::Number(..)
        | ParserToken::SingleQuotedString(_)
        | ParserToken::Placeholder(_)
        | ParserToken::Comma
        | ParserToken::LParen
        | ParserToken::RParen => true,
        _ => false,
    }
}

/// Whether the text was scanned at all.
fn check(dialect: Dialect, sql: &str) -> bool {
    let Some(pieces) = scan(dialect, sql) else {
        return false;
    };
    let Some(expected) = tokenized(dialect, sql) else {
        panic!("{dialect:?} scanned {sql}, which the tokenizer does not take");
    };
    let mut expected = expected.into_iter();
    let mut position = Position::start();
    for Piece {
        kind,
        bytes,
        in_list,
    } in pieces
    {
        let text = sql.get(bytes.clone()).unwrap();
        let span = Span::new(position.at(sql, bytes.start), position.at(sql, bytes.end));
        let token = parser_token(kind, text);
        loop {
            let next = expected.next();
            let next = next.unwrap_or_else(|| panic!("{dialect:?}: {token:?} of {sql}"));
            if next.span == span {
                assert_eq!(next.token, token, "{dialect:?}: {sql}");
                break;
            }
            let is_left_out =
                in_list && kind == crate::scan::Kind::Close && is_left_out(&next.token);
            assert!(
                is_left_out,
                "{dialect:?}: {token:?} and not {next:?} of {sql}"
            );
        }
    }
    assert_eq!(expected.next(), None, "{dialect:?}: {sql}");
    true
}

#[test]
fn common_statements_are_scanned() {
    for sql in [
        r#"SELECT "post"."id", p.*, COUNT(*) FROM "post" AS p WHERE ("post"."id" = $1) AND a <> 'it''s' ORDER BY x ASC LIMIT 5;"#,
        r#"INSERT INTO "post" ("title", "body") VALUES ($1, $2), ($3, $4) RETURNING "id""#,
        "UPDATE post SET price = price * 1.5 - 2 WHERE a->>'b' = 'x' /* sent by 'me' */",
        "SELECT\n\t1 /*traceparent='00-1-2'*/\nFROM post WHERE id IN (1, 2 , NULL) AND (a, b) IN ((1, 'ö'), (2, 'x'))",
    ] {
        assert!(check(Dialect::Postgres, sql), "{sql}");
    }
    assert!(check(
        Dialect::MySql,
        "SELECT `post`.`id` FROM `post` WHERE `post`.`id` IN (?, ?) AND `title` LIKE ?"
    ));
    assert!(check(
        Dialect::Sqlite,
        r#"SELECT "post"."id" FROM `post` WHERE id = ?1 OR id = ? OR id = $1"#
    ));
}

#[test]
fn of_a_list_of_literals_the_first_is_read() {
    let texts = |sql: &str| -> Vec<String> {
        let pieces = scan(Dialect::Postgres, sql).unwrap();
        let texts = pieces.into_iter().map(|piece| sql[piece.bytes].to_owned());
        texts.collect()
    };
    for (sql, expected) in [
        ("IN ( 1, 'a', NULL )", vec!["IN", "(", "1", ")"]),
        ("IN (1, x)", vec!["IN", "(", "1", ",", "x", ")"]),
        (
            "IN ((1, 2), (3, 4))",
            vec!["IN", "(", "(", "1", ",", "2", ")", ")"],
        ),
        (
            "IN ((1, 2), 3)",
            vec!["IN", "(", "(", "1", ",", "2", ")", ",", "3", ")"],
        ),
        ("IN (SELECT 1)", vec!["IN", "(", "SELECT", "1", ")"]),
        ("p.in (1, 2)", vec!["p", ".", "in", "(", "1", ",", "2", ")"]),
        (
            "VALUES (1, 2), ($3, 'x') RETURNING",
            vec!["VALUES", "(", "1", ",", "2", ")", "RETURNING"],
        ),
        (
            "VALUES (1), (f(2))",
            vec!["VALUES", "(", "1", ")", ",", "(", "f", "(", "2", ")", ")"],
        ),
        (
            "VALUES (f(1))",
            vec!["VALUES", "(", "f", "(", "1", ")", ")"],
        ),
    ] {
        assert_eq!(texts(sql), expected, "{sql}");
    }
}

#[test]
fn what_may_be_more_than_it_seems_is_not_scanned() {
    for sql in [
        "E'a'",
        "N'a'",
        "U&\"a\"",
        "U&'a'",
        "x'00'",
        "'a' 'b'",
        "'a\\'b'",
        "a -- b",
        "# a",
        "/*! a */",
        "/*+ a */",
        "/*x+ a */",
        "/*M! a */",
        "/* /* */ */",
        "1e5",
        "0x1",
        "1_000",
        "1.",
        ".5",
        "a.1",
        "a . b",
        "a[1]",
        "$$a$$",
        "$a$a$a$",
        ":a",
        "@a",
        "a@b",
        "a$b",
        "ä",
        "a ## b",
        "a @> b",
        "a; b",
        "{a}",
        "a\rb",
        "a\u{a0}b",
        "a\0b",
        "\"\"",
        "\"a\"\"b\"",
        "[a]",
    ] {
        for dialect in DIALECTS {
            assert_eq!(scan(dialect, sql), None, "{dialect:?}: {sql}");
        }
    }
}

fn corpus() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/rewrite");
    let files = fs::read_dir(directory).unwrap();
    let mut texts: Vec<_> = files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    texts.sort_unstable();
    texts
}

#[test]
fn the_corpus_is_scanned_as_it_is_tokenized() {
    let scanned = corpus()
        .iter()
        .filter(|text| DIALECTS.iter().any(|dialect| check(*dialect, text)))
        .count();
    assert!(scanned > 10, "{scanned}");
}

/// Pieces of SQL, with much that may be read in more than one way.
fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "SELECT", "IN", "in(", "VALUES", "(", ")", "(", ")", ",", ", ", " ", " ", " ", "\n", "\t",
        "'a'", "'it''s'", "'", "\"a\"", "\"", "`a`", "`", "[", "]", "1", "2.5", "0", ".", "..",
        "a", "b", "e", "n", "x", "u", "_c", "ö", "=", "<", ">", "!", "-", "+", "*", "/", "%", "|",
        "||", ":", "::", "->", "->>", "?", "$1", "$", "$$", "@", "#", "&", "~", "^", ";", "\\",
        "--", "/*", "*/", "/* c */", "NULL", "true", "p.id", "p.*", "LIMIT", "AS",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_scanned_as_it_is_tokenized(text in text()) {
        for dialect in DIALECTS {
            check(dialect, &text);
        }
    }
}

//! The parser's tokens: what they are to the rewriter, and those that it makes itself.

use sqlparser::{
    keywords::Keyword,
    tokenizer::{Token as ParserToken, Whitespace, Word},
};

use super::Kind;
use crate::{Dialect, comments::EXECUTABLE_COMMENT, refused::Reason, scan};

/// What a token is, and which keyword.
pub(super) fn classify(parser_token: &ParserToken) -> (Kind, Keyword) {
    let kind = match parser_token {
        ParserToken::Word(word) if word.quote_style.is_some() => Kind::QuotedWord,
        ParserToken::Word(word) => return (Kind::Word, word.keyword),
        ParserToken::LParen | ParserToken::LBracket | ParserToken::LBrace => Kind::Open,
        ParserToken::RParen | ParserToken::RBracket | ParserToken::RBrace => Kind::Close,
        ParserToken::Comma => Kind::Comma,
        ParserToken::Period => Kind::Period,
        ParserToken::SemiColon => Kind::Semicolon,
        ParserToken::Minus
        | ParserToken::Plus
        | ParserToken::Tilde
        | ParserToken::ExclamationMark
        | ParserToken::AtSign => Kind::Sign,
        _ => Kind::Other,
    };
    (kind, Keyword::NoKeyword)
}

/// The name that a token spells.
pub(super) fn spelled(parser_token: &ParserToken) -> &str {
    match parser_token {
        ParserToken::Word(word) => word.value.as_str(),
        // Read as a name where a table stands: by SQLite, and by MySQL in its ANSI mode.
        ParserToken::SingleQuotedString(value) | ParserToken::DoubleQuotedString(value) => value,
        _ => "",
    }
}

/// The parser's token for a piece.
pub(super) fn parser_token(kind: scan::Kind, text: &str) -> ParserToken {
    let inside = || text.get(1..text.len() - 1).unwrap_or_default();
    match kind {
        scan::Kind::Word => ParserToken::make_word(text, None),
        scan::Kind::QuotedWord => ParserToken::Word(Word {
            value: inside().to_owned(),
            quote_style: text.chars().next(),
            keyword: Keyword::NoKeyword,
        }),
        scan::Kind::Number => ParserToken::Number(text.to_owned(), false),
        scan::Kind::String { escaped: false } => {
            ParserToken::SingleQuotedString(inside().to_owned())
        }
        scan::Kind::String { escaped: true } => {
            ParserToken::SingleQuotedString(inside().replace("''", "'"))
        }
        scan::Kind::Placeholder => ParserToken::Placeholder(text.to_owned()),
        scan::Kind::Open => ParserToken::LParen,
        scan::Kind::Close => ParserToken::RParen,
        scan::Kind::Comma => ParserToken::Comma,
        scan::Kind::Period => ParserToken::Period,
        scan::Kind::Semicolon => ParserToken::SemiColon,
        scan::Kind::Sign => match text {
            "=" => ParserToken::Eq,
            "<" => ParserToken::Lt,
            ">" => ParserToken::Gt,
            "<=" => ParserToken::LtEq,
            ">=" => ParserToken::GtEq,
            "<>" | "!=" => ParserToken::Neq,
            "+" => ParserToken::Plus,
            "-" => ParserToken::Minus,
            "*" => ParserToken::Mul,
            "/" => ParserToken::Div,
            "%" => ParserToken::Mod,
            "||" => ParserToken::StringConcat,
            "::" => ParserToken::DoubleColon,
            "->" => ParserToken::Arrow,
            _ => ParserToken::LongArrow,
        },
    }
}

pub(super) fn check_space(dialect: Dialect, space: &Whitespace, text: &str) -> Result<(), Reason> {
    match space {
        // MySQL runs what is in `/*! … */`, and MariaDB what is in `/*M! … */`.
        Whitespace::MultiLineComment(comment)
            if dialect == Dialect::MySql && comment.starts_with(['!', 'M', 'm']) =>
        {
            match comment.trim_start_matches(['M', 'm']).starts_with('!') {
                true => Err(Reason::Unreliable(EXECUTABLE_COMMENT)),
                false => Ok(()),
            }
        }
        Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_) => Ok(()),
        Whitespace::Space | Whitespace::Newline | Whitespace::Tab => match text.is_ascii() {
            true => Ok(()),
            // Space to the parser, part of a name to the databases.
            false => Err(Reason::Unreliable("a space that is not ASCII")),
        },
    }
}

/// Refuses the literals that only other databases have: these ones read their text in another way.
pub(super) fn check_literal(dialect: Dialect, parser_token: &ParserToken) -> Result<(), Reason> {
    match parser_token {
        ParserToken::DollarQuotedString(_) if dialect != Dialect::Postgres => {
            Err(Reason::Unreliable("a string in dollar quotes"))
        }
        ParserToken::TripleSingleQuotedString(_)
        | ParserToken::TripleDoubleQuotedString(_)
        | ParserToken::DoubleQuotedByteStringLiteral(_)
        | ParserToken::TripleSingleQuotedByteStringLiteral(_)
        | ParserToken::TripleDoubleQuotedByteStringLiteral(_)
        | ParserToken::SingleQuotedRawStringLiteral(_)
        | ParserToken::DoubleQuotedRawStringLiteral(_)
        | ParserToken::TripleSingleQuotedRawStringLiteral(_)
        | ParserToken::TripleDoubleQuotedRawStringLiteral(_)
        | ParserToken::QuoteDelimitedStringLiteral(_)
        | ParserToken::NationalQuoteDelimitedStringLiteral(_)
        | ParserToken::Char(_) => Err(Reason::Unreliable("a literal of another database")),
        _ => Ok(()),
    }
}

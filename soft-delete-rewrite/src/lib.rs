#![doc = include_str!("../README.md")]
#![warn(unreachable_pub)]

mod block;
mod column_references;
mod comments;
mod depth;
mod derived;
mod dialect;
mod edits;
mod expanded;
mod having;
mod joins;
mod layout;
mod marker;
mod modify;
mod names;
mod predicate;
mod readings;
mod refused;
mod rewriter;
mod routine;
mod rows;
mod scan;
mod shape;
mod spaces;
mod statement;
mod tables;
mod tokens;
mod upserts;
mod walk;

use std::borrow::Cow;

use sqlparser::{ast::Statement, parser::Parser, tokenizer::TokenWithSpan};

pub use dialect::Dialect;
pub use marker::Active;
pub use refused::{Reason, Refused};
pub use rewriter::Rewriter;
pub use rows::Rows;
pub use tables::Tables;

use edits::Edits;
use scan::{Piece, scan};
use statement::Kind;
use tokens::Source;

/// How deep the parser may nest. Its own default; a tree that the predicates were added to may be a little deeper.
const RECURSION_LIMIT: usize = 50;

/// The stack that a unit of depth takes, generously. Without optimisation, frames are large.
const STACK: usize = if cfg!(debug_assertions) { 32 } else { 4 } * 1024;
/// How deep a tree may be to be worked on with the stack of the caller.
const SHALLOW: usize = if cfg!(debug_assertions) { 16 } else { 250 };
/// How deep a tree may be at all.
const DEEPEST: usize = 40_000;

/// How many words and signs are parsed, which takes some tenths of a second at most.
const MOST_TOKENS: usize = 100_000;

/// The statement with the condition of `rows` added for each of `tables` that it touches.
///
/// Outside of what is added, the text stays as it is. A statement that touches none of the tables, or constrains their
/// `deleted_at` itself, comes back borrowed.
///
/// # Errors
///
/// [`Refused`], if the statement would remove rows physically, or if it can't be told what it does.
///
/// # Example
///
/// ```
/// use soft_delete_rewrite::{Dialect, Rows, Tables, rewrite};
///
/// # fn main() -> Result<(), soft_delete_rewrite::Refused> {
/// let tables = Tables::new().with(None, "post", "deleted_at");
/// let sql = "SELECT title FROM post AS p WHERE p.author_id = ? OR p.pinned";
/// assert_eq!(
///     rewrite(Dialect::Sqlite, sql, &tables, Rows::Active)?,
///     r#"SELECT title FROM post AS p WHERE (p.author_id = ? OR p.pinned) AND p."deleted_at" IS NULL"#,
/// );
/// assert!(rewrite(Dialect::Sqlite, "DELETE FROM post WHERE id = ?", &tables, Rows::Active).is_err());
/// # Ok(()) }
/// ```
pub fn rewrite<'s>(
    dialect: Dialect,
    sql: &'s str,
    tables: &Tables,
    rows: Rows,
) -> Result<Cow<'s, str>, Refused> {
    let Some(table) = tables.spelled_in(dialect, sql) else {
        return Ok(Cow::Borrowed(sql));
    };
    rewrite_scanned(dialect, sql, scan(dialect, sql), tables, rows, |_| {})
        .map_err(|reason| Refused::new(reason, table))
}

/// The same of a statement that spells one of the tables, and was scanned if it can be. Tells the edits, as far as they are those
/// of the text as it came.
pub(crate) fn rewrite_scanned<'s>(
    dialect: Dialect,
    sql: &'s str,
    pieces: Option<Vec<Piece>>,
    tables: &Tables,
    rows: Rows,
    mut tell: impl FnMut(&Edits) + Send,
) -> Result<Cow<'s, str>, Reason> {
    let (source, tokens) = match pieces {
        Some(pieces) => Source::of_pieces(dialect, sql, pieces, tables, 0)?,
        None => {
            let comments = comments::executable(dialect, sql);
            if !comments.is_empty() {
                return comments::rewrite(dialect, sql, &comments, tables, rows);
            }
            Source::tokenize(dialect, sql, tables, 0)?
        }
    };
    if statement::kind(&source)? == Kind::Passes {
        return Ok(Cow::Borrowed(sql));
    }
    let Some(expanded) = source.expanded()? else {
        if statement::only_inserts(&source) {
            tell(&Edits::default());
            return Ok(Cow::Borrowed(sql));
        }
        return with_stack(&source, || {
            let edits = upserts::scope_each(&source, tokens, tables, rows)?;
            tell(&edits);
            Ok(edits.apply_to(sql))
        });
    };
    let (source, tokens) = Source::lex(dialect, &expanded, tables)?;
    with_stack(&source, || {
        let edits = upserts::scope_each(&source, tokens, tables, rows)?;
        // Without a condition to add, the text is sent as it came.
        Ok(match edits.is_empty() {
            true => Cow::Borrowed(sql),
            false => Cow::Owned(edits.apply(&expanded)),
        })
    })
}

/// The edits that scope the statement. The text with them parses to the tree with them, or it is refused.
fn scoped(
    source: &Source<'_>,
    tokens: Vec<TokenWithSpan>,
    tables: &Tables,
    rows: Rows,
) -> Result<Edits, Reason> {
    let mut tree = parse(source.dialect, tokens, RECURSION_LIMIT)?;
    let edits = walk::scope(&mut tree, source, tables, rows)?;
    if edits.is_empty() {
        return Ok(edits);
    }
    let text = edits.apply(source.sql);
    // Which names are tables' was told before.
    let (changed, tokens) =
        Source::lex_conflict(source.dialect, &text, &Tables::new(), source.conflict)?;
    let is_expanded = changed.expanded()?.is_none();
    if !is_expanded || parse(changed.dialect, tokens, RECURSION_LIMIT + 10).ok() != Some(tree) {
        return Err(Reason::NotFound("the place for the condition"));
    }
    Ok(edits)
}

fn parse(
    dialect: Dialect,
    parser_tokens: Vec<TokenWithSpan>,
    limit: usize,
) -> Result<Statement, Reason> {
    let mut statements = Parser::new(dialect.parser())
        .with_recursion_limit(limit)
        .with_tokens_with_locations(parser_tokens)
        .parse_statements()
        .map_err(|error| Reason::Unparsable(error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err(Reason::SeveralStatements),
    }
}

/// Runs `work` on a stack that holds a tree of that depth.
///
/// The parser limits how deep parentheses nest, but a chain of a thousand `OR`s is a tree a thousand levels deep too.
fn with_stack<T: Send>(
    source: &Source<'_>,
    work: impl FnOnce() -> Result<T, Reason> + Send,
) -> Result<T, Reason> {
    if source.len() > MOST_TOKENS {
        return Err(Reason::TooLong);
    }
    let depth = source.depth();
    if depth <= SHALLOW {
        return work();
    }
    if depth > DEEPEST {
        return Err(Reason::TooDeep);
    }
    std::thread::scope(|threads| {
        std::thread::Builder::new()
            .stack_size((depth + SHALLOW) * STACK)
            .spawn_scoped(threads, work)
            .map_err(|_| Reason::TooDeep)?
            .join()
            .unwrap_or(Err(Reason::TooDeep))
    })
}

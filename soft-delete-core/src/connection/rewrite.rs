//! Rewrites a statement so that it sees only active rows of the tables that have a `deleted_at`.
//!
//! The statement is read twice. The parser's tree says what it means: which tables it reads, in which block, on which side
//! of which join. The text says where that stands. The predicates go into both, and the changed text must parse to the
//! changed tree: else the statement is refused. So a mistake in finding the place costs a refusal, never a wrong row.

mod block;
mod depth;
mod derived;
mod edits;
mod expanded;
mod having;
mod joins;
mod layout;
mod lexemes;
mod mentions;
mod modify;
mod names;
mod predicate;
mod readings;
mod refused;
mod routine;
mod spaces;
mod statement;
mod tables;
mod walk;

use std::borrow::Cow;

use sea_orm::DbBackend;
use sqlparser::{ast::Statement, parser::Parser, tokenizer::TokenWithSpan};

pub use refused::{Reason, Refused};
pub use tables::Tables;

use lexemes::Source;
use tables::Dialect;

use crate::Scope;
use statement::Kind;

/// How deep the parser may nest. Its own default; a tree that the predicates were added to may be a little deeper.
const RECURSION_LIMIT: usize = 50;

/// The stack that a unit of depth takes, generously. Without optimisation, frames are large.
const STACK: usize = if cfg!(debug_assertions) { 32 } else { 4 } * 1024;
/// How deep a tree may be to be worked on with the stack of the caller.
const SHALLOW: usize = if cfg!(debug_assertions) { 16 } else { 250 };
/// How deep a tree may be at all.
const DEEPEST: usize = 40_000;

/// The statement with the predicates of `scope` added for each of `tables` that it touches.
///
/// Outside of what is added, the text stays as it is. A statement that touches none of the tables, or constrains their
/// `deleted_at` itself, comes back borrowed.
///
/// # Errors
///
/// [`Refused`], if the statement would remove rows physically, or if it can't be told what it does.
pub fn rewrite<'s>(
    backend: DbBackend,
    sql: &'s str,
    tables: &Tables,
    scope: Scope,
) -> Result<Cow<'s, str>, Refused> {
    let Some(dialect) = Dialect::of(backend) else {
        let reason = refused::Reason::Unreliable("the SQL of this backend");
        return Err(Refused::new(reason, "a table"));
    };
    let Some(table) = tables.spelled_in(dialect, sql) else {
        return Ok(Cow::Borrowed(sql));
    };
    let read = || {
        let (source, tokens) = Source::lex(dialect, sql, tables)?;
        if statement::kind(&source)? == Kind::Passes {
            return Ok(Cow::Borrowed(sql));
        }
        let Some(expanded) = source.expanded()? else {
            if statement::only_inserts(&source) {
                return Ok(Cow::Borrowed(sql));
            }
            return with_stack(source.depth(), || scoped(source, tokens, tables, scope));
        };
        let (source, tokens) = Source::lex(dialect, &expanded, tables)?;
        // Without a condition to add, the text is sent as it came.
        Ok(
            match with_stack(source.depth(), || scoped(source, tokens, tables, scope))? {
                Cow::Owned(text) => Cow::Owned(text),
                Cow::Borrowed(_) => Cow::Borrowed(sql),
            },
        )
    };
    read().map_err(|reason| Refused::new(reason, table))
}

fn scoped<'s>(
    source: Source<'s>,
    tokens: Vec<TokenWithSpan>,
    tables: &Tables,
    scope: Scope,
) -> Result<Cow<'s, str>, refused::Reason> {
    let mut tree = parse(source.dialect, tokens, RECURSION_LIMIT)?;
    let edits = walk::scope(&mut tree, &source, tables, scope)?;
    if edits.is_empty() {
        return Ok(Cow::Borrowed(source.sql));
    }
    let text = edits.apply(source.sql);
    // Which names are tables' was told before.
    let (changed, tokens) = Source::lex(source.dialect, &text, &Tables::new())?;
    if parse(changed.dialect, tokens, RECURSION_LIMIT + 10).ok() != Some(tree) {
        return Err(refused::Reason::NotFound("the place for the condition"));
    }
    Ok(Cow::Owned(text))
}

fn parse(
    dialect: Dialect,
    tokens: Vec<TokenWithSpan>,
    limit: usize,
) -> Result<Statement, refused::Reason> {
    let mut statements = Parser::new(dialect.parser())
        .with_recursion_limit(limit)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(|error| refused::Reason::Unparsable(error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err(refused::Reason::SeveralStatements),
    }
}

/// Runs `work` on a stack that holds a tree of that depth.
///
/// The parser limits how deep parentheses nest, but a chain of a thousand `OR`s is a tree a thousand levels deep too.
fn with_stack<T: Send>(
    depth: usize,
    work: impl FnOnce() -> Result<T, refused::Reason> + Send,
) -> Result<T, refused::Reason> {
    if depth <= SHALLOW {
        return work();
    }
    if depth > DEEPEST {
        return Err(refused::Reason::TooDeep);
    }
    std::thread::scope(|threads| {
        std::thread::Builder::new()
            .stack_size((depth + SHALLOW) * STACK)
            .spawn_scoped(threads, work)
            .map_err(|_| refused::Reason::TooDeep)?
            .join()
            .unwrap_or(Err(refused::Reason::TooDeep))
    })
}

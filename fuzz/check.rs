// What must hold for every text, shared with soft-delete-rewrite/tests/rewrite/fuzz.rs, which runs the corpus.

#[path = "opinion.rs"]
mod opinion;

use std::{ops::ControlFlow, sync::LazyLock};

use soft_delete_rewrite::{
    Dialect::{MySql, Postgres, Sqlite},
    Rewriter, Rows, Tables, rewrite,
};
use sqlparser::{
    ast::{FromTable, Query, Statement, TableFactor, Visit as _},
    dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
    parser::Parser,
};

/// Two schemas have a `comment`, of which one is not soft-deleted.
fn tables() -> Tables {
    Tables::new()
        .with(None, "post", "deleted_at")
        .with(Some("blog"), "comment", "deleted_at")
        .with(Some("shop"), "tag", "removed_at")
}

/// It knows the shapes of all texts that were checked before.
static REWRITER: LazyLock<Rewriter> =
    LazyLock::new(|| Rewriter::with_capacities(tables(), 0, 64 * 1024 * 1024));

/// Rewrites the text for each database, as each kind of rows.
///
/// # Panics
/// If a select of a table comes through without a word about its deleted rows, or a DELETE without one that it removes them; if
/// what was rewritten changes when it is rewritten once more; or if a statement of its shape was rewritten in another way.
pub fn check(sql: &str) {
    let (tables, rewriter) = (REWRITER.tables(), &*REWRITER);
    for dialect in [Sqlite, Postgres, MySql] {
        for rows in [Rows::Active, Rows::Deleted, Rows::All] {
            let fresh = rewrite(dialect, sql, tables, rows);
            for _ in 0..2 {
                let found = rewriter.rewrite(dialect, sql, rows);
                assert_eq!(found, fresh, "by its shape, {dialect:?} {rows:?}: {sql}");
            }
            let Ok(scoped) = fresh else {
                continue;
            };
            let again = rewrite(dialect, &scoped, tables, rows);
            assert_eq!(again.as_ref(), Ok(&scoped), "{dialect:?} {rows:?}: {sql}");
            if rows == Rows::Active {
                let parser: &(dyn Dialect + Sync) = match dialect {
                    Postgres => &PostgreSqlDialect {},
                    MySql => &MySqlDialect {},
                    _ => &SQLiteDialect {},
                };
                with_stack(|| {
                    assert_is_scoped(parser, &scoped);
                    opinion::assert_each_block_is_scoped(parser, &scoped);
                });
            }
        }
    }
}

/// The parser alone, without optimisation, takes more than a test's thread has. The rewriter sees to its own stack.
fn with_stack(check: impl FnOnce() + Send) {
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(64 * 1024 * 1024);
        let thread = thread.spawn_scoped(threads, check).expect("a thread");
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// A second and simpler opinion: a query that reads `post`, alone or in a `CREATE TABLE … AS`, and has no CTE of that name, says
/// something of `deleted_at`; and a DELETE from it says that it means deleted rows, or all.
fn assert_is_scoped(dialect: &dyn Dialect, sql: &str) {
    let Ok(statements) = Parser::parse_sql(dialect, sql) else {
        return;
    };
    let query = match statements.as_slice() {
        [Statement::Query(query)] => query,
        [Statement::CreateTable(create)] => match &create.query {
            Some(query) => query,
            None => return,
        },
        [Statement::Delete(delete)] => {
            let lower = sql.to_lowercase();
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            let is_post = matches!(from.as_slice(), [one] if one.relation.to_string() == "post");
            if is_post && delete.tables.is_empty() && delete.using.is_none() {
                let says = ["not", "true"].iter().any(|word| lower.contains(word));
                assert!(says && lower.contains("deleted_at"), "{sql}");
            }
            return;
        }
        _ => return,
    };
    if reads_post(dialect, query) && !has_cte(query) {
        assert!(sql.to_lowercase().contains("deleted_at"), "{sql}");
    }
}

/// Whether a table of the query is `post`. To PostgreSQL `post(1)` is a function.
fn reads_post(dialect: &dyn Dialect, query: &Query) -> bool {
    struct Tables {
        have_functions: bool,
        found: bool,
    }

    impl sqlparser::ast::Visitor for Tables {
        type Break = ();

        fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
            if let TableFactor::Table { name, args, .. } = factor
                && let [only] = name.0.as_slice()
                && let Some(ident) = only.as_ident()
            {
                let is_function = self.have_functions && args.is_some();
                self.found |= ident.value.eq_ignore_ascii_case("post") && !is_function;
            }
            ControlFlow::Continue(())
        }
    }

    let mut tables = Tables {
        have_functions: dialect.is::<PostgreSqlDialect>(),
        found: false,
    };
    let _ = query.visit(&mut tables);
    tables.found
}

fn has_cte(query: &Query) -> bool {
    struct Ctes(bool);

    impl sqlparser::ast::Visitor for Ctes {
        type Break = ();

        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            self.0 |= query.with.is_some();
            ControlFlow::Continue(())
        }
    }

    let mut ctes = Ctes(false);
    let _ = query.visit(&mut ctes);
    ctes.0
}

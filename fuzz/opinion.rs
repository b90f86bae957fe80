// A second and simpler opinion on a scoped statement, by its tree alone.

use std::ops::ControlFlow;

use sqlparser::{
    ast::{
        Expr, Ident, JoinConstraint, JoinOperator, Query, Select, SelectItem, Statement,
        TableFactor, TableWithJoins, UpdateTableFromKind, Visit as _, Visitor,
    },
    dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
    parser::Parser,
};

/// Each `post` of a SELECT or UPDATE has a `deleted_at` in a condition of that block: by its label, or without one, of which each
/// counts for one table.
///
/// # Panics
/// If one has none.
pub fn assert_each_block_is_scoped(dialect: &dyn Dialect, sql: &str) {
    let Ok(statements) = Parser::parse_sql(dialect, sql) else {
        return;
    };
    // What a view or a routine holds runs later.
    let [
        statement @ (Statement::Query(_)
        | Statement::CreateTable(_)
        | Statement::Insert(_)
        | Statement::Update(_)),
    ] = statements.as_slice()
    else {
        return;
    };
    let mut blocks = Blocks {
        dialect,
        sql,
        has_cte: false,
    };
    let _ = statement.visit(&mut Ctes(&mut blocks.has_cte));
    if !blocks.has_cte {
        let _ = statement.visit(&mut blocks);
    }
}

/// Whether a CTE is called like the table.
struct Ctes<'c>(&'c mut bool);

impl Visitor for Ctes<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        *self.0 |= ctes
            .into_iter()
            .any(|cte| cte.alias.name.value.eq_ignore_ascii_case("post"));
        ControlFlow::Continue(())
    }
}

struct Blocks<'s> {
    dialect: &'s dyn Dialect,
    sql: &'s str,
    has_cte: bool,
}

impl Visitor for Blocks<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let mut block = Block::new(self.dialect);
        block.conditions.extend(&select.selection);
        // To MySQL a name without a label is the result's first.
        let is_renamed = select.projection.iter().any(|item| {
            // The table's own column may be called by its name again.
            matches!(item, SelectItem::ExprWithAlias { alias, expr }
                if alias.value.eq_ignore_ascii_case("deleted_at")
                    && !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)))
        });
        block.having = select.having.as_ref();
        block.having_is_of_results = is_renamed && self.dialect.is::<MySqlDialect>();
        block.check(&select.from, self.sql);
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        if let Statement::Update(update) = statement {
            let mut block = Block::new(self.dialect);
            block.conditions.extend(&update.selection);
            let mut list = vec![update.table.clone()];
            if let Some(UpdateTableFromKind::AfterSet(from)) = &update.from {
                list.extend(from.iter().cloned());
            }
            block.check(&list, self.sql);
        }
        ControlFlow::Continue(())
    }
}

/// The tables and conditions of a block.
struct Block<'b> {
    dialect: &'b dyn Dialect,
    labels: Vec<String>,
    conditions: Vec<&'b Expr>,
    having: Option<&'b Expr>,
    having_is_of_results: bool,
}

impl<'b> Block<'b> {
    fn new(dialect: &'b dyn Dialect) -> Self {
        Self {
            dialect,
            labels: Vec::new(),
            conditions: Vec::new(),
            having: None,
            having_is_of_results: false,
        }
    }

    fn check(mut self, list: &'b [TableWithJoins], sql: &str) {
        list.iter().for_each(|item| self.read(item, sql));
        let mut found = Mentions(Vec::new(), 0);
        for condition in self.conditions {
            let _ = condition.visit(&mut found);
        }
        let mut in_having = Mentions(Vec::new(), 0);
        if let Some(having) = self.having {
            let _ = having.visit(&mut in_having);
        }
        let is_of_results = self.having_is_of_results;
        let of_tables = in_having.0.into_iter();
        found
            .0
            .extend(of_tables.filter(|label| label.is_some() || !is_of_results));
        let mut unqualified = found.0.iter().filter(|label| label.is_none()).count();
        for label in self.labels {
            let mut named = found.0.iter().flatten();
            let is_named = named.any(|named| folded(self.dialect, named) == label);
            if !is_named {
                assert!(unqualified > 0, "`{label}` is not scoped in {sql}");
                unqualified -= 1;
            }
        }
    }

    fn read(&mut self, item: &'b TableWithJoins, sql: &str) {
        self.read_factor(&item.relation, sql);
        for join in &item.joins {
            self.read_factor(&join.relation, sql);
            if let JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on))
            | JoinOperator::StraightJoin(JoinConstraint::On(on))
            | JoinOperator::Left(JoinConstraint::On(on))
            | JoinOperator::LeftOuter(JoinConstraint::On(on))
            | JoinOperator::Right(JoinConstraint::On(on))
            | JoinOperator::RightOuter(JoinConstraint::On(on))
            | JoinOperator::FullOuter(JoinConstraint::On(on)) = &join.join_operator
            {
                self.conditions.push(on);
            }
        }
    }

    fn read_factor(&mut self, factor: &'b TableFactor, sql: &str) {
        match factor {
            TableFactor::Table {
                name, alias, args, ..
            } if args.is_none() || self.dialect.is::<SQLiteDialect>() => {
                let [.., last] = name.0.as_slice() else {
                    return;
                };
                let Some(last) = last.as_ident() else { return };
                let is_post = match (self.dialect.is::<PostgreSqlDialect>(), last.quote_style) {
                    (true, Some(_)) => last.value == "post",
                    _ => last.value.eq_ignore_ascii_case("post"),
                };
                if is_post {
                    let label = alias.as_ref().map_or(last, |alias| &alias.name);
                    self.labels.push(folded(self.dialect, label));
                }
            }
            // To SQLite the names inside can be seen from outside.
            TableFactor::NestedJoin {
                table_with_joins,
                alias: Some(_),
            } if !self.dialect.is::<SQLiteDialect>() => {
                Block::new(self.dialect).check(std::slice::from_ref(table_with_joins), sql);
            }
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.read(table_with_joins, sql),
            _ => {}
        }
    }
}

/// A label as the database compares it.
fn folded(dialect: &dyn Dialect, label: &Ident) -> String {
    let is_exact = dialect.is::<MySqlDialect>()
        || dialect.is::<PostgreSqlDialect>() && label.quote_style.is_some();
    match is_exact {
        true => label.value.clone(),
        false => label.value.to_ascii_lowercase(),
    }
}

/// The labels before each `deleted_at`, outside of sub-selects.
struct Mentions(Vec<Option<Ident>>, usize);

impl Visitor for Mentions {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.1 += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.1 -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        let (label, column) = match expr {
            _ if self.1 > 0 => return ControlFlow::Continue(()),
            Expr::Identifier(column) => (None, column),
            Expr::CompoundIdentifier(path) => match path.as_slice() {
                [.., label, column] => (Some(label), column),
                _ => return ControlFlow::Continue(()),
            },
            _ => return ControlFlow::Continue(()),
        };
        if column.value.eq_ignore_ascii_case("deleted_at") {
            self.0.push(label.cloned());
        }
        ControlFlow::Continue(())
    }
}

//! The walk through the whole tree: which CTEs hide a table, and that no table is forgotten.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::{
    ast::{Ident, ObjectName, Query, Select, SetExpr, Statement, VisitMut as _, VisitorMut},
    keywords::Keyword,
};

use super::{
    Dialect, Rows, Tables,
    block::{Block, List},
    column_references,
    edits::Edits,
    layout::Clauses,
    modify,
    names::{self, Name},
    refused::Reason,
    tables::Table,
    tokens::{Kind, Source},
};

/// Scopes the tables of a statement: changes the tree, and gives the edits that do the same to the text.
pub(crate) fn scope(
    tree: &mut Statement,
    source: &Source<'_>,
    tables: &Tables,
    rows: Rows,
) -> Result<Edits, Reason> {
    let mut walk = Walk {
        source,
        tables,
        rows,
        edits: Edits::default(),
        queries: Vec::new(),
        waiting: BTreeSet::new(),
        relations: BTreeSet::new(),
    };
    if let ControlFlow::Break(reason) = tree.visit(&mut walk) {
        return Err(reason);
    }
    walk.check_accounts()?;
    Ok(walk.edits)
}

pub(crate) struct Walk<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) tables: &'a Tables,
    pub(crate) rows: Rows,
    pub(crate) edits: Edits,
    /// The queries around, the innermost last.
    queries: Vec<Frame>,
    /// Names of tables that no block has taken care of yet, by their token.
    waiting: BTreeSet<usize>,
    /// Names that the parser knows to be a relation's.
    relations: BTreeSet<usize>,
}

/// A query and its CTEs.
struct Frame {
    ctes: Vec<Cte>,
    recursive: bool,
    /// How many queries were found in it. The CTEs come first, each with one.
    children: usize,
    /// The CTE that the walk is in.
    inside: Option<usize>,
}

/// The name of a CTE, with and without its case.
struct Cte {
    name: Name,
    label: Name,
}

/// What an unqualified name is to a query's WITH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Cte,
    Other,
    Unclear,
}

impl Frame {
    fn meaning(&self, dialect: Dialect, ident: &Ident) -> Meaning {
        let name = Name::of(dialect, ident);
        let defined = self.ctes.iter().position(|cte| cte.name == name);
        // One that differs in case alone is the table to MySQL, and the CTE to MariaDB.
        if let Some(cte) = defined.and_then(|defined| self.ctes.get(defined))
            && cte.label != Name::of_label(dialect, ident)
        {
            return Meaning::Unclear;
        }
        match (defined, self.inside) {
            (None, _) => Meaning::Other,
            (Some(_), None) => Meaning::Cte,
            (Some(defined), Some(inside)) if defined < inside => Meaning::Cte,
            // Its own name, or that of a later one.
            (Some(defined), Some(inside)) => match (dialect, self.recursive) {
                (Dialect::Sqlite, _) | (Dialect::Postgres, true) => Meaning::Cte,
                (Dialect::Postgres | Dialect::MySql, false) => Meaning::Other,
                (Dialect::MySql, true) if defined == inside => Meaning::Cte,
                // A later CTE to MariaDB, a table to MySQL.
                (Dialect::MySql, true) => Meaning::Unclear,
            },
        }
    }
}

impl<'a> Walk<'a> {
    /// The table that a name in FROM means, unless it is a CTE's.
    pub(crate) fn resolve(&self, name: &ObjectName) -> Result<Option<&'a Table>, Reason> {
        let path = names::path(name);
        let Some(table) = self.tables.find(self.source.dialect, &path)? else {
            return Ok(None);
        };
        let [name] = path.as_slice() else {
            return Ok(Some(table));
        };
        for frame in self.queries.iter().rev() {
            match frame.meaning(self.source.dialect, name) {
                Meaning::Cte => return Ok(None),
                Meaning::Unclear => return Err(Reason::Ambiguous(table.name.clone())),
                Meaning::Other => {}
            }
        }
        Ok(Some(table))
    }

    /// The table that a name means as the target of a statement: never a CTE.
    pub(crate) fn resolve_target(&self, name: &ObjectName) -> Result<Option<&'a Table>, Reason> {
        self.tables.find(self.source.dialect, &names::path(name))
    }

    pub(crate) fn token_of(&self, name: &ObjectName) -> Option<usize> {
        let path = names::path(name);
        self.source.token_of(path.last()?).ok()
    }

    /// Notes that a table was taken care of.
    pub(crate) fn account(&mut self, name: &ObjectName) -> Result<usize, Reason> {
        let token = self.token_of(name).ok_or(Reason::NotFound("a table"))?;
        self.waiting.remove(&token);
        self.relations.insert(token);
        Ok(token)
    }

    /// Notes that a name is a function's, if it is a table's too.
    pub(crate) fn account_function(&mut self, name: &ObjectName) -> Result<(), Reason> {
        match self.token_of(name) {
            Some(_) => self.account(name).map(drop),
            None => Ok(()),
        }
    }

    /// A dotted name as the statement writes it, and in quotes where that is a string, which SQLite takes for the name of a table but
    /// not before a column.
    pub(crate) fn written(&self, path: &[Ident]) -> Result<String, Reason> {
        let (Some(first), Some(last)) = (path.first(), path.last()) else {
            return Err(Reason::NotFound("a name"));
        };
        if path.iter().any(names::is_string) {
            let written = |part: &Ident| match names::is_string(part) {
                true => Ok(names::quoted(self.source.dialect, &part.value)),
                false => self.written(std::slice::from_ref(part)),
            };
            let parts: Result<Vec<_>, _> = path.iter().map(written).collect();
            return Ok(parts?.join("."));
        }
        let start = self.source.bytes(self.source.token_of(first)?)?.start;
        let end = self.source.bytes(self.source.token_of(last)?)?.end;
        Ok(self.source.text(&(start..end)).to_owned())
    }

    fn scope_select(&mut self, select: &mut Select) -> Result<(), Reason> {
        let source = self.source;
        // A new table of PostgreSQL.
        let created = select.into.iter().flat_map(|into| &into.targets);
        let created = created.filter_map(|target| Some(column_references::column(target)?.1));
        self.relations
            .extend(created.filter_map(|name| source.token_of(name).ok()));
        let mut block = Block::new(self);
        block.read(&select.from)?;
        if block.occurrences.is_empty() {
            return Ok(());
        }
        let space = block.space(&[&select.from])?;
        block.note(&space, &select.selection);
        block.note_having(&space, select);
        let head = source.token_at(select.select_token.0.span.start);
        let head = head.ok_or(Reason::NotFound("a SELECT"))?;
        let clauses = Clauses::after(source, head);
        let from = clauses.from.ok_or(Reason::NotFound("a FROM"))?;
        let list = List {
            items: &mut select.from,
            tokens: from + 1..clauses.list_end(),
            derives: true,
        };
        block.scope(vec![list], &mut select.selection, &clauses)
    }

    /// Opens a query: what it defines hides tables of these names.
    fn enter(&mut self, query: &Query) -> Result<(), Reason> {
        if let Some(outer) = self.queries.last_mut() {
            outer.inside = (outer.children < outer.ctes.len()).then_some(outer.children);
            outer.children += 1;
        }
        let dialect = self.source.dialect;
        let with = query.with.as_ref();
        let ctes = with.map_or(&[][..], |with| &with.cte_tables);
        self.queries.push(Frame {
            ctes: ctes
                .iter()
                .map(|cte| Cte {
                    name: Name::of(dialect, &cte.alias.name),
                    label: Name::of_label(dialect, &cte.alias.name),
                })
                .collect(),
            recursive: with.is_some_and(|with| with.recursive),
            children: 0,
            inside: None,
        });
        self.check_body(&query.body)
    }

    fn leave(&mut self) {
        self.queries.pop();
        if let Some(outer) = self.queries.last_mut() {
            outer.inside = None;
        }
    }

    /// `TABLE post` is a query, but has no place for a condition.
    fn check_body(&self, body: &SetExpr) -> Result<(), Reason> {
        match body {
            SetExpr::SetOperation { left, right, .. } => {
                self.check_body(left)?;
                self.check_body(right)
            }
            SetExpr::Table(table) => match &table.table_name {
                Some(name) if self.tables.is_name(&name.value) => Err(Reason::Syntax {
                    table: name.value.clone(),
                    what: "the form TABLE …",
                }),
                _ => Ok(()),
            },
            // Each is visited for itself.
            SetExpr::Select(_)
            | SetExpr::Query(_)
            | SetExpr::Values(_)
            | SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_) => Ok(()),
        }
    }

    fn note_relation(&mut self, name: &ObjectName) -> Result<(), Reason> {
        let table = self.resolve(name)?;
        match (self.token_of(name), table) {
            (Some(token), table) => {
                // A schema may be called like a table.
                let parts = names::path(name).into_iter();
                self.relations
                    .extend(parts.filter_map(|part| self.source.token_of(part).ok()));
                if table.is_some() {
                    self.waiting.insert(token);
                }
                Ok(())
            }
            // A name written as a string: the parser doesn't tell where.
            (None, Some(table)) => Err(Reason::Unaccounted(table.name.clone())),
            (None, None) => Ok(()),
        }
    }

    /// Both readings must agree: every table in the tree was taken care of, and every name that the text has in the place
    /// of a table is one in the tree.
    fn check_accounts(&self) -> Result<(), Reason> {
        let forgotten = self.waiting.first().copied();
        let unknown = || {
            self.source
                .tokens()
                .filter(|(_, token)| token.names_table)
                .map(|(index, _)| index)
                .find(|index| !self.relations.contains(index) && self.is_table_position(*index))
        };
        match forgotten.or_else(unknown) {
            None => Ok(()),
            Some(token) => {
                let bytes = self.source.bytes(token)?;
                Err(Reason::Unaccounted(self.source.text(&bytes).to_owned()))
            }
        }
    }

    /// Whether a table's name would be expected here, by the word before.
    fn is_table_position(&self, index: usize) -> bool {
        let mut start = index;
        while start >= 2 && self.source.kind(start - 1) == Some(Kind::Period) {
            start -= 2;
        }
        let Some(before) = start.checked_sub(1) else {
            return false;
        };
        // To the parser, a modifier of MySQL may be a table, and the table after it an alias.
        let modifiers = [
            "LOW_PRIORITY",
            "HIGH_PRIORITY",
            "DELAYED",
            "QUICK",
            "IGNORE",
        ];
        if self.source.is_select_modifier(before) {
            return false;
        }
        if modifiers.iter().any(|word| self.source.word(before, word)) {
            return true;
        }
        match self.source.keyword(before) {
            Keyword::JOIN
            | Keyword::STRAIGHT_JOIN
            | Keyword::INTO
            | Keyword::INSERT
            | Keyword::REPLACE
            | Keyword::TABLE
            | Keyword::ONLY => true,
            // `ON DUPLICATE KEY UPDATE name = …` is followed by a column.
            Keyword::UPDATE => self.source.keyword_before(before) != Keyword::KEY,
            // So are `IS DISTINCT FROM`, and `extract(year FROM …)`.
            Keyword::FROM => {
                self.source.keyword_before(before) != Keyword::DISTINCT
                    && !self.source.is_function_argument(before)
            }
            _ => false,
        }
    }
}

impl VisitorMut for Walk<'_> {
    type Break = Reason;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Reason> {
        flow(self.enter(query))
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Reason> {
        self.leave();
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, name: &mut ObjectName) -> ControlFlow<Reason> {
        flow(self.note_relation(name))
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Reason> {
        flow(self.scope_select(select))
    }

    fn post_visit_statement(&mut self, statement: &mut Statement) -> ControlFlow<Reason> {
        flow(modify::scope(self, statement))
    }
}

fn flow(result: Result<(), Reason>) -> ControlFlow<Reason> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(reason) => ControlFlow::Break(reason),
    }
}

//! One query block: a SELECT, UPDATE or DELETE with its tables and conditions.

mod conditions;

use sqlparser::{
    ast::{
        BinaryOperator, Expr, Ident, ObjectName, TableAlias, TableFactor, TableWithJoins, Value,
    },
    tokenizer::Location,
};

use super::{
    Active, Dialect,
    column_references::{self, bare},
    names,
    refused::Reason,
    spaces::{self, Space},
    tables::Table,
    walk::Walk,
};

/// A list of FROM, and where it stands.
pub(crate) struct List<'t> {
    pub(crate) items: &'t mut [TableWithJoins],
    pub(crate) tokens: std::ops::Range<usize>,
    /// Whether its tables may be replaced by derived ones. Those of an UPDATE may not, they may be its target.
    pub(crate) derives: bool,
}

/// A table of the block.
pub(crate) struct Occurrence<'t> {
    pub(crate) table: &'t Table,
    /// The token of the table's own name.
    pub(crate) token: usize,
    pub(crate) place: Location,
    /// What its columns are qualified by, and the text of that.
    pub(crate) qualifier: Vec<Ident>,
    pub(crate) written: String,
    /// Whether its columns have other names here.
    pub(crate) renamed: bool,
    /// Whether the block constrains its `deleted_at` itself.
    pub(crate) constrained: bool,
}

/// The tables of a block that are to be scoped.
pub(crate) struct Block<'w, 'a> {
    walk: &'w mut Walk<'a>,
    pub(crate) occurrences: Vec<Occurrence<'a>>,
}

impl<'w, 'a> Block<'w, 'a> {
    pub(crate) fn new(walk: &'w mut Walk<'a>) -> Self {
        Self {
            walk,
            occurrences: Vec::new(),
        }
    }

    /// Finds the tables of a list.
    pub(crate) fn read(&mut self, list: &[TableWithJoins]) -> Result<(), Reason> {
        for item in list {
            self.read_factor(&item.relation)?;
            self.read_joined(item)?;
        }
        Ok(())
    }

    fn read_factor(&mut self, factor: &TableFactor) -> Result<(), Reason> {
        match factor {
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.read(std::slice::from_ref(table_with_joins)),
            // To PostgreSQL functions and tables are two things. To SQLite they are not: it may be a virtual table.
            TableFactor::Table {
                name,
                args: Some(_),
                ..
            } if self.dialect() == Dialect::Postgres => self.walk.account_function(name),
            // A piece of another database's syntax. If its name is a table's, it stays unaccounted for.
            TableFactor::Table {
                args,
                with_hints,
                version,
                json_path,
                ..
            } if args.is_some() && self.dialect() != Dialect::Sqlite
                || !with_hints.is_empty()
                || version.is_some()
                || json_path.is_some() =>
            {
                Ok(())
            }
            TableFactor::Table { name, alias, .. } => {
                let Some(table) = self.walk.resolve(name)? else {
                    return Ok(());
                };
                self.check_alias(alias.as_ref())?;
                self.add(table, name, alias.as_ref().map(|alias| &alias.name))?;
                if let (Some(one), Some(alias)) = (self.occurrences.last_mut(), alias) {
                    one.renamed = !alias.columns.is_empty();
                }
                Ok(())
            }
            // Sub-selects in them are blocks of their own, and other tables stay unaccounted for.
            _ => Ok(()),
        }
    }

    /// In SQLite, the alias of a table that stands alone in parentheses may get lost: `FROM author a, (post p)`.
    fn check_alias(&self, alias: Option<&TableAlias>) -> Result<(), Reason> {
        let source = self.walk.source;
        let Some(alias) = alias.filter(|_| source.dialect == Dialect::Sqlite) else {
            return Ok(());
        };
        let close = source.token_of(&alias.name)? + 1;
        match source.stands_alone(close) {
            true => Err(Reason::Unreliable("an alias in parentheses of its own")),
            false => Ok(()),
        }
    }

    /// Finds the target of an UPDATE or DELETE, which is never a CTE.
    pub(crate) fn read_target(&mut self, factor: &TableFactor) -> Result<(), Reason> {
        match factor {
            TableFactor::Table { name, alias, .. } => match self.walk.resolve_target(name)? {
                Some(table) => self.add(table, name, alias.as_ref().map(|alias| &alias.name)),
                None => Ok(()),
            },
            other => self.read_factor(other),
        }
    }

    /// Finds the tables that are joined to the first of a chain.
    pub(crate) fn read_joined(&mut self, item: &TableWithJoins) -> Result<(), Reason> {
        item.joins
            .iter()
            .try_for_each(|join| self.read_factor(&join.relation))
    }

    /// Accounts for a target that a DELETE names beside its tables. A table that is not among them can't be scoped.
    pub(crate) fn account_target(
        &mut self,
        name: &ObjectName,
        missing: bool,
    ) -> Result<(), Reason> {
        match self.walk.resolve_target(name)? {
            Some(table) if missing => Err(Reason::Delete {
                table: table.name.clone(),
            }),
            Some(_) => self.walk.account(name).map(drop),
            None => Ok(()),
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.walk.source.dialect
    }

    /// Adds a table that the statement names.
    pub(crate) fn add(
        &mut self,
        table: &'a Table,
        name: &ObjectName,
        alias: Option<&Ident>,
    ) -> Result<(), Reason> {
        let path = names::path(name);
        let token = self.walk.account(name)?;
        let place = path.last().map(|last| last.span.start);
        let place = place.ok_or(Reason::NotFound("a table"))?;
        let qualifier: Vec<Ident> = match alias {
            Some(alias) => vec![alias.clone()],
            None => path.into_iter().cloned().collect(),
        };
        let written = self.walk.written(&qualifier)?;
        self.occurrences.push(Occurrence {
            table,
            token,
            place,
            qualifier,
            written,
            renamed: false,
            constrained: false,
        });
        Ok(())
    }

    /// Reads what the ONs of these lists constrain, and gives what the block's own conditions see.
    pub(crate) fn space(&mut self, lists: &[&[TableWithJoins]]) -> Result<Space, Reason> {
        let space = spaces::Reader::read(self.dialect(), &mut self.occurrences, lists);
        match space
            .shared_label()
            .and_then(|one| self.occurrences.get(one))
        {
            Some(one) => Err(Reason::Ambiguous(one.table.name.clone())),
            None => Ok(space),
        }
    }

    /// Notes which tables the conditions constrain themselves.
    pub(crate) fn note<'e>(
        &mut self,
        space: &Space,
        conditions: impl IntoIterator<Item = &'e Expr>,
    ) {
        let dialect = self.dialect();
        for condition in conditions {
            space.note(dialect, &mut self.occurrences, condition);
        }
    }

    fn active_of(&self, target: usize) -> Active {
        let one = self.occurrences.get(target);
        one.map(|one| one.table.active.clone()).unwrap_or_default()
    }

    /// Whether a condition says that rows of this table are to be removed.
    ///
    /// It does if it can hold for deleted rows only, by `deleted_at IS NOT NULL` (or `is_deleted <> FALSE`, by what the table has), or names all of them in so many words, by
    /// `deleted_at IS NULL OR TRUE`. One that keeps to active rows, or to some of both, doesn't.
    pub(crate) fn says_removal(&self, space: &Space, condition: &Expr, target: usize) -> bool {
        let dialect = self.dialect();
        let is_marker = |column: &Expr| {
            column_references::column(column).is_some_and(|(qualifiers, column)| {
                space.owner(dialect, &self.occurrences, qualifiers, column) == Some(target)
            })
        };
        match condition {
            Expr::Nested(condition) => self.says_removal(space, condition, target),
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => self.says_removal(space, left, target) || self.says_removal(space, right, target),
            Expr::IsNotNull(column) => is_marker(column) && self.active_of(target).is_null(),
            // A row that is deleted later is active.
            Expr::BinaryOp {
                left,
                op: BinaryOperator::LtEq | BinaryOperator::Lt,
                ..
            } => is_marker(left) && self.active_of(target).is_by_time(),
            Expr::BinaryOp { left, op, right }
                if matches!(op, BinaryOperator::NotEq | BinaryOperator::Eq) =>
            {
                matches!(bare(right), Expr::Value(value)
                    if is_marker(left) && self.active_of(target).is_deleted_by(dialect, op, &value.value))
            }
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Or,
                right,
            } => {
                let is_true = matches!(bare(right), Expr::Value(value) if value.value == Value::Boolean(true));
                is_true && matches!(bare(left), Expr::IsNull(column) if is_marker(column))
            }
            _ => false,
        }
    }
}

//! What a name in HAVING means.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, Select, SelectItem, SelectItemQualifiedWildcardKind, Value,
};

use super::{
    Dialect,
    block::Block,
    column_references::{ColumnReferences, bare, column},
    names::{self, Name},
    spaces::Space,
};

impl Block<'_, '_> {
    /// Notes which tables the HAVING constrains.
    ///
    /// To MySQL a name without a qualifier is first a column of the result, whatever that is, or of the GROUP BY; to PostgreSQL and
    /// SQLite it is a table's.
    pub(crate) fn note_having(&mut self, space: &Space, select: &Select) {
        let Some(having) = &select.having else {
            return;
        };
        if self.dialect() != Dialect::MySql {
            return self.note(space, [having]);
        }
        let mut references = ColumnReferences::of(self.dialect());
        references.read(having);
        for (qualifiers, column) in references.columns() {
            let owner = space.owner(self.dialect(), &self.occurrences, qualifiers, column);
            let Some(owner) = owner else { continue };
            let result = Columns {
                block: self,
                space,
                name: Name::of_column(self.dialect(), column),
                owner,
            };
            if !qualifiers.is_empty() || result.has_no_other(select) {
                let one = self.occurrences.get_mut(owner);
                one.into_iter().for_each(|one| one.constrained = true);
            }
        }
    }
}

/// The columns of a result, and what one of that name may be beside a table's.
struct Columns<'b, 'w, 'a> {
    block: &'b Block<'w, 'a>,
    space: &'b Space,
    name: Name,
    owner: usize,
}

impl Columns<'_, '_, '_> {
    fn has_no_other(&self, select: &Select) -> bool {
        let grouped = match &select.group_by {
            GroupByExpr::Expressions(expressions, _) => expressions.as_slice(),
            GroupByExpr::All(_) => return false,
        };
        let in_groups = grouped.iter().all(|expr| match column(expr) {
            Some((_, column)) if self.is_name(column) => self.is_own(expr),
            _ => true,
        });
        in_groups && select.projection.iter().all(|item| self.is_not_other(item))
    }

    fn is_not_other(&self, item: &SelectItem) -> bool {
        match item {
            SelectItem::UnnamedExpr(expr) => match (column(expr), bare(expr)) {
                (Some((_, column)), _) => !self.is_name(column) || self.is_own(expr),
                // A string is named after itself.
                (None, Expr::Value(value)) => match &value.value {
                    Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                        !self.is_name(&Ident::new(text))
                    }
                    _ => true,
                },
                (None, _) => true,
            },
            SelectItem::ExprWithAlias { expr, alias } => !self.is_name(alias) || self.is_own(expr),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                let qualifiers: Vec<_> = names::path(name).into_iter().cloned().collect();
                self.is_owner(&qualifiers)
            }
            // If two tables have such a column, it is ambiguous.
            SelectItem::Wildcard(_) => true,
            _ => false,
        }
    }

    fn is_name(&self, column: &Ident) -> bool {
        Name::of_column(self.block.dialect(), column) == self.name
    }

    fn is_own(&self, expr: &Expr) -> bool {
        column(expr).is_some_and(|(qualifiers, column)| {
            self.is_name(column) && self.owner_of(qualifiers, column) == Some(self.owner)
        })
    }

    fn is_owner(&self, qualifiers: &[Ident]) -> bool {
        let own = self.block.occurrences.get(self.owner);
        own.is_some_and(|own| {
            let column = Ident::new(&own.table.deleted_at);
            self.owner_of(qualifiers, &column) == Some(self.owner)
        })
    }

    fn owner_of(&self, qualifiers: &[Ident], column: &Ident) -> Option<usize> {
        let (dialect, occurrences) = (self.block.dialect(), &self.block.occurrences);
        self.space.owner(dialect, occurrences, qualifiers, column)
    }
}

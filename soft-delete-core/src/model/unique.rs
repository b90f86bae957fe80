//! What is unique among active rows.

use sea_orm::{
    ColumnType, DbBackend,
    sea_query::{Expr, ExprTrait as _},
};

use super::{EntityMeta, sql_text::SqlText};

/// Columns that are unique among active rows: `#[soft_delete(unique)]`. Perhaps by an expression over them,
/// `unique(email = "lower(email)")`, or among some rows only, `unique(owner_id, where = "is_default")`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UniqueKey {
    /// The group's name, or the column's own for a single column.
    pub name: String,
    /// The columns, in the order of the entity's fields: those of expressions too, but not those of the condition.
    pub columns: Vec<String>,
    /// What is compared, where that isn't the columns.
    parts: Vec<UniquePart>,
    condition: Option<SqlText>,
    nulls_not_distinct: bool,
}

/// What is compared with other rows.
#[doc(hidden)]
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UniquePart {
    Column(String),
    Expression(SqlText),
}

/// The same, as the derive writes it.
#[doc(hidden)]
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug)]
pub enum PartOf<'p> {
    Column(&'p str),
    Expression(&'p str),
}

impl UniqueKey {
    /// Columns that are unique among all active rows.
    pub fn new(name: impl Into<String>, columns: Vec<String>) -> Self {
        Self {
            name: name.into(),
            columns,
            parts: Vec::new(),
            condition: None,
            nulls_not_distinct: false,
        }
    }

    /// A key of other parts than columns, under a condition, or in which NULLs are equal. `names` are all columns of the table.
    #[doc(hidden)]
    pub fn of_parts(
        name: &str,
        parts: &[PartOf<'_>],
        condition: Option<&str>,
        nulls_not_distinct: bool,
        names: &[String],
    ) -> Self {
        let parts = parts.iter().map(|part| match part {
            PartOf::Column(name) => UniquePart::Column((*name).to_owned()),
            PartOf::Expression(text) => UniquePart::Expression(SqlText::new(text, names)),
        });
        let parts: Vec<_> = parts.collect();
        let mut columns: Vec<String> = Vec::new();
        for name in parts.iter().flat_map(UniquePart::columns) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let is_plain = parts
            .iter()
            .all(|part| matches!(part, UniquePart::Column(_)));
        Self {
            name: name.to_owned(),
            columns,
            parts: if is_plain { Vec::new() } else { parts },
            condition: condition.map(|text| SqlText::new(text, names)),
            nulls_not_distinct,
        }
    }

    /// Whether it is columns that are unique among all active rows, where NULLs are never equal.
    #[doc(hidden)]
    pub fn is_plain(&self) -> bool {
        self.parts.is_empty() && self.condition.is_none() && !self.nulls_not_distinct
    }

    /// What is compared.
    #[doc(hidden)]
    pub fn parts(&self) -> Vec<UniquePart> {
        match self.parts.is_empty() {
            true => {
                let columns = self.columns.iter().cloned();
                columns.map(UniquePart::Column).collect()
            }
            false => self.parts.clone(),
        }
    }

    /// The condition under which rows are compared.
    #[doc(hidden)]
    pub fn condition(&self) -> Option<&SqlText> {
        self.condition.as_ref()
    }

    /// Whether NULLs are equal.
    #[doc(hidden)]
    pub fn nulls_not_distinct(&self) -> bool {
        self.nulls_not_distinct
    }

    /// Whether it is unique among some active rows only.
    pub(crate) fn is_conditional(&self) -> bool {
        self.condition.is_some()
    }

    /// What is compared, where columns are called so.
    pub(crate) fn values(&self, backend: DbBackend, of: impl Fn(&str) -> Expr) -> Vec<Expr> {
        let parts = self.parts();
        let values = parts.iter().map(|part| match part {
            UniquePart::Column(name) => of(name),
            UniquePart::Expression(text) => text.expr(backend, &of),
        });
        values.collect()
    }

    /// Whether a row is one of those that are compared, as far as the key says: none of its values is NULL, and the condition holds.
    pub(crate) fn is_compared(
        &self,
        backend: DbBackend,
        of: impl Fn(&str) -> Expr,
    ) -> Option<Expr> {
        let are_set = match self.nulls_not_distinct {
            true => Vec::new(),
            false => {
                let values = self.values(backend, &of).into_iter();
                values.map(|value| value.is_not_null()).collect()
            }
        };
        let condition = self.condition.as_ref();
        let condition = condition.map(|text| text.expr(backend, &of));
        let conditions = are_set.into_iter().chain(condition);
        let conditions: Vec<_> = conditions.collect();
        (!conditions.is_empty()).then(|| all(conditions))
    }

    /// Whether two rows can't be active together.
    pub(crate) fn is_same(
        &self,
        backend: DbBackend,
        own: impl Fn(&str) -> Expr,
        other: impl Fn(&str) -> Expr,
    ) -> Expr {
        let values = self.values(backend, &own).into_iter();
        let values = values.zip(self.values(backend, &other));
        let equal = values.map(|(own, other)| match self.nulls_not_distinct {
            true => {
                let both_null = own.clone().is_null().and(other.clone().is_null());
                own.eq(other).or(both_null)
            }
            false => own.eq(other),
        });
        let condition = self.condition.as_ref();
        let conditions = condition
            .into_iter()
            .flat_map(|text| [text.expr(backend, &own), text.expr(backend, &other)]);
        all(equal.chain(conditions))
    }

    /// Why the entity can't have it.
    pub(crate) fn problem(&self) -> Option<String> {
        let text = self.parts.iter().find_map(|part| match part {
            UniquePart::Expression(text) if text.columns().next().is_none() => Some(text),
            _ => None,
        });
        text.map(|text| format!("`{text}` names no column of the table"))
    }

    /// Why a new value for the columns can't resolve a conflict.
    pub(crate) fn rename_problem(&self, meta: &EntityMeta) -> Option<&'static str> {
        let is_text = |name: &String| {
            let column = meta.column(name);
            column.is_some_and(|column| {
                matches!(
                    column.column_type,
                    ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text
                )
            })
        };
        let is_rename = self.parts.iter().all(|part| match part {
            UniquePart::Column(_) => true,
            UniquePart::Expression(text) => {
                let mut columns: Vec<_> = text.columns().collect();
                columns.dedup();
                columns.len() == 1 && columns.into_iter().all(is_text)
            }
        });
        (!is_rename).then_some(
            "was asked about a key by an expression over other than one text column: choose another `on_conflict`",
        )
    }
}

impl UniquePart {
    fn columns(&self) -> Box<dyn Iterator<Item = &String> + '_> {
        match self {
            Self::Column(name) => Box::new(std::iter::once(name)),
            Self::Expression(text) => Box::new(text.columns()),
        }
    }
}

fn all(conditions: impl IntoIterator<Item = Expr>) -> Expr {
    let all = conditions.into_iter().reduce(|all, next| all.and(next));
    all.unwrap_or(Expr::Constant(true.into()))
}

//! What a unique index is over, as SQL: columns, or expressions, perhaps under a condition of the entity's own.

use super::{
    dialect::Dialect,
    marked::Marked,
    sql::{hash, quote_all},
    table::Table,
};
use soft_delete_core::{
    Scope, UniqueKey,
    engine_api::{SqlText, UniquePart},
};

/// What is compared, under which condition.
#[derive(Clone, Debug, Default)]
pub(crate) struct IndexKey {
    /// Columns and expressions, in their order.
    pub(crate) parts: Vec<Part>,
    pub(crate) condition: Option<String>,
    pub(crate) nulls_not_distinct: bool,
}

/// A part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Column(String),
    /// As its author has written it.
    Expression(String),
}

impl IndexKey {
    pub(crate) fn of(key: &UniqueKey) -> Self {
        let parts = key.parts().into_iter();
        let parts = parts.map(|part| match part {
            UniquePart::Column(name) => Part::Column(name),
            UniquePart::Expression(text) => Part::Expression(text.text().to_owned()),
        });
        Self {
            parts: parts.collect(),
            condition: key.condition().map(|text| text.text().to_owned()),
            nulls_not_distinct: key.nulls_not_distinct(),
        }
    }

    /// Whether it is columns, compared among all active rows.
    pub(crate) fn is_plain(&self) -> bool {
        let are_columns = self
            .parts
            .iter()
            .all(|part| matches!(part, Part::Column(_)));
        are_columns && self.condition.is_none() && !self.nulls_not_distinct
    }

    pub(crate) fn has_expressions(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.any(|part| matches!(part, Part::Expression(_)))
    }

    /// The parts that are columns.
    pub(crate) fn columns(&self) -> Vec<String> {
        let columns = self.parts.iter().filter_map(|part| match part {
            Part::Column(name) => Some(name.clone()),
            Part::Expression(_) => None,
        });
        columns.collect()
    }

    /// All columns that it is over, those of the condition included.
    pub(crate) fn all_columns(&self, table: &Table) -> Vec<String> {
        let mut all = self.columns();
        for text in self.texts() {
            let text = text_of(text, table);
            for name in text.columns() {
                if !all.contains(name) {
                    all.push(name.clone());
                }
            }
        }
        all
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let expressions = self.parts.iter().filter_map(|part| match part {
            Part::Column(_) => None,
            Part::Expression(text) => Some(text),
        });
        expressions.chain(&self.condition)
    }

    /// The parts as SQL, expressions in parentheses.
    pub(crate) fn sql_parts(&self, dialect: &dyn Dialect, table: &Table) -> Vec<String> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Column(name) => dialect.quote(name),
            Part::Expression(text) => format!("({})", sql_of(text, dialect, table)),
        });
        parts.collect()
    }

    /// The condition as SQL, in parentheses.
    pub(crate) fn sql_condition(&self, dialect: &dyn Dialect, table: &Table) -> Option<String> {
        let condition = self.condition.as_ref()?;
        Some(format!("({})", sql_of(condition, dialect, table)))
    }

    /// The condition of the rows that are compared: those that are active, and meet its own.
    pub(crate) fn sql_active(
        &self,
        dialect: &dyn Dialect,
        table: &Table,
        marked: &Marked,
    ) -> String {
        let is_active = marked.sql(dialect, Scope::Active, "");
        match self.sql_condition(dialect, table) {
            Some(condition) => format!("{is_active} AND {condition}"),
            None => is_active,
        }
    }

    /// What tells this key from others in the name of an index. An index that has it was made for this key: nothing changes what an index
    /// is over.
    pub(crate) fn hash(&self, marked: &Marked) -> String {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut all = format!("{} {}", marked.column(), self.nulls_not_distinct);
        for part in &self.parts {
            let (kind, text) = match part {
                Part::Column(name) => ("column", name),
                Part::Expression(text) => ("expression", text),
            };
            all.push_str(&format!("\n{kind} {}", words(text)));
        }
        if let Some(condition) = &self.condition {
            all.push_str(&format!("\nwhere {}", words(condition)));
        }
        hash(&all)
    }

    /// As it is shown to people: `tenant_id, lower(email) where is_default`.
    pub(crate) fn shown(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Column(text) | Part::Expression(text) => text.as_str(),
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        match &self.condition {
            Some(condition) => format!("{parts} where {condition}"),
            None => parts,
        }
    }

    /// The parts, for a `CREATE INDEX`.
    pub(crate) fn sql_list(&self, dialect: &dyn Dialect, table: &Table) -> String {
        match self.has_expressions() {
            true => self.sql_parts(dialect, table).join(", "),
            false => quote_all(dialect, &self.columns()),
        }
    }
}

fn text_of(text: &str, table: &Table) -> SqlText {
    let columns = table.columns.iter().map(|column| column.name.clone());
    SqlText::new(text, &columns.collect::<Vec<_>>())
}

fn sql_of(text: &str, dialect: &dyn Dialect, table: &Table) -> String {
    text_of(text, table).sql(|name| dialect.quote(name))
}

/// What rows have in common that an index to be created would refuse, as SQL.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) parts: Vec<String>,
    pub(crate) condition: Option<String>,
    pub(crate) nulls_not_distinct: bool,
}

impl Compared {
    /// `None` if it is columns.
    pub(crate) fn of(key: &IndexKey, dialect: &dyn Dialect, table: &Table) -> Option<Self> {
        (!key.is_plain()).then(|| Self {
            parts: key.sql_parts(dialect, table),
            condition: key.sql_condition(dialect, table),
            nulls_not_distinct: key.nulls_not_distinct,
        })
    }
}

//! Unique by expressions, under a condition, or with NULLs that are equal.

use super::{UniqueActiveIndex, drop_actions};
use crate::{
    Change, SchemaError,
    dialect::Dialect,
    key::Part,
    sql::object_name,
    step::Step,
    table::{Index, Table},
};
use soft_delete_core::{Error, engine_api::SqlText};

/// A column that is there for an index alone.
struct Hidden {
    name: String,
    type_name: String,
    expression: String,
}

impl UniqueActiveIndex {
    /// The name of the index, which tells its key: see [`IndexKey::hash`](crate::key::IndexKey::hash).
    pub(super) fn name_with_key(&self) -> String {
        let label = match &self.label {
            Some(name) => vec![name.clone()],
            None => self.columns.clone(),
        };
        let suffix = format!("active_{}", self.key.hash(&self.marked));
        object_name("idx", &self.table.name, &label, &suffix)
    }

    /// Refuses what the database can't index, and expressions over no column.
    pub(super) fn check_key(&self, table: &Table, dialect: &dyn Dialect) -> Result<(), Error> {
        let unindexable = |problem: String| SchemaError::Unindexable {
            table: self.table.clone(),
            key: self.key.shown(),
            problem,
        };
        if self.key.nulls_not_distinct && !dialect.may_compare_nulls() {
            let problem = "the database has no unique index in which NULLs are equal: take `nulls_not_distinct` away, and make the \
                           columns NOT NULL"
                .to_owned();
            return Err(unindexable(problem).into());
        }
        for part in &self.key.parts {
            let Part::Expression(text) = part else {
                continue;
            };
            if of_one_text(text, table).is_none() {
                let columns = table.columns.iter().map(|column| column.name.clone());
                let columns: Vec<_> = columns.collect();
                if SqlText::new(text, &columns).columns().next().is_none() {
                    let problem = format!("`{text}` names no column of the table: correct it");
                    return Err(unindexable(problem).into());
                }
                if !dialect.has_partial_indexes() && !dialect.indexes_expressions() {
                    let problem = format!(
                        "MariaDB needs a generated column for `{text}`, whose type is known only of an expression over one column that is a \
                         `char` or `varchar`: add a generated column of its own, and declare that unique"
                    );
                    return Err(unindexable(problem).into());
                }
            }
        }
        Ok(())
    }

    /// The index where there are no partial ones: it is over columns that are NULL in rows that don't count.
    pub(super) fn create_with_hidden(
        &self,
        dialect: &dyn Dialect,
        table: &Table,
        plain: &[&Index],
    ) -> Change {
        let mut change = Change::new(&self.table, self.describe("create"));
        let mut keys = Vec::new();
        let parts = self
            .key
            .parts
            .iter()
            .zip(self.key.sql_parts(dialect, table));
        for (place, (part, sql)) in parts.enumerate() {
            match part {
                Part::Expression(text) if !dialect.indexes_expressions() => {
                    let hidden = Hidden {
                        name: self.hidden_name(&(place + 1).to_string()),
                        type_name: of_one_text(text, table).unwrap_or_default().to_owned(),
                        expression: sql,
                    };
                    keys.push(dialect.quote(&hidden.name));
                    change = self.add_hidden(change, dialect, table, hidden);
                }
                _ => keys.push(sql),
            }
        }
        let is_active = self.key.sql_active(dialect, table, &self.marked);
        let marker = Hidden {
            name: self.hidden_name(""),
            type_name: "tinyint".to_owned(),
            expression: format!("CASE WHEN {is_active} THEN 1 END"),
        };
        keys.push(dialect.quote(&marker.name));
        change = self.add_hidden(change, dialect, table, marker);
        let mut actions = drop_actions(dialect, plain);
        actions.push(format!(
            "ADD UNIQUE INDEX {} ({})",
            dialect.quote(&self.index_name()),
            keys.join(", ")
        ));
        change.sql(format!("{} {}", self.alter(dialect), actions.join(", ")))
    }

    fn hidden_name(&self, suffix: &str) -> String {
        let hash = self.key.hash(&self.marked);
        match suffix {
            "" => format!("soft_delete_{hash}"),
            suffix => format!("soft_delete_{hash}_{suffix}"),
        }
    }

    /// One that is there already was left by an attempt that failed.
    fn add_hidden(
        &self,
        change: Change,
        dialect: &dyn Dialect,
        table: &Table,
        hidden: Hidden,
    ) -> Change {
        if table.column(&hidden.name).is_some() {
            return change;
        }
        let column = dialect.hidden_column(&hidden.name, &hidden.type_name, &hidden.expression);
        change.step(Step::AddColumn {
            table: self.table.clone(),
            column: hidden.name.clone(),
            sql: format!("{} ADD COLUMN {column}", self.alter(dialect)),
        })
    }

    /// The columns that were added for the index.
    pub(super) fn hidden_columns(&self, table: &Table) -> Vec<String> {
        let own = self.hidden_name("");
        let columns = table.columns.iter().map(|column| &column.name);
        let columns = columns.filter(|name| **name == own || name.starts_with(&format!("{own}_")));
        columns.cloned().collect()
    }
}

/// The type of the column, where an expression is over one alone that holds short texts.
fn of_one_text<'t>(text: &str, table: &'t Table) -> Option<&'t str> {
    let columns = table.columns.iter().map(|column| column.name.clone());
    let text = SqlText::new(text, &columns.collect::<Vec<_>>());
    let mut columns: Vec<_> = text.columns().collect();
    columns.dedup();
    let [only] = columns.as_slice() else {
        return None;
    };
    let type_name = table.column(only)?.type_name.as_str();
    let is_short = ["varchar(", "char("]
        .iter()
        .any(|prefix| type_name.starts_with(prefix));
    is_short.then_some(type_name)
}

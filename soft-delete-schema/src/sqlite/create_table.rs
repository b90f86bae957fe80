//! Edits the text of a `CREATE TABLE` as SQLite keeps it: what is not edited stays byte for byte.

#[cfg(test)]
mod tests;
mod tokens;

use std::ops::Range;

use tokens::{Kind, Source};

/// A `CREATE TABLE` statement of SQLite, cut into column definitions and table constraints.
#[derive(Debug)]
pub(crate) struct CreateTable<'s> {
    /// The text.
    source: Source<'s>,
    /// What the body consists of.
    items: Vec<Item>,
}

/// What stands between two commas of the body, as a range of tokens.
#[derive(Debug)]
struct Item {
    /// Where it stands.
    tokens: Range<usize>,
    /// The column that it defines. SQLite lets several table constraints stand between two commas.
    column: Option<String>,
}

/// A constraint within an item.
#[derive(Debug)]
struct Constraint {
    /// Where it stands, with its name and its conflict clause.
    tokens: Range<usize>,
    /// Of UNIQUE.
    columns: Vec<String>,
}

/// A `REFERENCES`, in a column or a table constraint.
#[derive(Debug)]
struct References {
    /// The columns that refer.
    columns: Vec<String>,
    /// The table that they refer to.
    parent: String,
    /// The last token of the parent and its columns.
    last: usize,
    /// SQLite lets `ON DELETE` stand several times. The last one counts.
    on_delete: Vec<Range<usize>>,
}

/// What replaces some bytes.
type Edit = (Range<usize>, String);

impl<'s> CreateTable<'s> {
    /// Reads the statement. `None` if it is something else than a table with columns.
    pub(crate) fn parse(sql: &'s str) -> Option<Self> {
        let mut table = Self {
            source: Source::lex(sql)?,
            items: Vec::new(),
        };
        let body = table.body()?;
        table.items = table.items_in(body)?;
        Some(table)
    }

    /// The text without the UNIQUE constraints over these columns, whatever their order. `None` if there is none.
    pub(crate) fn without_unique(&self, columns: &[&str]) -> Option<String> {
        let mut edits = Vec::new();
        for item in &self.items {
            let mut uniques = self.uniques(item);
            uniques.retain(|unique| same_columns(&unique.columns, columns));
            edits.extend(self.removal(item, &uniques)?);
        }
        self.edited(edits)
    }

    /// The text with this action for `ON DELETE` of the foreign keys from these columns to this parent.
    /// `None` if there is none.
    pub(crate) fn with_on_delete(
        &self,
        columns: &[&str],
        parent: &str,
        action: &str,
    ) -> Option<String> {
        let mut edits = Vec::new();
        for references in self.items.iter().flat_map(|item| self.references(item)) {
            if references.parent.eq_ignore_ascii_case(parent)
                && same_columns(&references.columns, columns)
            {
                edits.extend(self.on_delete(&references, action)?);
            }
        }
        self.edited(edits)
    }

    /// The text without NOT NULL in this column. `None` if it has none.
    pub(crate) fn without_not_null(&self, column: &str) -> Option<String> {
        self.without(column, |item| self.not_nulls(item))
    }

    /// The text without DEFAULT in this column. `None` if it has none.
    pub(crate) fn without_default(&self, column: &str) -> Option<String> {
        self.without(column, |item| self.defaults(item))
    }

    /// The text without these constraints of a column.
    fn without(
        &self,
        column: &str,
        constraints: impl Fn(&Item) -> Vec<Constraint>,
    ) -> Option<String> {
        let mut edits = Vec::new();
        for item in &self.items {
            let name = item.column.as_deref();
            if name.is_some_and(|name| name.eq_ignore_ascii_case(column)) {
                edits.extend(self.removal(item, &constraints(item))?);
            }
        }
        self.edited(edits)
    }

    /// The tokens within the parentheses of `CREATE TABLE name (…)`.
    fn body(&self) -> Option<Range<usize>> {
        let mut at = self.source.words(0, &["CREATE"])?;
        at = self
            .source
            .words(at, &["TEMP"])
            .or_else(|| self.source.words(at, &["TEMPORARY"]))
            .unwrap_or(at);
        at = self.source.words(at, &["TABLE"])?;
        at = self
            .source
            .words(at, &["IF", "NOT", "EXISTS"])
            .unwrap_or(at);
        self.source.name(at)?;
        at += 1;
        if self.source.text(at) == Some(".") {
            self.source.name(at + 1)?;
            at += 2;
        }
        (self.source.kind(at)? == Kind::Open).then_some(())?;
        Some(at + 1..self.source.after(at)?.checked_sub(1)?)
    }

    /// What stands between the commas of the body.
    fn items_in(&self, body: Range<usize>) -> Option<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        let mut start = body.start;
        let mut at = start;
        while at <= body.end {
            if at < body.end && self.source.kind(at)? != Kind::Comma {
                at = self.source.after(at)?;
                continue;
            }
            // An item without tokens is no SQL.
            (start < at).then_some(())?;
            let constraints_began = items.last().is_some_and(|item| item.column.is_none());
            let column = if constraints_began || self.begins_table_constraint(start) {
                None
            } else {
                Some(self.source.name(start)?)
            };
            items.push(Item {
                tokens: start..at,
                column,
            });
            at += 1;
            start = at;
        }
        Some(items)
    }

    /// Whether an item that begins here defines no column.
    fn begins_table_constraint(&self, at: usize) -> bool {
        ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]
            .iter()
            .any(|word| self.source.words(at, &[word]).is_some())
    }

    /// The UNIQUE constraints of an item.
    fn uniques(&self, item: &Item) -> Vec<Constraint> {
        self.constraints(item, |at| {
            let at = self.source.words(at, &["UNIQUE"])?;
            match &item.column {
                Some(column) => Some((at, vec![column.clone()])),
                None => Some((self.source.after(at)?, self.source.names(at)?)),
            }
        })
    }

    /// The NOT NULL of a column.
    fn not_nulls(&self, item: &Item) -> Vec<Constraint> {
        self.constraints(item, |at| {
            Some((self.source.words(at, &["NOT", "NULL"])?, Vec::new()))
        })
    }

    /// The DEFAULT of a column.
    fn defaults(&self, item: &Item) -> Vec<Constraint> {
        self.constraints(item, |at| {
            let value = self.source.words(at, &["DEFAULT"])?;
            Some((self.after_value(value)?, Vec::new()))
        })
    }

    /// What follows a signed number, a word, a string, or an expression in parentheses.
    fn after_value(&self, value: usize) -> Option<usize> {
        let mut end = value;
        while self.source.kind(end) == Some(Kind::Other) {
            end += 1;
        }
        let is_number = end.checked_sub(1).is_some_and(|last| {
            last >= value && !matches!(self.source.text(last), Some("+" | "-"))
        });
        if is_number {
            Some(end)
        } else {
            self.source.after(end)
        }
    }

    /// The constraints that `read` finds, each with its name before it and its conflict clause behind it.
    fn constraints(
        &self,
        item: &Item,
        read: impl Fn(usize) -> Option<(usize, Vec<String>)>,
    ) -> Vec<Constraint> {
        let mut found = Vec::new();
        for at in self.source.top_level(&item.tokens) {
            let named = self.source.words(at, &["CONSTRAINT"]).map(|name| name + 1);
            // What has a name is found where its name begins.
            let after_name = named.is_none()
                && at.checked_sub(2).is_some_and(|before| {
                    before >= item.tokens.start
                        && self.source.words(before, &["CONSTRAINT"]).is_some()
                });
            if let Some((end, columns)) = read(named.unwrap_or(at)).filter(|_| !after_name) {
                let conflict = self
                    .source
                    .words(end, &["ON", "CONFLICT"])
                    .map(|action| action + 1);
                found.push(Constraint {
                    tokens: at..conflict.unwrap_or(end),
                    columns,
                });
            }
        }
        found
    }

    /// The foreign keys of an item.
    fn references(&self, item: &Item) -> Vec<References> {
        let mut found = Vec::new();
        let mut columns: Vec<String> = item.column.clone().into_iter().collect();
        for at in self.source.top_level(&item.tokens) {
            if let Some(key) = self.source.words(at, &["FOREIGN", "KEY"]) {
                columns = self.source.names(key).unwrap_or_default();
            }
            if let Some(parent) = self.source.words(at, &["REFERENCES"]) {
                found.extend(self.references_to(parent, columns.clone()));
            }
        }
        found
    }

    /// The rest of a `REFERENCES`, from its parent on.
    fn references_to(&self, parent: usize, columns: Vec<String>) -> Option<References> {
        let mut at = parent + 1;
        if self.source.kind(at) == Some(Kind::Open) {
            at = self.source.after(at)?;
        }
        let last = at.checked_sub(1)?;
        let mut on_delete = Vec::new();
        loop {
            if let Some(action) = self.source.words(at, &["ON", "DELETE"]) {
                at = self.after_action(action);
                on_delete.push(action..at);
            } else if let Some(action) = self
                .source
                .words(at, &["ON", "UPDATE"])
                .or_else(|| self.source.words(at, &["ON", "INSERT"]))
            {
                at = self.after_action(action);
            } else if let Some(name) = self.source.words(at, &["MATCH"]) {
                at = name + 1;
            } else {
                break;
            }
        }
        Some(References {
            columns,
            parent: self.source.name(parent)?,
            last,
            on_delete,
        })
    }

    /// What follows `SET NULL`, `SET DEFAULT`, `NO ACTION`, `CASCADE` or `RESTRICT`.
    fn after_action(&self, at: usize) -> usize {
        let two = self
            .source
            .words(at, &["SET"])
            .or_else(|| self.source.words(at, &["NO"]));
        two.unwrap_or(at) + 1
    }

    /// The edits that give it another action.
    fn on_delete(&self, references: &References, action: &str) -> Option<Vec<Edit>> {
        if references.on_delete.is_empty() {
            let end = self
                .source
                .bytes(&(references.last..references.last + 1))?
                .end;
            return Some(vec![(end..end, format!(" ON DELETE {action}"))]);
        }
        let actions = references.on_delete.iter();
        actions
            .map(|tokens| Some((self.source.bytes(tokens)?, action.to_owned())))
            .collect()
    }

    /// The edits that take constraints out, with the comma if nothing is left of the item.
    fn removal(&self, item: &Item, constraints: &[Constraint]) -> Option<Vec<Edit>> {
        let removed: usize = constraints
            .iter()
            .map(|constraint| constraint.tokens.len())
            .sum();
        if removed == item.tokens.len() {
            let with_comma = item.tokens.start.checked_sub(1)?..item.tokens.end;
            return Some(vec![(self.source.bytes(&with_comma)?, String::new())]);
        }
        let removal = |constraint: &Constraint| {
            let bytes = self.source.bytes(&constraint.tokens)?;
            Some((
                self.with_space_before(constraint.tokens.start, bytes)?,
                String::new(),
            ))
        };
        constraints.iter().map(removal).collect()
    }

    /// The bytes and the space before them. A comment there stays, with the end of line that closes it.
    fn with_space_before(&self, token: usize, bytes: Range<usize>) -> Option<Range<usize>> {
        let before = self.source.bytes(&(token.checked_sub(1)?..token))?.end;
        let gap = self.source.sql.get(before..bytes.start)?;
        let start = if gap.trim().is_empty() {
            before
        } else {
            bytes.start
        };
        Some(start..bytes.end)
    }

    /// The text with these edits. `None` if there is none.
    fn edited(&self, mut edits: Vec<Edit>) -> Option<String> {
        (!edits.is_empty()).then_some(())?;
        edits.sort_by_key(|(bytes, _)| bytes.start);
        let mut text = String::with_capacity(self.source.sql.len());
        let mut copied = 0;
        for (bytes, replacement) in edits {
            text.push_str(self.source.sql.get(copied..bytes.start)?);
            text.push_str(&replacement);
            copied = bytes.end;
        }
        text.push_str(self.source.sql.get(copied..)?);
        Some(text)
    }
}

/// Whether the lists hold the same columns, whatever their order. SQLite folds the case of ASCII alone.
pub(crate) fn same_columns<A: AsRef<str>, B: AsRef<str>>(left: &[A], right: &[B]) -> bool {
    fn folded<S: AsRef<str>>(columns: &[S]) -> Vec<String> {
        let mut names: Vec<_> = columns
            .iter()
            .map(|column| column.as_ref().to_ascii_lowercase())
            .collect();
        names.sort_unstable();
        names
    }
    folded(left) == folded(right)
}

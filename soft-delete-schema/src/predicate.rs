//! Conditions as databases write them down: PostgreSQL from its parse tree, SQLite as they were typed, MySQL in lower case and
//! with its own quotes.

/// What a condition says of `deleted_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Predicate {
    /// `deleted_at IS NULL`, and nothing else.
    Active,
    /// `deleted_at IS NOT NULL`, and nothing else.
    Deleted,
    Other,
}

impl Predicate {
    /// Reads the condition of a partial index; SQLite gives the whole statement.
    pub(crate) fn of_index(text: &str, deleted_at: &str) -> Self {
        let words = words(text);
        let lower: Vec<_> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
        let condition = match lower.iter().rposition(|word| word == "where") {
            Some(place) => &lower[place + 1..],
            None => &lower[..],
        };
        let column = deleted_at.to_ascii_lowercase();
        let condition: Vec<_> = condition.iter().map(String::as_str).collect();
        match condition[..] {
            [name, "is", "null"] | [name, "isnull"] if name == column => Self::Active,
            [name, "is", "not", "null"] | [name, "notnull"] if name == column => Self::Deleted,
            [name, "not", "null"] if name == column => Self::Deleted,
            _ => Self::Other,
        }
    }
}

/// Whether a piece of SQL refers to the column.
pub(crate) fn references_column(text: &str, column: &str) -> bool {
    words(text)
        .iter()
        .any(|word| word.eq_ignore_ascii_case(column))
}

/// The words and identifiers, without quotes. Backends differ in parentheses and quotes, and in nothing else that matters here.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    text.split(|c| !is_inside(c))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The numbers in a text, in their order.
pub(crate) fn numbers(text: &str) -> Vec<&str> {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    numbers.filter(|number| !number.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_writes_active_in_its_own_way() {
        for text in [
            "(deleted_at IS NULL)",
            r#"("deleted_at" IS NULL)"#,
            r#"CREATE UNIQUE INDEX "i" ON "post" ("slug") WHERE "deleted_at" IS NULL"#,
            "create unique index i on post (slug) where [deleted_at] isnull",
        ] {
            assert_eq!(
                Predicate::of_index(text, "deleted_at"),
                Predicate::Active,
                "{text}"
            );
        }
    }

    #[test]
    fn more_than_active_is_something_else() {
        for text in [
            "((deleted_at IS NULL) AND (kind = 1))",
            "(removed_at IS NULL)",
            "CREATE INDEX i ON post (slug) WHERE kind = 1",
        ] {
            assert_eq!(
                Predicate::of_index(text, "deleted_at"),
                Predicate::Other,
                "{text}"
            );
        }
        let deleted = "(deleted_at IS NOT NULL)";
        assert_eq!(
            Predicate::of_index(deleted, "deleted_at"),
            Predicate::Deleted
        );
    }
}

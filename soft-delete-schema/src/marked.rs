//! What tells a table's deleted rows, in the texts of indexes and triggers.

use super::{
    dialect::Dialect,
    predicate::{Predicate, numbers, words},
};
use soft_delete_core::{EntityMeta, Marker, Scope, StampColumns};

/// The column that tells a table's deleted rows, and the value that active ones have there: NULL, unless its entity says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Marked {
    column: String,
    stamp: Option<Box<StampColumns>>,
}

impl Marked {
    /// A column that is NULL in active rows.
    pub(crate) fn by(column: impl Into<String>) -> Self {
        Self {
            column: column.into(),
            stamp: None,
        }
    }

    pub(crate) fn of(meta: &EntityMeta) -> Self {
        Self {
            column: meta.stamp.marker_column().to_owned(),
            stamp: Some(Box::new(meta.stamp.clone())),
        }
    }

    pub(crate) fn column(&self) -> &String {
        &self.column
    }

    /// Whether a plain unique index with the column in its key keeps active rows apart, and deleted ones by their times.
    pub(crate) fn is_part_of_keys(&self) -> bool {
        let stamp = self.stamp.as_ref();
        let marker = stamp.map(|stamp| &stamp.marker);
        matches!(
            marker,
            Some(Marker::TimeOr {
                nullable: false,
                ..
            })
        )
    }

    /// Whether active rows have NULL there, and no others.
    pub(crate) fn is_null(&self, dialect: &dyn Dialect) -> bool {
        self.active(dialect).is_none()
    }

    /// The condition that a row is in the scope; `row` is what its columns are called by, with the period.
    pub(crate) fn sql(&self, dialect: &dyn Dialect, scope: Scope, row: &str) -> String {
        let marker = format!("{row}{}", dialect.quote(&self.column));
        match &self.stamp {
            Some(stamp) => stamp.sql(scope, &marker, dialect.backend()),
            None => match scope {
                Scope::Active => format!("{marker} IS NULL"),
                Scope::OnlyDeleted => format!("{marker} IS NOT NULL"),
                Scope::WithDeleted => format!("({marker} IS NULL OR TRUE)"),
            },
        }
    }

    fn active(&self, dialect: &dyn Dialect) -> Option<(String, bool)> {
        self.stamp.as_ref()?.active_text(dialect.backend())
    }

    /// Whether the condition of a partial index covers the active rows, and no others.
    pub(crate) fn is_active(&self, dialect: &dyn Dialect, text: &str) -> bool {
        let Some((active, nullable)) = self.active(dialect) else {
            return Predicate::of_index(text, &self.column) == Predicate::Active;
        };
        let lower = text.to_ascii_lowercase();
        let condition = match lower.rfind(" where ") {
            Some(place) => lower.split_at(place + 7).1,
            None => &lower,
        };
        if condition.contains("<>") || condition.contains("!=") {
            return false;
        }
        let column = self.column.to_ascii_lowercase();
        let words = words(condition);
        let rest = match words.as_slice() {
            ["not", name] if *name == column && active == "FALSE" => return !nullable,
            [name, rest @ ..] if *name == column => rest,
            _ => return false,
        };
        let rest = match (rest, nullable) {
            ([rest @ .., "or", name, "is", "null"], true) if *name == column => rest,
            (_, true) => return false,
            (rest, false) => rest,
        };
        let is_type = |word: &&str| TYPES.contains(word);
        match active.as_str() {
            "FALSE" | "0" => match rest {
                [value, types @ ..] => {
                    active.eq_ignore_ascii_case(value) && types.iter().all(is_type)
                }
                [] => false,
            },
            // The database writes a time in its own way, and the zone, which is UTC.
            time => {
                let written = rest.join(" ");
                let (wanted, found) = (numbers(time), numbers(&written));
                let is_plain = |word: &&str| {
                    is_type(word)
                        || word
                            .bytes()
                            .all(|byte| byte.is_ascii_digit() || byte == b't' || byte == b'z')
                };
                found.len() >= 6
                    && found.iter().take(6).eq(wanted.iter().take(6))
                    && rest.iter().all(is_plain)
            }
        }
    }
}

/// What PostgreSQL writes behind a literal.
const TYPES: [&str; 9] = [
    "timestamp",
    "timestamptz",
    "with",
    "without",
    "time",
    "zone",
    "smallint",
    "integer",
    "bigint",
];

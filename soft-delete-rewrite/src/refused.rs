//! Why a statement is not run.

/// The statement is not run, since deleted rows could be seen, changed or removed by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; if it is meant as it stands, {way_out}")]
pub struct Refused {
    reason: Reason,
    table: String,
    way_out: &'static str,
}

impl Refused {
    /// A statement that names `table` is refused for this reason.
    pub fn new(reason: Reason, table: &str) -> Self {
        let table = reason.table().unwrap_or(table).to_owned();
        Self {
            reason,
            table,
            way_out: "send it without the rewriter",
        }
    }

    /// The same with another way out at the end of its message: what a program offers for statements that are not to be scoped, such as
    /// "run it on `unscoped()`".
    #[must_use]
    pub fn with_way_out(self, way_out: &'static str) -> Self {
        Self { way_out, ..self }
    }

    /// The table in question: the one that the reason is about, else the first that the statement names.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// What was found.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

/// What was found in a refused statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A DELETE that doesn't say that rows are to be removed, by `deleted_at IS NOT NULL` or `deleted_at IS NULL OR TRUE`.
    #[error(
        "DELETE would remove rows of `{table}` physically: set their `deleted_at` by UPDATE instead; with `deleted_at IS NOT NULL` beside the rest of its condition a DELETE keeps to deleted rows"
    )]
    Delete {
        /// The table.
        table: String,
    },

    /// A statement that removes rows on its way: REPLACE, INSERT OR REPLACE, UPDATE OR REPLACE, MERGE, TRUNCATE.
    #[error("{statement} may remove rows of `{table}` physically")]
    Removes {
        /// The table.
        table: String,
        /// The statement.
        statement: &'static str,
    },

    /// A kind of statement that is not known to be harmless.
    #[error("a statement that begins with `{0}` can't be scoped")]
    Statement(String),

    /// A piece of syntax that can't be scoped.
    #[error("{what} with `{table}` can't be scoped")]
    Syntax {
        /// The table.
        table: String,
        /// The syntax.
        what: &'static str,
    },

    /// A name that may mean one thing or another.
    #[error("`{0}` may mean more than one table here")]
    Ambiguous(String),

    /// More than one statement.
    #[error("several statements in one text can't be scoped: run them one by one")]
    SeveralStatements,

    /// Text that databases and parsers read differently.
    #[error("{0} can't be read reliably")]
    Unreliable(&'static str),

    /// Not understood.
    #[error("the statement can't be parsed ({0})")]
    Unparsable(String),

    /// A table that the statement names where it could not be scoped.
    #[error("`{0}` stands where it can't be scoped")]
    Unaccounted(String),

    /// The text and its meaning could not be brought together.
    #[error("{0} could not be found in the text")]
    NotFound(&'static str),

    /// An expression too long to be looked through.
    #[error("the statement nests too deep to be scoped")]
    TooDeep,

    /// More text than is read while others wait: more than 100,000 words and signs, where the literals of IN and of rows in VALUES don't
    /// count, or 8 MiB of what only the parser can take apart.
    #[error(
        "the statement is too long to be scoped: send its values bound, or in several statements"
    )]
    TooLong,

    /// It is not known which tables are to be scoped, for this reason. The rewriter itself is given them and never says so; it is for
    /// who collects them.
    #[error("{0}")]
    UnknownTables(String),
}

impl Reason {
    fn table(&self) -> Option<&str> {
        match self {
            Self::Delete { table }
            | Self::Removes { table, .. }
            | Self::Syntax { table, .. }
            | Self::Ambiguous(table)
            | Self::Unaccounted(table) => Some(table),
            Self::Statement(_)
            | Self::SeveralStatements
            | Self::Unreliable(_)
            | Self::Unparsable(_)
            | Self::NotFound(_)
            | Self::TooDeep
            | Self::TooLong
            | Self::UnknownTables(_) => None,
        }
    }
}

//! Which rows a statement sees.

/// Which rows of the tables a statement sees, unless it says something of their `deleted_at` itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rows {
    /// Those whose `deleted_at` is NULL.
    #[default]
    Active,
    /// Those whose `deleted_at` is not NULL.
    Deleted,
    /// Both. No condition is added, and what removes rows is refused all the same.
    All,
}

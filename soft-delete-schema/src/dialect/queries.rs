//! The queries that tell what a database has.

/// The queries of one database. All take a schema, or NULL for the search path, and a table, or NULL for all, and give the
/// same columns.
pub(crate) struct Queries {
    pub(crate) search_path: SearchPath,
    /// Whether placeholders have no numbers, and the queries take each of the two values twice.
    pub(crate) repeats_values: bool,
    /// Schema, table, whether it is a view, column, type, whether it is nullable, generation expression, default.
    pub(crate) columns: &'static str,
    /// Schema, table, index, unique, primary, of a constraint, valid, NULLs not distinct, predicate, column, expression.
    pub(crate) indexes: &'static str,
    /// Schema, table, foreign key, column, parent's schema, parent, parent's column, action, definition.
    pub(crate) foreign_keys: &'static str,
    /// Schema, table, trigger, kind, columns, body.
    pub(crate) triggers: &'static str,
}

/// The schemas that a table without one is looked for in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SearchPath {
    /// Those that this query gives, in their order.
    Query(&'static str),
    Fixed(&'static str),
}

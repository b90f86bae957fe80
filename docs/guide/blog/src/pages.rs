//! The pages, whose Rust blocks are this package's doc tests.

macro_rules! pages {
    ($($page:ident: $path:literal,)+) => {$(
        #[cfg(doctest)]
        #[doc = include_str!($path)]
        mod $page {}
    )+};
}

pages! {
    active_schema: "../../src/active-schema.md",
    deleting: "../../src/deleting.md",
    editing: "../../src/editing.md",
    existing_applications: "../../src/existing-applications.md",
    getting_started: "../../src/getting-started.md",
    hooks: "../../src/hooks.md",
    layers: "../../src/layers.md",
    markers: "../../src/markers.md",
    operations: "../../src/operations.md",
    reading: "../../src/reading.md",
    recipes: "../../src/recipes.md",
    reference_errors: "../../src/reference/errors.md",
    restoring: "../../src/restoring.md",
    retention: "../../src/retention.md",
    sakila: "../../src/sakila.md",
    schema: "../../src/schema.md",
    testing: "../../src/testing.md",
    transactions: "../../src/transactions.md",
    unique: "../../src/unique.md",
}

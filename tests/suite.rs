//! The integration tests, on every backend. They are one program: linking the three drivers takes long.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod suite {
    mod batched;
    mod blockers;
    mod cascades;
    mod composite_keys;
    mod conditions;
    mod default_rules;
    mod deletes;
    mod drop_in;
    mod edits;
    mod errors;
    mod force_deletes;
    mod give_way;
    mod growth;
    mod hooks;
    mod hooks_of_seaorm;
    mod identity;
    #[cfg(feature = "retention")]
    mod identity_columns;
    mod kinds;
    mod not_followed;
    mod parents;
    mod reads;
    mod registries;
    mod removals;
    mod renames;
    mod restores;
    mod restricted;
    mod rules;
    mod same_time;
    mod scoped;
    mod seaorm_code;
    mod seaorm_limits;
    mod shapes;
    mod shared_tables;
    mod sql;
    mod support_works;
    mod trash;
    mod trash_by_table;
    mod undo;
    mod undo_by_keys;
    mod vetoes;
    mod whole_seconds;
}

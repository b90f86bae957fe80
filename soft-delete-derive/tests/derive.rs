//! What the derive refuses, and how it says so; and what it has to put up with.

#[test]
fn each_mistake_is_reported_once_where_it_was_made_with_the_way_out() {
    trybuild::TestCases::new().compile_fail("tests/derive/ui/*.rs");
}

#[test]
fn the_derive_compiles_beside_whatever_the_users_module_has() {
    trybuild::TestCases::new().pass("tests/derive/hygiene/*.rs");
}

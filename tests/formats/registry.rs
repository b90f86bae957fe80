//! Entities are found at link time, wherever they are.

use soft_delete::{Registry, SoftDelete, TableName};
use soft_delete_other_crate::invoice;

#[test]
fn an_entity_of_another_crate_is_registered() {
    let found = Registry::global()
        .entity("billing", &TableName::new("invoice"))
        .unwrap()
        .unwrap();
    assert_eq!(found.entity, "soft_delete_other_crate::invoice");
    assert_eq!(found.unique[0].columns, ["number"]);
}

#[test]
fn what_is_registered_is_what_the_entity_says_of_itself() {
    let meta = invoice::Entity::meta();
    assert_eq!(meta.group, "billing");
    assert_eq!(meta.stamp.deleted_at, "deleted_at");
}

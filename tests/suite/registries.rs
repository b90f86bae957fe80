//! What is known of the entities, and how it is found.

use sea_orm::DbErr;
use soft_delete::{EntityMeta, Error, OnDelete, Registry, SoftDelete as _, TableName};
use soft_delete_other_crate::invoice;

use support::domain::{comment, tag, task, workspace};

fn find(table: &str) -> Option<&'static EntityMeta> {
    Registry::global()
        .entity("default", &TableName::new(table))
        .expect("no duplicate")
}

#[test]
fn the_global_registry_has_the_entities_of_this_program() {
    assert_eq!(
        find("task").expect("the task").table,
        task::Entity::meta().table
    );
    assert!(find("no_such_table").is_none());
}

#[test]
fn the_global_registry_has_the_entities_of_other_crates() {
    let meta = invoice::Entity::meta();
    let found = Registry::global()
        .entity(meta.group, &meta.table)
        .expect("no duplicate");
    assert_eq!(found.expect("the other crate's").entity, meta.entity);
}

#[test]
fn an_entity_is_described_from_its_own_definition() {
    let meta = task::Entity::meta();
    assert_eq!(meta.primary_key, ["id"]);
    assert_eq!(meta.stamp.deleted_at, "deleted_at");
    assert_eq!(meta.stamp.deletion_id.as_deref(), Some("deletion_id"));
    assert_eq!(
        meta.column("title").map(|column| column.nullable),
        Some(false)
    );
    let rules: Vec<_> = meta
        .foreign_keys
        .iter()
        .map(|key| (key.parent.name.as_str(), key.on_delete))
        .collect();
    assert_eq!(
        rules,
        [
            ("project", OnDelete::Cascade),
            ("member", OnDelete::SetNull)
        ]
    );
    assert!(
        workspace::Entity::meta()
            .unique
            .iter()
            .any(|unique| unique.columns == ["slug"])
    );
}

#[test]
fn a_registry_has_what_was_added() {
    let registry = Registry::builder()
        .entity::<task::Entity>()
        .entity::<comment::Entity>()
        .build();
    let tables: Vec<_> = registry
        .entities()
        .map(|meta| meta.table.to_string())
        .collect();
    assert_eq!(tables, ["comment", "task"]);
}

#[test]
fn an_entity_added_twice_is_there_once() {
    let registry = Registry::builder()
        .entity::<tag::Entity>()
        .entity::<tag::Entity>()
        .build();
    registry.check().expect("it agrees with itself");
    assert_eq!(registry.entities().count(), 1);
    let tag = tag::Entity::meta();
    let twice = registry.entity("default", &tag.table).expect("as before");
    assert_eq!(twice.expect("the tag").columns.len(), tag.columns.len());
}

#[test]
fn a_program_s_entities_can_be_checked() {
    Registry::global()
        .of_group("default")
        .check()
        .expect("all is well");
}

#[test]
fn a_group_that_no_entity_is_in_is_refused() {
    let refused = Registry::global().of_group("biling").check();
    let error = refused.expect_err("there is no such group");
    assert!(matches!(&error, Error::NoEntities { group: Some(group), .. } if group == "biling"));
    assert!(error.to_string().contains("in group `biling`"), "{error}");
}

#[test]
fn the_error_becomes_seaorms() {
    let keyless = tag::ActiveModel::default();
    let refused = soft_delete::Delete::<tag::Entity>::one(&keyless);
    let db = sea_orm::MockDatabase::new(sea_orm::DbBackend::Sqlite).into_connection();
    let error = tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(refused.exec(&db))
        .expect_err("no key");
    assert!(matches!(error, DbErr::PrimaryKeyNotSet { .. }));
}

//! Schemas of other shapes: two keys to one table, a diamond, a circle of tables, composite keys, tables without the derive.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, Statement};
use soft_delete::{Error, OnDelete, Registry, SoftDelete as _};

use support::{self, TestDb, TestResult, create_table};

/// A document has an author and an editor, and pages by `(document_id, number)`, and notes on pages. It also has a log, whose
/// entity does not derive `SoftDelete`.
mod document {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "document")]
    #[soft_delete(group = "documents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub author_id: i64,
        pub editor_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Author",
            from = "author_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub author: BelongsTo<super::person::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Editor",
            from = "editor_id",
            to = "id",
            on_delete = "SetNull"
        )]
        pub editor: BelongsTo<Option<super::person::Entity>>,
        #[sea_orm(has_many)]
        pub logs: HasMany<super::entry::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod person {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "person")]
    #[soft_delete(group = "documents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod page {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "page")]
    #[soft_delete(group = "documents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub document_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "document_id", to = "id", on_delete = "Cascade")]
        pub document: BelongsTo<super::document::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// By its page it hangs on the document, by its writer on a person: with the document's author a diamond.
mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "documents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub document_id: i64,
        pub number: i32,
        pub writer_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            from = "(document_id, number)",
            to = "(document_id, number)",
            on_delete = "Cascade"
        )]
        pub page: BelongsTo<super::page::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Writer",
            from = "writer_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub writer: BelongsTo<super::person::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod entry {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub document_id: i64,
        #[sea_orm(belongs_to, from = "document_id", to = "id", on_delete = "Cascade")]
        pub document: BelongsTo<super::document::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Ada (1) wrote document 1, which Ben (2) edits, with two pages, a note of each on page 1, and an entry in the log.
async fn a_document(db: &TestDb) -> TestResult {
    create_table(db, person::Entity).await?;
    create_table(db, document::Entity).await?;
    create_table(db, page::Entity).await?;
    create_table(db, note::Entity).await?;
    create_table(db, entry::Entity).await?;
    for sql in [
        "INSERT INTO person (id) VALUES (1), (2)",
        "INSERT INTO document (id, author_id, editor_id) VALUES (1, 1, 2)",
        "INSERT INTO page (document_id, number) VALUES (1, 1), (1, 2)",
        "INSERT INTO note (id, document_id, number, writer_id) VALUES (1, 1, 1, 1), (2, 1, 1, 2)",
        "INSERT INTO entry (id, document_id) VALUES (1, 1)",
    ] {
        db.execute_raw(Statement::from_string(db.backend(), sql))
            .await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn each_of_two_keys_to_one_table_follows_its_own_rule(db: &TestDb) {
        a_document(db).await?;
        let deletion = person::Entity::delete_by_id(2).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("person", 1), ("note", 1)]);
        let document = document::Entity::find_by_id(1).one(db).await?.expect("the document");
        assert_eq!(document.editor_id, None);
        assert_eq!(document.author_id, 1);
    }

    async fn a_diamond_is_marked_once(db: &TestDb) {
        a_document(db).await?;
        let plan = person::Entity::delete_by_id(1).plan(db).await?;
        let deletion = person::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(
            deletion.rows_by_table(),
            [("person", 1), ("document", 1), ("page", 2), ("note", 2)]
        );
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());

        let restored = person::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
    }

    async fn a_restore_of_one_side_of_a_diamond_keeps_what_the_other_side_holds(db: &TestDb) {
        a_document(db).await?;
        db.execute_unprepared("UPDATE document SET editor_id = NULL").await?;
        let of_ada = person::Entity::delete_by_id(1).exec(db).await?;
        let of_ben = person::Entity::delete_by_id(2).exec(db).await?;
        assert_eq!(of_ben.rows_by_table(), [("person", 1)]);

        let restored = person::Entity::restore_by_id(1).exec(db).await?;

        assert_eq!(restored.kept(), [("note", 1)]);
        assert_eq!(note::Entity::find().count(db).await?, 1);
        assert_eq!(of_ada.undo().exec(db).await?.rows_by_table(), []);
        let restored = person::Entity::restore_by_id(2).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("person", 1), ("note", 1)]);
    }

    async fn composite_keys_are_followed(db: &TestDb) {
        a_document(db).await?;
        let deletion = page::Entity::delete_by_id((1, 1)).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("page", 1), ("note", 2)]);
        assert_eq!(page::Entity::restore_by_id((1, 1)).exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }

    async fn a_missing_parent_of_a_composite_key_is_named(db: &TestDb) {
        a_document(db).await?;
        page::Entity::delete_by_id((1, 1)).exec(db).await?;
        let refused = note::Entity::restore_by_id(1).exec(db).await.expect_err("the page is deleted");
        assert!(refused.to_string().contains("`note` 1 is below `page` (1, 1)"), "{refused}");
    }

    async fn rows_of_entities_without_the_derive_are_left_and_told(db: &TestDb) {
        a_document(db).await?;
        let plan = document::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!(plan.not_followed, ["entry"]);
        document::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(entry::Entity::find().count(db).await?, 1);
    }
}

/// An owner is deleted by somebody's name, a parcel by a number: one actor can't be written into both.
mod owner {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "owner")]
    #[soft_delete(group = "owners")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deleted_by: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod parcel {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "parcel")]
    #[soft_delete(group = "owners")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub owner_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deleted_by: Option<i64>,
        #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Cascade")]
        pub owner: BelongsTo<super::owner::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn an_actor_that_does_not_fit_a_childs_column_is_found_at_the_start() {
    let owners = Registry::global().of_group("owners").check();
    assert!(
        matches!(&owners, Err(Error::ActorType { table, .. }) if table.name == "parcel"),
        "{owners:?}"
    );
}

support::on_every_backend! {
    async fn an_actor_that_does_not_fit_a_childs_column_is_refused_before_anything_is_sent(db: &TestDb) {
        let refused = owner::Entity::delete_by_id(1).by("ada").exec(db).await.map_err(Error::from).expect_err("two types");
        assert!(matches!(&refused, Error::ActorType { table, .. } if table.name == "parcel"), "{refused}");
        create_table(db, owner::Entity).await?;
        create_table(db, parcel::Entity).await?;
        assert_eq!(owner::Entity::delete_by_id(1).exec(db).await?.rows_affected, 0);
    }
}

/// A team has a home room and rooms belong to teams: each cascades into the other.
mod team {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "team")]
    #[soft_delete(group = "teams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub room_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            skip_fk,
            from = "room_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub room: BelongsTo<Option<super::room::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod room {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "room")]
    #[soft_delete(group = "teams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub team_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "team_id", to = "id", on_delete = "Cascade")]
        pub team: BelongsTo<super::team::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn teams(db: &TestDb) -> TestResult {
    create_table(db, team::Entity).await?;
    create_table(db, room::Entity).await?;
    for sql in [
        "INSERT INTO team (id, room_id) VALUES (1, 2), (2, 1), (3, NULL)",
        "INSERT INTO room (id, team_id) VALUES (1, 1), (2, 2), (3, 3)",
    ] {
        db.execute_raw(Statement::from_string(db.backend(), sql))
            .await?;
    }
    Ok(())
}

support::on_every_backend! {
    async fn a_circle_of_tables_is_followed_to_its_end(db: &TestDb) {
        teams(db).await?;
        let plan = team::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!(team::Entity::find().count(db).await?, 3);
        let deletion = team::Entity::delete_by_id(1).exec(db).await?;

        let tables = deletion.rows_by_table();
        assert_eq!((tables.get("room"), tables.get("team"), tables.len()), (2, 2, 2), "{tables:?}");
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());

        let restored = team::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
    }

    async fn a_registry_of_ones_own_can_change_the_rules(db: &TestDb) {
        teams(db).await?;
        let mut room = room::Entity::meta().clone();
        room.foreign_keys[0].on_delete = OnDelete::Restrict;
        let registry = Registry::builder().meta(room).entity::<team::Entity>().build();
        let refused = team::Entity::delete_by_id(3).registry(&registry).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })));
        team::Entity::delete_by_id(3).exec(db).await?;
        assert_eq!(room::Entity::only_deleted().count(db).await?, 1);
    }
}

#[cfg(feature = "serde")]
support::on_every_backend! {
    async fn a_deletion_is_stored_as_json_and_undone_later(db: &TestDb) {
        a_document(db).await?;
        let deletion = document::Entity::delete_by_id(1).exec(db).await?;
        let stored = serde_json::to_string(&deletion)?;

        let later: soft_delete::Deletion = serde_json::from_str(&stored)?;

        assert_eq!(later, deletion);
        assert_eq!(later.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }
}

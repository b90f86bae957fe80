//! A flag alone, without `deletion_id`: nothing tells which deletion took a row.

mod label {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "fa_label")]
    #[soft_delete(group = "fa_label")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: String,
        #[soft_delete(flag)]
        pub deleted: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod shelf {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "fa_shelf")]
    #[soft_delete(group = "fa_shelf", flag = "deleted")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted: i32,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "fa_book")]
    #[soft_delete(group = "fa_shelf")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub shelf_id: i64,
        #[soft_delete(flag)]
        pub deleted: bool,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "shelf_id", to = "id", on_delete = "Cascade")]
        pub shelf: BelongsTo<super::shelf::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, PaginatorTrait as _,
    QueryFilter as _,
};
use soft_delete::Error;
use support::TestDb;

async fn add_label(db: &TestDb, id: i64) -> Result<label::Model, sea_orm::DbErr> {
    let label = label::ActiveModel {
        id: Set(id),
        name: Set("red".to_owned()),
        deleted: Set(false),
    };
    label.insert(db).await
}

async fn shelves(db: &TestDb) -> Result<(), sea_orm::DbErr> {
    db.create_table(shelf::Entity).await?;
    db.create_table(book::Entity).await?;
    let shelf = shelf::ActiveModel {
        id: Set(1),
        deleted: Set(0),
    };
    shelf.insert(db).await?;
    let book = book::ActiveModel {
        id: Set(1),
        shelf_id: Set(1),
        deleted: Set(false),
        deletion_id: Set(None),
    };
    book.insert(db).await?;
    Ok(())
}

on_backends_of_markers! {
    async fn rows_are_deleted_and_restored_alone(db: &TestDb) {
        db.create_table(label::Entity).await?;
        for id in 1..=3 {
            add_label(db, id).await?;
        }
        label::Entity::delete_by_id(1).exec(db).await?;
        let many = label::Entity::delete_many().filter(label::Column::Id.gte(2)).exec(db).await?;
        assert_eq!(many.rows_affected, 2);
        assert_eq!(label::Entity::find().count(db).await?, 0);
        let again = label::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(again.rows_affected, 0);

        label::Entity::restore_by_id(2).exec(db).await?;
        let active = label::Entity::find().all(db).await?;
        assert_eq!(active.iter().map(|label| label.id).collect::<Vec<_>>(), [2]);
        let rest = label::Entity::restore_many().all().exec(db).await?;
        assert_eq!(rest.rows_affected, 2);
    }

    async fn an_undo_is_refused_and_says_what_to_add(db: &TestDb) {
        db.create_table(label::Entity).await?;
        add_label(db, 1).await?;
        let deletion = label::Entity::delete_by_id(1).exec(db).await?;
        let refused = deletion.undo().exec(db).await.expect_err("nothing tells its rows");
        assert!(matches!(refused, Error::NoIdentity { .. }), "{refused:?}");
        assert!(refused.to_string().contains("add `deletion_id"), "{refused}");
        assert_eq!(label::Entity::find().count(db).await?, 0);
    }

    async fn a_cascade_is_refused_before_anything_is_written(db: &TestDb) {
        shelves(db).await?;
        for refused in [
            Error::from(shelf::Entity::delete_by_id(1).exec(db).await.map(drop).expect_err("it cascades")),
            shelf::Entity::delete_by_id(1).plan(db).await.map(drop).expect_err("it cascades"),
            shelf::Entity::restore_by_id(1).exec(db).await.map(drop).expect_err("it cascades"),
        ] {
            let Error::MissingDeletionId { ref table, .. } = refused else { panic!("{refused:?}") };
            assert_eq!(table.to_string(), "fa_shelf");
            assert!(refused.to_string().contains("add `deletion_id"), "{refused}");
        }
        assert_eq!(shelf::Entity::find().count(db).await?, 1);
        assert_eq!(book::Entity::find().count(db).await?, 1);
    }

    async fn a_child_with_a_deletion_id_is_deleted_by_itself(db: &TestDb) {
        shelves(db).await?;
        let deletion = book::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.undo().exec(db).await?.rows_affected, 1);
    }
}

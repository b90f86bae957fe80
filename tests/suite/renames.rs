//! What the function of `OnConflict::rename` may return.

use sea_orm::{ActiveModelTrait as _, Set, Value};
use soft_delete::{Error, OnConflict};

use support::{TestDb, TestResult, create_table, on_every_backend};

mod shelf {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "shelf")]
    #[soft_delete(group = "renames")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
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
    #[sea_orm(table_name = "book")]
    #[soft_delete(group = "renames")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique = "title")]
        pub shelf_id: i64,
        #[soft_delete(unique = "title")]
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "shelf_id", to = "id", on_delete = "Cascade")]
        pub shelf: BelongsTo<super::shelf::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A deleted book whose title another one has by now, and a deleted shelf.
async fn a_conflict(db: &TestDb) -> TestResult<i64> {
    create_table(db, shelf::Entity).await?;
    create_table(db, book::Entity).await?;
    for _ in 0..2 {
        shelf::ActiveModel {
            ..Default::default()
        }
        .insert(db)
        .await?;
    }
    let book = || book::ActiveModel {
        shelf_id: Set(1),
        title: Set("Emma".to_owned()),
        ..Default::default()
    };
    let deleted = book().insert(db).await?;
    book::Entity::delete_by_id(deleted.id).exec(db).await?;
    book().insert(db).await?;
    shelf::Entity::delete_by_id(2).exec(db).await?;
    Ok(deleted.id)
}

on_every_backend! {
    async fn a_rename_keeps_foreign_keys(db: &TestDb) {
        let deleted = a_conflict(db).await?;
        let moving = OnConflict::rename(|row| vec![2_i64.into(), row.values[1].clone()]);
        let refused = book::Entity::restore_by_id(deleted).on_conflict(moving).exec(db).await;
        let Err(Error::InvalidRename { table, problem, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(table.name, "book");
        assert!(problem.starts_with("changed `shelf_id`"), "{problem}");

        let short = OnConflict::rename(|row| vec![row.values[1].clone()]);
        let refused = book::Entity::restore_by_id(deleted).on_conflict(short).exec(db).await;
        let Err(Error::InvalidRename { problem, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert!(problem.starts_with("returned 1 values for 2 columns"), "{problem}");
        assert_eq!(book::Entity::only_deleted().all(db).await?.len(), 1, "nothing was changed");

        let renaming = OnConflict::rename(|row| {
            let title: String = row.values[1].clone().unwrap();
            vec![row.values[0].clone(), Value::from(format!("{title} (2)"))]
        });
        book::Entity::restore_by_id(deleted).on_conflict(renaming).exec(db).await?;
        let book = book::Entity::find_by_id(deleted).one(db).await?.expect("restored");
        assert_eq!((book.shelf_id, book.title.as_str()), (1, "Emma (2)"));
    }
}

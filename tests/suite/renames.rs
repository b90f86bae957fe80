//! What the function of `ConflictPolicy::rename` may return.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, Set, Value};
use soft_delete::{ConflictPolicy, Error};

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

/// A pen, and a cap that refers to it by its code, which is unique and not its primary key.
mod pen {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "pen")]
    #[soft_delete(group = "pens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[soft_delete(unique)]
        pub code: i64,
        #[soft_delete(unique)]
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod cap {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "cap")]
    #[soft_delete(group = "pens")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub pen_code: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            skip_fk,
            from = "pen_code",
            to = "code",
            on_delete = "SetNull"
        )]
        pub pen: BelongsTo<Option<super::pen::Entity>>,
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
        let moving = ConflictPolicy::rename(|row| vec![2_i64.into(), row.values[1].clone()]);
        let refused = book::Entity::restore_by_id(deleted).on_conflict(moving).exec(db).await;
        let Err(Error::InvalidRename { table, problem, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(table.name, "book");
        assert!(problem.starts_with("changed `shelf_id`"), "{problem}");

        let short = ConflictPolicy::rename(|row| vec![row.values[1].clone()]);
        let refused = book::Entity::restore_by_id(deleted).on_conflict(short).exec(db).await;
        let Err(Error::InvalidRename { problem, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert!(problem.starts_with("returned 1 values for 2 columns"), "{problem}");
        assert_eq!(book::Entity::only_deleted().all(db).await?.len(), 1, "nothing was changed");

        let renaming = ConflictPolicy::rename(|row| {
            let title: String = row.values[1].clone().unwrap();
            vec![row.values[0].clone(), Value::from(format!("{title} (2)"))]
        });
        book::Entity::restore_by_id(deleted).on_conflict(renaming).exec(db).await?;
        let book = book::Entity::find_by_id(deleted).one(db).await?.expect("restored");
        assert_eq!((book.shelf_id, book.title.as_str()), (1, "Emma (2)"));
    }

    async fn a_rename_keeps_values_that_children_refer_to(db: &TestDb) {
        create_table(db, pen::Entity).await?;
        create_table(db, cap::Entity).await?;
        for (pen, code, name) in [(1, 7, "'red'"), (2, 7, "'blue'"), (3, 8, "'red'")] {
            let insert = format!("INSERT INTO pen (id, code, name) VALUES ({pen}, {code}, {name})");
            db.execute_unprepared(&insert).await?;
            if pen == 1 {
                pen::Entity::delete_by_id(1).exec(db).await?;
            }
        }
        let changing = ConflictPolicy::rename(|row| vec![match row.columns[0].as_str() {
            "code" => 9_i64.into(),
            _ => "green".into(),
        }]);
        let refused = pen::Entity::restore_by_id(1).on_conflict(changing.clone()).exec(db).await;
        let Err(Error::InvalidRename { table, problem, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(table.name, "pen");
        assert!(problem.starts_with("changed `code`, which is a key that other rows refer to"), "{problem}");

        pen::Entity::force_delete_by_id(2).exec(db).await?;
        pen::Entity::restore_by_id(1).on_conflict(changing).exec(db).await?;
        let pen = pen::Entity::find_by_id(1).one(db).await?.expect("restored");
        assert_eq!((pen.code, pen.name.as_str()), (7, "green"), "other values may change");
    }
}

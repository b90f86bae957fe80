//! Inserts that restore, with each marker.

/// An entity with the fields of a stamp, and its test.
macro_rules! marked {
    ($($marker:ident $table:literal { $($fields:tt)* })*) => {$(
        mod $marker {
            mod page {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = $table)]
                #[soft_delete(group = $table)]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    #[soft_delete(unique)]
                    pub slug: String,
                    $($fields)*
                }

                impl ActiveModelBehavior for ActiveModel {}
            }

            use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, PaginatorTrait as _};
            use support::TestDb;

            fn page(id: i64, slug: &str) -> page::ActiveModel {
                page::ActiveModel { id: Set(id), slug: Set(slug.to_owned()), ..Default::default() }
            }

            support::on_backends! {
                [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, scoped_postgres Postgres Scoped]

                async fn a_row_is_inserted_as_active_and_comes_back_by_its_key_and_its_value(db: &TestDb) {
                    support::create_table(db, page::Entity).await?;
                    // The marker is not set: the row gets what an active one has there.
                    let new = page::Entity::insert_or_restore(page(1, "one")).exec(db).await?;
                    assert!(!new.is_restored() && !new.model.is_deleted());
                    assert_eq!(page::Entity::find().count(db).await?, 1);
                    page::Entity::delete_by_id(1).exec(db).await?;

                    let by_key = page::Entity::insert_or_restore(page(1, "uno")).exec(db).await?;
                    assert!(by_key.is_restored() && !by_key.model.is_deleted());
                    assert_eq!(by_key.model.slug, "uno");
                    let deleted = page::Entity::find_by_id(1).one(db).await?.expect("it is active");
                    page::Entity::delete_by_id(1).exec(db).await?;

                    let by_value = page::Entity::insert_or_restore(page(2, "uno")).exec(db).await?;
                    assert_eq!((by_value.model.id, by_value.is_restored()), (1, true));
                    page::Entity::delete_by_id(1).exec(db).await?;
                    let both = [page::ActiveModel::from(deleted).reset_all(), page(3, "three")];
                    let both = page::Entity::insert_or_restore_many(both).exec(db).await?;
                    assert_eq!((both.inserted, both.restoration.rows_affected), (1, 1));
                    assert_eq!(page::Entity::find().count(db).await?, 2);
                }
            }
        }
    )*};
}

marked! {
    time "t_page" { pub deleted_at: Option<DateTimeUtc>, }
    unix_millis_or_zero "ms_page" { #[soft_delete(unix = "millis", active = 0)] pub deleted_at: i64, }
    sentinel "e_page" {
        #[soft_delete(active = "2037-12-31 23:59:59")] pub deleted_at: DateTimeUtc,
        pub deletion_id: Option<Uuid>,
    }
    flag "f_page" { #[soft_delete(flag)] pub is_deleted: bool, pub deletion_id: Option<Uuid>, }
    flag_beside_a_number "fn_page" {
        #[soft_delete(flag)] pub is_deleted: bool,
        #[soft_delete(deleted_at, unix = "millis", active = 0)] pub delete_time: i64,
        pub deleted_by: Option<i64>,
    }
    flag_alone "fa_page" { #[soft_delete(flag)] pub deleted: bool, }
}

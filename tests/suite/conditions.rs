//! Relations with a condition of their own: polymorphic children, and keys that hold for a part of the rows.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, DbErr, PaginatorTrait as _};
use soft_delete::Error;

use support::{self, TestDb, create_table};

macro_rules! owner {
    ($module:ident, $table:literal) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "polymorphic")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub tenant: i64,
                pub deleted_at: Option<DateTimeUtc>,
                pub deletion_id: Option<Uuid>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

owner!(article, "article");
owner!(photo, "photo");
owner!(album, "album");

/// Of an article or of a photo, by `owner_type`. It also refers to an album of the same tenant, which need not be in the database.
pub mod remark {
    use sea_orm::{entity::prelude::*, sea_query::ExprTrait as _};
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "remark")]
    #[soft_delete(group = "polymorphic")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub owner_type: String,
        pub owner_id: i64,
        pub tenant: i64,
        pub album_id: Option<i64>,
        pub parent_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter)]
    pub enum Relation {
        Article,
        Photo,
        Album,
        Parent,
    }

    impl RelationTrait for Relation {
        fn def(&self) -> RelationDef {
            let on_delete = match self {
                Self::Album => ForeignKeyAction::SetNull,
                _ => ForeignKeyAction::Cascade,
            };
            match self {
                // By the column, as the attribute `on_condition` writes it.
                Self::Article => Entity::belongs_to(super::article::Entity)
                    .from(Column::OwnerId)
                    .to(super::article::Column::Id)
                    .on_condition(|_, _| Column::OwnerType.eq("article").into_condition())
                    .skip_fk()
                    .on_delete(on_delete)
                    .into(),
                // By the names that the function is given.
                Self::Photo => Entity::belongs_to(super::photo::Entity)
                    .from(Column::OwnerId)
                    .to(super::photo::Column::Id)
                    .on_condition(|remark, photo| {
                        Expr::col((remark, Column::OwnerType))
                            .is_in(["photo", "picture"])
                            .and(Expr::col((photo, super::photo::Column::Tenant)).gt(0))
                            .into_condition()
                    })
                    .skip_fk()
                    .on_delete(on_delete)
                    .into(),
                Self::Album => Entity::belongs_to(super::album::Entity)
                    .from(Column::AlbumId)
                    .to(super::album::Column::Id)
                    .on_condition(|remark, album| {
                        Expr::col((remark, Column::Tenant))
                            .equals((album, super::album::Column::Tenant))
                            .into_condition()
                    })
                    .skip_fk()
                    .on_delete(on_delete)
                    .into(),
                Self::Parent => Entity::belongs_to(Entity)
                    .from(Column::ParentId)
                    .to(Column::Id)
                    .on_condition(|child, parent| {
                        Expr::col((child, Column::OwnerType))
                            .ne("photo")
                            .and(Expr::col((parent, Column::Tenant)).ne(13))
                            .into_condition()
                    })
                    .skip_fk()
                    .on_delete(on_delete)
                    .into(),
            }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}

    use sea_orm::sea_query::{ForeignKeyAction, IntoCondition as _};
}

async fn create(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, article::Entity).await?;
    create_table(db, photo::Entity).await?;
    create_table(db, album::Entity).await?;
    create_table(db, remark::Entity).await?;
    for insert in [
        "INSERT INTO article (id, tenant) VALUES (1, 1), (2, 1)",
        "INSERT INTO photo (id, tenant) VALUES (1, 1), (2, 0)",
        "INSERT INTO album (id, tenant) VALUES (1, 1), (2, 2)",
        "INSERT INTO remark (id, owner_type, owner_id, tenant, album_id, parent_id) VALUES \
         (1, 'article', 1, 1, NULL, NULL), (2, 'photo', 1, 1, 1, NULL), (3, 'picture', 1, 2, 1, NULL), \
         (4, 'other', 1, 1, 2, 1), (5, 'photo', 2, 1, NULL, 1), (6, 'other', 9, 13, NULL, 4), (7, 'other', 9, 1, NULL, 6)",
    ] {
        db.execute_unprepared(insert).await?;
    }
    Ok(())
}

async fn active(db: &TestDb) -> Result<Vec<i64>, DbErr> {
    use sea_orm::QueryOrder as _;
    let remarks = remark::Entity::find()
        .order_by_asc(remark::Column::Id)
        .all(db)
        .await?;
    Ok(remarks.into_iter().map(|remark| remark.id).collect())
}

support::on_every_backend! {
    async fn a_deletion_follows_the_rows_that_meet_the_relations_condition(db: &TestDb) {
        create(db).await?;
        let plan = article::Entity::delete_by_id(1).plan(db).await?;
        let deletion = article::Entity::delete_by_id(1).exec(db).await?;
        // 4 is below 1, 5 is not (a photo's), 6 is below 4, and 7 is not below 6 (of tenant 13).
        assert_eq!(active(db).await?, [2, 3, 5, 7]);
        assert_eq!(deletion.rows_by_table(), [("article", 1), ("remark", 3)]);
        assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
        assert_eq!(remark::Entity::deletion_roots().count(db).await?, 0);
        assert_eq!(article::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), deletion.rows_by_table());

        let deletion = photo::Entity::delete_many().all().exec(db).await?;
        assert_eq!(active(db).await?, [1, 4, 5, 6, 7], "a photo of tenant 0 has no remarks");
        assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), [("photo", 2), ("remark", 2)]);
        assert_eq!(active(db).await?, [1, 2, 3, 4, 5, 6, 7]);
    }

    async fn a_restore_asks_for_the_parent_that_meets_the_condition(db: &TestDb) {
        create(db).await?;
        remark::Entity::delete_many().filter_by_ids([1, 2]).exec(db).await?;
        photo::Entity::delete_by_id(1).exec(db).await?;
        article::Entity::delete_by_id(2).exec(db).await?;
        remark::Entity::restore_by_id(1).exec(db).await?;
        let refused = remark::Entity::restore_by_id(2).exec(db).await.expect_err("its photo is deleted");
        assert!(refused.to_string().contains("`remark` 2 is below `photo` 1"), "{refused}");
        let restored = remark::Entity::restore_by_id(2).with_parents().exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("photo", 1), ("remark", 1)]);
    }

    async fn a_key_is_set_to_null_where_the_compared_columns_are_equal(db: &TestDb) {
        create(db).await?;
        let plan = album::Entity::delete_by_id(1).plan(db).await?;
        assert_eq!(plan.set_null(), [("remark", "Album", 1)]);
        album::Entity::delete_many().all().exec(db).await?;
        let remark = async |id| remark::Entity::find_by_id(id).one(db).await.map(|row| row.map(|row| (row.album_id, row.tenant)));
        assert_eq!(remark(2).await?, Some((None, 1)));
        assert_eq!(remark(3).await?, Some((Some(1), 2)), "the album is of another tenant");
        assert_eq!(remark(4).await?, Some((Some(2), 1)), "the album is of another tenant");
    }
}

/// A condition that no statement of a cascade can hold.
pub mod odd {
    use sea_orm::{
        entity::prelude::*,
        sea_query::{ForeignKeyAction, IntoCondition as _},
    };
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "odd")]
    #[soft_delete(group = "odd")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub odd_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter)]
    pub enum Relation {
        Odd,
    }

    impl RelationTrait for Relation {
        fn def(&self) -> RelationDef {
            Entity::belongs_to(Entity)
                .from(Column::OddId)
                .to(Column::Id)
                .on_condition(|_, _| Expr::cust("odd.id > 1").into_condition())
                .on_delete(ForeignKeyAction::Cascade)
                .into()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool]

    async fn a_condition_that_cannot_be_followed_is_refused(db: &TestDb) {
        create_table(db, odd::Entity).await?;
        db.execute_unprepared("INSERT INTO odd (id) VALUES (1)").await?;
        let refused = odd::Entity::delete_by_id(1).exec(db).await.map_err(Error::from).expect_err("the condition");
        assert!(matches!(refused, Error::RelationCondition { .. }), "{refused:?}");
        assert!(refused.to_string().contains("`Odd` of `odd` has SQL of its own"), "{refused}");
        assert!(odd::Entity::restore_by_id(1).exec(db).await.is_err());
        assert_eq!(odd::Entity::find().count(db).await?, 1);
    }
}

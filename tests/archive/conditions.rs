//! Relations with a condition: an erasure goes no further than it.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::DbBackend;

use super::fixture::{archive, number, purge, run};
use support::{TestDb, TestResult, on_every_backend};

macro_rules! owners {
    ($($owner:ident $table:literal),*) => {$(
        mod $owner {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "remarks")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub deleted_at: Option<DateTimeUtc>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    )*};
}

owners!(article "article", photo "photo");

/// A remark on an article or on a photo.
mod remark {
    use sea_orm::{
        entity::prelude::*,
        sea_query::{ExprTrait as _, IntoCondition as _},
    };
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "remark")]
    #[soft_delete(group = "remarks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub owner_type: String,
        pub level: i32,
        pub owner_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter)]
    pub enum Relation {
        Article,
        Photo,
    }

    impl RelationTrait for Relation {
        fn def(&self) -> RelationDef {
            let of = |builder: RelationDef, kind: &'static str| {
                let mut relation = builder.on_condition(move |child, _| {
                    let column = |column| Expr::col((child.clone(), column));
                    column(Column::OwnerType)
                        .eq(kind)
                        .and(column(Column::Level).gt(0))
                        .into_condition()
                });
                relation.skip_fk = true;
                relation.on_delete = Some(sea_orm::sea_query::ForeignKeyAction::Cascade);
                relation
            };
            match self {
                Self::Article => of(
                    Entity::belongs_to(super::article::Entity)
                        .from(Column::OwnerId)
                        .to(super::article::Column::Id)
                        .into(),
                    "article",
                ),
                Self::Photo => of(
                    Entity::belongs_to(super::photo::Entity)
                        .from(Column::OwnerId)
                        .to(super::photo::Column::Id)
                        .into(),
                    "photo",
                ),
            }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// An article and a photo of the same number, with a remark each, and one on the article whose level is 0: the remarks are active, and
/// the archive has another one of each kind.
async fn create(db: &TestDb) -> TestResult {
    let kind = match db.backend() {
        DbBackend::MySql => "varchar(20) COLLATE utf8mb4_general_ci",
        _ => "varchar(20)",
    };
    run(db, &[
        "CREATE TABLE article (id bigint PRIMARY KEY, deleted_at TIME)",
        "CREATE TABLE photo (id bigint PRIMARY KEY, deleted_at TIME)",
        &format!("CREATE TABLE remark (id bigint PRIMARY KEY, owner_type {kind}, level int, owner_id bigint, deleted_at TIME)"),
        "INSERT INTO article (id) VALUES (1)",
        "INSERT INTO photo (id) VALUES (1)",
        "INSERT INTO remark VALUES (10, 'article', 1, 1, NULL), (11, 'article', 0, 1, NULL), (20, 'photo', 1, 1, NULL)",
        "INSERT INTO remark SELECT id + 100, owner_type, level, owner_id, '2024-01-01 00:00:00' FROM remark",
    ])
    .await?;
    assert_eq!(purge(db, "remarks").await?.rows_purged(), 3);
    Ok(())
}

async fn archived(db: &TestDb) -> TestResult<Vec<String>> {
    let entries = archive().list().all(db).await?;
    let mut keys: Vec<_> = entries.iter().map(|entry| entry.key.join(" ")).collect();
    keys.sort();
    Ok(keys)
}

on_every_backend! {
    async fn rows_of_another_owner_stay(db: &TestDb) {
        create(db).await?;
        let report = article::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("article", 1), ("remark", 1)], "{report}");
        assert_eq!(number(db, "SELECT COUNT(*) FROM remark WHERE id IN (11, 20)").await?, 2);
        assert_eq!(report.archived_by_table(), [("remark", 1)], "{report}");
        assert_eq!(archived(db).await?, ["111", "120"]);
        let report = photo::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.rows_by_table(), [("photo", 1), ("remark", 1)], "{report}");
        assert_eq!(archived(db).await?, ["111"]);
    }

    async fn an_owner_that_the_archive_alone_has_takes_its_own(db: &TestDb) {
        create(db).await?;
        run(db, &["UPDATE article SET deleted_at = '2024-01-01 00:00:00'", "DELETE FROM remark"]).await?;
        purge(db, "remarks").await?;
        let report = article::Entity::erase_by_id(1).exec(db).await?;
        assert_eq!(report.archived_by_table(), [("article", 1), ("remark", 1)], "{report}");
        assert_eq!(archived(db).await?, ["111", "120"]);
    }
}

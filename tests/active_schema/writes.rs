//! INSERT, UPDATE and DELETE through the views.

use sea_orm::sqlx;
use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::Set,
    ConnectionTrait, DbBackend, EntityTrait as _, IntoActiveModel as _, ModelTrait as _,
    TransactionTrait as _,
    sea_query::{Expr, OnConflict, Query},
};

use super::layer::{number, on_layer};
use support::{
    TestDb, TestResult,
    domain::{self, tag, workspace},
};

async fn tables(db: &TestDb) -> TestResult {
    domain::create(db).await?;
    domain::tag(db, "urgent").await?;
    domain::tag(db, "stale").await?;
    db.execute_unprepared("UPDATE tag SET deleted_at = '2026-01-02 03:04:05' WHERE name = 'stale'")
        .await?;
    Ok(())
}

fn named(name: &str) -> tag::ActiveModel {
    tag::ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn rows_are_inserted_with_the_keys_that_the_table_gives_them(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let later = named("later").insert(&layer.views).await?;
            assert_eq!(later.id, 3);
            let soon = tag::Entity::insert(named("soon")).exec(&layer.views).await?;
            assert_eq!(soon.last_insert_id, 4);
            let kept = tag::Entity::insert(named("kept")).exec_with_returning(&layer.views).await?;
            assert_eq!((kept.id, kept.name.as_str()), (5, "kept"));
            let many = [named("a"), named("b")];
            tag::Entity::insert_many(many).exec(&layer.views).await?;
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM tag").await?, 7);
            Ok(())
        }).await?;
    }

    async fn rows_are_updated_and_locked(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let transaction = layer.views.begin().await?;
            let mut lock = Query::select();
            lock.column(tag::Column::Id).from(tag::Entity).lock_exclusive();
            assert_eq!(transaction.query_all(&lock).await?.len(), 1);
            transaction.commit().await?;
            let urgent = tag::Entity::find_by_id(1).one(&layer.views).await?.unwrap();
            let mut urgent = urgent.into_active_model();
            urgent.name = Set("first".to_owned());
            assert_eq!(urgent.update(&layer.views).await?.name, "first");
            let all = Query::update().table(tag::Entity).value(tag::Column::Name, Expr::cust("CONCAT('x', id)")).to_owned();
            assert_eq!(layer.views.execute(&all).await?.rows_affected(), 1);
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM tag WHERE name = 'stale'").await?, 1);
            Ok(())
        }).await?;
    }

    async fn an_upsert_never_changes_a_deleted_row(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let upsert = |id: i64, name: &str| {
                let mut row = named(name);
                row.id = Set(id);
                let update = OnConflict::column(tag::Column::Id).update_column(tag::Column::Name).to_owned();
                tag::Entity::insert(row).on_conflict(update)
            };
            upsert(1, "first").exec_without_returning(&layer.views).await?;
            upsert(2, "second").exec_without_returning(&layer.views).await.unwrap_err();
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM tag WHERE name IN ('first', 'stale')").await?, 2);
            Ok(())
        }).await?;
    }

    async fn a_row_neither_leaves_the_view_nor_is_born_deleted(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            for sql in [
                "UPDATE tag SET deleted_at = '2026-01-02 03:04:05'",
                "INSERT INTO tag (name, deleted_at) VALUES ('born', '2026-01-02 03:04:05')",
            ] {
                layer.views.execute_unprepared(sql).await.unwrap_err();
            }
            assert_eq!(number(&layer.views, "SELECT COUNT(*) FROM tag").await?, 1);
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM tag").await?, 2);
            Ok(())
        }).await?;
    }

    async fn rows_are_not_removed(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            for sql in ["DELETE FROM tag", "DELETE FROM tag WHERE id = 1", "TRUNCATE TABLE tag"] {
                let error = layer.views.execute_unprepared(sql).await.unwrap_err().to_string();
                if db.backend() == DbBackend::Postgres && sql.starts_with("DELETE") {
                    assert!(error.contains("rows of tag are not removed through the schema"), "{error}");
                }
            }
            let row = <tag::Entity as sea_orm::EntityTrait>::find_by_id(1).one(&layer.views).await?.unwrap();
            sea_orm::Delete::one(row.clone()).exec(&layer.views).await.unwrap_err();
            let _ = row.get_primary_key_value();
            assert_eq!(number(&layer.tables, "SELECT COUNT(*) FROM tag").await?, 2);
            Ok(())
        }).await?;
    }

    async fn a_slug_of_a_deleted_row_is_free(db: &TestDb) {
        on_layer(db, &domain::registry(), async |db| {
            domain::create(db).await?;
            soft_delete::schema::UniqueActiveIndex::on("workspace").col("slug").replacing_unique().create(db).await?;
            domain::workspace(db, "main").await?;
            db.execute_unprepared("UPDATE workspace SET deleted_at = '2026-01-02 03:04:05'").await?;
            Ok(())
        }, async |layer| {
            let again = domain::workspace(&layer.views, "main").await?;
            assert_eq!(workspace::Entity::find().all(&layer.views).await?, [again]);
            domain::workspace(&layer.views, "main").await.unwrap_err();
            Ok(())
        }).await?;
    }

    async fn another_program_sees_active_rows(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let sql = "SELECT name FROM tag ORDER BY name";
            let names: Vec<String> = match db.backend() {
                DbBackend::Postgres => {
                    let pool = sqlx::PgPool::connect(&layer.url).await?;
                    sqlx::query_scalar(sql).fetch_all(&pool).await?
                }
                _ => {
                    let pool = sqlx::MySqlPool::connect(&layer.url).await?;
                    sqlx::query_scalar(sql).fetch_all(&pool).await?
                }
            };
            assert_eq!(names, ["urgent"]);
            Ok(())
        }).await?;
    }
}

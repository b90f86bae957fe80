//! Inserts that may meet a deleted row, and deletes through a connection that sees all rows.

use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait as _, EntityTrait, PaginatorTrait as _, QueryFilter as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use soft_delete::Outcome;

use super::pitfalls::a_task;
use support::{self, Kind, TestDb, TestResult, domain::comment};

async fn bodies(db: &TestDb) -> TestResult<Vec<String>> {
    let comments = comment::Entity::with_deleted().all(db).await?;
    let mut bodies: Vec<_> = comments
        .into_iter()
        .map(|one| format!("{} {}", one.id, one.body))
        .collect();
    bodies.sort_unstable();
    Ok(bodies)
}

/// Writes over comment 1, which is active, and over comment 2, which is deleted.
fn over(id: i64, body: &str) -> sea_orm::Insert<comment::ActiveModel> {
    comment::Entity::insert(comment::ActiveModel {
        id: Set(id),
        task_id: Set(1),
        body: Set(body.to_owned()),
        ..Default::default()
    })
}

support::on_backends! {
    [sqlite SqliteMemory Scoped, postgres Postgres Scoped]
    async fn an_upsert_of_sea_orm_does_not_write_into_a_deleted_row(db: &TestDb) {
        a_task(db).await?;
        let scoped = db.scoped();
        let update = || OnConflict::column(comment::Column::Id).update_column(comment::Column::Body).to_owned();
        let plain = [update()];
        let with_condition = update()
            .action_and_where(Expr::col((comment::Entity, comment::Column::TaskId)).eq(1))
            .to_owned();
        for conflict in plain.into_iter().chain([with_condition]) {
            for id in [1, 2] {
                over(id, "over").on_conflict(conflict.clone()).exec_without_returning(&scoped).await?;
            }
            assert_eq!(bodies(db).await?, ["1 over", "2 second"]);
        }
        let nothing = OnConflict::column(comment::Column::Id).do_nothing().to_owned();
        over(2, "over").on_conflict(nothing).exec_without_returning(&scoped).await?;
        assert_eq!(bodies(db).await?, ["1 over", "2 second"]);
    }

    async fn an_upsert_in_sql_does_not_write_into_a_deleted_row(db: &TestDb) {
        a_task(db).await?;
        let scoped = db.scoped();
        for (count, sql) in [
            "INSERT INTO comment (id, task_id, body) VALUES (1, 1, 'x'), (2, 1, 'x') ON CONFLICT (id) DO UPDATE SET body = excluded.body || 0",
            "INSERT INTO comment AS c (id, task_id, body) VALUES (1, 1, 'x'), (2, 1, 'x') ON CONFLICT (id) DO UPDATE SET body = 'x1' WHERE c.task_id = 1 OR c.id = 2",
            "INSERT INTO comment (id, task_id, body) SELECT id, 1, 'x' FROM comment WHERE deleted_at IS NULL OR TRUE ON CONFLICT (id) DO UPDATE SET body = 'x2'",
            "INSERT INTO \"comment\" (id, task_id, body) VALUES (1, 1, 'x'), (2, 1, 'x') ON CONFLICT (id) DO UPDATE SET body = 'x3' WHERE excluded.deleted_at IS NULL RETURNING id",
            "WITH rows (id) AS (VALUES (1), (2)) INSERT INTO comment (id, task_id, body) SELECT id, 1, 'x' FROM rows WHERE true ON CONFLICT (id) DO UPDATE SET (body, task_id) = ('x4', 1)",
        ].into_iter().enumerate() {
            scoped.execute_unprepared(sql).await?;
            assert_eq!(bodies(db).await?, [format!("1 x{count}"), "2 second".to_owned()], "{sql}");
        }
        let deleted = "INSERT INTO comment (id, task_id, body) VALUES (2, 1, 'x') ON CONFLICT (id) DO UPDATE SET body = 'meant' WHERE comment.deleted_at IS NOT NULL";
        scoped.execute_unprepared(deleted).await?;
        assert_eq!(bodies(db).await?, ["1 x4", "2 meant"]);
    }
}

support::on_scoped! {
    async fn what_replaces_a_deleted_row_is_refused(db: &TestDb) {
        a_task(db).await?;
        let statements: &[&str] = match db.kind() {
            Kind::MariaDb => &[
                "REPLACE INTO comment (id, task_id, body) VALUES (2, 1, 'x')",
                "REPLACE comment SET id = 2, task_id = 1, body = 'x'",
            ],
            Kind::SqliteMemory | Kind::SqliteFile => &[
                "REPLACE INTO comment (id, task_id, body) VALUES (2, 1, 'x')",
                "INSERT OR REPLACE INTO comment (id, task_id, body) VALUES (2, 1, 'x')",
                "UPDATE OR REPLACE comment SET id = 2 WHERE id = 1",
            ],
            _ => &["MERGE INTO comment USING (SELECT 2 AS id) n ON n.id = comment.id WHEN MATCHED THEN DELETE"],
        };
        for sql in statements {
            assert!(db.scoped().execute_unprepared(sql).await.is_err(), "{sql}");
        }
        assert_eq!(bodies(db).await?, ["1 first", "2 second"]);
    }

    async fn a_delete_through_all_rows_marks_the_active_and_leaves_the_deleted(db: &TestDb) {
        a_task(db).await?;
        let scoped = db.scoped();
        let all = scoped.with_deleted();
        let before = comment::Entity::only_deleted().one(db).await?.expect("a comment");
        let again = comment::Entity::delete_by_id(2).exec(&all).await?;
        assert_eq!(again.rows_affected, 0);
        assert!(matches!(again.outcome(), Outcome::AlreadyDeleted { .. }));
        let many = comment::Entity::delete_many().all().exec(&all).await?;
        assert_eq!(many.rows_affected, 1);
        let trash = comment::Entity::only_deleted().all(db).await?;
        assert_eq!(trash.len(), 2);
        assert!(trash.contains(&before));

        let physical = <comment::Entity as EntityTrait>::delete_many().exec(&all).await;
        assert!(physical.is_err());
        let by_filter = <comment::Entity as EntityTrait>::delete_many()
            .filter(soft_delete::Scope::Active.predicate(Expr::col((comment::Entity, comment::Column::DeletedAt))));
        assert!(by_filter.exec(&all).await.is_err());
        assert_eq!(comment::Entity::with_deleted().count(db).await?, 2);
    }
}

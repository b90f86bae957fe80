//! What the tests delete.

use chrono::{DateTime, TimeZone as _, Utc};
use soft_delete::Deletion;

use support::{TestDb, TestResult, domain};

/// Noon of that day in January 2026.
pub fn noon(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, day, 12, 0, 0).unwrap()
}

/// Three deletions, from the bottom up, in a workspace with a project, in it two tasks, and three comments on the first.
pub struct World {
    /// Of the first comment, on the 1st.
    pub comment_deleted: Deletion,
    /// Of the second task, on the 2nd, by 7.
    pub task_deleted: Deletion,
    /// Of the project and the first task with two comments, on the 3rd, by 42, for a reason.
    pub project_deleted: Deletion,
}

pub async fn world(db: &TestDb) -> TestResult<World> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "acme").await?;
    let project = domain::project(db, &workspace, "apollo").await?;
    let tasks = [
        domain::task(db, &project, "design").await?,
        domain::task(db, &project, "launch").await?,
    ];
    let comments = [
        domain::comment(db, &tasks[0], "first").await?,
        domain::comment(db, &tasks[0], "second").await?,
        domain::comment(db, &tasks[0], "third").await?,
    ];
    let comment_deleted = domain::comment::Entity::delete_by_id(comments[0].id)
        .at(noon(1))
        .exec(db)
        .await?;
    let task_deleted = domain::task::Entity::delete_by_id(tasks[1].id)
        .by(7)
        .at(noon(2))
        .exec(db)
        .await?;
    let project_deleted = domain::project::Entity::delete_by_id(project.id)
        .by(42)
        .reason("cancelled")
        .at(noon(3))
        .exec(db)
        .await?;
    Ok(World {
        comment_deleted,
        task_deleted,
        project_deleted,
    })
}

impl World {
    /// What was printed, with names for the ids of the deletions.
    pub fn named(&self, text: &str) -> String {
        text.replace(
            &self.comment_deleted.id().to_string(),
            "<comment's deletion>",
        )
        .replace(&self.task_deleted.id().to_string(), "<task's deletion>")
        .replace(
            &self.project_deleted.id().to_string(),
            "<project's deletion>",
        )
    }
}

/// Three vouchers, `A,1`, `B` and `C`, the first of them redeemed.
pub async fn shop(db: &TestDb) -> TestResult {
    use sea_orm::{ActiveValue::Set, ConnectionTrait as _, DbBackend, EntityTrait, Schema};

    use crate::shop::{
        redemption,
        voucher::{self, Kind},
    };
    use support::create_table;

    if db.backend() == DbBackend::Postgres {
        let kind = Schema::new(db.backend()).create_enum_from_active_enum::<Kind>();
        if let Some(kind) = kind {
            db.execute(&kind).await?;
        }
    }
    create_table(db, voucher::Entity).await?;
    create_table(db, redemption::Entity).await?;
    for code in ["A,1", "B", "C"] {
        voucher(db, code).await?;
    }
    let redemption = redemption::ActiveModel {
        voucher_code: Set("A,1".to_owned()),
        ..Default::default()
    };
    <redemption::Entity as EntityTrait>::insert(redemption)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// A voucher of that code.
pub async fn voucher(db: &TestDb, code: &str) -> TestResult {
    use sea_orm::{ActiveValue::Set, EntityTrait, prelude::Decimal};

    use crate::shop::voucher::{ActiveModel, Entity, Kind};

    let voucher = ActiveModel {
        code: Set(code.to_owned()),
        kind: Set(Kind::Gift),
        amount: Set(Decimal::new(1250, 2)),
        terms: Set(serde_json::json!({"min": 50})),
        ..Default::default()
    };
    <Entity as EntityTrait>::insert(voucher)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

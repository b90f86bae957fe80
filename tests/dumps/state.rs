//! A database with rows in all states, and what has to hold of it and of its copies.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseConnection, DbErr, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, prelude::Uuid,
};
use soft_delete::{
    Purge, PurgeReport, Registry, Scope, SoftDelete,
    archive::{ArchiveTable, ArchivedRow},
    schema::{ActiveView, PurgeIndex, SchemaSync, doctor},
};

use support::{
    TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, task_tag, workspace},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub fn archive() -> ArchiveTable {
    ArchiveTable::new()
}

fn registry() -> Registry {
    Registry::global().of_group("default")
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 12, 0, 0).unwrap() + TimeDelta::microseconds(123_457)
}

fn days_ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

/// What the tests know of the database from before the dump.
#[derive(Clone)]
pub struct Before {
    rows: Rows,
    archived: Vec<ArchivedRow>,
    /// The deletion of a whole workspace, of before the dump.
    closed: Uuid,
    /// The workspace as it was before that deletion.
    active: workspace::Model,
    /// The comment in it that was deleted earlier.
    spam: i64,
    /// The deletion whose rows are in the archive.
    purged: Uuid,
    /// What the doctor says: tables and problems.
    advice: Vec<(String, String)>,
}

/// All rows, in the order of their keys.
#[derive(Clone, Debug, PartialEq)]
struct Rows {
    workspaces: Vec<workspace::Model>,
    projects: Vec<project::Model>,
    tasks: Vec<task::Model>,
    comments: Vec<comment::Model>,
    tags: Vec<tag::Model>,
    task_tags: Vec<task_tag::Model>,
    members: Vec<member::Model>,
}

impl Rows {
    async fn read(db: &DatabaseConnection) -> Result<Self, DbErr> {
        Ok(Self {
            workspaces: all::<workspace::Entity>(db, workspace::Column::Id).await?,
            projects: all::<project::Entity>(db, project::Column::Id).await?,
            tasks: all::<task::Entity>(db, task::Column::Id).await?,
            comments: all::<comment::Entity>(db, comment::Column::Id).await?,
            tags: all::<tag::Entity>(db, tag::Column::Id).await?,
            task_tags: all::<task_tag::Entity>(db, task_tag::Column::TaskId).await?,
            members: all::<member::Entity>(db, member::Column::Name).await?,
        })
    }
}

async fn all<E: SoftDelete>(
    db: &DatabaseConnection,
    key: E::Column,
) -> Result<Vec<E::Model>, DbErr> {
    E::scoped(Scope::WithDeleted)
        .order_by_asc(key)
        .all(db)
        .await
}

/// A workspace with two projects, a task with a tag, and three comments.
async fn a_tree(db: &impl ConnectionTrait, slug: &str) -> TestResult<(workspace::Model, i64)> {
    let workspace = domain::workspace(db, slug).await?;
    let project = domain::project(db, &workspace, "engine").await?;
    domain::project(db, &workspace, "hull").await?;
    let task = domain::task(db, &project, "start").await?;
    let tag = domain::tag(db, &format!("tag of {slug}")).await?;
    domain::task_tag(db, &task, &tag).await?;
    let spam = domain::comment(db, &task, "spam").await?;
    domain::comment(db, &task, "\"quoted\", 'too', \\ and \u{2603}\n").await?;
    domain::comment(db, &task, "").await?;
    Ok((workspace, spam.id))
}

/// Rows in all states, with all that the library adds to a schema.
pub async fn create(db: &TestDb) -> TestResult<Before> {
    domain::create(db).await?;
    SchemaSync::new()
        .registry(&registry())
        .active_parent_triggers()
        .exec(db)
        .await?;
    PurgeIndex::on("task").create(db).await?;
    ActiveView::of("task").create(db).await?;
    archive().create(db).await?;

    a_tree(db, "kept").await?;
    domain::member(db, "ada").await?;

    let (active, spam) = a_tree(db, "closed").await?;
    comment::Entity::delete_by_id(spam)
        .at(days_ago(20))
        .exec(db)
        .await?;
    let closed = workspace::Entity::delete_by_id(active.id)
        .at(days_ago(10))
        .by(7)
        .reason("closed")
        .exec(db)
        .await?;

    let (restored, _) = a_tree(db, "restored").await?;
    let deletion = workspace::Entity::delete_by_id(restored.id)
        .exec(db)
        .await?;
    deletion.undo().exec(db).await?;

    let taken_again = domain::workspace(db, "taken again").await?;
    workspace::Entity::delete_by_id(taken_again.id)
        .at(days_ago(5))
        .exec(db)
        .await?;
    domain::workspace(db, "taken again").await?;

    let (old, _) = a_tree(db, "old").await?;
    let purged = workspace::Entity::delete_by_id(old.id)
        .at(days_ago(400))
        .exec(db)
        .await?;
    assert_eq!(purge(db, 365).await?.rows_purged(), 8);

    let rows = Rows::read(db).await?;
    let archived = archive().list().all(&**db).await?;
    assert_eq!((rows.comments.len(), archived.len()), (9, 8));
    let advice = examine(db).await?;
    Ok(Before {
        rows,
        archived,
        closed: closed.id(),
        active,
        spam,
        purged: purged.id(),
        advice,
    })
}

async fn purge(db: &DatabaseConnection, days: u32) -> TestResult<PurgeReport> {
    let purge = Purge::new()
        .registry(&registry())
        .default_retention(days * DAY);
    Ok(purge.at(now()).archive(archive()).exec(db).await?)
}

/// Advice it has in any case, because the domain's foreign keys cascade; there must be nothing worse.
async fn examine(db: &DatabaseConnection) -> TestResult<Vec<(String, String)>> {
    let report = doctor::examine(&registry(), db).await?;
    assert!(report.is_healthy(), "{report}");
    let findings = report.findings().iter();
    Ok(findings
        .map(|finding| (finding.table().to_string(), finding.problem().to_owned()))
        .collect())
}

impl Before {
    /// The same rows with the same stamps, and nothing for the doctor to find that was not there.
    pub async fn is_what_is_in(&self, db: &DatabaseConnection) -> TestResult {
        assert_eq!(Rows::read(db).await?, self.rows);
        assert_eq!(archive().list().all(db).await?, self.archived);
        assert_eq!(examine(db).await?, self.advice);
        // Of what the library makes, nothing is missing.
        let mut missing = SchemaSync::new()
            .registry(&registry())
            .active_parent_triggers()
            .exec(db)
            .await?;
        missing.extend(PurgeIndex::on("task").create(db).await?);
        missing.extend(ActiveView::of("task").create(db).await?);
        missing.extend(archive().create(db).await?);
        assert!(missing.is_empty(), "{missing:?}");
        Ok(())
    }

    /// That all goes on there as if nothing had happened.
    pub async fn goes_on_in(&self, db: &DatabaseConnection) -> TestResult {
        self.refuses_what_was_refused(db).await?;
        self.undoes_a_deletion(db).await?;
        self.brings_back_what_was_archived(db).await?;
        self.purges(db).await
    }

    async fn refuses_what_was_refused(&self, db: &DatabaseConnection) -> TestResult {
        domain::workspace(db, "kept")
            .await
            .expect_err("the slug is taken");
        domain::project(db, &self.active, "x")
            .await
            .expect_err("the workspace is deleted");
        // A number that no row has had.
        let new = domain::workspace(db, "new").await?;
        assert!(self.rows.workspaces.iter().all(|old| old.id < new.id));
        Ok(())
    }

    async fn undoes_a_deletion(&self, db: &DatabaseConnection) -> TestResult {
        let restored = soft_delete::Undo::deletion(self.closed).exec(db).await?;
        let tables = [
            ("workspace", 1),
            ("project", 2),
            ("task", 1),
            ("comment", 2),
            ("task_tag", 1),
        ];
        let by_table = restored.rows_by_table();
        for (table, rows) in tables {
            assert_eq!(by_table.get(table), rows, "{by_table:?}");
        }
        assert_eq!(by_table.len(), tables.len(), "{by_table:?}");
        let found = workspace::Entity::find_by_id(self.active.id)
            .one(db)
            .await?;
        assert_eq!(found.as_ref(), Some(&self.active));
        // Views and triggers look at this database, and not at the one that was dumped.
        let view = domain::ids(db, "SELECT id FROM active_task ORDER BY id").await?;
        let tasks = task::Entity::find()
            .order_by_asc(task::Column::Id)
            .all(db)
            .await?;
        assert_eq!(view, tasks.iter().map(|task| task.id).collect::<Vec<_>>());
        domain::project(db, &self.active, "x").await?;
        // It was a deletion of its own.
        assert_eq!(comment::Entity::find_by_id(self.spam).one(db).await?, None);
        Ok(())
    }

    async fn brings_back_what_was_archived(&self, db: &DatabaseConnection) -> TestResult {
        let restored = archive().restore().deletion(self.purged).exec(db).await?;
        assert_eq!(restored.rows_affected(), 8);
        assert_eq!(archive().list().all(db).await?, []);
        let trash = comment::Entity::only_deleted().count(db).await?;
        assert_eq!(trash, 4);
        soft_delete::Undo::deletion(self.purged).exec(db).await?;
        let slug = workspace::Column::Slug.eq("old");
        assert_eq!(workspace::Entity::find().filter(slug).count(db).await?, 1);
        Ok(())
    }

    /// What is left is the spam and the workspace whose slug was taken again.
    async fn purges(&self, db: &DatabaseConnection) -> TestResult {
        assert_eq!(purge(db, 15).await?.rows_purged(), 1);
        let entries = archive().list().all(db).await?;
        assert_eq!(entries[0].key, [self.spam.to_string()]);
        // Numbers of entries go on, too.
        assert!(self.archived.iter().all(|old| old.id < entries[0].id));
        assert_eq!(purge(db, 1).await?.rows_purged(), 1);
        let deleted = Rows::read(db).await?.workspaces;
        assert!(
            deleted
                .iter()
                .all(|workspace| workspace.deleted_at.is_none())
        );
        Ok(())
    }
}

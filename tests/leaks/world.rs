//! The rows of the matrix: in every table active and deleted ones, and active rows that refer to deleted ones.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter as _, Schema,
    Statement,
    sea_query::{ColumnType, Table},
};
use soft_delete::ScopedConnection;

use super::account::{account, follow};
use support::{
    TestDb, TestResult,
    domain::{self, comment, member, project, tag, task, task_tag, workspace},
    folder,
};

pub const TABLES: [&str; 10] = [
    "comment",
    "task_tag",
    "tag",
    "task",
    "project",
    "workspace",
    "member",
    "folder",
    "follow",
    "account",
];

/// Active rows, for what is read from rows.
pub struct World {
    backend: DbBackend,
    /// A project with active and deleted tasks.
    pub engine: project::Model,
    /// A task with a deleted comment, a deleted tag, and a link to another tag that is deleted.
    pub kept: task::Model,
    /// A task whose assignee and only comment are deleted.
    pub plan: task::Model,
    /// A task in a deleted project.
    pub lost: task::Model,
    pub tasks: Vec<task::Model>,
    pub folders: Vec<folder::Model>,
    pub accounts: Vec<account::Model>,
}

impl World {
    pub async fn create(db: &TestDb) -> TestResult<Self> {
        create_tables(db).await?;
        insert_rows(db).await?;
        Self::read(db).await
    }

    /// The rows that are there.
    pub async fn read(db: &TestDb) -> TestResult<Self> {
        Ok(Self {
            backend: db.backend(),
            engine: project_named(db, "engine").await?,
            kept: task_titled(db, "kept").await?,
            plan: task_titled(db, "plan").await?,
            lost: task_titled(db, "lost").await?,
            tasks: task::Entity::find().order_by_id_asc().all(db).await?,
            folders: folder::Entity::find().order_by_id_asc().all(db).await?,
            accounts: account::Entity::find().order_by_id_asc().all(db).await?,
        })
    }

    pub async fn drop(db: &TestDb) -> Result<(), DbErr> {
        for table in TABLES {
            db.execute_unprepared(&format!("DROP TABLE {table}"))
                .await?;
        }
        Ok(())
    }

    pub fn sql(&self, sql: &str) -> Statement {
        Statement::from_string(self.backend, sql)
    }
}

/// The deleted rows are no more.
pub async fn purge(db: &TestDb) -> Result<(), DbErr> {
    for table in TABLES {
        let sql = format!("DELETE FROM {table} WHERE deleted_at IS NOT NULL");
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

pub fn scoped(db: &TestDb) -> ScopedConnection<sea_orm::DatabaseConnection> {
    ScopedConnection::new(db.connection())
}

async fn create_tables(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, member::Entity).await?;
    create_table(db, workspace::Entity).await?;
    create_table(db, project::Entity).await?;
    create_table(db, task::Entity).await?;
    create_table(db, comment::Entity).await?;
    create_table(db, tag::Entity).await?;
    create_table(db, task_tag::Entity).await?;
    create_table(db, folder::Entity).await?;
    create_table(db, account::Entity).await?;
    create_table(db, follow::Entity).await
}

/// Without foreign keys, so that the deleted rows can be removed from under the active ones.
async fn create_table<E: EntityTrait>(db: &TestDb, entity: E) -> Result<(), DbErr> {
    let described = Schema::new(db.backend()).create_table_from_entity(entity);
    let mut table = Table::create();
    table.table(entity.table_ref());
    for column in described.get_columns() {
        let mut column = column.clone();
        if let Some(ColumnType::TimestampWithTimeZone) = column.get_column_type() {
            // MariaDB may take a timestamp that doesn't say NULL for NOT NULL.
            column.null();
        }
        table.col(column);
    }
    for index in described.get_indexes() {
        table.index(&mut index.clone());
    }
    db.execute(&table).await?;
    Ok(())
}

async fn insert_rows(db: &TestDb) -> Result<(), DbErr> {
    let main = domain::workspace(db, "main").await?;
    let old = domain::workspace(db, "old").await?;
    let engine = domain::project(db, &main, "engine").await?;
    let wheels = domain::project(db, &main, "wheels").await?;
    let hull = domain::project(db, &main, "hull").await?;
    domain::project(db, &old, "attic").await?;
    let kept = domain::task(db, &engine, "kept").await?;
    let plan = domain::task(db, &engine, "plan").await?;
    let gone = domain::task(db, &engine, "gone").await?;
    let lost = domain::task(db, &hull, "lost").await?;
    domain::task(db, &wheels, "spare").await?;
    domain::comment(db, &kept, "first").await?;
    domain::comment(db, &kept, "second").await?;
    domain::comment(db, &kept, "taken back").await?;
    domain::comment(db, &plan, "withdrawn").await?;
    domain::comment(db, &gone, "orphan").await?;
    let urgent = domain::tag(db, "urgent").await?;
    let later = domain::tag(db, "later").await?;
    let stale = domain::tag(db, "stale").await?;
    domain::task_tag(db, &kept, &urgent).await?;
    domain::task_tag(db, &kept, &later).await?;
    domain::task_tag(db, &kept, &stale).await?;
    domain::task_tag(db, &plan, &urgent).await?;
    domain::task_tag(db, &gone, &urgent).await?;
    domain::task_tag(db, &lost, &later).await?;
    domain::member(db, "ada").await?;
    domain::member(db, "bob").await?;

    folder::tree(db).await?;
    for (id, parent) in [(6, 5), (7, 6)] {
        let folder = folder::ActiveModel {
            id: Set(id),
            parent_id: Set(Some(parent)),
            ..Default::default()
        };
        folder::Entity::insert(folder)
            .exec_without_returning(db)
            .await?;
    }
    for (id, email) in [(1, "ann"), (2, "ben"), (3, "cat"), (4, "dan")] {
        let account = account::ActiveModel {
            id: Set(id),
            email: Set(email.to_owned()),
            ..Default::default()
        };
        account::Entity::insert(account)
            .exec_without_returning(db)
            .await?;
    }
    for (account_id, follower_id) in [(1, 2), (1, 3), (1, 4), (3, 1), (2, 4)] {
        let follow = follow::ActiveModel {
            account_id: Set(account_id),
            follower_id: Set(follower_id),
            ..Default::default()
        };
        follow::Entity::insert(follow)
            .exec_without_returning(db)
            .await?;
    }

    let ada = "(SELECT id FROM member WHERE name = 'ada')";
    let bob = "(SELECT id FROM member WHERE name = 'bob')";
    for (table, change, condition) in [
        ("project", format!("lead_id = {ada}"), "name <> 'wheels'"),
        ("project", format!("lead_id = {bob}"), "name = 'wheels'"),
        ("task", format!("assignee_id = {ada}"), "title <> 'plan'"),
        ("task", format!("assignee_id = {bob}"), "title = 'plan'"),
    ] {
        let sql = format!("UPDATE {table} SET {change} WHERE {condition}");
        db.execute_unprepared(&sql).await?;
    }
    // By hand, because a delete would take the active rows below along.
    for (table, condition) in [
        ("workspace", "slug = 'old'"),
        ("project", "name = 'hull'"),
        ("member", "name = 'bob'"),
        ("task", "title IN ('gone', 'spare')"),
        ("comment", "body IN ('taken back', 'withdrawn')"),
        ("tag", "name = 'stale'"),
        ("task_tag", "task_id = 1 AND tag_id = 2"),
        ("folder", "id IN (3, 5)"),
        ("account", "email = 'ben'"),
        ("follow", "account_id = 1 AND follower_id = 3"),
    ] {
        let sql =
            format!("UPDATE {table} SET deleted_at = '2026-01-02 03:04:05' WHERE {condition}");
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn project_named(db: &TestDb, name: &str) -> TestResult<project::Model> {
    let select = project::Entity::find().filter(project::Column::Name.eq(name));
    Ok(select.one(db).await?.expect("an active project"))
}

async fn task_titled(db: &TestDb, title: &str) -> TestResult<task::Model> {
    let select = task::Entity::find().filter(task::Column::Title.eq(title));
    Ok(select.one(db).await?.expect("an active task"))
}

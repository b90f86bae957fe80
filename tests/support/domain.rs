//! The domain of all tests: a small task tracker.
//!
//! ```text
//! workspace ◄─cascade─ project ◄─cascade─ task ◄─cascade─ comment
//!                         │                 ▲ │
//!                     restrict        cascade set null
//!                         ▼                 │ ▼
//!                       member          task_tag member
//!                                           │
//!                                        cascade
//!                                           ▼
//!                                          tag
//! ```
//!
//! An arrow points from the row that refers to the row it refers to. Most entities have the whole stamp;
//! `comment` and `task_tag` have no author and reason, `tag` has `deleted_at` alone.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait, DbErr, Statement, prelude::Uuid,
};

use super::create_table;

pub mod workspace {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "workspace")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(has_many)]
        pub projects: HasMany<super::project::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod project {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "project")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub workspace_id: i64,
        pub name: String,
        pub lead_id: Option<Uuid>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(belongs_to, from = "workspace_id", to = "id", on_delete = "Cascade")]
        pub workspace: BelongsTo<super::workspace::Entity>,
        #[sea_orm(belongs_to, from = "lead_id", to = "id", on_delete = "Restrict")]
        pub lead: BelongsTo<Option<super::member::Entity>>,
        #[sea_orm(has_many)]
        pub tasks: HasMany<super::task::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod task {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "task")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub project_id: i64,
        pub assignee_id: Option<Uuid>,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(belongs_to, from = "project_id", to = "id", on_delete = "Cascade")]
        pub project: BelongsTo<super::project::Entity>,
        #[sea_orm(belongs_to, from = "assignee_id", to = "id", on_delete = "SetNull")]
        pub assignee: BelongsTo<Option<super::member::Entity>>,
        #[sea_orm(has_many)]
        pub comments: HasMany<super::comment::Entity>,
        #[sea_orm(has_many, via = "task_tag")]
        pub tags: HasMany<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod comment {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "comment")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub task_id: i64,
        pub body: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "task_id", to = "id", on_delete = "Cascade")]
        pub task: BelongsTo<super::task::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod tag {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "tag")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(has_many, via = "task_tag")]
        pub tasks: HasMany<super::task::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod task_tag {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "task_tag")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "task_id", to = "id", on_delete = "Cascade")]
        pub task: BelongsTo<super::task::Entity>,
        #[sea_orm(belongs_to, from = "tag_id", to = "id", on_delete = "Cascade")]
        pub tag: BelongsTo<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod member {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Creates the tables.
pub async fn create(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    create_table(db, member::Entity).await?;
    create_table(db, workspace::Entity).await?;
    create_table(db, project::Entity).await?;
    create_table(db, task::Entity).await?;
    create_table(db, comment::Entity).await?;
    create_table(db, tag::Entity).await?;
    create_table(db, task_tag::Entity).await
}

/// The entities, for what looks at all tables of a registry.
pub fn registry() -> soft_delete::Registry {
    soft_delete::Registry::builder()
        .entity::<member::Entity>()
        .entity::<workspace::Entity>()
        .entity::<project::Entity>()
        .entity::<task::Entity>()
        .entity::<comment::Entity>()
        .entity::<tag::Entity>()
        .entity::<task_tag::Entity>()
        .build()
}

/// Inserts a workspace.
pub async fn workspace(db: &impl ConnectionTrait, slug: &str) -> Result<workspace::Model, DbErr> {
    let workspace = workspace::ActiveModel {
        name: Set(slug.to_owned()),
        slug: Set(slug.to_owned()),
        ..Default::default()
    };
    workspace.insert(db).await
}

/// Inserts a project without a lead.
pub async fn project(
    db: &impl ConnectionTrait,
    workspace: &workspace::Model,
    name: &str,
) -> Result<project::Model, DbErr> {
    let project = project::ActiveModel {
        workspace_id: Set(workspace.id),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    project.insert(db).await
}

/// Inserts a task without an assignee.
pub async fn task(
    db: &impl ConnectionTrait,
    project: &project::Model,
    title: &str,
) -> Result<task::Model, DbErr> {
    let task = task::ActiveModel {
        project_id: Set(project.id),
        title: Set(title.to_owned()),
        ..Default::default()
    };
    task.insert(db).await
}

/// Inserts a comment.
pub async fn comment(
    db: &impl ConnectionTrait,
    task: &task::Model,
    body: &str,
) -> Result<comment::Model, DbErr> {
    let comment = comment::ActiveModel {
        task_id: Set(task.id),
        body: Set(body.to_owned()),
        ..Default::default()
    };
    comment.insert(db).await
}

/// Inserts a tag.
pub async fn tag(db: &impl ConnectionTrait, name: &str) -> Result<tag::Model, DbErr> {
    let tag = tag::ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    };
    tag.insert(db).await
}

/// Puts a tag on a task.
pub async fn task_tag(
    db: &impl ConnectionTrait,
    task: &task::Model,
    tag: &tag::Model,
) -> Result<task_tag::Model, DbErr> {
    let task_tag = task_tag::ActiveModel {
        task_id: Set(task.id),
        tag_id: Set(tag.id),
        ..Default::default()
    };
    task_tag.insert(db).await
}

/// Inserts a member.
pub async fn member(db: &impl ConnectionTrait, name: &str) -> Result<member::Model, DbErr> {
    let member = member::ActiveModel {
        id: Set(Uuid::now_v7()),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    member.insert(db).await
}

/// The ids that a query gives, in its order.
pub async fn ids(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<i64>, DbErr> {
    let query = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

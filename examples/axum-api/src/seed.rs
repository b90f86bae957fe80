//! Something to look at in development, and the first member in production.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, PaginatorTrait as _,
    QueryFilter as _, Set,
};
use soft_delete::Error;

use crate::{
    auth::hash,
    db::{Db, begin, now},
    entity::{
        comment,
        member::{self, Role},
        project, task,
        task::Status,
        workspace,
    },
};

/// A token for trying it out, of each role. They are the same in every development database, and in no other.
pub const DEMO_TOKENS: [(Role, &str); 3] = [
    (Role::Admin, "demo-admin-token"),
    (Role::Member, "demo-member-token"),
    (Role::Support, "demo-support-token"),
];

/// Fills an empty database: two workspaces, their members, projects, tasks and comments, and something in the trash.
pub async fn demo(db: &Db) -> Result<(), Error> {
    let tx = begin(db).await?;
    if member::Entity::with_deleted().count(&tx).await? > 0 {
        return Ok(());
    }
    let acme = new_workspace("acme", "Acme", &tx).await?;
    let globex = new_workspace("globex", "Globex", &tx).await?;
    let [admin, user, support] = DEMO_TOKENS;
    let ada = new_member(Some(acme), "Ada", Role::Admin, Some(admin.1), &tx).await?;
    let ben = new_member(Some(acme), "Ben", Role::Member, Some(user.1), &tx).await?;
    new_member(Some(acme), "Cleo", Role::Member, None, &tx).await?;
    let dan = new_member(Some(globex), "Dan", Role::Admin, None, &tx).await?;
    new_member(None, "Sam", Role::Support, Some(support.1), &tx).await?;

    for (workspace, slug, name, author) in [
        (acme, "website", "Website", ada),
        (acme, "mobile-app", "Mobile app", ben),
        (acme, "archive", "Archive of 2025", ada),
        (globex, "rocket", "Rocket", dan),
    ] {
        let project = new_project(workspace, slug, name, &tx).await?;
        for (title, status) in [
            ("Write the first draft", Status::Done),
            ("Ask two people to read it", Status::Doing),
            ("Publish", Status::Open),
        ] {
            let task = new_task(workspace, project, title, status, author, &tx).await?;
            for body in ["I'll take a look.", "Looks good to me."] {
                new_comment(workspace, task, author, body, &tx).await?;
            }
        }
    }
    project::Entity::delete_many()
        .filter(project::Column::Slug.eq("archive"))
        .by(ada)
        .reason("over")
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The first member of the support, if there is none.
pub async fn first_support(token: &str, db: &Db) -> Result<(), Error> {
    let tx = begin(db).await?;
    let supports = member::Entity::find().filter(member::Column::Role.eq(Role::Support));
    if supports.count(&tx).await? == 0 {
        new_member(None, "Support", Role::Support, Some(token), &tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn new_workspace<C: ConnectionTrait>(slug: &str, name: &str, db: &C) -> Result<i64, DbErr> {
    let row = workspace::ActiveModel {
        slug: Set(slug.to_owned()),
        name: Set(name.to_owned()),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

async fn new_member<C: ConnectionTrait>(
    workspace: Option<i64>,
    name: &str,
    role: Role,
    token: Option<&str>,
    db: &C,
) -> Result<i64, DbErr> {
    let row = member::ActiveModel {
        workspace_id: Set(workspace),
        name: Set(name.to_owned()),
        email: Set(format!("{}@example.com", name.to_lowercase())),
        role: Set(role),
        token_hash: Set(token.map(hash)),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

async fn new_project<C: ConnectionTrait>(
    workspace: i64,
    slug: &str,
    name: &str,
    db: &C,
) -> Result<i64, DbErr> {
    let row = project::ActiveModel {
        workspace_id: Set(workspace),
        slug: Set(slug.to_owned()),
        name: Set(name.to_owned()),
        description: Set(String::new()),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

async fn new_task<C: ConnectionTrait>(
    workspace: i64,
    project: i64,
    title: &str,
    status: Status,
    author: i64,
    db: &C,
) -> Result<i64, DbErr> {
    let row = task::ActiveModel {
        workspace_id: Set(workspace),
        project_id: Set(project),
        title: Set(title.to_owned()),
        status: Set(status),
        assignee_id: Set(Some(author)),
        created_by: Set(author),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

async fn new_comment<C: ConnectionTrait>(
    workspace: i64,
    task: i64,
    author: i64,
    body: &str,
    db: &C,
) -> Result<i64, DbErr> {
    let row = comment::ActiveModel {
        workspace_id: Set(workspace),
        task_id: Set(task),
        author_id: Set(author),
        body: Set(body.to_owned()),
        created_at: Set(now()),
        updated_at: Set(now()),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}

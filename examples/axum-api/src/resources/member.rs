//! Members, and their tokens.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _, QueryTrait as _, Select, Set,
};
use serde::{Deserialize, Serialize};

use super::{parent, stamp};
use crate::{
    app::{App, document},
    auth::{self, Caller},
    db::{Tx, begin},
    entity::{
        member::{ActiveModel, Column, Entity, Model, Role},
        workspace,
    },
    extract::{Key, Path},
    kind::Kind,
    policy::Action,
    problem::Problem,
    resource::{Columns, Resource, ResourceState, forbidden, taken, visible_to},
    text::{Email, Line},
    view::StampView,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
#[schemars(rename = "Member")]
pub struct View {
    pub id: i64,
    /// Null for the support.
    pub workspace_id: Option<i64>,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Null for an active one.
    pub deletion: Option<StampView>,
    /// The same as in the header `ETag`, for lists.
    pub etag: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateMember")]
pub struct Create {
    /// Null for the support, and only for it.
    pub workspace_id: Option<i64>,
    pub name: Line,
    /// Unique among active members.
    pub email: Email,
    pub role: Role,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EditMember")]
pub struct Edit {
    pub name: Option<Line>,
    pub email: Option<Email>,
    /// Members of a workspace are `member` or `admin`.
    pub role: Option<Role>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "MemberFilter")]
pub struct Filter {
    /// Those of one workspace.
    pub workspace_id: Option<i64>,
}

/// Who calls, and what they may do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct Me {
    pub id: i64,
    pub name: String,
    pub role: Role,
    /// Null for the support.
    pub workspace_id: Option<i64>,
    pub permissions: Permissions,
}

/// For a user interface: what not to offer. Each request is checked by itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct Permissions {
    pub see_trash: bool,
    pub include_deleted: bool,
    /// Restores what others deleted.
    pub restore: bool,
    pub force_delete: bool,
    /// Kinds of which a restore may delete the one that has the name: `on_conflict: replace`.
    pub replace: Vec<Kind>,
    /// Kinds that the caller may create.
    pub create: Vec<Kind>,
    /// Kinds that the caller may edit, whoever made them.
    pub edit: Vec<Kind>,
    /// Kinds that the caller may edit if they made them.
    pub edit_own: Vec<Kind>,
    /// Kinds that the caller may delete, whoever made them.
    pub delete: Vec<Kind>,
    /// Kinds that the caller may delete if they made them.
    pub delete_own: Vec<Kind>,
}

/// A new token.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct Token {
    /// It is shown this once: only its hash is kept.
    pub token: String,
}

/// What members have beside what all resources have.
pub fn routes() -> ApiRouter<App> {
    let tag = Kind::Member.name();
    ApiRouter::new()
        .api_route(
            "/api/v1/me",
            get_with(me, move |op| {
                document::operation(op, "me", tag, &[])
                    .summary("Who calls, and what they may do")
                    .response::<200, axum::Json<Me>>()
            }),
        )
        .api_route(
            "/api/v1/members/{id}/token",
            post_with(issue_token, move |op| {
                document::operation(op, "issue_token", tag, &[403, 404])
                    .summary("Gives a member a new token; the old one is void")
                    .response::<201, axum::Json<Token>>()
            }),
        )
}

async fn me(caller: Caller) -> axum::Json<Me> {
    let may = |action| caller.may(action, Kind::Task, false);
    let kinds = |action, own| -> Vec<_> {
        let all = Kind::ALL.into_iter();
        all.filter(|kind| caller.may(action, *kind, own)).collect()
    };
    axum::Json(Me {
        id: caller.id,
        name: caller.name.clone(),
        role: caller.role,
        workspace_id: caller.workspace,
        permissions: Permissions {
            see_trash: may(Action::SeeTrash),
            include_deleted: may(Action::IncludeDeleted),
            restore: may(Action::Restore),
            force_delete: may(Action::ForceDelete),
            replace: kinds(Action::Replace, false),
            create: kinds(Action::Create, true),
            edit: kinds(Action::Edit, false),
            edit_own: kinds(Action::Edit, true),
            delete: kinds(Action::Delete, false),
            delete_own: kinds(Action::Delete, true),
        },
    })
}

async fn issue_token(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<Response, Problem> {
    let tx = begin(&app.db()).await?;
    let found = visible_to(&caller, Entity::find_by_id(id))
        .lock_exclusive()
        .one(&tx)
        .await?;
    let member = found.ok_or_else(Problem::not_found)?;
    if !caller.may(Action::IssueToken, Kind::Member, false) || !caller.may_grant(member.role) {
        return Err(forbidden(&caller, "give a token to", Kind::Member));
    }
    let token = auth::new_token();
    let mut member = member.into_active_model();
    member.token_hash = Set(Some(auth::hash(&token)));
    member.update(&tx).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(Token { token })).into_response())
}

impl Resource for Entity {
    const KIND: Kind = Kind::Member;
    type View = View;
    type Create = Create;
    type Edit = Edit;
    type Filter = Filter;

    fn columns() -> Columns<Column> {
        Columns {
            id: Column::Id,
            workspace: Column::WorkspaceId,
            title: Column::Name,
        }
    }

    fn state(row: &Model) -> ResourceState {
        ResourceState {
            id: row.id,
            workspace: row.workspace_id,
            owner: None,
            updated_at: row.updated_at,
            stamp: stamp!(row),
        }
    }

    fn view(row: Model) -> View {
        View {
            etag: Self::state(&row).etag(),
            deletion: stamp!(row),
            id: row.id,
            workspace_id: row.workspace_id,
            name: row.name,
            email: row.email,
            role: row.role,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    fn filter(select: Select<Self>, filter: Filter) -> Select<Self> {
        select.apply_if(filter.workspace_id, |select, id| {
            select.filter(Column::WorkspaceId.eq(id))
        })
    }

    async fn create(input: Create, caller: &Caller, tx: &Tx) -> Result<Model, Problem> {
        if !caller.may_grant(input.role) {
            return Err(Problem::forbidden("You may not make someone of this role."));
        }
        match (input.workspace_id, input.role) {
            (None, Role::Support) => {}
            (Some(workspace), Role::Member | Role::Admin) => {
                parent::<workspace::Entity>(workspace, "/workspace_id", caller, tx).await?;
            }
            _ => {
                let detail = "members and admins have a workspace, and the support has none";
                return Err(Problem::invalid("/workspace_id", detail));
            }
        }
        let now = crate::db::now();
        let row = ActiveModel {
            workspace_id: Set(input.workspace_id),
            name: Set(input.name.0),
            email: Set(input.email.0),
            role: Set(input.role),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        row.insert(tx).await.map_err(email_taken)
    }

    async fn edit(row: Model, input: Edit, caller: &Caller, tx: &Tx) -> Result<Model, Problem> {
        let is_support = row.role == Role::Support;
        if let Some(role) = input.role.filter(|role| *role != row.role) {
            if row.id == caller.id {
                return Err(Problem::forbidden("Nobody changes their own role."));
            }
            if !caller.may_grant(role) || !caller.may_grant(row.role) {
                return Err(Problem::forbidden("You may not make someone of this role."));
            }
            if is_support != (role == Role::Support) {
                let detail = "members and admins have a workspace, and the support has none";
                return Err(Problem::invalid("/role", detail));
            }
        }
        let mut row = row.into_active_model();
        if let Some(name) = input.name {
            row.name = Set(name.0);
        }
        if let Some(email) = input.email {
            row.email = Set(email.0);
        }
        if let Some(role) = input.role {
            row.role = Set(role);
        }
        row.updated_at = Set(crate::db::now());
        row.update(tx).await.map_err(email_taken)
    }
}

fn email_taken(error: sea_orm::DbErr) -> Problem {
    taken(error, "Another member has this address.")
}

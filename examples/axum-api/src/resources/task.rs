//! Tasks.

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryTrait as _, Select, Set,
};
use serde::{Deserialize, Deserializer, Serialize};

use super::{parent, stamp};
use crate::{
    auth::Caller,
    db::Tx,
    entity::{
        member, project,
        task::{ActiveModel, Column, Entity, Model, Status},
    },
    kind::Kind,
    problem::Problem,
    resource::{Columns, Resource, ResourceState},
    text::Line,
    view::StampView,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
#[schemars(rename = "Task")]
pub struct View {
    pub id: i64,
    pub workspace_id: i64,
    pub project_id: i64,
    pub title: String,
    pub status: Status,
    pub assignee_id: Option<i64>,
    pub created_by: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Null for an active one.
    pub deletion: Option<StampView>,
    /// The same as in the header `ETag`, for lists.
    pub etag: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateTask")]
pub struct Create {
    pub project_id: i64,
    pub title: Line,
    #[serde(default)]
    pub status: Status,
    /// A member of the project's workspace.
    pub assignee_id: Option<i64>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EditTask")]
pub struct Edit {
    pub title: Option<Line>,
    pub status: Option<Status>,
    /// Null takes the assignee away.
    #[serde(default, deserialize_with = "some")]
    #[schemars(transform = without_default)]
    pub assignee_id: Option<Option<i64>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "TaskFilter")]
pub struct Filter {
    /// Those of one project.
    pub project_id: Option<i64>,
    /// Those that are that far.
    pub status: Option<Status>,
}

impl Resource for Entity {
    const KIND: Kind = Kind::Task;
    type View = View;
    type Create = Create;
    type Edit = Edit;
    type Filter = Filter;

    fn columns() -> Columns<Column> {
        Columns {
            id: Column::Id,
            workspace: Column::WorkspaceId,
            title: Column::Title,
        }
    }

    fn state(row: &Model) -> ResourceState {
        ResourceState {
            id: row.id,
            workspace: Some(row.workspace_id),
            owner: Some(row.created_by),
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
            project_id: row.project_id,
            title: row.title,
            status: row.status,
            assignee_id: row.assignee_id,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    fn filter(select: Select<Self>, filter: Filter) -> Select<Self> {
        select
            .apply_if(filter.project_id, |select, id| {
                select.filter(Column::ProjectId.eq(id))
            })
            .apply_if(filter.status, |select, status| {
                select.filter(Column::Status.eq(status))
            })
    }

    async fn create(input: Create, caller: &Caller, tx: &Tx) -> Result<Model, Problem> {
        let project =
            parent::<project::Entity>(input.project_id, "/project_id", caller, tx).await?;
        if let Some(assignee) = input.assignee_id {
            assignable(assignee, project.workspace_id, caller, tx).await?;
        }
        let now = crate::db::now();
        let row = ActiveModel {
            workspace_id: Set(project.workspace_id),
            project_id: Set(project.id),
            title: Set(input.title.0),
            status: Set(input.status),
            assignee_id: Set(input.assignee_id),
            created_by: Set(caller.id),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(tx).await?)
    }

    async fn edit(row: Model, input: Edit, caller: &Caller, tx: &Tx) -> Result<Model, Problem> {
        if let Some(Some(assignee)) = input.assignee_id {
            assignable(assignee, row.workspace_id, caller, tx).await?;
        }
        let mut row = row.into_active_model();
        if let Some(title) = input.title {
            row.title = Set(title.0);
        }
        if let Some(status) = input.status {
            row.status = Set(status);
        }
        if let Some(assignee) = input.assignee_id {
            row.assignee_id = Set(assignee);
        }
        row.updated_at = Set(crate::db::now());
        Ok(row.update(tx).await?)
    }
}

async fn assignable(id: i64, workspace: i64, caller: &Caller, tx: &Tx) -> Result<(), Problem> {
    let member = parent::<member::Entity>(id, "/assignee_id", caller, tx).await?;
    if member.workspace_id == Some(workspace) {
        return Ok(());
    }
    let detail = "must be a member of the project's workspace";
    Err(Problem::invalid("/assignee_id", detail))
}

/// Leaving it out is not the same as null.
fn without_default(schema: &mut Schema) {
    schema.remove("default");
}

/// Tells null from nothing.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

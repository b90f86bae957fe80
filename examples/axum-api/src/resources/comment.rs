//! Comments.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryTrait as _, Select, Set,
};
use serde::{Deserialize, Serialize};

use super::{parent, stamp};
use crate::{
    auth::Caller,
    db::Tx,
    entity::{
        comment::{ActiveModel, Column, Entity, Model},
        task,
    },
    kind::Kind,
    problem::Problem,
    resource::{Columns, Resource, ResourceState},
    text::Body,
    view::StampView,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
#[schemars(rename = "Comment")]
pub struct View {
    pub id: i64,
    pub workspace_id: i64,
    pub task_id: i64,
    pub author_id: i64,
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Null for an active one.
    pub deletion: Option<StampView>,
    /// The same as in the header `ETag`, for lists.
    pub etag: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateComment")]
pub struct Create {
    pub task_id: i64,
    pub body: Body,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EditComment")]
pub struct Edit {
    pub body: Option<Body>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "CommentFilter")]
pub struct Filter {
    /// Those of one task.
    pub task_id: Option<i64>,
}

impl Resource for Entity {
    const KIND: Kind = Kind::Comment;
    type View = View;
    type Create = Create;
    type Edit = Edit;
    type Filter = Filter;

    fn columns() -> Columns<Column> {
        Columns {
            id: Column::Id,
            workspace: Column::WorkspaceId,
            title: Column::Body,
        }
    }

    fn state(row: &Model) -> ResourceState {
        ResourceState {
            id: row.id,
            workspace: Some(row.workspace_id),
            owner: Some(row.author_id),
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
            task_id: row.task_id,
            author_id: row.author_id,
            body: row.body,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    fn filter(select: Select<Self>, filter: Filter) -> Select<Self> {
        select.apply_if(filter.task_id, |select, id| {
            select.filter(Column::TaskId.eq(id))
        })
    }

    async fn create(input: Create, caller: &Caller, tx: &Tx) -> Result<Model, Problem> {
        let task = parent::<task::Entity>(input.task_id, "/task_id", caller, tx).await?;
        let now = crate::db::now();
        let row = ActiveModel {
            workspace_id: Set(task.workspace_id),
            task_id: Set(task.id),
            author_id: Set(caller.id),
            body: Set(input.body.0),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        Ok(row.insert(tx).await?)
    }

    async fn edit(row: Model, input: Edit, _: &Caller, tx: &Tx) -> Result<Model, Problem> {
        let mut row = row.into_active_model();
        if let Some(body) = input.body {
            row.body = Set(body.0);
        }
        row.updated_at = Set(crate::db::now());
        Ok(row.update(tx).await?)
    }
}

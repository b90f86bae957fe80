//! Projects.

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
        project::{ActiveModel, Column, Entity, Model},
        workspace,
    },
    kind::Kind,
    problem::Problem,
    resource::{Columns, Resource, ResourceState, taken},
    text::{Line, Lines, Slug},
    view::StampView,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
#[schemars(rename = "Project")]
pub struct View {
    pub id: i64,
    pub workspace_id: i64,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Null for an active one.
    pub deletion: Option<StampView>,
    /// The same as in the header `ETag`, for lists.
    pub etag: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateProject")]
pub struct Create {
    pub workspace_id: i64,
    /// Unique among the active projects of the workspace.
    pub slug: Slug,
    pub name: Line,
    pub description: Option<Lines>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EditProject")]
pub struct Edit {
    pub slug: Option<Slug>,
    pub name: Option<Line>,
    pub description: Option<Lines>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ProjectFilter")]
pub struct Filter {
    /// Those of one workspace.
    pub workspace_id: Option<i64>,
}

impl Resource for Entity {
    const KIND: Kind = Kind::Project;
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
            workspace: Some(row.workspace_id),
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
            slug: row.slug,
            name: row.name,
            description: row.description,
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
        parent::<workspace::Entity>(input.workspace_id, "/workspace_id", caller, tx).await?;
        let now = crate::db::now();
        let row = ActiveModel {
            workspace_id: Set(input.workspace_id),
            slug: Set(input.slug.0),
            name: Set(input.name.0),
            description: Set(input.description.map(|text| text.0).unwrap_or_default()),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        row.insert(tx).await.map_err(slug_taken)
    }

    async fn edit(row: Model, input: Edit, _: &Caller, tx: &Tx) -> Result<Model, Problem> {
        let mut row = row.into_active_model();
        if let Some(slug) = input.slug {
            row.slug = Set(slug.0);
        }
        if let Some(name) = input.name {
            row.name = Set(name.0);
        }
        if let Some(description) = input.description {
            row.description = Set(description.0);
        }
        row.updated_at = Set(crate::db::now());
        row.update(tx).await.map_err(slug_taken)
    }
}

fn slug_taken(error: sea_orm::DbErr) -> Problem {
    taken(error, "Another project of this workspace has this slug.")
}

//! Workspaces.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _, Select, Set};
use serde::{Deserialize, Serialize};

use super::stamp;
use crate::{
    auth::Caller,
    db::Tx,
    entity::workspace::{ActiveModel, Column, Entity, Model},
    kind::Kind,
    problem::Problem,
    resource::{Columns, Resource, ResourceState, taken},
    text::{Line, Slug},
    view::StampView,
};

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
#[schemars(rename = "Workspace")]
pub struct View {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Null for an active one.
    pub deletion: Option<StampView>,
    /// The same as in the header `ETag`, for lists.
    pub etag: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CreateWorkspace")]
pub struct Create {
    pub slug: Slug,
    pub name: Line,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EditWorkspace")]
pub struct Edit {
    pub slug: Option<Slug>,
    pub name: Option<Line>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(rename = "WorkspaceFilter")]
pub struct Filter {}

impl Resource for Entity {
    const KIND: Kind = Kind::Workspace;
    type View = View;
    type Create = Create;
    type Edit = Edit;
    type Filter = Filter;

    fn columns() -> Columns<Column> {
        Columns {
            id: Column::Id,
            workspace: Column::Id,
            title: Column::Name,
        }
    }

    fn state(row: &Model) -> ResourceState {
        ResourceState {
            id: row.id,
            workspace: Some(row.id),
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
            slug: row.slug,
            name: row.name,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }

    fn filter(select: Select<Self>, _: Filter) -> Select<Self> {
        select
    }

    async fn create(input: Create, _: &Caller, tx: &Tx) -> Result<Model, Problem> {
        let now = crate::db::now();
        let row = ActiveModel {
            slug: Set(input.slug.0),
            name: Set(input.name.0),
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
        row.updated_at = Set(crate::db::now());
        row.update(tx).await.map_err(slug_taken)
    }
}

fn slug_taken(error: sea_orm::DbErr) -> Problem {
    taken(error, "Another workspace has this slug.")
}

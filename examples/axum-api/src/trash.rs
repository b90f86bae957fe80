//! The trash: what was deleted itself, of all kinds, and what can be done with a deletion.

mod deletion;
mod routes;
mod search;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::search::Search;
pub use self::{
    deletion::{find, remove_deletion, undo_deletion},
    routes::{DeletionKey, routes},
};
use crate::{
    auth::Caller,
    db::Db,
    kind::Kind,
    policy::Action,
    problem::Problem,
    resource::Paging,
    view::{Page, RowCount, StampView},
};

/// Something in the trash: what was deleted itself, and not along with something above it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct TrashItem {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub id: i64,
    /// Its name or title, or the beginning of its text.
    pub title: String,
    /// Null for the support's members.
    pub workspace_id: Option<i64>,
    pub deletion: StampView,
    /// When a purge may remove it for good.
    pub purge_at: Option<DateTime<Utc>>,
    /// For `If-Match` of a restore.
    pub etag: String,
    pub links: TrashLinks,
}

/// What can be done with it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct TrashLinks {
    #[serde(rename = "self")]
    pub itself: String,
    /// POST there restores it with what was deleted along with it.
    pub restore: String,
    /// GET there tells what that would do.
    pub plan: String,
    /// POST there takes the whole deletion back.
    pub undo: Option<String>,
}

/// A deletion, as far as it is in the trash.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct TrashedDeletion {
    /// What was deleted itself.
    pub items: Vec<TrashItem>,
    /// All that it took, by kind.
    pub rows: Vec<RowCount>,
}

impl TrashedDeletion {
    /// It changes when a part of the deletion is restored or removed.
    pub fn etag(&self) -> String {
        etag_of(&self.items)
    }
}

fn etag_of(items: &[TrashItem]) -> String {
    let mut hash = Sha256::new();
    for item in items {
        hash.update(format!("{} {} {}\n", item.kind.name(), item.id, item.etag));
    }
    format!("\"{}\"", hex::encode(&hash.finalize()[..16]))
}

/// What the trash can be narrowed by.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct TrashFilter {
    #[serde(rename = "type")]
    pub kind: Option<Kind>,
    /// The member who deleted it.
    pub deleted_by: Option<i64>,
    /// Deleted then or later.
    pub since: Option<DateTime<Utc>>,
    /// Deleted before.
    pub until: Option<DateTime<Utc>>,
    /// Those of one workspace.
    pub workspace_id: Option<i64>,
    /// A text in the title.
    #[schemars(length(max = 100), pattern(r"^[^\u0000]*$"))]
    pub q: Option<String>,
}

/// A page of the trash, for those who may see it.
pub async fn page(
    db: &Db,
    caller: &Caller,
    paging: Paging,
    filter: &TrashFilter,
) -> Result<Page<TrashItem>, Problem> {
    if !caller.may(Action::SeeTrash, Kind::Workspace, false) {
        return Err(Problem::forbidden(
            "Only admins and the support see the trash.",
        ));
    }
    let search = Search {
        caller,
        filter,
        deletion: None,
    };
    Ok(Page {
        total: search.count(db).await?,
        items: search.page(db, paging).await?,
        page: paging.page,
        per_page: paging.per_page,
    })
}

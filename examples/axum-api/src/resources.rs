//! What is particular to each resource.

pub mod comment;
pub mod member;
pub mod project;
pub mod task;
pub mod workspace;

use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use soft_delete::SoftDelete;

use crate::{
    auth::Caller,
    db::Tx,
    problem::Problem,
    resource::{Resource, visible_to},
};

/// The row that a new one is to belong to, locked, so that it isn't deleted before the new one is there.
async fn parent<R: Resource>(
    id: i64,
    pointer: &str,
    caller: &Caller,
    tx: &Tx,
) -> Result<R::Model, Problem> {
    let select = <R as SoftDelete>::active().filter(R::columns().id.eq(id));
    let row = visible_to(caller, select).lock_shared().one(tx).await?;
    let kind = R::KIND.name();
    row.ok_or_else(|| Problem::invalid(pointer, format!("there is no {kind} {id}")))
}

/// What a row has of a deletion, as the API shows it. All entities have the same four columns.
macro_rules! stamp {
    ($row:expr) => {
        $row.deleted_at.map(|deleted_at| crate::view::StampView {
            id: $row.deletion_id,
            deleted_at,
            deleted_by: $row.deleted_by,
            reason: $row.delete_reason.clone(),
        })
    };
}
use stamp;

use loco_rs::prelude::*;
use soft_delete::Undo;

use super::problem::problem;

/// Restores all that one deletion took: what an "Undo" button sends.
async fn undo(State(ctx): State<AppContext>, Path(id): Path<Uuid>) -> Result<Response> {
    let restored = Undo::deletion(id).exec(&ctx.db).await.map_err(problem)?;
    format::json(data!({ "rows": restored.rows_by_table().total() }))
}

pub fn routes() -> Routes {
    Routes::new()
        .prefix("/api/deletions")
        .add("/{id}/undo", post(undo))
}

//! The application on SQLite, as `config/test.yaml` has it.
//!
//! Not in one binary with `active_schema.rs`: attaching to a schema of active rows holds for the whole process.

mod app;
mod unchanged;

use axum_test::TestServer;
use loco_rs::{app::AppContext, testing::prelude::request_with_create_db};
use notes::app::App;

async fn request<F, Fut>(test: F)
where
    F: FnOnce(TestServer, AppContext) -> Fut,
    Fut: Future<Output = ()>,
{
    request_with_create_db::<App, _, _>(test).await;
}

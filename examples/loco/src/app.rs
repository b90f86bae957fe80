use std::path::Path;

use async_trait::async_trait;
use loco_rs::{
    Result,
    app::{AppContext, Hooks},
    bgworker::Queue,
    boot::{BootResult, StartMode, create_app},
    config::Config,
    controller::AppRoutes,
    db::{self, truncate_table},
    environment::Environment,
    task::Tasks,
};
use migration::Migrator;
use serde::Deserialize;
use soft_delete::schema::ActiveSchema;

use crate::{
    controllers,
    models::_entities::{notebooks, notes},
    tasks,
};

pub struct App;

/// `settings` of the configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Settings {
    /// The schema of views that `database.uri` puts first.
    active_schema: Option<String>,
}

#[async_trait]
impl Hooks for App {
    fn app_name() -> &'static str {
        env!("CARGO_CRATE_NAME")
    }

    async fn boot(
        mode: StartMode,
        environment: &Environment,
        config: Config,
    ) -> Result<BootResult> {
        create_app::<Self, Migrator>(mode, environment, config).await
    }

    async fn after_context(ctx: AppContext) -> Result<AppContext> {
        let settings: Settings = ctx.config.settings()?;
        if let Some(schema) = settings.active_schema {
            let views = ActiveSchema::named(schema);
            views.attach(&ctx.db).await.map_err(loco_rs::Error::wrap)?;
        }
        Ok(ctx)
    }

    fn routes(_ctx: &AppContext) -> AppRoutes {
        AppRoutes::with_default_routes()
            .add_route(controllers::notebooks::routes())
            .add_route(controllers::notes::routes())
            .add_route(controllers::deletions::routes())
    }

    async fn connect_workers(_ctx: &AppContext, _queue: &Queue) -> Result<()> {
        Ok(())
    }

    fn register_tasks(tasks: &mut Tasks) {
        tasks.register(tasks::purge::Purge);
        // tasks-inject (do not remove)
    }

    async fn truncate(ctx: &AppContext) -> Result<()> {
        truncate_table(&ctx.db, notes::Entity).await?;
        truncate_table(&ctx.db, notebooks::Entity).await?;
        Ok(())
    }

    async fn seed(ctx: &AppContext, base: &Path) -> Result<()> {
        let file = base.join("notebooks.yaml").display().to_string();
        db::seed::<notebooks::ActiveModel>(&ctx.db, &file).await
    }
}

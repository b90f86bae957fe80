use std::time::Duration;

use loco_rs::prelude::*;

/// Removes what was deleted longer ago than its retention: `cargo loco task purge`, or by the scheduler of `config/*.yaml`.
pub struct Purge;

#[async_trait]
impl Task for Purge {
    fn task(&self) -> TaskInfo {
        TaskInfo {
            name: "purge".to_owned(),
            detail: "Removes deleted rows whose retention has expired".to_owned(),
        }
    }

    async fn run(&self, ctx: &AppContext, vars: &task::Vars) -> Result<()> {
        let minutes = vars.cli_arg("minutes").ok().and_then(|it| it.parse().ok());
        let purge = soft_delete::Purge::new()
            // What is left then is for the next run.
            .deadline(Duration::from_secs(60 * minutes.unwrap_or(30)));
        let report = purge.exec(&ctx.db).await.map_err(Error::wrap)?;
        tracing::info!(rows = report.rows_purged(), "purged");
        Ok(())
    }
}

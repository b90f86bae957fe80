//! `stats`: how much there is.

use std::fmt;

use serde::Serialize;

use super::{
    args::StatsArgs,
    failure::{Failure, Status},
    output::{BOLD, DIM, clean},
    session::Session,
};
use crate::{Stats, StatsReader};

pub(super) async fn run(session: &Session, args: StatsArgs) -> Result<Status, Failure> {
    let mut reader = StatsReader::new(&session.registry);
    if args.exact {
        reader = reader.exact();
    }
    let db = session.connect().await?;
    let stats = reader.read(&db).await?;
    session.output.show(&Figures(stats))?;
    Ok(Status::Fine)
}

#[derive(Serialize)]
#[serde(transparent)]
struct Figures(Stats);

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = clean(&self.0.to_string());
        let (headings, tables) = text.split_once('\n').unwrap_or((&text, ""));
        write!(f, "{BOLD}{headings}{BOLD:#}\n{tables}")?;
        if tables.contains('~') || tables.contains('≥') {
            write!(
                f,
                "\n{DIM}~ is an estimate, ≥ at least so many; `--exact` counts every row{DIM:#}"
            )?;
        }
        Ok(())
    }
}

//! `stats`: how much there is.

mod document;

use std::fmt;

use serde::{Serialize, Serializer};

use self::document::Document;
use super::{
    args::StatsArgs,
    failure::{Failure, Status},
    output::{BOLD, DIM, clean},
    session::Session,
};
use soft_delete_retention::{Stats, StatsReader};

pub(super) async fn run(session: &Session, args: StatsArgs) -> Result<Status, Failure> {
    let mut reader = StatsReader::new().registry(&session.registry);
    if args.exact {
        reader = reader.exact();
    }
    let db = session.connect().await?;
    let stats = reader.exec(&db).await?;
    session.output.show(&Figures {
        stats,
        exact: args.exact,
    })?;
    Ok(Status::Success)
}

struct Figures {
    stats: Stats,
    /// Whether every row was counted.
    exact: bool,
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document::new(&self.stats, self.exact).serialize(serializer)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = clean(&self.stats.to_string());
        let (headings, tables) = text.split_once('\n').unwrap_or((&text, ""));
        write!(f, "{BOLD}{headings}{BOLD:#}\n{tables}")?;
        if !self.exact && (tables.contains('~') || tables.contains('≥')) {
            write!(
                f,
                "\n{DIM}~ is an estimate, ≥ at least so many; `--exact` counts every row{DIM:#}"
            )?;
        }
        Ok(())
    }
}

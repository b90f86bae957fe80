//! One run: the entities it is about, and the database.

use std::time::Duration;

use sea_orm::DatabaseConnection;

use super::{
    args::Global,
    connect::{connect, database_url, no_database},
    failure::{Failure, unknown},
    output::Output,
};
use soft_delete_core::{DEFAULT_GROUP, EntityMeta, Registry, Trash};

/// One run of the command line.
pub(super) struct Session {
    /// The entities of one group.
    pub(super) registry: Registry,
    pub(super) trash: Trash,
    pub(super) output: Output,
    database_url: Option<String>,
    default_url: Option<String>,
    connect_timeout: Duration,
    /// If the database was asked for the entities.
    connection: Option<DatabaseConnection>,
}

impl Session {
    pub(super) fn new(
        registry: &Registry,
        args: Global,
        default_url: Option<&str>,
        output: Output,
    ) -> Result<Self, Failure> {
        registry.check()?;
        let name = group_name(registry, args.group.as_deref())?;
        let registry = registry.of_group(name);
        Ok(Self {
            trash: Trash::of(&registry, name)?,
            registry,
            output,
            database_url: args.database_url,
            connect_timeout: args.connect_timeout,
            connection: None,
            default_url: default_url.map(str::to_owned),
        })
    }

    /// On this connection.
    pub(super) fn connected(mut self, db: DatabaseConnection) -> Self {
        self.connection = Some(db);
        self
    }

    /// Connects, once the arguments are known to make sense.
    pub(super) async fn connect(&self) -> Result<DatabaseConnection, Failure> {
        if let Some(db) = &self.connection {
            return Ok(db.clone());
        }
        let url = match (
            database_url(self.database_url.as_deref())?,
            &self.default_url,
        ) {
            (Some(url), _) => url,
            (None, Some(url)) => url.clone(),
            (None, None) => return Err(no_database()),
        };
        connect(&url, self.connect_timeout).await
    }

    /// The entity of a table.
    pub(super) fn entity(&self, table: &str) -> Result<&EntityMeta, Failure> {
        Ok(self.trash.entity(table)?)
    }
}

fn group_name<'r>(registry: &'r Registry, given: Option<&str>) -> Result<&'r str, Failure> {
    let mut names: Vec<&str> = registry.entities().map(|meta| meta.group).collect();
    names.dedup();
    if let Some(given) = given {
        let found = names.iter().find(|name| **name == given);
        return found
            .copied()
            .ok_or_else(|| unknown("group", given, names.iter().map(ToString::to_string)));
    }
    match names.as_slice() {
        [] => Ok(DEFAULT_GROUP),
        [only] => Ok(only),
        names if names.contains(&DEFAULT_GROUP) => Ok(DEFAULT_GROUP),
        names => Err(Failure::usage_error("the entities are in several groups")
            .tip(format!("pass `--group` with one of {}", names.join(", ")))),
    }
}

//! One run: the entities it is about, and the database.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use super::{
    args::Global,
    connect::{connect, database_url, no_database},
    failure::Failure,
    output::Output,
};
use soft_delete_core::{DEFAULT_GROUP, EntityMeta, Registry, engine_api::Group};
use soft_delete_schema::schema_api::similar::most_similar;

/// One run of the command line.
pub(super) struct Session {
    /// The entities of one group.
    pub(super) registry: Registry,
    pub(super) group: Arc<Group>,
    pub(super) output: Output,
    database_url: Option<String>,
    default_url: Option<String>,
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
            group: registry.group(name)?,
            registry,
            output,
            database_url: args.database_url,
            default_url: default_url.map(str::to_owned),
        })
    }

    /// Connects, once the arguments are known to make sense.
    pub(super) async fn connect(&self) -> Result<DatabaseConnection, Failure> {
        let url = match (
            database_url(self.database_url.as_deref())?,
            &self.default_url,
        ) {
            (Some(url), _) => url,
            (None, Some(url)) => url.clone(),
            (None, None) => return Err(no_database()),
        };
        connect(&url).await
    }

    /// The entity of a table, by its place in the group.
    pub(super) fn entity(&self, table: &str) -> Result<usize, Failure> {
        let entities = self.group.entities();
        if let Some(place) = entities
            .iter()
            .position(|meta| meta.table.to_string() == table)
        {
            return Ok(place);
        }
        // The schema may be left out where that is clear.
        let mut same_name =
            (0..entities.len()).filter(|place| entities[*place].table.name == table);
        match (same_name.next(), same_name.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(Failure::not_understood(format!(
                "there are several tables `{table}`"
            ))
            .tip("name the schema too: `schema.table`")),
            (None, _) => Err(unknown(
                "table",
                table,
                entities.iter().map(|meta| meta.table.to_string()),
            )),
        }
    }

    pub(super) fn meta(&self, entity: usize) -> &EntityMeta {
        self.group.entity(entity)
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
        names => Err(
            Failure::not_understood("the entities are in several groups")
                .tip(format!("say `--group` with one of {}", names.join(", "))),
        ),
    }
}

/// What is not there, and what may have been meant.
fn unknown(what: &str, name: &str, names: impl Iterator<Item = String>) -> Failure {
    let names: Vec<_> = names.collect();
    let similar = most_similar(name, names.iter().map(String::as_str));
    Failure::not_understood(format!("there is no {what} `{name}` among the entities")).tip(
        match similar {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => format!("there are {}", names.join(", ")),
        },
    )
}

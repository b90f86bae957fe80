//! Schemas of active rows that are not as the tables are.

use sea_orm::ConnectionTrait;

use super::finding::{Check, Finding, Severity};
use crate::{ActiveSchema, active_schema, catalog::Catalog};
use soft_delete_core::{Error, Registry, TableName};

/// What [`ActiveSchema::create`] would do to those that show tables of the registry.
pub(super) async fn examine<C: ConnectionTrait>(
    registry: &Registry,
    db: &C,
    catalog: &Catalog,
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for layer in active_schema::of_tables(registry, db, catalog).await? {
        match layer.plan(db).await {
            Ok(changes) => findings.extend(changes.into_iter().map(|change| {
                let table = change.table().clone();
                finding(&layer, &table, format!("{change} is left to do"), change)
            })),
            // Something else has to be fixed first.
            Err(Error::Schema(problem)) => {
                let table = TableName::new(layer.name());
                let problem = problem.to_string();
                findings.push(finding(&layer, &table, problem.clone(), problem));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(findings)
}

fn finding(
    layer: &ActiveSchema,
    table: &TableName,
    problem: String,
    fix: impl Into<super::Fix>,
) -> Finding {
    Finding::new(
        Severity::Error,
        Check::ActiveSchema,
        table,
        format!(
            "the schema `{}` is not as the tables are: {problem}",
            layer.name()
        ),
        "connections that begin with it see other columns or rows than the tables have, or deleted ones",
        fix,
    )
}

//! Entities read from the database's catalog, for a program that has none.

use std::time::Duration;

use sea_orm::{ColumnType, DatabaseConnection, DbBackend, DbErr, sea_query::ArrayType};
use soft_delete_core::{
    ColumnMeta, EntityMeta, ForeignKeyMeta, OnDelete, Registry, StampColumns, TableName, TimeKind,
    UniqueKey,
};
use soft_delete_schema::schema_api::{
    catalog::{Catalog, Table},
    index::unique_among_active,
};

use crate::{
    args::CatalogArgs,
    dialect::{column_type, holds_uuid, time_kind},
    failure::Failure,
};

/// What the catalog says.
pub(crate) struct Found {
    pub(crate) registry: Registry,
    /// Tables with a `deleted_at` that are left out, and why.
    pub(crate) left_out: Vec<String>,
    /// What the database removes along with a row, and knows nothing of deleted rows.
    pub(crate) removed_along: Vec<String>,
}

/// Makes a soft-deletable entity of each table that has the column.
pub(crate) async fn read(db: &DatabaseConnection, args: &CatalogArgs) -> Result<Found, Failure> {
    let backend = db.get_database_backend();
    let schema = TableName {
        schema: args.schema.clone(),
        name: String::new(),
    };
    let catalog = Catalog::of_schemas(db, &[&schema]).await?;
    let mut entities = Vec::new();
    let mut left_out = Vec::new();
    for table in catalog.tables() {
        let name = TableName {
            schema: args.schema.clone(),
            name: table.name.clone(),
        };
        // Of tables of one name the search path has the first only.
        let is_found = catalog
            .find(&name)
            .is_some_and(|found| found.schema == table.schema);
        if !is_found || table.is_view || table.is_part || is_archive(table) {
            continue;
        }
        match describe(backend, table, name, args) {
            Ok(Some(meta)) => entities.push((meta, table)),
            Ok(None) => {}
            Err(why) => left_out.push(format!("`{}` is left out: {why}", table.name)),
        }
    }
    let removed_along = removed_along(&catalog, &entities);
    let registry = entities
        .into_iter()
        .fold(Registry::builder(), |builder, (meta, _)| builder.meta(meta));
    Ok(Found {
        registry: registry.build(),
        left_out,
        removed_along,
    })
}

/// Its `deleted_at` tells of rows that are gone from their tables.
fn is_archive(table: &Table) -> bool {
    ["row_key", "archived_at", "fingerprint"]
        .iter()
        .all(|name| table.column(name).is_some())
}

/// `None` if the table has no such column.
fn describe(
    backend: DbBackend,
    table: &Table,
    name: TableName,
    args: &CatalogArgs,
) -> Result<Option<EntityMeta>, String> {
    let Some(marker) = table.column(&args.marker) else {
        return Ok(None);
    };
    let Some((time_type, kind)) = time_kind(backend, &marker.type_name) else {
        return Err(format!(
            "its `{}` is `{}`, which holds no time",
            marker.name, marker.type_name
        ));
    };
    if !marker.nullable {
        return Err(format!(
            "its `{}` is NOT NULL, so that no row can be active",
            marker.name
        ));
    }
    let primary_key = table.primary_key();
    if primary_key.is_empty() {
        return Err("it has no primary key".to_owned());
    }
    let columns = table.columns.iter().map(|column| {
        let (column_type, value_type) = match column.name == marker.name {
            true => (time_type.clone(), value_type(kind)),
            false => column_type(backend, &column.type_name),
        };
        ColumnMeta::described(&column.name, column_type, value_type, column.nullable)
    });
    let columns: Vec<_> = columns.collect();
    let stamp = stamp(backend, table, &marker.name, kind);
    let mut meta = EntityMeta::described(name.clone(), columns, primary_key, stamp);
    meta.unique = unique_keys(backend, table, &marker.name).map_err(|error| error.to_string())?;
    meta.foreign_keys = foreign_keys(table, &name);
    meta.retention = args.retention;
    Ok(Some(meta))
}

fn value_type(kind: TimeKind) -> ArrayType {
    match kind {
        TimeKind::ChronoNaive => ArrayType::ChronoDateTime,
        _ => ArrayType::ChronoDateTimeUtc,
    }
}

/// With the companions that have the usual names and types.
fn stamp(backend: DbBackend, table: &Table, marker: &str, kind: TimeKind) -> StampColumns {
    let mut stamp = StampColumns::described(marker, kind);
    let named = |name| table.column(name).filter(|column| column.nullable);
    if let Some(id) = named("deletion_id").filter(|id| holds_uuid(backend, &id.type_name)) {
        stamp.deletion_id = Some(id.name.clone());
    }
    if let Some(by) = named("deleted_by") {
        stamp.deleted_by = Some(by.name.clone());
    }
    let is_text = |type_name: &str| {
        matches!(
            column_type(backend, type_name),
            (ColumnType::Text | ColumnType::String(_), ArrayType::String)
        )
    };
    if let Some(reason) = named("delete_reason").filter(|reason| is_text(&reason.type_name)) {
        stamp.delete_reason = Some(reason.name.clone());
    }
    stamp
}

/// What an index keeps unique among active rows.
fn unique_keys(backend: DbBackend, table: &Table, marker: &str) -> Result<Vec<UniqueKey>, DbErr> {
    let keys = unique_among_active(table, marker, backend)?.into_iter();
    let keys = keys.map(|columns| UniqueKey::new(columns.join("_"), columns));
    Ok(keys.collect())
}

/// The foreign keys, with their rules.
fn foreign_keys(table: &Table, name: &TableName) -> Vec<ForeignKeyMeta> {
    let keys = table.foreign_keys.iter();
    let keys = keys.filter(|key| key.columns.len() == key.parent_columns.len());
    let keys = keys.map(|key| {
        let parent = TableName {
            // The default schema is not named, as that of the tables is not.
            schema: (name.schema.is_some() || key.parent_schema != table.schema)
                .then(|| key.parent_schema.clone()),
            name: key.parent.clone(),
        };
        let rule = match key.on_delete.as_str() {
            "CASCADE" => OnDelete::Cascade,
            "SET NULL" | "SET DEFAULT" => OnDelete::SetNull,
            _ => OnDelete::Restrict,
        };
        ForeignKeyMeta::described(
            &key.columns.join("_"),
            &key.columns,
            parent,
            &key.parent_columns,
            rule,
        )
    });
    keys.collect()
}

/// Rows of tables without the column that a physical DELETE takes along.
fn removed_along(catalog: &Catalog, entities: &[(EntityMeta, &Table)]) -> Vec<String> {
    let is_entity = |child: &Table| {
        entities
            .iter()
            .any(|(_, table)| table.schema == child.schema && table.name == child.name)
    };
    let mut found = Vec::new();
    for (_, parent) in entities {
        for (child, key) in catalog.references(parent) {
            if key.on_delete == "CASCADE" && !is_entity(child) && !child.is_part {
                found.push(format!(
                    "rows of `{}` go with the rows of `{}` that are removed permanently: its foreign key says ON DELETE CASCADE",
                    child.name, parent.name
                ));
            }
        }
    }
    found
}

/// How long deleted rows are kept, which no catalog tells.
pub(crate) fn require_retention(retention: Option<Duration>) -> Result<(), Failure> {
    match retention {
        Some(_) => Ok(()),
        None => Err(Failure::usage_error(
            "the database does not tell how long deleted rows are kept",
        )
        .tip("pass `--retention 30d`")),
    }
}

//! Where the tables are whose names the program's connections take for views of active rows.

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::model::{Error, SchemaError, TableName};

/// The name of the view that tells a schema of active rows from others. It has one row, with the name of the tables' schema.
pub const MARKER_VIEW: &str = "soft_delete_active_schema";

/// Whether the program has been told of any such table, so that most programs take no lock.
static IS_ATTACHED: AtomicBool = AtomicBool::new(false);

/// The schema of each table. The names live as long as the program.
static SCHEMAS: RwLock<BTreeMap<String, &'static str>> = RwLock::new(BTreeMap::new());

/// Remembers that these tables are in a schema, which their names alone don't lead to. A table that has a schema of its own is left
/// out.
///
/// # Errors
///
/// [`SchemaError::AttachedElsewhere`] if one of them is known to be in another; then none is remembered.
pub fn attach<'t>(
    tables: impl IntoIterator<Item = &'t TableName>,
    schema: &str,
) -> Result<(), Error> {
    let mut schemas = SCHEMAS.write().unwrap_or_else(PoisonError::into_inner);
    let tables: Vec<_> = tables
        .into_iter()
        .filter(|table| table.schema.is_none())
        .collect();
    for table in &tables {
        if let Some(known) = schemas.get(&table.name).filter(|known| **known != schema) {
            return Err(SchemaError::AttachedElsewhere {
                table: (*table).clone(),
                schema: (*known).to_owned(),
                other: schema.to_owned(),
            }
            .into());
        }
    }
    let known = schemas.values().find(|known| **known == schema).copied();
    let schema = known.unwrap_or_else(|| Box::leak(schema.into()));
    for table in tables {
        schemas.insert(table.name.clone(), schema);
        IS_ATTACHED.store(true, Ordering::Release);
    }
    Ok(())
}

/// The schema that a table without one is in, if the program was told.
pub(crate) fn of(table: &str) -> Option<&'static str> {
    if !IS_ATTACHED.load(Ordering::Acquire) {
        return None;
    }
    let schemas = SCHEMAS.read().unwrap_or_else(PoisonError::into_inner);
    schemas.get(table).copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_in_one_schema() {
        let [first, second] = ["base_schema_first", "base_schema_second"].map(TableName::new);
        let named = TableName {
            schema: Some("named".to_owned()),
            name: "base_schema_named".to_owned(),
        };
        attach([&first, &named], "shop").unwrap();
        attach([&first], "shop").unwrap();
        let error = attach([&second, &first], "other").unwrap_err();
        assert!(error.to_string().contains("`shop`"), "{error}");
        assert_eq!(of(&first.name), Some("shop"));
        assert_eq!((of(&second.name), of(&named.name)), (None, None));
        assert_eq!(first.in_schema(), Some("shop"));
        assert_eq!(named.in_schema(), Some("named"));
        assert_eq!(first.to_string(), "base_schema_first");
    }
}

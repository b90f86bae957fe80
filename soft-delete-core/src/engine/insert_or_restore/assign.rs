//! The new values of deleted rows: one UPDATE for rows whose models set the same columns.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DbBackend, Value,
    sea_query::{CaseStatement, Expr, Query, UpdateStatement},
};

use super::{
    find::{Found, deleted_rows},
    given::Given,
};
use crate::{
    engine::{
        cascade::rows::{has_key, iden},
        value::equals,
    },
    model::{EntityMeta, Error, display::display_key},
};

/// So many rows are written by one statement. Each is looked for among the others' values.
const ROWS_PER_STATEMENT: usize = 100;

/// A model, and the key of the row that it means.
type Meant<'m> = (&'m Given, &'m Vec<Value>);

/// Writes what models set into the deleted rows that they mean. The rows stay deleted.
///
/// # Errors
///
/// [`Error::NotUpdated`] if one is not deleted any more, or was not changed.
pub(super) async fn assign<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    models: &[Given],
    found: &Found,
) -> Result<(), Error> {
    let backend = db.get_database_backend();
    let mut groups: BTreeMap<Vec<&str>, Vec<Meant<'_>>> = BTreeMap::new();
    for (place, model) in models.iter().enumerate() {
        if let Some(key) = found.key(place) {
            let columns = columns_to_write(meta, model);
            groups.entry(columns).or_default().push((model, key));
        }
    }
    for (columns, rows) in groups {
        if columns.is_empty() {
            continue;
        }
        for rows in rows.chunks(ROWS_PER_STATEMENT) {
            let update = write(meta, &columns, rows, backend);
            let updated = db.execute(&update).await?.rows_affected();
            if updated < rows.len() as u64 {
                let keys = rows.iter().take(5).map(|(_, key)| display_key(key));
                return Err(Error::NotUpdated {
                    table: meta.table.clone(),
                    rows: keys.collect::<Vec<_>>().join(", "),
                });
            }
        }
    }
    Ok(())
}

/// Whether any row gets a value.
pub(super) fn writes_any(meta: &EntityMeta, models: &[Given], found: &Found) -> bool {
    let mut models = models.iter().enumerate();
    models.any(|(place, model)| {
        found.key(place).is_some() && !columns_to_write(meta, model).is_empty()
    })
}

/// A row keeps its key. It gets its stamp from the restore.
fn columns_to_write<'m>(meta: &EntityMeta, model: &'m Given) -> Vec<&'m str> {
    let is_kept = |name: &str| {
        let mut stamp = meta.stamp.names();
        meta.primary_key.iter().any(|key| key == name) || stamp.any(|other| other == name)
    };
    let mut columns = model.columns();
    columns.retain(|name| !is_kept(name));
    columns
}

fn write(
    meta: &EntityMeta,
    columns: &[&str],
    rows: &[Meant<'_>],
    backend: DbBackend,
) -> UpdateStatement {
    let mut update = Query::update();
    update.table(meta.table.to_ref());
    for name in columns {
        let values = rows.iter().filter_map(|(model, key)| {
            let mut values = model.values.iter();
            let given = values.find(|given| given.column == *name)?;
            Some((*key, &given.saved))
        });
        let values: Vec<_> = values.collect();
        let Some((_, first)) = values.first() else {
            continue;
        };
        let value = match values.iter().all(|(_, value)| value == first) {
            true => (*first).clone(),
            false => by_key(meta, &values, backend),
        };
        update.value(iden(name), value);
    }
    let keys = rows.iter().map(|(_, key)| *key);
    update.and_where(deleted_rows(meta, keys, backend));
    update
}

/// `CASE WHEN id = $1 THEN $2 WHEN id = $3 THEN $4 … END`
fn by_key(meta: &EntityMeta, values: &[(&Vec<Value>, &Expr)], backend: DbBackend) -> Expr {
    let mut case = CaseStatement::new();
    for (key, value) in values {
        let is_it = match meta.primary_key.len() {
            1 => equals(meta, &meta.primary_key, key, backend),
            _ => has_key(meta, [*key], backend),
        };
        case = case.case(is_it, (*value).clone());
    }
    case.into()
}

//! Several rows: named on the command line or in a file, and changed all together or not at all.

use std::{fs, io, path::Path};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, IsolationLevel, TransactionTrait as _,
    sea_query::ArrayType,
};
use soft_delete_core::{
    EntityMeta,
    engine_api::dialect::{locks_rows, write_transaction},
};

use crate::{args::RowsArgs, failure::Failure, key::Key};

/// The rows that are named, each once, in their order.
pub(crate) fn keys(meta: &EntityMeta, args: &RowsArgs) -> Result<Vec<Key>, Failure> {
    let given = match &args.from_file {
        Some(path) => of_file(meta, path)?,
        None => of_arguments(meta, &args.key)?,
    };
    let mut keys: Vec<Key> = Vec::with_capacity(given.len());
    let mut seen = std::collections::BTreeSet::new();
    for key in given {
        if seen.insert(key.texts()) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Each argument is a key; or all together are one, the values of its columns.
fn of_arguments(meta: &EntityMeta, given: &[String]) -> Result<Vec<Key>, Failure> {
    let columns = meta.primary_key.len();
    if columns > 1 && given.len() == columns && given.iter().all(|text| !is_json(text)) {
        let are_keys = given.iter().all(|text| text.split(',').count() == columns);
        if !are_keys {
            return Ok(vec![Key::parse(meta, given)?]);
        }
        if has_text(meta) {
            return Err(Failure::usage_error(format!(
                "these may be the {columns} values of one key of `{}`, or {columns} keys",
                meta.table
            ))
            .tip("write each key as JSON, such as '[\"a\", \"b\"]'"));
        }
    }
    let keys = given.iter().map(|text| key(meta, text));
    keys.collect()
}

fn has_text(meta: &EntityMeta) -> bool {
    let columns = meta.primary_key.iter().filter_map(|name| meta.column(name));
    let mut types = columns.map(|column| &column.value_type);
    types.any(|of| *of == ArrayType::String)
}

/// A key on each line, as on the command line or as `--json` prints it.
fn of_file(meta: &EntityMeta, path: &Path) -> Result<Vec<Key>, Failure> {
    let text = match path.as_os_str() == "-" {
        true => io::read_to_string(io::stdin()),
        false => fs::read_to_string(path),
    };
    let name = path.display();
    let text =
        text.map_err(|error| Failure::usage_error(format!("`{name}` can't be read: {error}")))?;
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let keys = lines.map(|(place, line)| {
        key(meta, line.trim())
            .map_err(|failure| failure.at(&format!("line {} of `{name}`", place + 1)))
    });
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    match keys.is_empty() {
        true => {
            Err(Failure::usage_error(format!("`{name}` names no row"))
                .tip("write a key on each line"))
        }
        false => Ok(keys),
    }
}

fn is_json(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(serde_json::Value::Array(_)))
}

/// `7`, `7,3`, or `[7, 3]`.
fn key(meta: &EntityMeta, text: &str) -> Result<Key, Failure> {
    let Ok(serde_json::Value::Array(values)) = serde_json::from_str(text) else {
        return Key::parse(meta, &[text.to_owned()]);
    };
    let texts = values.iter().map(|value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Key::of_texts(meta, &texts.collect::<Vec<_>>())
}

/// A transaction for several rows. Where the database has isolation levels it sees what others commit.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, Failure> {
    let backend = db.get_database_backend();
    let mut options = write_transaction(backend);
    if locks_rows(backend) {
        options.isolation_level = Some(IsolationLevel::ReadCommitted);
    }
    Ok(db.begin_with_options(options).await?)
}

/// Commits if nothing was refused. Else nothing is done, and all that was refused is told.
pub(crate) async fn end<T>(
    transaction: DatabaseTransaction,
    rows: Vec<(String, Result<T, Failure>)>,
) -> Result<Vec<T>, Failure> {
    let done = all(rows);
    match done {
        Ok(_) => transaction.commit().await?,
        Err(_) => transaction.rollback().await?,
    }
    done
}

/// What was done of each row, or all that was refused, with the names of the rows if there are several.
pub(crate) fn all<T>(rows: Vec<(String, Result<T, Failure>)>) -> Result<Vec<T>, Failure> {
    let total = rows.len();
    let mut done = Vec::with_capacity(total);
    let mut refused = Vec::new();
    for (name, result) in rows {
        match result {
            Ok(row) => done.push(row),
            Err(failure) if total == 1 => return Err(failure),
            Err(failure) => refused.push(failure.at(&name)),
        }
    }
    match refused.is_empty() {
        true => Ok(done),
        false => Err(Failure::of_several(refused, total)),
    }
}

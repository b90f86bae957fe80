//! Values of `deleted_at` that are no time, and texts of SQLite in more than one form.

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::{Check, Finding, Severity};
use crate::{
    Change,
    catalog::Table,
    change::refused,
    dialect::{Dialect, TimeSample},
    index,
};
use soft_delete_core::{EntityMeta, Error};

/// Deleted rows that are looked at in each table.
const ROWS: u64 = 10_000;
/// Keys that are told.
const KEYS: u64 = 3;
/// Tables that one statement asks for.
const AT_ONCE: usize = 100;

/// A table whose times can be looked at.
pub(super) struct Timed {
    meta: EntityMeta,
    is_indexed: bool,
}

impl Timed {
    pub(super) fn new(meta: &EntityMeta, table: &Table) -> Option<Self> {
        meta.stamp.require_time(&meta.table, "the doctor").ok()?;
        let deleted_at = &meta.stamp.deleted_at;
        let mut needed = meta.primary_key.iter().chain([deleted_at]);
        let mut indexes = table.indexes.iter();
        needed
            .all(|name| table.column(name).is_some())
            .then(|| Self {
                meta: meta.clone(),
                is_indexed: indexes.any(|found| index::leads_to_deleted(table, found, deleted_at)),
            })
    }
}

/// Rows whose `deleted_at` no program can read.
pub(super) async fn unreadable<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    timed: &[Timed],
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for some in timed.chunks(AT_ONCE) {
        let arms = some.iter().enumerate();
        let arms = arms.map(|(place, one)| select_unreadable(dialect, place, one));
        let mut found: Vec<(usize, Vec<String>)> = Vec::new();
        for row in query(db, arms).await? {
            let place = place(&row)?;
            let key: String = row.try_get_by_index(1)?;
            match found.last_mut().filter(|(last, _)| *last == place) {
                Some((_, keys)) => keys.push(key),
                None => found.push((place, vec![key])),
            }
        }
        for (place, keys) in found {
            if let Some(one) = some.get(place) {
                findings.push(is_no_time(dialect, &one.meta, keys));
            }
        }
    }
    Ok(findings)
}

/// Tables of SQLite with texts of several forms.
pub(super) async fn mixed<C: ConnectionTrait>(
    db: &C,
    dialect: &dyn Dialect,
    timed: &[Timed],
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    if !dialect.stores_times_as_text() {
        return Ok(findings);
    }
    for some in timed.chunks(AT_ONCE) {
        let arms = some.iter().enumerate();
        let arms = arms.map(|(place, one)| select_forms(dialect, place, &one.meta));
        let mut forms = vec![Vec::new(); some.len()];
        for row in query(db, arms).await? {
            let example: String = row.try_get_by_index(1)?;
            let rows: i64 = row.try_get_by_index(2)?;
            if let Some(forms) = forms.get_mut(place(&row)?) {
                forms.push(format!("'{example}' ({rows} rows)"));
            }
        }
        for (one, forms) in some.iter().zip(forms) {
            if forms.len() > 1 {
                findings.push(has_forms(dialect, &one.meta, &forms));
            }
        }
    }
    Ok(findings)
}

async fn query<C: ConnectionTrait>(
    db: &C,
    arms: impl Iterator<Item = String>,
) -> Result<Vec<QueryResult>, Error> {
    let sql = format!(
        "{} ORDER BY 1",
        arms.collect::<Vec<_>>().join(" UNION ALL ")
    );
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await;
    rows.map_err(|error| refused("look at the times of deleted rows", error))
}

fn place(row: &QueryResult) -> Result<usize, Error> {
    let place: i64 = row.try_get_by_index(0)?;
    Ok(usize::try_from(place).unwrap_or(usize::MAX))
}

fn select_unreadable(dialect: &dyn Dialect, place: usize, one: &Timed) -> String {
    let meta = &one.meta;
    let deleted_at = format!("r.{}", dialect.quote(&meta.stamp.deleted_at));
    let columns = meta.primary_key.iter().chain([&meta.stamp.deleted_at]);
    let columns: Vec<_> = columns
        .map(|name| format!("r.{}", dialect.quote(name)))
        .collect();
    let rows = dialect.times_to_examine(&TimeSample {
        table: &dialect.quote_table(&meta.table),
        columns: &columns.join(", "),
        deleted_at: &deleted_at,
        is_indexed: one.is_indexed,
        limit: ROWS,
    });
    format!(
        "SELECT t.place, t.row_key FROM (SELECT {} AS place, {} AS row_key FROM {rows} {} LIMIT {}) AS t",
        dialect.big_integer(place),
        dialect.key_as_text(meta),
        dialect.is_unreadable_time(&deleted_at),
        KEYS + 1,
    )
}

fn is_no_time(dialect: &dyn Dialect, meta: &EntityMeta, keys: Vec<String>) -> Finding {
    let name = &meta.stamp.deleted_at;
    let more = if keys.len() as u64 > KEYS {
        ", and more"
    } else {
        ""
    };
    let keys: Vec<_> = keys.into_iter().take(KEYS as usize).collect();
    let kind = dialect.unreadable_time();
    let (table, column) = (dialect.quote_table(&meta.table), dialect.quote(name));
    Finding::new(
        Severity::Error,
        Check::UnreadableTime,
        &meta.table,
        format!(
            "`{name}` is {kind} in the rows with the key ({}): {}{more}",
            meta.primary_key.join(", "),
            keys.join("; "),
        ),
        "such a row counts as deleted, can't be read as a model, is never purged, and may stop a delete or restore that meets it",
        format!(
            "give the rows the time when they were deleted, or NULL to make them active: UPDATE {table} SET {column} = … WHERE …"
        ),
    )
}

/// What follows the seconds, without their fraction: `Z`, `+02:00`, or nothing.
fn offset(deleted_at: &str) -> String {
    format!("ltrim(substr({deleted_at}, 20), '.0123456789')")
}

/// What tells the forms apart: what divides day and time, and how the offset is written.
fn form(deleted_at: &str) -> String {
    format!("substr({deleted_at}, 11, 1) || {}", offset(deleted_at))
}

fn is_text(deleted_at: &str) -> String {
    format!("typeof({deleted_at}) = 'text' AND julianday({deleted_at}) IS NOT NULL")
}

fn select_forms(dialect: &dyn Dialect, place: usize, meta: &EntityMeta) -> String {
    let deleted_at = dialect.quote(&meta.stamp.deleted_at);
    format!(
        "SELECT * FROM (SELECT {place} AS place, MIN(t.example), COUNT(*) FROM (SELECT {deleted_at} AS example, {} AS form \
         FROM {} WHERE {deleted_at} IS NOT NULL AND {} LIMIT {ROWS}) AS t GROUP BY t.form)",
        form(&deleted_at),
        dialect.quote_table(&meta.table),
        is_text(&deleted_at),
    )
}

fn has_forms(dialect: &dyn Dialect, meta: &EntityMeta, forms: &[String]) -> Finding {
    let name = &meta.stamp.deleted_at;
    Finding::new(
        Severity::Warning,
        Check::MixedTimes,
        &meta.table,
        format!(
            "`{name}` has texts of {} forms: {}",
            forms.len(),
            forms.join(", ")
        ),
        "their order is not that of time, for ORDER BY, filters and indexes; a purge takes some rows up to a day late",
        in_one_form(dialect, meta),
    )
}

/// Writes all texts in the form in which the entity's type is written, in UTC.
fn in_one_form(dialect: &dyn Dialect, meta: &EntityMeta) -> Change {
    let kind = meta.stamp.deleted_at_kind;
    let (between, end) = match (kind.has_zone(), kind.ends_in_z()) {
        (true, false) => ("T", "+00:00"),
        (true, true) => ("T", "Z"),
        (false, _) => (" ", ""),
    };
    let d = dialect.quote(&meta.stamp.deleted_at);
    let rest = format!("substr({d}, 20)");
    // As many digits as there are, up to six, and then three or six of them.
    let fraction = format!(
        "rtrim(substr({rest}, 1, min(7, length({rest}) - length(ltrim({rest}, '.0123456789')))), '0')"
    );
    let seconds = format!(
        "strftime('%Y-%m-%d{between}%H:%M:%S', substr({d}, 1, 19) || {})",
        offset(&d)
    );
    let description = format!(
        "write the texts of `{}` of `{}` in one form",
        meta.stamp.deleted_at, meta.table
    );
    Change::new(&meta.table, description).sql(format!(
        "UPDATE {} SET {d} = {seconds} || CASE WHEN length({fraction}) < 2 THEN '' WHEN length({fraction}) <= 4 \
         THEN substr({fraction} || '000', 1, 4) ELSE substr({fraction} || '000000', 1, 7) END || '{end}' \
         WHERE {} AND {} <> '{between}{end}'",
        dialect.quote_table(&meta.table),
        is_text(&d),
        form(&d),
    ))
}

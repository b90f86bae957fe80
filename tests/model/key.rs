//! The keys of the tables: in cases and in the oracle a number, in the database of a type of its own for each table.

use sea_orm::{
    DbErr, QueryResult, Value,
    prelude::{Decimal, Uuid},
    sea_query::{Alias, Expr, ExprTrait as _},
};

use super::schema::Table;

/// What stands for a row's number. Keys are in the order of their numbers, as they are shown in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyType {
    Integer,
    Text,
    Uuid,
    Decimal,
    /// `char(8)`, which PostgreSQL pads.
    Char,
    /// A tenant and a number within it.
    Composite,
}

const TYPES: [KeyType; super::schema::TABLES] = [
    KeyType::Integer,
    KeyType::Text,
    KeyType::Uuid,
    KeyType::Decimal,
    KeyType::Char,
    KeyType::Composite,
];

/// How many rows of the last table a tenant has.
const OF_TENANT: i64 = 3;

pub fn integer(id: i64) -> i64 {
    id
}

pub fn text(id: i64) -> String {
    format!("Schlüssel {id:03}")
}

pub fn uuid(id: i64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(id.unsigned_abs()))
}

pub fn decimal(id: i64) -> Decimal {
    Decimal::new(id * 100 + 25, 2)
}

pub fn char(id: i64) -> String {
    format!("c{id:03}")
}

pub fn composite(id: i64) -> (i32, i32) {
    let place = i32::try_from(id - 1).expect("a small number");
    let of_tenant = OF_TENANT as i32;
    (place / of_tenant + 1, place % of_tenant + 1)
}

/// The names of a table's key columns.
pub fn columns(table: Table) -> &'static [&'static str] {
    match TYPES[table] {
        KeyType::Composite => &["tenant", "id"],
        _ => &["id"],
    }
}

/// The names of the columns that refer to a table, in the order of its key. The last is NULL if there is no parent.
pub fn parent_columns(parent: Table) -> &'static [&'static str] {
    const COLUMNS: [&[&str]; super::schema::TABLES] = [
        &["a_id"],
        &["b_id"],
        &["c_id"],
        &["d_id"],
        &["e_id"],
        &["f_tenant", "f_id"],
    ];
    COLUMNS[parent]
}

/// The values of a row's key.
pub fn values(table: Table, id: i64) -> Vec<Value> {
    match TYPES[table] {
        KeyType::Integer => vec![id.into()],
        KeyType::Text => vec![text(id).into()],
        KeyType::Uuid => vec![uuid(id).into()],
        KeyType::Decimal => vec![decimal(id).into()],
        KeyType::Char => vec![char(id).into()],
        KeyType::Composite => {
            let (tenant, id) = composite(id);
            vec![tenant.into(), id.into()]
        }
    }
}

/// Whether it is the row of this number.
pub fn is(table: Table, id: i64) -> Expr {
    equal(columns(table), values(table, id))
}

/// Whether it is one of these rows.
pub fn is_one_of(table: Table, ids: impl IntoIterator<Item = i64>) -> Expr {
    ids.into_iter()
        .map(|id| is(table, id))
        .reduce(|any, next| any.or(next))
        .unwrap_or(Expr::cust("1 = 0"))
}

fn equal(names: &[&'static str], values: Vec<Value>) -> Expr {
    names
        .iter()
        .zip(values)
        .map(|(name, value)| Expr::col(Alias::new(*name)).eq(value))
        .reduce(|all, next| all.and(next))
        .expect("a key has a column")
}

/// What refers to a parent, or to none: columns and their values.
pub fn reference(parent: Table, id: Option<i64>) -> impl Iterator<Item = (&'static str, Value)> {
    let names = parent_columns(parent);
    let values = match id {
        Some(id) => values(parent, id),
        None => {
            let mut none: Vec<_> = values(parent, 1).iter().map(Value::as_null).collect();
            // The tenant of a row does not depend on whether it has such a parent.
            let tenant = none.len() - 1;
            none[..tenant].fill(1_i32.into());
            none
        }
    };
    names.iter().copied().zip(values)
}

/// The number of a row that was read.
pub fn read(row: &QueryResult, table: Table, names: &[&str]) -> Result<Option<i64>, DbErr> {
    let last = names[names.len() - 1];
    let values: Vec<Value> = match TYPES[table] {
        KeyType::Integer => vec![row.try_get::<Option<i64>>("", last)?.into()],
        KeyType::Text | KeyType::Char => vec![row.try_get::<Option<String>>("", last)?.into()],
        KeyType::Uuid => vec![row.try_get::<Option<Uuid>>("", last)?.into()],
        KeyType::Decimal => vec![row.try_get::<Option<Decimal>>("", last)?.into()],
        KeyType::Composite => vec![
            row.try_get::<Option<i32>>("", names[0])?.into(),
            row.try_get::<Option<i32>>("", last)?.into(),
        ],
    };
    match values[values.len() - 1].clone() {
        value if value == value.as_null() => Ok(None),
        _ => Ok(Some(number(table, &values))),
    }
}

/// The number of a row, from the values of its key as the engine tells them. SQLite keeps a decimal as a number.
pub fn number(table: Table, key: &[Value]) -> i64 {
    let found = match (TYPES[table], key) {
        (KeyType::Integer, [Value::BigInt(Some(id))]) => Some(*id),
        (KeyType::Text, [Value::String(Some(key))]) => after(key, "Schlüssel "),
        (KeyType::Char, [Value::String(Some(key))]) => after(key.trim_end(), "c"),
        (KeyType::Uuid, [Value::Uuid(Some(key))]) => Some((key.as_u128() & 0xffff) as i64),
        (KeyType::Decimal, [Value::Decimal(Some(key))]) => after(&key.to_string(), ""),
        (KeyType::Decimal, [Value::String(Some(key))]) => after(key, ""),
        (KeyType::Decimal, [Value::Double(Some(key))]) => Some(*key as i64),
        (KeyType::Composite, [Value::Int(Some(tenant)), Value::Int(Some(id))]) => {
            Some((i64::from(*tenant) - 1) * OF_TENANT + i64::from(*id))
        }
        _ => None,
    };
    let is_it = |id: &i64| (1..1000).contains(id);
    found
        .filter(is_it)
        .unwrap_or_else(|| panic!("not a key of table {table}: {key:?}"))
}

/// The whole number behind this.
fn after(key: &str, prefix: &str) -> Option<i64> {
    let number = key.strip_prefix(prefix)?;
    let whole = number.split('.').next()?;
    whole.parse().ok()
}

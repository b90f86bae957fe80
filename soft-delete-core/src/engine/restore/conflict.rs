//! Rows that can't come back because an active row, or another row that comes back, has their unique values.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
};

use sea_orm::{
    ConnectionTrait, DbBackend, Order, QueryResult, Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement},
};

use super::{
    closure::select,
    rows::{KEYS_PER_STATEMENT, Row, Rows},
};
use crate::{
    dialect,
    engine::{
        cascade::rows::{column, columns, columns_of, has_key, iden, in_scope, row_value},
        value::{read_all, select_value_of, select_values},
    },
    model::{Conflict, ConflictingRow, EntityMeta, Error, Scope, UniqueKey},
};

/// The table's name for the row that holds the values.
const HOLDER: &str = "soft_delete_holder";
/// Goes before the holder's key columns in a result.
const HOLDER_PREFIX: &str = "soft_delete_holder_";

impl Rows<'_> {
    /// The conflicts of the rows that come back.
    ///
    /// `exact` leaves it to the database what is equal among themselves, which reads their whole table: the values of two rows may
    /// differ and be equal by the column's collation.
    pub(super) async fn conflicts<C: ConnectionTrait>(
        &self,
        db: &C,
        exact: bool,
    ) -> Result<Conflict, Error> {
        let mut found = Conflict::default();
        for entity in self.entities() {
            let meta = self.meta(entity);
            let places = self.places(entity, Row::comes_back);
            for unique in &meta.unique {
                let mut seen = BTreeSet::new();
                let mut all = Vec::new();
                for places in places.chunks(KEYS_PER_STATEMENT) {
                    let keys = places.iter().map(|place| &self.row((entity, *place)).key);
                    let members = has_key(meta, keys, self.backend);
                    let members = members.and(in_scope(meta, Scope::OnlyDeleted));
                    let mut held = select_held(meta, unique, &members, self.backend);
                    held.and_where(holder_is(meta, Scope::Active));
                    if exact && dialect::locks_rows(self.backend) {
                        held.lock_exclusive();
                    }
                    for row in db.query_all(&held).await? {
                        let row = ConflictingRow::read(&row, meta, unique, true)?;
                        if seen.insert(format!("{:?}", row.key)) {
                            found.rows.push(row);
                        }
                    }
                    if exact {
                        let others = self.sharing(entity, unique, &members);
                        for row in db.query_all(&others).await? {
                            let row = ConflictingRow::read(&row, meta, unique, false)?;
                            let holder = self.find(entity, &row.holder);
                            if holder.is_some_and(|holder| self.row(holder).comes_back())
                                && seen.insert(format!("{:?}", row.key))
                            {
                                found.rows.push(row);
                            }
                        }
                    } else if places.len() < self.of(entity).len() || places.len() > 1 {
                        let values = values(meta, unique, &members, self.backend);
                        all.extend(db.query_all(&values).await?);
                    }
                }
                collisions(meta, unique, &all, &mut seen, &mut found)?;
            }
        }
        found.sort();
        Ok(found)
    }

    /// Deleted rows of the same values with lower keys, whether they come back or not.
    fn sharing(&self, entity: usize, unique: &UniqueKey, members: &Expr) -> SelectStatement {
        let meta = self.meta(entity);
        let holder = columns_of(HOLDER, &meta.primary_key);
        let own = columns(meta, &meta.primary_key);
        select_held(meta, unique, members, self.backend)
            .and_where(holder_is(meta, Scope::OnlyDeleted))
            .and_where(row_value(holder).lt(row_value(own)))
            .to_owned()
    }
}

/// The keys and unique values of rows, but for those with a NULL among these.
fn values(
    meta: &EntityMeta,
    unique: &UniqueKey,
    members: &Expr,
    backend: DbBackend,
) -> SelectStatement {
    let own = |name: &str| column(meta, name);
    let mut select = select(meta, &[], members.clone());
    select_values(&mut select, meta, &key_and_values(meta, unique), backend);
    if !unique.is_plain() {
        let compared = unique.values(backend, own).into_iter();
        for (place, value) in compared.enumerate() {
            let text = value.cast_as(dialect::text_type(backend));
            select.expr_as(text, Alias::new(compared_as(place)));
        }
    }
    select.and_where_option(unique.is_compared(backend, own));
    select
}

/// What a row's value of an expression is called in a result.
fn compared_as(place: usize) -> String {
    format!("soft_delete_compared_{place}")
}

/// What a row has in common with those that it can't be active with.
fn compared(row: &QueryResult, unique: &UniqueKey, values: &[Value]) -> Result<String, Error> {
    if unique.is_plain() {
        return Ok(format!("{values:?}"));
    }
    let parts = 0..unique.parts().len();
    let texts = parts.map(|place| row.try_get("", &compared_as(place)));
    let texts: Vec<Option<String>> = texts.collect::<Result<_, _>>()?;
    Ok(format!("{texts:?}"))
}

/// Rows that come back and share values with each other: of those the first by key is the holder.
fn collisions(
    meta: &EntityMeta,
    unique: &UniqueKey,
    rows: &[QueryResult],
    seen: &mut BTreeSet<String>,
    found: &mut Conflict,
) -> Result<(), Error> {
    let mut read = Vec::with_capacity(rows.len());
    for row in rows {
        let key = read_all(row, meta, &meta.primary_key, "")?;
        let values = read_all(row, meta, &unique.columns, "")?;
        let compared = compared(row, unique, &values)?;
        read.push((key, values, compared));
    }
    read.sort_by(|(a, ..), (b, ..)| order(a, b));
    let mut holders: HashMap<String, Vec<Value>> = HashMap::new();
    for (key, values, compared) in read {
        let Some(holder) = holders.get(&compared) else {
            holders.insert(compared, key);
            continue;
        };
        if seen.insert(format!("{key:?}")) {
            found.rows.push(ConflictingRow {
                table: meta.table.clone(),
                unique: unique.name.clone(),
                columns: unique.columns.clone(),
                holder: holder.clone(),
                holder_is_active: false,
                key,
                values,
            });
        }
    }
    Ok(())
}

/// The order of keys: numbers as numbers, all else as it reads.
fn order(a: &[Value], b: &[Value]) -> Ordering {
    let number = |value: &Value| value.to_string().parse::<i128>().ok();
    a.iter()
        .zip(b)
        .map(|(a, b)| match (number(a), number(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.to_string().cmp(&b.to_string()),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

impl Conflict {
    /// By table and unique key, those with active rows first, and then in the order of keys.
    fn sort(&mut self) {
        self.rows.sort_by(|a, b| {
            (&a.table, &a.unique, !a.holder_is_active)
                .cmp(&(&b.table, &b.unique, !b.holder_is_active))
                .then_with(|| order(&a.key, &b.key))
        });
    }
}

impl ConflictingRow {
    fn read(
        row: &QueryResult,
        meta: &EntityMeta,
        unique: &UniqueKey,
        holder_is_active: bool,
    ) -> Result<Self, Error> {
        Ok(Self {
            table: meta.table.clone(),
            key: read_all(row, meta, &meta.primary_key, "")?,
            unique: unique.name.clone(),
            columns: unique.columns.clone(),
            values: read_all(row, meta, &unique.columns, "")?,
            holder: read_all(row, meta, &meta.primary_key, HOLDER_PREFIX)?,
            holder_is_active,
        })
    }
}

/// Whether an active row has unique values of this one. `None` if the entity has none.
pub(crate) fn is_held(meta: &EntityMeta, backend: DbBackend) -> Option<Expr> {
    let held = meta.unique.iter();
    let held = held.map(|unique| has_active_holder(meta, unique, backend));
    held.reduce(|any, next| any.or(next))
}

/// Whether an active row has this row's values of a unique key.
pub(crate) fn has_active_holder(meta: &EntityMeta, unique: &UniqueKey, backend: DbBackend) -> Expr {
    let holder = Query::select()
        .expr(Expr::cust("1"))
        .from_as(meta.table.to_ref(), HOLDER)
        .and_where(same_values(meta, unique, backend))
        .and_where(holder_is(meta, Scope::Active))
        .to_owned();
    Expr::exists(holder)
}

/// Rows whose unique values an active row has.
pub(super) fn held_by_active(
    meta: &EntityMeta,
    unique: &UniqueKey,
    members: &Expr,
    backend: DbBackend,
) -> SelectStatement {
    select_held(meta, unique, members, backend)
        .and_where(holder_is(meta, Scope::Active))
        .to_owned()
}

fn holder_is(meta: &EntityMeta, scope: Scope) -> Expr {
    let marker = Expr::col((HOLDER, iden(meta.stamp.marker_column())));
    meta.stamp.predicate(scope, marker)
}

fn key_and_values(meta: &EntityMeta, unique: &UniqueKey) -> Vec<String> {
    let mut names = meta.primary_key.clone();
    let others = unique.columns.iter();
    names.extend(
        others
            .filter(|name| !meta.primary_key.contains(name))
            .cloned(),
    );
    names
}

fn same_values(meta: &EntityMeta, unique: &UniqueKey, backend: DbBackend) -> Expr {
    unique.is_same(
        backend,
        |name| column(meta, name),
        |name| Expr::col((HOLDER, iden(name))),
    )
}

fn select_held(
    meta: &EntityMeta,
    unique: &UniqueKey,
    members: &Expr,
    backend: DbBackend,
) -> SelectStatement {
    let mut select = Query::select();
    select.from(meta.table.to_ref());
    select_values(&mut select, meta, &key_and_values(meta, unique), backend);
    for (name, holder) in meta
        .primary_key
        .iter()
        .zip(columns_of(HOLDER, &meta.primary_key))
    {
        let holder = select_value_of(holder, meta, name, backend);
        select.expr_as(holder, Alias::new(format!("{HOLDER_PREFIX}{name}")));
    }
    select
        .join_as(
            sea_orm::JoinType::InnerJoin,
            meta.table.to_ref(),
            HOLDER,
            same_values(meta, unique, backend),
        )
        .and_where(members.clone());
    for name in &meta.primary_key {
        select.order_by_expr(column(meta, name), Order::Asc);
    }
    for holder in columns_of(HOLDER, &meta.primary_key) {
        select.order_by_expr(holder, Order::Asc);
    }
    select
}

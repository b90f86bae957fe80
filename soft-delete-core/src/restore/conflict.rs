//! Rows that can't come back because an active row, or another row that comes back, has their unique values.

use std::{collections::BTreeSet, fmt};

use sea_orm::{
    ConnectionTrait, Order, Value,
    sea_query::{Alias, Expr, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    EntityMeta, Error, Scope, UniqueKey, backend,
    cascade::rows::{column, columns, columns_of, equal, in_select, row_value},
    value::{display, display_key, read_all},
};

/// The table's name for the row that holds the values.
const HOLDER: &str = "soft_delete_holder";
/// Goes before the holder's key columns in a result.
const HOLDER_PREFIX: &str = "soft_delete_holder_";

/// All conflicts of a restore: for each table and unique key those with active rows, and then those of restored rows with
/// each other, in the order of keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conflict {
    rows: Vec<ConflictingRow>,
}

impl Conflict {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The conflicts, one for each row and unique key.
    pub fn iter(&self) -> std::slice::Iter<'_, ConflictingRow> {
        self.rows.iter()
    }
}

impl<'a> IntoIterator for &'a Conflict {
    type Item = &'a ConflictingRow;
    type IntoIter = std::slice::Iter<'a, ConflictingRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        for (place, row) in self.iter().take(SHOWN).enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            row.fmt(f)?;
        }
        match self.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// A deleted row whose unique values another row has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConflictingRow {
    /// The table of both rows.
    pub table: String,
    /// The deleted row's primary key.
    pub key: Vec<Value>,
    /// The name of the unique key: see [`UniqueKey`].
    pub unique: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The values of these columns, which both rows have.
    pub values: Vec<Value>,
    /// The primary key of the row that has the values.
    pub holder: Vec<Value>,
    /// Whether that row is active. If not, it is another row that the same restore brings back.
    pub holder_is_active: bool,
}

impl fmt::Display for ConflictingRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<_> = self
            .columns
            .iter()
            .zip(&self.values)
            .map(|(column, value)| format!("{column} = {}", display(value)))
            .collect();
        let holder = if self.holder_is_active {
            "active row"
        } else {
            "restored row"
        };
        write!(
            f,
            "`{}` {}: {holder} {} has {}",
            self.table,
            display_key(&self.key),
            display_key(&self.holder),
            values.join(" and ")
        )
    }
}

/// Finds the conflicts of the rows of one table that are to come back.
///
/// `members` is the condition on them, and `may_collide` tells whether there may be two. `locking` reads the latest committed rows where the transaction's own view of the
/// database may be older.
pub(crate) async fn find_conflicts<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    members: &Expr,
    may_collide: bool,
    locking: bool,
    found: &mut Conflict,
) -> Result<(), Error> {
    let backend = db.get_database_backend();
    let holders: &[bool] = if may_collide { &[true, false] } else { &[true] };
    for unique in &meta.unique {
        let mut seen = BTreeSet::new();
        for &holder_is_active in holders {
            let mut select = if holder_is_active {
                held_by_active(meta, unique, members)
            } else {
                held_by_member(meta, unique, members)
            };
            if locking && backend::locks_rows(backend) {
                select.lock_exclusive();
            }
            for row in db.query_all(&select).await? {
                let key = read_all(&row, meta, &meta.primary_key, "")?;
                if !seen.insert(format!("{key:?}")) {
                    continue;
                }
                found.rows.push(ConflictingRow {
                    table: meta.table.to_string(),
                    key,
                    unique: unique.name.clone(),
                    columns: unique.columns.clone(),
                    values: read_all(&row, meta, &unique.columns, "")?,
                    holder: read_all(&row, meta, &meta.primary_key, HOLDER_PREFIX)?,
                    holder_is_active,
                });
            }
        }
    }
    Ok(())
}

/// Whether an active row has unique values of this one. `None` if the entity has none.
pub(crate) fn is_held(meta: &EntityMeta) -> Option<Expr> {
    let held = meta.unique.iter().map(|unique| {
        let deleted_at = columns_of(HOLDER, std::slice::from_ref(&meta.stamp.deleted_at));
        let holder = Query::select()
            .expr(Expr::cust("1"))
            .from_as(meta.table.to_ref(), HOLDER)
            .and_where(same_values(meta, unique))
            .and_where(Scope::Active.predicate(row_value(deleted_at)))
            .to_owned();
        Expr::exists(holder)
    });
    held.reduce(|any, next| any.or(next))
}

fn held_by_active(meta: &EntityMeta, unique: &UniqueKey, members: &Expr) -> SelectStatement {
    let deleted_at = columns_of(HOLDER, std::slice::from_ref(&meta.stamp.deleted_at));
    let is_active = row_value(deleted_at);
    select_held(meta, unique, members)
        .and_where(Scope::Active.predicate(is_active))
        .to_owned()
}

/// Of rows that collide with each other the first by key is the holder of the others.
fn held_by_member(meta: &EntityMeta, unique: &UniqueKey, members: &Expr) -> SelectStatement {
    let holder = || columns_of(HOLDER, &meta.primary_key);
    let deleted_at = columns_of(HOLDER, std::slice::from_ref(&meta.stamp.deleted_at));
    let keys = Query::select()
        .exprs(columns(meta, &meta.primary_key))
        .from(meta.table.to_ref())
        .and_where(members.clone())
        .to_owned();
    let own = columns(meta, &meta.primary_key);
    select_held(meta, unique, members)
        .and_where(Scope::OnlyDeleted.predicate(row_value(deleted_at)))
        .and_where(row_value(holder()).lt(row_value(own)))
        .and_where(in_select(holder(), keys))
        .to_owned()
}

fn same_values(meta: &EntityMeta, unique: &UniqueKey) -> Expr {
    equal(
        columns(meta, &unique.columns),
        columns_of(HOLDER, &unique.columns),
    )
}

fn select_held(meta: &EntityMeta, unique: &UniqueKey, members: &Expr) -> SelectStatement {
    let mut names = meta.primary_key.clone();
    names.extend(
        unique
            .columns
            .iter()
            .filter(|name| !meta.primary_key.contains(name))
            .cloned(),
    );
    let mut select = Query::select();
    select
        .exprs(columns(meta, &names))
        .from(meta.table.to_ref());
    for (name, holder) in meta
        .primary_key
        .iter()
        .zip(columns_of(HOLDER, &meta.primary_key))
    {
        select.expr_as(holder, Alias::new(format!("{HOLDER_PREFIX}{name}")));
    }
    select
        .join_as(
            sea_orm::JoinType::InnerJoin,
            meta.table.to_ref(),
            HOLDER,
            same_values(meta, unique),
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

/// The condition on rows of these keys.
pub(crate) fn has_key<'k>(
    meta: &EntityMeta,
    keys: impl IntoIterator<Item = &'k Vec<Value>>,
) -> Expr {
    let own = columns(meta, &meta.primary_key);
    let keys = keys
        .into_iter()
        .map(|key| row_value(key.iter().cloned().map(Expr::val).collect()));
    row_value(own).is_in(keys)
}

/// A parent that is deleted, so that a row below it can't be restored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeletedParent {
    /// The table of the row to be restored.
    pub table: String,
    /// Its primary key.
    pub key: Vec<Value>,
    /// The relation that leads to the parent, as the entity's `Relation` enum names it.
    pub relation: String,
    /// The parent's table.
    pub parent_table: String,
    /// The parent's primary key.
    pub parent_key: Vec<Value>,
}

impl fmt::Display for DeletedParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` {} is below `{}` {}",
            self.table,
            display_key(&self.key),
            self.parent_table,
            display_key(&self.parent_key)
        )
    }
}

/// How many keys one statement names, well below every backend's limit of bound values.
pub(crate) const KEYS_PER_STATEMENT: usize = 500;

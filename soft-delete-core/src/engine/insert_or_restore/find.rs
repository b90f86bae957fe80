//! Which deleted rows have the keys or unique values of models.
//!
//! The database says what is equal. Where a row's values are not those of a model to the letter, by a collation say, it is asked which
//! model's they are.

use std::collections::HashMap;

use sea_orm::{
    ConnectionTrait, DbBackend, Order, Value,
    sea_query::{CaseStatement, Expr, ExprTrait as _, Query, SelectStatement},
};

use super::given::Given;
use crate::{
    dialect,
    engine::{
        cascade::rows::{all, column, has_key, in_scope},
        restore::{conflict::has_active_holder, rows::KEYS_PER_STATEMENT},
        value::{read_all, select_values},
    },
    model::{EntityMeta, Error, Scope, UniqueKey},
};

/// Which model a row is meant by, in a result.
const MEANT_BY: &str = "soft_delete_meant_by";

/// What a deleted row is looked for by.
#[derive(Clone, Debug)]
pub(super) enum By {
    PrimaryKey,
    Unique(UniqueKey),
}

/// The deleted row that each model means.
#[derive(Debug, Default)]
pub(super) struct Found {
    keys: Vec<Option<Vec<Value>>>,
    /// What is taken.
    rows: HashMap<String, usize>,
}

impl Found {
    pub(super) fn new(models: usize) -> Self {
        Self {
            keys: vec![None; models],
            rows: HashMap::new(),
        }
    }

    /// The key of the row that a model means.
    pub(super) fn key(&self, place: usize) -> Option<&Vec<Value>> {
        self.keys.get(place)?.as_ref()
    }

    /// The first row of a model is it, and it is no other model's.
    fn note(&mut self, place: usize, key: Vec<Value>) {
        let name = format!("{key:?}");
        if self.key(place).is_none() && !self.rows.contains_key(&name) {
            self.rows.insert(name, place);
            if let Some(slot) = self.keys.get_mut(place) {
                *slot = Some(key);
            }
        }
    }
}

impl By {
    fn columns<'m>(&'m self, meta: &'m EntityMeta) -> &'m [String] {
        match self {
            Self::PrimaryKey => &meta.primary_key,
            Self::Unique(unique) => &unique.columns,
        }
    }

    /// What is compared, of rows of the table.
    fn of_row(&self, meta: &EntityMeta, backend: DbBackend) -> Vec<Expr> {
        let of = |name: &str| column(meta, name);
        match self {
            Self::PrimaryKey => meta.primary_key.iter().map(|name| of(name)).collect(),
            Self::Unique(unique) => unique.values(backend, of),
        }
    }

    /// The same of a model.
    fn of_model(&self, meta: &EntityMeta, values: &[Value], backend: DbBackend) -> Vec<Expr> {
        let columns = self.columns(meta);
        let of = |name: &str| {
            let place = columns.iter().position(|column| column == name);
            match place.and_then(|place| values.get(place)) {
                Some(value) => crate::engine::value::bind(meta, name, value, backend),
                None => Expr::cust("NULL"),
            }
        };
        match self {
            Self::PrimaryKey => columns.iter().map(|name| of(name)).collect(),
            Self::Unique(unique) => unique.values(backend, of),
        }
    }
}

/// Looks for the deleted rows of models that have none yet.
pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    meta: &EntityMeta,
    by: &By,
    models: &[Given],
    locks: bool,
    found: &mut Found,
) -> Result<(), Error> {
    let columns = by.columns(meta);
    let wanted = models.iter().enumerate();
    let wanted = wanted.filter(|(place, _)| found.key(*place).is_none());
    let wanted = wanted.filter_map(|(place, model)| Some((place, model.values_of(columns)?)));
    let wanted: Vec<_> = wanted.collect();
    for wanted in wanted.chunks(KEYS_PER_STATEMENT) {
        let look = Look {
            meta,
            by,
            wanted,
            backend: db.get_database_backend(),
            locks,
        };
        look.find(db, found).await?;
    }
    Ok(())
}

/// A look for the rows of some models: the place and the values of each.
struct Look<'l> {
    meta: &'l EntityMeta,
    by: &'l By,
    wanted: &'l [(usize, Vec<Value>)],
    backend: DbBackend,
    locks: bool,
}

impl Look<'_> {
    async fn find<C: ConnectionTrait>(&self, db: &C, found: &mut Found) -> Result<(), Error> {
        let (meta, columns) = (self.meta, self.by.columns(self.meta));
        let mut places = HashMap::new();
        for (place, values) in self.wanted {
            places.entry(format!("{values:?}")).or_insert(*place);
        }
        let mut rows = Vec::new();
        let mut are_known = true;
        for row in db.query_all(&self.select()).await? {
            let key = read_all(&row, meta, &meta.primary_key, "")?;
            let values = read_all(&row, meta, columns, "")?;
            let place = places.get(&format!("{values:?}")).copied();
            are_known &= place.is_some();
            rows.push((key, place));
        }
        if !are_known {
            let keys: Vec<_> = rows.into_iter().map(|(key, _)| key).collect();
            rows = Vec::new();
            for row in db.query_all(&self.select_meant_by(&keys)).await? {
                let key = read_all(&row, meta, &meta.primary_key, "")?;
                let place = row.try_get::<Option<i32>>("", MEANT_BY)?;
                let wanted = place.and_then(|place| self.wanted.get(usize::try_from(place).ok()?));
                rows.push((key, wanted.map(|(place, _)| *place)));
            }
        }
        for (key, place) in rows {
            if let Some(place) = place {
                found.note(place, key);
            }
        }
        Ok(())
    }

    /// The rows, of each value those that were deleted last first.
    fn select(&self) -> SelectStatement {
        let of_row = self.by.of_row(self.meta, self.backend);
        let values = self.wanted.iter();
        let values =
            values.map(|(_, values)| row_of(self.by.of_model(self.meta, values, self.backend)));
        let mut select = self.select_deleted();
        select.and_where(row_of(of_row).is_in(values));
        if let By::Unique(unique) = self.by {
            // An INSERT tells of these.
            select.and_where(has_active_holder(self.meta, unique, self.backend).not());
        }
        let mut names = self.meta.primary_key.clone();
        let more = self.by.columns(self.meta).iter();
        let more = more.filter(|name| !self.meta.primary_key.contains(name));
        names.extend(more.cloned());
        select_values(&mut select, self.meta, &names, self.backend);
        if self.locks && dialect::locks_rows(self.backend) {
            select.lock_exclusive();
        }
        select
    }

    /// The rows of these keys, each with the number of the model that means it.
    fn select_meant_by(&self, keys: &[Vec<Value>]) -> SelectStatement {
        let of_row = row_of(self.by.of_row(self.meta, self.backend));
        let mut number = CaseStatement::new();
        for (place, (_, values)) in self.wanted.iter().enumerate() {
            let values = row_of(self.by.of_model(self.meta, values, self.backend));
            let place = Expr::cust(place.to_string());
            number = number.case(of_row.clone().eq(values), place);
        }
        let mut select = self.select_deleted();
        select.and_where(has_key(self.meta, keys, self.backend));
        select_values(&mut select, self.meta, &self.meta.primary_key, self.backend);
        select.expr_as(number, MEANT_BY);
        select
    }

    fn select_deleted(&self) -> SelectStatement {
        let meta = self.meta;
        let mut select = Query::select();
        select
            .from(meta.table.to_ref())
            .and_where(in_scope(meta, Scope::OnlyDeleted));
        let stamp = &meta.stamp;
        if stamp.has_time() && matches!(self.by, By::Unique(_)) {
            let at = column(meta, &stamp.deleted_at);
            let is_text =
                dialect::stores_times_as_texts(self.backend) && !stamp.deleted_at_kind.is_integer();
            let at = if is_text { dialect::instant(at) } else { at };
            select.order_by_expr(at, Order::Desc);
        }
        // A UUIDv7 tells which was later, where there is no time or it is the same.
        if let (By::Unique(_), Some(id)) = (self.by, &stamp.deletion_id) {
            select.order_by_expr(column(meta, id), Order::Desc);
        }
        for name in &meta.primary_key {
            select.order_by_expr(column(meta, name), Order::Asc);
        }
        select
    }
}

fn row_of(values: Vec<Expr>) -> Expr {
    crate::engine::cascade::rows::row_value(values)
}

/// Whether a row of the entity's table has none of these keys any more, as a condition that names them.
pub(super) fn deleted_rows<'k>(
    meta: &EntityMeta,
    keys: impl IntoIterator<Item = &'k Vec<Value>>,
    backend: DbBackend,
) -> Expr {
    all([
        has_key(meta, keys, backend),
        in_scope(meta, Scope::OnlyDeleted),
    ])
}

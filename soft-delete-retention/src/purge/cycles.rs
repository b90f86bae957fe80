//! Rows that keep each other: a team has a founder, and the founder is of that team. No one of them can go first.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectionTrait, TransactionSession as _, TransactionTrait,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement, UpdateStatement},
};

use super::{
    order::Cursor,
    passed::Refusal,
    references::Reference,
    run::Run,
    statements::{CHILD, skip_locked},
    tables::PurgeTable,
};
use crate::removal::{Component, Key};
use soft_delete_core::{
    Error, Scope,
    engine_api::{
        rows::{all, columns, columns_of, iden, in_scope, in_select},
        transaction,
    },
};

/// How many rows may hang together. Some statements name each of their keys twice, and SQLite takes 32,766 values.
const MOST: u64 = 4_000;

/// Keys of locked rows, by their table's place.
type Rows = BTreeMap<usize, Vec<Key>>;

impl<C> Run<'_, C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Removes rows of a cycle of tables that only keep each other.
    pub(super) async fn break_cycles(&mut self, component: &Component) -> Result<(), Error> {
        for place in component.broken.iter().flatten() {
            let purge_table = &self.tables.all[*place];
            let mut after = None;
            while !self.throttle.is_over() {
                let size = self.throttle.size(purge_table.meta.primary_key.len());
                let select = purge_table.select_in_cycle(component, after.as_ref(), size);
                let rows = self.db.query_all(&select).await?;
                let Some(last) = rows.last() else {
                    break;
                };
                after = Some(purge_table.read_cursor(last)?);
                let keys = rows
                    .iter()
                    .map(|row| purge_table.read_key(row))
                    .collect::<Result<Vec<_>, _>>()?;
                self.break_cycles_of(component, *place, keys).await?;
                if (rows.len() as u64) < size {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Removes these rows with those that keep them, in parts if together they are too many.
    async fn break_cycles_of(
        &mut self,
        component: &Component,
        place: usize,
        keys: Vec<Key>,
    ) -> Result<(), Error> {
        let mut parts = vec![keys];
        while let Some(mut part) = parts.pop() {
            let transaction = self.begin(false).await?;
            match self
                .remove_cycle(&transaction, component, place, &part)
                .await
            {
                Ok(Some(removed)) => {
                    transaction.commit().await?;
                    self.account(removed);
                }
                Ok(None) => {
                    transaction.rollback().await?;
                    if part.len() > 1 {
                        parts.push(part.split_off(part.len() / 2));
                        parts.push(part);
                    }
                }
                // They stay where they are, and are told as kept: another run may have more luck.
                Err(error) if may_stay(&error) => {
                    let error = transaction::abort(self.db, transaction, error).await;
                    let table = &self.tables.all[place].meta.table;
                    tracing::warn!(%table, %error, "rows that keep each other could not be purged");
                }
                Err(error) => return Err(transaction::abort(self.db, transaction, error).await),
            }
        }
        Ok(())
    }

    /// `None` if too many rows hang together.
    async fn remove_cycle(
        &self,
        db: &C::Transaction,
        component: &Component,
        place: usize,
        keys: &[Key],
    ) -> Result<Option<Vec<(usize, u64)>>, Error> {
        let Some(mut rows) = self.lock_all(db, component, place, keys).await? else {
            return Ok(None);
        };
        self.leave_out_kept(db, component, &mut rows).await?;
        rows.retain(|_, keys| !keys.is_empty());
        for (place, keys) in &rows {
            let purge_table = &self.tables.all[*place];
            self.copy_to_archive(db, purge_table, keys, MOST).await?;
        }
        for (place, keys) in &rows {
            let purge_table = &self.tables.all[*place];
            if let Some(update) = purge_table.set_keys_null(keys) {
                db.execute(&update).await?;
            }
        }
        let mut removed = Vec::new();
        for place in component.broken.iter().flatten() {
            if let Some(keys) = rows.get(place) {
                let delete = self.tables.all[*place].delete(keys, MOST);
                removed.push((*place, db.execute_raw(delete).await?.rows_affected()));
            }
        }
        Ok(Some(removed))
    }

    /// Locks these rows and all that keep them, as far as they may go themselves.
    async fn lock_all(
        &self,
        db: &C::Transaction,
        component: &Component,
        place: usize,
        keys: &[Key],
    ) -> Result<Option<Rows>, Error> {
        let purge_table = &self.tables.all[place];
        let are_these = purge_table.is_one_of(&purge_table.meta.primary_key, keys, MOST);
        let first = purge_table.select_removable(component, are_these, MOST);
        let first = self.lock(db, place, &first).await?;
        let mut rows = Rows::from([(place, first.clone())]);
        let mut left = MOST - first.len() as u64;
        let mut next = vec![(place, first)];
        while let Some((parent, keys)) = next.pop() {
            if keys.is_empty() {
                continue;
            }
            let purge_table = &self.tables.all[parent];
            for (place, by) in purge_table.references_within(component) {
                let child = &self.tables.all[place];
                let known = rows.entry(place).or_default();
                let is_new = child.refers_to(by, purge_table, &keys, known);
                let select = child.select_removable(component, is_new, left + 1);
                let found = self.lock(db, place, &select).await?;
                if found.len() as u64 > left {
                    return Ok(None);
                }
                left -= found.len() as u64;
                known.extend(found.iter().cloned());
                next.push((place, found));
            }
        }
        Ok(Some(rows))
    }

    async fn lock(
        &self,
        db: &C::Transaction,
        place: usize,
        select: &SelectStatement,
    ) -> Result<Vec<Key>, Error> {
        let purge_table = &self.tables.all[place];
        let rows = db.query_all(select).await?;
        rows.iter().map(|row| purge_table.read_key(row)).collect()
    }

    /// Leaves out the rows that others keep: rows that are not among these, and so stay. What those refer to stays, too.
    async fn leave_out_kept(
        &self,
        db: &C::Transaction,
        component: &Component,
        rows: &mut Rows,
    ) -> Result<(), Error> {
        loop {
            let mut is_still = true;
            for parent in component.places.iter().copied() {
                let purge_table = &self.tables.all[parent];
                for (place, by) in purge_table.references_within(component) {
                    let keys = rows.get(&parent).map_or(&[][..], Vec::as_slice);
                    if keys.is_empty() {
                        break;
                    }
                    let child = &self.tables.all[place];
                    let going = rows.get(&place).map_or(&[][..], Vec::as_slice);
                    let kept = purge_table.select_kept(keys, by, child, going);
                    let kept = db.query_all(&kept).await?;
                    let kept = kept
                        .iter()
                        .map(|row| Ok(format!("{:?}", purge_table.read_key(row)?)))
                        .collect::<Result<BTreeSet<_>, Error>>()?;
                    if let Some(keys) = rows.get_mut(&parent).filter(|_| !kept.is_empty()) {
                        keys.retain(|key| !kept.contains(&format!("{key:?}")));
                        is_still = false;
                    }
                }
            }
            if is_still {
                return Ok(());
            }
        }
    }
}

/// Whether other rows may still go, though these did not.
fn may_stay(error: &Error) -> bool {
    match error {
        Error::Contention(_) => true,
        Error::Db(error) => Refusal::of(error).is_some(),
        _ => false,
    }
}

impl PurgeTable<'_> {
    fn references_within<'r>(
        &'r self,
        component: &'r Component,
    ) -> impl Iterator<Item = (usize, &'r Reference)> {
        self.references.iter().filter_map(|by| {
            let child = by
                .purge_table
                .filter(|child| component.places.contains(child))?;
            Some((child, by))
        })
    }

    /// Whether a row may go as far as rows of other tables are concerned.
    fn may_go(&self, component: &Component) -> Expr {
        let is_within = |by: &&Reference| {
            let child = by.purge_table;
            child.is_some_and(|child| component.places.contains(&child))
        };
        let others = self.references.iter().filter(|by| !is_within(by));
        let kept = others.map(|by| self.is_referenced(by).not());
        all([self.is_expired()]
            .into_iter()
            .chain(self.is_unheld())
            .chain(kept))
    }

    fn select_in_cycle(
        &self,
        component: &Component,
        after: Option<&Cursor>,
        limit: u64,
    ) -> SelectStatement {
        let mut select = self.select_keys();
        self.select_cursor(&mut select);
        select.and_where(self.may_go(component));
        self.order_after(&mut select, after, limit);
        select
    }

    /// Selects rows that may go and that no other has locked, and locks them.
    fn select_removable(
        &self,
        component: &Component,
        condition: Expr,
        limit: u64,
    ) -> SelectStatement {
        let mut select = self.select_keys();
        select
            .and_where(condition)
            .and_where(self.may_go(component))
            .limit(limit);
        skip_locked(&mut select, self.dialect);
        select
    }

    /// Whether a row refers by this key to one of these rows, and is not known yet.
    fn refers_to(
        &self,
        by: &Reference,
        parent: &PurgeTable<'_>,
        keys: &[Key],
        known: &[Key],
    ) -> Expr {
        let parents = Query::select()
            .exprs(columns(parent.meta, &by.parent_columns))
            .from(parent.meta.table.to_ref())
            .and_where(parent.is_one_of(&parent.meta.primary_key, keys, MOST))
            .and_where(in_scope(parent.meta, Scope::OnlyDeleted))
            .and_where_option(by.condition_on_parent(parent.meta.table.to_iden()))
            .to_owned();
        let refers = in_select(columns(self.meta, &by.columns), parents);
        let refers =
            all(std::iter::once(refers).chain(by.condition_on_child(self.meta.table.to_iden())));
        if known.is_empty() {
            return refers;
        }
        let is_known = self.is_one_of(&self.meta.primary_key, known, MOST);
        refers.and(is_known.not())
    }

    /// Which of these rows another row keeps by this key.
    fn select_kept(
        &self,
        keys: &[Key],
        by: &Reference,
        child: &PurgeTable<'_>,
        going: &[Key],
    ) -> SelectStatement {
        let mut children = self.aliased_children(by);
        let marker = Expr::col((CHILD, iden(child.meta.stamp.marker_column())));
        children.and_where(Scope::WithDeleted.predicate(marker));
        if !going.is_empty() {
            let key = &child.meta.primary_key;
            let goes = child.are_among(columns_of(CHILD, key), key, going, MOST);
            children.and_where(goes.not());
        }
        self.select_keys()
            .and_where(self.is_one_of(&self.meta.primary_key, keys, MOST))
            .and_where(in_scope(self.meta, Scope::OnlyDeleted))
            .and_where(Expr::exists(children))
            .to_owned()
    }

    /// Sets the keys within the cycle to NULL that may be. `None` if there is none.
    fn set_keys_null(&self, keys: &[Key]) -> Option<UpdateStatement> {
        let nullable: BTreeSet<_> = self
            .parent_keys
            .iter()
            .flat_map(|key| &key.nullable)
            .collect();
        let has_key = self.is_one_of(&self.meta.primary_key, keys, MOST);
        let update = || {
            self.keyed()
                .set_null(nullable.iter().copied(), has_key, Scope::OnlyDeleted)
        };
        (!nullable.is_empty()).then(update)
    }
}

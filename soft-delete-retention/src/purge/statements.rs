//! The statements of a purge.

use sea_orm::{
    QueryResult, Statement,
    sea_query::{
        Alias, CaseStatement, Expr, ExprTrait as _, Func, IntoTableRef as _, LockBehavior,
        LockType, Query, SelectStatement,
    },
};

use super::{order::Cursor, references::Reference, tables::PurgeTable, throttle::list_length};
use crate::{
    dialect::Dialect,
    removal::{Key, padded_to},
};
use soft_delete_core::{
    Error, Marker, Scope,
    engine_api::{
        dialect::locks_rows,
        rows::{all, any, column, columns, columns_of, equal, iden, in_scope, in_select},
        value::{self, read_all, select_value},
    },
};

pub(super) const CHILD: &str = "soft_delete_child";
/// The time of a row's deletion as the cursor needs it.
pub(super) const TIME: &str = "soft_delete_time";

/// The rows among which a batch is looked for.
#[derive(Clone, Debug)]
pub(super) struct KeyFilter {
    pub(super) columns: Vec<String>,
    pub(super) values: Vec<Key>,
}

impl PurgeTable<'_> {
    /// Whether a row was deleted long enough ago.
    ///
    /// A time that no program can read is none: `-infinity` on PostgreSQL, a date without month or day on MySQL and MariaDB.
    pub(super) fn is_expired(&self) -> Expr {
        self.is_expired_of(|name| column(self.meta, name))
    }

    /// The same of a row whose columns are called so.
    fn is_expired_of(&self, of: impl Fn(&str) -> Expr) -> Expr {
        let stamp = &self.meta.stamp;
        let deleted_at = of(&stamp.deleted_at);
        let cutoff = Expr::val(stamp.deleted_at_kind.value(self.cutoff));
        let expired = stamp
            .predicate(Scope::OnlyDeleted, of(stamp.marker_column()))
            .and(deleted_at.clone().lte(cutoff.clone()));
        // Rows with a flag may have been deleted by a program that wrote no time.
        let active = stamp.time_of_active();
        let is_time = active.map(|active| deleted_at.clone().ne(active.clone()));
        let expired = all([expired].into_iter().chain(is_time));
        if stamp.deleted_at_kind.is_integer() {
            return expired;
        }
        let expired = match &stamp.marker {
            // The same time in another form is none of a deleted row either.
            Marker::TimeOr { active, .. } => {
                let active = Expr::val(active.clone());
                let other = self.dialect.is_other_time(deleted_at.clone(), active);
                all([expired].into_iter().chain(other))
            }
            _ => expired,
        };
        expired.and(self.dialect.is_time_until(deleted_at, cutoff))
    }

    /// The keys of deleted rows whose time can't be read, some of them.
    pub(super) fn select_unreadable(&self, limit: u64) -> SelectStatement {
        let deleted_at = || column(self.meta, &self.meta.stamp.deleted_at);
        let mut select = self.select_keys();
        select.and_where(in_scope(self.meta, Scope::OnlyDeleted));
        let stamp = &self.meta.stamp;
        let is_date = !stamp.deleted_at_kind.is_integer();
        let is_none =
            matches!(stamp.marker, Marker::Flag { .. }).then(|| match stamp.time_of_active() {
                Some(active) => deleted_at().eq(active.clone()).or(deleted_at().is_null()),
                None => deleted_at().is_null(),
            });
        let is_unreadable = is_date.then(|| {
            let is_unreadable = self.dialect.is_unreadable(deleted_at());
            match self.dialect.sorts_unreadable_first() {
                true => {
                    let cutoff = stamp.deleted_at_kind.value(self.cutoff);
                    deleted_at().lte(cutoff).and(is_unreadable)
                }
                false => is_unreadable,
            }
        });
        let is_either = any(is_none.into_iter().chain(is_unreadable));
        select.and_where(is_either).limit(limit).to_owned()
    }

    /// Whether a row meets the hold's condition.
    pub(super) fn is_held(&self) -> Option<Expr> {
        self.hold.clone()
    }

    pub(super) fn is_unheld(&self) -> Option<Expr> {
        self.hold.clone().map(is_untrue)
    }

    /// Whether another row refers to a row by this key. A row that refers to itself does not keep itself.
    pub(super) fn is_referenced(&self, by: &Reference) -> Expr {
        let mut children = self.aliased_children(by);
        if let Some(marker) = &by.marker {
            let marker = Expr::col((CHILD, iden(marker)));
            children.and_where(Scope::WithDeleted.predicate(marker));
        }
        Expr::exists(children)
    }

    /// The same for rows of the table that it is a key of, under the alias; one that is expired does not count.
    pub(super) fn is_referenced_by_unexpired(
        &self,
        by: &Reference,
        child: &PurgeTable<'_>,
    ) -> Expr {
        let expired = child.is_expired_of(|name| Expr::col((CHILD, iden(name))));
        let mut children = self.aliased_children(by);
        // A flag may be NULL, and so what is said of it.
        children.and_where(match child.meta.stamp.marker {
            Marker::Time => expired.not(),
            _ => is_untrue(expired),
        });
        Expr::exists(children)
    }

    /// The same, but for children that `goes` is true of. It names the child's table, which is another one.
    pub(super) fn is_referenced_unless(&self, by: &Reference, goes: Expr) -> Expr {
        let mut children = Query::select();
        let columns_of_child = by.columns.iter();
        let own = columns_of_child.map(|name| Expr::col((by.child.to_iden(), iden(name))));
        children
            .expr(Expr::cust("1"))
            .from(by.child.to_ref())
            .and_where(equal(own, columns(self.meta, &by.parent_columns)))
            .and_where_option(by.condition_on_child(by.child.to_iden()))
            .and_where_option(by.condition_on_parent(self.meta.table.to_iden()))
            .and_where(is_untrue(goes));
        Expr::exists(children)
    }

    /// The same where the child's table has the name of one above it, of another schema: what goes is found in a SELECT of
    /// its own, in which the name means the child.
    pub(super) fn is_referenced_unless_among(
        &self,
        by: &Reference,
        child: &PurgeTable<'_>,
        goes: Expr,
    ) -> Expr {
        let key = &child.meta.primary_key;
        let going = Query::select()
            .exprs(columns(child.meta, key))
            .from(child.meta.table.to_ref())
            .and_where(goes)
            .to_owned();
        let mut children = self.aliased_children(by);
        let marker = Expr::col((CHILD, iden(child.meta.stamp.marker_column())));
        children
            .and_where(Scope::WithDeleted.predicate(marker))
            .and_where(in_select(columns_of(CHILD, key), going).not());
        Expr::exists(children)
    }

    pub(super) fn aliased_children(&self, by: &Reference) -> SelectStatement {
        let meta = self.meta;
        let mut children = Query::select();
        children
            .expr(Expr::cust("1"))
            .from(by.child.to_ref().into_table_ref().alias(CHILD))
            .and_where(equal(
                columns_of(CHILD, &by.columns),
                columns(meta, &by.parent_columns),
            ))
            .and_where_option(by.condition_on_child(iden(CHILD)))
            .and_where_option(by.condition_on_parent(meta.table.to_iden()));
        if by.child == meta.table {
            let itself = equal(
                columns_of(CHILD, &meta.primary_key),
                columns(meta, &meta.primary_key),
            );
            children.and_where(itself.not());
        }
        children
    }

    /// `None` if nothing can keep a row.
    pub(super) fn is_free(&self) -> Option<Expr> {
        let kept = self
            .references
            .iter()
            .map(|by| self.is_referenced(by).not());
        let conditions = self.is_unheld().into_iter().chain(kept);
        conditions.reduce(|all, next| all.and(next))
    }

    /// Finds the next rows and locks them. Rows that another transaction has locked are passed over.
    ///
    /// ```sql
    /// SELECT id, deleted_at FROM post
    /// WHERE deleted_at IS NOT NULL AND deleted_at <= $1
    ///   AND NOT EXISTS (SELECT 1 FROM comment WHERE comment.post_id = post.id)
    ///   AND (deleted_at, id) > ($2, $3)
    /// ORDER BY deleted_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED
    /// ```
    pub(super) fn select_batch(
        &self,
        after: Option<&Cursor>,
        filter: Option<&KeyFilter>,
        limit: u64,
    ) -> SelectStatement {
        let mut select = self.select_keys();
        self.select_cursor(&mut select);
        for name in self.parent_key_columns() {
            select.expr_as(
                select_value(self.meta, name, self.dialect.backend()),
                Alias::new(format!("{TIME}_{name}")),
            );
        }
        self.narrow_to_next(&mut select, after, limit);
        if let Some(KeyFilter { columns, values }) = filter {
            select.and_where(self.is_one_of(columns, values, limit));
        }
        skip_locked(&mut select, self.dialect);
        select
    }

    /// Leaves a SELECT the next rows, in their order.
    pub(super) fn narrow_to_next(
        &self,
        select: &mut SelectStatement,
        after: Option<&Cursor>,
        limit: u64,
    ) {
        select
            .and_where(self.is_expired())
            .and_where_option(self.is_free());
        self.order_after(select, after, limit);
    }

    /// Which of these rows nothing refers to, as of now. They are locked, so that nothing will.
    pub(super) fn select_free(&self, keys: &[Key], most: u64) -> SelectStatement {
        self.select_keys()
            .and_where(self.are_these(keys, most))
            .and_where_option(self.is_free())
            .to_owned()
    }

    /// Removes these rows, which are locked.
    pub(super) fn delete(&self, keys: &[Key], most: u64) -> Statement {
        let (table, are_these) = (self.keyed(), self.are_these(keys, most));
        let joined = table.delete_by_join(are_these.clone());
        joined.unwrap_or_else(|| self.dialect.backend().build(&table.delete(are_these)))
    }

    /// Whether a row is one of these, which are locked, and so still as they were found.
    ///
    /// Where the entity's key is not the table's, other rows have the same: they have to be free to go themselves. Elsewhere
    /// nothing is said of the time: PostgreSQL would go by the purge index, if its statistics don't know yet that rows are deleted.
    pub(super) fn are_these(&self, keys: &[Key], most: u64) -> Expr {
        let is_one = self.is_one_of(&self.meta.primary_key, keys, most);
        if self.has_unique_key {
            return is_one.and(in_scope(self.meta, Scope::WithDeleted));
        }
        all([is_one, self.is_expired()]
            .into_iter()
            .chain(self.is_free()))
    }

    /// How many rows are expired and not held.
    pub(super) fn count_expected(&self) -> SelectStatement {
        Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from(self.meta.table.to_ref())
            .and_where(self.is_expired())
            .and_where_option(self.is_unheld())
            .to_owned()
    }

    /// Counts the expired rows after that place: those held, those that nothing keeps, and those kept by each of these
    /// conditions.
    pub(super) fn select_summary(&self, kept: &[Expr], after: Option<&Cursor>) -> SelectStatement {
        let count = |condition: Expr| {
            let one = CaseStatement::new().case(condition, Expr::cust("1"));
            Func::count(Expr::Case(Box::new(one)))
        };
        let unheld = |condition: Expr| all(self.is_unheld().into_iter().chain([condition]));
        let mut select = Query::select();
        let nothing = || Expr::cust("1 = 0");
        select
            .from(self.meta.table.to_ref())
            .and_where(self.is_expired())
            .and_where_option(after.map(|after| self.is_after(after)))
            .expr(count(self.is_held().unwrap_or_else(nothing)))
            .expr(count(unheld(if kept.is_empty() {
                Expr::cust("1 = 1")
            } else {
                any(kept.iter().cloned()).not()
            })));
        for condition in kept {
            select.expr(count(unheld(condition.clone())));
        }
        select
    }

    pub(super) fn read_key(&self, row: &QueryResult) -> Result<Key, Error> {
        self.keyed().read_key(row)
    }

    /// The values of this table's own keys that a row had.
    pub(super) fn read_parent_keys(
        &self,
        row: &QueryResult,
        names: &[String],
    ) -> Result<Key, Error> {
        read_all(row, self.meta, names, &format!("{TIME}_"))
    }

    fn parent_key_columns(&self) -> Vec<&String> {
        let mut names: Vec<_> = self
            .parent_keys
            .iter()
            .flat_map(|key| &key.columns)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn select_keys(&self) -> SelectStatement {
        self.keyed().select_keys()
    }

    pub(super) fn is_one_of(&self, names: &[String], values: &[Key], most: u64) -> Expr {
        self.are_among(columns(self.meta, names), names, values, most)
    }

    /// Whether expressions for these columns, in whatever query, have one of the values.
    pub(super) fn are_among(
        &self,
        left: Vec<Expr>,
        names: &[String],
        values: &[Key],
        most: u64,
    ) -> Expr {
        let values = padded_to(values, list_length(values.len(), most));
        value::is_one_of(left, self.meta, names, values, self.dialect.backend())
    }
}

/// Whether a condition is false or, as a filter has it, unknown.
pub(super) fn is_untrue(condition: Expr) -> Expr {
    let (no, yes) = (Expr::cust("0"), Expr::cust("1"));
    let case = CaseStatement::new()
        .case(condition, yes)
        .finally(no.clone());
    Expr::Case(Box::new(case)).eq(no)
}

/// Locks the rows that a SELECT finds, but for those that another transaction has locked: it passes over them.
pub(super) fn skip_locked(select: &mut SelectStatement, dialect: &dyn Dialect) {
    if locks_rows(dialect.backend()) {
        select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
}

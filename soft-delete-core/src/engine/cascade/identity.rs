//! What tells which deletion took a row.
//!
//! It is `deletion_id`. Where an entity has none it is the time that `deleted_at` keeps, and then stored values are compared with
//! stored values: a value read from a row, or one column with another. Two times are equal if they are the same instant, however
//! their columns write it.

use chrono::{DateTime, Utc};
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

use crate::{
    dialect,
    engine::cascade::rows::{all, column, in_scope},
    model::{
        EntityMeta, Error, Marker, Scope,
        graph::{Cascade, Group},
        stamp::TimeKind,
    },
};

/// What the rows of one deletion have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Unknown if it was read from a row that has none.
    pub deletion_id: Option<Uuid>,
    /// As a row keeps it.
    pub deleted_at: DateTime<Utc>,
}

impl Identity {
    /// The same for rows without `deletion_id`.
    pub(crate) fn by_time(self) -> Self {
        Self {
            deletion_id: None,
            ..self
        }
    }

    /// Whether a deleted row has it, also one that got its stamp from a parent without `deletion_id`, and so has none.
    pub(crate) fn of_deleted_row(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        let of_row = self.of_row(meta, backend);
        match (&meta.stamp.deletion_id, self.deletion_id) {
            (Some(name), Some(_)) if meta.may_lack_deletion_id => {
                let has_none = column(meta, name).is_null();
                of_row.or(has_none.and(self.by_time().of_row(meta, backend)))
            }
            _ => of_row,
        }
    }

    /// Whether a row has it: by `deletion_id`, or by `deleted_at` where the entity has no such column.
    pub(crate) fn of_row(&self, meta: &EntityMeta, backend: DbBackend) -> Expr {
        let deleted_at = column(meta, &meta.stamp.deleted_at);
        let deleted = in_scope(meta, Scope::OnlyDeleted);
        if let (Some(name), Some(id)) = (&meta.stamp.deletion_id, self.deletion_id) {
            // A row with a `deletion_id` is deleted. Saying so lets a partial index be used, and lets the statement pass a
            // scoped connection.
            return column(meta, name).eq(id).and(deleted);
        }
        let kind = meta.stamp.deleted_at_kind;
        if kind == TimeKind::None {
            return Expr::Constant(false.into()).and(deleted);
        }
        if dialect::stores_times_as_texts(backend) && !kind.is_integer() {
            let same = dialect::instant(deleted_at).eq(dialect::instant_text(self.deleted_at));
            return same.and(deleted);
        }
        let same = deleted_at.eq(kind.value(self.deleted_at));
        match meta.stamp.marker {
            // It has to be named for a scoped connection.
            Marker::Flag { .. } => same.and(deleted),
            Marker::Time | Marker::TimeOr { .. } => same,
        }
    }
}

/// Whether two deleted rows were taken by one deletion, told from what their columns keep: rows of a child and a parent, each
/// under a name of its own.
///
/// Without a backend, times are equal if the database says so of the columns as they are.
pub(crate) fn same_deletion(
    backend: Option<DbBackend>,
    child: (&EntityMeta, impl Fn(&str) -> Expr),
    parent: (&EntityMeta, impl Fn(&str) -> Expr),
) -> Expr {
    let (of_child, of_parent) = (&child.0.stamp, &parent.0.stamp);
    let same_time = || {
        if !of_child.deleted_at_kind.is_like(of_parent.deleted_at_kind) {
            return Expr::Constant(false.into());
        }
        let own = child.1(&of_child.deleted_at);
        let parents = parent.1(&of_parent.deleted_at);
        let kinds = (of_parent.deleted_at_kind, of_child.deleted_at_kind);
        let is_time = of_child
            .time_of_active()
            .map(|active| own.clone().ne(active.clone()));
        let same = match backend {
            // Texts that are no times are equal if they are the same.
            Some(backend) if dialect::stores_times_as_texts(backend) && !kinds.0.is_integer() => {
                own.clone()
                    .eq(parents.clone())
                    .or(dialect::instant(own).eq(dialect::instant(parents)))
            }
            Some(backend) => own.eq(as_kind(backend, parents, kinds.0, kinds.1)),
            None => own.eq(parents),
        };
        all([same].into_iter().chain(is_time))
    };
    let (Some(own), Some(parents)) = (&of_child.deletion_id, &of_parent.deletion_id) else {
        return same_time();
    };
    let (own, parents) = (child.1(own), parent.1(parents));
    let has_none = own.clone().is_null().or(parents.clone().is_null());
    own.eq(parents).or(has_none.and(same_time()))
}

/// Whether rows that a deletion takes along with others can be told from those of others afterwards: by `deletion_id`, or by times that
/// can be compared.
///
/// # Errors
///
/// [`Error::MissingDeletionId`].
pub(crate) fn require(cascade: &Cascade<'_>) -> Result<(), Error> {
    let edges = cascade
        .entities()
        .flat_map(|entity| cascade.edges_into(entity));
    for edge in edges {
        let (child, parent) = (
            cascade.group.entity(edge.child),
            cascade.group.entity(edge.parent),
        );
        let mut lacking = [child, parent].into_iter();
        let Some(lacking) = lacking.find(|meta| meta.stamp.deletion_id.is_none()) else {
            continue;
        };
        if !child
            .stamp
            .deleted_at_kind
            .is_like(parent.stamp.deleted_at_kind)
        {
            return Err(Error::MissingDeletionId {
                table: lacking.table.clone(),
                child: Box::new(child.table.clone()),
                parent: Box::new(parent.table.clone()),
            });
        }
    }
    Ok(())
}

/// Whether a restore leaves rows of this entity their own times, though they go over to another parent's deletion: the parent's can't be
/// copied.
pub(crate) fn may_keep_own_time(group: &Group, entity: usize) -> bool {
    let kind = group.entity(entity).stamp.deleted_at_kind;
    let mut edges = group.cascades_into(entity);
    edges.any(|edge| !kind.is_like(group.entity(edge.parent).stamp.deleted_at_kind))
}

/// A stored time as a column of another kind keeps it. A time without a zone is UTC, whatever the zone of the session.
pub(crate) fn as_kind(backend: DbBackend, time: Expr, from: TimeKind, to: TimeKind) -> Expr {
    if dialect::converts_times_by_zone(backend) && from.has_zone() != to.has_zone() {
        return Expr::cust_with_exprs("($1 AT TIME ZONE 'UTC')", [time]);
    }
    time
}

//! What a restore locks, so that what it has seen stays true until it commits.

use sea_orm::{
    DbBackend,
    sea_query::{Expr, LockType, SelectStatement},
};

use crate::{
    Scope,
    cascade::graph::Edge,
    cascade::marking::lock_rows,
    cascade::rows::{all, columns, in_scope, in_select},
    restore::members::{Members, select},
};

impl Members<'_> {
    /// Locks the parents through this key that don't come back themselves, whatever their state.
    pub(crate) fn lock_parents(
        &self,
        edge: Edge,
        of: Expr,
        lock: LockType,
        backend: DbBackend,
    ) -> SelectStatement {
        let key = self.cascade().group.foreign_key(edge);
        let parent = self.meta(edge.parent);
        let keys = select(self.meta(edge.child), &key.columns, of);
        let parents = [
            in_select(columns(parent, &key.parent_columns), keys),
            in_scope(parent, Scope::WithDeleted),
        ];
        let outside = self.is_outside(edge.parent, columns(parent, &parent.primary_key));
        lock_rows(
            parent,
            all(parents.into_iter().chain(outside)),
            lock,
            backend,
        )
    }

    /// Whether rows of this entity that come back must be locked before the other parents of rows below them.
    ///
    /// Another restore that leaves a row below one of them deleted gives it that one's stamp. Were it to do so after this
    /// restore has looked at other parents, this one would bring that row back unchecked, or pass it by for ever.
    pub(crate) fn must_lock(&self, entity: usize) -> bool {
        let are_locked = match self {
            Self::Reached(reach) => entity == reach.root,
            Self::Marked { named, .. } => !named.is_empty(),
        };
        !are_locked
            && self.edges_to_other_parents().iter().any(|other| {
                let mut ways = self.cascade().edges_into(other.child);
                ways.any(|way| way.parent == entity)
            })
    }

    /// Locks the rows of this entity that come back.
    pub(crate) fn lock(&self, entity: usize, backend: DbBackend) -> SelectStatement {
        let rows = self.taken(entity);
        lock_rows(self.meta(entity), rows, LockType::Update, backend)
    }

    /// The same rows, for a statement that locks all that it reads, in sub-selects as well. Marked rows need no lock: they
    /// are this restore's own.
    pub(crate) fn locked(&self) -> Self {
        let mut members = self.clone();
        if let Self::Reached(reach) = &mut members {
            reach.locks = true;
        }
        members
    }

    /// [`row_to_keep`](Self::row_to_keep) by locking. As long as all that was read is locked, no row gets to be one.
    pub(crate) fn lock_row_to_keep(&self, edge: Edge) -> SelectStatement {
        self.locked().row_to_keep(edge).lock_exclusive().to_owned()
    }
}

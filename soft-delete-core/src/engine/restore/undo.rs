//! Restoring all that one deletion took.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, TransactionTrait, Value,
    sea_query::{ExprTrait as _, Query},
};
use uuid::Uuid;

use crate::{
    engine::{
        ConflictPolicy, Deletion, Restoration, RestorePlan, active_view,
        cascade::rows::{column, iden, in_scope, readable_time},
        restore::{
            Options,
            counts::Counts,
            run::{Run, Start, StartDeletion, Took},
        },
    },
    model::{DEFAULT_GROUP, Error, Registry, Scope, graph::Group},
};

/// Restores all that one deletion took, in all tables: made by [`Deletion::undo`] of a deletion at hand, and by
/// [`Undo::deletion`] of its id, in another process too.
///
/// ```
/// # use sea_orm::{ConnectionTrait, TransactionTrait};
/// # async fn example<C: ConnectionTrait + TransactionTrait>(id: uuid::Uuid, db: &C) -> Result<(), soft_delete::Error> {
/// use soft_delete::{ConflictPolicy, Undo};
///
/// let restored = Undo::deletion(id).on_conflict(ConflictPolicy::Skip).exec(db).await?;
/// println!("{} rows are back", restored.rows_by_table().iter().map(|(_, rows)| rows).sum::<u64>());
/// # Ok(()) }
/// ```
///
/// By an id it needs `deletion_id` on one of the entities at least. Of a deletion at hand it starts from the rows that were deleted
/// themselves: by their `deletion_id`, or by their keys where their table has none, and goes by the foreign keys. If that does not
/// lead to as many rows as the deletion took, such as to one that has another parent by now, it starts again from all rows that have
/// the deletion's id. What it does not find is [told](Restoration::not_found).
///
/// A row that was deleted itself and whose parent is deleted by now, or would be replaced, forbids the undo:
/// [`Error::ParentDeleted`], whatever the [`ConflictPolicy`], and nothing is replaced or renamed.
#[derive(Clone, Debug)]
#[must_use = "nothing is restored until `exec(&db)` is awaited"]
pub struct Undo {
    of: Of,
    scope: In,
    options: Options,
}

#[derive(Clone, Debug)]
enum Of {
    Id(Uuid),
    Deletion(Box<Deletion>),
}

/// Where the deletion's entities are known.
#[derive(Clone, Debug)]
enum In {
    /// A group of a registry, or of the program's.
    Registry(Option<Registry>, String),
    Group(Arc<Group>),
}

impl Deletion {
    /// Restores all that this deletion took: see [`Undo`].
    ///
    /// ```
    /// # use sea_orm::{ConnectionTrait, TransactionTrait};
    /// # async fn example<C: ConnectionTrait + TransactionTrait>(deletion: soft_delete::Deletion, db: &C) -> Result<(), soft_delete::Error> {
    /// let restored = deletion.undo().exec(db).await?;
    /// assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
    /// # Ok(()) }
    /// ```
    pub fn undo(&self) -> Undo {
        Undo {
            of: Of::Deletion(Box::new(self.clone())),
            scope: In::Registry(None, self.group.clone()),
            options: Options::default(),
        }
    }
}

impl Undo {
    /// Restores the deletion of this id, from tables of the default [group](crate::EntityMeta::group).
    pub fn deletion(id: Uuid) -> Self {
        Self {
            of: Of::Id(id),
            scope: In::Registry(None, DEFAULT_GROUP.to_owned()),
            options: Options::default(),
        }
    }

    pub(crate) fn in_group(id: Uuid, group: Arc<Group>) -> Self {
        Self {
            scope: In::Group(group),
            ..Self::deletion(id)
        }
    }

    /// Looks for it in the tables of this [group](crate::EntityMeta::group).
    pub fn group(mut self, group: &str) -> Self {
        self.scope = match self.scope {
            In::Registry(registry, _) => In::Registry(registry, group.to_owned()),
            In::Group(_) => In::Registry(None, group.to_owned()),
        };
        self
    }

    /// Follows the foreign keys of these entities instead of [`Registry::global`]'s.
    pub fn registry(mut self, registry: &Registry) -> Self {
        let group = match self.scope {
            In::Registry(_, group) => group,
            In::Group(_) => DEFAULT_GROUP.to_owned(),
        };
        self.scope = In::Registry(Some(registry.clone()), group);
        self
    }

    /// Restores deleted parents too: see [`Restore::with_parents`](crate::Restore::with_parents).
    pub fn with_parents(mut self) -> Self {
        self.options.with_parents = true;
        self
    }

    /// What to do about unique values that are taken: see [`Restore::on_conflict`](crate::Restore::on_conflict).
    pub fn on_conflict(mut self, on_conflict: ConflictPolicy) -> Self {
        self.options.on_conflict = on_conflict;
        self
    }

    /// Who restores: goes into `deleted_by` of rows that [`ConflictPolicy::Replace`] deletes, where their entity has that column.
    pub fn by(mut self, actor: impl Into<Value>) -> Self {
        self.options.actor = Some(actor.into());
        self
    }

    /// Runs it in one transaction.
    ///
    /// # Errors
    ///
    /// As [`Restore::exec`](crate::Restore::exec). By an id, [`Error::DeletionNotFound`] if no row has it. Of a deletion at hand, it is `Ok` and
    /// changes nothing if all of it has been restored already; [`Error::NoIdentity`] of more than 10,000 rows, of a table without
    /// `deletion_id`, that were deleted by a filter; [`Error::NotRegistered`] if the registry lacks one of its tables.
    pub async fn exec<C>(self, db: &C) -> Result<Restoration, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        match self.run(db).await? {
            Some(run) => run.exec(db).await,
            None => Ok(Restoration::default()),
        }
    }

    /// What [`exec`](Self::exec) would do now, without doing it.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec), but what forbids the restore is in the plan and not an error.
    pub async fn plan<C>(self, db: &C) -> Result<RestorePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        match self.run(db).await? {
            Some(run) => run.plan(db).await,
            None => Ok(RestorePlan::default()),
        }
    }

    /// `None` if the deletion took nothing.
    async fn run<C: ConnectionTrait>(self, db: &C) -> Result<Option<Run>, Error> {
        let group = match self.scope {
            In::Registry(Some(registry), group) => registry.group(&group)?,
            In::Registry(None, group) => Registry::global().group(&group)?,
            In::Group(group) => group,
        };
        let start = match self.of {
            Of::Id(id) => Some(find(db, &group, id).await?),
            Of::Deletion(deletion) => start_of(&deletion, &group)?,
        };
        let start = start.map(Start::Deletion);
        Ok(start.map(|start| Run::new(group, start, self.options)))
    }
}

/// What a deletion at hand says of itself.
fn start_of(deletion: &Deletion, group: &Group) -> Result<Option<StartDeletion>, Error> {
    let mut rows = Counts::default();
    let mut entities = Vec::with_capacity(deletion.tables.len());
    for (table, count) in &deletion.tables {
        let mut all = group.entities().iter();
        let Some(entity) = all.position(|meta| meta.table == *table) else {
            return Err(Error::NotRegistered {
                table: table.clone(),
            });
        };
        rows.add(entity, count);
        entities.push(entity);
    }
    let Some(root) = entities.first().copied() else {
        return Ok(None);
    };
    let meta = group.entity(root);
    let roots = deletion.roots.as_ref();
    let roots = roots.map(|keys| (root, keys.values(meta)));
    if meta.stamp.deletion_id.is_none() && roots.is_none() {
        return Err(Error::NoIdentity {
            table: meta.table.clone(),
        });
    }
    Ok(Some(StartDeletion {
        id: deletion.id,
        at: deletion.deleted_at,
        roots,
        took: Some(Took { rows }),
        entities,
    }))
}

/// The entities of which a deletion took rows, and its time.
async fn find<C: ConnectionTrait>(db: &C, group: &Group, id: Uuid) -> Result<StartDeletion, Error> {
    let backend = db.get_database_backend();
    let mut at = None;
    let mut entities = Vec::new();
    for (entity, meta) in group.entities().iter().enumerate() {
        let Some(name) = &meta.stamp.deletion_id else {
            continue;
        };
        let deleted_at = &meta.stamp.deleted_at;
        let row = Query::select()
            .expr_as(readable_time(meta, backend), iden(deleted_at))
            .from(meta.table.to_ref())
            .and_where(column(meta, name).eq(id))
            .and_where(in_scope(meta, Scope::OnlyDeleted))
            .limit(1)
            .to_owned();
        if let Some(row) = db.query_one(&row).await? {
            entities.push(entity);
            at = at.or(meta.stamp.read_known_time(&row, &meta.table, deleted_at)?);
        }
    }
    if entities.is_empty() {
        if let Some(meta) = group.entities().first() {
            active_view::refuse(db, meta).await?;
        }
        return Err(Error::DeletionNotFound { id });
    }
    Ok(StartDeletion {
        id,
        // Where none of the tables keeps a time, none is asked for it.
        at: at.unwrap_or_default(),
        entities,
        roots: None,
        took: None,
    })
}

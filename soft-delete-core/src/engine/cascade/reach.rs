//! The rows that a cascade reaches, as a condition on each table that is true before anything is written.

use sea_orm::{
    DbBackend,
    sea_query::{
        CommonTableExpression, Expr, ExprTrait as _, Query, SelectStatement, UnionType, WithClause,
    },
};

use crate::{
    dialect,
    engine::cascade::rows::{
        RowKey, State, all, any, column, columns, columns_of, equal, iden, in_select,
        is_below_one_of,
    },
    model::{
        EntityMeta, Scope,
        graph::{Cascade, Edge},
    },
};

/// The name of a recursive query, and of its level column.
const BELOW: &str = "soft_delete_below";
const PARENT: &str = "soft_delete_parent";
const LEVEL: &str = "soft_delete_level";

/// What a cascade reaches from the rows of one table.
#[derive(Clone, Debug)]
pub(crate) struct Reach<'c> {
    pub(crate) backend: DbBackend,
    pub(crate) cascade: &'c Cascade<'c>,
    pub(crate) root: usize,
    /// What selects the rows to start from.
    pub(crate) condition: Expr,
    /// The key of the row to start from, if it is one, and is known to be in this state.
    pub(crate) key: Option<RowKey>,
    pub(crate) state: State,
    /// Whether sub-selects lock what they read. Within a SELECT that locks they don't by themselves, and don't see the latest
    /// state where only a locking one does.
    pub(crate) locks: bool,
}

impl Reach<'_> {
    /// Whether one query can say what is reached. It can't when several tables cascade into each other in a circle, nor
    /// along a table's keys to itself where the server limits recursion: then the rows must be marked to find out.
    pub(crate) fn is_known(&self) -> bool {
        !self.cascade.has_circle() && !self.may_be_cut()
    }

    /// Whether the server may cut a query off: where it limits recursion, and a table cascades into itself.
    pub(crate) fn may_be_cut(&self) -> bool {
        dialect::recursion_limit(self.backend).is_some() && self.cascade.has_loop()
    }

    /// For each entity that cascades into itself a row of the last level that one query reaches, if there is one.
    pub(crate) fn rows_at_the_limit(&self) -> Vec<SelectStatement> {
        let Some(limit) = dialect::recursion_limit(self.backend) else {
            return Vec::new();
        };
        let loops_of = |entity| -> Vec<Edge> {
            let edges = self.cascade.edges_into(entity);
            edges.filter(|edge| edge.is_loop()).collect()
        };
        let entities = self.cascade.entities();
        let with_loops = entities.filter(|entity| !loops_of(*entity).is_empty());
        with_loops
            .map(|entity| {
                let start = self.reaches_without_loops(entity);
                let loops = loops_of(entity);
                let mut below = below(
                    self.cascade,
                    entity,
                    &loops,
                    start,
                    self.state,
                    self.backend,
                );
                below
                    .and_where(Expr::col((BELOW, LEVEL)).gte(Expr::cust(limit.to_string())))
                    .limit(1);
                below
            })
            .collect()
    }

    pub(crate) fn meta(&self, entity: usize) -> &EntityMeta {
        self.cascade.group.entity(entity)
    }

    /// Whether a row of this entity is reached. Only for a reach that [is known](Self::is_known).
    pub(crate) fn reaches(&self, entity: usize) -> Expr {
        let meta = self.meta(entity);
        let loops = self.cascade.edges_into(entity);
        let loops: Vec<_> = loops.filter(|edge| edge.is_loop()).collect();
        let reached = self.reaches_without_loops(entity);
        if loops.is_empty() {
            return reached;
        }
        let below = below(
            self.cascade,
            entity,
            &loops,
            reached,
            self.state,
            self.backend,
        );
        in_select(columns(meta, &meta.primary_key), below)
            .and(self.state.of_row(meta, self.backend))
    }

    /// The same without the entity's keys to itself: what these start from.
    fn reaches_without_loops(&self, entity: usize) -> Expr {
        let meta = self.meta(entity);
        let mut ways = Vec::new();
        if entity == self.root {
            ways.push(self.condition.clone());
        }
        let edges = self.cascade.edges_into(entity);
        let edges = edges.filter(|edge| !edge.is_loop());
        ways.extend(edges.map(|edge| self.is_below(edge)));
        let state = match entity == self.root {
            true => self.state.of_row(meta, self.backend),
            false => self.state.of_child(meta, self.backend),
        };
        any(ways).and(state)
    }

    /// Whether a row is reached through this key.
    fn is_below(&self, edge: Edge) -> Expr {
        self.is_below_root_row(edge).unwrap_or_else(|| {
            is_below_one_of(
                self.meta(edge.child),
                self.meta(edge.parent),
                self.cascade.group.foreign_key(edge),
                |names| self.select(edge.parent, names),
            )
        })
    }

    /// The same by the root row's key, where that is the only row of its table.
    pub(crate) fn is_below_root_row(&self, edge: Edge) -> Option<Expr> {
        self.key.as_ref()?.is_above(self.cascade, self.root, edge)
    }

    /// Columns of the rows of this entity that are reached.
    pub(crate) fn select(&self, entity: usize, names: &[String]) -> SelectStatement {
        let meta = self.meta(entity);
        let mut select = Query::select();
        select
            .exprs(columns(meta, names))
            .from(meta.table.to_ref())
            .and_where(self.reaches(entity));
        if self.locks {
            select.lock_exclusive();
        }
        select
    }
}

/// The keys of an entity's rows that meet `start`, and of those below them along its keys to itself.
///
/// ```sql
/// WITH RECURSIVE below (id) AS (
///     SELECT id FROM folder WHERE <start>
///     UNION SELECT folder.id FROM below JOIN folder ON folder.parent_id = below.id WHERE <state>
/// ) SELECT DISTINCT id FROM below
/// ```
///
/// Where the server limits recursion it stops short of the limit, and whoever uses it must ask again.
pub(crate) fn below(
    cascade: &Cascade<'_>,
    entity: usize,
    loops: &[Edge],
    start: Expr,
    state: State,
    backend: DbBackend,
) -> SelectStatement {
    let meta = cascade.group.entity(entity);
    let mut names = meta.primary_key.clone();
    for edge in loops {
        for name in cascade.group.foreign_key(*edge).matching_parent() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let is_child = any(loops.iter().map(|edge| {
        let key = cascade.group.foreign_key(*edge);
        let is_child = equal(
            columns(meta, &key.matching()),
            columns_of(BELOW, &key.matching_parent()),
        );
        let on_child = key.condition_on_child(meta.table.to_iden());
        let on_parent = key.condition_on_parent(PARENT).map(|condition| {
            let row = Query::select()
                .expr(Expr::cust("1"))
                .from_as(meta.table.to_ref(), PARENT)
                .and_where(equal(
                    columns_of(PARENT, &meta.primary_key),
                    columns_of(BELOW, &meta.primary_key),
                ))
                .and_where(condition)
                .and_where(
                    Scope::WithDeleted
                        .predicate(Expr::col((PARENT, iden(meta.stamp.marker_column())))),
                )
                .to_owned();
            Expr::exists(row)
        });
        all([is_child].into_iter().chain(on_child).chain(on_parent))
    }));

    let mut first = Query::select();
    first
        .exprs(columns(meta, &names))
        .from(meta.table.to_ref())
        .and_where(start);
    let mut deeper = Query::select();
    deeper
        .exprs(names.iter().map(|name| column(meta, name)))
        .from(BELOW)
        .join(
            dialect::join_from_left(backend),
            meta.table.to_ref(),
            is_child,
        )
        .and_where(state.of_child(meta, backend));
    let mut recursive = CommonTableExpression::new();
    recursive
        .table_name(BELOW)
        .columns(names.iter().map(|name| iden(name)));
    if let Some(limit) = dialect::recursion_limit(backend) {
        let level = || Expr::col((BELOW, LEVEL));
        first.expr(Expr::cust("0"));
        deeper
            .expr(level().add(Expr::cust("1")))
            .and_where(level().lt(Expr::cust(limit.to_string())));
        recursive.column(LEVEL);
    }
    recursive.query(first.union(UnionType::Distinct, deeper).to_owned());

    Query::select()
        .distinct()
        .columns(meta.primary_key.iter().map(|name| iden(name)))
        .from(BELOW)
        .with_cte(WithClause::new().recursive(true).cte(recursive).to_owned())
        .to_owned()
}

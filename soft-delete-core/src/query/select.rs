//! Scopes for selects that SeaORM builds, and joins that see active rows only.

use sea_orm::{
    EntityTrait, JoinType, QueryFilter as _, Related, RelationDef, Select, SelectTwo,
    SelectTwoMany, SelectTwoRequired,
    sea_query::{Condition, Expr, TableRef},
};

use crate::{
    engine::cascade::rows::in_scope_now,
    model::{EntityMeta, Registry, Scope, TableName},
    query::{SoftDelete, predicate},
};

/// Methods may be added to these traits: they are for SeaORM's selects alone.
mod sealed {
    pub trait Sealed {}

    impl<E: sea_orm::EntityTrait> Sealed for sea_orm::Select<E> {}
}

/// Scopes for a select that SeaORM built, such as `user.find_related(Post)`.
///
/// ```
/// # use sea_orm::entity::prelude::*;
/// use soft_delete::{SelectScope, SoftDelete};
///
/// # async fn example<U, P>(user: U, posts: P, db: &DatabaseConnection) -> Result<(), DbErr>
/// # where U: ModelTrait, U::Entity: Related<P>, P: SoftDelete {
/// let visible = user.find_related(posts).active().all(db).await?;
/// # let _ = visible; Ok(()) }
/// ```
pub trait SelectScope: sealed::Sealed + Sized {
    /// Only active rows: adds `deleted_at IS NULL`.
    fn active(self) -> Self {
        self.scope(Scope::Active)
    }

    /// Only deleted rows: adds `deleted_at IS NOT NULL`.
    fn only_deleted(self) -> Self {
        self.scope(Scope::OnlyDeleted)
    }

    /// The rows of a scope.
    fn scope(self, scope: Scope) -> Self;
}

impl<E: SoftDelete> SelectScope for Select<E> {
    fn scope(mut self, scope: Scope) -> Self {
        let table = &E::meta().table;
        if scope != Scope::Active && table.in_schema() != table.schema.as_deref() {
            // The name alone is a view that has no deleted rows.
            let select = sea_orm::QueryTrait::query(&mut self);
            select.from_clear().from(table.to_ref());
        }
        self.filter(predicate::<E>(scope))
    }
}

/// Joins that see only active rows on their right side, and only active rows of a junction table in between.
///
/// The predicate stands in the join's `ON`, so that a left join keeps the rows that have nothing on the right:
///
/// ```sql
/// SELECT … FROM user LEFT JOIN post ON user.id = post.author_id AND post.deleted_at IS NULL
/// ```
///
/// The left side is as the select has it: with `User::find()` active rows.
pub trait SelectActive<E: EntityTrait>: sealed::Sealed + Sized {
    /// As SeaORM's `find_also_related`: each row with one active related row, or none.
    fn find_also_active<R>(self, related: R) -> SelectTwo<E, R>
    where
        R: SoftDelete,
        E: Related<R>;

    /// As SeaORM's `find_with_related`: each row with all its active related rows.
    fn find_with_active<R>(self, related: R) -> SelectTwoMany<E, R>
    where
        R: SoftDelete,
        E: Related<R>;

    /// As SeaORM's `find_both_related`: only rows that have an active related row, with it.
    fn find_both_active<R>(self, related: R) -> SelectTwoRequired<E, R>
    where
        R: SoftDelete,
        E: Related<R>;

    /// As SeaORM's `left_join`, to active rows.
    fn left_join_active<R>(self, related: R) -> Self
    where
        R: SoftDelete,
        E: Related<R>;

    /// As SeaORM's `inner_join`, to active rows.
    fn inner_join_active<R>(self, related: R) -> Self
    where
        R: SoftDelete,
        E: Related<R>;
}

impl<E: EntityTrait> SelectActive<E> for Select<E> {
    fn find_also_active<R>(self, related: R) -> SelectTwo<E, R>
    where
        R: SoftDelete,
        E: Related<R>,
    {
        self.left_join_active(related).select_also(related)
    }

    fn find_with_active<R>(self, related: R) -> SelectTwoMany<E, R>
    where
        R: SoftDelete,
        E: Related<R>,
    {
        self.left_join_active(related).select_with(related)
    }

    fn find_both_active<R>(self, related: R) -> SelectTwoRequired<E, R>
    where
        R: SoftDelete,
        E: Related<R>,
    {
        self.inner_join_active(related).select_two_required(related)
    }

    fn left_join_active<R>(self, _: R) -> Self
    where
        R: SoftDelete,
        E: Related<R>,
    {
        join_active::<E, R>(self, JoinType::LeftJoin)
    }

    fn inner_join_active<R>(self, _: R) -> Self
    where
        R: SoftDelete,
        E: Related<R>,
    {
        join_active::<E, R>(self, JoinType::InnerJoin)
    }
}

fn join_active<E, R>(mut select: Select<E>, join: JoinType) -> Select<E>
where
    E: EntityTrait + Related<R>,
    R: SoftDelete,
{
    let related = R::meta();
    if let Some(via) = E::via() {
        // The junction's entity is not among the types, but the registry knows its table.
        let junction = Registry::global()
            .entities()
            .find(|meta| meta.group == related.group && meta.table == TableName::of(&via.to_tbl));
        join_on(&mut select, join, via, junction.map(is_active));
    }
    join_on(&mut select, join, E::to(), Some(is_active(related)));
    select
}

fn is_active(meta: &EntityMeta) -> Expr {
    in_scope_now(meta, Scope::Active)
}

/// The relation's own condition may be an OR (`condition_type`), so that the scope goes around it and not into it.
fn join_on<E: EntityTrait>(
    select: &mut Select<E>,
    join: JoinType,
    relation: RelationDef,
    scope: Option<Expr>,
) {
    let table: TableRef = relation.to_tbl.clone();
    let on = Condition::all()
        .add(Condition::from(relation))
        .add_option(scope);
    sea_orm::QueryTrait::query(select).join(join, table, on);
}

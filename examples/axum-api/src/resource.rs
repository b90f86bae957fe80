//! What all resources have in common: one set of handlers, generic over the entity.

mod actions;
mod request;
mod routes;

use std::future::Future;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use sea_orm::{
    ColumnTrait as _, DbBackend, DbErr, EntityTrait, PrimaryKeyTrait, QueryFilter as _, Select,
    SqlErr,
    sea_query::{Expr, ExprTrait as _, LikeExpr, extension::postgres::PgExpr as _},
};
use serde::{Serialize, de::DeserializeOwned};
use soft_delete::SoftDelete;

pub use self::{
    actions::{
        delete_one, forbidden, may_choose, may_restore, plan_delete, plan_restore, restore_one,
        without_strangers,
    },
    request::{Choice, Paging, RestoreOptions},
    routes::routes,
};
use crate::{auth::Caller, db::Tx, kind::Kind, policy::Action, problem::Problem, view::StampView};

/// An entity with an address of its own.
pub trait Resource: SoftDelete<Actor = i64>
    + EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = i64>, Model: Clone + Send + Sync + 'static>
{
    const KIND: Kind;
    /// What is shown of it.
    type View: Serialize + JsonSchema + Send + 'static;
    /// What creates one.
    type Create: DeserializeOwned + JsonSchema + Send + 'static;
    /// What can be changed of it.
    type Edit: DeserializeOwned + JsonSchema + Send + 'static;
    /// What its list can be narrowed by.
    type Filter: DeserializeOwned + JsonSchema + Send + 'static;

    fn columns() -> Columns<Self::Column>;

    fn state(row: &Self::Model) -> ResourceState;

    fn view(row: Self::Model) -> Self::View;

    fn filter(select: Select<Self>, filter: Self::Filter) -> Select<Self>;

    fn create(
        input: Self::Create,
        caller: &Caller,
        tx: &Tx,
    ) -> impl Future<Output = Result<Self::Model, Problem>> + Send;

    fn edit(
        row: Self::Model,
        input: Self::Edit,
        caller: &Caller,
        tx: &Tx,
    ) -> impl Future<Output = Result<Self::Model, Problem>> + Send;
}

/// The columns that generic code needs.
#[derive(Debug)]
pub struct Columns<C> {
    pub id: C,
    /// Whose the row is: for a workspace its own key.
    pub workspace: C,
    /// What a search looks in, and a list shows.
    pub title: C,
}

/// What generic code needs of a row.
#[derive(Clone, Debug)]
pub struct ResourceState {
    pub id: i64,
    pub workspace: Option<i64>,
    /// Who made it.
    pub owner: Option<i64>,
    pub updated_at: DateTime<Utc>,
    pub stamp: Option<StampView>,
}

impl ResourceState {
    pub fn etag(&self) -> String {
        etag(self.updated_at, self.stamp.as_ref())
    }
}

/// A strong validator: it changes with every edit, delete and restore.
pub fn etag(updated_at: DateTime<Utc>, stamp: Option<&StampView>) -> String {
    let updated = updated_at.timestamp_micros();
    match stamp {
        None => format!("\"{updated:x}\""),
        Some(stamp) => format!("\"{updated:x}-{:x}\"", stamp.deleted_at.timestamp_micros()),
    }
}

/// Rows that exist for the caller.
pub fn visible_to<R: Resource>(caller: &Caller, select: Select<R>) -> Select<R> {
    use crate::entity::member::Role;
    match (caller.role, caller.workspace) {
        (Role::Support, _) => select,
        (_, workspace) => select.filter(R::columns().workspace.eq(workspace)),
    }
}

/// The row of that key, active or deleted, if it exists for the caller.
fn known<R: Resource>(caller: &Caller, id: i64) -> Select<R> {
    visible_to(caller, R::with_deleted().filter(R::columns().id.eq(id)))
}

/// The row, if it is active. Of a deleted one only those learn who may see the trash.
fn active<R: Resource>(row: Option<R::Model>, caller: &Caller) -> Result<R::Model, Problem> {
    let row = row.ok_or_else(Problem::not_found)?;
    match R::state(&row).stamp {
        None => Ok(row),
        Some(stamp) if caller.may(Action::SeeTrash, R::KIND, false) => Err(Problem::gone(stamp)),
        Some(_) => Err(Problem::not_found()),
    }
}

/// Has this text in its title, in capitals or not. The text's own `%` and `_` mean themselves.
pub fn titled<R: Resource>(text: &str, backend: DbBackend) -> Result<Expr, Problem> {
    request::check_text("q", text, 100)?;
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    let pattern = LikeExpr::new(pattern);
    let title = R::columns().title.into_expr();
    Ok(match backend {
        // A backslash escapes without being told to. SeaQuery would put `ESCAPE` where ILIKE can't have it.
        DbBackend::Postgres => title.ilike(pattern),
        // SQLite's LIKE has no eye for capitals, at least of ASCII.
        _ => title.like(pattern.escape('\\')),
    })
}

/// A unique value that is taken is the caller's affair; other errors are ours.
pub fn taken(error: DbErr, detail: &str) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::unique_taken(detail),
        _ => error.into(),
    }
}

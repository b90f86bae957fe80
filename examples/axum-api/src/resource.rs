//! What all resources have in common: one set of handlers, generic over the entity.

use std::future::Future;

use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with, patch_with, post_with},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, DbErr, EntityTrait, PaginatorTrait,
    PrimaryKeyTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, SqlErr,
    sea_query::{Expr, ExprTrait as _, LikeExpr, extension::postgres::PgExpr as _},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use soft_delete::{OnConflict, Outcome, Restore, SoftDelete};

use crate::{
    app::{App, document},
    auth::Caller,
    db::{Db, Tx, begin},
    extract::{IfMatch, Json, Key, OptionalJson, Path, Prefer, Query},
    kind::Kind,
    policy::Action,
    problem::Problem,
    text::renamed,
    view::{self, DeletePlanView, DeletionView, Page, RestorationView, RestorePlanView, StampView},
};

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

/// Which page.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct Paging {
    /// Which page, from 1.
    #[serde(default = "first", deserialize_with = "page")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub page: u64,
    /// How many items a page has.
    #[serde(default = "twenty", deserialize_with = "per_page")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: u64,
}

/// What every list can be narrowed or widened by.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Listing {
    /// Deleted ones too. Only admins may.
    #[serde(default)]
    pub include_deleted: bool,
    /// A text in the title.
    #[schemars(length(max = 100), pattern(r"^[^\u0000]*$"))]
    pub q: Option<String>,
}

/// What to do where a restore meets a conflict.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreOptions {
    pub on_conflict: Choice,
    /// Restores deleted parents too: themselves, not what else was deleted with them.
    pub with_parents: bool,
}

/// What to do about a unique value that another row has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Choice {
    /// Nothing is restored; the answer lists the conflicts.
    #[default]
    Fail,
    /// It stays deleted, and what is below it.
    Skip,
    /// The other one is deleted.
    Replace,
    /// It takes another name: `…-restored`.
    Rename,
}

impl RestoreOptions {
    pub fn apply<R: Resource>(self, restore: Restore<R>, caller: &Caller) -> Restore<R> {
        let restore = restore.by(caller.id).on_conflict(match self.on_conflict {
            Choice::Fail => OnConflict::Fail,
            Choice::Skip => OnConflict::Skip,
            Choice::Replace => OnConflict::Replace,
            Choice::Rename => OnConflict::rename(|row| {
                let values = row.values.iter().cloned();
                values
                    .map(|value| match value {
                        sea_orm::Value::String(Some(text)) => renamed(&text).into(),
                        other => other,
                    })
                    .collect()
            }),
        });
        if self.with_parents {
            restore.with_parents()
        } else {
            restore
        }
    }
}

/// Why something is deleted.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Reason {
    /// Why. It is shown in the trash.
    #[schemars(length(max = 500), pattern(r"^[^\u0000]*$"))]
    pub reason: Option<String>,
}

/// All routes of a resource.
pub fn routes<R: Resource>() -> ApiRouter<App> {
    let name = R::KIND.name();
    ApiRouter::new()
        .api_route(
            &R::KIND.path(),
            get_with(list::<R>, move |o| {
                document::operation(o, &format!("list_{name}"), name, &[400, 403, 422])
                    .summary(&format!("A page of {name}s, by key"))
                    .response::<200, axum::Json<Page<R::View>>>()
            })
            .post_with(create::<R>, move |o| {
                document::operation(o, &format!("create_{name}"), name, &[400, 403, 409, 413, 415, 422])
                    .summary(&format!("Creates a {name}"))
                    .response_with::<201, axum::Json<R::View>, _>(document::with_etag)
            }),
        )
        .api_route(
            &format!("{}/{{id}}", R::KIND.path()),
            get_with(read::<R>, move |o| {
                document::operation(o, &format!("read_{name}"), name, &[404, 410])
                    .summary(&format!("One {name}"))
                    .description("Of a deleted one, 410 tells those who may see the trash when; for others it is not there.")
                    .response_with::<200, axum::Json<R::View>, _>(document::with_etag)
            })
            .merge(patch_with(edit::<R>, move |o| {
                document::operation(o, &format!("edit_{name}"), name, &[400, 403, 404, 409, 410, 412, 413, 415, 422])
                    .summary(&format!("Changes a {name}"))
                    .response_with::<200, axum::Json<R::View>, _>(document::with_etag)
            }))
            .merge(delete_with(delete::<R>, move |o| {
                document::operation(o, &format!("delete_{name}"), name, &[400, 403, 404, 409, 412, 422])
                    .summary(&format!("Deletes a {name} and all below it"))
                    .description("It goes to the trash. Deleting what is deleted is no error and changes nothing, so that a request can be sent again.")
                    .response::<204, ()>()
                    .response::<200, axum::Json<DeletionView>>()
            })),
        )
        .api_route(
            &format!("{}/{{id}}/restore", R::KIND.path()),
            post_with(restore::<R>, move |o| {
                document::operation(o, &format!("restore_{name}"), name, &[400, 403, 404, 409, 412, 413, 415, 422])
                    .summary(&format!("Restores a {name} with what was deleted along with it"))
                    .description("204 if it is active already.")
                    .response::<200, axum::Json<RestorationView>>()
                    .response::<204, ()>()
            }),
        )
        .api_route(
            &format!("{}/{{id}}/delete-plan", R::KIND.path()),
            get_with(delete_plan::<R>, move |o| {
                document::operation(o, &format!("plan_delete_{name}"), name, &[403, 404, 410])
                    .summary(&format!("What deleting this {name} would do"))
                    .response::<200, axum::Json<DeletePlanView>>()
            }),
        )
        .api_route(
            &format!("{}/{{id}}/restore-plan", R::KIND.path()),
            get_with(restore_plan::<R>, move |o| {
                document::operation(o, &format!("plan_restore_{name}"), name, &[403, 404])
                    .summary(&format!("What restoring this {name} would do"))
                    .response::<200, axum::Json<RestorePlanView>>()
            }),
        )
}

async fn list<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Query(paging): Query<Paging>,
    Query(listing): Query<Listing>,
    Query(filter): Query<R::Filter>,
) -> Result<axum::Json<Page<R::View>>, Problem> {
    let rows = if listing.include_deleted {
        if !caller.may(Action::IncludeDeleted, R::KIND, false) {
            return Err(Problem::forbidden("Only admins may list deleted ones."));
        }
        R::with_deleted()
    } else {
        R::active()
    };
    let mut select = visible_to(&caller, R::filter(rows, filter)).order_by_asc(R::columns().id);
    let db = app.db();
    if let Some(text) = &listing.q {
        select = select.filter(titled::<R>(text, db.get_database_backend())?);
    }
    let pages = select.paginate(&db, paging.per_page);
    Ok(axum::Json(Page {
        total: pages.num_items().await?,
        items: pages
            .fetch_page(paging.page - 1)
            .await?
            .into_iter()
            .map(R::view)
            .collect(),
        page: paging.page,
        per_page: paging.per_page,
    }))
}

async fn create<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<R::Create>,
) -> Result<Response, Problem> {
    if !caller.may(Action::Create, R::KIND, true) {
        return Err(forbidden(&caller, "create", R::KIND));
    }
    let tx = begin(&app.db()).await?;
    let row = R::create(input, &caller, &tx).await?;
    tx.commit().await?;
    let location = view::link(R::KIND, R::state(&row).id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        with_etag::<R>(row),
    )
        .into_response())
}

async fn read<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<Response, Problem> {
    let row = known::<R>(&caller, id).one(&app.db()).await?;
    Ok(with_etag::<R>(active::<R>(row, &caller)?))
}

async fn edit<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
    if_match: IfMatch,
    Json(input): Json<R::Edit>,
) -> Result<Response, Problem> {
    let tx = begin(&app.db()).await?;
    let row = known::<R>(&caller, id).lock_exclusive().one(&tx).await?;
    let row = active::<R>(row, &caller)?;
    let state = R::state(&row);
    if !caller.may(Action::Edit, R::KIND, state.owner == Some(caller.id)) {
        return Err(forbidden(&caller, "change", R::KIND));
    }
    if_match.require(&state.etag())?;
    let row = R::edit(row, input, &caller, &tx).await?;
    tx.commit().await?;
    Ok(with_etag::<R>(row))
}

async fn delete<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
    Query(Reason { reason }): Query<Reason>,
    if_match: IfMatch,
    prefer: Prefer,
) -> Result<Response, Problem> {
    let deletion = delete_one::<R>(&app.db(), &caller, id, reason, &if_match).await?;
    if prefer.representation {
        let applied = [("preference-applied", "return=representation")];
        return Ok((applied, axum::Json(deletion)).into_response());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Deletes it, if the caller may and it is what they have seen.
pub async fn delete_one<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
    reason: Option<String>,
    if_match: &IfMatch,
) -> Result<DeletionView, Problem> {
    if let Some(reason) = &reason {
        check_text("reason", reason, 500)?;
    }
    let tx = begin(db).await?;
    let row = known::<R>(caller, id).lock_exclusive().one(&tx).await?;
    let state = R::state(&row.ok_or_else(Problem::not_found)?);
    let own = state.owner == Some(caller.id);
    let may =
        caller.may(Action::Delete, R::KIND, own) && (R::KIND, id) != (Kind::Member, caller.id);
    if let Some(stamp) = &state.stamp {
        // The same request again, whatever it has seen before: RFC 9110 lets it succeed, since what it asks for is so.
        return match may || caller.may(Action::SeeTrash, R::KIND, own) {
            true => Ok(DeletionView::earlier(stamp)),
            false => Err(Problem::not_found()),
        };
    }
    if !may {
        return Err(forbidden(caller, "delete", R::KIND));
    }
    if_match.require(&state.etag())?;
    let mut delete = <R as SoftDelete>::delete_by_id(id).by(caller.id);
    if let Some(reason) = reason {
        delete = delete.reason(reason);
    }
    let deletion = delete.exec(&tx).await?;
    tx.commit().await?;
    match deletion.outcome() {
        Outcome::NotFound => Err(Problem::not_found()),
        _ => Ok(DeletionView::from(&deletion)),
    }
}

async fn restore<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
    if_match: IfMatch,
    OptionalJson(options): OptionalJson<RestoreOptions>,
) -> Result<Response, Problem> {
    let restored = restore_one::<R>(&app.db(), &caller, id, options, &if_match).await?;
    Ok(match restored {
        Some(restoration) => axum::Json(restoration).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Restores it, if the caller may and it is what they have seen. None if it is active.
pub async fn restore_one<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
    options: RestoreOptions,
    if_match: &IfMatch,
) -> Result<Option<RestorationView>, Problem> {
    let tx = begin(db).await?;
    let row = known::<R>(caller, id).lock_exclusive().one(&tx).await?;
    let state = R::state(&row.ok_or_else(Problem::not_found)?);
    let Some(stamp) = &state.stamp else {
        return Ok(None);
    };
    may_restore(caller, R::KIND, stamp)?;
    may_choose(caller, R::KIND, options)?;
    if_match.require(&state.etag())?;
    let restored = options
        .apply(<R as SoftDelete>::restore_by_id(id), caller)
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(Some(RestorationView::from(&restored)))
}

async fn delete_plan<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<axum::Json<DeletePlanView>, Problem> {
    let (_, plan) = plan_delete::<R>(&app.db(), &caller, id).await?;
    Ok(axum::Json(plan))
}

/// The row, and what a delete of it would do, if the caller may do it.
pub async fn plan_delete<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
) -> Result<(R::Model, DeletePlanView), Problem> {
    let row = known::<R>(caller, id).one(db).await?;
    let row = active::<R>(row, caller)?;
    if !caller.may(
        Action::Delete,
        R::KIND,
        R::state(&row).owner == Some(caller.id),
    ) {
        return Err(forbidden(caller, "delete", R::KIND));
    }
    let plan = <R as SoftDelete>::delete_by_id(id).plan(db).await?;
    Ok((row, DeletePlanView::from(&plan)))
}

async fn restore_plan<R: Resource>(
    State(app): State<App>,
    caller: Caller,
    Path(Key { id }): Path<Key>,
) -> Result<axum::Json<RestorePlanView>, Problem> {
    plan_restore::<R>(&app.db(), &caller, id)
        .await
        .map(axum::Json)
}

/// What a restore would do, if the caller may do it.
pub async fn plan_restore<R: Resource>(
    db: &Db,
    caller: &Caller,
    id: i64,
) -> Result<RestorePlanView, Problem> {
    let row = known::<R>(caller, id).one(db).await?;
    let state = R::state(&row.ok_or_else(Problem::not_found)?);
    if let Some(stamp) = &state.stamp {
        may_restore(caller, R::KIND, stamp)?;
    }
    let plan = <R as SoftDelete>::restore_by_id(id).plan(db).await?;
    Ok(RestorePlanView::from(&plan))
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

/// Members take back what they deleted, and of the rest of the trash they don't know.
pub fn may_restore(caller: &Caller, kind: Kind, stamp: &StampView) -> Result<(), Problem> {
    if caller.may(Action::Restore, kind, stamp.deleted_by == Some(caller.id)) {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// What reaches beyond the row itself is for those who may do that to any: other people's parents come back, and what has the name is
/// deleted.
pub fn may_choose(caller: &Caller, kind: Kind, options: RestoreOptions) -> Result<(), Problem> {
    if options.with_parents && !caller.may(Action::Restore, kind, false) {
        return Err(forbidden(caller, "restore the parents of", kind));
    }
    if options.on_conflict == Choice::Replace && !caller.may(Action::Replace, kind, false) {
        return Err(forbidden(caller, "delete another one for", kind));
    }
    Ok(())
}

pub fn forbidden(caller: &Caller, verb: &str, kind: Kind) -> Problem {
    let role = caller.role.name();
    Problem::forbidden(format!(
        "As {role} you may not {verb} this {}.",
        kind.name()
    ))
}

/// A unique value that is taken is the caller's affair; other errors are ours.
pub fn taken(error: DbErr, detail: &str) -> Problem {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Problem::unique_taken(detail),
        _ => error.into(),
    }
}

/// Has this text in its title, in capitals or not. The text's own `%` and `_` mean themselves.
pub fn titled<R: Resource>(text: &str, backend: DbBackend) -> Result<Expr, Problem> {
    check_text("q", text, 100)?;
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

fn check_text(name: &str, text: &str, max: usize) -> Result<(), Problem> {
    if text.chars().count() > max {
        return Err(Problem::invalid(
            name,
            format!("must have {max} characters at most"),
        ));
    }
    if text.contains('\0') {
        return Err(Problem::invalid(name, "must have no NUL character"));
    }
    Ok(())
}

fn with_etag<R: Resource>(row: R::Model) -> Response {
    let etag = [(header::ETAG, R::state(&row).etag())];
    (etag, axum::Json(R::view(row))).into_response()
}

fn first() -> u64 {
    1
}

fn twenty() -> u64 {
    20
}

fn page<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(deserializer, 1..=1_000_000)
}

fn per_page<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(deserializer, 1..=100)
}

fn within<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
    range: std::ops::RangeInclusive<u64>,
) -> Result<u64, D::Error> {
    let number = u64::deserialize(deserializer)?;
    if range.contains(&number) {
        return Ok(number);
    }
    let (min, max) = range.into_inner();
    Err(serde::de::Error::custom(format!(
        "must lie between {min} and {max}"
    )))
}

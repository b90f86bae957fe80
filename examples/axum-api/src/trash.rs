//! The trash: what was deleted itself, of all kinds, and what can be done with a deletion.

use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with, post_with},
};
use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter as _,
    QuerySelect as _, QueryTrait as _,
    sea_query::{
        Asterisk, Expr, ExprTrait as _, Func, Order, Query as Sql, SelectStatement, UnionType,
    },
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use soft_delete::{SoftDelete, restore_deletion};
use uuid::Uuid;

use crate::{
    app::{App, document},
    auth::Caller,
    db::{Db, Tx, begin},
    entity::{comment, member, project, task, workspace},
    extract::{IfMatch, OptionalJson, Path, Query},
    kind::Kind,
    policy::Action,
    problem::Problem,
    resource::{
        Choice, Columns, Paging, Resource, RestoreOptions, etag, may_choose, may_restore, titled,
        visible_to,
    },
    view::{Page, RestorationView, RowCount, StampView, link, purge_at, undo_link},
};

/// Something in the trash: what was deleted itself, and not along with something above it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct TrashItem {
    #[serde(rename = "type")]
    pub kind: Kind,
    pub id: i64,
    /// Its name or title, or the beginning of its text.
    pub title: String,
    /// Null for the support's members.
    pub workspace_id: Option<i64>,
    pub deletion: StampView,
    /// When a purge may remove it for good.
    pub purge_at: Option<DateTime<Utc>>,
    /// For `If-Match` of a restore.
    pub etag: String,
    pub links: TrashLinks,
}

/// What can be done with it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct TrashLinks {
    #[serde(rename = "self")]
    pub itself: String,
    /// POST there restores it with what was deleted along with it.
    pub restore: String,
    /// GET there tells what that would do.
    pub plan: String,
    /// POST there takes the whole deletion back.
    pub undo: Option<String>,
}

/// A deletion, as far as it is in the trash.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(transform = crate::view::always)]
pub struct TrashedDeletion {
    /// What was deleted itself.
    pub items: Vec<TrashItem>,
    /// All that it took, by kind.
    pub rows: Vec<RowCount>,
}

impl TrashedDeletion {
    /// It changes when a part of the deletion is restored or removed.
    pub fn etag(&self) -> String {
        etag_of(&self.items)
    }
}

/// What the trash can be narrowed by.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct TrashFilter {
    #[serde(rename = "type")]
    pub kind: Option<Kind>,
    /// The member who deleted it.
    pub deleted_by: Option<i64>,
    /// Deleted then or later.
    pub since: Option<DateTime<Utc>>,
    /// Deleted before.
    pub until: Option<DateTime<Utc>>,
    /// Those of one workspace.
    pub workspace_id: Option<i64>,
    /// A text in the title.
    #[schemars(length(max = 100), pattern(r"^[^\u0000]*$"))]
    pub q: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct DeletionKey {
    /// The deletion's id.
    pub deletion: Uuid,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/api/v1/trash",
            get_with(list, |o| {
                document::operation(o, "list_trash", "trash", &[400, 403, 422])
                    .summary("A page of the trash, what was deleted last first")
                    .response::<200, axum::Json<Page<TrashItem>>>()
            }),
        )
        .api_route(
            "/api/v1/trash/{deletion}",
            get_with(read, |o| {
                document::operation(o, "read_deletion", "trash", &[404])
                    .summary("A deletion")
                    .response::<200, axum::Json<TrashedDeletion>>()
            })
            .merge(delete_with(remove, |o| {
                document::operation(o, "remove_deletion", "trash", &[403, 404, 409])
                    .summary("Removes for good what a deletion took, and all below it")
                    .response::<204, ()>()
            })),
        )
        .api_route(
            "/api/v1/trash/{deletion}/undo",
            post_with(undo, |o| {
                document::operation(
                    o,
                    "undo_deletion",
                    "trash",
                    &[400, 403, 404, 409, 413, 415, 422],
                )
                .summary("Takes a deletion back")
                .response::<200, axum::Json<RestorationView>>()
            }),
        )
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(paging): Query<Paging>,
    Query(filter): Query<TrashFilter>,
) -> Result<axum::Json<Page<TrashItem>>, Problem> {
    page(&app.db(), &caller, paging, &filter)
        .await
        .map(axum::Json)
}

/// A page of the trash, for those who may see it.
pub async fn page(
    db: &Db,
    caller: &Caller,
    paging: Paging,
    filter: &TrashFilter,
) -> Result<Page<TrashItem>, Problem> {
    if !caller.may(Action::SeeTrash, Kind::Workspace, false) {
        return Err(Problem::forbidden(
            "Only admins and the support see the trash.",
        ));
    }
    let search = Search {
        caller,
        filter,
        deletion: None,
    };
    Ok(Page {
        total: search.count(db).await?,
        items: search.page(db, paging).await?,
        page: paging.page,
        per_page: paging.per_page,
    })
}

async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<axum::Json<TrashedDeletion>, Problem> {
    find(&app.db(), &caller, deletion).await.map(axum::Json)
}

/// A deletion, for those who may take it back.
pub async fn find(db: &Db, caller: &Caller, deletion: Uuid) -> Result<TrashedDeletion, Problem> {
    let items = items_of(db, caller, deletion).await?;
    for item in &items {
        may_restore(caller, item.kind, &item.deletion)?;
    }
    Ok(TrashedDeletion {
        items,
        rows: rows_of(db, deletion).await?,
    })
}

async fn undo(
    State(app): State<App>,
    caller: Caller,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
    OptionalJson(options): OptionalJson<RestoreOptions>,
) -> Result<axum::Json<RestorationView>, Problem> {
    let any = IfMatch::seen(None);
    undo_deletion(&app.db(), &caller, deletion, options, &any)
        .await
        .map(axum::Json)
}

/// Takes a deletion back, if the caller may and it is what they have seen: see [`TrashedDeletion::etag`].
pub async fn undo_deletion(
    db: &Db,
    caller: &Caller,
    deletion: Uuid,
    options: RestoreOptions,
    if_match: &IfMatch,
) -> Result<RestorationView, Problem> {
    let tx = begin(db).await?;
    let items = items_of(&tx, caller, deletion).await?;
    for item in &items {
        may_restore(caller, item.kind, &item.deletion)?;
        may_choose(caller, item.kind, options)?;
    }
    if_match.require(&etag_of(&items))?;
    let restored = if options.on_conflict == Choice::Fail && !options.with_parents {
        RestorationView::from(&restore_deletion(deletion, &tx).await?)
    } else {
        let mut all = RestorationView::default();
        for item in &items {
            let restored = match item.kind {
                Kind::Workspace => {
                    restore::<workspace::Entity>(item.id, options, caller, &tx).await
                }
                Kind::Project => restore::<project::Entity>(item.id, options, caller, &tx).await,
                Kind::Task => restore::<task::Entity>(item.id, options, caller, &tx).await,
                Kind::Comment => restore::<comment::Entity>(item.id, options, caller, &tx).await,
                Kind::Member => restore::<member::Entity>(item.id, options, caller, &tx).await,
            };
            all.add(restored?);
        }
        all
    };
    tx.commit().await?;
    Ok(restored)
}

async fn restore<R: Resource>(
    id: i64,
    options: RestoreOptions,
    caller: &Caller,
    tx: &Tx,
) -> Result<RestorationView, Problem> {
    let restore = options.apply(<R as SoftDelete>::restore_by_id(id), caller);
    Ok(RestorationView::from(&restore.exec(tx).await?))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(DeletionKey { deletion }): Path<DeletionKey>,
) -> Result<StatusCode, Problem> {
    remove_deletion(&app.db(), &caller, deletion, &IfMatch::seen(None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes for good what a deletion took, if the caller may and it is what they have seen.
pub async fn remove_deletion(
    db: &Db,
    caller: &Caller,
    deletion: Uuid,
    if_match: &IfMatch,
) -> Result<(), Problem> {
    let tx = begin(db).await?;
    let items = items_of(&tx, caller, deletion).await?;
    for item in &items {
        if !caller.may(Action::ForceDelete, item.kind, false) {
            may_restore(caller, item.kind, &item.deletion)?;
            return Err(Problem::forbidden("Only admins remove things for good."));
        }
    }
    if_match.require(&etag_of(&items))?;
    for item in &items {
        match item.kind {
            Kind::Workspace => erase::<workspace::Entity>(item.id, deletion, &tx).await,
            Kind::Project => erase::<project::Entity>(item.id, deletion, &tx).await,
            Kind::Task => erase::<task::Entity>(item.id, deletion, &tx).await,
            Kind::Comment => erase::<comment::Entity>(item.id, deletion, &tx).await,
            Kind::Member => erase::<member::Entity>(item.id, deletion, &tx).await,
        }?;
    }
    tx.commit().await?;
    Ok(())
}

/// The row is looked at again under a lock: someone may have restored it meanwhile.
async fn erase<R: Resource>(id: i64, deletion: Uuid, tx: &Tx) -> Result<(), Problem> {
    let select = <R as SoftDelete>::only_deleted().filter(R::columns().id.eq(id));
    let row = select.lock_exclusive().one(tx).await?;
    let stamp = row.and_then(|row| R::state(&row).stamp);
    if stamp.is_none_or(|stamp| stamp.id != Some(deletion)) {
        return Err(Problem::not_found());
    }
    R::erase_by_id(id).exec(tx).await?;
    Ok(())
}

fn etag_of(items: &[TrashItem]) -> String {
    let mut hash = Sha256::new();
    for item in items {
        hash.update(format!("{} {} {}\n", item.kind.name(), item.id, item.etag));
    }
    format!("\"{}\"", hex::encode(&hash.finalize()[..16]))
}

/// What was deleted itself by this deletion, as far as it exists for the caller.
async fn items_of<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    deletion: Uuid,
) -> Result<Vec<TrashItem>, Problem> {
    let items = Search {
        caller,
        filter: &TrashFilter::default(),
        deletion: Some(deletion),
    }
    .all(db)
    .await?;
    if items.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(items)
}

/// All that a deletion took and that is still in the trash, by kind.
async fn rows_of(db: &Db, deletion: Uuid) -> Result<Vec<RowCount>, Problem> {
    fn count<R: Resource>(deletion: Uuid) -> SelectStatement {
        let mut select = R::only_deleted()
            .filter(column(R::KIND, "deletion_id").eq(deletion))
            .into_query();
        select
            .clear_selects()
            .expr_as(Expr::val(R::KIND.name()), "kind")
            .expr_as(Func::count(Expr::col(Asterisk)), "rows");
        select
    }
    let statement = union(Kind::ALL.map(|kind| match kind {
        Kind::Workspace => count::<workspace::Entity>(deletion),
        Kind::Project => count::<project::Entity>(deletion),
        Kind::Task => count::<task::Entity>(deletion),
        Kind::Comment => count::<comment::Entity>(deletion),
        Kind::Member => count::<member::Entity>(deletion),
    }));
    let mut counts = Vec::new();
    for row in db.query_all(&statement).await? {
        let (table, rows): (String, i64) = (row.try_get("", "kind")?, row.try_get("", "rows")?);
        if let (Some(kind), Ok(rows @ 1..)) = (Kind::of_table(&table), u64::try_from(rows)) {
            counts.push(RowCount { kind, rows });
        }
    }
    Ok(counts)
}

/// A search in the trash: one statement over all tables, of which each arm says for itself that it means deleted rows.
struct Search<'s> {
    caller: &'s Caller,
    filter: &'s TrashFilter,
    deletion: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Found {
    kind: String,
    id: i64,
    title: String,
    workspace_id: Option<i64>,
    updated_at: DateTime<Utc>,
    deleted_at: DateTime<Utc>,
    deletion_id: Option<Uuid>,
    deleted_by: Option<i64>,
    delete_reason: Option<String>,
}

impl Search<'_> {
    async fn count<C: ConnectionTrait>(&self, db: &C) -> Result<u64, Problem> {
        let statement = Sql::select()
            .expr_as(Func::count(Expr::col(Asterisk)), "rows")
            .from_subquery(self.statement(db.get_database_backend())?, "trash")
            .to_owned();
        let row = db.query_one(&statement).await?;
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
        Ok(u64::try_from(rows).unwrap_or_default())
    }

    async fn page<C: ConnectionTrait>(
        &self,
        db: &C,
        paging: Paging,
    ) -> Result<Vec<TrashItem>, Problem> {
        let mut statement = self.statement(db.get_database_backend())?;
        statement
            .limit(paging.per_page)
            .offset((paging.page - 1) * paging.per_page);
        items(db, &statement).await
    }

    async fn all<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<TrashItem>, Problem> {
        items(db, &self.statement(db.get_database_backend())?).await
    }

    /// Newest first; what is equally new in the order of kinds and keys, so that no page repeats a row.
    fn statement(&self, backend: DbBackend) -> Result<SelectStatement, Problem> {
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| self.filter.kind.is_none_or(|wanted| wanted == *kind));
        let arms: Vec<_> = kinds
            .map(|kind| match kind {
                Kind::Workspace => self.arm::<workspace::Entity>(backend),
                Kind::Project => self.arm::<project::Entity>(backend),
                Kind::Task => self.arm::<task::Entity>(backend),
                Kind::Comment => self.arm::<comment::Entity>(backend),
                Kind::Member => self.arm::<member::Entity>(backend),
            })
            .collect::<Result<_, _>>()?;
        let mut statement = union(arms);
        statement
            .order_by("deleted_at", Order::Desc)
            .order_by("kind", Order::Asc)
            .order_by("id", Order::Asc);
        Ok(statement)
    }

    fn arm<R: Resource>(&self, backend: DbBackend) -> Result<SelectStatement, Problem> {
        let column = |name| column(R::KIND, name);
        let Columns {
            id,
            workspace,
            title,
        } = R::columns();
        let mut select = visible_to(self.caller, R::deletion_roots());
        if let Some(deletion) = self.deletion {
            select = select.filter(column("deletion_id").eq(deletion));
        }
        if let Some(actor) = self.filter.deleted_by {
            select = select.filter(column("deleted_by").eq(actor));
        }
        if let Some(since) = self.filter.since {
            select = select.filter(column("deleted_at").gte(since));
        }
        if let Some(until) = self.filter.until {
            select = select.filter(column("deleted_at").lt(until));
        }
        if let Some(wanted) = self.filter.workspace_id {
            select = select.filter(workspace.eq(wanted));
        }
        if let Some(text) = &self.filter.q {
            select = select.filter(titled::<R>(text, backend)?);
        }
        let beginning =
            Func::cust("substr").args([title.into_expr(), Expr::val(1), Expr::val(TITLE_LENGTH)]);
        let mut select = select.into_query();
        select
            .clear_selects()
            .expr_as(Expr::val(R::KIND.name()), "kind")
            .expr_as(id.into_expr(), "id")
            .expr_as(beginning, "title")
            .expr_as(workspace.into_expr(), "workspace_id");
        for name in [
            "updated_at",
            "deleted_at",
            "deletion_id",
            "deleted_by",
            "delete_reason",
        ] {
            select.expr_as(column(name), name);
        }
        Ok(select)
    }
}

/// How much of a comment is shown in the trash.
const TITLE_LENGTH: i32 = 200;

async fn items<C: ConnectionTrait>(
    db: &C,
    statement: &SelectStatement,
) -> Result<Vec<TrashItem>, Problem> {
    let rows = db.query_all(statement).await?;
    let found: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| Found::from_query_result(row, ""))
        .collect();
    Ok(found?.into_iter().filter_map(Found::into_item).collect())
}

impl Found {
    fn into_item(self) -> Option<TrashItem> {
        let kind = Kind::of_table(&self.kind)?;
        let itself = link(kind, self.id);
        let deletion = StampView {
            id: self.deletion_id,
            deleted_at: self.deleted_at,
            deleted_by: self.deleted_by,
            reason: self.delete_reason,
        };
        Some(TrashItem {
            kind,
            id: self.id,
            title: self.title,
            workspace_id: self.workspace_id,
            purge_at: purge_at(kind, self.deleted_at),
            etag: etag(self.updated_at, Some(&deletion)),
            links: TrashLinks {
                restore: format!("{itself}/restore"),
                plan: format!("{itself}/restore-plan"),
                undo: self.deletion_id.map(undo_link),
                itself,
            },
            deletion,
        })
    }
}

/// A column that all entities have by that name.
fn column(kind: Kind, name: &'static str) -> Expr {
    Expr::col((kind.name(), name))
}

fn union(arms: impl IntoIterator<Item = SelectStatement>) -> SelectStatement {
    let mut arms = arms.into_iter();
    let mut all = arms.next().unwrap_or_default();
    all.unions(arms.map(|arm| (UnionType::All, arm)));
    all
}

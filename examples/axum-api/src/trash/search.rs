//! The search in the trash.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbBackend, FromQueryResult, QueryFilter as _,
    QueryTrait as _,
    sea_query::{
        Asterisk, Expr, ExprTrait as _, Func, Order, Query as Sql, SelectStatement, UnionType,
    },
};
use uuid::Uuid;

use super::{TrashFilter, TrashItem, TrashLinks};
use crate::{
    auth::Caller,
    db::Db,
    entity::{comment, member, project, task, workspace},
    kind::Kind,
    problem::Problem,
    resource::{Columns, Paging, Resource, etag, titled, visible_to},
    view::{RowCount, StampView, link, purge_at, undo_link},
};

/// A search in the trash: one statement over all tables, of which each arm says for itself that it means deleted rows.
pub(super) struct Search<'s> {
    pub(super) caller: &'s Caller,
    pub(super) filter: &'s TrashFilter,
    pub(super) deletion: Option<Uuid>,
}

impl Search<'_> {
    pub(super) async fn count<C: ConnectionTrait>(&self, db: &C) -> Result<u64, Problem> {
        let statement = Sql::select()
            .expr_as(Func::count(Expr::col(Asterisk)), "rows")
            .from_subquery(self.statement(db.get_database_backend())?, "trash")
            .to_owned();
        let row = db.query_one(&statement).await?;
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
        Ok(u64::try_from(rows).unwrap_or_default())
    }

    pub(super) async fn page<C: ConnectionTrait>(
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

    pub(super) async fn all<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<TrashItem>, Problem> {
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

/// All that a deletion took and that is still in the trash, by kind.
pub(super) async fn rows_of(db: &Db, deletion: Uuid) -> Result<Vec<RowCount>, Problem> {
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

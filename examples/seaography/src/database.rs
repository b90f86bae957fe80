//! Connections whose reads find active rows only, whatever SQL Seaography builds.
//!
//! Seaography takes a `DatabaseConnection`, and nothing that wraps one, so that the database itself has to hide what is deleted:
//! PostgreSQL by a schema of views, SQLite by temporary views, which a connection finds before the tables of the same names.

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbBackend,
    sea_query::{Asterisk, Expr, Query, SqliteQueryBuilder},
    sqlx,
};
use soft_delete::{
    Error, Registry, Scope,
    schema::{ActiveSchema, KeepIndexes, SchemaSync},
};

use crate::entity::{comment, post, post_tag, tag, user};

/// What Seaography is given.
#[derive(Clone, Debug)]
pub struct Connections {
    /// For queries: shows active rows only.
    pub reads: DatabaseConnection,
    /// For mutations. On SQLite the tables themselves, because its views take no INSERT with RETURNING.
    pub writes: DatabaseConnection,
}

impl Connections {
    /// Connects to `postgres://…` or `sqlite://FILE`, and brings the tables up to date.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let tables = Database::connect(url).await?;
        let sync = SchemaSync::new().active_parent_triggers();
        create_tables(&tables).await?;
        if tables.get_database_backend() == DbBackend::Sqlite {
            sync.exec(&tables).await?;
            return Ok(Self {
                reads: Database::connect(with_temporary_views(url)).await?,
                writes: tables,
            });
        }
        let layer = ActiveSchema::named("active");
        sync.active_schema(&layer).exec(&tables).await?;
        let active = Database::connect(layer.url(url)?).await?;
        layer.attach(&active).await?;
        Ok(Self {
            reads: active.clone(),
            writes: active,
        })
    }
}

async fn create_tables(db: &DatabaseConnection) -> Result<(), Error> {
    let tables = db
        .get_schema_builder()
        .register(user::Entity)
        .register(post::Entity)
        .register(comment::Entity)
        .register(tag::Entity)
        .register(post_tag::Entity);
    let keeping = KeepIndexes::of(Registry::global(), db).await?;
    tables.sync(&keeping).await?;
    Ok(())
}

/// Each new connection of the pool gets a view for each table:
///
/// ```sql
/// CREATE TEMPORARY VIEW "post" AS SELECT * FROM "main"."post" WHERE "post"."deleted_at" IS NULL
/// ```
fn with_temporary_views(url: &str) -> ConnectOptions {
    let views: Vec<String> = Registry::global()
        .entities()
        .map(|meta| {
            let table = &meta.table.name;
            let marker = Expr::col((table.clone(), meta.stamp.marker_column().to_owned()));
            let active = Query::select()
                .column(Asterisk)
                .from(("main", table.clone()))
                .and_where(meta.stamp.predicate(Scope::Active, marker))
                .to_string(SqliteQueryBuilder);
            format!("CREATE TEMPORARY VIEW \"{table}\" AS {active}")
        })
        .collect();
    let views = views.join("; ");
    let mut options = ConnectOptions::new(url);
    options.map_sqlx_sqlite_pool_opts(move |pool| {
        let views = views.clone();
        pool.after_connect(move |connection, _| {
            let views = views.clone();
            Box::pin(async move {
                sqlx::raw_sql(sqlx::AssertSqlSafe(views))
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
    });
    options
}

//! SeaORM's schema sync beside the indexes of soft deletion.

use std::collections::BTreeSet;

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
    sea_query::{Index, SelectStatement, Table},
};
use sea_schema::sqlx_types::{SqlxError, SqlxRow};

use super::{UniqueActiveIndex, catalog::Catalog};
use soft_delete_core::{EntityMeta, Error, Registry};

/// A connection for SeaORM's schema sync that keeps the indexes that are unique among active rows.
///
/// SeaORM's `sync` drops each unique index that it finds no `#[sea_orm(unique)]` for, and [`SchemaSync`](super::SchemaSync) would
/// have to make it anew each time. On PostgreSQL `sync` fails, because it takes the index for a constraint; on MySQL and MariaDB
/// it fails where a foreign key needs the index. Through this connection it leaves those of the registry's entities alone. Whatever else it does, it does.
///
/// ```standalone_crate
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[soft_delete(unique)] pub slug: String, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use sea_orm::Database;
/// use soft_delete::{Registry, schema::{KeepIndexes, SchemaSync}};
///
/// let db = Database::connect("sqlite::memory:").await?;
/// let registry = Registry::global();
/// // At each start of the program:
/// for _ in 0..2 {
///     let keeping = KeepIndexes::of(registry, &db).await?;
///     db.get_schema_builder().register(post::Entity).sync(&keeping).await?;
///     SchemaSync::new().registry(registry).exec(&db).await?;
/// }
/// assert!(SchemaSync::new().registry(registry).plan(&db).await?.is_empty());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct KeepIndexes<'c, C> {
    connection: &'c C,
    /// The statements that would drop an index to be kept.
    kept: BTreeSet<String>,
}

impl<'c, C: ConnectionTrait> KeepIndexes<'c, C> {
    /// Looks up which indexes there are to keep. Tables that are not there yet have none.
    ///
    /// # Errors
    ///
    /// [`Error::NoEntities`], [`Error::EntitiesDisagree`], the database's own, and [`SchemaError::ServerTooOld`](super::SchemaError::ServerTooOld).
    pub async fn of(registry: &Registry, connection: &'c C) -> Result<Self, Error> {
        registry.check()?;
        let tables: Vec<_> = registry.entities().map(|meta| &meta.table).collect();
        let catalog = Catalog::of_schemas(connection, &tables).await?;
        let kept = registry
            .entities()
            .flat_map(|meta| drops(&catalog, meta))
            .collect();
        Ok(Self { connection, kept })
    }
}

/// What SeaORM would run to drop the indexes of an entity, in its own words.
fn drops(catalog: &Catalog, meta: &EntityMeta) -> Vec<String> {
    let dialect = catalog.dialect;
    let backend = dialect.backend();
    let Some(table) = catalog.find(&meta.table) else {
        return Vec::new();
    };
    let is_kept = |index: &&super::catalog::Index| {
        let mut keys = meta.unique.iter();
        keys.any(|key| UniqueActiveIndex::of_key(meta, key).is_it(table, index, dialect))
    };
    let drop = |name: &str| match dialect.syncs_indexes_as_constraints() {
        true => {
            let mut alter = Table::alter();
            alter
                .table(meta.table.to_ref())
                .drop_constraint(name.to_owned());
            backend.build(&alter)
        }
        false => {
            let mut drop = Index::drop();
            drop.name(name).table(meta.table.name.clone());
            backend.build(&drop)
        }
    };
    let kept = table.indexes.iter().filter(is_kept);
    kept.map(|index| drop(&index.name).sql).collect()
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for KeepIndexes<'_, C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        if self.kept.contains(&statement.sql) {
            let nothing = Statement::from_string(self.get_database_backend(), "SELECT 1");
            return self.connection.execute_raw(nothing).await;
        }
        self.connection.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.connection.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.connection.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection.query_all_raw(statement).await
    }
}

#[async_trait]
impl<C: sea_schema::Connection> sea_schema::Connection for KeepIndexes<'_, C> {
    async fn query_all(&self, select: SelectStatement) -> Result<Vec<SqlxRow>, SqlxError> {
        self.connection.query_all(select).await
    }

    async fn query_all_raw(&self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
        self.connection.query_all_raw(sql).await
    }
}

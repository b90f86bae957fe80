//! A GraphQL API over a small blog, which shows no deleted row, and deletes and restores: Seaography with soft-delete.

use std::sync::LazyLock;

use async_graphql::{
    Request, Response,
    dynamic::{Schema, SchemaError},
    parser::types::OperationType,
};
use seaography::{Builder, BuilderContext};

pub mod database;
pub mod entity;
pub mod soft_deletable;

use database::Connections;
use entity::{comment, post, post_tag, tag, user};
use soft_deletable::Tables;

static CONTEXT: LazyLock<BuilderContext> = LazyLock::new(soft_deletable::context);

/// The schema, and the connections that it runs on.
#[derive(Clone)]
pub struct Api {
    schema: Schema,
    db: Connections,
}

impl Api {
    /// # Errors
    ///
    /// Two types or fields of the same name.
    pub fn new(db: Connections) -> Result<Self, SchemaError> {
        let mut builder = Builder::new(&CONTEXT, db.reads.clone());
        seaography::register_entity!(builder, user, mutation: false);
        seaography::register_entity!(builder, post, mutation: false);
        seaography::register_entity!(builder, comment, mutation: false);
        seaography::register_entity!(builder, tag, mutation: false);
        seaography::register_entity!(builder, post_tag, mutation: false);
        soft_deletable::register_types(&mut builder);
        soft_deletable::register_entity::<user::Entity, _>(&mut builder);
        soft_deletable::register_entity::<post::Entity, _>(&mut builder);
        soft_deletable::register_entity::<comment::Entity, _>(&mut builder);
        soft_deletable::register_entity::<tag::Entity, _>(&mut builder);
        soft_deletable::register_entity::<post_tag::Entity, _>(&mut builder);
        let tables = Tables(db.writes.clone());
        let schema = builder.schema_builder().data(tables).finish()?;
        Ok(Self { schema, db })
    }

    /// Queries read over the one connection, mutations write over the other.
    pub async fn execute(&self, mut request: Request) -> Response {
        let db = if is_mutation(&mut request) {
            self.db.writes.clone()
        } else {
            self.db.reads.clone()
        };
        self.schema.execute(request.data(db)).await
    }
}

/// Whether the operation that will run is one: a document can hold several, and names the one to run.
fn is_mutation(request: &mut Request) -> bool {
    let wanted = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else {
        return false;
    };
    let mut operations = document.operations.iter();
    operations.any(|(name, operation)| {
        let runs = wanted.is_none() || name.map(|name| name.as_str()) == wanted.as_deref();
        runs && operation.node.ty == OperationType::Mutation
    })
}

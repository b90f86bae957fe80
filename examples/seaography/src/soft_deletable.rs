//! Soft-deletable entities in Seaography: what its own resolvers must not show or take, and the fields that it doesn't have.

use std::collections::HashMap;

use async_graphql::{
    Error as GraphqlError, ErrorExtensions as _, Value as GraphqlValue,
    dynamic::{Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, TypeRef},
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, Condition, DatabaseConnection, IntoActiveModel,
    Iterable as _, PrimaryKeyToColumn as _, Value, prelude::Uuid, sea_query::Expr,
};
use seaography::{
    Builder, BuilderContext, ConnectionObjectBuilder, EntityColumnId,
    EntityCreateBatchMutationBuilder, EntityCreateOneMutationBuilder, EntityInputBuilder,
    EntityObjectBuilder, EntityQueryFieldBuilder, EntityUpdateMutationBuilder, FilterInputBuilder,
    GuardAction, LifecycleHooks, LifecycleHooksInterface, OperationType, OrderInputBuilder,
    PaginationInputBuilder, TypesMapHelper, apply_order, apply_pagination, get_filter_conditions,
    guard_error,
};
use soft_delete::{
    Deletion, Error, Outcome, Registry, Restoration, Scope, SoftDelete, TableCounts, Trash, Undo,
};

/// Seaography's configuration for the entities of the program: its queries and updates get active rows, and no input has the columns of
/// the stamp, by which a client could delete and restore.
pub fn context() -> BuilderContext {
    let mut context = BuilderContext::default();
    let mut active = HashMap::new();
    for entity in Registry::global().entities() {
        let table = &entity.table.name;
        let object = (context.entity_object.type_name)(table);
        let stamp = entity.stamp.names().map(|column| {
            let field = (context.entity_object.column_name)(&object, column);
            format!("{object}.{field}")
        });
        context.entity_input.insert_skips.extend(stamp);
        let marker = Expr::col((table.clone(), entity.stamp.marker_column().to_owned()));
        active.insert(object, entity.stamp.predicate(Scope::Active, marker));
    }
    context.entity_input.update_skips = context.entity_input.insert_skips.clone();
    context.hooks = LifecycleHooks::new(ActiveRows(active));
    context
}

/// The condition of each type.
struct ActiveRows(HashMap<String, Expr>);

impl LifecycleHooksInterface for ActiveRows {
    fn entity_filter(
        &self,
        _: &ResolverContext<'_>,
        entity: &str,
        _: OperationType,
    ) -> Option<Condition> {
        let active = self.0.get(entity)?;
        Some(Condition::all().add(active.clone()))
    }
}

/// Gives an entity that was registered with `mutation: false` its mutations: Seaography's `postCreateOne`, `postCreateBatch` and
/// `postUpdate`, `postDelete` and `postRestore` by key, and the query `postTrash`.
pub fn register_entity<E, A>(builder: &mut Builder)
where
    E: SoftDelete,
    E::Model: IntoActiveModel<A> + Sync,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send + 'static,
{
    let context = builder.context;
    let objects = EntityObjectBuilder { context };
    let inputs = EntityInputBuilder { context };
    builder.outputs.push(objects.to_basic_object::<E>());
    builder.inputs.extend([
        inputs.insert_input_object::<E>(),
        inputs.update_input_object::<E>(),
    ]);
    builder.mutations.extend([
        EntityCreateOneMutationBuilder { context }.to_field::<E, A>(),
        EntityCreateBatchMutationBuilder { context }.to_field::<E, A>(),
        EntityUpdateMutationBuilder { context }.to_field::<E, A>(),
        delete::<E>(context),
        restore::<E>(context),
    ]);
    builder.queries.push(trash::<E>(context));
}

/// What the fields of all entities share: the types of their answers, and the mutation `undo` of a deletion.
pub fn register_types(builder: &mut Builder) {
    builder
        .outputs
        .extend([deletion_object(), restoration_object(), table_rows_object()]);
    builder.mutations.push(undo());
}

fn delete<E>(context: &'static BuilderContext) -> Field
where
    E: SoftDelete,
    E::Model: Sync,
{
    let name = format!("{}Delete", field_name::<E>(context));
    let field = Field::new(name, TypeRef::named_nn("Deletion"), move |ctx| {
        FieldFuture::new(async move {
            guard::<E>(context, &ctx, OperationType::Delete)?;
            let db = ctx.data::<DatabaseConnection>()?;
            let trash = Trash::global().map_err(answer)?;
            let delete = trash.delete(&E::meta().table.name, key::<E>(context, &ctx)?);
            let deletion = delete.map_err(answer)?.exec(db).await.map_err(answer)?;
            if deletion.outcome() == Outcome::NotFound {
                return Err(coded("NOT_FOUND", "there is no such row"));
            }
            Ok(Some(FieldValue::owned_any(deletion)))
        })
    });
    with_key::<E>(context, field)
}

fn restore<E>(context: &'static BuilderContext) -> Field
where
    E: SoftDelete,
    E::Model: Sync,
{
    let name = format!("{}Restore", field_name::<E>(context));
    let field = Field::new(name, TypeRef::named_nn("Restoration"), move |ctx| {
        FieldFuture::new(async move {
            guard::<E>(context, &ctx, OperationType::Update)?;
            let db = ctx.data::<DatabaseConnection>()?;
            let trash = Trash::global().map_err(answer)?;
            let restore = trash.restore(&E::meta().table.name, key::<E>(context, &ctx)?);
            let restored = restore.map_err(answer)?.exec(db).await.map_err(answer)?;
            Ok(Some(FieldValue::owned_any(restored)))
        })
    });
    with_key::<E>(context, field)
}

fn undo() -> Field {
    Field::new("undo", TypeRef::named_nn("Restoration"), |ctx| {
        FieldFuture::new(async move {
            let db = ctx.data::<DatabaseConnection>()?;
            let id = ctx.args.try_get("deletion")?.string()?.parse::<Uuid>();
            let id = id.map_err(|_| coded("NOT_FOUND", "that is not the id of a deletion"))?;
            let restored = Undo::deletion(id).exec(db).await.map_err(answer)?;
            Ok(Some(FieldValue::owned_any(restored)))
        })
    })
    .argument(InputValue::new("deletion", TypeRef::named_nn(TypeRef::ID)))
}

/// `postTrash(filters, orderBy, pagination)`: the rows that were deleted themselves, and not along with a parent.
fn trash<E>(context: &'static BuilderContext) -> Field
where
    E: SoftDelete,
    E::Model: Sync,
{
    let object = EntityObjectBuilder { context }.type_name::<E>();
    let connection = ConnectionObjectBuilder { context }.type_name(&object);
    let name = format!("{}Trash", field_name::<E>(context));
    let arguments = &context.entity_query_field;
    Field::new(name, TypeRef::named_nn(connection), move |ctx| {
        FieldFuture::new(async move {
            guard::<E>(context, &ctx, OperationType::Read)?;
            let db = &ctx.data::<Tables>()?.0;
            let filters = get_filter_conditions::<E>(context, ctx.args.get(&arguments.filters))?;
            let order = OrderInputBuilder { context }
                .parse_object::<E>(ctx.args.get(&arguments.order_by))?;
            let pagination = PaginationInputBuilder { context }
                .parse_object(ctx.args.get(&arguments.pagination))?;
            let deleted = sea_orm::QueryFilter::filter(E::deletion_roots(), filters);
            let deleted = apply_order(deleted, order);
            let page = apply_pagination::<E, _>(context, db, deleted, pagination).await?;
            Ok(Some(FieldValue::owned_any(page)))
        })
    })
    .argument(InputValue::new(
        &arguments.filters,
        TypeRef::named(FilterInputBuilder { context }.type_name(&object)),
    ))
    .argument(InputValue::new(
        &arguments.order_by,
        TypeRef::named(OrderInputBuilder { context }.type_name(&object)),
    ))
    .argument(InputValue::new(
        &arguments.pagination,
        TypeRef::named(&context.pagination_input.type_name),
    ))
}

/// In the schema's data: where the trash is read, since the connection for queries may not show it.
#[derive(Clone, Debug)]
pub struct Tables(pub DatabaseConnection);

/// Asks what Seaography's own fields ask.
fn guard<E: SoftDelete>(
    context: &'static BuilderContext,
    ctx: &ResolverContext<'_>,
    action: OperationType,
) -> Result<(), GraphqlError> {
    let object = EntityObjectBuilder { context }.type_name::<E>();
    match context.hooks.entity_guard(ctx, &object, action) {
        GuardAction::Allow => Ok(()),
        GuardAction::Block(reason) => Err(guard_error(reason, "Entity guard triggered.")),
    }
}

fn field_name<E: SoftDelete>(context: &'static BuilderContext) -> String {
    EntityQueryFieldBuilder { context }.type_name::<E>()
}

/// An argument for each column of the primary key.
fn with_key<E>(context: &'static BuilderContext, field: Field) -> Field
where
    E: SoftDelete,
    E::Model: Sync,
{
    let types = TypesMapHelper { context };
    E::PrimaryKey::iter().fold(field, |field, key| {
        let column = key.into_column();
        let id = EntityColumnId::of::<E>(&column);
        match types.input_type_for_column::<E>(&column, &id, true) {
            Some(kind) => field.argument(InputValue::new(id.column_name(context), kind)),
            None => field,
        }
    })
}

fn key<E: SoftDelete>(
    context: &'static BuilderContext,
    ctx: &ResolverContext<'_>,
) -> Result<Vec<Value>, GraphqlError> {
    let types = TypesMapHelper { context };
    let mut values = Vec::new();
    for key in E::PrimaryKey::iter() {
        let column = key.into_column();
        let name = EntityColumnId::of::<E>(&column).column_name(context);
        let argument = ctx.args.try_get(&name)?;
        values.push(types.async_graphql_value_to_sea_orm_value::<E>(&column, &argument)?);
    }
    Ok(values)
}

fn deletion_object() -> Object {
    Object::new("Deletion")
        .description("What a delete took along. The id is what `undo` takes.")
        .field(value("id", TypeRef::ID, |it: &Deletion| {
            it.id().to_string().into()
        }))
        .field(value("rows", TypeRef::INT, |it: &Deletion| {
            it.rows_by_table().total().into()
        }))
        .field(tables(Deletion::rows_by_table))
}

fn restoration_object() -> Object {
    Object::new("Restoration")
        .field(value("rows", TypeRef::INT, |it: &Restoration| {
            it.rows_by_table().total().into()
        }))
        .field(tables(Restoration::rows_by_table))
}

fn table_rows_object() -> Object {
    Object::new("TableRows")
        .field(value("table", TypeRef::STRING, |it: &(String, u64)| {
            it.0.clone().into()
        }))
        .field(value("rows", TypeRef::INT, |it: &(String, u64)| {
            it.1.into()
        }))
}

fn value<T: Send + Sync + 'static>(name: &str, kind: &str, of: fn(&T) -> GraphqlValue) -> Field {
    Field::new(name, TypeRef::named_nn(kind), move |ctx| {
        let value = ctx.parent_value.try_downcast_ref::<T>().map(of);
        FieldFuture::from_value(value.ok())
    })
}

fn tables<T: Send + Sync + 'static>(of: fn(&T) -> &TableCounts) -> Field {
    Field::new(
        "tables",
        TypeRef::named_nn_list_nn("TableRows"),
        move |ctx| {
            FieldFuture::new(async move {
                let counts = of(ctx.parent_value.try_downcast_ref::<T>()?);
                let rows = counts
                    .iter()
                    .map(|(table, rows)| FieldValue::owned_any((table.name.clone(), rows)));
                Ok(Some(FieldValue::list(rows.collect::<Vec<_>>())))
            })
        },
    )
}

/// What a client is told. The message of the error itself names keys and values: log it.
fn answer(error: Error) -> GraphqlError {
    match &error {
        Error::NotFound { .. } | Error::DeletionNotFound { .. } => {
            coded("NOT_FOUND", "there is no such row")
        }
        Error::Conflict(conflict) => {
            let columns: Vec<_> = conflict
                .iter()
                .flat_map(|row| &row.columns)
                .cloned()
                .collect();
            coded(
                "CONFLICT",
                format!("taken by another row: {}", columns.join(", ")),
            )
        }
        Error::ParentDeleted { parents, .. } => {
            let parents: Vec<_> = parents
                .iter()
                .map(|row| row.parent_table.to_string())
                .collect();
            coded(
                "PARENT_DELETED",
                format!("restore first: {}", parents.join(", ")),
            )
        }
        Error::Restricted { blockers, .. } => {
            let tables: Vec<_> = blockers
                .iter()
                .map(|blocker| blocker.table.to_string())
                .collect();
            coded("IN_USE", format!("still used by: {}", tables.join(", ")))
        }
        error if error.is_retryable() => coded("TRY_AGAIN", "the row is being changed; try again"),
        _ => {
            eprintln!("{error}");
            coded("INTERNAL", "that did not work")
        }
    }
}

fn coded(code: &'static str, message: impl Into<String>) -> GraphqlError {
    GraphqlError::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

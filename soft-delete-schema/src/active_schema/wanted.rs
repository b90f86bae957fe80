//! What a schema of views should have, and the changes that make it so.

use super::{
    ActiveSchema,
    found::{BASE_SCHEMA, Definition, Found},
};
use crate::{
    Change, SchemaError,
    catalog::require_columns,
    dialect::views::{Grants, View},
    marker::MARKER,
    table::Table,
    trigger::TriggerKind,
};
use soft_delete_core::{Error, TableName, engine_api::base_schema::MARKER_VIEW};

/// Changes that bring the schema up to date.
pub(super) fn plan_create(layer: &ActiveSchema, found: &Found) -> Result<Vec<Change>, Error> {
    require_ours(layer, found)?;
    let wanted = wanted(layer, found)?;
    let mut changes = Vec::new();
    let is_new = found.marked_base.is_none();
    if is_new {
        let schema = found.views.create_schema(&layer.name);
        let description = format!("create the schema `{}` of active rows", layer.name);
        changes.push(change(&layer.view(MARKER_VIEW), description, schema));
    }
    for definition in &found.definitions {
        let is_wanted = wanted.iter().any(|view| view.name == definition.name);
        if !is_wanted && definition.name != MARKER_VIEW {
            changes.push(drop_view(layer, found, &definition.name));
        }
    }
    for view in &wanted {
        changes.extend(bring_up_to_date(layer, found, view));
    }
    if is_new {
        changes.push(create_marker(layer, found));
    }
    let [active, all] = [true, false].map(|is_active| {
        let views = wanted.iter();
        let views = views.filter(|view| view.deleted_at.is_some() == is_active);
        views.map(|view| view.name).collect::<Vec<_>>()
    });
    for user in &layer.users {
        let grants = Grants {
            user,
            schema: &layer.name,
            base: &found.base,
            active: active.clone(),
            all: all.clone(),
        };
        let description = format!("let `{user}` use the schema `{}`", layer.name);
        let statements = found.views.grants(&grants);
        changes.push(change(&layer.view(MARKER_VIEW), description, statements));
    }
    Ok(changes)
}

/// Drops a view so that its table can be changed.
pub(super) fn make_way(layer: &ActiveSchema, found: &mut Found, name: &str) -> Option<Change> {
    found.definition(name)?;
    found.definitions.retain(|view| view.name != name);
    Some(drop_view(layer, found, name))
}

/// Changes that remove the schema.
pub(super) fn plan_drop(layer: &ActiveSchema, found: &Found) -> Result<Vec<Change>, Error> {
    if !found.has_schema {
        return Ok(Vec::new());
    }
    require_ours(layer, found)?;
    if found.marked_base.is_none() && !found.definitions.is_empty() {
        return Err(layer.problem(
            "is not one of active rows, or was not created to the end: call `ActiveSchema::create` first, or drop it by hand",
        ));
    }
    if found.marked_base.is_none() {
        return Ok(Vec::new());
    }
    if let Some(other) = found.others.first() {
        return Err(layer.problem(format!(
            "has more than views, `{other}` for one: move that to another schema first"
        )));
    }
    let names = found.definitions.iter().map(|view| view.name.as_str());
    // The last, so that the schema is known until then.
    let (marker, views): (Vec<_>, Vec<_>) = names.partition(|name| *name == MARKER_VIEW);
    let mut changes: Vec<_> = views
        .into_iter()
        .chain(marker)
        .map(|name| drop_view(layer, found, name))
        .collect();
    let description = format!("drop the schema `{}` of active rows", layer.name);
    let statements = found.views.drop_schema(&layer.name);
    changes.push(change(&layer.view(MARKER_VIEW), description, statements));
    Ok(changes)
}

/// Refuses a schema that is something else.
fn require_ours(layer: &ActiveSchema, found: &Found) -> Result<(), Error> {
    if let Some(marked) = found
        .marked_base
        .as_ref()
        .filter(|base| **base != found.base)
    {
        return Err(layer.problem(format!(
            "shows the tables of `{marked}`, and not of `{}`: choose another name, or drop it first",
            found.base
        )));
    }
    let tables = found.catalog.tables().iter();
    let mut tables = tables.filter(|table| table.schema == layer.name && !table.columns.is_empty());
    match tables.find(|table| !table.is_view) {
        Some(table) if found.marked_base.is_some() => Err(layer.problem(format!(
            "has the table `{}`, which was created over a connection that begins with the schema: move it to `{}`, where migrations \
             have to be run",
            table.name, found.base
        ))),
        Some(table) => Err(layer.problem(format!(
            "is not one of active rows, it has the table `{}`: choose another name",
            table.name
        ))),
        None => Ok(()),
    }
}

/// The views that there should be.
fn wanted<'f>(layer: &'f ActiveSchema, found: &'f Found) -> Result<Vec<View<'f>>, Error> {
    let mut views = Vec::new();
    for meta in layer.registry.entities() {
        layer.require_no_schema(&meta.table)?;
        let base = TableName {
            schema: Some(found.base.clone()),
            name: meta.table.name.clone(),
        };
        let table = found.catalog.require(&base)?;
        meta.stamp.require_time(&meta.table, "`ActiveSchema`")?;
        meta.stamp
            .require_no_schedule(&meta.table, "`ActiveSchema`")?;
        let deleted_at = &meta.stamp.deleted_at;
        require_columns(&meta.table, table, [deleted_at])?;
        let has_policies = table
            .triggers
            .iter()
            .any(|trigger| trigger.kind == TriggerKind::Policy);
        if has_policies && !found.is_invoker {
            return Err(SchemaError::policies_passed_by(meta.table.clone()).into());
        }
        let is_known = |view: &View<'_>| view.name == table.name;
        if !views.iter().any(is_known) {
            views.push(view(layer, found, table, Some(deleted_at)));
        }
    }
    if !found.views.falls_through() {
        let tables = found.catalog.tables().iter();
        for table in tables.filter(|table| table.schema == found.base && !table.columns.is_empty())
        {
            if !views.iter().any(|view| view.name == table.name) {
                views.push(view(layer, found, table, None));
            }
        }
    }
    Ok(views)
}

fn view<'f>(
    layer: &'f ActiveSchema,
    found: &'f Found,
    table: &'f Table,
    deleted_at: Option<&'f str>,
) -> View<'f> {
    let names = table.columns.iter().map(|column| column.name.as_str());
    View {
        schema: &layer.name,
        name: &table.name,
        base: &found.base,
        columns: names.filter(|name| *name != MARKER).collect(),
        deleted_at,
        is_invoker: found.is_invoker,
        is_extended: false,
    }
}

/// Creates a view that is not there, and makes anew one that lags behind its table.
fn bring_up_to_date(layer: &ActiveSchema, found: &Found, view: &View<'_>) -> Vec<Change> {
    let create = |is_extended| {
        let view = View {
            columns: view.columns.clone(),
            is_extended,
            ..*view
        };
        let rows = match view.deleted_at {
            Some(_) => "the active rows",
            None => "all rows",
        };
        let description = format!(
            "create the view `{}.{}` of {rows} of `{}.{}`",
            view.schema, view.name, view.base, view.name
        );
        let statements = found.views.create_view(&view);
        change(&layer.view(view.name), description, statements)
    };
    let Some(definition) = found.definition(view.name) else {
        return vec![create(false)];
    };
    let shows_those_rows =
        shows_rows(definition, view) && found.views.has_options(&definition.options, view);
    match lag(found, view) {
        Lag::None if shows_those_rows => Vec::new(),
        Lag::LacksLast if shows_those_rows => vec![create(true)],
        _ if found.views.replaces_views() => vec![create(false)],
        _ => vec![drop_view(layer, found, view.name), create(false)],
    }
}

/// How the columns of a view differ from those of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lag {
    None,
    /// It has the first of them, with their types.
    LacksLast,
    Other,
}

fn lag(found: &Found, view: &View<'_>) -> Lag {
    let table = |schema: &str| {
        found.catalog.find(&TableName {
            schema: Some(schema.to_owned()),
            name: view.name.to_owned(),
        })
    };
    let (Some(shown), Some(base)) = (table(view.schema), table(view.base)) else {
        // A view of MySQL that lacks a column of its table has none at all.
        return Lag::Other;
    };
    let base = base.columns.iter().filter(|column| column.name != MARKER);
    let base: Vec<_> = base
        .map(|column| (&column.name, &column.type_name))
        .collect();
    let shown = shown.columns.iter();
    let shown: Vec<_> = shown
        .map(|column| (&column.name, &column.type_name))
        .collect();
    match shown == base {
        true => Lag::None,
        false if base.starts_with(&shown) => Lag::LacksLast,
        false => Lag::Other,
    }
}

/// Whether a definition ends with the condition, as far as the user may see it. Databases write it with quotes, parentheses and
/// names of tables of their own.
fn shows_rows(definition: &Definition, view: &View<'_>) -> bool {
    let Some(sql) = &definition.sql else {
        return true;
    };
    let bare = |text: &str| -> String {
        let is_kept = |c: &char| !matches!(c, '(' | ')' | '`' | '"' | ';');
        text.chars().filter(is_kept).collect::<String>()
    };
    let [sql, base, table] = [sql, view.base, view.name].map(|text| bare(text).to_lowercase());
    let sql = sql.trim_end();
    let Some(deleted_at) = view.deleted_at else {
        return sql.ends_with(&format!("from {base}.{table}"));
    };
    let deleted_at = bare(deleted_at).to_lowercase();
    let paths = [
        "".to_owned(),
        format!("{table}."),
        format!("{base}.{table}."),
    ];
    paths
        .iter()
        .any(|path| sql.ends_with(&format!("where {path}{deleted_at} is null")))
}

fn drop_view(layer: &ActiveSchema, found: &Found, name: &str) -> Change {
    let dialect = found.catalog.dialect;
    let view = layer.view(name);
    let sql = format!("DROP VIEW {}", dialect.quote_table(&view));
    change(&view, format!("drop the view `{view}`"), [sql])
}

/// The view by which the schema is known.
fn create_marker(layer: &ActiveSchema, found: &Found) -> Change {
    let dialect = found.catalog.dialect;
    let marker = layer.view(MARKER_VIEW);
    let sql = format!(
        "CREATE VIEW {} AS SELECT CAST({} AS {}) AS {}",
        dialect.quote_table(&marker),
        dialect.literal(&found.base),
        dialect.text_type(),
        dialect.quote(BASE_SCHEMA),
    );
    let description = format!("create the view `{marker}`, which tells what the schema is");
    change(&marker, description, [sql])
}

fn change(
    table: &TableName,
    description: String,
    statements: impl IntoIterator<Item = String>,
) -> Change {
    statements
        .into_iter()
        .fold(Change::new(table, description), Change::sql)
}

//! What is unique among active rows.

use proc_macro2::Span;

use super::{ColumnField, find};
use crate::{
    attr::{StructAttr, UniqueFields},
    errors::Errors,
    model::{Column, Stamp, Unique, plain},
};

/// The groups of the fields, in the order of the fields, then those of the struct.
pub(super) fn groups(
    attr: &StructAttr,
    columns: &[ColumnField],
    stamp: &Stamp,
    errors: &mut Errors,
) -> Vec<Unique> {
    let mut groups = of_fields(columns);
    for unique in &attr.unique {
        groups.extend(of_struct(unique, columns, errors));
    }
    let constraints = constraints(columns);
    let mut accepted: Vec<Unique> = Vec::new();
    for group in groups {
        let result =
            check(&group, &accepted, stamp).and_then(|()| check_constraints(&group, &constraints));
        if errors.note(result).is_some() {
            accepted.push(group);
        }
    }
    accepted
}

/// `unique` is short for `unique = "<the field's name>"`.
fn of_fields(columns: &[ColumnField]) -> Vec<Unique> {
    let mut groups: Vec<Unique> = Vec::new();
    for field in columns {
        for mark in &field.attr.unique {
            let name = match &mark.group {
                Some(name) => name.value(),
                None => field.column.name(),
            };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.columns.push(field.column.clone()),
                None => groups.push(Unique {
                    name,
                    span: mark.span,
                    columns: vec![field.column.clone()],
                }),
            }
        }
    }
    groups
}

fn of_struct(
    unique: &UniqueFields,
    columns: &[ColumnField],
    errors: &mut Errors,
) -> Option<Unique> {
    let found: Vec<_> = unique
        .fields
        .iter()
        .filter_map(|field| find(&plain(field), field.span(), columns, errors))
        .map(|field| field.column.clone())
        .collect();
    // An unknown field was reported.
    (found.len() == unique.fields.len()).then(|| Unique {
        name: match &unique.name {
            Some(name) => plain(name),
            None => found.iter().map(Column::name).collect::<Vec<_>>().join("_"),
        },
        span: unique.span,
        columns: found,
    })
}

fn check(group: &Unique, others: &[Unique], stamp: &Stamp) -> syn::Result<()> {
    let name = &group.name;
    let wrong = |message| Err(syn::Error::new(group.span, message));
    if syn::parse_str::<syn::Ident>(&format!("find_by_{name}")).is_err() {
        return wrong(format!(
            "`{name}` can't be the name of a group: it becomes part of `find_by_…`"
        ));
    }
    if name == "id" {
        return wrong(
            "a group can't be called `id`, as `find_by_id` finds by the primary key: name it with `unique = \"…\"`"
                .to_owned(),
        );
    }
    if others.iter().any(|other| other.name == *name) {
        return wrong(format!("there are two groups `{name}`: name one of them"));
    }
    for (index, column) in group.columns.iter().enumerate() {
        let field = column.name();
        if group.columns[..index]
            .iter()
            .any(|other| other.field == column.field)
        {
            return wrong(format!(
                "`{field}` is in the group `{name}` twice: keep one"
            ));
        }
        if stamp.columns().any(|other| other.field == column.field) {
            return wrong(format!(
                "`{field}` can't be in a group, which is unique among active rows: they all have NULL there"
            ));
        }
    }
    Ok(())
}

/// What `#[sea_orm(unique)]` and `#[sea_orm(unique_key = "…")]` make unique, deleted rows included.
struct Constraint<'a> {
    name: String,
    /// Where it says so.
    span: Span,
    attribute: &'static str,
    columns: Vec<&'a Column>,
}

fn constraints(columns: &[ColumnField]) -> Vec<Constraint<'_>> {
    let mut constraints: Vec<Constraint<'_>> = Vec::new();
    for field in columns {
        if let Some(span) = field.sea_orm.unique {
            constraints.push(Constraint {
                name: field.column.name(),
                span,
                attribute: "unique",
                columns: vec![&field.column],
            });
        }
        for key in &field.sea_orm.unique_keys {
            let name = key.value();
            match constraints.iter_mut().find(|other| other.name == name) {
                Some(constraint) => constraint.columns.push(&field.column),
                None => constraints.push(Constraint {
                    name,
                    span: key.span(),
                    attribute: "unique_key",
                    columns: vec![&field.column],
                }),
            }
        }
    }
    constraints
}

fn check_constraints(group: &Unique, constraints: &[Constraint<'_>]) -> syn::Result<()> {
    let contradicts = |constraint: &&Constraint<'_>| {
        let covers = |column: &&Column| group.columns.iter().any(|own| own.field == column.field);
        let same_columns = constraint.columns.len() == group.columns.len()
            && constraint.columns.iter().all(covers);
        constraint.name == group.name || same_columns
    };
    match constraints.iter().find(contradicts) {
        None => Ok(()),
        Some(Constraint {
            attribute, span, ..
        }) => Err(syn::Error::new(
            *span,
            format!(
                "`#[soft_delete(unique)]` makes `{}` unique among active rows, but `#[sea_orm({attribute})]` counts deleted \
                 rows too, and would keep a deleted row's values taken: remove `{attribute}` from `#[sea_orm(…)]`",
                group.name
            ),
        )),
    }
}

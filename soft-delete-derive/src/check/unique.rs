//! What is unique among active rows.

use proc_macro2::Span;

use syn::{Ident, LitStr};

use super::{ColumnField, find, sql_text};
use crate::{
    attr::{StructAttr, UniqueFields},
    errors::Errors,
    model::{Column, Stamp, Unique, UniquePart, UniqueRules, plain},
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
                None => {
                    let columns = vec![field.column.clone()];
                    groups.push(Unique::plain(name, mark.span, columns));
                }
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
    let mut found: Vec<Column> = Vec::new();
    let mut parts = Vec::new();
    let mut names = Vec::new();
    for part in &unique.parts {
        names.push(plain(&part.name));
        match &part.expression {
            None => {
                let field = find(&plain(&part.name), part.name.span(), columns, errors);
                let Some(field) = field else { continue };
                parts.push(UniquePart::Column(Box::new(field.column.clone())));
                found.push(field.column.clone());
            }
            Some(text) => {
                let named = errors.note(columns_in(&part.name, text, columns));
                let Some(named) = named else { continue };
                let new = named.into_iter().filter(|column| {
                    let mut known = found.iter();
                    known.all(|other| other.field != column.field)
                });
                let new: Vec<_> = new.collect();
                found.extend(new);
                parts.push(UniquePart::Expression(text.clone()));
            }
        }
    }
    let condition = unique.condition.as_ref();
    let is_right = condition.is_none_or(|text| errors.note(sql_text::words(text)).is_some());
    // What is wrong was reported.
    if parts.len() < unique.parts.len() || !is_right {
        return None;
    }
    let name = match &unique.name {
        Some(name) => plain(name),
        None => names.join("_"),
    };
    let has_expressions = unique.parts.iter().any(|part| part.expression.is_some());
    let has_rules = has_expressions || unique.condition.is_some() || unique.nulls_not_distinct;
    let mut group = Unique::plain(name, unique.span, found);
    group.rules = has_rules.then(|| UniqueRules {
        parts,
        condition: unique.condition.clone(),
        nulls_not_distinct: unique.nulls_not_distinct,
    });
    Some(group)
}

/// The fields that an expression names. A column may have another name than its field, so that there need be none.
fn columns_in(name: &Ident, text: &LitStr, columns: &[ColumnField]) -> syn::Result<Vec<Column>> {
    let words = sql_text::words(text)?;
    // SeaORM may name them in another case.
    let bare = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let is_named = |column: &Column| {
        let mut words = words.iter();
        words.any(|word| bare(word) == bare(&column.name()))
    };
    let own = plain(name);
    let is_field = columns.iter().find(|field| field.column.name() == own);
    if let Some(field) = is_field
        && !field.sea_orm.has_name
        && !is_named(&field.column)
    {
        return Err(syn::Error::new_spanned(
            text,
            format!("doesn't name `{own}`: an expression is over the column that it is given for"),
        ));
    }
    let named = columns.iter().map(|field| &field.column);
    Ok(named.filter(|column| is_named(column)).cloned().collect())
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

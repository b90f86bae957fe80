//! What a delete and a restore write beside the stamp.

use proc_macro2::Span;
use syn::LitStr;

use super::{ColumnField, find, marker::unit_of};
use crate::{
    attr::StructAttr,
    errors::Errors,
    model::{Column, Stamp, Touch, Unique},
    sea_orm::option_of,
};

/// What else has a column.
#[derive(Clone, Copy)]
pub(super) struct Others<'a> {
    pub(super) stamp: &'a Stamp,
    pub(super) unique: &'a [Unique],
}

/// The columns that the struct names, then those of the fields.
pub(super) fn touched(
    attr: &StructAttr,
    columns: &[ColumnField],
    others: Others<'_>,
    errors: &mut Errors,
) -> Vec<Touch> {
    let mut said: Vec<(&ColumnField, Span, Option<&LitStr>)> = Vec::new();
    for touch in &attr.touch {
        if let Some(field) = find(&touch.field, touch.span, columns, errors) {
            said.push((field, touch.span, touch.unix.as_ref()));
        }
    }
    for field in columns {
        if let Some((span, unix)) = &field.attr.touch {
            said.push((field, *span, unix.as_ref()));
        }
    }
    let mut touched: Vec<Touch> = Vec::new();
    for (field, span, unix) in said {
        let column = &field.column;
        let is_same = |other: &Touch| other.column.field == column.field;
        if touched.iter().any(is_same) {
            let name = column.name();
            errors.at(span, format!("`{name}` is touched twice: keep one"));
            continue;
        }
        let unix = unix.map(|unit| errors.note(unit_of(unit)));
        if errors.note(check(field, "touch", span, others)).is_some() && unix != Some(None) {
            touched.push(Touch {
                column: column.clone(),
                unix: unix.flatten(),
            });
        }
    }
    touched
}

/// The column that is counted up.
pub(super) fn version(
    attr: &StructAttr,
    columns: &[ColumnField],
    touched: &[Touch],
    others: Others<'_>,
    errors: &mut Errors,
) -> Option<Column> {
    let of_struct = attr.version.as_ref();
    let mut said: Vec<(&ColumnField, Span)> = Vec::new();
    if let Some(name) = of_struct
        && let Some(field) = find(&name.value(), name.span(), columns, errors)
    {
        said.push((field, name.span()));
    }
    let marked = columns
        .iter()
        .filter_map(|field| Some((field, field.attr.version?)));
    said.extend(marked);
    if let [(first, _), (second, span), ..] = said.as_slice() {
        let (first, second) = (first.column.name(), second.column.name());
        let message =
            format!("`version` is marked twice, on `{first}` and on `{second}`: keep one");
        errors.at(*span, message);
        return None;
    }
    let (field, span) = said.pop()?;
    let column = &field.column;
    if touched
        .iter()
        .any(|touch| touch.column.field == column.field)
    {
        let name = column.name();
        let message = format!("`{name}` can't be a time and a version at once: mark another field");
        errors.at(span, message);
        return None;
    }
    if option_of(&column.ty).is_some() {
        let message =
            "a version is never NULL, as nothing can be added to that: make it `i32` or `i64`";
        errors.at(span, message.to_owned());
        return None;
    }
    errors.note(check(field, "version", span, others))?;
    Some(column.clone())
}

/// Whether a delete may write the column beside all else that it does.
fn check(field: &ColumnField, what: &str, span: Span, others: Others<'_>) -> syn::Result<()> {
    let name = field.column.name();
    let wrong = |message| Err(syn::Error::new(span, message));
    let is_it = |column: &Column| column.field == field.column.field;
    if others.stamp.columns().any(is_it) {
        return wrong(format!(
            "`{name}` is written by a delete already: `{what}` is for a column beside it"
        ));
    }
    if field.sea_orm.primary_key {
        return wrong(format!(
            "`{name}` is in the primary key, which a delete must leave as it is: mark another field"
        ));
    }
    let mut unique = others.unique.iter();
    if let Some(group) = unique.find(|group| group.columns.iter().any(is_it)) {
        let group = &group.name;
        return wrong(format!(
            "`{name}` is in the unique group `{group}`, whose values a delete must leave as they are: mark another field"
        ));
    }
    Ok(())
}

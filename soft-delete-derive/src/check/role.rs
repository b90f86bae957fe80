//! Which columns are the stamp.

use proc_macro2::Span;
use syn::{Ident, spanned::Spanned as _};

use super::{ColumnField, find, marker};
use crate::{
    attr::StructAttr,
    errors::Errors,
    model::{Role, Stamp, Time},
    sea_orm::option_of,
};

/// The column of each role: the one that is marked, or else the one of that name.
pub(super) fn stamp(
    ident: &Ident,
    attr: &StructAttr,
    columns: &[ColumnField],
    errors: &mut Errors,
) -> Stamp {
    let marks = marks(attr, columns, errors);
    for (role, span) in &attr.without {
        errors.note(check_without(*role, *span, &marks));
    }
    let time = marker::time(
        attr,
        columns,
        column(Role::DeletedAt, &marks, columns),
        errors,
    );
    // After another error it may be there, but misspelled.
    if [Role::DeletedAt, Role::Flag]
        .iter()
        .all(|role| column(*role, &marks, columns).is_none())
        && errors.is_empty()
    {
        let hint = hint(columns);
        errors.at(
            ident.span(),
            format!(
                "no column `deleted_at`: add `pub deleted_at: Option<DateTimeUtc>`, or mark the field that is it with \
                 `#[soft_delete(deleted_at)]`{hint}"
            ),
        );
    }
    let is_without = |role| attr.without.iter().any(|(without, _)| *without == role);
    let mut suitable = |role| {
        column(role, &marks, columns)
            .filter(|_| !is_without(role))
            .filter(|_| role != Role::DeletedAt || !time.is_wrong)
            .filter(|field| errors.note(check(role, field, &time)).is_some())
            .map(|field| field.column.clone())
    };
    Stamp {
        deleted_at: suitable(Role::DeletedAt),
        flag: suitable(Role::Flag),
        time,
        scheduled: attr.scheduled.is_some(),
        deletion_id: suitable(Role::DeletionId),
        deleted_by: suitable(Role::DeletedBy),
        delete_reason: suitable(Role::DeleteReason),
    }
}

/// What an entity without `deleted_at` has instead.
fn hint(columns: &[ColumnField]) -> String {
    let names: Vec<_> = columns.iter().map(|field| field.column.name()).collect();
    let is_near = |name: &&String| strsim::jaro_winkler(name, Role::DeletedAt.name()) > 0.9;
    let is_flag = |field: &&ColumnField| {
        let names = [
            "deleted",
            "is_deleted",
            "removed",
            "is_removed",
            "trashed",
            "is_trashed",
        ];
        is_bool(&field.column.ty) && names.contains(&field.column.name().as_str())
    };
    if let Some(field) = columns.iter().find(is_flag) {
        let flag = field.column.name();
        return format!(
            "; `{flag}` is a flag: mark it with `#[soft_delete(flag)]`, or make a time of it in a migration, by `FlagConversion`"
        );
    }
    match names.iter().find(is_near) {
        Some(name) => format!("; did you mean to mark `{name}`?"),
        None => String::new(),
    }
}

fn is_bool(ty: &syn::Type) -> bool {
    let ty = option_of(ty).unwrap_or(ty);
    matches!(ty, syn::Type::Path(path) if path.path.is_ident("bool"))
}

/// Whether a field is `deleted_at`, or is meant to be.
pub(super) fn has_deleted_at(attr: &StructAttr, columns: &[ColumnField]) -> bool {
    let is_marker = |role: &Role| matches!(role, Role::DeletedAt | Role::Flag);
    let is_meant = attr.roles.iter().any(|(role, _)| is_marker(role));
    is_meant
        || columns.iter().any(|field| {
            let mut roles = field.attr.roles.iter();
            field.column.name() == Role::DeletedAt.name() || roles.any(|(role, _)| is_marker(role))
        })
}

/// `deleted_by = none`
fn check_without(role: Role, span: Span, marks: &[Mark<'_>]) -> syn::Result<()> {
    let name = role.name();
    if role == Role::Flag {
        let message = "no field is the flag unless it is marked: leave it out";
        return Err(syn::Error::new(span, message));
    }
    if role == Role::DeletedAt {
        let message = "an entity is soft-deletable by its `deleted_at`: without one, leave out the derive, or say `if_present` where \
             it is derived for all entities";
        return Err(syn::Error::new(span, message));
    }
    if let Some(mark) = marks.iter().find(|mark| mark.role == role) {
        let field = mark.field.column.name();
        let message = format!("`{name}` is marked on `{field}`: keep one");
        return Err(syn::Error::new(span, message));
    }
    Ok(())
}

struct Mark<'a> {
    role: Role,
    span: Span,
    field: &'a ColumnField,
}

/// The marks of the struct, then those of the fields, without the contradictory ones.
fn marks<'a>(attr: &StructAttr, columns: &'a [ColumnField], errors: &mut Errors) -> Vec<Mark<'a>> {
    let mut marks = Vec::new();
    for (role, name) in &attr.roles {
        if let Some(field) = find(&name.value(), name.span(), columns, errors) {
            let (role, span) = (*role, name.span());
            errors.note(add(&mut marks, Mark { role, span, field }));
        }
    }
    for field in columns {
        for (role, span) in field.attr.roles.iter().copied() {
            errors.note(add(&mut marks, Mark { role, span, field }));
        }
    }
    marks
}

fn add<'a>(marks: &mut Vec<Mark<'a>>, mark: Mark<'a>) -> syn::Result<()> {
    let field = mark.field.column.name();
    let role = mark.role.name();
    let wrong = |message| Err(syn::Error::new(mark.span, message));
    if let Some(other) = marks.iter().find(|other| other.role == mark.role) {
        let other = other.field.column.name();
        return wrong(format!(
            "`{role}` is marked twice, on `{other}` and on `{field}`: keep one"
        ));
    }
    if let Some(other) = marks.iter().find(|other| other.is_on(mark.field)) {
        let other = other.role.name();
        return wrong(format!(
            "`{field}` can't be `{other}` and `{role}` at once: mark another field"
        ));
    }
    marks.push(mark);
    Ok(())
}

impl Mark<'_> {
    fn is_on(&self, field: &ColumnField) -> bool {
        self.field.column.field == field.column.field
    }
}

fn column<'a>(
    role: Role,
    marks: &[Mark<'a>],
    columns: &'a [ColumnField],
) -> Option<&'a ColumnField> {
    match marks.iter().find(|mark| mark.role == role) {
        Some(mark) => Some(mark.field),
        None if role == Role::Flag => None,
        None => columns
            .iter()
            .filter(|field| field.column.name() == role.name())
            .find(|field| !marks.iter().any(|mark| mark.is_on(field))),
    }
}

fn check(role: Role, field: &ColumnField, time: &Time) -> syn::Result<()> {
    let column = &field.column;
    if field.sea_orm.primary_key {
        let role = role.name();
        return Err(syn::Error::new(
            column.field.span(),
            match role {
                "flag" => "the flag can't be in the primary key: a delete changes it".to_owned(),
                role => {
                    format!("`{role}` can't be in the primary key: an active row has NULL there")
                }
            },
        ));
    }
    if role == Role::DeletedAt && time.active.is_none() && option_of(&column.ty).is_none() {
        return Err(syn::Error::new(
            column.ty.span(),
            "`deleted_at` must be nullable, such as `Option<DateTimeUtc>`: `None` is an active row; or say what an active row has instead, \
             `active = \"9999-12-31\"` or, with `unix = \"seconds\"`, `active = 0`",
        ));
    }
    Ok(())
}

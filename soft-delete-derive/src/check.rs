//! From syntax to [`model`](crate::model): everything that can be wrong with a struct is found here, in one pass.

mod marker;
mod name;
mod relation;
mod role;
mod sql_text;
mod touch;
mod unique;

use proc_macro2::Span;
use syn::{
    Data, DeriveInput, Field, Fields, LitStr, Path, parse_quote, punctuated::Punctuated,
    spanned::Spanned as _, token::Comma,
};

use crate::{
    attr::{self, FieldAttr, StructAttr},
    errors::{Errors, did_you_mean},
    model::{Column, Model, ModelEx, Target},
    sea_orm::{self, Naming},
};

/// What the derive is to generate code for, and the errors in it. There is no target where the error leaves nothing to
/// build on.
pub(crate) fn check(input: &DeriveInput) -> (Option<Target>, Errors) {
    let mut errors = Errors::default();
    let fields = errors.note(named_fields(input));
    let target = fields
        .filter(|fields| !is_left_out(input, fields))
        .map(|fields| {
            if input.ident == "ModelEx" {
                Target::ModelEx(Box::new(model_ex(input, fields, &mut errors)))
            } else {
                Target::Model(Box::new(model(input, fields, &mut errors)))
            }
        });
    (target, errors)
}

/// Whether the entity has no `deleted_at`, and is not to have one: `if_present`.
fn is_left_out(input: &DeriveInput, fields: &Punctuated<Field, Comma>) -> bool {
    let mut reported = Errors::default();
    let attr = StructAttr::parse(&input.attrs, &mut reported);
    attr.if_present && !role::has_deleted_at(&attr, &columns(fields, &mut reported))
}

fn named_fields(input: &DeriveInput) -> syn::Result<&Punctuated<Field, Comma>> {
    let wrong = |span: Span, message: String| Err(syn::Error::new(span, message));
    let goes_on = "`SoftDelete` is derived for an entity's `Model`, a struct with named fields";
    let data = match &input.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            return wrong(data.enum_token.span, format!("{goes_on}, not for an enum"));
        }
        Data::Union(data) => {
            return wrong(data.union_token.span, format!("{goes_on}, not for a union"));
        }
    };
    let Fields::Named(fields) = &data.fields else {
        return wrong(
            input.ident.span(),
            format!("{goes_on}; give the fields of `{}` names", input.ident),
        );
    };
    if input.ident != "Model" && input.ident != "ModelEx" {
        return wrong(
            input.ident.span(),
            format!(
                "{goes_on}: `{}` has to be called `Model`, and derive `DeriveEntityModel`",
                input.ident
            ),
        );
    }
    if !input.generics.params.is_empty() {
        return wrong(
            input.generics.span(),
            "an entity can't be generic: remove the parameters".to_owned(),
        );
    }
    Ok(&fields.named)
}

/// A field, with what its attributes say.
struct ColumnField {
    column: Column,
    attr: FieldAttr,
    sea_orm: sea_orm::FieldAttr,
}

fn model(input: &DeriveInput, fields: &Punctuated<Field, Comma>, errors: &mut Errors) -> Model {
    let attr = StructAttr::parse(&input.attrs, errors);
    let columns = columns(fields, errors);
    for field in &columns {
        relation::not_a_relation(field, errors);
    }
    let stamp = role::stamp(&input.ident, &attr, &columns, errors);
    marker::check(&attr, &columns, &stamp, errors);
    let unique = unique::groups(&attr, &columns, &stamp, errors);
    marker::check_scheduled(&attr, &stamp, &unique, errors);
    let others = touch::Others {
        stamp: &stamp,
        unique: &unique,
    };
    let touched = touch::touched(&attr, &columns, others, errors);
    let version = touch::version(&attr, &columns, &touched, others, errors);
    Model {
        krate: krate(&attr, errors),
        names: name::names(&attr, &unique, errors),
        unique,
        stamp,
        touch: touched,
        version,
        default_rule: relation::default_rule(&attr, errors),
        retention: attr
            .retention
            .as_ref()
            .and_then(|value| errors.note(seconds(value))),
        rules: relation::rules_of_struct(&attr, errors),
        group: attr.group,
        has_ex: sea_orm::has_flag(&input.attrs, "model_ex"),
    }
}

/// `ModelEx` repeats everything that `Model` has, and `Model` reports its errors. Only the relation fields are new.
fn model_ex(
    input: &DeriveInput,
    fields: &Punctuated<Field, Comma>,
    errors: &mut Errors,
) -> ModelEx {
    let mut reported = Errors::default();
    let attr = StructAttr::parse(&input.attrs, &mut reported);
    let columns = columns(fields, &mut reported);
    let naming = Naming::of_model_ex(&input.attrs);
    ModelEx {
        krate: krate(&attr, &mut reported),
        stamp: role::stamp(&input.ident, &attr, &columns, &mut reported),
        rules: relation::rules_of_fields(&attr, fields, naming, errors),
        names: name::names(&attr, &[], &mut reported),
    }
}

/// The fields that are columns: neither relations nor ignored.
fn columns(fields: &Punctuated<Field, Comma>, errors: &mut Errors) -> Vec<ColumnField> {
    let mut columns = Vec::new();
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        if sea_orm::relation_type(&field.ty).is_some() {
            continue;
        }
        let attr = FieldAttr::parse(&field.attrs, errors);
        let sea_orm = sea_orm::FieldAttr::of(field);
        if sea_orm.ignore {
            for span in attr.column_marks() {
                errors.at(
                    span,
                    format!("`{ident}` is not a column: it has `#[sea_orm(ignore)]`"),
                );
            }
            continue;
        }
        columns.push(ColumnField {
            column: sea_orm.column(ident, &field.ty),
            attr,
            sea_orm,
        });
    }
    columns
}

/// The column of a field that the struct's attributes name.
fn find<'a>(
    name: &str,
    span: Span,
    columns: &'a [ColumnField],
    errors: &mut Errors,
) -> Option<&'a ColumnField> {
    let found = columns.iter().find(|field| field.column.name() == name);
    if found.is_none() {
        let names: Vec<_> = columns.iter().map(|field| field.column.name()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        errors.at(
            span,
            format!("no column `{name}`: {}", did_you_mean(name, &names)),
        );
    }
    found
}

fn krate(attr: &StructAttr, errors: &mut Errors) -> Path {
    attr.krate
        .as_ref()
        .and_then(|value| errors.note(attr::path(value)))
        .unwrap_or_else(|| parse_quote!(::soft_delete))
}

fn seconds(value: &LitStr) -> syn::Result<u64> {
    let wrong = |message: String| Err(syn::Error::new_spanned(value, message));
    let text = value.value();
    match humantime::parse_duration(&text) {
        Ok(duration) if duration.is_zero() => wrong(
            "a retention of nothing would purge rows as they are deleted: write a duration such as `30 days`"
                .to_owned(),
        ),
        Ok(duration) if duration.subsec_nanos() != 0 => {
            wrong("a retention counts whole seconds: round it, to `1s` or more".to_owned())
        }
        Ok(duration) => Ok(duration.as_secs()),
        Err(error) => wrong(format!(
            "`{text}` is not a duration ({error}): write it as `30 days`, `12h` or `1year 6months`"
        )),
    }
}

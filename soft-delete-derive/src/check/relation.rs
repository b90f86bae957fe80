//! Rules of deletion that override a foreign key's own.

use proc_macro2::Span;
use syn::{Field, Ident, LitStr, punctuated::Punctuated, token::Comma};

use super::ColumnField;
use crate::{
    attr::{FieldAttr, StructAttr},
    errors::{Errors, did_you_mean},
    model::{OnDelete, Rule},
    sea_orm::{self, Naming},
};

/// `on_delete(Author = "restrict")`.
pub(super) fn rules_of_struct(attr: &StructAttr, errors: &mut Errors) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (relation, value) in &attr.on_delete {
        if rules.iter().any(|rule| rule.relation == *relation) {
            errors.push(twice(relation, relation.span()));
        } else if let Some(on_delete) = errors.note(on_delete(value)) {
            rules.push(Rule {
                relation: relation.clone(),
                on_delete,
            });
        }
    }
    rules
}

/// `default_on_delete = "cascade"`.
pub(super) fn default_rule(attr: &StructAttr, errors: &mut Errors) -> Option<OnDelete> {
    let value = attr.default_on_delete.as_ref()?;
    errors.note(on_delete(value))
}

/// `on_delete = "restrict"` on the relation fields of `ModelEx`.
pub(super) fn rules_of_fields(
    attr: &StructAttr,
    fields: &Punctuated<Field, Comma>,
    naming: Naming,
    errors: &mut Errors,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for field in fields {
        let rule = rule_of_field(attr, field, naming, errors);
        rules.extend(errors.note(rule).flatten());
    }
    rules
}

fn rule_of_field(
    attr: &StructAttr,
    field: &Field,
    naming: Naming,
    errors: &mut Errors,
) -> syn::Result<Option<Rule>> {
    let (Some(ident), Some(relation)) = (&field.ident, sea_orm::relation_type(&field.ty)) else {
        return Ok(None);
    };
    let own = FieldAttr::parse(&field.attrs, errors);
    let sea_orm = sea_orm::FieldAttr::of(field);
    for span in own.column_marks() {
        errors.at(span, format!("`{ident}` is a relation: mark a column"));
    }
    let Some((span, value)) = own.on_delete else {
        return Ok(None);
    };
    if !sea_orm.has_foreign_key(relation) {
        return Err(syn::Error::new(
            span,
            "`on_delete` goes with the foreign key, which the other entity has: say it on that one's `BelongsTo` field",
        ));
    }
    let on_delete = on_delete(&value)?;
    let Some(variant) = sea_orm.relation(ident, relation, naming) else {
        return Err(syn::Error::new(
            span,
            "only the `Relation` enum knows what this relation is called: say it on the struct, \
             `#[soft_delete(on_delete(Author = \"restrict\"))]`",
        ));
    };
    if attr.on_delete.iter().any(|(other, _)| *other == variant) {
        return Err(twice(&variant, span));
    }
    Ok(Some(Rule {
        relation: variant,
        on_delete,
    }))
}

/// Reports `on_delete` on a column.
pub(super) fn not_a_relation(field: &ColumnField, errors: &mut Errors) {
    if let Some((span, _)) = &field.attr.on_delete {
        errors.at(
            *span,
            format!(
                "`{}` is not a relation: say it on a `BelongsTo` field, or on the struct, \
                 `#[soft_delete(on_delete(Author = \"restrict\"))]` with the name of the relation",
                field.column.name(),
            ),
        );
    }
}

fn on_delete(value: &LitStr) -> syn::Result<OnDelete> {
    let name = value.value();
    OnDelete::named(&name).ok_or_else(|| {
        let message = format!(
            "unknown rule `{name}`: {}",
            did_you_mean(&name, &OnDelete::NAMES)
        );
        syn::Error::new_spanned(value, message)
    })
}

fn twice(relation: &Ident, span: Span) -> syn::Error {
    let message = format!("`on_delete` of `{relation}` is given twice: keep one");
    syn::Error::new(span, message)
}

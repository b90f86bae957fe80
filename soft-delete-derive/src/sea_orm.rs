//! What SeaORM makes of the same struct: we read its attributes and name things as its macros do.
//!
//! Errors in `#[sea_orm(…)]` are SeaORM's to report, so they are passed over here.

use heck::ToUpperCamelCase as _;
use proc_macro2::Span;
use syn::{
    Attribute, Expr, Field, GenericArgument, Ident, LitStr, PathArguments, PathSegment, Type,
    TypePath, meta::ParseNestedMeta, spanned::Spanned as _,
};

use crate::model::{Column, plain};

/// Whether the struct has this flag: `#[sea_orm(model_ex)]`.
pub(crate) fn has_flag(attrs: &[Attribute], flag: &str) -> bool {
    let mut found = false;
    each(attrs, |meta| {
        found |= meta.path.is_ident(flag);
        skip(&meta)
    });
    found
}

/// The attributes of a field that concern us.
#[derive(Default)]
pub(crate) struct FieldAttr {
    pub(crate) ignore: bool,
    pub(crate) primary_key: bool,
    /// Where it says `unique`.
    pub(crate) unique: Option<Span>,
    /// Whether the column has another name than the field.
    pub(crate) has_name: bool,
    /// The groups it names with `unique_key = "…"`.
    pub(crate) unique_keys: Vec<LitStr>,
    enum_name: Option<Ident>,
    relation_enum: Option<LitStr>,
    belongs_to: bool,
    self_ref: bool,
    via: bool,
    from: bool,
}

impl FieldAttr {
    pub(crate) fn of(field: &Field) -> Self {
        let mut attr = Self::default();
        each(&field.attrs, |meta| {
            let name = meta.path.get_ident().map(plain).unwrap_or_default();
            match name.as_str() {
                "ignore" => attr.ignore = true,
                "primary_key" => attr.primary_key = true,
                "unique" => attr.unique = Some(meta.path.span()),
                "column_name" => attr.has_name = true,
                "unique_key" => attr.unique_keys.push(meta.value()?.parse()?),
                "enum_name" => {
                    attr.enum_name = meta.value()?.parse::<LitStr>()?.parse().ok();
                }
                "relation_enum" => attr.relation_enum = Some(meta.value()?.parse()?),
                "belongs_to" => attr.belongs_to = true,
                "self_ref" => attr.self_ref = true,
                "via" => attr.via = true,
                "from" => attr.from = true,
                _ => {}
            }
            skip(&meta)
        });
        attr
    }

    /// The field as a column of the table.
    pub(crate) fn column(&self, ident: &Ident, ty: &Type) -> Column {
        let variant = match &self.enum_name {
            Some(name) => name.to_string(),
            None => plain(ident).to_upper_camel_case(),
        };
        Column {
            field: ident.clone(),
            variant: variant_ident(&variant, ident),
            ty: ty.clone(),
        }
    }

    /// Whether a relation field holds the foreign key, so that its `Relation` is a `belongs_to`.
    pub(crate) fn has_foreign_key(&self, relation: &TypePath) -> bool {
        let owns_key = self.belongs_to || (self.self_ref && self.from && !self.via);
        owns_key || last_segment(relation).is_some_and(|segment| segment.ident == "BelongsTo")
    }

    /// The variant of `Relation` for a relation field, at the field's place.
    pub(crate) fn relation(
        &self,
        field: &Ident,
        relation: &TypePath,
        naming: Naming,
    ) -> Option<Ident> {
        let name = match (&self.relation_enum, naming) {
            (Some(name), _) => name.value(),
            (None, Naming::ByEntity) => related_module(&related_entity(relation)?)?,
            (None, Naming::ByHand) => return None,
        };
        let mut variant: Ident = syn::parse_str(&name.to_upper_camel_case()).ok()?;
        variant.set_span(field.span());
        Some(variant)
    }
}

/// How the variants of `Relation` get their names.
#[derive(Clone, Copy)]
pub(crate) enum Naming {
    /// SeaORM makes the enum, and calls them as the entities they lead to.
    ByEntity,
    /// The user writes the enum.
    ByHand,
}

impl Naming {
    pub(crate) fn of_model_ex(attrs: &[Attribute]) -> Self {
        if has_flag(attrs, "compact_model") {
            Self::ByHand
        } else {
            Self::ByEntity
        }
    }
}

/// The type of a relation field: `BelongsTo<…>`, `HasOne<…>` or `HasMany<…>`. Such a field is not a column.
pub(crate) fn relation_type(ty: &Type) -> Option<&TypePath> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let segment = last_segment(path)?;
    ["BelongsTo", "HasOne", "HasMany"]
        .iter()
        .any(|name| segment.ident == name)
        .then_some(path)
}

/// The `T` of `Option<T>`.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let segment = last_segment(path).filter(|segment| segment.ident == "Option")?;
    argument(segment)
}

/// A type that came through a `macro_rules!` macro is wrapped in an invisible group.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        ty => ty,
    }
}

fn last_segment(path: &TypePath) -> Option<&PathSegment> {
    path.path.segments.last()
}

fn argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) => Some(ty),
        _ => None,
    }
}

/// `super::user::Entity` of `BelongsTo<super::user::Entity>` and of `BelongsTo<Option<super::user::Entity>>`.
fn related_entity(relation: &TypePath) -> Option<TypePath> {
    let target = argument(last_segment(relation)?)?;
    match ungrouped(option_of(target).unwrap_or(target)) {
        Type::Path(entity) => Some(entity.clone()),
        _ => None,
    }
}

/// `user` of `super::user::Entity`.
fn related_module(entity: &TypePath) -> Option<String> {
    let mut segments = entity.path.segments.iter().rev();
    let last = segments.next()?;
    Some(segments.next().unwrap_or(last).ident.to_string())
}

/// A variant that is a keyword is written raw, or with an underscore where it can't be.
fn variant_ident(name: &str, field: &Ident) -> Ident {
    let mut variant = [name.to_owned(), format!("r#{name}"), format!("{name}_")]
        .iter()
        .find_map(|name| syn::parse_str(name).ok())
        .unwrap_or_else(|| field.clone());
    variant.set_span(field.span());
    variant
}

fn each(attrs: &[Attribute], mut read: impl FnMut(ParseNestedMeta<'_>) -> syn::Result<()>) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("sea_orm")) {
        let _ = attr.parse_nested_meta(&mut read);
    }
}

/// Passes over a value that was not asked for.
fn skip(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<Expr>()?;
    }
    Ok(())
}

//! The syntax of `#[soft_delete(…)]`, on the struct and on its fields.

mod touch;
mod unique;

use proc_macro2::Span;
use syn::{
    Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    spanned::Spanned as _,
};

pub(crate) use touch::TouchField;
pub(crate) use unique::UniqueFields;

use crate::{
    errors::{Errors, did_you_mean},
    model::Role,
};

const ON_STRUCT: [&str; 19] = [
    "deleted_at",
    "flag",
    "unix",
    "active",
    "deletion_id",
    "deleted_by",
    "delete_reason",
    "scheduled",
    "touch",
    "version",
    "unique",
    "group",
    "retention",
    "on_delete",
    "default_on_delete",
    "if_present",
    "skip",
    "rename",
    "crate",
];

const ON_FIELD: [&str; 11] = [
    "deleted_at",
    "flag",
    "unix",
    "active",
    "deletion_id",
    "deleted_by",
    "delete_reason",
    "touch",
    "version",
    "unique",
    "on_delete",
];

/// What the attributes of the struct say.
#[derive(Default)]
pub(crate) struct StructAttr {
    /// `deleted_at = "removed_on"`: the field that has the role.
    pub(crate) roles: Vec<(Role, LitStr)>,
    /// `deleted_by = none`: no field has the role, whatever its name.
    pub(crate) without: Vec<(Role, Span)>,
    pub(crate) time: TimeAttr,
    /// Where it says that rows are active until their time.
    pub(crate) scheduled: Option<Span>,
    /// `touch = "updated_at"`, or `touch(updated_at, changed = "millis")`.
    pub(crate) touch: Vec<TouchField>,
    pub(crate) version: Option<LitStr>,
    pub(crate) unique: Vec<UniqueFields>,
    pub(crate) group: Option<LitStr>,
    pub(crate) retention: Option<LitStr>,
    /// `on_delete(Author = "restrict")`.
    pub(crate) on_delete: Vec<(Ident, LitStr)>,
    /// For foreign keys that have no rule.
    pub(crate) default_on_delete: Option<LitStr>,
    /// Nothing is generated for a struct without the column.
    pub(crate) if_present: bool,
    /// `skip(Entity::delete, is_deleted)`.
    pub(crate) skip: Vec<Path>,
    /// `rename(Entity::delete = "mark_deleted")`.
    pub(crate) rename: Vec<(Path, LitStr)>,
    pub(crate) krate: Option<LitStr>,
}

/// How `deleted_at` is stored: `unix = "seconds", active = 0`.
#[derive(Clone, Default)]
pub(crate) struct TimeAttr {
    pub(crate) unix: Option<LitStr>,
    pub(crate) active: Option<Lit>,
}

impl TimeAttr {
    /// Where it says something.
    pub(crate) fn span(&self) -> Option<Span> {
        let unix = self.unix.as_ref().map(LitStr::span);
        unix.or_else(|| self.active.as_ref().map(Lit::span))
    }

    /// Whether it is one of these attributes.
    fn read(&mut self, name: &str, meta: &Meta) -> syn::Result<bool> {
        match name {
            "unix" => once(&mut self.unix, meta, string(meta, "seconds")?)?,
            "active" => once(&mut self.active, meta, active(meta)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// What the attributes of a field say.
#[derive(Default)]
pub(crate) struct FieldAttr {
    pub(crate) roles: Vec<(Role, Span)>,
    pub(crate) time: TimeAttr,
    /// `touch` or `touch = "millis"`.
    pub(crate) touch: Option<(Span, Option<LitStr>)>,
    pub(crate) version: Option<Span>,
    pub(crate) unique: Vec<UniqueMark>,
    pub(crate) on_delete: Option<(Span, LitStr)>,
}

/// `unique` or `unique = "by_tenant"`.
pub(crate) struct UniqueMark {
    pub(crate) span: Span,
    pub(crate) group: Option<LitStr>,
}

impl StructAttr {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut this = Self::default();
        read_all(attrs, errors, |meta| this.read(meta));
        this
    }

    fn read(&mut self, meta: &Meta) -> syn::Result<()> {
        let name = name(meta);
        if let Some(role) = Role::named(&name) {
            if is_none(meta) {
                self.without.push((role, meta.span()));
            } else {
                self.roles.push((role, field(meta, role)?));
            }
            return Ok(());
        }
        if self.time.read(&name, meta)? {
            return Ok(());
        }
        match name.as_str() {
            "scheduled" => {
                flag(meta)?;
                once(&mut self.scheduled, meta, meta.span())?;
            }
            "touch" => self.touch.extend(touch::touch(meta)?),
            "version" => once(&mut self.version, meta, string(meta, "version")?)?,
            "unique" => {
                let groups =
                    list(meta, "unique(tenant_id, slug)")?.parse_args_with(unique::unique)?;
                self.unique.extend(groups);
            }
            "group" => once(&mut self.group, meta, string(meta, "billing")?)?,
            "retention" => once(&mut self.retention, meta, string(meta, "30 days")?)?,
            "crate" => once(
                &mut self.krate,
                meta,
                string(meta, "path::to::soft_delete")?,
            )?,
            "default_on_delete" => {
                once(&mut self.default_on_delete, meta, string(meta, "cascade")?)?
            }
            "if_present" => {
                flag(meta)?;
                self.if_present = true;
            }
            "skip" => {
                let functions = list(meta, "skip(Entity::delete, is_deleted)")?
                    .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
                self.skip.extend(functions);
            }
            "rename" => {
                let functions = list(meta, "rename(Entity::delete = \"mark_deleted\")")?
                    .parse_args_with(Punctuated::<Renamed, Token![,]>::parse_terminated)?;
                let functions = functions.into_iter();
                self.rename
                    .extend(functions.map(|renamed| (renamed.function, renamed.name)));
            }
            "on_delete" => {
                let rules = list(meta, "on_delete(Author = \"restrict\")")?
                    .parse_args_with(Punctuated::<RelationRule, Token![,]>::parse_terminated)?;
                self.on_delete
                    .extend(rules.into_iter().map(|rule| (rule.relation, rule.rule)));
            }
            _ => return Err(unknown(meta, &name, &ON_STRUCT)),
        }
        Ok(())
    }
}

impl FieldAttr {
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut this = Self::default();
        read_all(attrs, errors, |meta| this.read(meta));
        this
    }

    /// Where it says something that only a column can be.
    pub(crate) fn column_marks(&self) -> impl Iterator<Item = Span> {
        let roles = self.roles.iter().map(|(_, span)| *span);
        let roles = roles.chain(self.time.span());
        let roles = roles.chain(self.touch.iter().map(|(span, _)| *span));
        let roles = roles.chain(self.version);
        roles.chain(self.unique.iter().map(|mark| mark.span))
    }

    fn read(&mut self, meta: &Meta) -> syn::Result<()> {
        let name = name(meta);
        if let Some(role) = Role::named(&name) {
            bare(meta)?;
            self.roles.push((role, meta.span()));
            return Ok(());
        }
        if self.time.read(&name, meta)? {
            return Ok(());
        }
        match name.as_str() {
            "touch" => {
                let unix = match meta {
                    Meta::Path(_) => None,
                    _ => Some(string(meta, "millis")?),
                };
                once(&mut self.touch, meta, (meta.path().span(), unix))?;
            }
            "version" => {
                bare(meta)?;
                once(&mut self.version, meta, meta.path().span())?;
            }
            "unique" => {
                let group = match meta {
                    Meta::Path(_) => None,
                    _ => Some(string(meta, "group")?),
                };
                self.unique.push(UniqueMark {
                    span: meta.path().span(),
                    group,
                });
            }
            "on_delete" => {
                let rule = string(meta, "restrict")?;
                once(&mut self.on_delete, meta, (meta.path().span(), rule))?;
            }
            name if ON_STRUCT.contains(&name) => {
                return Err(syn::Error::new_spanned(
                    meta.path(),
                    format!("`{name}` is said of the struct, not of a field: move it up there"),
                ));
            }
            _ => return Err(unknown(meta, &name, &ON_FIELD)),
        }
        Ok(())
    }
}

/// Reads everything within the parentheses of the `#[soft_delete(…)]` attributes.
fn read_all(
    attrs: &[Attribute],
    errors: &mut Errors,
    mut read: impl FnMut(&Meta) -> syn::Result<()>,
) {
    for attr in attrs {
        if attr.path().is_ident("soft_delete") {
            let metas = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            for meta in errors.note(metas).into_iter().flatten() {
                errors.note(read(&meta));
            }
        }
    }
}

fn name(meta: &Meta) -> String {
    match meta.path().get_ident() {
        Some(ident) => ident.to_string(),
        None => String::new(),
    }
}

fn unknown(meta: &Meta, name: &str, known: &[&str]) -> syn::Error {
    let message = format!("unknown attribute `{name}`: {}", did_you_mean(name, known));
    syn::Error::new_spanned(meta.path(), message)
}

fn bare(meta: &Meta) -> syn::Result<()> {
    match meta {
        Meta::Path(_) => Ok(()),
        _ => Err(syn::Error::new_spanned(
            meta,
            format!(
                "on a field, `{}` takes no value: the field it marks is this one",
                name(meta)
            ),
        )),
    }
}

fn flag(meta: &Meta) -> syn::Result<()> {
    match meta {
        Meta::Path(_) => Ok(()),
        _ => Err(syn::Error::new_spanned(
            meta,
            format!("`{}` takes no value", name(meta)),
        )),
    }
}

/// Whether it is `name = none`.
fn is_none(meta: &Meta) -> bool {
    match meta {
        Meta::NameValue(pair) => {
            matches!(ungrouped(&pair.value), Expr::Path(value) if value.path.is_ident("none"))
        }
        _ => false,
    }
}

/// What came through a `macro_rules!` macro is wrapped in an invisible group.
fn ungrouped(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => ungrouped(&group.expr),
        value => value,
    }
}

/// The value of `name = "…"`, never empty.
fn string(meta: &Meta, example: &str) -> syn::Result<LitStr> {
    let name = name(meta);
    let message = match meta {
        Meta::NameValue(pair) => match ungrouped(&pair.value) {
            Expr::Lit(ExprLit {
                lit: Lit::Str(value),
                ..
            }) if !value.value().trim().is_empty() => return Ok(value.clone()),
            Expr::Lit(ExprLit {
                lit: Lit::Str(value),
                ..
            }) => {
                let message = format!("`{name}` is empty: write `{name} = \"{example}\"`");
                return Err(syn::Error::new_spanned(value, message));
            }
            _ => format!("`{name}` takes a string: `{name} = \"{example}\"`"),
        },
        _ => format!("`{name}` takes a value: `{name} = \"{example}\"`"),
    };
    Err(syn::Error::new_spanned(meta, message))
}

/// The value of `active = 0` or `active = "9999-12-31"`.
fn active(meta: &Meta) -> syn::Result<Lit> {
    if let Meta::NameValue(pair) = meta
        && let Expr::Lit(ExprLit { lit, .. }) = ungrouped(&pair.value)
        && matches!(lit, Lit::Str(_) | Lit::Int(_))
    {
        return Ok(lit.clone());
    }
    let message = "`active` takes what an active row has in `deleted_at`: `active = 0` or `active = \"9999-12-31\"`";
    Err(syn::Error::new_spanned(meta, message))
}

/// The field that has a role. All but `deleted_at` may be missing.
fn field(meta: &Meta, role: Role) -> syn::Result<LitStr> {
    string(meta, "field").map_err(|error| match role {
        Role::DeletedAt => error,
        _ => {
            let message = format!("{error}, or `{} = none`", name(meta));
            syn::Error::new(error.span(), message)
        }
    })
}

fn list<'a>(meta: &'a Meta, example: &str) -> syn::Result<&'a syn::MetaList> {
    match meta {
        Meta::List(list) if !list.tokens.is_empty() => Ok(list),
        _ => Err(syn::Error::new_spanned(
            meta,
            format!("on the struct, `{}` takes a list: `{example}`", name(meta)),
        )),
    }
}

fn once<T>(slot: &mut Option<T>, meta: &Meta, value: T) -> syn::Result<()> {
    if slot.replace(value).is_some() {
        let message = format!("`{}` is given twice: keep one", name(meta));
        return Err(syn::Error::new_spanned(meta.path(), message));
    }
    Ok(())
}

struct RelationRule {
    relation: Ident,
    rule: LitStr,
}

impl Parse for RelationRule {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let relation = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        let rule = input.parse()?;
        Ok(Self { relation, rule })
    }
}

struct Renamed {
    function: Path,
    name: LitStr,
}

impl Parse for Renamed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let function = input.call(Path::parse_mod_style)?;
        input.parse::<Token![=]>()?;
        let name = input.parse()?;
        Ok(Self { function, name })
    }
}

/// The path of `crate = "…"`.
pub(crate) fn path(value: &LitStr) -> syn::Result<Path> {
    let path = value.parse_with(Path::parse_mod_style);
    path.map_err(|_| {
        let message = "not a path: write `crate = \"path::to::soft_delete\"`";
        syn::Error::new_spanned(value, message)
    })
}

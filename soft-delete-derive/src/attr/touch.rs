//! `touch = "updated_at"`.

use proc_macro2::Span;
use syn::{
    Ident, LitStr, Meta, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use super::string;
use crate::model::plain;

/// One of the columns that a delete and a restore set to the time of the call.
pub(crate) struct TouchField {
    pub(crate) field: String,
    pub(crate) span: Span,
    /// Of a whole number.
    pub(crate) unix: Option<LitStr>,
}

/// `touch = "updated_at"`, or `touch(updated_at, changed = "millis")`.
pub(super) fn touch(meta: &Meta) -> syn::Result<Vec<TouchField>> {
    let Meta::List(list) = meta else {
        let field = string(meta, "updated_at")?;
        return Ok(vec![TouchField {
            field: field.value(),
            span: field.span(),
            unix: None,
        }]);
    };
    let fields = list.parse_args_with(Punctuated::<TouchField, Token![,]>::parse_terminated)?;
    if fields.is_empty() {
        let message = "name the columns that are set to the time of a delete: `touch(updated_at)`";
        return Err(syn::Error::new_spanned(list, message));
    }
    Ok(fields.into_iter().collect())
}

impl Parse for TouchField {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let field = input.call(Ident::parse_any)?;
        let unix = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self {
            field: plain(&field),
            span: field.span(),
            unix,
        })
    }
}

//! `unique(…)` of the struct.

use proc_macro2::Span;
use syn::{
    Ident, LitStr, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::Paren,
};

/// `unique(tenant_id, slug)`, or one `by_tenant = (tenant_id, slug)` within `unique(…)`.
pub(crate) struct UniqueFields {
    pub(crate) span: Span,
    pub(crate) name: Option<Ident>,
    pub(crate) parts: Vec<UniquePart>,
    /// `where = "is_default"`.
    pub(crate) condition: Option<LitStr>,
    /// `nulls_not_distinct`.
    pub(crate) nulls_not_distinct: bool,
}

/// `slug`, or `email = "lower(email)"`.
pub(crate) struct UniquePart {
    pub(crate) name: Ident,
    pub(crate) expression: Option<LitStr>,
}

/// One thing within the parentheses.
enum Item {
    Part(UniquePart),
    Group(Ident, Vec<UniquePart>),
    Where(LitStr),
    NullsNotDistinct,
}

/// `tenant_id, slug`: one group; or `by_tenant = (tenant_id, slug), …`: named ones. What is said besides is said of the one group.
pub(super) fn unique(input: ParseStream<'_>) -> syn::Result<Vec<UniqueFields>> {
    let span = input.span();
    let items = Punctuated::<Item, Token![,]>::parse_terminated(input)?;
    let (mut condition, mut nulls_not_distinct) = (None, false);
    let (mut parts, mut groups) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Part(part) => parts.push(part),
            Item::Group(name, parts) => groups.push((name, parts)),
            Item::Where(text) => condition = Some(text),
            Item::NullsNotDistinct => nulls_not_distinct = true,
        }
    }
    if let (Some(part), false) = (parts.first(), groups.is_empty()) {
        let message =
            "belongs to none of the groups: put it into one, or into a `unique(…)` of its own";
        return Err(syn::Error::new(part.name.span(), message));
    }
    let has_rules = condition.is_some() || nulls_not_distinct;
    if let (Some((name, _)), true) = (groups.get(1), has_rules) {
        let message = "write each group in a `unique(…)` of its own: `where` and `nulls_not_distinct` are said of one";
        return Err(syn::Error::new(name.span(), message));
    }
    if groups.is_empty() && parts.is_empty() {
        return Err(syn::Error::new(span, "name the fields that are unique"));
    }
    let fields = |span, name, parts| UniqueFields {
        span,
        name,
        parts,
        condition: condition.clone(),
        nulls_not_distinct,
    };
    if groups.is_empty() {
        return Ok(vec![fields(span, None, parts)]);
    }
    let groups = groups.into_iter();
    let groups = groups.map(|(name, parts)| fields(name.span(), Some(name), parts));
    Ok(groups.collect())
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            return Ok(match name == "nulls_not_distinct" {
                true => Self::NullsNotDistinct,
                false => Self::Part(UniquePart {
                    name,
                    expression: None,
                }),
            });
        }
        input.parse::<Token![=]>()?;
        if name == "where" {
            return Ok(Self::Where(input.parse()?));
        }
        if input.peek(Paren) {
            let content;
            let parens = syn::parenthesized!(content in input);
            if content.is_empty() {
                let message = "name the fields that are unique together";
                return Err(syn::Error::new(parens.span.join(), message));
            }
            let parts = Punctuated::<UniquePart, Token![,]>::parse_terminated(&content)?;
            return Ok(Self::Group(name, parts.into_iter().collect()));
        }
        if input.peek(Ident::peek_any) {
            let field = UniquePart {
                name: input.call(Ident::parse_any)?,
                expression: None,
            };
            return Ok(Self::Group(name, vec![field]));
        }
        Ok(Self::Part(UniquePart {
            name,
            expression: Some(input.parse()?),
        }))
    }
}

impl Parse for UniquePart {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let expression = match input.peek(Token![=]) {
            true => {
                input.parse::<Token![=]>()?;
                Some(input.parse()?)
            }
            false => None,
        };
        Ok(Self { name, expression })
    }
}

//! Generated functions that have another name, or none.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::model::{Name, Owner, plain};

pub(super) fn is_generated(names: &[Name], owner: Owner, function: &str) -> bool {
    find(names, owner, function).is_none_or(|name| name.renamed.is_some())
}

/// The functions of one type, without those that are left out, and with the names that the others have.
pub(super) fn apply(names: &[Name], owner: Owner, functions: TokenStream) -> TokenStream {
    if names.iter().all(|name| name.owner != owner) {
        return functions;
    }
    let mut named = TokenStream::new();
    let mut function: Vec<TokenTree> = Vec::new();
    for token in functions {
        let is_body =
            matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        function.push(token);
        if is_body {
            named.extend(rename(names, owner, std::mem::take(&mut function)));
        }
    }
    named
}

/// One function, from its documentation to its body. `None` if it is left out.
fn rename(names: &[Name], owner: Owner, mut function: Vec<TokenTree>) -> Option<TokenStream> {
    let is_fn = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "fn");
    let name = function.iter().position(is_fn).map(|place| place + 1);
    if let Some(TokenTree::Ident(ident)) = name.and_then(|name| function.get_mut(name))
        && let Some(name) = find(names, owner, &plain(ident))
    {
        *ident = name.renamed.clone()?;
    }
    Some(function.into_iter().collect())
}

fn find<'n>(names: &'n [Name], owner: Owner, function: &str) -> Option<&'n Name> {
    let mut names = names.iter();
    names.find(|name| name.owner == owner && name.function == function)
}

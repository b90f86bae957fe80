//! The derive macro.

mod attr;
mod check;
mod expand;
mod mistakes;
mod model;
mod sea_orm;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// TODO docs
#[proc_macro_derive(SoftDelete, attributes(soft_delete))]
pub fn derive_soft_delete(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput)).into()
}

fn derive(input: &DeriveInput) -> proc_macro2::TokenStream {
    let (target, mistakes) = check::check(input);
    let code = target.as_ref().map(expand::expand);
    let errors = mistakes.to_compile_error();
    quote::quote!(#errors #code)
}

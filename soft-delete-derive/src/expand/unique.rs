//! `find_by_…`, `delete_by_…` and `restore_by_…` for what is unique among active rows.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Path, Type};

use super::sea_orm;
use crate::{
    model::{Column, Model, Unique},
    sea_orm::option_of,
};

pub(super) fn functions(model: &Model) -> TokenStream {
    let functions = model
        .unique
        .iter()
        .filter(|unique| unique.rules.is_none())
        .map(|unique| of_group(&model.krate, unique));
    quote!(#(#functions)*)
}

fn of_group(krate: &Path, unique: &Unique) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let this = quote!(<Self as #krate::SoftDelete>);
    let (parameter, filter) = match unique.columns.as_slice() {
        [column] => single(&sea_orm, column),
        columns => composite(&sea_orm, columns),
    };
    let name = &unique.name;
    let find_by = format_ident!("find_by_{name}", span = unique.span);
    let delete_by = format_ident!("delete_by_{name}", span = unique.span);
    let restore_by = format_ident!("restore_by_{name}", span = unique.span);
    let values = values(&unique.columns);
    let find_doc = format!(" Selects the active row with {values}.");
    let delete_doc = format!(" Deletes the active row with {values}.");
    let restore_doc = format!(
        " Restores the deleted rows with {values}. As only one of them can be active, two are a conflict."
    );
    quote! {
        #[doc = #find_doc]
        #[inline]
        pub fn #find_by(v: #parameter) -> #sea_orm::Select<Self> {
            let rows = #this::find();
            #filter
        }

        #[doc = #delete_doc]
        #[inline]
        pub fn #delete_by(v: #parameter) -> #krate::Delete<Self> {
            let rows = #this::delete_many();
            #filter
        }

        #[doc = #restore_doc]
        #[inline]
        pub fn #restore_by(v: #parameter) -> #krate::Restore<Self> {
            let rows = #this::restore_many();
            #filter
        }
    }
}

/// Takes what SeaORM's `find_by_…` takes, except that an `Option<T>` column is found by a `T`.
fn single(sea_orm: &TokenStream, column: &Column) -> (TokenStream, TokenStream) {
    let ty = value_type(column);
    let variant = &column.variant;
    let parameter = quote!(impl ::core::convert::Into<#ty>);
    let filter = quote! {
        let v: #ty = ::core::convert::Into::into(v);
        #sea_orm::QueryFilter::filter(rows, #sea_orm::ColumnTrait::eq(&Column::#variant, v))
    };
    (parameter, filter)
}

fn composite(sea_orm: &TokenStream, columns: &[Column]) -> (TokenStream, TokenStream) {
    let types = columns.iter().map(value_type);
    let parameter = quote!((#(#types),*));
    let filters = columns.iter().enumerate().map(|(index, column)| {
        let index = syn::Index::from(index);
        let variant = &column.variant;
        quote! {
            let rows = #sea_orm::QueryFilter::filter(
                rows,
                #sea_orm::ColumnTrait::eq(&Column::#variant, v.#index),
            );
        }
    });
    let filter = quote!(#(#filters)* rows);
    (parameter, filter)
}

fn value_type(column: &Column) -> &Type {
    option_of(&column.ty).unwrap_or(&column.ty)
}

/// `tenant_id = ? AND slug = ?`, in backticks.
fn values(columns: &[Column]) -> String {
    let values: Vec<_> = columns
        .iter()
        .map(|column| format!("{} = ?", column.name()))
        .collect();
    format!("`{}`", values.join(" AND "))
}

//! From the [`model`](crate::model) to code.
//!
//! The code names everything by absolute paths, so that it means the same beside whatever the user's module defines or
//! fails to import. Only the entity's own types (`Entity`, `Model`, `ActiveModel`, `Column`, `Relation`) are taken from there.

mod active_model;
mod entity;
mod meta;
mod name;
mod row;
mod unique;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use crate::model::{Model, ModelEx, Owner, Target};

pub(crate) fn expand(target: &Target) -> TokenStream {
    match target {
        Target::Model(model) => of_model(model),
        Target::ModelEx(model) => of_model_ex(model),
    }
}

fn of_model(model: &Model) -> TokenStream {
    let soft_delete = meta::soft_delete(model);
    let types = meta::types(model);
    let entity = entity::functions(model);
    let unique = unique::functions(model);
    let row = row::methods(&model.krate);
    let is_deleted = row::is_deleted(&model.krate, &model.stamp);
    let active_model = active_model::methods(&model.krate);
    let krate = &model.krate;
    let of_features = name::is_generated(&model.names, Owner::Entity, "erase_by_id");
    let of_features = of_features.then(|| quote!(#krate::__functions_of_features! {}));
    let entity = name::apply(&model.names, Owner::Entity, quote!(#entity #unique));
    let row = name::apply(&model.names, Owner::Model, quote!(#row #is_deleted));
    let active_model = name::apply(&model.names, Owner::ActiveModel, active_model);
    quote! {
        #soft_delete
        #types
        impl Entity {
            #entity
            #of_features
        }
        impl Model {
            #row
        }
        impl ActiveModel {
            #active_model
        }
    }
}

fn of_model_ex(model: &ModelEx) -> TokenStream {
    let rules = meta::relation_rules(model);
    let is_deleted = row::is_deleted(&model.krate, &model.stamp);
    let is_deleted = name::apply(&model.names, Owner::ModelEx, is_deleted);
    quote! {
        #rules
        impl ModelEx {
            #is_deleted
        }
    }
}

/// The path of the `sea_orm` that the library was built with.
fn sea_orm(krate: &Path) -> TokenStream {
    quote!(#krate::__private::sea_orm)
}

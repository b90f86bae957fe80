//! What the engine is told of the entity.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Path, spanned::Spanned as _};

use crate::model::{Column, Model, ModelEx, OnDelete, Rule, Stamp};

/// `impl SoftDelete for Entity`, and its entry in the registry.
pub(super) fn soft_delete(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let actor = actor(model);
    let Some(deleted_at) = &model.stamp.deleted_at else {
        // Stands in for the real thing while the mistake that was reported lasts.
        return quote! {
            #[automatically_derived]
            impl #krate::SoftDelete for Entity {
                type Actor = #actor;
                fn deleted_at_column() -> Column {
                    ::core::unreachable!()
                }
                fn meta() -> &'static #krate::EntityMeta {
                    ::core::unreachable!()
                }
            }
        };
    };
    let column = &deleted_at.variant;
    let kind = item(deleted_at, quote!(#private::DeletedAt), "KIND");
    let stamp = stamp(&model.stamp);
    let unique = model.unique.iter().map(|unique| {
        let name = &unique.name;
        let columns = unique.columns.iter().map(|column| &column.variant);
        quote!(.unique(#name, [#(Column::#columns),*]))
    });
    let group = model.group.iter();
    let retention = model.retention.iter();
    let rules = rules(krate, &model.rules);
    let relation_rules = model.has_ex.then(|| {
        quote! {
            let meta = <Entity as #private::RelationRules>::apply(meta);
        }
    });
    quote! {
        #[automatically_derived]
        impl #krate::SoftDelete for Entity {
            type Actor = #actor;

            fn deleted_at_column() -> Column {
                Column::#column
            }

            fn meta() -> &'static #krate::EntityMeta {
                static META: ::std::sync::LazyLock<#krate::EntityMeta> =
                    ::std::sync::LazyLock::new(|| {
                        let meta = #krate::EntityMeta::describe::<Entity>(
                            ::core::module_path!(),
                            Column::#column,
                            #kind,
                        )
                        #stamp
                        #(#unique)*
                        #(.group(#group))*
                        #(.retention(#retention))*
                        #rules;
                        #relation_rules
                        // Which of the two constants it is depends on whether the entity implements `Hooks`.
                        #[allow(unused_imports)]
                        use #private::NoHooks as _;
                        meta.hooks(#private::HooksOf::<Entity>::TABLE).build()
                    });
                &META
            }
        }

        #private::inventory::submit! {
            #private::Registration::of::<Entity>()
        }
    }
}

fn actor(model: &Model) -> TokenStream {
    let krate = &model.krate;
    match &model.stamp.deleted_by {
        Some(column) => item(column, quote!(#krate::__private::DeletedBy), "Actor"),
        None => quote!(#krate::NoActor),
    }
}

/// `<FieldType as Trait>::Item`, at the type's place: a type that won't do is marked there.
fn item(column: &Column, of_trait: TokenStream, item: &str) -> TokenStream {
    let ty = &column.ty;
    let item = Ident::new(item, ty.span());
    quote_spanned!(ty.span()=> <#ty as #of_trait>::#item)
}

fn stamp(stamp: &Stamp) -> TokenStream {
    let deletion_id = stamp.deletion_id.iter().map(|column| &column.variant);
    let deleted_by = stamp.deleted_by.iter().map(|column| &column.variant);
    let delete_reason = stamp.delete_reason.iter().map(|column| &column.variant);
    quote! {
        #(.deletion_id(Column::#deletion_id))*
        #(.deleted_by(Column::#deleted_by))*
        #(.delete_reason(Column::#delete_reason))*
    }
}

/// Asserts the types of the columns whose types the rest of the code doesn't mention.
pub(super) fn types(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let assert = |column: &Column, bound: TokenStream| {
        let ty = &column.ty;
        let call = quote_spanned!(ty.span()=> assert::<#ty>());
        quote! {
            const _: () = {
                const fn assert<T: #private::#bound>() {}
                #call
            };
        }
    };
    let deletion_id = model.stamp.deletion_id.iter();
    let deletion_id = deletion_id.map(|column| assert(column, quote!(DeletionId)));
    let delete_reason = model.stamp.delete_reason.iter();
    let delete_reason = delete_reason.map(|column| assert(column, quote!(DeleteReason)));
    quote!(#(#deletion_id)* #(#delete_reason)*)
}

/// The rules of the relation fields, which `Model` doesn't have.
pub(super) fn relation_rules(model: &ModelEx) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let rules = rules(krate, &model.rules);
    quote! {
        #[automatically_derived]
        impl #private::RelationRules for Entity {
            fn apply(
                meta: #private::EntityMetaBuilder<Entity>,
            ) -> #private::EntityMetaBuilder<Entity> {
                meta #rules
            }
        }
    }
}

fn rules(krate: &Path, rules: &[Rule]) -> TokenStream {
    let rules = rules.iter().map(|rule| {
        let relation = &rule.relation;
        let on_delete = match rule.on_delete {
            OnDelete::Cascade => quote!(Cascade),
            OnDelete::Restrict => quote!(Restrict),
            OnDelete::SetNull => quote!(SetNull),
            OnDelete::Ignore => quote!(Ignore),
        };
        quote!(.on_delete(Relation::#relation, #krate::OnDelete::#on_delete))
    });
    quote!(#(#rules)*)
}

//! What the engine is told of the entity.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Path, spanned::Spanned as _};

use super::sea_orm;
use crate::model::{
    Active, Column, Model, ModelEx, OnDelete, Rule, Stamp, UniquePart, UniqueRules, Unit,
};

/// `impl SoftDelete for Entity`, and its entry in the registry.
pub(super) fn soft_delete(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let actor = actor(model);
    let version = version(model);
    // Where there is no time, the flag takes its place.
    let deleted_at = model.stamp.deleted_at.as_ref();
    let Some(deleted_at) = deleted_at.or(model.stamp.flag.as_ref()) else {
        // Stands in for the real thing while the error that was reported lasts.
        return quote! {
            #[automatically_derived]
            impl #krate::SoftDelete for Entity {
                type Actor = #actor;
                type Version = #version;
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
    let kind = kind(krate, &model.stamp);
    let marker_column = model.stamp.flag.as_ref().map(|flag| {
        let flag = &flag.variant;
        quote! {
            fn marker_column() -> Column {
                Column::#flag
            }
        }
    });
    let stamp = stamp(krate, &model.stamp);
    let touch = touch(model);
    let unique = model.unique.iter().map(|unique| {
        let name = &unique.name;
        let columns = unique.columns.iter().map(|column| name_of(krate, column));
        match &unique.rules {
            Some(rules) => unique_by(krate, name, rules),
            None => quote!(.unique(#name, &[#(#columns),*])),
        }
    });
    let group = model.group.iter();
    let retention = model.retention.iter();
    let rules = rules(krate, &model.rules);
    let default_rule = model.default_rule.iter().map(|rule| {
        let rule = on_delete(*rule);
        quote!(.default_on_delete(#krate::OnDelete::#rule))
    });
    let relation_rules = model.has_ex.then(|| {
        quote! {
            let meta = <Entity as #private::RelationRules>::apply(meta);
        }
    });
    quote! {
        #[automatically_derived]
        impl #krate::SoftDelete for Entity {
            type Actor = #actor;
            type Version = #version;

            fn deleted_at_column() -> Column {
                Column::#column
            }

            #marker_column

            fn meta() -> &'static #krate::EntityMeta {
                static META: ::std::sync::LazyLock<#krate::EntityMeta> =
                    ::std::sync::LazyLock::new(|| {
                        let meta = #krate::EntityMeta::describe::<Entity>(
                            ::core::module_path!(),
                            #kind,
                        )
                        #stamp
                        #touch
                        #(#unique)*
                        #(.group(#group))*
                        #(.retention(#retention))*
                        #(#default_rule)*
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

fn unique_by(krate: &Path, name: &str, rules: &UniqueRules) -> TokenStream {
    let part_of = quote!(#krate::__private::PartOf);
    let parts = rules.parts.iter().map(|part| match part {
        UniquePart::Column(column) => {
            let column = name_of(krate, column);
            quote!(#part_of::Column(#column))
        }
        UniquePart::Expression(text) => quote!(#part_of::Expression(#text)),
    });
    let condition = match &rules.condition {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    };
    let nulls_not_distinct = rules.nulls_not_distinct;
    quote!(.unique_by(#name, &[#(#parts),*], #condition, #nulls_not_distinct))
}

fn actor(model: &Model) -> TokenStream {
    let krate = &model.krate;
    match &model.stamp.deleted_by {
        Some(column) => item(column, quote!(#krate::__private::DeletedBy), "Actor"),
        None => quote!(#krate::NoActor),
    }
}

fn version(model: &Model) -> TokenStream {
    let krate = &model.krate;
    match &model.version {
        Some(column) => item(column, quote!(#krate::__private::RowVersion), "Version"),
        None => quote!(#krate::NoVersion),
    }
}

/// `<FieldType as Trait>::Item`, at the type's place: a type that won't do is marked there.
fn item(column: &Column, of_trait: TokenStream, item: &str) -> TokenStream {
    let ty = &column.ty;
    let item = Ident::new(item, ty.span());
    quote_spanned!(ty.span()=> <#ty as #of_trait>::#item)
}

/// The library's `TimeKind` of `deleted_at`.
fn kind(krate: &Path, stamp: &Stamp) -> TokenStream {
    let private = quote!(#krate::__private);
    let Some(deleted_at) = &stamp.deleted_at else {
        return quote!(#krate::TimeKind::None);
    };
    let of = |of_trait: &str| {
        let of_trait = Ident::new(of_trait, deleted_at.ty.span());
        item(deleted_at, quote!(#private::#of_trait), "KIND")
    };
    match (stamp.time.unix, stamp.time.active) {
        (Some(unit), _) => {
            let (unit, kind) = (unit_of(unit), of("UnixTime"));
            quote!(#krate::TimeKind::#unit(#kind))
        }
        (None, Some(_)) => of("SentinelTime"),
        (None, None) => of("DeletedAt"),
    }
}

fn unit_of(unit: Unit) -> TokenStream {
    match unit {
        Unit::Seconds => quote!(UnixSeconds),
        Unit::Millis => quote!(UnixMillis),
    }
}

/// What tells a deleted row, where it isn't a time that is NULL in active ones.
fn marker(krate: &Path, stamp: &Stamp) -> TokenStream {
    let private = quote!(#krate::__private);
    let active = stamp
        .deleted_at
        .as_ref()
        .map(|column| match stamp.time.active {
            Some(Active::Zero) => {
                let nullable = item(column, quote!(#private::UnixTime), "NULLABLE");
                quote!(.active_zero(#nullable))
            }
            Some(Active::Time(micros)) => {
                let nullable = item(column, quote!(#private::SentinelTime), "NULLABLE");
                quote!(.active_time(#micros, #nullable))
            }
            None => quote!(),
        });
    let flag = stamp.flag.as_ref().map(|column| {
        let name = name_of(krate, column);
        let kind = item(column, quote!(#private::Flag), "KIND");
        let nullable = item(column, quote!(#private::Flag), "NULLABLE");
        quote!(.flag(#name, #kind, #nullable))
    });
    let scheduled = stamp.scheduled.then(|| quote!(.scheduled()));
    quote!(#active #flag #scheduled)
}

fn stamp(krate: &Path, stamp: &Stamp) -> TokenStream {
    let name_of = |column| name_of(krate, column);
    let marker = marker(krate, stamp);
    let deletion_id = stamp.deletion_id.iter().map(name_of);
    let deleted_by = stamp.deleted_by.iter().map(name_of);
    let delete_reason = stamp.delete_reason.iter().map(name_of);
    quote! {
        #marker
        #(.deletion_id(#deletion_id))*
        #(.deleted_by(#deleted_by))*
        #(.delete_reason(#delete_reason))*
    }
}

/// What is written beside the stamp.
fn touch(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let touch = model.touch.iter().map(|touch| {
        let column = &touch.column;
        let name = name_of(krate, column);
        let kind = match touch.unix {
            Some(unit) => {
                let kind = item(column, quote!(#private::UnixTime), "KIND");
                let unit = unit_of(unit);
                quote!(#krate::TimeKind::#unit(#kind))
            }
            None => item(column, quote!(#private::Touch), "KIND"),
        };
        quote!(.touch(#name, #kind))
    });
    let version = model.version.iter().map(|column| name_of(krate, column));
    quote! {
        #(#touch)*
        #(.version(#version))*
    }
}

/// The column's name in the database, as SeaORM has it.
fn name_of(krate: &Path, column: &Column) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let column = &column.variant;
    quote!(#sea_orm::IdenStatic::as_str(&Column::#column))
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
    let deleted_at = model.stamp.deleted_at.iter();
    let deleted_at =
        deleted_at.filter(|_| model.stamp.scheduled && model.stamp.time.active.is_none());
    let scheduled = deleted_at.map(|column| assert(column, quote!(Scheduled)));
    quote!(#(#deletion_id)* #(#delete_reason)* #(#scheduled)*)
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
                meta: #private::EntityMetaBuilder,
            ) -> #private::EntityMetaBuilder {
                meta #rules
            }
        }
    }
}

fn rules(krate: &Path, rules: &[Rule]) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let rules = rules.iter().map(|rule| {
        let relation = &rule.relation;
        let on_delete = on_delete(rule.on_delete);
        quote! {
            .on_delete(
                &#sea_orm::RelationTrait::name(&Relation::#relation),
                #krate::OnDelete::#on_delete,
            )
        }
    });
    quote!(#(#rules)*)
}

/// The variant of the library's `OnDelete`.
fn on_delete(rule: OnDelete) -> TokenStream {
    match rule {
        OnDelete::Cascade => quote!(Cascade),
        OnDelete::Restrict => quote!(Restrict),
        OnDelete::SetNull => quote!(SetNull),
        OnDelete::Ignore => quote!(Ignore),
    }
}

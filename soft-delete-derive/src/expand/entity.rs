//! The functions of `Entity`. They are the trait's, so that `Post::find()` means the trait's and not SeaORM's.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use super::sea_orm;
use crate::model::{Active, Model};

pub(super) fn functions(model: &Model) -> TokenStream {
    let Predicates {
        active,
        deleted,
        any,
    } = predicates(model);
    let selects = selects(&model.krate, &active, &deleted, &any);
    let updates = updates(&model.krate, &active);
    let inserts = inserts(&model.krate);
    let deletes = Builder {
        verb: "delete",
        builder: "Delete",
        does: "Deletes",
        row: "active row",
        predicate: active,
    };
    let restores = Builder {
        verb: "restore",
        builder: "Restore",
        does: "Restores",
        row: "deleted row",
        predicate: deleted,
    };
    let force_deletes = Builder {
        verb: "force_delete",
        builder: "ForceDelete",
        does: "Removes from the table",
        row: "row, active or deleted,",
        predicate: any,
    };
    let builders = [deletes, restores, force_deletes];
    let builders = builders
        .iter()
        .map(|builder| builder.functions(&model.krate));
    quote!(#selects #updates #inserts #(#builders)*)
}

/// What the functions select, for the documentation.
struct Predicates {
    active: String,
    deleted: String,
    any: String,
}

fn predicates(model: &Model) -> Predicates {
    let stamp = &model.stamp;
    let at = match stamp.marker() {
        Some(column) => column.name(),
        None => "deleted_at".to_owned(),
    };
    let value = match (&stamp.flag, stamp.time.active) {
        (Some(_), _) => "FALSE",
        (None, Some(Active::Zero)) => "0",
        (None, Some(Active::Time(_))) => "$active",
        (None, None) => "NULL",
    };
    let (is, is_not) = match stamp.is_by_null() {
        true => ("IS", "IS NOT"),
        false => ("=", "<>"),
    };
    Predicates {
        active: format!("{at} {is} {value}"),
        deleted: format!("{at} {is_not} {value}"),
        any: format!("{at} IS NULL OR TRUE"),
    }
}

fn selects(krate: &Path, active: &str, deleted: &str, any: &str) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let this = this(krate);
    let key = key(krate);
    let find = format!(" Selects active rows: `{active}`.");
    let find_by_id = format!(" Selects the active row of that primary key: `{active}`.");
    let with_deleted = format!(" Selects all rows: `{any}`.");
    let only_deleted = format!(" Selects deleted rows: `{deleted}`.");
    quote! {
        #[doc = #find]
        #[inline]
        pub fn find() -> #sea_orm::Select<Self> {
            #this::find()
        }

        #[doc = #find_by_id]
        #[inline]
        pub fn find_by_id<T>(id: T) -> #sea_orm::Select<Self>
        where
            T: ::core::convert::Into<#key>,
        {
            #this::find_by_id(id)
        }

        #[doc = #with_deleted]
        #[inline]
        pub fn with_deleted() -> #sea_orm::Select<Self> {
            #this::with_deleted()
        }

        #[doc = #only_deleted]
        #[inline]
        pub fn only_deleted() -> #sea_orm::Select<Self> {
            #this::only_deleted()
        }

        /// Selects deleted rows that were deleted themselves, and not along with a parent.
        #[inline]
        pub fn deletion_roots() -> #sea_orm::Select<Self> {
            #this::deletion_roots()
        }
    }
}

fn updates(krate: &Path, active: &str) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let this = this(krate);
    let update = format!(
        " Updates the row of an active model: `{active}`, unless the model was loaded as deleted."
    );
    let update_many = format!(" Updates active rows: `{active}`.");
    quote! {
        #[doc = #update]
        #[inline]
        pub fn update<A>(model: A) -> #krate::UpdateRow<A>
        where
            A: #sea_orm::ActiveModelTrait<Entity = Self>,
        {
            #this::update(model)
        }

        #[doc = #update_many]
        #[inline]
        pub fn update_many() -> #sea_orm::UpdateMany<Self> {
            #this::update_many()
        }
    }
}

fn inserts(krate: &Path) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let this = this(krate);
    quote! {
        /// Inserts a row, or brings a deleted row with the same key or unique values back with the new values.
        #[inline]
        pub fn insert_or_restore<A>(model: A) -> #krate::InsertOrRestore<A>
        where
            A: #sea_orm::ActiveModelTrait<Entity = Self>,
        {
            #this::insert_or_restore(model)
        }

        /// Inserts rows, or brings deleted rows with the same keys or unique values back with the new values.
        #[inline]
        pub fn insert_or_restore_many<A, I>(models: I) -> #krate::InsertOrRestoreMany<A>
        where
            A: #sea_orm::ActiveModelTrait<Entity = Self>,
            I: ::core::iter::IntoIterator<Item = A>,
        {
            #this::insert_or_restore_many(models)
        }
    }
}

/// The three functions that start one of our statements: `delete`, `delete_by_id`, `delete_many`.
struct Builder {
    verb: &'static str,
    builder: &'static str,
    does: &'static str,
    row: &'static str,
    predicate: String,
}

impl Builder {
    fn functions(&self, krate: &Path) -> TokenStream {
        let Self {
            verb,
            does,
            row,
            predicate,
            ..
        } = self;
        let sea_orm = sea_orm(krate);
        let this = this(krate);
        let key = key(krate);
        let builder = format_ident!("{}", self.builder);
        let one = format_ident!("{verb}");
        let by_id = format_ident!("{verb}_by_id");
        let many = format_ident!("{verb}_many");
        let one_doc = format!(" {does} the {row} of an active model's primary key: `{predicate}`.");
        let by_id_doc = format!(" {does} the {row} of that primary key: `{predicate}`.");
        let many_doc = format!(" {does} each {row} that a filter names: `{predicate}`.");
        quote! {
            #[doc = #one_doc]
            #[inline]
            pub fn #one<A>(model: A) -> #krate::#builder<Self>
            where
                A: #sea_orm::ActiveModelTrait<Entity = Self>,
            {
                #this::#one(model)
            }

            #[doc = #by_id_doc]
            #[inline]
            pub fn #by_id<T>(id: T) -> #krate::#builder<Self>
            where
                T: ::core::convert::Into<#key>,
            {
                #this::#by_id(id)
            }

            #[doc = #many_doc]
            #[inline]
            pub fn #many() -> #krate::#builder<Self> {
                #this::#many()
            }
        }
    }
}

fn this(krate: &Path) -> TokenStream {
    quote!(<Self as #krate::SoftDelete>)
}

/// The type of the primary key's value.
fn key(krate: &Path) -> TokenStream {
    let sea_orm = sea_orm(krate);
    quote! {
        <<Self as #sea_orm::EntityTrait>::PrimaryKey as #sea_orm::PrimaryKeyTrait>::ValueType
    }
}

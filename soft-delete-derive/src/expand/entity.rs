//! The functions of `Entity`. They are the trait's, so that `Post::find()` means the trait's and not SeaORM's.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use super::sea_orm;
use crate::model::Model;

pub(super) fn functions(model: &Model) -> TokenStream {
    let at = deleted_at(model);
    let selects = selects(&model.krate, &at);
    let updates = updates(&model.krate, &at);
    let deletes = Builder {
        verb: "delete",
        builder: "Delete",
        does: "Deletes",
        row: "active row",
        predicate: format!("{at} IS NULL"),
    };
    let restores = Builder {
        verb: "restore",
        builder: "Restore",
        does: "Restores",
        row: "deleted row",
        predicate: format!("{at} IS NOT NULL"),
    };
    let force_deletes = Builder {
        verb: "force_delete",
        builder: "ForceDelete",
        does: "Removes from the table",
        row: "row, active or deleted,",
        predicate: format!("{at} IS NULL OR TRUE"),
    };
    let builders = [deletes, restores, force_deletes];
    let builders = builders
        .iter()
        .map(|builder| builder.functions(&model.krate));
    quote!(#selects #updates #(#builders)*)
}

/// The name of `deleted_at`, for the documentation.
fn deleted_at(model: &Model) -> String {
    match &model.stamp.deleted_at {
        Some(column) => column.name(),
        None => "deleted_at".to_owned(),
    }
}

fn selects(krate: &Path, at: &str) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let this = this(krate);
    let key = key(krate);
    let find = format!(" Selects active rows: `{at} IS NULL`.");
    let find_by_id = format!(" Selects the active row of that primary key: `{at} IS NULL`.");
    let with_deleted = format!(" Selects all rows: `{at} IS NULL OR TRUE`.");
    let only_deleted = format!(" Selects deleted rows: `{at} IS NOT NULL`.");
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

fn updates(krate: &Path, at: &str) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let this = this(krate);
    let update = format!(
        " Updates the row of an active model: `{at} IS NULL`, unless the model was loaded as deleted."
    );
    let update_many = format!(" Updates active rows: `{at} IS NULL`.");
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

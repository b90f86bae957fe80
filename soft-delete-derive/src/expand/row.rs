//! The methods of `Model`, and of `ModelEx`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use super::sea_orm;
use crate::model::Stamp;

pub(super) fn methods(krate: &Path) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let model = quote! {
        <Self as #sea_orm::IntoActiveModel<ActiveModel>>::into_active_model(self)
    };
    quote! {
        /// Deletes the row: marks it as deleted, and follows the foreign keys.
        ///
        /// SeaORM's hooks run in the same transaction: an error of one means that nothing was done.
        pub async fn delete<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#krate::Deletion, #sea_orm::DbErr>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::delete_model::<ActiveModel, C>(#model, db).await
        }

        /// Restores the row, if it is deleted.
        pub async fn restore<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#krate::Restoration, #krate::Error>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::restore_model::<ActiveModel, C>(#model, db).await
        }

        /// Removes the row from the table, in one transaction with SeaORM's hooks.
        pub async fn force_delete<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#sea_orm::DeleteResult, #krate::Error>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::force_delete_model::<ActiveModel, C>(#model, db).await
        }
    }
}

pub(super) fn is_deleted(krate: &Path, stamp: &Stamp) -> TokenStream {
    let is_deleted = match stamp.marker() {
        Some(column) if stamp.is_by_null() => {
            let field = &column.field;
            quote!(::core::option::Option::is_some(&self.#field))
        }
        Some(column) => {
            let field = &column.field;
            quote! {
                #krate::__private::is_deleted_value(
                    &<Entity as #krate::SoftDelete>::meta().stamp,
                    ::core::clone::Clone::clone(&self.#field),
                )
            }
        }
        None => quote!(::core::unreachable!()),
    };
    quote! {
        /// Whether the row was deleted when it was loaded.
        #[inline]
        pub fn is_deleted(&self) -> ::core::primitive::bool {
            #is_deleted
        }
    }
}

//! The methods of `ActiveModel`. SeaORM's own code in the entity's module calls them too, so that its `ModelEx::delete` and
//! `Model::cascade_delete` end up here: they return what SeaORM's would.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use super::sea_orm;

pub(super) fn methods(krate: &Path) -> TokenStream {
    let deletes = deletes(krate);
    let edits = edits(krate);
    quote!(#deletes #edits)
}

fn deletes(krate: &Path) -> TokenStream {
    let sea_orm = sea_orm(krate);
    quote! {
        /// Deletes the row: marks it as deleted, and follows the foreign keys.
        ///
        /// SeaORM's hooks run in the same transaction: an error of one means that nothing was done.
        pub async fn delete<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#sea_orm::DeleteResult, #sea_orm::DbErr>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::delete_active_model::<Self, C>(self, db).await
        }

        /// Restores the row, if it is deleted.
        pub async fn restore<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#krate::Restoration, #krate::Error>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::restore_model::<Self, C>(self, db).await
        }

        /// Removes the row from the table, in one transaction with SeaORM's hooks.
        pub async fn force_delete<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#sea_orm::DeleteResult, #krate::Error>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::force_delete_model::<Self, C>(self, db).await
        }
    }
}

fn edits(krate: &Path) -> TokenStream {
    let sea_orm = sea_orm(krate);
    let model = quote!(<Entity as #sea_orm::EntityTrait>::Model);
    quote! {
        /// Updates the row as it was loaded: one that was active then and is deleted now is not updated but an error.
        ///
        /// If SeaORM's hook `after_save` fails, the row has been changed, unless a transaction of yours is rolled back.
        pub async fn update<C>(self, db: &C) -> ::core::result::Result<#model, #sea_orm::DbErr>
        where
            C: #sea_orm::ConnectionTrait,
        {
            #krate::__private::update_active_model::<Self, C>(self, db).await
        }

        /// As `update`, without reading the row back.
        pub async fn update_without_returning<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#sea_orm::UpdateResult, #sea_orm::DbErr>
        where
            C: #sea_orm::ConnectionTrait,
        {
            #krate::__private::update_without_returning::<Self, C>(self, db).await
        }

        /// Inserts the row if its primary key is not set, else updates it as `update` does.
        pub async fn save<C>(self, db: &C) -> ::core::result::Result<Self, #sea_orm::DbErr>
        where
            C: #sea_orm::ConnectionTrait,
        {
            #krate::__private::save_active_model::<Self, C>(self, db).await
        }

        /// Inserts the row, or brings a deleted row with the same key or unique values back with the new values.
        ///
        /// SeaORM's hooks run in the same transaction, as around an insert: an error of one means that nothing was done.
        pub async fn insert_or_restore<C>(
            self,
            db: &C,
        ) -> ::core::result::Result<#model, #sea_orm::DbErr>
        where
            C: #sea_orm::ConnectionTrait + #sea_orm::TransactionTrait,
        {
            #krate::__private::insert_or_restore_active_model::<Self, C>(self, db).await
        }
    }
}

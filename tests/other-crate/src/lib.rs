//! An entity that lives in a crate of its own.
//!
//! It is compiled as strictly as a library may be, so that what the derive writes into a library is held to that too.

#![deny(missing_docs, unreachable_pub, unused, warnings)]
#![forbid(unsafe_code)]

/// Invoices, of a program's second database.
pub mod invoice {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    /// An invoice.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "invoice")]
    #[soft_delete(group = "billing", retention = "10years")]
    pub struct Model {
        /// The key.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The number on the paper.
        #[soft_delete(unique)]
        pub number: String,
        /// When it was deleted.
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

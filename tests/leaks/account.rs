//! Accounts that follow each other, and SeaORM's own unique key: what the domain of all tests doesn't have.

#![allow(clippy::module_inception)]

pub mod account {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "account")]
    #[soft_delete(group = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(unique)]
        pub email: String,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(self_ref, via = "follow", from = "Account", to = "Follower")]
        pub followers: HasMany<Entity>,
        #[sea_orm(self_ref, via = "follow", reverse)]
        pub following: HasMany<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod follow {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "follow")]
    #[soft_delete(group = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub follower_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "account_id", to = "id")]
        pub account: BelongsTo<super::account::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Follower",
            from = "follower_id",
            to = "id"
        )]
        pub follower: BelongsTo<super::account::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

//! Entities with what the domain of the other tests lacks: a retention, a text for a key, and columns that no driver gives as
//! plain values.

pub mod voucher {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "voucher")]
    #[soft_delete(group = "shop", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub kind: Kind,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        pub amount: Decimal,
        pub terms: Json,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub redemptions: HasMany<super::redemption::Entity>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "voucher_kind")]
    pub enum Kind {
        #[sea_orm(string_value = "gift")]
        Gift,
        #[sea_orm(string_value = "refund")]
        Refund,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod redemption {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "redemption")]
    #[soft_delete(group = "shop")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub voucher_code: String,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "voucher_code", to = "code", on_delete = "Cascade")]
        pub voucher: BelongsTo<super::voucher::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

//! Depots with bays, and leases that keep their bay from being deleted.
//!
//! ```text
//! depot ◄─cascade─ bay ◄─restrict─ lease
//! ```

use sea_orm::{ConnectionTrait, DbErr};

use support::create_table;

#[allow(clippy::module_inception)]
pub mod depot {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "depot")]
    #[soft_delete(group = "depots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub bays: HasMany<super::bay::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod bay {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "bay")]
    #[soft_delete(group = "depots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub depot_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "depot_id", to = "id", on_delete = "Cascade")]
        pub depot: BelongsTo<super::depot::Entity>,
        #[sea_orm(has_many)]
        pub leases: HasMany<super::lease::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod lease {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "lease")]
    #[soft_delete(group = "depots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub bay_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "bay_id", to = "id", on_delete = "Restrict")]
        pub bay: BelongsTo<super::bay::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn create(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    create_table(db, depot::Entity).await?;
    create_table(db, bay::Entity).await?;
    create_table(db, lease::Entity).await
}

//! `default_on_delete`: the rule of foreign keys that have none.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, PaginatorTrait as _};
use soft_delete::{OnDelete, Registry, SoftDelete as _};

use support::{self, TestDb};

mod owner {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "owner")]
    #[soft_delete(group = "default rules")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod pet {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "pet")]
    #[soft_delete(
        group = "default rules",
        default_on_delete = "cascade",
        on_delete(Friend = "set_null")
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub owner_id: Option<i64>,
        pub keeper_id: Option<i64>,
        pub friend_id: Option<i64>,
        pub finder_id: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
    }

    /// As `sea-orm-cli` writes it, without rules; but one with a rule, one with none in the database either.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::owner::Entity",
            from = "Column::OwnerId",
            to = "super::owner::Column::Id"
        )]
        Owner,
        #[sea_orm(
            belongs_to = "super::owner::Entity",
            from = "Column::KeeperId",
            to = "super::owner::Column::Id",
            on_delete = "Restrict"
        )]
        Keeper,
        #[sea_orm(
            belongs_to = "super::owner::Entity",
            from = "Column::FriendId",
            to = "super::owner::Column::Id"
        )]
        Friend,
        #[sea_orm(
            belongs_to = "super::owner::Entity",
            from = "Column::FinderId",
            to = "super::owner::Column::Id",
            skip_fk
        )]
        Finder,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn it_is_the_rule_of_keys_that_have_none() {
    let keys = pet::Entity::meta().foreign_keys.iter();
    let rules: Vec<_> = keys
        .map(|key| (key.relation.as_str(), key.on_delete))
        .collect();
    let expected = [
        ("Owner", OnDelete::Cascade),
        ("Keeper", OnDelete::Restrict),
        ("Friend", OnDelete::SetNull),
        ("Finder", OnDelete::Ignore),
    ];
    assert_eq!(rules, expected);
}

support::on_every_backend! {
    async fn a_parent_is_deleted_by_it(db: &TestDb) {
        db.create_table(owner::Entity).await?;
        db.create_table(pet::Entity).await?;
        let registry = Registry::builder().entity::<owner::Entity>().entity::<pet::Entity>().build();
        let owner = owner::ActiveModel { id: Set(1), ..Default::default() };
        owner.insert(db).await?;
        let pet = pet::ActiveModel { id: Set(1), owner_id: Set(Some(1)), friend_id: Set(Some(1)), finder_id: Set(Some(1)), ..Default::default() };
        pet.insert(db).await?;
        let deletion = owner::Entity::delete_by_id(1).registry(&registry).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("owner", 1), ("pet", 1)]);
        assert_eq!(pet::Entity::find().count(db).await?, 0);
    }
}

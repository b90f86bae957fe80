//! Tables of one cascade with different markers.

mod room {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "mix_room")]
    #[soft_delete(group = "mix_room")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub desks: HasMany<super::desk::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod owner {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "mix_owner")]
    #[soft_delete(group = "mix_room")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[soft_delete(flag)]
        pub gone: bool,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub desks: HasMany<super::desk::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod desk {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "mix_desk")]
    #[soft_delete(group = "mix_room")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub room_id: i64,
        pub owner_id: i64,
        #[soft_delete(unix = "millis", active = 0)]
        pub deleted_at: i64,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "room_id", to = "id", on_delete = "Cascade")]
        pub room: BelongsTo<super::room::Entity>,
        #[sea_orm(belongs_to, from = "owner_id", to = "id", on_delete = "Cascade")]
        pub owner: BelongsTo<super::owner::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, PaginatorTrait as _};
use soft_delete::Undo;
use support::TestDb;

async fn create(db: &TestDb) -> Result<(), sea_orm::DbErr> {
    db.create_table(room::Entity).await?;
    db.create_table(owner::Entity).await?;
    db.create_table(desk::Entity).await?;
    room::ActiveModel {
        id: Set(1),
        ..Default::default()
    }
    .insert(db)
    .await?;
    owner::ActiveModel {
        id: Set(1),
        gone: Set(false),
        deletion_id: Set(None),
    }
    .insert(db)
    .await?;
    let desk = desk::ActiveModel {
        id: Set(1),
        room_id: Set(1),
        owner_id: Set(1),
        deleted_at: Set(0),
        deletion_id: Set(None),
    };
    desk.insert(db).await?;
    Ok(())
}

on_backends_of_markers! {
    async fn a_cascade_goes_by_the_deletion_id(db: &TestDb) {
        create(db).await?;
        let deletion = room::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("mix_room", 1), ("mix_desk", 1)]);
        let desk = desk::Entity::only_deleted().one(db).await?.expect("it is deleted");
        assert_eq!(desk.deleted_at, deletion.deleted_at().timestamp_millis());
        assert_eq!(desk.deletion_id, Some(deletion.id()));
        let restored = room::Entity::restore_by_id(1).exec(db).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());
    }

    async fn a_row_below_two_deleted_parents_goes_over_to_the_other(db: &TestDb) {
        create(db).await?;
        let room = room::Entity::delete_by_id(1).exec(db).await?;
        let owner = owner::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(owner.rows_by_table(), [("mix_owner", 1)]);
        let restored = room.undo().exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("mix_room", 1)]);
        assert_eq!(restored.kept(), [("mix_desk", 1)]);

        let restored = Undo::deletion(owner.id()).group("mix_room").exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("mix_owner", 1), ("mix_desk", 1)]);
        assert_eq!(desk::Entity::find().count(db).await?, 1);
    }
}

//! An upsert among active rows by a primary key, which deleted rows count in.

use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait as _};
use soft_delete::on_conflict_active;

use support::{TestDb, create_table};

mod setting {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "setting")]
    #[soft_delete(group = "settings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub value: String,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

support::on_every_backend! {
    async fn an_upsert_by_the_primary_key_writes_into_active_rows_only_where_the_database_can_say_so(db: &TestDb) {
        create_table(db, setting::Entity).await?;
        let upsert = async |value: &str| {
            let model = setting::ActiveModel { id: Set(1), value: Set(value.to_owned()), ..Default::default() };
            let conflict = on_conflict_active([setting::Column::Id]).update_column(setting::Column::Value).to_owned();
            setting::Entity::insert(model).on_conflict(conflict).exec_without_returning(db).await
        };
        assert_eq!(upsert("new").await?, 1);
        upsert("changed").await?;
        let row = setting::Entity::find_by_id(1).one(db).await?.expect("it is active");
        assert_eq!(row.value, "changed");

        setting::Entity::delete_by_id(1).exec(db).await?;
        let affected = upsert("lost").await?;
        let row = setting::Entity::only_deleted().one(db).await?.expect("it stays deleted");
        match db.backend() {
            // There is no condition in their syntax, as the documentation says.
            DbBackend::MySql => assert_eq!(row.value, "lost"),
            _ => assert_eq!((&*row.value, affected), ("changed", 0)),
        }
    }
}

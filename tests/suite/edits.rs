//! Edits through active models: they change the row that was seen, or fail.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DbErr, IntoActiveModel as _, QueryFilter as _, Set,
};

use soft_delete::Error;

use support::{
    self, TestDb, TestResult,
    domain::{self, tag, workspace},
};

async fn a_workspace(db: &TestDb) -> TestResult<workspace::Model> {
    domain::create(db).await?;
    Ok(domain::workspace(db, "main").await?)
}

fn renamed(model: workspace::Model) -> workspace::ActiveModel {
    let mut model = model.into_active_model();
    model.name = Set("renamed".to_owned());
    model
}

async fn stored(db: &TestDb) -> TestResult<workspace::Model> {
    Ok(workspace::Entity::with_deleted()
        .one(db)
        .await?
        .expect("the workspace"))
}

/// A model that was not loaded.
fn stored_model(id: i64) -> workspace::ActiveModel {
    workspace::ActiveModel {
        id: Set(id),
        name: Set("by hand".to_owned()),
        ..Default::default()
    }
}

support::on_every_backend! {
    async fn an_active_row_is_edited(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let updated = renamed(workspace.clone()).update(db).await?;
        assert_eq!(updated.name, "renamed");
        let saved = renamed(workspace).save(db).await?;
        assert_eq!(saved.name, sea_orm::Unchanged("renamed".to_owned()));
        assert_eq!(stored(db).await?.name, "renamed");
    }

    async fn editing_a_row_that_was_deleted_meanwhile_is_an_error(db: &TestDb) {
        let seen = a_workspace(db).await?;
        workspace::Entity::delete_by_id(seen.id).exec(db).await?;

        assert!(matches!(renamed(seen.clone()).update(db).await, Err(DbErr::RecordNotUpdated)));
        assert!(matches!(renamed(seen.clone()).save(db).await, Err(DbErr::RecordNotUpdated)));
        assert!(matches!(
            renamed(seen.clone()).update_without_returning(db).await,
            Err(DbErr::RecordNotUpdated)
        ));
        assert!(matches!(
            workspace::Entity::update(renamed(seen)).exec(db).await,
            Err(DbErr::RecordNotUpdated)
        ));
        assert_eq!(stored(db).await?.name, "main");
    }

    async fn saving_an_unchanged_model_of_a_deleted_row_is_an_error_too(db: &TestDb) {
        let seen = a_workspace(db).await?;
        workspace::Entity::delete_by_id(seen.id).exec(db).await?;
        let unchanged = seen.into_active_model();
        assert!(matches!(unchanged.save(db).await, Err(DbErr::RecordNotUpdated)));
    }

    async fn saving_a_stale_model_does_not_undelete(db: &TestDb) {
        let seen = a_workspace(db).await?;
        workspace::Entity::delete_by_id(seen.id).exec(db).await?;
        let all_columns = seen.into_active_model().reset_all();
        assert!(matches!(all_columns.save(db).await, Err(DbErr::RecordNotUpdated)));
        assert!(stored(db).await?.is_deleted());
    }

    async fn a_model_loaded_as_deleted_is_edited_and_stays_deleted(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let deletion = workspace::Entity::delete_by_id(workspace.id).by(1).exec(db).await?;
        let loaded = stored(db).await?;

        let updated = renamed(loaded).reset_all().update(db).await?;

        assert_eq!(updated.name, "renamed");
        assert_eq!(updated.deleted_at, Some(deletion.deleted_at()));
        assert_eq!(updated.deletion_id, Some(deletion.id()));
    }

    async fn editing_a_row_that_was_restored_meanwhile_is_an_error(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let loaded = stored(db).await?;
        loaded.clone().restore(db).await?;
        assert!(matches!(renamed(loaded).update(db).await, Err(DbErr::RecordNotUpdated)));
    }

    async fn the_stamp_is_not_set_by_an_edit(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let mut by_hand = workspace.clone().into_active_model();
        by_hand.deleted_at = Set(Some(chrono::Utc::now()));
        let told = by_hand.clone().update(db).await.map_err(Error::from).expect_err("a delete by hand");
        assert!(matches!(&told, Error::StateSetByHand { column, .. } if column == "deleted_at"), "{told:?}");
        assert!(told.to_string().contains("`delete`"), "{told}");
        let told = by_hand.update_without_returning(db).await.map_err(Error::from);
        assert!(matches!(told, Err(Error::StateSetByHand { .. })), "{told:?}");

        let mut actor = renamed(workspace);
        actor.deleted_by = Set(Some(7));
        assert_eq!(actor.update(db).await?.deleted_by, None);
        assert!(!stored(db).await?.is_deleted());
    }

    async fn a_restore_by_hand_is_told_too(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        workspace::Entity::delete_by_id(workspace.id).exec(db).await?;
        let by_hand = || {
            let mut model = stored_model(workspace.id);
            model.deleted_at = Set(None);
            model
        };
        let told = by_hand().update(db).await.map_err(Error::from);
        assert!(matches!(told, Err(Error::StateSetByHand { .. })), "{told:?}");
        let told = by_hand().save(db).await.map_err(Error::from);
        assert!(matches!(told, Err(Error::StateSetByHand { .. })), "{told:?}");
        assert!(stored(db).await?.is_deleted());
        let mut missing = stored_model(4711);
        missing.deleted_at = Set(None);
        assert!(matches!(missing.update(db).await, Err(DbErr::RecordNotUpdated)));
    }

    async fn what_sets_the_state_that_the_row_has_is_an_edit(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let mut model = stored_model(workspace.id);
        model.deleted_at = Set(None);
        let update = |name: &str| {
            workspace::Entity::update(model.clone()).filter(workspace::Column::Name.eq(name))
        };
        assert!(matches!(update("other").exec(db).await, Err(DbErr::RecordNotUpdated)));
        assert_eq!(update("main").exec(db).await?.name, "by hand");
    }

    async fn an_update_takes_a_condition_of_the_callers(db: &TestDb) {
        let workspace = a_workspace(db).await?;
        let update = |name: &str| {
            workspace::Entity::update(renamed(workspace.clone())).filter(workspace::Column::Name.eq(name))
        };
        assert!(matches!(update("other").exec(db).await, Err(DbErr::RecordNotUpdated)));
        assert_eq!(update("main").exec(db).await?.name, "renamed");
    }

    async fn a_model_without_a_key_is_inserted_by_save(db: &TestDb) {
        domain::create(db).await?;
        let new = tag::ActiveModel { name: Set("new".to_owned()), ..Default::default() };
        let saved = new.save(db).await?;
        assert_eq!(saved.id, sea_orm::Unchanged(1));
        assert_eq!(tag::Entity::find().filter(tag::Column::Name.eq("new")).all(db).await?.len(), 1);
    }

    async fn updating_without_a_key_is_an_error(db: &TestDb) {
        domain::create(db).await?;
        let new = tag::ActiveModel { name: Set("new".to_owned()), ..Default::default() };
        assert!(matches!(new.update(db).await, Err(DbErr::PrimaryKeyNotSet { .. })));
    }
}

//! With SeaORM's role-based access control: the user's permissions hold for what a delete follows.

use sea_orm::{
    DbErr, PaginatorTrait as _,
    rbac::{RbacContext, RbacUserId},
};
use soft_delete::Error;

use support::{
    self, TestDb, TestResult,
    domain::{self, comment, task, workspace},
    folder,
};

const EDITOR: RbacUserId = RbacUserId(1);
const READER: RbacUserId = RbacUserId(2);

/// The editor may read and update everything, and insert and delete nothing; the reader may read.
async fn permissions(db: &TestDb) -> TestResult {
    let connection = db.connection();
    sea_orm::rbac::schema::create_tables(&connection, Default::default()).await?;
    let mut context = RbacContext::load(&connection).await?;
    context.add_tables(&connection, &["*"]).await?;
    context.add_crud_permissions(&connection).await?;
    context
        .add_roles(&connection, &["editor", "reader"])
        .await?;
    context
        .assign_user_role(&connection, &[(EDITOR.0, "editor"), (READER.0, "reader")])
        .await?;
    context
        .add_role_permissions(&connection, "editor", &["select", "update"], &["*"])
        .await?;
    context
        .add_role_permissions(&connection, "reader", &["select"], &["*"])
        .await?;
    connection.load_rbac().await?;
    Ok(())
}

support::on_every_backend! {
    async fn who_may_update_may_delete_and_restore(db: &TestDb) {
        domain::create(db).await?;
        folder::create(db).await?;
        folder::tree(db).await?;
        let workspace = domain::workspace(db, "main").await?;
        let project = domain::project(db, &workspace, "engine").await?;
        let task = domain::task(db, &project, "start").await?;
        domain::comment(db, &task, "first").await?;
        permissions(db).await?;
        let editor = db.connection().restricted_for(EDITOR)?;

        let deletion = workspace::Entity::delete_by_id(1).exec(&editor).await?;
        assert_eq!(deletion.rows_by_table().len(), 4);
        assert_eq!(task::Entity::find().count(&editor).await?, 0);
        let restored = workspace::Entity::restore_by_id(1).exec(&editor).await?;
        assert_eq!(restored.rows_by_table(), deletion.rows_by_table());

        let deletion = folder::Entity::delete_by_id(2).exec(&editor).await?;
        assert_eq!(deletion.rows_by_table(), [("folder", 3)]);
        folder::Entity::restore_by_id(2).exec(&editor).await?;

        let refused = comment::Entity::force_delete_by_id(1).exec(&editor).await;
        assert!(matches!(refused, Err(Error::Db(DbErr::AccessDenied { .. } | DbErr::RbacError(_)))), "{refused:?}");
    }

    async fn who_may_only_read_may_not_delete(db: &TestDb) {
        domain::create(db).await?;
        domain::workspace(db, "main").await?;
        permissions(db).await?;
        let reader = db.connection().restricted_for(READER)?;

        let refused = workspace::Entity::delete_by_id(1).exec(&reader).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Db(DbErr::AccessDenied { .. } | DbErr::RbacError(_)))), "{refused:?}");
        assert_eq!(workspace::Entity::find().count(&reader).await?, 1);
    }
}

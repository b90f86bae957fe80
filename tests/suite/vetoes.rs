//! Rows that the database leaves as they are though a statement says otherwise: row-level security, triggers that veto.

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr,
    PaginatorTrait as _, TransactionTrait as _,
};
use soft_delete::Error;
use url::Url;

use support::{
    self, TestDb,
    domain::{self, comment, project, task, workspace},
};

async fn create(db: &TestDb) -> Result<(), DbErr> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "main").await?;
    let project = domain::project(db, &workspace, "engine").await?;
    let task = domain::task(db, &project, "start").await?;
    for body in ["first", "second", "third"] {
        domain::comment(db, &task, body).await?;
    }
    Ok(())
}

/// A trigger that leaves the second comment as it is.
async fn veto(db: &TestDb, on: &str) -> Result<(), DbErr> {
    match db.backend() {
        DbBackend::Postgres => {
            db.execute_unprepared(
                "CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN IF OLD.id = 2 THEN RETURN NULL; END IF; RETURN NEW; END $$",
            )
            .await?;
            db.execute_unprepared(&format!(
                "CREATE TRIGGER veto BEFORE UPDATE ON {on} FOR EACH ROW EXECUTE FUNCTION veto()"
            ))
            .await?;
        }
        DbBackend::MySql => {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER veto BEFORE UPDATE ON {on} FOR EACH ROW \
                 SET NEW.deleted_at = IF(OLD.id = 2, OLD.deleted_at, NEW.deleted_at)"
            ))
            .await?;
        }
        _ => {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER veto BEFORE UPDATE ON {on} WHEN OLD.id = 2 BEGIN SELECT RAISE(IGNORE); END"
            ))
            .await?;
        }
    }
    Ok(())
}

fn assert_told(error: &Error, table: &str) {
    assert!(matches!(error, Error::NotUpdated { .. }), "{error:?}");
    assert!(
        error.to_string().contains(&format!("rows of `{table}`")),
        "{error}"
    );
}

support::on_every_backend! {
    async fn a_child_that_a_trigger_keeps_stops_the_deletion(db: &TestDb) {
        create(db).await?;
        veto(db, "comment").await?;
        for told in [
            workspace::Entity::delete_by_id(1).plan(db).await.map(|_| ()),
            workspace::Entity::delete_by_id(1).exec(db).await.map(|_| ()),
            task::Entity::delete_many().all().exec(db).await.map(|_| ()),
            comment::Entity::delete_many().all().exec(db).await.map(|_| ()),
        ] {
            assert_told(&told.expect_err("the second comment stays"), "comment");
        }
        assert_eq!(comment::Entity::find().count(db).await?, 3);
        assert_eq!(workspace::Entity::find().count(db).await?, 1);

        let transaction = db.begin().await?;
        let told = project::Entity::delete_by_id(1).exec(&transaction).await;
        assert_told(&told.expect_err("the second comment stays"), "comment");
        assert_eq!(comment::Entity::delete_by_id(1).exec(&transaction).await?.rows_affected, 1);
        transaction.commit().await?;
        assert_eq!(comment::Entity::find().count(db).await?, 2);
    }

    async fn a_row_that_a_trigger_keeps_deleted_stops_the_restore(db: &TestDb) {
        create(db).await?;
        let deletion = task::Entity::delete_by_id(1).exec(db).await?;
        veto(db, "comment").await?;
        for told in [
            task::Entity::restore_by_id(1).exec(db).await,
            task::Entity::restore_many().all().exec(db).await,
            deletion.undo(db).await,
            comment::Entity::restore_many().all().with_parents().exec(db).await,
        ] {
            assert_told(&told.expect_err("the second comment stays"), "comment");
        }
        assert_eq!(comment::Entity::only_deleted().count(db).await?, 3);
        assert_eq!(task::Entity::only_deleted().count(db).await?, 1);
    }

    async fn a_trigger_that_does_other_things_is_in_nobodys_way(db: &TestDb) {
        create(db).await?;
        veto(db, "comment").await?;
        db.execute_unprepared("DELETE FROM comment WHERE id = 2").await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table().last(), Some(&("comment", 2)));
        assert_eq!(workspace::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool]

    async fn a_row_named_that_a_trigger_keeps_is_not_taken_for_none(db: &TestDb) {
        create(db).await?;
        veto(db, "comment").await?;
        let told = comment::Entity::delete_by_id(2).exec(db).await;
        assert_told(&told.expect_err("the second comment stays"), "comment");
        assert_eq!(comment::Entity::delete_by_id(3).exec(db).await?.rows_affected, 1);
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn row_level_security_that_keeps_a_row_stops_the_deletion(db: &TestDb) {
        create(db).await?;
        let user = format!("reader_{}", uuid::Uuid::now_v7().simple());
        for statement in [
            format!("CREATE ROLE {user} LOGIN PASSWORD 'secret'"),
            format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {user}"),
            "ALTER TABLE comment ENABLE ROW LEVEL SECURITY".to_owned(),
            "CREATE POLICY all_seen ON comment FOR SELECT USING (true)".to_owned(),
            "CREATE POLICY some_changed ON comment FOR UPDATE USING (id <> 2)".to_owned(),
        ] {
            db.execute_unprepared(&statement).await?;
        }
        let as_user = connect_as(db, &user).await?;
        let mut told = vec![
            workspace::Entity::delete_by_id(1).plan(&as_user).await.map(|_| ()),
            workspace::Entity::delete_by_id(1).exec(&as_user).await.map(|_| ()),
            comment::Entity::delete_by_id(2).exec(&as_user).await.map(|_| ()),
            comment::Entity::delete_many().all().exec(&as_user).await.map(|_| ()),
        ];
        let deletion = task::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("task", 1), ("comment", 3)], "the tables' owner is bound by no policy");
        told.push(task::Entity::restore_by_id(1).exec(&as_user).await.map(|_| ()));
        for told in told {
            assert_told(&told.expect_err("the second comment stays"), "comment");
        }
        assert_eq!(comment::Entity::only_deleted().count(db).await?, 3);
        as_user.close().await?;
        db.execute_unprepared(&format!("DROP OWNED BY {user}")).await?;
        db.execute_unprepared(&format!("DROP ROLE {user}")).await?;
    }
}

async fn connect_as(db: &TestDb, user: &str) -> Result<DatabaseConnection, DbErr> {
    let invalid = || DbErr::Custom("the URL takes no user".to_owned());
    let mut url = Url::parse(db.url()).map_err(|error| DbErr::Custom(error.to_string()))?;
    url.set_username(user).map_err(|()| invalid())?;
    url.set_password(Some("secret")).map_err(|()| invalid())?;
    let mut options = ConnectOptions::new(url.to_string());
    options.sqlx_logging(false).max_connections(1);
    Database::connect(options).await
}

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

/// A trigger that takes the deletion's id from the second comment.
async fn unstamp(db: &TestDb) -> Result<(), DbErr> {
    let triggers: &[&str] = match db.backend() {
        DbBackend::Postgres => &[
            "CREATE FUNCTION unstamp() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF OLD.id = 2 THEN NEW.deletion_id := NULL; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER unstamp BEFORE UPDATE ON comment FOR EACH ROW EXECUTE FUNCTION unstamp()",
        ],
        DbBackend::MySql => &[
            "CREATE TRIGGER unstamp BEFORE UPDATE ON comment FOR EACH ROW \
             SET NEW.deletion_id = IF(OLD.id = 2, NULL, NEW.deletion_id)",
        ],
        // Only a trigger that comes after can change a value, and only one that comes before is asked for.
        _ => &[
            "CREATE TRIGGER comes_before BEFORE UPDATE ON comment BEGIN SELECT 1; END",
            "CREATE TRIGGER unstamp AFTER UPDATE OF deleted_at ON comment WHEN OLD.id = 2 \
             BEGIN UPDATE comment SET deletion_id = NULL WHERE id = 2; END",
        ],
    };
    for trigger in triggers {
        db.execute_unprepared(trigger).await?;
    }
    Ok(())
}

/// A trigger that keeps the second comment deleted, though the statement that restores it counts it.
async fn delete_again(db: &TestDb) -> Result<(), DbErr> {
    let triggers: &[&str] = match db.backend() {
        DbBackend::Postgres => &[
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF OLD.id = 2 THEN NEW.deleted_at := OLD.deleted_at; END IF; RETURN NEW; END $$",
            "CREATE TRIGGER keep BEFORE UPDATE ON comment FOR EACH ROW EXECUTE FUNCTION keep()",
        ],
        DbBackend::MySql => &["CREATE TRIGGER keep BEFORE UPDATE ON comment FOR EACH ROW \
             SET NEW.deleted_at = IF(OLD.id = 2, OLD.deleted_at, NEW.deleted_at)"],
        _ => &[
            "CREATE TRIGGER comes_before BEFORE UPDATE ON comment BEGIN SELECT 1; END",
            "CREATE TRIGGER keep AFTER UPDATE OF deleted_at ON comment WHEN OLD.id = 2 \
             BEGIN UPDATE comment SET deleted_at = OLD.deleted_at WHERE id = 2; END",
        ],
    };
    for trigger in triggers {
        db.execute_unprepared(trigger).await?;
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
            workspace::Entity::delete_by_id(1).exec(db).await.map(|_| ()).map_err(Error::from),
            task::Entity::delete_many().all().exec(db).await.map(|_| ()).map_err(Error::from),
            comment::Entity::delete_many().all().exec(db).await.map(|_| ()).map_err(Error::from),
        ] {
            assert_told(&told.expect_err("the second comment stays"), "comment");
        }
        assert_eq!(comment::Entity::find().count(db).await?, 3);
        assert_eq!(workspace::Entity::find().count(db).await?, 1);

        let transaction = db.begin().await?;
        let told = project::Entity::delete_by_id(1).exec(&transaction).await.map_err(Error::from);
        assert_told(&told.expect_err("the second comment stays"), "comment");
        assert_eq!(comment::Entity::delete_by_id(1).exec(&transaction).await?.rows_affected, 1);
        transaction.commit().await?;
        assert_eq!(comment::Entity::find().count(db).await?, 2);
    }

    async fn a_row_that_a_trigger_gives_another_stamp_stops_the_deletion(db: &TestDb) {
        create(db).await?;
        unstamp(db).await?;
        for told in [
            workspace::Entity::delete_by_id(1).exec(db).await,
            task::Entity::delete_many().all().exec(db).await,
            comment::Entity::delete_many().all().exec(db).await,
        ] {
            let told = told.map_err(Error::from).expect_err("an undo would not find the second comment");
            assert_told(&told, "comment");
            assert!(matches!(&told, Error::NotUpdated { rows, .. } if rows == "1 of 3"), "{told:?}");
        }
        assert_eq!(comment::Entity::find().count(db).await?, 3);
        db.execute_unprepared("DELETE FROM comment WHERE id = 2").await?;
        assert_eq!(workspace::Entity::delete_by_id(1).exec(db).await?.rows_by_table().get("comment"), 2);
    }

    async fn a_row_that_a_trigger_keeps_deleted_stops_the_restore(db: &TestDb) {
        create(db).await?;
        let deletion = task::Entity::delete_by_id(1).exec(db).await?;
        veto(db, "comment").await?;
        for told in [
            task::Entity::restore_by_id(1).exec(db).await,
            task::Entity::restore_many().all().exec(db).await,
            deletion.undo().exec(db).await,
            comment::Entity::restore_many().all().with_parents().exec(db).await,
        ] {
            assert_told(&told.expect_err("the second comment stays"), "comment");
        }
        assert_eq!(comment::Entity::only_deleted().count(db).await?, 3);
        assert_eq!(task::Entity::only_deleted().count(db).await?, 1);
    }

    async fn a_row_that_a_trigger_deletes_again_stops_the_restore(db: &TestDb) {
        create(db).await?;
        let deletion = task::Entity::delete_by_id(1).exec(db).await?;
        delete_again(db).await?;
        for told in [
            task::Entity::restore_by_id(1).exec(db).await,
            comment::Entity::restore_many().all().with_parents().exec(db).await,
            deletion.undo().exec(db).await,
        ] {
            assert_told(&told.expect_err("the second comment stays deleted"), "comment");
        }
        assert_eq!(comment::Entity::only_deleted().count(db).await?, 3);
        assert_eq!(task::Entity::only_deleted().count(db).await?, 1);
    }

    async fn a_trigger_that_does_other_things_is_in_nobodys_way(db: &TestDb) {
        create(db).await?;
        veto(db, "comment").await?;
        db.execute_unprepared("DELETE FROM comment WHERE id = 2").await?;
        let deletion = workspace::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(deletion.rows_by_table().get("comment"), 2);
        assert_eq!(workspace::Entity::restore_by_id(1).exec(db).await?.rows_by_table(), deletion.rows_by_table());
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool]

    async fn a_row_named_that_a_trigger_keeps_is_not_taken_for_none(db: &TestDb) {
        create(db).await?;
        veto(db, "comment").await?;
        let told = comment::Entity::delete_by_id(2).exec(db).await.map_err(Error::from);
        assert_told(&told.expect_err("the second comment stays"), "comment");
        assert_eq!(comment::Entity::delete_by_id(3).exec(db).await?.rows_affected, 1);
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool]

    /// Were it tried for ever, it would never end.
    async fn a_row_that_stays_active_for_no_reason_that_is_known_ends_in_an_error(db: &TestDb) {
        create(db).await?;
        db.execute_unprepared(
            "CREATE TRIGGER veto BEFORE UPDATE ON comment WHEN OLD.id = 2 \
             BEGIN SELECT 'not an AFTER UPDATE', RAISE(IGNORE); END",
        )
        .await?;
        let told = comment::Entity::delete_by_id(2).exec(db).await.map_err(Error::from);
        assert!(matches!(told, Err(Error::Contention(_))), "{told:?}");
        assert_eq!(comment::Entity::find().count(db).await?, 3);
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
            workspace::Entity::delete_by_id(1).exec(&as_user).await.map(|_| ()).map_err(Error::from),
            comment::Entity::delete_by_id(2).exec(&as_user).await.map(|_| ()).map_err(Error::from),
            comment::Entity::delete_many().all().exec(&as_user).await.map(|_| ()).map_err(Error::from),
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

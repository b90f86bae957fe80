//! What a schema of active rows can't be, and connections that don't begin with it.

use sea_orm::{ConnectionTrait as _, Database, DbBackend};
use soft_delete::{
    Error, Registry,
    schema::{ActiveSchema, SchemaError},
};

use super::layer::{ACTIVE, BASE, on_layer};
use support::{TestDb, TestResult, domain};

async fn tables(db: &TestDb) -> TestResult {
    Ok(domain::create(db).await?)
}

mod qualified {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(schema_name = "public", table_name = "qualified")]
    #[soft_delete(group = "qualified")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod draft {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "draft")]
    #[soft_delete(group = "drafts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub body: String,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn drafts() -> Registry {
    Registry::global().of_group("drafts")
}

#[track_caller]
fn assert_says(error: Error, expected: &str) {
    let text = error.to_string();
    assert!(text.contains(expected), "{text}");
}

support::on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool]

    async fn a_connection_that_does_not_begin_with_the_schema_is_told_how_to(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let error = layer.schema.attach(&layer.tables).await.unwrap_err();
            assert_says(error, "connect with the URL that `ActiveSchema::url` gives");
            let other = ActiveSchema::named("other").registry(&domain::registry());
            assert_says(other.attach(&layer.views).await.unwrap_err(), "is not what the connection begins with");
            if db.backend() == DbBackend::Postgres {
                let url = ActiveSchema::named(&*ACTIVE).base("pg_temp").url(db.url())?;
                let alone = Database::connect(url).await?;
                let error = layer.schema.attach(&alone).await.unwrap_err();
                assert_says(error, "which the connection does not look into");
                alone.close().await?;
            }
            Ok(())
        }).await?;
    }

    async fn a_schema_of_something_else_is_left_alone(db: &TestDb) {
        on_layer(db, &domain::registry(), tables, async |layer| {
            let same = ActiveSchema::named(&*BASE).registry(&domain::registry());
            let error = same.create(&layer.tables).await.unwrap_err();
            assert!(matches!(error, Error::Schema(SchemaError::ActiveSchema { .. })), "{error}");
            same.drop(&layer.tables).await.unwrap_err();
            same.base("elsewhere").drop(&layer.tables).await.unwrap_err();
            let elsewhere = ActiveSchema::named(&*ACTIVE).base("elsewhere").registry(&domain::registry());
            assert_says(elsewhere.create(&layer.tables).await.unwrap_err(), "choose another name, or drop it first");
            let sql = format!("CREATE TABLE {}.stray (id INTEGER PRIMARY KEY)", *ACTIVE);
            layer.tables.execute_unprepared(&sql).await?;
            assert_says(layer.schema.create(&layer.tables).await.unwrap_err(), "move it to");
            assert_says(layer.schema.drop(&layer.tables).await.unwrap_err(), "move it to");
            Ok(())
        }).await?;
    }

    async fn a_table_that_lacks_what_it_needs_is_named(db: &TestDb) {
        let layer = ActiveSchema::named(format!("{}_none", *ACTIVE)).registry(&drafts());
        assert_says(layer.create(db).await.unwrap_err(), "the database has no table");
        db.execute_unprepared("CREATE TABLE draft (id INTEGER PRIMARY KEY)").await?;
        assert_says(layer.create(db).await.unwrap_err(), "`draft` has no column `deleted_at`");
        let layer = layer.registry(&Registry::global().of_group("qualified"));
        assert_says(layer.create(db).await.unwrap_err(), "leave `schema_name` out");
        let layer = layer.registry(&Registry::global().of_group("nobody"));
        assert!(matches!(layer.create(db).await, Err(Error::NoEntities { .. })));
        assert!(ActiveSchema::named("never").registry(&drafts()).drop(db).await?.is_empty());
    }

    async fn a_view_that_lags_behind_the_entity_is_named(db: &TestDb) {
        on_layer(db, &drafts(), async |db| {
            let time = if db.backend() == DbBackend::Postgres { "timestamptz" } else { "datetime(6)" };
            db.execute_unprepared(&format!("CREATE TABLE draft (id INTEGER PRIMARY KEY, deleted_at {time} NULL)")).await?;
            Ok(())
        }, async |layer| {
            layer.tables.execute_unprepared("ALTER TABLE draft ADD COLUMN body VARCHAR(20)").await?;
            let error = layer.schema.attach(&layer.views).await.unwrap_err();
            assert_says(error, "has a view of `draft` without the column `body`: update it with `ActiveSchema::create`");
            let sql = format!("DROP VIEW {}.draft", *ACTIVE);
            layer.tables.execute_unprepared(&sql).await?;
            assert_says(layer.schema.attach(&layer.views).await.unwrap_err(), "has no view of `draft`");
            layer.schema.create(&layer.tables).await?;
            layer.schema.attach(&layer.views).await?;
            Ok(())
        }).await?;
    }

    async fn a_user_who_may_not_create_it_is_told(db: &TestDb) {
        if db.backend() != DbBackend::Postgres {
            on_layer(db, &domain::registry(), tables, async |layer| {
                let other = ActiveSchema::named(format!("{}_other", *ACTIVE)).base(&*BASE).registry(&domain::registry());
                let error = other.create(&layer.views).await.unwrap_err();
                assert!(!error.to_string().is_empty());
                Ok(())
            }).await?;
        }
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, sqlite_file SqliteFile Pool]

    async fn sqlite_has_no_such_schema(db: &TestDb) {
        let layer = ActiveSchema::named("active");
        for error in [
            layer.create(db).await.unwrap_err(),
            layer.drop(db).await.unwrap_err(),
            layer.attach(db).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Schema(SchemaError::NoSchemas { server: "SQLite", .. })), "{error}");
            assert_says(error, "`ScopedConnection`");
        }
    }
}

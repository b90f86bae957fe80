//! A database with tables in one schema, and views of their active rows in another.

use std::sync::{LazyLock, Mutex, PoisonError};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use soft_delete::{Registry, schema::ActiveSchema};
use url::Url;
use uuid::Uuid;

use support::{Kind, TestDb, TestResult};

/// The schema of the tables: one for the process, as a program attaches to one.
pub static BASE: LazyLock<String> =
    LazyLock::new(|| format!("sd_base_{}", &Uuid::now_v7().simple().to_string()[20..]));

/// The schema of the views.
pub static ACTIVE: LazyLock<String> = LazyLock::new(|| format!("{}_active", *BASE));

/// A user of MySQL and MariaDB who may do what `grant_to` lets one do.
static USER: LazyLock<String> = LazyLock::new(|| format!("{}_user", *BASE));

const PASSWORD: &str = "layer";

pub struct Layer {
    /// A plain connection.
    pub tables: TestDb,
    /// A connection that begins with the views.
    pub views: DatabaseConnection,
    /// The same of the tables' owner, who may do more than `grant_to` lets one do.
    pub owner: DatabaseConnection,
    pub schema: ActiveSchema,
    /// The URL of `views`.
    pub url: String,
}

/// Runs a test on tables, which the first function makes, and views. On one server one test at a time, since the databases have
/// one name.
pub async fn on_layer(
    db: &TestDb,
    registry: &Registry,
    make_tables: impl AsyncFnOnce(&TestDb) -> TestResult,
    test: impl AsyncFnOnce(&Layer) -> TestResult,
) -> TestResult {
    static SERVERS: [Mutex<()>; 3] = [Mutex::new(()), Mutex::new(()), Mutex::new(())];
    let server = match db.kind() {
        Kind::Postgres => 0,
        Kind::MariaDb => 1,
        _ => 2,
    };
    let _one = SERVERS[server]
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    drop_all(db).await?;
    let mut base_url = Url::parse(db.url()).expect("a URL");
    if db.backend() == DbBackend::Postgres {
        db.execute_unprepared(&format!("CREATE SCHEMA {}", *BASE))
            .await?;
        base_url.set_query(Some(&format!("options=-csearch_path%3D{}", *BASE)));
    } else {
        db.execute_unprepared(&format!("CREATE DATABASE {} CHARACTER SET utf8mb4", *BASE))
            .await?;
        db.execute_unprepared(&format!(
            "CREATE USER '{}'@'%' IDENTIFIED BY '{PASSWORD}'",
            *USER
        ))
        .await?;
        base_url.set_path(&BASE);
    }
    let tables = db.elsewhere(base_url.as_str()).await?;
    make_tables(&tables).await?;
    let mut schema = ActiveSchema::named(&*ACTIVE)
        .base(&*BASE)
        .registry(registry);
    let mut user_url = Url::parse(db.url()).expect("a URL");
    if db.backend() == DbBackend::MySql {
        schema = schema.grant_to(&*USER);
        user_url.set_path(&BASE);
        user_url.set_username(&USER).expect("a user");
        user_url.set_password(Some(PASSWORD)).expect("a password");
    }
    schema.create(&tables).await?;
    let url = schema.url(user_url.as_str())?;
    let views = connect(schema.connect_options(user_url.as_str())?).await?;
    let owner = connect(schema.connect_options(db.url())?).await?;
    let layer = Layer {
        tables,
        views,
        owner,
        schema,
        url,
    };
    let done = test(&layer).await;
    layer.views.close().await?;
    layer.owner.close().await?;
    layer.tables.connection().close().await?;
    drop_all(db).await?;
    done
}

async fn connect(mut options: ConnectOptions) -> TestResult<DatabaseConnection> {
    options.sqlx_logging(false).max_connections(3);
    Ok(Database::connect(options).await?)
}

async fn drop_all(db: &TestDb) -> TestResult {
    let statements = match db.backend() {
        DbBackend::Postgres => vec![
            format!("DROP SCHEMA IF EXISTS {} CASCADE", *ACTIVE),
            format!("DROP SCHEMA IF EXISTS {} CASCADE", *BASE),
        ],
        _ => vec![
            format!("DROP DATABASE IF EXISTS {}", *ACTIVE),
            format!("DROP DATABASE IF EXISTS {}", *BASE),
            format!("DROP USER IF EXISTS '{}'@'%'", *USER),
        ],
    };
    for statement in statements {
        db.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// The number that a query gives.
pub async fn number(db: &impl ConnectionTrait, sql: &str) -> TestResult<i64> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?.expect("a row");
    Ok(row.try_get_by_index(0)?)
}

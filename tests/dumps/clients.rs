//! The databases' own programs that dump and load.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};

use sea_orm::{ConnectionTrait as _, DbErr, Statement};
use url::Url;

use support::{TestDb, TestResult};

/// How a database is dumped.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// `pg_dump --format=custom`, loaded by `pg_restore`.
    PgCustom,
    /// `pg_dump --format=plain`, loaded by `psql`.
    PgPlain,
    /// `mariadb-dump`, loaded by `mariadb`.
    MariaDb,
}

impl Form {
    /// Dumps the database into the file.
    pub async fn dump(self, db: &TestDb, file: &Path) -> TestResult {
        match self {
            Form::PgCustom => {
                let mut dump = postgres(db, "pg_dump").await?;
                run(dump.arg("--format=custom").stdout(File::create(file)?))
            }
            Form::PgPlain => {
                let mut dump = postgres(db, "pg_dump").await?;
                run(dump.arg("--format=plain").stdout(File::create(file)?))
            }
            Form::MariaDb => {
                let mut dump = mariadb(db, "mariadb-dump")?;
                run(dump
                    .arg("--single-transaction")
                    .arg(database(db)?)
                    .stdout(File::create(file)?))
            }
        }
    }

    /// Loads the file into an empty database.
    pub async fn load(self, db: &TestDb, file: &Path) -> TestResult {
        match self {
            Form::PgCustom => {
                let mut load = postgres(db, "pg_restore").await?;
                run(load.arg("--exit-on-error").stdin(File::open(file)?))
            }
            Form::PgPlain => {
                let mut load = postgres(db, "psql").await?;
                let load = load.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]);
                run(load
                    .stdin(File::open(file)?)
                    .stdout(std::process::Stdio::null()))
            }
            Form::MariaDb => {
                let mut load = mariadb(db, "mariadb")?;
                run(load.arg(database(db)?).stdin(File::open(file)?))
            }
        }
    }
}

/// Debian keeps a set of PostgreSQL's programs for each version. Those of the server's own can dump it for sure.
async fn postgres(db: &TestDb, program: &str) -> TestResult<Command> {
    let version = Statement::from_string(db.backend(), "SHOW server_version_num");
    let row = db.query_one_raw(version).await?;
    let version: String = row.expect("a row").try_get_by_index(0)?;
    let major = version.parse::<u32>()? / 10_000;
    let beside_the_server = PathBuf::from(format!("/usr/lib/postgresql/{major}/bin/{program}"));
    let mut command = match beside_the_server.exists() {
        true => Command::new(beside_the_server),
        false => Command::new(program),
    };
    let mut url = Url::parse(db.url())?;
    command.env("PGPASSWORD", password(&url));
    // Other users of the machine can read arguments.
    let _ = url.set_password(None);
    command.arg(format!("--dbname={url}"));
    Ok(command)
}

fn mariadb(db: &TestDb, program: &str) -> TestResult<Command> {
    let url = Url::parse(db.url())?;
    let mut command = Command::new(program);
    command
        .env("MYSQL_PWD", password(&url))
        .args(["--no-defaults", "--protocol=tcp"])
        .arg(format!("--host={}", url.host_str().unwrap_or("127.0.0.1")))
        .arg(format!("--port={}", url.port().unwrap_or(3306)))
        .arg(format!("--user={}", url.username()));
    Ok(command)
}

/// Passwords of URLs are percent-encoded; those of tests/servers.sh need no decoding.
fn password(url: &Url) -> String {
    url.password().unwrap_or_default().to_owned()
}

fn database(db: &TestDb) -> TestResult<String> {
    let url = Url::parse(db.url())?;
    Ok(url.path().trim_start_matches('/').to_owned())
}

fn run(command: &mut Command) -> TestResult {
    let program = command.get_program().display().to_string();
    let ended = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .map_err(|error| DbErr::Custom(format!("can't run {program}: {error}")))?
        .wait_with_output()?;
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{program}: {told}");
    Ok(())
}

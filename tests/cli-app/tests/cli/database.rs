//! Which database is meant, and what is said when it can't be had.

use std::{fs, net::TcpListener, time::Instant};

use super::app::{command, ran};
use support::{TestDb, domain};

const LIST: &[&str] = &["trash", "list"];

on_sqlite! {
    async fn comes_from_the_option_the_environment_or_a_file(db: &TestDb) {
        domain::create(db).await?;
        let directory = std::env::temp_dir().join(format!("soft_delete_{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir_all(directory.join("below"))?;
        fs::write(directory.join(".env"), format!("OTHER=1\nDATABASE_URL=\"{}\"\n", db.url()))?;

        let option = ran(command(LIST).args(["--database-url", db.url()]).env("DATABASE_URL", "sqlite:///nowhere/x.db"));
        let environment = ran(command(LIST).env("DATABASE_URL", db.url()));
        let file = ran(command(LIST).current_dir(directory.join("below")));
        let environment_first =
            ran(command(LIST).current_dir(&directory).env("DATABASE_URL", "sqlite:///nowhere/x.db"));
        fs::write(directory.join(".env"), "DATABASE_URL=postgres://ada:ti ger@host/db\n")?;
        let malformed = ran(command(LIST).current_dir(&directory));
        fs::remove_dir_all(&directory)?;

        assert_eq!([option.code, environment.code, file.code], [0; 3], "{file:?}");
        assert_eq!(environment_first.code, 3);
        assert_eq!(malformed.code, 2);
        assert_text!(malformed.err, r"
        error: a line of `.env` can't be read
          tip: values with spaces or `#` in them need quotes
        ");
    }
}

#[test]
fn none_is_told() {
    let directory = std::env::temp_dir();
    let ran = ran(command(LIST).current_dir(directory));

    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_text!(
        ran.err,
        r"
    error: no database was given
      tip: set DATABASE_URL in the environment or in a file `.env`, or pass `--database-url URL`
    "
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let ran = ran(command(LIST).env("DATABASE_URL", "sqlite:///nowhere/x.db"));

    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(
        ran.err.ends_with(
            "\n  tip: does the file exist? `sqlite://file.db?mode=rwc` makes a new one\n"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn a_url_of_another_kind_is_told_without_its_password() {
    for url in ["oracle://scott:tiger@host/db", "postgres tiger"] {
        let ran = ran(command(LIST).env("DATABASE_URL", url));

        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(!ran.err.contains("tiger"), "{}", ran.err);
        assert!(ran.err.contains("`postgres://"), "{}", ran.err);
    }
}

#[test]
fn a_server_that_does_not_answer_is_told_in_time() {
    // Nobody listens there.
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://ada:tiger@127.0.0.1:1/db");
        let start = Instant::now();
        let ran = ran(command(LIST).env("DATABASE_URL", url));

        assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
        assert_eq!((ran.code, ran.out.as_str()), (3, ""));
        assert_text!(
            ran.err,
            r"
        error: no connection to the database at 127.0.0.1:1: the connection was refused
          tip: is the server running, and is the port right?
        "
        );
    }
}

#[test]
fn a_server_that_accepts_and_is_silent_is_told_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://ada:tiger@127.0.0.1:{port}/db");
        let start = Instant::now();
        let list = command(LIST)
            .args(["--connect-timeout", "1s"])
            .env("DATABASE_URL", url)
            .output()
            .unwrap();
        let err = String::from_utf8(list.stderr).unwrap();

        assert!(start.elapsed().as_secs() < 9, "{:?}", start.elapsed());
        assert_eq!((list.status.code(), list.stdout.len()), (Some(3), 0));
        assert_text!(
            err,
            r"
        error: no connection to the database: the server accepts connections, and did not answer in 5 s
          tip: is it the right port? `--connect-timeout 10s` waits longer
        "
        );
    }
}

#[test]
fn a_host_that_does_not_exist_is_told() {
    let ran = ran(command(LIST).env("DATABASE_URL", "postgres://ada:tiger@nowhere.invalid/db"));

    assert_eq!(ran.code, 3);
    assert_text!(
        ran.err,
        r"
    error: no connection to the database at nowhere.invalid:5432: the name of the host is not known
      tip: check the host in the URL
    "
    );
}

on_shared_databases! {
    async fn a_server_s_own_reason_is_told(db: &TestDb) {
        let mut url = url::Url::parse(db.url())?;
        if url.host_str().is_none_or(str::is_empty) {
            return Ok(());
        }
        url.set_path("/no_such_database");

        let ran = ran(command(LIST).env("DATABASE_URL", url.as_str()));

        assert_eq!(ran.code, 3);
        assert!(ran.err.contains("no_such_database"), "{}", ran.err);
        assert!(!ran.err.contains("timed out"), "{}", ran.err);
        assert!(ran.err.ends_with("\n  tip: check the URL: host, user, password and database\n"), "{}", ran.err);
    }
}

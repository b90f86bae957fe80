//! Deletes and restores whose server is killed, with SIGKILL, and comes up again.

use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use soft_delete::Error;

use super::{
    race::Answer,
    steps::{Db, Steps},
    world::{Rows, TRACKER, World},
};
use support::{TestResult, domain::workspace};

/// A server of the test's own, run by tests/crash_server.sh.
struct Server {
    script: Child,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it. `None` if it is not installed and its tests may be left out.
    fn start(kind: &str) -> Option<(Self, String)> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("crash_server.sh");
        let mut script = Command::new(script)
            .arg(kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/crash_server.sh runs");
        let answers = BufReader::new(script.stdout.take().expect("a pipe"));
        let mut server = Self { script, answers };
        if let Some(url) = server.command("start") {
            return Some((server, url));
        }
        const NOT_INSTALLED: i32 = 77;
        let status = server.script.wait().expect("a status");
        assert_eq!(status.code(), Some(NOT_INSTALLED), "{kind} did not start");
        assert!(
            env::var_os("SOFT_DELETE_REQUIRE_BACKENDS").is_none(),
            "no {kind} to kill: install it"
        );
        // Past the test harness, which shows no output of tests that pass.
        let _ = writeln!(
            io::stderr(),
            "tests leave out a {kind} server that is killed: it is not installed"
        );
        None
    }

    /// Kills it and starts it again.
    fn crash(&mut self) {
        self.command("crash").expect("it is killed");
        self.command("start").expect("it comes up again");
    }

    /// The answer to a command, if the script gives one.
    fn command(&mut self, command: &str) -> Option<String> {
        // A script that has ended reads nothing.
        let _ = writeln!(self.script.stdin.as_mut()?, "{command}");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).ok()?;
        let answer = answer.trim_end();
        (!answer.is_empty()).then(|| answer.to_owned())
    }
}

/// The script ends with its input, and the server with the script.
impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// The server, and a pool that outlives it.
struct Crash {
    server: Arc<Mutex<Server>>,
    pool: DatabaseConnection,
}

impl Crash {
    /// Runs the operation and kills the server before the statement that begins so. Nothing may have happened then.
    async fn before<A: Answer, E: Into<Error>>(
        &self,
        statement: &'static str,
        operation: impl AsyncFn(&Db) -> Result<A, E>,
    ) -> TestResult {
        let before = TRACKER.rows(&self.pool).await?;
        let server = self.server.clone();
        let doomed = Steps::new(self.pool.clone(), move |_, sql| {
            if sql.replace(['"', '`'], "").starts_with(statement) {
                server.lock().expect("no panic").crash();
            }
            std::future::ready(())
        });
        assert!(
            operation(&doomed).await.is_err(),
            "killed before {statement}"
        );
        assert_eq!(TRACKER.rows(&self.pool).await?, before);
        TRACKER.check(&self.pool).await
    }

    /// Runs the operation and then kills the server. All must be as the operation left it.
    async fn after<A: Answer, E: Into<Error>>(
        &self,
        operation: impl AsyncFn(&Db) -> Result<A, E>,
    ) -> TestResult<Rows> {
        operation(&Db::plain(&self.pool))
            .await
            .map_err(Into::into)?;
        let rows = TRACKER.rows(&self.pool).await?;
        self.server.lock().expect("no panic").crash();
        assert_eq!(TRACKER.rows(&self.pool).await?, rows);
        Ok(rows)
    }
}

async fn nothing_is_half_done(server: Server, url: &str) -> TestResult {
    let mut options = ConnectOptions::new(url);
    options
        .acquire_timeout(Duration::from_secs(20))
        .sqlx_logging(false);
    let pool = Database::connect(options).await?;
    World::create(&pool).await?;
    TRACKER.reset(&pool).await?;
    let crash = Crash {
        server: Arc::new(Mutex::new(server)),
        pool,
    };

    let delete = async |db: &Db| workspace::Entity::delete_by_id(1).exec(db).await;
    crash.before("UPDATE project", delete).await?;
    crash.before("UPDATE comment", delete).await?;
    crash.before("COMMIT", delete).await?;
    let deleted = crash.after(delete).await?;
    assert_eq!(
        deleted.iter().filter(|row| row.ends_with("active")).count(),
        1
    );

    let restore = async |db: &Db| workspace::Entity::restore_by_id(1).exec(db).await;
    crash.before("UPDATE task ", restore).await?;
    crash.before("COMMIT", restore).await?;
    let restored = crash.after(restore).await?;
    assert!(restored.iter().all(|row| row.ends_with("active")));
    Ok(())
}

mod a_killed_server_has_nothing_half_done {
    use super::{Server, nothing_is_half_done};

    fn on(kind: &str) {
        let Some((server, url)) = Server::start(kind) else {
            return;
        };
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(nothing_is_half_done(server, &url))
            .unwrap();
    }

    #[test]
    fn postgres() {
        on("postgres");
    }

    #[test]
    fn mariadb() {
        on("mariadb");
    }
}

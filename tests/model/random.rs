//! Random cases. `PROPTEST_CASES=20000` runs more of them than usual; what fails is told as code for `regressions.rs`.

use proptest::test_runner::{Config, TestError, TestRunner};
use tokio::{runtime::Handle, task::block_in_place};

use super::{
    check::check,
    operation::{Case, case},
    schema::create_tables,
};
use crate::support::{self, Kind, TestDb};

support::on_backends! {
    [sqlite SqliteMemory, postgres Postgres, mariadb MariaDb]
    async fn the_engine_does_what_the_rules_say(db: &TestDb) {
        create_tables(db).await?;
        block_in_place(|| run(db))?;
    }
}

fn run(db: &TestDb) -> Result<(), TestError<Case>> {
    let mut config = Config {
        failure_persistence: None,
        max_shrink_iters: 3000,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = match db.kind() {
            Kind::SqliteMemory | Kind::SqliteFile => 2000,
            Kind::Postgres | Kind::MariaDb => 200,
        };
    }
    let runtime = Handle::current();
    TestRunner::new(config).run(&case(), |case| Ok(runtime.block_on(check(db, &case))?))
}

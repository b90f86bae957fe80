//! Runs one test on one backend.

use std::{
    error::Error,
    panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind},
    time::Duration,
};

use super::{Kind, TestDb, Through, place::Place};

/// What a test comes to.
pub type TestResult<T = ()> = Result<T, Failure>;

/// An error that `?` met in a test, with the line where it did.
#[derive(Debug)]
pub struct Failure(String);

impl<E: Error> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        Failure(format!("{}: {error}", Location::caller()))
    }
}

/// Runs the test on a fresh database, which is removed afterwards whatever the test does.
pub fn run(kind: Kind, through: Through, test: impl AsyncFnOnce(&TestDb) -> TestResult) {
    let Some(place) = Place::new(kind) else {
        return;
    };
    block_on(place.create())
        .unwrap_or_else(|error| panic!("can't create a database on {kind}: {error}"));

    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let result = block_on(async { test(&TestDb::connect(&place, through).await?).await });
        if let Err(Failure(message)) = result {
            panic!("{message}");
        }
    }));

    // By now the test's runtime is gone, and with it all its tasks, connections and locks.
    let removed = block_on(place.remove());
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
    removed.unwrap_or_else(|error| panic!("can't remove the database of the test: {error}"));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let output = runtime.block_on(future);
    runtime.shutdown_timeout(Duration::from_secs(10));
    output
}

//! Many at once, on a pool.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    ColumnTrait as _, ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection,
    PaginatorTrait as _, QueryFilter as _,
};
use soft_delete::{Error, Outcome};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    race::detect_deadlocks_soon,
    world::{FOLDERS, SLUGS, TRACKER, World},
};
use support::{
    self, TestDb, TestResult,
    domain::{comment, project, tag, task, workspace},
    folder,
};

const WORKERS: i64 = 8;

/// A pool with a connection for each worker.
async fn pool(db: &TestDb) -> TestResult<DatabaseConnection> {
    detect_deadlocks_soon(db).await;
    let mut options = ConnectOptions::new(db.url());
    options
        .min_connections(8)
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(60))
        .sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

/// Runs the job once for each worker, all at the same time. What the database gave up on is tried again.
async fn at_once<T, E, F>(
    pool: &DatabaseConnection,
    job: impl Fn(DatabaseConnection, i64) -> F + Clone + Send + 'static,
) -> TestResult<Vec<Result<T, Error>>>
where
    T: Send + 'static,
    E: Into<Error>,
    F: Future<Output = Result<T, E>> + Send,
{
    let start = Arc::new(Barrier::new(WORKERS as usize));
    let mut workers = JoinSet::new();
    for worker in 1..=WORKERS {
        let (pool, start, job) = (pool.clone(), start.clone(), job.clone());
        workers.spawn(async move {
            start.wait().await;
            loop {
                let result = job(pool.clone(), worker).await.map_err(Into::into);
                if !result.as_ref().is_err_and(Error::is_retryable) {
                    return result;
                }
            }
        });
    }
    Ok(workers.join_all().await)
}

/// A small generator of numbers that look random, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

support::on_servers! {
    async fn of_many_deletes_of_one_row_one_takes_it(db: &TestDb) {
        World::create(db).await?;
        let pool = pool(db).await?;
        for _ in 0..50 {
            TRACKER.reset(db).await?;
            let deletions = at_once(&pool, async |pool, worker| {
                task::Entity::delete_by_id(1).by(worker).exec(&pool).await
            })
            .await?;
            let mut took = None;
            for deletion in deletions {
                let deletion = deletion?;
                match deletion.outcome() {
                    Outcome::Deleted => assert_eq!(took.replace(deletion), None),
                    Outcome::AlreadyDeleted { .. } => assert_eq!(deletion.rows_by_table(), []),
                    Outcome::NotFound => panic!("the task is there"),
                }
            }
            let took = took.expect("a deletion");
            let row = task::Entity::only_deleted().one(db).await?.expect("the task");
            assert_eq!(row.deletion_id, Some(took.id()));
            assert_eq!(took.rows_by_table(), [("task", 1), ("comment", 2), ("task_tag", 1)]);
            TRACKER.check(db).await?;
        }
    }

    async fn of_many_restores_of_one_value_one_wins(db: &TestDb) {
        World::create(db).await?;
        let pool = pool(db).await?;
        for _ in 0..30 {
            SLUGS.reset(db).await?;
            for id in 1..=WORKERS {
                db.execute_unprepared(&format!(
                    "INSERT INTO workspace (id, name, slug, deleted_at) VALUES ({id}, 'main', 'main', '2020-01-0{id} 00:00:00')"
                ))
                .await?;
            }
            let restored = at_once(&pool, async |pool, worker| {
                workspace::Entity::restore_by_id(worker).exec(&pool).await
            })
            .await?;
            let mut winners = 0;
            for restored in restored {
                match restored {
                    Ok(restored) => winners += restored.rows_affected,
                    Err(Error::Conflict(conflict)) => assert_eq!(conflict.len(), 1),
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!(winners, 1);
            assert_eq!(workspace::Entity::find().count(db).await?, 1);
            assert_eq!(workspace::Entity::with_deleted().count(db).await?, 8);
        }
    }

    async fn restores_of_a_value_that_comes_and_goes_are_restored_or_told_the_conflict(db: &TestDb) {
        World::create(db).await?;
        let pool = pool(db).await?;
        for id in 1..=WORKERS {
            db.execute_unprepared(&format!(
                "INSERT INTO workspace (id, name, slug, deleted_at) VALUES ({id}, 'main', 'main', '2020-01-0{id} 00:00:00')"
            ))
            .await?;
        }
        for _ in 0..50 {
            let ended = at_once(&pool, async |pool, worker| {
                match workspace::Entity::restore_by_id(worker).exec(&pool).await {
                    Ok(_) | Err(Error::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
                Ok(workspace::Entity::delete_by_id(worker).exec(&pool).await?)
            })
            .await?;
            for ended in ended {
                ended?;
            }
            SLUGS.check(db).await?;
        }
    }

    async fn overlapping_bulk_deletes_take_each_row_once(db: &TestDb) {
        World::create(db).await?;
        let pool = pool(db).await?;
        for round in 0..10 {
            TRACKER.reset(db).await?;
            let rows = (3..=60).map(|id| format!("({id}, 1, 'many')"));
            let rows = rows.collect::<Vec<_>>().join(", ");
            db.execute_unprepared(&format!("INSERT INTO task (id, project_id, title) VALUES {rows}")).await?;
            db.execute_unprepared("INSERT INTO comment (id, task_id, body) SELECT id + 100, id, 'one' FROM task").await?;
            let deletions = at_once(&pool, move |pool, worker| async move {
                let from = i64::try_from(Dice((round * WORKERS + worker) as u64).roll(40)).unwrap_or(0);
                task::Entity::delete_many()
                    .filter(task::Column::Id.between(from, from + 20))
                    .by(worker)
                    .exec(&pool)
                    .await
            })
            .await?;
            let mut taken = 0;
            for deletion in deletions {
                let deletion = deletion?;
                let stamped = task::Entity::only_deleted()
                    .filter(task::Column::DeletionId.eq(deletion.id()))
                    .count(db)
                    .await?;
                assert_eq!(stamped, deletion.rows_affected);
                taken += stamped;
            }
            assert_eq!(task::Entity::only_deleted().count(db).await?, taken);
            TRACKER.check(db).await?;
        }
    }

    async fn anything_at_once_leaves_no_row_lost_and_none_active_below_a_deleted_one(db: &TestDb) {
        World::create(db).await?;
        let pool = pool(db).await?;
        TRACKER.reset(db).await?;
        let before = TRACKER.rows(db).await?.len();
        for round in 0..30 {
            let done = at_once(&pool, move |pool, worker| async move {
                let mut dice = Dice((round * WORKERS + worker) as u64);
                for _ in 0..10 {
                    match anything(&pool, &mut dice).await {
                        Ok(()) | Err(Error::ParentDeleted { .. } | Error::Contention(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            })
            .await?;
            for done in done {
                done?;
            }
            assert_eq!(TRACKER.rows(db).await?.len(), before);
            TRACKER.check(db).await?;
        }
    }

    async fn anything_at_once_in_a_tree_leaves_none_active_below_a_deleted_one(db: &TestDb) {
        World::create(db).await?;
        let pool = pool(db).await?;
        FOLDERS.reset(db).await?;
        for round in 0..20 {
            let done = at_once(&pool, move |pool, worker| async move {
                let mut dice = Dice((round * WORKERS + worker) as u64);
                for _ in 0..10 {
                    let id = i64::try_from(dice.roll(4)).unwrap_or(0) + 1;
                    let done = match dice.roll(3) {
                        0 => folder::Entity::delete_by_id(id).exec(&pool).await.map(drop).map_err(Error::from),
                        1 => folder::Entity::restore_by_id(id).exec(&pool).await.map(drop),
                        _ => folder::Entity::restore_by_id(id).with_parents().exec(&pool).await.map(drop),
                    };
                    match done {
                        Ok(()) | Err(Error::ParentDeleted { .. } | Error::Contention(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            })
            .await?;
            for done in done {
                done?;
            }
            FOLDERS.check(db).await?;
        }
    }
}

/// One operation on the rows of [`TRACKER`].
async fn anything(db: &DatabaseConnection, dice: &mut Dice) -> Result<(), Error> {
    let id = i64::try_from(dice.roll(2)).unwrap_or(0) + 1;
    match dice.roll(14) {
        0 => drop(workspace::Entity::delete_by_id(1).exec(db).await?),
        1 => drop(project::Entity::delete_by_id(1).exec(db).await?),
        2 => drop(task::Entity::delete_by_id(id).exec(db).await?),
        3 => drop(comment::Entity::delete_by_id(id).exec(db).await?),
        4 => drop(tag::Entity::delete_by_id(1).exec(db).await?),
        5 => drop(
            task::Entity::delete_many()
                .all()
                .exec(db)
                .await?
                .undo()
                .exec(db)
                .await?,
        ),
        6 => drop(workspace::Entity::restore_by_id(1).exec(db).await?),
        7 => drop(project::Entity::restore_by_id(1).exec(db).await?),
        8 => drop(task::Entity::restore_by_id(id).exec(db).await?),
        9 => drop(
            task::Entity::restore_by_id(id)
                .with_parents()
                .exec(db)
                .await?,
        ),
        10 => drop(comment::Entity::restore_many().all().exec(db).await?),
        11 => drop(tag::Entity::restore_by_id(1).exec(db).await?),
        12 => drop(workspace::Entity::delete_by_id(1).plan(db).await?),
        _ => drop(
            task::Entity::restore_by_id(id)
                .with_parents()
                .plan(db)
                .await?,
        ),
    }
    Ok(())
}

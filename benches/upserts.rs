//! What an insert or restore of many links costs beside a hand-written upsert: `tests/run.sh -- cargo bench -p soft-delete-benches
//! --bench upserts`.
//!
//! Half of the links were deleted, the others never were. By hand it is one upsert that clears the marks, which looks at no parents and runs
//! no hooks; "checked" asks for deleted parents before, as a restore does. All take turns within one run.

use std::time::Instant;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait as _, DbErr, EntityTrait as _, QueryFilter as _,
    QuerySelect as _, Statement, TransactionTrait as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use support::{
    Kind, TestDb, Through,
    domain::{self, tag, task, task_tag},
    run,
};

const LINKS: i64 = 2_000;
const ROUNDS: usize = 15;

fn main() {
    println!("| backend | links | by hand | checked | ours | ratio to by hand | to checked |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for kind in [Kind::SqliteFile, Kind::Postgres, Kind::MariaDb] {
        run(kind, Through::Pool, async |db: &TestDb| {
            measure(kind, db).await?;
            Ok(())
        });
    }
}

async fn measure(kind: Kind, db: &TestDb) -> Result<(), DbErr> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "acme").await?;
    let project = domain::project(db, &workspace, "site").await?;
    let task = domain::task(db, &project, "paint").await?;
    for first in (1..=LINKS).step_by(500) {
        let tags = (first..first + 500).map(|id| tag::ActiveModel {
            id: Set(id),
            name: Set(format!("tag {id}")),
            ..Default::default()
        });
        tag::Entity::insert_many(tags)
            .exec_without_returning(db)
            .await?;
    }
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for turn in 0..3 {
            let side = (round + turn) % 3;
            reset(db, &task).await?;
            let start = Instant::now();
            match side {
                0 => by_hand(db, &task, false).await?,
                1 => by_hand(db, &task, true).await?,
                _ => {
                    let done = task_tag::Entity::insert_or_restore_many(links(&task, LINKS));
                    done.exec(db).await?;
                }
            }
            times[side].push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let [by_hand, checked, ours] = times.map(median);
    println!(
        "| {kind} | {LINKS} | {by_hand:.1} ms | {checked:.1} ms | {ours:.1} ms | {:.2} | {:.2} |",
        ours / by_hand,
        ours / checked
    );
    Ok(())
}

fn links(task: &task::Model, until: i64) -> Vec<task_tag::ActiveModel> {
    let links = (1..=until).map(|tag| task_tag::ActiveModel {
        task_id: Set(task.id),
        tag_id: Set(tag),
        ..Default::default()
    });
    links.collect()
}

async fn reset(db: &TestDb, task: &task::Model) -> Result<(), DbErr> {
    let sql = "DELETE FROM task_tag";
    db.execute_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let half = links(task, LINKS / 2);
    task_tag::Entity::insert_many(half)
        .exec_without_returning(db)
        .await?;
    task_tag::Entity::delete_many().all().exec(db).await?;
    Ok(())
}

async fn by_hand(db: &TestDb, task: &task::Model, checks: bool) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    if checks {
        let tags = 1..=LINKS;
        let deleted = tag::Entity::only_deleted()
            .select_only()
            .column(tag::Column::Id)
            .filter(tag::Column::Id.is_in(tags));
        assert!(
            deleted
                .into_tuple::<i64>()
                .one(&transaction)
                .await?
                .is_none()
        );
        let deleted = task::Entity::only_deleted().filter(task::Column::Id.eq(task.id));
        assert!(deleted.one(&transaction).await?.is_none());
    }
    let mut upsert = Query::insert();
    upsert
        .into_table(task_tag::Entity)
        .columns([task_tag::Column::TaskId, task_tag::Column::TagId]);
    for tag in 1..=LINKS {
        upsert.values_panic([Expr::val(task.id), Expr::val(tag)]);
    }
    upsert.on_conflict(
        OnConflict::columns([task_tag::Column::TaskId, task_tag::Column::TagId])
            .values([
                (task_tag::Column::DeletedAt, Expr::cust("NULL")),
                (task_tag::Column::DeletionId, Expr::cust("NULL")),
            ])
            .action_and_where(
                Expr::col((task_tag::Entity, task_tag::Column::DeletedAt)).is_not_null(),
            )
            .to_owned(),
    );
    transaction.execute(&upsert).await?;
    transaction.commit().await
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

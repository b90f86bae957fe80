//! What the default scope costs when a query is built: `cargo bench -p soft-delete-benches --bench scopes`.
//!
//! Each function of the entity layer is timed against the same query written by hand, in turns within one run, and the
//! ratio is printed. No database is involved. That both give the same SQL, byte for byte, is asserted first.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use sea_orm::{
    ColumnTrait as _, DbBackend, EntityTrait, JoinType, QueryFilter as _, QuerySelect as _,
    QueryTrait, RelationTrait as _,
    sea_query::{Expr, ExprTrait as _, IntoCondition as _},
};
use soft_delete::SelectActive as _;

mod blog;

use blog::{
    author,
    post::{self, Entity as Post},
};

/// One round gives one ratio.
const ROUNDS: usize = 25;
/// Within a round the two sides take turns this often.
const TURNS: usize = 200;
const CALLS_PER_TURN: u32 = 50;

fn main() {
    println!("| query | by hand | entity layer | ratio | of {ROUNDS} rounds |");
    println!("|---|---:|---:|---:|---:|");
    compare("`Post::find()`", Post::find, || {
        <Post as EntityTrait>::find().filter(post::Column::DeletedAt.is_null())
    });
    compare(
        "`Post::find_by_id(7)`",
        || Post::find_by_id(7),
        || <Post as EntityTrait>::find_by_id(7).filter(post::Column::DeletedAt.is_null()),
    );
    compare("`Post::update_many()`", Post::update_many, || {
        <Post as EntityTrait>::update_many().filter(post::Column::DeletedAt.is_null())
    });
    compare(
        "`author::Entity::find().find_also_active(Post)`",
        || author::Entity::find().find_also_active(Post),
        || {
            let posts = author::Relation::Post.def().on_condition(|_, post| {
                Expr::col((post, post::Column::DeletedAt))
                    .is_null()
                    .into_condition()
            });
            <author::Entity as EntityTrait>::find()
                .filter(author::Column::DeletedAt.is_null())
                .join(JoinType::LeftJoin, posts)
                .select_also(Post)
        },
    );
}

fn compare<Q: QueryTrait>(query: &str, ours: impl Fn() -> Q, by_hand: impl Fn() -> Q) {
    for backend in [DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql] {
        let (ours, by_hand) = (ours().build(backend), by_hand().build(backend));
        assert_eq!(ours, by_hand, "the SQL of {query} on {backend:?}");
    }

    let mut ratios = Vec::with_capacity(ROUNDS);
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let mut turns = [Vec::with_capacity(TURNS), Vec::with_capacity(TURNS)];
        for turn in 0..TURNS {
            // Neither side always comes first.
            if turn % 2 == 0 {
                turns[0].push(time(&ours));
                turns[1].push(time(&by_hand));
            } else {
                turns[1].push(time(&by_hand));
                turns[0].push(time(&ours));
            }
        }
        let [ours, by_hand] = turns.map(median);
        ratios.push(ours / by_hand);
        times[0].push(ours);
        times[1].push(by_hand);
    }
    ratios.sort_by(f64::total_cmp);
    let (min, max) = (ratios[0], ratios[ROUNDS - 1]);
    let [ours, by_hand] = times.map(median);
    println!(
        "| {query} | {by_hand:.0} ns | {ours:.0} ns | {:.2} | {min:.2} to {max:.2} |",
        median(ratios),
    );
}

/// Nanoseconds per call.
fn time<Q>(build: &impl Fn() -> Q) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS_PER_TURN {
        black_box(build());
    }
    let elapsed: Duration = start.elapsed();
    elapsed.as_secs_f64() * 1e9 / f64::from(CALLS_PER_TURN)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

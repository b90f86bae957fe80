//! The rounds: ours and the floor take turns.

use std::time::Instant;

use soft_delete::archive::ArchiveTable;

use super::{
    by_hand::{self, Form},
    tables::{Shape, left, load},
};
use support::{Kind, TestDb, TestResult};

/// Who removes the rows.
#[derive(Clone, Debug)]
enum Side {
    Ours,
    WithArchive,
    ByHand(Form),
}

/// One shape of tables on one database.
#[derive(Debug)]
pub struct Speed {
    pub kind: Kind,
    pub shape: Shape,
    pub rows: u64,
    /// The fastest of the forms that give the same guarantees.
    pub floor: &'static str,
    /// The fastest of the others, if it is faster.
    pub unsafe_form: Option<&'static str>,
    /// Rows per second of each round: ours, with the archive, the floor, and the faster form that gives less.
    pub rates: [Vec<f64>; 4],
}

pub async fn measure(
    db: &TestDb,
    shape: Shape,
    rows: u64,
    rounds: Option<usize>,
) -> TestResult<Speed> {
    let (floor, unsafe_form) = fastest_forms(db, shape, rows).await?;
    let mut speed = Speed {
        kind: db.kind(),
        shape,
        rows: shape.rows(rows),
        floor: floor.name,
        unsafe_form: unsafe_form.as_ref().map(|form| form.name),
        rates: Default::default(),
    };
    let mut sides = vec![
        (0, Side::Ours),
        (2, Side::ByHand(floor)),
        (1, Side::WithArchive),
    ];
    sides.extend(unsafe_form.map(|form| (3, Side::ByHand(form))));
    let rounds = rounds.unwrap_or(2 * sides.len());
    // The first round warms up.
    for round in 0..=rounds {
        // In twice as many rounds as there are sides, each has each place twice, and is before each other as often as after.
        let mut sides = sides.clone();
        let first = round / 2 % sides.len();
        sides.rotate_left(first);
        if round % 2 == 0 {
            sides.reverse();
        }
        for (place, side) in &sides {
            let rate = side.time(db, shape, rows).await?;
            if round > 0 {
                speed.rates[*place].push(rate);
            }
        }
    }
    Ok(speed)
}

impl Side {
    /// Rows per second, on tables loaded anew.
    async fn time(&self, db: &TestDb, shape: Shape, rows: u64) -> TestResult<f64> {
        load(db, shape, rows).await?;
        let pool = db.connection();
        let purge = match self {
            Self::WithArchive => shape.purge().archive(ArchiveTable::new()),
            _ => shape.purge(),
        };
        let start = Instant::now();
        let removed = match self {
            Self::ByHand(form) => form.exec(&pool).await?,
            _ => purge.exec(&pool).await?.rows_purged(),
        };
        let took = start.elapsed().as_secs_f64();
        assert_eq!(
            (removed, left(db, shape).await?),
            (shape.rows(rows), 0),
            "{self:?}"
        );
        Ok(removed as f64 / took)
    }
}

const TRIALS: usize = 2;

/// The fastest form that gives the same guarantees, and the fastest of all if that is another. Trying them also warms the
/// database up.
async fn fastest_forms(db: &TestDb, shape: Shape, rows: u64) -> TestResult<(Form, Option<Form>)> {
    let forms = by_hand::forms(db.backend(), shape);
    let mut trials: Vec<_> = forms.into_iter().map(|form| (form, 0.0_f64)).collect();
    for _ in 0..TRIALS {
        for (form, best) in &mut trials {
            *best = best.max(Side::ByHand(form.clone()).time(db, shape, rows).await?);
        }
        trials.sort_by(|a, b| b.1.total_cmp(&a.1));
    }
    let told: Vec<_> = trials
        .iter()
        .map(|(form, best)| {
            let less = if form.is_safe { "" } else { " (gives less)" };
            format!("{}{less} {best:.0} rows/s", form.name)
        })
        .collect();
    eprintln!(
        "{}, {}, by hand: {}",
        db.kind(),
        shape.describe(),
        told.join(", ")
    );
    let fastest = trials[0].0.clone();
    let safe = trials
        .into_iter()
        .map(|(form, _)| form)
        .find(|form| form.is_safe);
    let other = Some(fastest).filter(|form| !form.is_safe);
    Ok((safe.expect("a form that gives the same guarantees"), other))
}

//! How large the batches are, how fast they follow each other, and when they end.

use std::time::{Duration, Instant};

/// The sizes that batches take. A few, because each makes another statement for the server to prepare.
const SIZES: [u64; 13] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
];

/// The limits that were requested.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    pub(super) batch: Option<u64>,
    pub(super) target_time: Option<Duration>,
    pub(super) rows_per_second: Option<u32>,
    pub(super) deadline: Option<Duration>,
}

/// How fast one run goes.
#[derive(Debug)]
pub(super) struct Throttle {
    limits: Limits,
    begun: Instant,
    size: u64,
    largest: u64,
    /// Rows removed by all batches.
    rows: u64,
}

impl Throttle {
    pub(super) fn new(limits: Limits, begun: Instant) -> Self {
        let largest = match (limits.batch, limits.target_time) {
            (Some(batch), _) => batch.clamp(1, SIZES[SIZES.len() - 1]),
            (None, Some(_)) => SIZES[SIZES.len() - 1],
            (None, None) => 1_000,
        };
        Self {
            limits,
            begun,
            // What adapts begins in the middle.
            size: limits.target_time.map_or(largest, |_| largest.min(1_000)),
            largest,
            rows: 0,
        }
    }

    /// Rows of the next batch, if a key has that many columns.
    pub(super) fn size(&self, key_columns: usize) -> u64 {
        // SQLite takes 32,766 values at most.
        let most = 30_000 / key_columns.max(1) as u64;
        self.size.min(most).max(1)
    }

    pub(super) fn is_over(&self) -> bool {
        let deadline = self.limits.deadline;
        deadline.is_some_and(|deadline| self.begun.elapsed() >= deadline)
    }

    /// After a batch that took `rows` of `requested` rows: adapts the size, and waits as the rate asks.
    pub(super) async fn after_batch(&mut self, requested: u64, rows: u64, took: Duration) {
        self.rows += rows;
        if let Some(target) = self.limits.target_time {
            // A batch that was not full tells too little.
            if rows == requested || took > target {
                self.size = adapted(requested, took, target).min(self.largest);
            }
        }
        if let Some(rate) = self.limits.rows_per_second {
            let due = Duration::from_secs_f64(self.rows as f64 / f64::from(rate.max(1)));
            let early = due.saturating_sub(self.begun.elapsed());
            if !early.is_zero() {
                pause(early).await;
            }
        }
    }
}

/// Waits, on whatever executor: the timer is a thread of its own, and no runtime's.
pub(super) async fn pause(time: Duration) {
    futures_timer::Delay::new(time).await;
}

/// The size that would have taken `target`: never more than the next larger one, as the next rows may be slower.
fn adapted(size: u64, took: Duration, target: Duration) -> u64 {
    let place = SIZES.partition_point(|known| *known < size);
    let fitting = size as f64 * target.as_secs_f64() / took.as_secs_f64().max(1e-6);
    let largest = SIZES[(place + 1).min(SIZES.len() - 1)];
    let fits = |known: &&u64| **known as f64 <= fitting && **known <= largest;
    SIZES.iter().rev().find(fits).copied().unwrap_or(1)
}

/// A number of keys to write into a statement: no fewer than there are, and one of a few.
pub(super) fn list_length(keys: usize, most: u64) -> usize {
    let next = SIZES.iter().find(|size| **size >= keys as u64);
    let next = next.copied().unwrap_or(keys as u64).min(most);
    keys.max(usize::try_from(next).unwrap_or(keys))
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::Arc,
        task::{Context, Poll, Wake, Waker},
        thread::{self, Thread},
    };

    use super::*;

    /// The simplest executor there is: no runtime stands behind it.
    fn block_on<F: Future>(future: F) -> F::Output {
        struct Unpark(Thread);

        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }

        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut future = pin!(future);
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }

    #[test]
    fn the_rate_is_kept_on_any_executor() {
        let limits = Limits {
            rows_per_second: Some(1_000),
            ..Limits::default()
        };
        let begun = Instant::now();
        block_on(Throttle::new(limits, begun).after_batch(50, 50, millis(1)));
        assert!(begun.elapsed() >= millis(50), "{:?}", begun.elapsed());
    }

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_batch_that_was_too_slow_shrinks_and_one_that_was_fast_grows_by_one_step() {
        assert_eq!(adapted(1_000, millis(400), millis(100)), 200);
        assert_eq!(adapted(1_000, millis(100), millis(100)), 1_000);
        assert_eq!(adapted(1_000, millis(1), millis(100)), 2_000);
        assert_eq!(adapted(1, millis(500), millis(100)), 1);
        assert_eq!(adapted(10_000, Duration::ZERO, millis(100)), 10_000);
    }

    #[test]
    fn few_different_numbers_of_keys_are_written() {
        assert_eq!(list_length(3, 1_000), 5);
        assert_eq!(list_length(501, 700), 700);
        assert_eq!(list_length(700, 700), 700);
        assert_eq!(list_length(1, 1), 1);
    }

    #[test]
    fn the_size_leaves_room_for_composite_keys() {
        let limits = Limits {
            batch: Some(1_000_000),
            ..Limits::default()
        };
        let throttle = Throttle::new(limits, Instant::now());
        assert_eq!(throttle.size(1), 10_000);
        assert_eq!(throttle.size(4), 7_500);
    }
}

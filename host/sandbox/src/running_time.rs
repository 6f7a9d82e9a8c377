//! How long a guest ran. Nobody can be blamed for the time between two turns, nor for
//! what its thread waited for a processor.

use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::ticker::TICK;

/// The time that one guest ran, turn by turn, and how long it may.
pub(crate) struct RunningTime {
    left: Option<Duration>,
}

// === impl RunningTime ===

impl RunningTime {
    /// Nothing ran yet.
    pub(crate) const fn of(max: Duration) -> Self {
        Self { left: Some(max) }
    }

    /// One turn; nothing once the time is used up.
    pub(crate) fn turn<T>(&mut self, turn: impl FnOnce() -> Poll<T>) -> Poll<Option<T>> {
        let Some(left) = self.left else {
            return Poll::Ready(None);
        };
        let began = Instant::now();
        let polled = turn();
        // The clock ends a turn at a tick. What took longer is what the thread waited
        // for a processor.
        self.left = left.checked_sub(began.elapsed().min(TICK));
        match polled {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.left.is_none() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// What a guest gives that runs no longer than that; nothing where it would.
pub(crate) async fn within<T>(max: Duration, guest: impl Future<Output = T>) -> Option<T> {
    let mut guest = pin!(guest);
    let mut running = RunningTime::of(max);
    std::future::poll_fn(|context| running.turn(|| guest.as_mut().poll(context))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_counts_as_a_tick_at_most_however_long_its_thread_waited() {
        let mut running = RunningTime::of(TICK * 3);
        let waited = || {
            let until = Instant::now() + TICK * 5;
            while Instant::now() < until {
                std::thread::yield_now();
            }
            Poll::<()>::Pending
        };
        for _ in 0..3 {
            assert_eq!(running.turn(waited), Poll::Pending);
        }
        assert_eq!(running.turn(waited), Poll::Ready(None));
        assert_eq!(running.turn(|| Poll::Ready(())), Poll::Ready(None));
    }

    #[test]
    fn who_answers_in_its_last_turn_has_answered() {
        let mut running = RunningTime::of(Duration::ZERO);
        assert_eq!(running.turn(|| Poll::Ready(1)), Poll::Ready(Some(1)));
    }
}

//! The slow lane: where a guest goes on that did not answer within its head
//! start.
//!
//! A call begins on the thread that asks, and nearly always ends there. A guest
//! that takes longer moves to the lane's own threads, of low priority and few,
//! and goes on in turns: those that had the fewest go first, so that one that
//! loops stands behind every honest one and slows down no thread that serves
//! calls.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures_channel::oneshot;
use gatewright_policy::Subject;

use crate::caller::{Caller, Held, Room};
use crate::priority::{self, GUEST_NICENESS};
use crate::running_time::RunningTime;

/// One thread of the lane for so many processors, and at least one.
const PROCESSORS_PER_THREAD: usize = 4;

thread_local! {
    /// Set when a turn begins, taken by whoever first asks.
    static TURN_BEGINS: Cell<bool> = const { Cell::new(false) };
}

/// Dropping it ends the threads once nothing waits any more.
pub(crate) struct Lane {
    shared: Arc<Shared>,
    room: Room,
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// It ran for longer than it may.
    Overdue,
    /// The lane is full, or holds as much data as it may, or the caller has its share of it.
    Crowded,
    /// It broke off by a panic.
    Broken,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: BTreeMap<Place, Work>,
    /// Those that wait or have their turn.
    held: Held,
    arrivals: u64,
    closed: bool,
}

/// Turns had, then arrival.
type Place = (u32, u64);

/// A call that goes on. Guests wait for nothing but their turn, so it can be
/// polled at any time.
struct Work {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    abandoned: Arc<AtomicBool>,
}

/// A place that a call holds until it is dropped.
struct Stay {
    shared: Arc<Shared>,
    caller: Caller,
    data_bytes: usize,
}

/// Whoever waits for an answer; dropped, nobody does.
struct Waiting(Arc<AtomicBool>);

// === impl Lane ===

impl Lane {
    /// Calls that find no room in it are refused.
    pub(crate) fn start(room: Room) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..(processors / PROCESSORS_PER_THREAD).max(1) {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("sandbox-lane".to_owned())
                .spawn(move || {
                    priority::lower(GUEST_NICENESS);
                    shared.work();
                })?;
        }
        Ok(Self { shared, room })
    }

    /// How many calls are in it.
    pub(crate) fn held(&self) -> usize {
        self.shared.queue().held.count()
    }

    /// Runs a call, that may write of so many bytes of data, to its end: its first turn
    /// here, further ones in the lane, as long as they take no longer than `running_max`
    /// together. What it waits there is nobody's fault.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        (caller, data_bytes): (&Arc<Subject>, usize),
        running_max: Duration,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Unanswered> {
        let mut call = Box::pin(call);
        if let Poll::Ready(answer) = turn(call.as_mut()) {
            return Ok(answer);
        }
        let stay = Shared::enter(&self.shared, (caller, data_bytes), self.room);
        let mut stay = Some(stay.ok_or(Unanswered::Crowded)?);
        let (sender, answered) = oneshot::channel();
        let mut sender = Some(sender);
        let mut running = RunningTime::of(running_max);
        let rest = poll_fn(move |context| {
            // Nobody waits for the answer any more.
            if sender.as_ref().is_none_or(oneshot::Sender::is_canceled) {
                return Poll::Ready(());
            }
            TURN_BEGINS.set(true);
            let polled = running.turn(|| call.as_mut().poll(context));
            polled.map(|answer| {
                let answer = answer.ok_or(Unanswered::Overdue);
                // Whoever has the answer may ask again at once.
                drop(stay.take());
                if let Some(sender) = sender.take() {
                    let _abandoned = sender.send(answer);
                }
            })
        });
        let waiting = Waiting(Arc::default());
        let work = Work {
            future: Box::pin(rest),
            abandoned: Arc::clone(&waiting.0),
        };
        self.shared.admit(work);
        answered.await.unwrap_or(Err(Unanswered::Broken))
    }
}

/// Whether a turn in the lane begins just now; no second time for the same turn.
pub(crate) fn turn_begins() -> bool {
    TURN_BEGINS.take()
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut queue = self.shared.queue();
        queue.held.leave(&self.caller, self.data_bytes);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.arrived.notify_all();
    }
}

fn turn<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

// === impl Shared ===

impl Shared {
    /// A place for a call, if there is one.
    fn enter(
        shared: &Arc<Self>,
        (caller, data_bytes): (&Arc<Subject>, usize),
        room: Room,
    ) -> Option<Stay> {
        let caller = Caller::of(caller);
        let has_room = shared.queue().held.enter(&caller, data_bytes, room);
        has_room.then(|| Stay {
            shared: Arc::clone(shared),
            caller,
            data_bytes,
        })
    }

    fn admit(&self, work: Work) {
        self.queue().put(0, work);
        self.arrived.notify_one();
    }

    /// Gives turns until the lane is closed.
    fn work(&self) {
        while let Some((turns_had, mut work)) = self.next() {
            // Dropping what ended is part of it. What panics is dropped too, and
            // whoever waits for it is told.
            let polled = catch_unwind(AssertUnwindSafe(|| {
                let context = &mut Context::from_waker(Waker::noop());
                work.future
                    .as_mut()
                    .poll(context)
                    .is_pending()
                    .then_some(work)
            }));
            if let Ok(Some(work)) = polled {
                self.queue().put(turns_had.saturating_add(1), work);
                // A scheduler lets even the lowest priority run for milliseconds
                // once it runs; a call that arrives should not wait so long.
                thread::yield_now();
            }
        }
    }

    fn next(&self) -> Option<(u32, Work)> {
        let mut queue = self.queue();
        loop {
            if let Some(next) = queue.take() {
                return Some(next);
            }
            if queue.closed {
                return None;
            }
            queue = self
                .arrived
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Queue ===

impl Queue {
    fn put(&mut self, turns_had: u32, work: Work) {
        self.arrivals += 1;
        self.waiting.insert((turns_had, self.arrivals), work);
    }

    /// Whom nobody waits for, or who had the fewest turns.
    fn take(&mut self) -> Option<(u32, Work)> {
        let is_over = |work: &Work| work.abandoned.load(Ordering::Relaxed);
        let over = self.waiting.iter().find(|(_, work)| is_over(work));
        let place = match over {
            Some((place, _)) => *place,
            None => *self.waiting.first_key_value()?.0,
        };
        let work = self.waiting.remove(&place)?;
        Some((place.0, work))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use gatewright_policy::{Proof, Timestamp};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    const ROOM: Room = room(8, 8);

    const fn room(all: usize, each: usize) -> Room {
        Room {
            all,
            each,
            data_bytes: 100,
            data_bytes_each: 60,
        }
    }

    fn caller(id: &str) -> Arc<Subject> {
        Arc::new(Subject {
            id: id.to_owned(),
            issuer: String::new(),
            principal: None,
            owner: None,
            delegation: Vec::new(),
            delegated_by: Vec::new(),
            scopes: Vec::new(),
            proof: Proof::Bearer,
            expires_at: Timestamp(0),
            claims: Vec::new(),
        })
    }

    fn work(queue: &mut Queue, turns_had: u32, is_abandoned: bool) {
        let future = Box::pin(std::future::pending());
        let abandoned = Arc::new(AtomicBool::new(is_abandoned));
        queue.put(turns_had, Work { future, abandoned });
    }

    #[test]
    fn those_that_had_the_fewest_turns_go_first_and_the_abandoned_before_all() {
        let mut queue = Queue::default();
        work(&mut queue, 5, false);
        work(&mut queue, 0, false);
        work(&mut queue, 9, true);
        work(&mut queue, 1, false);
        let order: Vec<_> = std::iter::from_fn(|| queue.take().map(|(turns, _)| turns)).collect();
        assert_eq!(order, [9, 0, 1, 5]);
    }

    #[tokio::test]
    async fn what_does_not_answer_at_once_goes_on_elsewhere() {
        let lane = Lane::start(ROOM).unwrap();
        let here = thread::current().id();
        let mut turns = 0;
        let call = poll_fn(move |_| {
            turns += 1;
            match turns {
                1 => {
                    assert_eq!(thread::current().id(), here);
                    Poll::Pending
                }
                2 => Poll::Pending,
                _ => Poll::Ready(thread::current().id()),
            }
        });
        let elsewhere = lane.run((&caller("a"), 0), LONG, call).await.unwrap();
        assert_ne!(elsewhere, here);
    }

    #[tokio::test]
    async fn a_panic_in_the_lane_is_no_answer_and_the_lane_goes_on() {
        let lane = Lane::start(ROOM).unwrap();
        for _ in 0..2 {
            let mut first = true;
            let call = poll_fn(move |_| -> Poll<()> {
                assert!(std::mem::take(&mut first), "a bug");
                Poll::Pending
            });
            assert_eq!(
                lane.run((&caller("a"), 0), LONG, call).await,
                Err(Unanswered::Broken)
            );
        }
    }

    #[tokio::test]
    async fn what_runs_too_long_is_not_answered() {
        let lane = Lane::start(ROOM).unwrap();
        let call = std::future::pending::<()>();
        let answer = lane.run((&caller("a"), 0), Duration::ZERO, call).await;
        assert_eq!(answer, Err(Unanswered::Overdue));
    }

    #[tokio::test]
    async fn a_full_lane_refuses() {
        let lane = Lane::start(room(0, 8)).unwrap();
        let answer = lane
            .run((&caller("a"), 0), LONG, std::future::pending::<()>())
            .await;
        assert_eq!(answer, Err(Unanswered::Crowded));
    }

    #[tokio::test]
    async fn a_caller_that_has_its_share_of_the_lane_leaves_the_rest_to_others() {
        let lane = Lane::start(room(3, 2)).unwrap();
        let (greedy, anew) = (caller("greedy"), caller("greedy"));
        let other = caller("other");
        let enter = |caller| {
            let call = std::future::pending::<()>();
            let mut call = Box::pin(lane.run((caller, 0), LONG * 60, call));
            match turn(call.as_mut()) {
                Poll::Pending => Ok(call),
                Poll::Ready(answer) => Err(answer),
            }
        };
        let first = enter(&greedy).unwrap();
        let second = enter(&greedy).unwrap();
        assert_eq!(enter(&anew).err(), Some(Err(Unanswered::Crowded)));
        let third = enter(&other).unwrap();
        assert_eq!(enter(&other).err(), Some(Err(Unanswered::Crowded)), "full");
        assert_eq!(lane.held(), 3);
        drop((first, second, third));
        let patience = Instant::now() + LONG;
        while lane.held() > 0 {
            assert!(Instant::now() < patience, "places are never free again");
            thread::yield_now();
        }
        assert!(enter(&greedy).is_ok());
    }

    /// Each call may write of all data that it shares: together they may not.
    #[tokio::test]
    async fn calls_that_may_write_much_data_are_few_at_once() {
        let lane = Lane::start(ROOM).unwrap();
        let (greedy, other) = (caller("greedy"), caller("other"));
        let enter = |caller, data_bytes| {
            let call = std::future::pending::<()>();
            let mut call = Box::pin(lane.run((caller, data_bytes), LONG * 60, call));
            match turn(call.as_mut()) {
                Poll::Pending => Ok(call),
                Poll::Ready(answer) => Err(answer),
            }
        };
        let crowded = Some(Err(Unanswered::Crowded));
        let first = enter(&greedy, 40).unwrap();
        assert_eq!(enter(&greedy, 30).err(), crowded, "its share");
        let second = enter(&greedy, 20).unwrap();
        let none = enter(&greedy, 0).unwrap();
        let third = enter(&other, 40).unwrap();
        assert_eq!(enter(&other, 10).err(), crowded, "full");
        drop((first, second, none, third));
        let patience = Instant::now() + LONG;
        while lane.held() > 0 {
            assert!(Instant::now() < patience, "places are never free again");
            thread::yield_now();
        }
        // More than all of it, where nobody else has any.
        let large = enter(&greedy, 1000).unwrap();
        assert_eq!(enter(&other, 1).err(), crowded);
        drop(large);
    }

    #[tokio::test]
    async fn whoever_has_the_answer_may_ask_again_at_once() {
        let lane = Lane::start(room(1, 1)).unwrap();
        for round in 0..1000 {
            let mut turns = 0;
            let call = poll_fn(move |_| {
                turns += 1;
                match turns {
                    1 => Poll::Pending,
                    _ => Poll::Ready(round),
                }
            });
            assert_eq!(lane.run((&caller("a"), 0), LONG, call).await, Ok(round));
        }
    }

    /// Sets a flag when it is dropped.
    struct Dropped(Option<std::sync::mpsc::Sender<()>>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            if let Some(sender) = self.0.take() {
                sender.send(()).unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_call_that_nobody_waits_for_ends() {
        let lane = Lane::start(ROOM).unwrap();
        let (sender, dropped) = std::sync::mpsc::channel();
        let guard = Dropped(Some(sender));
        let call = poll_fn(move |_| -> Poll<()> {
            let _held = &guard;
            Poll::Pending
        });
        let caller = caller("a");
        let mut waiting = Box::pin(lane.run((&caller, 0), LONG * 60, call));
        assert!(turn(waiting.as_mut()).is_pending());
        drop(waiting);
        dropped.recv_timeout(Duration::from_secs(60)).unwrap();
    }
}

//! The clock of the sandbox: a thread that advances wasmtime's epoch, so that
//! guests can be stopped, and that shares out the time of guests that run long.
//!
//! A guest runs freely for the first ticks. From then on it waits for turns, and the guests that had the fewest go first: one that loops
//! stands behind every honest one. Nobody polls meanwhile; the thread wakes who
//! is next, so the executor below may be any.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use wasmtime::Engine;

/// How long a turn is, and how precise deadlines are.
const TICK: Duration = Duration::from_millis(1);

/// Guests that run long share this part of the machine's processors: a quarter.
const LONG_RUNNING_PART: usize = 4;

/// Ticks without a call after which the thread sleeps until the next call.
const IDLE_TICKS: u32 = 200;

/// Owns the thread. Dropping it ends the thread and waits for that.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// A call in flight; the ticker ticks as long as there is one.
pub(crate) struct Running<'a>(&'a Ticker);

/// Hands out turns.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Shared>);

/// Waits for a turn, or for the deadline of the call.
pub(crate) struct Turn {
    shared: Arc<Shared>,
    turns_had: u32,
    deadline: Instant,
    place: Option<Place>,
}

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    asleep: AtomicBool,
    stopped: AtomicBool,
    queue: Mutex<Queue>,
}

/// Who waits, in the order of turns.
#[derive(Default)]
struct Queue {
    waiting: BTreeMap<Place, Waiter>,
    arrivals: u64,
    /// Parts of turns that were not given yet.
    credit: usize,
}

/// Turns had, then arrival.
type Place = (u32, u64);

struct Waiter {
    waker: Waker,
    deadline: Instant,
}

fn tick(shared: &Shared, engine: &Engine, processors: usize) {
    let mut idle_ticks = 0;
    while !shared.stopped.load(Ordering::SeqCst) {
        if shared.running.load(Ordering::SeqCst) > 0 {
            idle_ticks = 0;
        } else {
            idle_ticks += 1;
        }
        if idle_ticks < IDLE_TICKS {
            thread::park_timeout(TICK);
            engine.increment_epoch();
            let next = shared.queue().next(Instant::now(), processors);
            next.into_iter().for_each(Waker::wake);
            continue;
        }
        // A call announces itself before it looks whether we sleep, and we say
        // that we sleep before we look for a call: one of us sees the other.
        shared.asleep.store(true, Ordering::SeqCst);
        if shared.running.load(Ordering::SeqCst) == 0 && !shared.stopped.load(Ordering::SeqCst) {
            thread::park();
        }
        shared.asleep.store(false, Ordering::SeqCst);
        idle_ticks = 0;
    }
}

// === impl Ticker ===

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("sandbox-epoch".to_owned());
        let thread = thread.spawn({
            let (shared, engine) = (Arc::clone(&shared), engine.clone());
            move || tick(&shared, &engine, processors)
        })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Announces a call.
    pub(crate) fn running(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        if self.shared.asleep.load(Ordering::SeqCst) {
            self.wake();
        }
        Running(self)
    }

    pub(crate) fn turns(&self) -> Turns {
        Turns(Arc::clone(&self.shared))
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // The thread cannot panic, and there is nothing left to do if it did.
            let _ = thread.join();
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.shared.running.fetch_sub(1, Ordering::SeqCst);
    }
}

// === impl Turns ===

impl Turns {
    /// The next turn of a guest that had so many already.
    pub(crate) fn next(&self, turns_had: u32, deadline: Instant) -> Turn {
        Turn {
            shared: Arc::clone(&self.0),
            turns_had,
            deadline,
            place: None,
        }
    }
}

// === impl Turn ===

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let shared = Arc::clone(&self.shared);
        let mut queue = shared.queue();
        let Some(place) = self.place else {
            queue.arrivals += 1;
            let place = (self.turns_had, queue.arrivals);
            let waiter = Waiter {
                waker: context.waker().clone(),
                deadline: self.deadline,
            };
            queue.waiting.insert(place, waiter);
            self.place = Some(place);
            return Poll::Pending;
        };
        match queue.waiting.get_mut(&place) {
            Some(waiter) => {
                waiter.waker.clone_from(context.waker());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.shared.queue().waiting.remove(&place);
        }
    }
}

// === impl Shared ===

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Queue ===

impl Queue {
    /// Whom to wake at this tick: those who are next, and those whose time is up.
    fn next(&mut self, now: Instant, processors: usize) -> Vec<Waker> {
        let over = self
            .waiting
            .extract_if(.., |_, waiter| waiter.deadline <= now);
        let mut next: Vec<_> = over.map(|(_, waiter)| waiter.waker).collect();
        self.credit += processors;
        while self.credit >= LONG_RUNNING_PART {
            let Some((_, waiter)) = self.waiting.pop_first() else {
                // Nobody saves up turns.
                self.credit = LONG_RUNNING_PART - 1;
                break;
            };
            self.credit -= LONG_RUNNING_PART;
            next.push(waiter.waker);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicU32);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Turns that wait in a queue without a thread, and how often each was woken.
    fn waiting(shared: &Arc<Shared>, turns_had: u32, deadline: Instant) -> (Turn, Arc<Wakes>) {
        let wakes = Arc::new(Wakes::default());
        let mut turn = Turns(Arc::clone(shared)).next(turns_had, deadline);
        let waker = Waker::from(Arc::clone(&wakes));
        let poll = Pin::new(&mut turn).poll(&mut Context::from_waker(&waker));
        assert_eq!(poll, Poll::Pending);
        (turn, wakes)
    }

    fn tick_once(shared: &Shared, now: Instant, processors: usize) -> usize {
        let next = shared.queue().next(now, processors);
        let count = next.len();
        next.into_iter().for_each(Waker::wake);
        count
    }

    #[test]
    fn who_had_the_fewest_turns_is_next() {
        let (shared, now) = (Arc::new(Shared::default()), Instant::now());
        let deadline = now + Duration::from_secs(1);
        let looping = waiting(&shared, 7, deadline);
        let honest = waiting(&shared, 1, deadline);
        let later = waiting(&shared, 1, deadline);
        let woken = || [&looping, &honest, &later].map(|(_, wakes)| wakes.0.load(Ordering::SeqCst));
        for expected in [[0, 1, 0], [0, 1, 1], [1, 1, 1]] {
            assert_eq!(tick_once(&shared, now, LONG_RUNNING_PART), 1);
            assert_eq!(woken(), expected);
        }
    }

    #[test]
    fn long_running_guests_get_a_quarter_of_the_processors() {
        let (shared, now) = (Arc::new(Shared::default()), Instant::now());
        let deadline = now + Duration::from_secs(1);
        let guests: Vec<_> = (0..100).map(|_| waiting(&shared, 0, deadline)).collect();
        for (processors, ticks, expected) in [(1, 40, 10), (2, 20, 10), (16, 10, 40)] {
            let given: usize = (0..ticks)
                .map(|_| tick_once(&shared, now, processors))
                .sum();
            assert_eq!(given, expected, "{processors} processors");
        }
        drop(guests);
        assert!(
            shared.queue().waiting.is_empty(),
            "who stops waiting leaves the queue"
        );
    }

    #[test]
    fn who_is_out_of_time_does_not_wait_for_a_turn() {
        let (shared, now) = (Arc::new(Shared::default()), Instant::now());
        let later = now + Duration::from_secs(1);
        let guests = [waiting(&shared, 0, later), waiting(&shared, 9, now)];
        assert_eq!(tick_once(&shared, now, 1), 1);
        assert_eq!(
            guests
                .each_ref()
                .map(|(_, wakes)| wakes.0.load(Ordering::SeqCst)),
            [0, 1]
        );
    }

    #[test]
    fn the_thread_sleeps_without_calls_and_ticks_again_with_one() {
        let ticker = Ticker::start(&Engine::default()).unwrap();
        let until = |claim: &str, condition: &dyn Fn() -> bool| {
            let deadline = Instant::now() + Duration::from_secs(60);
            while !condition() {
                assert!(Instant::now() < deadline, "{claim}");
                thread::yield_now();
            }
        };
        for _ in 0..2 {
            until("falls asleep", &|| {
                ticker.shared.asleep.load(Ordering::SeqCst)
            });
            let _running = ticker.running();
            let now = Instant::now();
            let (_turn, wakes) = waiting(&ticker.shared, 0, now);
            until("wakes a guest", &|| wakes.0.load(Ordering::SeqCst) == 1);
        }
    }
}

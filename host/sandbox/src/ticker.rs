//! The clock of the sandbox: a thread that advances wasmtime's epoch while calls
//! run, so that guests can be interrupted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use wasmtime::Engine;

/// How precise deadlines are.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Ticks without a call after which the thread sleeps until the next call.
const IDLE_TICKS: u32 = 200;

/// Owns the thread. Dropping it ends the thread and waits for that.
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// A call in flight; the ticker ticks as long as there is one.
pub(crate) struct Running<'a>(&'a Ticker);

#[derive(Default)]
struct Shared {
    running: AtomicUsize,
    asleep: AtomicBool,
    stopped: AtomicBool,
}

fn tick(shared: &Shared, engine: &Engine) {
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
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("sandbox-epoch".to_owned());
        let thread = thread.spawn({
            let (shared, engine) = (Arc::clone(&shared), engine.clone());
            move || tick(&shared, &engine)
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

    /// How many calls are under way.
    pub(crate) fn count(&self) -> usize {
        self.shared.running.load(Ordering::Relaxed)
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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_thread_sleeps_without_calls_and_wakes_with_one() {
        let ticker = Ticker::start(&Engine::default()).unwrap();
        let until = |claim: &str, condition: &dyn Fn() -> bool| {
            let deadline = Instant::now() + Duration::from_secs(60);
            while !condition() {
                assert!(Instant::now() < deadline, "{claim}");
                thread::yield_now();
            }
        };
        let asleep = || ticker.shared.asleep.load(Ordering::SeqCst);
        for _ in 0..2 {
            until("falls asleep", &asleep);
            let _running = ticker.running();
            until("wakes", &|| !asleep());
        }
    }
}

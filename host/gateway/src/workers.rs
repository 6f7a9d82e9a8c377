//! The threads that serve agents: one for each processor, each with a runtime of
//! its own. A call stays on the thread of its connection, with the connection to
//! the tool server that it uses, and wakes no other thread: between idle
//! processors a wake-up costs more than a decision.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// Dropped, it ends the threads and what still runs on them.
pub(crate) struct Workers(Vec<Worker>);

struct Worker {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
    /// Dropped first: the thread ends.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A connection that a worker serves; it counts until this is dropped.
pub(crate) struct Place {
    pub(crate) runtime: Handle,
    connections: Arc<AtomicUsize>,
}

/// One value for each worker, and one for all other threads.
#[derive(Debug)]
pub(crate) struct PerWorker<T> {
    elsewhere: T,
    workers: Vec<T>,
}

/// A runtime whose next timer is later than a new one wakes itself by a system call. This one
/// is sooner than those that each call sets.
const TICK: Duration = Duration::from_secs(1);

thread_local! {
    /// Which worker this thread is.
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

fn count() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

// === impl Workers ===

impl Workers {
    pub(crate) fn start() -> std::io::Result<Self> {
        (0..count())
            .map(Worker::start)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// A place at the worker with the fewest connections.
    pub(crate) fn place(&self) -> Option<Place> {
        let connections = |worker: &&Worker| worker.connections.load(Ordering::Relaxed);
        let worker = self.0.iter().min_by_key(connections)?;
        worker.connections.fetch_add(1, Ordering::Relaxed);
        Some(Place {
            runtime: worker.runtime.clone(),
            connections: Arc::clone(&worker.connections),
        })
    }
}

impl Worker {
    fn start(number: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        runtime.spawn(async {
            loop {
                sleep(TICK).await;
            }
        });
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name(format!("gate-{number}"))
            .spawn(move || {
                NUMBER.set(Some(number));
                // An error is the other end, dropped: that is what ends it.
                let _dropped = runtime.block_on(stopped);
                // What waits for the disk or a name must not hold up the end.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            runtime: handle,
            connections: Arc::default(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("a thread that serves agents panicked");
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

// === impl PerWorker ===

impl<T> PerWorker<T> {
    pub(crate) fn new(make: impl Fn() -> T) -> Self {
        Self {
            elsewhere: make(),
            workers: (0..count()).map(|_| make()).collect(),
        }
    }

    /// The one of this thread.
    pub(crate) fn here(&self) -> &T {
        let number = NUMBER.get();
        let worker = number.and_then(|number| self.workers.get(number));
        worker.unwrap_or(&self.elsewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_spread_over_the_workers() {
        let workers = Workers::start().unwrap();
        let places: Vec<_> = (0..2 * count()).filter_map(|_| workers.place()).collect();
        for worker in &workers.0 {
            assert_eq!(worker.connections.load(Ordering::Relaxed), 2);
        }
        drop(places);
        for worker in &workers.0 {
            assert_eq!(worker.connections.load(Ordering::Relaxed), 0);
        }
        tokio::task::spawn_blocking(|| drop(workers)).await.unwrap();
    }

    #[tokio::test]
    async fn each_worker_has_its_own_value() {
        let number = AtomicUsize::new(0);
        let values = Arc::new(PerWorker::new(|| number.fetch_add(1, Ordering::Relaxed)));
        let workers = Workers::start().unwrap();
        let mut seen = vec![*values.here()];
        for worker in &workers.0 {
            let values = Arc::clone(&values);
            let here = worker.runtime.spawn(async move { *values.here() });
            seen.push(here.await.unwrap());
        }
        assert_eq!(seen, (0..=count()).collect::<Vec<_>>());
        tokio::task::spawn_blocking(|| drop(workers)).await.unwrap();
    }
}

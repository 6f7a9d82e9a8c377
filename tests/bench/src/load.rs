//! Calls that arrive at a fixed rate, whether or not the ones before were
//! answered.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::runtime::Handle;

use crate::rounds::{Round, Times};

/// What became of the calls of one window.
pub(crate) struct Window {
    pub(crate) round: Round,
    pub(crate) calls: u64,
    pub(crate) failed: u64,
    /// Why the first that failed did.
    pub(crate) failure: Option<String>,
}

/// Sends `rate` calls a second for a while and waits for all of them. `call`
/// makes the call with a number.
pub(crate) fn send<F>(
    runtime: &Handle,
    rate: u32,
    length: Duration,
    mut call: impl FnMut(u64) -> F,
) -> Result<Window>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let (answer, answers) = mpsc::channel();
    let (pause, start) = (Duration::from_secs(1) / rate, Instant::now());
    let mut calls = 0;
    let mut due = start;
    let deadline = start + length;
    while due < deadline {
        // The rate is what is measured at: calls are due at times, not after events.
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let (answer, call) = (answer.clone(), call(calls));
        let sent = Instant::now();
        runtime.spawn(async move {
            let result = call.await;
            // The window ends when every call has answered: somebody listens.
            let _heard = answer.send((sent.elapsed(), result));
        });
        calls += 1;
        due += pause;
    }
    drop(answer);
    let mut times = Times::new()?;
    let mut failed = 0;
    let mut failure = None;
    for (time, result) in answers {
        times.add(time);
        if let Err(error) = result {
            failed += 1;
            failure.get_or_insert_with(|| format!("{error:#}"));
        }
    }
    Ok(Window {
        round: times.round(),
        calls,
        failed,
        failure,
    })
}

//! The process that serves the modern era: one for all callers, started by the
//! first call, started again after it died.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::Trouble;
use tokio::time::Instant;

use super::command::StdioCommand;
use super::process::start;
use crate::upstream::UpstreamError;
use crate::upstream::duplex::{Audience, Line};

/// The wait after the first process that died without answering anything; it
/// doubles with each further one.
const BACK_OFF_FIRST: Duration = Duration::from_millis(200);

/// The longest wait.
const BACK_OFF_MAX: Duration = Duration::from_secs(30);

/// The shared process.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    child: Option<Arc<Line>>,
    /// Processes in a row that died without answering anything.
    failures: u32,
    /// The last failure, and when the next process may start.
    wait: Option<(UpstreamError, Instant)>,
    closed: bool,
}

impl Shared {
    /// The running process, or a new one. While it is too early for a new one,
    /// the reason why the last one died.
    pub(super) fn child(
        &self,
        command: &StdioCommand,
        reply_bytes_max: usize,
        now: Instant,
    ) -> Result<Arc<Line>, UpstreamError> {
        let mut state = self.lock();
        if state.closed {
            return Err(UpstreamError::Trouble(
                Trouble::Stopped,
                "the gate stops".to_owned(),
            ));
        }
        if let Some(child) = state.child.take() {
            match child.closed() {
                None => return Ok(Arc::clone(state.child.insert(child))),
                Some(_) if child.has_answered() => state.failures = 0,
                Some(error) => state.fail(error, now),
            }
        }
        if let Some((error, until)) = &state.wait
            && now < *until
        {
            return Err(error.clone());
        }
        let audience = match command.one_client {
            true => Audience::One,
            false => Audience::Shared,
        };
        let started = start(command, audience, reply_bytes_max);
        match &started {
            Ok(child) => state.child = Some(Arc::clone(child)),
            Err(error) => state.fail(error.clone(), now),
        }
        started
    }

    /// Ends the process for good and waits until it is gone.
    pub(super) async fn close(&self) {
        let child = {
            let mut state = self.lock();
            state.closed = true;
            state.child.take()
        };
        if let Some(child) = child {
            child.stop();
            child.ended().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fail(&mut self, error: UpstreamError, now: Instant) {
        let wait = back_off(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.wait = Some((error, now + wait));
    }
}

/// How long to wait after so many earlier failures.
fn back_off(failures: u32) -> Duration {
    let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
    BACK_OFF_FIRST.saturating_mul(factor).min(BACK_OFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_bounded() {
        let waits: Vec<_> = [0, 1, 2, 7, 8, 31, 32, u32::MAX].map(back_off).into();
        let expected = [200, 400, 800, 25_600, 30_000, 30_000, 30_000, 30_000];
        assert_eq!(waits, expected.map(Duration::from_millis));
    }
}

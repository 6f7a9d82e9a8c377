//! What a server hears before anything is asked of it: that the client is ready, and what
//! it wants to hear of logs. Whoever asks waits until that is said; nobody else does.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

/// A server is being told, or was.
#[derive(Clone, Debug, Default)]
pub(super) struct Telling(Arc<State>);

#[derive(Debug, Default)]
struct State {
    over: CancellationToken,
    /// The newest level of logs, which is said after what is being said.
    level: Mutex<Option<Bytes>>,
}

/// Whoever tells it. It is over with this.
#[derive(Debug, Default)]
pub(super) struct Teller(Telling);

impl Telling {
    /// Completes once the server was told.
    pub(super) async fn over(&self) {
        self.0.over.cancelled().await;
    }

    /// Leaves a level of logs to whoever tells. `false` where nobody does any more.
    pub(super) fn leave(&self, level: &Bytes) -> bool {
        let mut left = self.0.level.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = self.0.over.is_cancelled();
        if !is_over {
            *left = Some(level.clone());
        }
        !is_over
    }
}

impl Teller {
    /// For those who wait.
    pub(super) fn telling(&self) -> Telling {
        self.0.clone()
    }

    /// What was left to be said. Where there is nothing, it is over.
    pub(super) fn next(&self) -> Option<Bytes> {
        let Telling(state) = &self.0;
        let mut left = state.level.lock().unwrap_or_else(PoisonError::into_inner);
        let level = left.take();
        if level.is_none() {
            state.over.cancel();
        }
        level
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.0.over.cancel();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn whoever_asks_waits_until_all_is_said() {
        let teller = Teller::default();
        let telling = teller.telling();
        for level in ["info", "debug"] {
            assert!(telling.leave(&Bytes::from(level)));
        }
        assert_eq!(teller.next().as_deref(), Some(&b"debug"[..]), "the newest");
        assert!(telling.over().now_or_never().is_none());
        assert_eq!(teller.next(), None);
        assert!(telling.over().now_or_never().is_some());
        assert!(!telling.leave(&Bytes::from("info")), "nobody would say it");
    }

    #[test]
    fn nobody_waits_for_a_teller_that_is_gone() {
        let teller = Teller::default();
        let telling = teller.telling();
        assert!(telling.over().now_or_never().is_none());
        drop(teller);
        assert!(telling.over().now_or_never().is_some());
    }
}

//! Rotations of the ledger that operators ask for, and how soon one follows another.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Each reads the ledger's file once, and leaves one file more.
const ROTATE_EVERY: Duration = Duration::from_secs(1);

/// When the last one ended.
#[derive(Debug, Default)]
pub(crate) struct Rotations(Mutex<Option<Instant>>);

impl Rotations {
    /// Has one done when it is time for it; none while another one is under way.
    pub(crate) async fn pace<T>(&self, rotation: impl Future<Output = T>) -> Option<T> {
        let mut last = self.0.try_lock().ok()?;
        if let Some(last) = *last {
            sleep_until(last + ROTATE_EVERY).await;
        }
        let rotated = rotation.await;
        *last = Some(Instant::now());
        Some(rotated)
    }
}

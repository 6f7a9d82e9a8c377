//! When to stop: Ctrl-C, or SIGTERM from whoever supervises the gate.

use std::future::Future;
use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// Completes when the process is asked to stop. Signals count from this call on.
pub(crate) fn shutdown() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

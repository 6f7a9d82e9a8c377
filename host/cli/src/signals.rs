//! Signals: when to stop (Ctrl-C, or SIGTERM from whoever supervises the gate), and
//! when to begin a new segment of the ledger (SIGHUP).

use std::future::Future;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use gatewright_engine::Engine;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

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

/// Rotates the ledger at each SIGHUP. A gate that was started from a terminal ends
/// with it instead, as every program does.
pub(crate) fn rotations(engine: Arc<Engine>) -> io::Result<Option<JoinHandle<()>>> {
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(Some(tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            // The ledger says in the log and in the status how it went.
            let _said = engine.rotate().await;
        }
    })))
}

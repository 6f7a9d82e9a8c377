//! The sandbox from the outside: what loads, what a guest can see and say, and
//! what happens to guests that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod bombs;
mod budgets;
mod calls;
mod clock;
mod compiling;
mod contracts;
mod data;
mod guests;
mod hostile;
mod loading;
mod rehearsals;
mod snapshots;
mod spenders;

use std::sync::LazyLock;
use std::time::Duration;

use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox, SandboxConfig};

/// One machine for all tests, as in a process.
static SANDBOX: LazyLock<Sandbox> =
    LazyLock::new(|| Sandbox::new(&SandboxConfig::default()).unwrap());

/// The default limits, with a deadline that a busy test machine cannot miss.
fn limits() -> Limits {
    Limits {
        deadline: Duration::from_secs(20),
        ..Limits::default()
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

fn load(component: &[u8]) -> Guest {
    try_load(component, "{}").unwrap()
}

fn try_load(component: &[u8], settings: &str) -> Result<Guest, LoadError> {
    run(SANDBOX.load(component, settings, limits()))
}

//! Lines for the operator. They never reach the agent; the gate keeps a bounded
//! number of them for a call. In native tests they go to stderr.

#[cfg(target_family = "wasm")]
use super::bindings::contract::log::{Level, write};

/// What helps to debug the policy.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message.as_ref());
}

/// What an operator may want to know.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message.as_ref());
}

/// What an operator should look at.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message.as_ref());
}

#[cfg(not(target_family = "wasm"))]
#[derive(Debug)]
enum Level {
    Debug,
    Info,
    Warn,
}

#[cfg(not(target_family = "wasm"))]
fn write(level: Level, message: &str) {
    eprintln!("{level:?}: {message}");
}

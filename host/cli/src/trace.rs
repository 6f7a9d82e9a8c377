//! What happens, on stderr.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::output::colour_is_wanted;

/// The variable that says how much: `warn`, `debug`, `gatewright_engine=debug`.
const VARIABLE: &str = "GATEWRIGHT_LOG";

/// From now on, events go to stderr.
pub(crate) fn to_stderr() {
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .with_env_var(VARIABLE)
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && colour_is_wanted())
        .init();
}

//! The runtime of the commands that run policies.

use std::io::Result;

use tokio::runtime::{Builder, Runtime};

/// One that serves with every processor.
pub(crate) fn runtime() -> Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

//! The MCP server on the official Rust SDK, running.

use std::process::Command;
use std::time::Duration;

use crate::{Binaries, HarnessError, Process, Stream};

/// How long it may take to listen.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// A running fixture. Ends when it is dropped.
#[derive(Debug)]
pub struct Fixture {
    url: String,
    _process: Process,
}

impl Fixture {
    /// Starts one on a free port.
    pub fn start(binaries: &Binaries) -> Result<Self, HarnessError> {
        let process = Process::spawn(Command::new(binaries.fixture()?))?;
        let url = process.wait_for_line(Stream::Out, "http://", START_DEADLINE)?;
        Ok(Self {
            url,
            _process: process,
        })
    }

    /// Its MCP endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }
}

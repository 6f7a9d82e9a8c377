//! Tool servers that are child processes. The gate plays the Streamable HTTP
//! server for them: one process for each legacy session, one shared process
//! for the modern era.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Exchange, Outgoing, UpstreamError};

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StdioCommand {
    /// The configured name of the server, for logs.
    pub(crate) server: Arc<str>,
    /// Program and arguments. Never empty.
    pub(crate) command: Vec<String>,
    /// The whole environment of the program.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where it runs.
    pub(crate) directory: Option<PathBuf>,
    /// Most processes at once.
    pub(crate) processes_max: usize,
}

/// A tool server over stdio.
#[derive(Debug)]
pub(crate) struct StdioUpstream {
    command: StdioCommand,
}

impl StdioUpstream {
    /// Starts nothing yet.
    pub(crate) fn new(command: StdioCommand) -> Self {
        Self { command }
    }

    /// POST: one JSON-RPC message. `initialize` in the legacy era starts a
    /// process and gives its session; a session that has ended gives 404.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Exchange, UpstreamError> {
        let _ = outgoing;
        Err(self.cannot_start())
    }

    /// GET: what the server says outside of any answer. One stream for each
    /// session; a second one gives 409.
    pub(crate) async fn open_stream(&self, outgoing: Outgoing) -> Result<Exchange, UpstreamError> {
        let _ = outgoing;
        Err(self.cannot_start())
    }

    /// DELETE: ends the session and its process.
    pub(crate) async fn end_session(&self, session: &str) -> Result<Exchange, UpstreamError> {
        let _ = session;
        Err(self.cannot_start())
    }

    /// Ends every process and waits until they are gone.
    pub(crate) async fn close(&self) {}

    fn cannot_start(&self) -> UpstreamError {
        UpstreamError::Unavailable(format!("`{}` cannot be started", self.command.server))
    }
}

//! What is started, and with how little of the gate's own environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gatewright_policy::json::JsonLimits;
use tokio::process::Command;

use crate::upstream::duplex::Room;

/// What is started.
#[derive(Clone, Debug)]
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
    /// A session without a call or an open stream for this long is ended.
    pub(crate) idle_max: Duration,
    /// Whether all calls are one client's.
    pub(crate) one_client: bool,
    /// Depth and number of values of one message.
    pub(crate) json: JsonLimits,
    /// Set when one of the processes says that its tools changed: to whomever it speaks,
    /// and whether anybody listens.
    pub(crate) tools_changed: Arc<AtomicBool>,
    /// For what waits for its reader.
    pub(crate) room: Room,
}

impl StdioCommand {
    /// The program, in a process group of its own, with nothing of the gate but
    /// three pipes.
    pub(super) fn to_process(&self) -> Command {
        let (program, arguments) = self
            .command
            .split_first()
            .map_or(("", &[][..]), |(program, rest)| (program.as_str(), rest));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }
}

//! A child process as a line.

use std::sync::Arc;

use gatewright_policy::json::JsonLimits;
use tokio::sync::mpsc;

use super::command::StdioCommand;
use super::supervisor::Supervisor;
use crate::upstream::UpstreamError;
use crate::upstream::duplex::{Audience, Board, Line, Out, Supervised};

/// Messages that wait to be written to a child; the next sender waits.
const STDIN_QUEUE: usize = 16;

/// Starts the program.
pub(super) fn start(
    command: &StdioCommand,
    audience: Audience,
    reply_bytes_max: usize,
) -> Result<Arc<Line>, UpstreamError> {
    let board = Board::new(audience, &command.tools_changed, &command.room);
    let supervised = Supervised::of(&command.server, board);
    let (stdin, outgoing) = mpsc::channel(STDIN_QUEUE);
    let limits = JsonLimits {
        bytes_max: reply_bytes_max,
        ..command.json
    };
    let (supervisor, pipes) = Supervisor::start(command, supervised.share(), limits)?;
    tokio::spawn(supervisor.run(pipes, outgoing, stdin.downgrade()));
    Ok(Line::new(supervised, Out::Pipe(stdin)))
}

//! Tool servers that are child processes. The gate plays the Streamable HTTP
//! server for them: one process for each legacy session, one shared process
//! for the modern era.

mod command;
pub(crate) mod lines;
mod process;
mod shared;
mod supervisor;
mod tail;
#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;

use hyper::StatusCode;
use tokio::time::Instant;

pub(crate) use command::StdioCommand;

use self::shared::Shared;
use super::duplex::{Answered, Audience, Bounds, Sessions, answer};
use super::{Exchange, Outgoing, UpstreamError};
use crate::era::Era;
use crate::message::{Message, Shape};

/// A tool server over stdio.
#[derive(Debug)]
pub(crate) struct StdioUpstream {
    command: StdioCommand,
    sessions: Sessions,
    shared: Shared,
}

impl StdioUpstream {
    /// Starts nothing yet.
    pub(crate) fn new(command: StdioCommand) -> Self {
        Self {
            command,
            sessions: Sessions::default(),
            shared: Shared::default(),
        }
    }

    /// POST: one JSON-RPC message. `initialize` in the legacy era starts a
    /// process and gives its session; a session that has ended gives 404.
    pub(crate) async fn send(&self, outgoing: Outgoing) -> Result<Exchange, UpstreamError> {
        let message = Message::of(outgoing.message.clone())
            .map_err(|error| UpstreamError::Invalid(error.unquoted().into_owned()))?;
        match outgoing.era {
            Era::Modern => self.send_modern(&message, &outgoing).await,
            Era::Legacy => self.send_legacy(&message, &outgoing).await,
        }
    }

    /// GET: what the server says outside of any answer.
    pub(crate) fn open_stream(&self, outgoing: &Outgoing) -> Exchange {
        match (outgoing.era, &outgoing.session) {
            (Era::Modern, _) => Exchange::empty(StatusCode::METHOD_NOT_ALLOWED),
            (Era::Legacy, None) => Exchange::empty(StatusCode::BAD_REQUEST),
            (Era::Legacy, Some(session)) => self.sessions.open_stream(session),
        }
    }

    /// DELETE: ends the session and its process.
    pub(crate) fn end_session(&self, session: &str) -> Exchange {
        self.sessions.end_session(session)
    }

    /// Whether a process said that its tools changed since this was last asked.
    pub(crate) fn took_change(&self) -> bool {
        // Only read at first: it is asked before every call.
        let changed = &self.command.tools_changed;
        changed.load(Ordering::Acquire) && changed.swap(false, Ordering::AcqRel)
    }

    /// Ends every process and waits until they are gone.
    pub(crate) async fn close(&self) {
        tokio::join!(self.sessions.close(), self.shared.close());
    }

    async fn send_modern(
        &self,
        message: &Message,
        outgoing: &Outgoing,
    ) -> Result<Exchange, UpstreamError> {
        let (Shape::Request { method, .. }, Some(id)) = (&message.shape, message.id()) else {
            // A call is cancelled by ending its exchange, and what else an agent
            // says without asking would change the server for all callers.
            return Ok(Exchange::empty(StatusCode::ACCEPTED));
        };
        if method == "initialize" {
            // A server that was given one would go back to the legacy era, for all callers.
            return Ok(Exchange::no_method(id, "this revision has no handshake"));
        }
        let child = self
            .shared
            .child(&self.command, outgoing.reply_bytes_max, Instant::now())?;
        let asked = (&message.document, id);
        let Answered {
            mut exchange,
            error_code,
        } = answer(&child, asked, (outgoing, None), None).await?;
        exchange.status = modern_status(error_code);
        Ok(exchange)
    }

    async fn send_legacy(
        &self,
        message: &Message,
        outgoing: &Outgoing,
    ) -> Result<Exchange, UpstreamError> {
        let id = match (message.is_initialize(), message.id()) {
            (true, Some(id)) => id,
            (true, None) | (false, _) => return self.sessions.send(message, outgoing, None).await,
        };
        let bounds = Bounds {
            sessions_max: self.command.processes_max,
            idle_max: self.command.idle_max,
        };
        let bytes_max = outgoing.reply_bytes_max;
        let in_use = self.sessions.start(bounds, || {
            process::start(&self.command, Audience::Session, bytes_max)
        })?;
        let asked = (&message.document, id);
        self.sessions
            .initialize(in_use, asked, (outgoing, None))
            .await
    }
}

/// The HTTP status that Streamable HTTP gives to a response of the modern era
/// (2026-07-28, transports).
fn modern_status(error_code: Option<i64>) -> StatusCode {
    match error_code {
        Some(-32601) => StatusCode::NOT_FOUND,
        Some(-32022..=-32020) => StatusCode::BAD_REQUEST,
        Some(_) | None => StatusCode::OK,
    }
}

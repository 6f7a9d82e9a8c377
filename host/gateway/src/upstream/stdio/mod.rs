//! Tool servers that are child processes. The gate plays the Streamable HTTP
//! server for them: one process for each legacy session, one shared process
//! for the modern era.

mod audience;
mod board;
mod calls;
mod child;
mod command;
pub(crate) mod lines;
mod mailbox;
mod names;
mod noise;
mod sessions;
mod shared;
mod supervisor;
mod tail;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::stream;
use gatewright_policy::json::{Document, Value};
use hyper::StatusCode;
use tokio::time::Instant;

pub(crate) use command::StdioCommand;

use self::child::{Child, ChildCall};
use self::mailbox::{End, Mail};
use self::sessions::{InUse, Sessions};
use self::shared::Shared;
use super::{Events, Exchange, Outgoing, Reply, UpstreamError};
use crate::era::Era;
use crate::message::{Message, Shape};
use crate::sse::Event;

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

    /// GET: what the server says outside of any answer. One stream for each
    /// session; a second one gives 409.
    pub(crate) async fn open_stream(&self, outgoing: Outgoing) -> Result<Exchange, UpstreamError> {
        let session = match (outgoing.era, &outgoing.session) {
            (Era::Modern, _) => return Ok(Exchange::empty(StatusCode::METHOD_NOT_ALLOWED)),
            (Era::Legacy, None) => return Ok(Exchange::empty(StatusCode::BAD_REQUEST)),
            (Era::Legacy, Some(id)) => self.sessions.find(id),
        };
        let Some(in_use) = session else {
            return Ok(Exchange::empty(StatusCode::NOT_FOUND));
        };
        let Some(opened) = in_use.session().child.open_stream() else {
            return Ok(Exchange::empty(StatusCode::CONFLICT));
        };
        let events = stream::unfold((opened, in_use), async |(mut opened, in_use)| {
            let message = opened.next().await?;
            Some((Ok(Event::message(message)), (opened, in_use)))
        });
        Ok(Exchange {
            status: StatusCode::OK,
            session: None,
            body: Reply::Events(Box::pin(events)),
        })
    }

    /// DELETE: ends the session and its process.
    pub(crate) async fn end_session(&self, session: &str) -> Result<Exchange, UpstreamError> {
        Ok(Exchange::empty(match self.sessions.end(session) {
            true => StatusCode::OK,
            false => StatusCode::NOT_FOUND,
        }))
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
            return Ok(no_handshake(id));
        }
        let child = self
            .shared
            .child(&self.command, outgoing.reply_bytes_max, Instant::now())?;
        let call = child.call(&message.document, id).await?;
        let Answered {
            mut exchange,
            error_code,
        } = answer(call, outgoing, None).await?;
        exchange.status = modern_status(error_code);
        Ok(exchange)
    }

    async fn send_legacy(
        &self,
        message: &Message,
        outgoing: &Outgoing,
    ) -> Result<Exchange, UpstreamError> {
        let asked = match &message.shape {
            Shape::Request { method, .. } => message.id().map(|id| (method, id)),
            Shape::Notification { .. } | Shape::Response { .. } => None,
        };
        if let Some((method, id)) = asked
            && method == "initialize"
        {
            return self.initialize(&message.document, id, outgoing).await;
        }
        let Some(session) = &outgoing.session else {
            return Ok(Exchange::empty(StatusCode::BAD_REQUEST));
        };
        let Some(in_use) = self.sessions.find(session) else {
            return Ok(Exchange::empty(StatusCode::NOT_FOUND));
        };
        let child = &in_use.session().child;
        let Some((_, id)) = asked else {
            return tell(child, message).await;
        };
        let call = child.call(&message.document, id).await?;
        let answered = answer(call, outgoing, Some(in_use)).await?;
        Ok(answered.exchange)
    }

    /// Starts a session. It stays only if the server agrees.
    async fn initialize(
        &self,
        message: &Document,
        id: Value<'_>,
        outgoing: &Outgoing,
    ) -> Result<Exchange, UpstreamError> {
        let in_use = self
            .sessions
            .start(&self.command, outgoing.reply_bytes_max)?;
        let session = Arc::clone(&in_use.session().id);
        let unless_agreed = EndUnlessAgreed {
            sessions: &self.sessions,
            id: Some(&session),
        };
        let call = in_use.session().child.call(message, id).await?;
        let Answered {
            mut exchange,
            error_code,
        } = answer(call, outgoing, Some(in_use)).await?;
        if error_code.is_none() {
            unless_agreed.agreed();
            exchange.session = Some(session);
        }
        Ok(exchange)
    }
}

/// The answer to a handshake in the modern era, which has none. A server that
/// was given one would go back to the legacy era, for all callers.
fn no_handshake(id: Value<'_>) -> Exchange {
    let id = id.json();
    let text = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"this revision has no handshake"}}}}"#
    );
    Exchange {
        body: Reply::Json(Bytes::from(text)),
        ..Exchange::empty(StatusCode::NOT_FOUND)
    }
}

/// Ends a session whose `initialize` failed, was refused, or was abandoned.
struct EndUnlessAgreed<'a> {
    sessions: &'a Sessions,
    id: Option<&'a str>,
}

impl EndUnlessAgreed<'_> {
    fn agreed(mut self) {
        self.id = None;
    }
}

impl Drop for EndUnlessAgreed<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.sessions.end(id);
        }
    }
}

/// Hands over what has no answer.
async fn tell(child: &Arc<Child>, message: &Message) -> Result<Exchange, UpstreamError> {
    match &message.shape {
        Shape::Notification { method } if method == "notifications/cancelled" => {
            child.cancel(&message.document).await?;
        }
        Shape::Notification { .. } | Shape::Response { .. } | Shape::Request { .. } => {
            child.write(message.document.shared_text()).await?;
        }
    }
    Ok(Exchange::empty(StatusCode::ACCEPTED))
}

/// An exchange, and the code of its response where that came at once and is an
/// error.
struct Answered {
    exchange: Exchange,
    error_code: Option<i64>,
}

/// One JSON message where the response comes first, else a stream.
async fn answer(
    mut call: ChildCall,
    outgoing: &Outgoing,
    in_use: Option<InUse>,
) -> Result<Answered, UpstreamError> {
    let bytes_max = outgoing.reply_bytes_max;
    let (body, error_code) = match call.next().await {
        Mail::End(End::Response(text, code)) => {
            (Reply::Json(body(within_limit(text, bytes_max)?)), code)
        }
        Mail::End(End::Quiet) => (Reply::Empty, None),
        Mail::End(End::Failed(error)) => return Err(error),
        Mail::Message(first) => (Reply::Events(events(first, call, bytes_max, in_use)), None),
    };
    Ok(Answered {
        exchange: Exchange {
            status: StatusCode::OK,
            session: None,
            body,
        },
        error_code,
    })
}

/// The messages of a call, up to its response.
fn events(first: Arc<str>, call: ChildCall, bytes_max: usize, in_use: Option<InUse>) -> Events {
    let start = Some((Some(first), call, in_use));
    let events = stream::unfold(start, move |state| async move {
        let (first, mut call, in_use) = state?;
        let mail = match first {
            Some(message) => Mail::Message(message),
            None => call.next().await,
        };
        let (event, goes_on) = match mail {
            Mail::Message(message) => (within_limit(message, bytes_max), true),
            Mail::End(End::Response(text, _)) => (within_limit(text, bytes_max), false),
            Mail::End(End::Failed(error)) => (Err(error), false),
            Mail::End(End::Quiet) => return None,
        };
        let goes_on = goes_on && event.is_ok();
        let rest = goes_on.then_some((None, call, in_use));
        Some((event.map(Event::message), rest))
    });
    Box::pin(events)
}

/// The limit may have become smaller since the process started.
fn within_limit(text: Arc<str>, bytes_max: usize) -> Result<Arc<str>, UpstreamError> {
    match text.len() <= bytes_max {
        true => Ok(text),
        false => Err(UpstreamError::TooLarge { bytes_max }),
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

/// Text as bytes, not copied.
fn body(text: Arc<str>) -> Bytes {
    struct Text(Arc<str>);
    impl AsRef<[u8]> for Text {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    Bytes::from_owner(Text(text))
}

//! The answer to a call on a line, as Streamable HTTP has it: one message where the
//! response comes first, else a stream.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use gatewright_policy::json::{Document, Value};
use hyper::StatusCode;

use super::line::{Line, LineCall};
use super::mailbox::{End, Mail};
use super::sessions::InUse;
use crate::presented::OnBehalf;
use crate::sse::Event;
use crate::upstream::{Events, Exchange, Outgoing, Reply, UpstreamError};

/// An exchange, and the code of its response where that came at once and is an
/// error.
pub(crate) struct Answered {
    pub(crate) exchange: Exchange,
    pub(crate) error_code: Option<i64>,
}

/// Calls, and waits for the first of what comes back.
pub(crate) async fn answer(
    line: &Arc<Line>,
    request: (&Document, Value<'_>),
    (outgoing, on_behalf): (&Outgoing, Option<&OnBehalf>),
    in_use: Option<InUse>,
) -> Result<Answered, UpstreamError> {
    let mut call = line
        .call(request, outgoing.owner.as_ref(), on_behalf)
        .await?;
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
fn events(first: Arc<str>, call: LineCall, bytes_max: usize, in_use: Option<InUse>) -> Events {
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

/// The limit may have become smaller since the line began.
fn within_limit(text: Arc<str>, bytes_max: usize) -> Result<Arc<str>, UpstreamError> {
    match text.len() <= bytes_max {
        true => Ok(text),
        false => Err(UpstreamError::TooLarge { bytes_max }),
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

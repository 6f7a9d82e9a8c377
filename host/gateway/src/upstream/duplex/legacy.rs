//! What a session of the legacy era is asked, over its line.

use std::sync::Arc;

use futures_util::stream;
use gatewright_policy::json::{Document, Value};
use hyper::StatusCode;

use super::answer::{Answered, answer};
use super::line::Line;
use super::sessions::{InUse, Sessions};
use crate::message::{Message, Shape};
use crate::presented::OnBehalf;
use crate::sse::Event;
use crate::upstream::{Exchange, Outgoing, Reply, UpstreamError};

impl Sessions {
    /// POST: one message in a session. A session that has ended gives 404.
    pub(crate) async fn send(
        &self,
        message: &Message,
        outgoing: &Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        let Some(session) = &outgoing.session else {
            return Ok(Exchange::empty(StatusCode::BAD_REQUEST));
        };
        let Some(in_use) = self.find(session) else {
            return Ok(Exchange::empty(StatusCode::NOT_FOUND));
        };
        let line = Arc::clone(&in_use.session().line);
        let id = match &message.shape {
            Shape::Request { .. } => message.id(),
            Shape::Notification { .. } | Shape::Response { .. } => None,
        };
        let Some(id) = id else {
            return tell(&line, message, on_behalf).await;
        };
        let asked = (&message.document, id);
        let answered = answer(&line, asked, (outgoing, on_behalf), Some(in_use)).await?;
        Ok(answered.exchange)
    }

    /// `initialize`, on the line of a new session. It stays only if the server agrees.
    pub(crate) async fn initialize(
        &self,
        in_use: InUse,
        (message, id): (&Document, Value<'_>),
        (outgoing, on_behalf): (&Outgoing, Option<&OnBehalf>),
    ) -> Result<Exchange, UpstreamError> {
        let session = Arc::clone(&in_use.session().id);
        let line = Arc::clone(&in_use.session().line);
        let unless_agreed = EndUnlessAgreed {
            sessions: self,
            id: Some(&session),
        };
        let Answered {
            mut exchange,
            error_code,
        } = answer(&line, (message, id), (outgoing, on_behalf), Some(in_use)).await?;
        if error_code.is_none() {
            unless_agreed.agreed();
            exchange.session = Some(session);
        }
        Ok(exchange)
    }

    /// GET: what the server says outside of any answer. One stream for each session; a
    /// second one gives 409.
    pub(crate) fn open_stream(&self, session: &str) -> Exchange {
        let Some(in_use) = self.find(session) else {
            return Exchange::empty(StatusCode::NOT_FOUND);
        };
        let Some(opened) = in_use.session().line.open_stream() else {
            return Exchange::empty(StatusCode::CONFLICT);
        };
        let events = stream::unfold((opened, in_use), async |(mut opened, in_use)| {
            let message = opened.next().await?;
            Some((Ok(Event::message(message)), (opened, in_use)))
        });
        Exchange {
            status: StatusCode::OK,
            session: None,
            body: Reply::Events(Box::pin(events)),
        }
    }

    /// DELETE: ends the session and its line.
    pub(crate) fn end_session(&self, session: &str) -> Exchange {
        Exchange::empty(match self.end(session) {
            true => StatusCode::OK,
            false => StatusCode::NOT_FOUND,
        })
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
async fn tell(
    line: &Arc<Line>,
    message: &Message,
    on_behalf: Option<&OnBehalf>,
) -> Result<Exchange, UpstreamError> {
    match &message.shape {
        Shape::Notification { method } if method == "notifications/cancelled" => {
            line.cancel(&message.document, on_behalf).await?;
        }
        Shape::Notification { .. } | Shape::Response { .. } | Shape::Request { .. } => {
            line.write(message.document.shared_text(), on_behalf)
                .await?;
        }
    }
    Ok(Exchange::empty(StatusCode::ACCEPTED))
}

//! The answer of one server as a part of another one: the response, whole, and apart from
//! it what the server says besides.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use gatewright_policy::Reason;
use gatewright_policy::json::{JsonLimits, Value};
use serde_json::json;
use tokio::sync::mpsc;

use super::back::Back;
use super::left::Left;
use crate::bodies::{Bodies, Held, SumMax};
use crate::call::{Answer, AnswerBody, Incoming};
use crate::message::{Id, Message, Shape};
use crate::owner::Owner;
use crate::proxy::Proxy;
use crate::sse::Event;
use crate::upstream::Events;

/// The answer of one server, whole.
pub(super) struct Part {
    pub(super) message: Message,
    bytes: Counted,
}

/// What counts the bytes of an answer, as long as they are there.
enum Counted {
    /// Nobody: an event is handed on as it comes.
    Not,
    /// They do so themselves.
    Themselves { _bytes: Bytes },
    /// It is kept until the others are there.
    Kept { _held: Held },
}

impl Part {
    /// Counts it among the answers to its agent until it is gone, where nobody does yet.
    pub(super) fn counted(
        self,
        answers: &Bodies,
        owner: &Owner,
        max: SumMax,
    ) -> Result<Self, &'static str> {
        match self.bytes {
            Counted::Not => {
                let held = answers.hold(owner, self.message.document.text().len(), max)?;
                Ok(Self {
                    bytes: Counted::Kept { _held: held },
                    ..self
                })
            }
            Counted::Themselves { .. } | Counted::Kept { .. } => Ok(self),
        }
    }
}

/// Where what servers say besides goes.
#[derive(Clone)]
pub(super) struct Aside(mpsc::Sender<Event>);

/// Longest error of a server that is told whole, in bytes.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// Most messages beside an answer that wait for the agent.
const ASIDES_MAX: usize = 1;

impl Aside {
    pub(super) fn new() -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(ASIDES_MAX);
        (Self(sender), receiver)
    }

    async fn say(&self, back: &Back, event: Event) {
        // What has an id is not kept here: the agent cannot come back to it.
        let event = Event {
            id: None,
            ..back.event(event)
        };
        // An agent that is gone hears nothing.
        let _gone = self.0.send(event).await;
    }
}

/// The response to a message at one server. What comes before it goes aside.
pub(super) async fn part(
    proxy: &Arc<Proxy>,
    incoming: Incoming,
    back: &Back,
    aside: Option<&Aside>,
) -> Result<Part, Left> {
    let answer = Box::pin(proxy.message(incoming)).await;
    response(answer, back, aside).await
}

/// The response in an answer.
pub(super) async fn response(
    answer: Answer,
    back: &Back,
    aside: Option<&Aside>,
) -> Result<Part, Left> {
    let (status, headers) = (answer.status, answer.headers);
    let none = |message: &str| Left::without_answer(&back.server, Reason::UpstreamInvalid, message);
    let part = match answer.body {
        AnswerBody::Empty => return Err(none(&format!("it answers with status {status}"))),
        AnswerBody::Json(bytes) => read(bytes, &back.limits),
        AnswerBody::Events(events) => last(events, back, aside).await,
    };
    let part = part.ok_or_else(|| none("its answer ends too early"))?;
    match part.message.document.root().get("error") {
        None => Ok(part),
        Some(error) => Err(Left::of(&back.server, (status, &headers), worded(error))),
    }
}

/// An error as it is kept until the others are there: nobody counts its bytes.
fn worded(error: Value<'_>) -> serde_json::Value {
    if error.json().len() <= ERROR_BYTES_MAX {
        return serde_json::from_str(error.json()).unwrap_or_default();
    }
    let code = error.get("code").and_then(|code| code.as_i64());
    json!({
        "code": code.unwrap_or(-31_502),
        "message": "its error is too long for this endpoint",
    })
}

async fn last(mut events: Events, back: &Back, aside: Option<&Aside>) -> Option<Part> {
    while let Some(event) = events.next().await {
        let event = event.ok()?;
        let Some(data) = event.payload() else {
            continue;
        };
        let message = Message::parse_text(data, &back.limits).ok()?;
        match &message.shape {
            Shape::Response { id, .. } if is_of(id.as_ref(), back.id.as_ref()) => {
                return Some(Part {
                    message,
                    bytes: Counted::Not,
                });
            }
            Shape::Response { .. } | Shape::Request { .. } | Shape::Notification { .. } => {
                if let Some(aside) = aside {
                    aside.say(back, event).await;
                }
            }
        }
    }
    None
}

/// An error may lack its id.
fn is_of(id: Option<&Id>, asked: Option<&Id>) -> bool {
    id.is_none() || id == asked
}

fn read(bytes: Bytes, limits: &JsonLimits) -> Option<Part> {
    let message = Message::parse(&bytes, limits).ok()?;
    Some(Part {
        message,
        bytes: Counted::Themselves { _bytes: bytes },
    })
}

#[cfg(test)]
mod tests {
    use gatewright_policy::json::Document;

    use super::*;

    #[test]
    fn an_error_is_told_whole_unless_it_is_long() {
        let told = |data: &str| {
            let text = format!(r#"{{"code":-32001,"message":"no","data":"{data}"}}"#);
            let error = Document::parse(text, &JsonLimits::default()).unwrap();
            worded(error.root())
        };
        let whole = json!({ "code": -32_001, "message": "no", "data": "x" });
        assert_eq!(told("x"), whole);
        let long = told(&"x".repeat(ERROR_BYTES_MAX));
        assert_eq!(long["code"], -32_001);
        assert!(long["data"].is_null());
    }
}

//! What comes back from one server, with its names as the endpoint of all servers has them.
//! It was reviewed and recorded under its own names; nothing else of it changes.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use gatewright_policy::json::{JsonLimits, Kind, Value};
use hyper::StatusCode;
use serde_json::json;

use super::names::{joined, joined_event, joined_event_of_all, joined_id, joined_uri};
use super::sessions::Session;
use super::splice::Splices;
use crate::call::{Answer, AnswerBody};
use crate::message::{Id, Message, MessageError, Shape};
use crate::method::TASK_STATUS;
use crate::sse::Event;

/// Names the task that a message is about.
pub(super) const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";

/// How the answers of one server are told to an agent.
#[derive(Clone)]
pub(super) struct Back {
    pub(super) server: Arc<str>,
    /// The request that is answered; none for streams.
    pub(super) id: Option<Id>,
    /// The token for progress that it came with.
    pub(super) token: Option<Id>,
    pub(super) limits: JsonLimits,
    /// To whoever has a session a 404 says that it is over. It goes on.
    pub(super) session: Option<Arc<Session>>,
    /// Events are those of the stream of all servers.
    pub(super) of_all: bool,
}

/// A text, and the bytes that it was made of: they count as long as it is there.
struct Instead {
    text: String,
    _counted: Bytes,
}

impl AsRef<[u8]> for Instead {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

impl Back {
    /// An answer as the agent gets it.
    pub(super) fn answer(self, answer: Answer) -> Answer {
        let Answer {
            mut status,
            headers,
            body,
        } = answer;
        if status == StatusCode::NOT_FOUND && self.session.is_some() {
            status = match self.id {
                Some(_) => StatusCode::OK,
                None => StatusCode::BAD_REQUEST,
            };
        }
        let body = match body {
            AnswerBody::Empty => AnswerBody::Empty,
            AnswerBody::Json(bytes) => AnswerBody::Json(self.bytes(bytes)),
            AnswerBody::Events(events) => AnswerBody::Events(Box::pin(
                events.map(move |event| event.map(|event| self.event(event))),
            )),
        };
        Answer {
            status,
            headers,
            body,
        }
    }

    fn bytes(&self, bytes: Bytes) -> Bytes {
        let text = String::from_utf8_lossy(&bytes);
        match self.text(&text) {
            Ok(None) => bytes,
            Ok(Some(text)) => Bytes::from_owner(Instead {
                text,
                _counted: bytes,
            }),
            Err(_quoting) => Bytes::from(self.unreadable()),
        }
    }

    /// An event as the agent gets it: its message, and what it is called.
    pub(super) fn event(&self, event: Event) -> Event {
        let id = event.id.as_ref().map(|id| match self.of_all {
            true => joined_event_of_all(&self.server, id),
            false => joined_event(&self.server, id),
        });
        let event = Event {
            id: id.map(Arc::from),
            ..event
        };
        let Some(data) = event.payload() else {
            return event;
        };
        let text = match Message::parse_text(data, &self.limits) {
            Ok(message) if self.is_of_another(&message) => Some(String::new()),
            Ok(message) => self.retold(&message),
            Err(_quoting) => Some(match self.id {
                Some(_) => self.unreadable(),
                None => String::new(),
            }),
        };
        match text {
            Some(text) => event.with_data(text),
            None => event,
        }
    }

    /// Another text where the message has names in it.
    pub(super) fn text(&self, text: &str) -> Result<Option<String>, MessageError> {
        let message = Message::parse_text(text, &self.limits)?;
        Ok(self.retold(&message))
    }

    fn retold(&self, message: &Message) -> Option<String> {
        let splices = self.splices(message);
        (!splices.is_empty()).then(|| splices.applied(&message.document))
    }

    /// Whether a server says how far a call is that it does not make. It is not told.
    fn is_of_another(&self, message: &Message) -> bool {
        match &message.shape {
            Shape::Notification { method } if method == "notifications/progress" => {}
            Shape::Notification { .. } | Shape::Request { .. } | Shape::Response { .. } => {
                return false;
            }
        }
        let token = message
            .params()
            .and_then(|params| params.get("progressToken"));
        let Some(token) = token.and_then(|token| Id::read(token).ok()) else {
            return true;
        };
        let session = self.session.as_ref();
        let is_given = || session.is_some_and(|it| it.tokens.has(&token, &self.server));
        self.token.as_ref() != Some(&token) && !is_given()
    }

    fn splices(&self, message: &Message) -> Splices {
        let mut splices = Splices::default();
        match &message.shape {
            Shape::Response { .. } => {
                if let Some(result) = message.document.root().get("result") {
                    self.result(&mut splices, result);
                }
            }
            Shape::Request { id, .. } => {
                if let Some(at) = message.id() {
                    splices.json(at, joined_id(&self.server, id).to_string());
                }
                let meta = message.params().and_then(|params| params.get("_meta"));
                let token = meta.and_then(|meta| meta.get("progressToken"));
                self.id(&mut splices, token);
                self.related(&mut splices, message.params());
            }
            Shape::Notification { method } => {
                let params = message.params();
                let member = |name| params.and_then(|params| params.get(name));
                match method.as_str() {
                    "notifications/resources/updated" => self.uri(&mut splices, member("uri")),
                    "notifications/cancelled" => self.id(&mut splices, member("requestId")),
                    TASK_STATUS => self.name(&mut splices, member("taskId")),
                    _names_nothing => {}
                }
                self.related(&mut splices, params);
            }
        }
        splices
    }

    /// Names in a result. The members are those of any method: on a stream that is resumed
    /// nobody knows which one is answered.
    fn result(&self, splices: &mut Splices, result: Value<'_>) {
        self.contents(splices, result.get("content"));
        for content in elements(result.get("contents")) {
            self.uri(splices, content.get("uri"));
        }
        for message in elements(result.get("messages")) {
            self.contents(splices, message.get("content"));
        }
        let task = result.get("task");
        self.name(splices, task.and_then(|task| task.get("taskId")));
        self.name(splices, result.get("taskId"));
        // A task that is done, with the result of its call.
        let of_task = result.get("result");
        self.contents(splices, of_task.and_then(|result| result.get("content")));
        self.related(splices, Some(result));
    }

    /// Links and resources among contents: one of them, or a list.
    fn contents(&self, splices: &mut Splices, contents: Option<Value<'_>>) {
        let one = contents.filter(|one| matches!(one.kind(), Kind::Object(_)));
        for content in one.into_iter().chain(elements(contents)) {
            let kind = content.get("type").and_then(|kind| kind.as_text());
            let uri = match kind.as_deref() {
                Some("resource_link") => content.get("uri"),
                Some("resource") => content.get("resource").and_then(|it| it.get("uri")),
                Some(_) | None => None,
            };
            self.uri(splices, uri);
        }
    }

    fn related(&self, splices: &mut Splices, object: Option<Value<'_>>) {
        let meta = object.and_then(|object| object.get("_meta"));
        let related = meta.and_then(|meta| meta.get(RELATED_TASK));
        self.name(splices, related.and_then(|related| related.get("taskId")));
    }

    fn name(&self, splices: &mut Splices, at: Option<Value<'_>>) {
        let Some((at, name)) = at.and_then(|at| Some((at, at.as_text()?))) else {
            return;
        };
        splices.text(at, &joined(&self.server, &name));
    }

    fn uri(&self, splices: &mut Splices, at: Option<Value<'_>>) {
        let Some((at, uri)) = at.and_then(|at| Some((at, at.as_text()?))) else {
            return;
        };
        splices.text(at, &joined_uri(&self.server, &uri));
    }

    fn id(&self, splices: &mut Splices, at: Option<Value<'_>>) {
        let Some((at, id)) = at.and_then(|at| Some((at, Id::read(at).ok()?))) else {
            return;
        };
        splices.json(at, joined_id(&self.server, &id).to_string());
    }

    /// In place of what cannot be read a second time.
    fn unreadable(&self) -> String {
        let message = "the answer is too large for this endpoint; hint: call this tool server \
                       at its own";
        json!({
            "jsonrpc": "2.0",
            "id": self.id,
            "error": { "code": -31_502, "message": message },
        })
        .to_string()
    }
}

fn elements<'a>(value: Option<Value<'a>>) -> impl Iterator<Item = Value<'a>> {
    value.into_iter().flat_map(|value| value.elements())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let back = Back {
            server: Arc::from("s"),
            id: None,
            token: None,
            limits: JsonLimits::default(),
            session: None,
            of_all: false,
        };
        let told = back.text(text).unwrap();
        told.unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn what_a_server_names_is_named_after_it() {
        for (from, to) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"resource_link","uri":"f:a"},{"type":"text","uri":"f:a","text":"f:a"},{"type":"resource","resource":{"uri":"f:b"}}],"structuredContent":{"uri":"f:c","taskId":"t"}}}"#,
                r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"resource_link","uri":"gatewright:s/f:a"},{"type":"text","uri":"f:a","text":"f:a"},{"type":"resource","resource":{"uri":"gatewright:s/f:b"}}],"structuredContent":{"uri":"f:c","taskId":"t"}}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{"contents":[{"uri":"f:a","text":"x"}]}}"#,
                r#"{"jsonrpc":"2.0","id":1,"result":{"contents":[{"uri":"gatewright:s/f:a","text":"x"}]}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"f:a"}}}]}}"#,
                r#"{"jsonrpc":"2.0","id":1,"result":{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"gatewright:s/f:a"}}}]}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"7"},"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"7"}}}}"#,
                r#"{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"s__7"},"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"s__7"}}}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"7"}}"#,
                r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"s__7"}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":3,"method":"sampling/createMessage","params":{"_meta":{"progressToken":"p"}}}"#,
                r#"{"jsonrpc":"2.0","id":"s:3","method":"sampling/createMessage","params":{"_meta":{"progressToken":"s:\"p\""}}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}"#,
                r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"s:3"}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"f:a"}}"#,
                r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"gatewright:s/f:a"}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"7"}}"#,
                r#"{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"s__7"}}"#,
            ),
        ] {
            assert_eq!(told(from), to);
        }
        for as_it_is in [
            r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"f:a"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"f:a"}]}}"#,
        ] {
            assert_eq!(told(as_it_is), as_it_is);
        }
    }
}

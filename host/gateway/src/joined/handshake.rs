//! How a conversation with all servers begins: each is asked as it would be alone, and one
//! answer says what they have together.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gatewright_policy::Reason;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::ask::{AT_ONCE, ask};
use super::came::{Came, Said};
use super::gathered::gathered;
use super::left::{Left, META_LEFT_OUT};
use super::lists::{MESSAGE_BYTES_MAX, too_long};
use super::opening::entered;
use super::part::Aside;
use super::sessions::{Opened, Sessions};
use crate::call::{Answer, AnswerBody};
use crate::era::supported;
use crate::headers::SESSION_ID;
use crate::message::{Id, Message};
use crate::read::Refusal;
use crate::sessions::Room;

/// Longest that a session waits for the servers at its beginning. One that starts slowly is
/// there later, and the client hears of it.
const BEGIN_MAX: Duration = Duration::from_secs(5);

/// Longest words of all servers about their use, in bytes.
const INSTRUCTIONS_BYTES_MAX: usize = 32 << 10;

/// What the servers say together.
#[derive(Default)]
struct Together {
    versions: Option<Vec<String>>,
    capabilities: Map<String, Value>,
    instructions: Vec<String>,
    left: Vec<Left>,
}

/// `initialize`: a session, and one at each server.
pub(super) async fn initialize(
    sessions: &Sessions,
    mut came: Came,
    said: Said,
    message: Bytes,
) -> Answer {
    if message.len() > MESSAGE_BYTES_MAX {
        return came.refuse(too_long()).await;
    }
    let servers = came.reached();
    if servers.is_empty() {
        return came.refuse(reaches_nothing()).await;
    }
    let room = Room::of(&came.snapshot.limits);
    let begun = sessions.begin(&came.owner, (said.id.clone(), message), room);
    let (id, session) = match begun {
        Ok(begun) => begun,
        Err(full) => {
            let refusal = Refusal::new(Reason::Overloaded, full.to_string());
            return came.refuse(refusal).await;
        }
    };
    came.session = Some(Arc::clone(&session));
    let came = Arc::new(came);
    let opening = stream::iter(servers).map(|server| {
        let (came, session) = (&came, &session);
        async move {
            let entered = Box::pin(entered(came, session, &server.name));
            match tokio::time::timeout(BEGIN_MAX, entered).await {
                Ok(opened) => opened.map(|opened| (Arc::clone(&server.name), opened)),
                Err(_elapsed) => {
                    let reason = Reason::UpstreamTimeout;
                    let message = "it has not started yet";
                    Err(Left::without_answer(&server.name, reason, message))
                }
            }
        }
    });
    let opened: Vec<_> = opening.buffered(AT_ONCE).collect().await;
    let mut together = Together::default();
    let mut oldest: Option<Arc<str>> = None;
    let mut is_any = false;
    for opened in opened {
        match opened {
            Ok((server, opened)) => {
                is_any = true;
                let known = opened.version.as_ref().filter(|it| is_known(it));
                // Revisions are dates: all servers know the oldest of theirs.
                oldest = match (oldest, known) {
                    (Some(one), Some(other)) => Some(one.min(Arc::clone(other))),
                    (one, other) => one.or_else(|| other.cloned()),
                };
                together.add(&server, &opened);
            }
            Err(left) => together.left.push(left),
        }
    }
    if let Some(left) = together.left.first()
        && !is_any
    {
        sessions.end(&id);
        return left.answer(&said.id, false);
    }
    let version = oldest.unwrap_or_else(|| Arc::from(asked_for(&said.message)));
    together.may_change();
    let mut answer = together.answer(&said.id, &[("protocolVersion", json!(&*version))]);
    if let Ok(value) = HeaderValue::from_str(&id) {
        answer.headers.insert(SESSION_ID, value);
    }
    answer
}

/// `server/discover`. A server that does not know this revision speaks for all of them: the
/// client then goes back to an older one. One that is broken is left out.
pub(super) async fn discover(came: Came, said: Said) -> Answer {
    let servers = came.reached();
    if servers.is_empty() {
        return came.refuse(reaches_nothing()).await;
    }
    if said.message.document.text().len() > MESSAGE_BYTES_MAX {
        return came.refuse(too_long()).await;
    }
    let came = Arc::new(came);
    let (aside, asides) = Aside::new();
    let asking = async move {
        let body = Bytes::from(said.message.document.text().to_owned());
        let parts = stream::iter(servers).map(|server| {
            let (came, aside, body) = (&came, &aside, body.clone());
            async move {
                let part = ask(came, &server.name, body, |_offers| true, aside).await;
                (Arc::clone(&server.name), part)
            }
        });
        let parts: Vec<_> = parts.buffered(AT_ONCE).collect().await;
        let mut together = Together::default();
        for (server, part) in parts {
            match part {
                Ok(Some(part)) => together.discovered(&server, &part.message),
                // It knows neither the method nor the revision.
                Ok(None) => return not_known(&said.id),
                Err(left) if left.is_its_own() => return left.answer(&said.id, false),
                Err(left) => together.left.push(left),
            }
        }
        match (&together.versions, together.left.first()) {
            (None, Some(left)) => left.answer(&said.id, false),
            (versions, _) => {
                let more = [
                    ("supportedVersions", json!(versions)),
                    ("resultType", json!("complete")),
                    ("cacheScope", json!("private")),
                    ("ttlMs", json!(0)),
                ];
                together.answer(&said.id, &more)
            }
        }
    };
    Box::pin(gathered(asking, asides)).await
}

fn reaches_nothing() -> Refusal {
    Refusal::new(
        Reason::InsufficientScope,
        "the credential reaches no tool server",
    )
}

fn not_known(id: &Id) -> Answer {
    let error = json!({ "code": -32_601, "message": "a tool server does not know this method" });
    let body = json!({ "jsonrpc": "2.0", "id": id, "error": error });
    Answer {
        status: StatusCode::NOT_FOUND,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(body.to_string().into()),
    }
}

fn is_known(version: &str) -> bool {
    supported().any(|known| known == version)
}

/// The revision that the client asked for, where no server says another one.
fn asked_for(message: &Message) -> &'static str {
    let asked = message
        .params()
        .and_then(|params| params.get("protocolVersion"))
        .and_then(|version| version.as_text());
    let found = supported().find(|known| asked.as_deref() == Some(*known));
    found.unwrap_or("2025-11-25")
}

// === impl Together ===

impl Together {
    fn add(&mut self, server: &str, opened: &Opened) {
        merge(&mut self.capabilities, &opened.capabilities);
        if let Some(instructions) = &opened.instructions {
            self.instruct(server, instructions);
        }
    }

    fn discovered(&mut self, server: &str, message: &Message) {
        let result = message.document.root().get("result");
        let member = |name| result.and_then(|result| result.get(name));
        let versions = member("supportedVersions").map(|versions| {
            let versions = versions.elements();
            versions
                .filter_map(|version| version.as_text())
                .map(std::borrow::Cow::into_owned)
                .collect::<Vec<_>>()
        });
        let versions = versions.unwrap_or_default();
        // Only what all of them know.
        self.versions = Some(match self.versions.take() {
            None => versions,
            Some(mut known) => {
                known.retain(|version| versions.contains(version));
                known
            }
        });
        let capabilities = member("capabilities").map(|value| value.json());
        let capabilities = capabilities.and_then(|json| serde_json::from_str(json).ok());
        merge(&mut self.capabilities, &capabilities.unwrap_or_default());
        if let Some(text) = member("instructions").and_then(|text| text.as_text()) {
            self.instruct(server, &text);
        }
    }

    fn instruct(&mut self, server: &str, text: &str) {
        let told: usize = self.instructions.iter().map(String::len).sum();
        if told + text.len() <= INSTRUCTIONS_BYTES_MAX {
            let text = format!("Tools that begin with `{server}__`: {text}");
            self.instructions.push(text);
        }
    }

    /// A server may be there later, with anything.
    fn may_change(&mut self) {
        let lists = match self.left.is_empty() {
            true => &["tools"][..],
            false => &["tools", "prompts", "resources"][..],
        };
        for list in lists {
            let changes = json!({ (*list): { "listChanged": true } });
            merge(&mut self.capabilities, &changes);
        }
    }

    fn answer(self, id: &Id, more: &[(&str, Value)]) -> Answer {
        let mut result = Map::new();
        for (name, value) in more {
            result.insert((*name).to_owned(), value.clone());
        }
        let mut instructions = self.instructions;
        instructions.extend(self.left.iter().map(Left::sentence));
        result.insert("capabilities".to_owned(), self.capabilities.into());
        result.insert(
            "serverInfo".to_owned(),
            json!({ "name": "gatewright", "version": env!("CARGO_PKG_VERSION") }),
        );
        if !instructions.is_empty() {
            result.insert("instructions".to_owned(), instructions.join("\n\n").into());
        }
        if !self.left.is_empty() {
            let left: Vec<_> = self.left.iter().map(Left::told).collect();
            result.insert("_meta".to_owned(), json!({ META_LEFT_OUT: left }));
        }
        let body = json!({ "jsonrpc": "2.0", "id": id, "result": result });
        Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: AnswerBody::Json(body.to_string().into()),
        }
    }
}

/// What is in one of them is in both together.
fn merge(into: &mut Map<String, Value>, from: &Value) {
    let Value::Object(from) = from else {
        return;
    };
    for (name, value) in from {
        match into.get_mut(name) {
            None => {
                into.insert(name.clone(), value.clone());
            }
            Some(Value::Object(known)) => merge(known, value),
            Some(known @ Value::Bool(false)) => *known = value.clone(),
            Some(_) => {}
        }
    }
}

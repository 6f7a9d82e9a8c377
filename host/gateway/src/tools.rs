//! The gate asks a tool server for its tools itself, before a call whose tool it does not
//! know well enough: what an agent calls is judged as what it is now.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use gatewright_engine::tools::{Given, Listed};
use gatewright_engine::{Call, Kind, Ruling, Server, Snapshot};
use gatewright_policy::json::{Document, Kind as JsonKind, Pointer, Value};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Grant, Reason};
use serde_json::{Map, json};
use tokio::time::{Instant, timeout_at};

use crate::call::Incoming;
use crate::era::Era;
use crate::forward::Route;
use crate::gate::{Gate, decision_id};
use crate::message::{Id, Message, Shape};
use crate::owner::Place;
use crate::params::PARAMS;
use crate::read::{Wanted, What};
use crate::upstream::{Events, Exchange, Reply, UpstreamError, Verb};

/// The method that lists tools.
const LIST: &str = "tools/list";

/// The methods by which a tool is told something.
const TELLING: [&str; 2] = ["tools/call", "tasks/update"];

/// Where the tools stand in an answer.
const TOOLS: Pointer<'static> = Pointer::known("/result/tools");
const NEXT: Pointer<'static> = Pointer::known("/result/nextCursor");

/// Most pages of a list that are read.
const PAGES_MAX: usize = 64;

/// Most tools of a list that are read.
const TOOLS_MAX: usize = 4096;

/// Most looks before one call.
const LOOKS_MAX: usize = 3;

/// How long looking may take, however long the server may.
const LOOK_MAX: Duration = Duration::from_secs(10);

/// Longest cursor that is sent back, in bytes.
const CURSOR_BYTES_MAX: usize = 32 << 10;

/// What an answer on a stream is waited for, in messages.
const MESSAGES_MAX: usize = 256;

impl Gate {
    /// Looks at the tools of a server before one of them is called, where what is known of
    /// them is too old. Whatever comes of it, the engine judges by what is known then.
    pub(crate) async fn look_before(
        &self,
        snapshot: &Arc<Snapshot>,
        wanted: &Wanted,
        (grant, place): (&Grant, &Place),
        incoming: &Incoming,
    ) {
        let is_call = match &wanted.what {
            What::Request { method, .. } => TELLING.contains(&method.name),
            What::Notification { .. } | What::Response { .. } => false,
        };
        if !is_call {
            return;
        }
        let server = &wanted.server;
        let end = Instant::now() + server.timeout.min(LOOK_MAX);
        // One that says meanwhile that they changed is looked at once more: many say so when
        // a session begins.
        for _look in 0..LOOKS_MAX {
            self.hear_changes(snapshot, server);
            if !self.engine.wants_look(server) {
                return;
            }
            // Boxed: it is seldom needed.
            let look = Box::pin(self.look(snapshot, wanted, (grant, place), incoming));
            let failed = match timeout_at(end, look).await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error,
                Err(_elapsed) => UpstreamError::TimedOut,
            };
            tracing::warn!(server = %server.name, error = %failed, "its tools cannot be listed");
            let now = self.engine.now();
            self.engine.agents().tools().look_failed(server, now);
            return;
        }
    }

    /// What a server says of its tools that the gate hears itself: a process that all agents
    /// share has nobody else to tell.
    fn hear_changes(&self, snapshot: &Snapshot, server: &Server) {
        // One that cannot be reached is refused where it is called.
        if self
            .upstream(server, snapshot)
            .is_ok_and(|upstream| upstream.took_change())
        {
            self.engine.agents().tools().changed(server);
        }
    }

    async fn look(
        &self,
        snapshot: &Arc<Snapshot>,
        wanted: &Wanted,
        (grant, place): (&Grant, &Place),
        incoming: &Incoming,
    ) -> Result<(), UpstreamError> {
        let server = &wanted.server;
        let alone = self.looks.of(&server.name);
        let _alone = alone.lock().await;
        if !self.engine.wants_look(server) {
            // Somebody else looked meanwhile.
            return Ok(());
        }
        let began = self.engine.agents().tools().look_begins(server);
        let mut listed = Vec::new();
        let mut cursor: Option<String> = None;
        for _page in 0..PAGES_MAX {
            let message = list_message(wanted, cursor.as_deref())?;
            let answer = self
                .list(
                    snapshot,
                    server,
                    (grant, place),
                    message,
                    wanted.era,
                    incoming,
                )
                .await?;
            let tools = answer.document.at(&TOOLS);
            let is_list = |tools: &Value<'_>| matches!(tools.kind(), JsonKind::Array(_));
            let Some(tools) = tools.filter(is_list) else {
                return Err(invalid("its list of tools has no `tools`"));
            };
            self.params.learn(&server.name, tools);
            listed.extend(Listed::all(tools));
            if listed.len() > TOOLS_MAX {
                return Err(invalid("it lists more tools than are read"));
            }
            cursor = answer
                .document
                .at(&NEXT)
                .and_then(|next| next.as_text())
                .map(std::borrow::Cow::into_owned)
                .filter(|next| !next.is_empty());
            match &cursor {
                None => {
                    let given = Given::Look(began);
                    let _shown = self.engine.learn_tools(server, listed, given).await;
                    return Ok(());
                }
                Some(next) if next.len() > CURSOR_BYTES_MAX => {
                    return Err(invalid("its list of tools has a cursor that is too long"));
                }
                Some(_) => {}
            }
        }
        Err(invalid("its list of tools has more pages than are read"))
    }

    /// Asks for one page, in the place of whoever calls, as a call of its own: judged by the
    /// grant, recorded, permitted.
    async fn list(
        &self,
        snapshot: &Arc<Snapshot>,
        server: &Arc<Server>,
        (grant, place): (&Grant, &Place),
        message: Message,
        era: Era,
        incoming: &Incoming,
    ) -> Result<Message, UpstreamError> {
        let Shape::Request { id, .. } = &message.shape else {
            return Err(invalid("the gate made no request"));
        };
        let call = Call {
            id: decision_id(),
            grant: grant.clone(),
            kind: Kind::Listing,
            method: LIST.to_owned(),
            server: Arc::clone(&server.name),
            name: String::new(),
            message: message.document.clone(),
            arguments_at: PARAMS,
            at: self.engine.now(),
        };
        let judgement = self.engine.judge(snapshot, call).await;
        let permit = match self.engine.record(judgement).await {
            Ruling::Permitted(permit) => permit,
            Ruling::Held(_) | Ruling::Repeated(_) | Ruling::Denied(_) => {
                return Err(invalid("its tools may not be listed for this agent"));
            }
        };
        let route = Route {
            verb: Verb::Send,
            era,
            session: place.session.clone(),
            owner: &place.owner,
            presented: incoming.caller.presented(),
            headers: &incoming.headers,
            message: Some(&message),
            mirrored: &[],
        };
        let (exchange, pending) = self.forward(permit, snapshot, route, grant).await;
        let limits = snapshot.limits.result_json();
        let end = Instant::now() + server.timeout;
        let answer = match exchange {
            Ok(Exchange { body, .. }) => match body {
                Reply::Json(bytes) => Message::parse(&bytes, &limits)
                    .map_err(|error| UpstreamError::Invalid(error.unquoted().into_owned())),
                Reply::Events(events) => {
                    match timeout_at(end, answer_in(events, id, &limits)).await {
                        Ok(answer) => answer,
                        Err(_elapsed) => Err(UpstreamError::TimedOut),
                    }
                }
                Reply::Empty => Err(invalid("it gave no list")),
            },
            Err(error) => Err(error),
        };
        let answer = answer.and_then(|answer| match &answer.shape {
            Shape::Response {
                id: Some(of),
                failed: false,
            } if of == id => Ok(answer),
            _other => Err(invalid("it did not answer with a list of tools")),
        });
        let (outcome, reason): (_, Option<Reason>) = match &answer {
            Ok(_) => (PastOutcome::Allowed, None),
            Err(error) => (PastOutcome::Failed, Some(error.reason())),
        };
        let completed = pending.complete(outcome, reason, "").await;
        completed.map_err(|error| UpstreamError::Unavailable(error.to_string()))?;
        answer
    }
}

/// The response in a stream; what else comes is nobody's.
async fn answer_in(
    mut events: Events,
    id: &Id,
    limits: &gatewright_policy::json::JsonLimits,
) -> Result<Message, UpstreamError> {
    for _message in 0..MESSAGES_MAX {
        let Some(event) = events.next().await else {
            break;
        };
        let event = event?;
        let Some(data) = event.payload().filter(|_| event.name.is_none()) else {
            continue;
        };
        let message = Message::parse_text(data, limits)
            .map_err(|error| UpstreamError::Invalid(error.unquoted().into_owned()))?;
        if matches!(&message.shape, Shape::Response { id: of, .. } if of.as_ref() == Some(id)) {
            return Ok(message);
        }
    }
    Err(invalid("its stream ended before the list"))
}

/// `tools/list` as the agent would ask it.
fn list_message(wanted: &Wanted, cursor: Option<&str>) -> Result<Message, UpstreamError> {
    let mut params = Map::new();
    let meta = wanted
        .message
        .params()
        .and_then(|params| params.get("_meta"));
    if let (Era::Modern, Some(meta)) = (wanted.era, meta) {
        let meta = serde_json::from_str::<serde_json::Value>(meta.json());
        let meta = meta.map_err(|error| UpstreamError::Invalid(error.to_string()))?;
        // What the agent declares of itself; nothing that is about its call.
        if let serde_json::Value::Object(mut meta) = meta {
            meta.retain(|name, _| name.starts_with("io.modelcontextprotocol/"));
            params.insert("_meta".to_owned(), serde_json::Value::Object(meta));
        }
    }
    if let Some(cursor) = cursor {
        params.insert("cursor".to_owned(), serde_json::Value::from(cursor));
    }
    let message = json!({
        "jsonrpc": "2.0",
        "id": format!("gatewright-{}", decision_id()),
        "method": LIST,
        "params": params,
    });
    let limits = gatewright_policy::json::JsonLimits::default();
    let document = Document::parse(message.to_string(), &limits)
        .map_err(|error| UpstreamError::Invalid(error.to_string()))?;
    Message::of(document).map_err(|error| UpstreamError::Invalid(error.unquoted().into_owned()))
}

fn invalid(problem: &str) -> UpstreamError {
    UpstreamError::Invalid(problem.to_owned())
}

//! Lists of all servers as one. Each server is asked at its own place, and what it says is
//! filtered and recorded there; here its entries only get their names. A server without an
//! answer is left out, and the list says so.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gatewright_policy::Reason;
use gatewright_policy::json::{Document, JsonLimits, Kind, Value, apply_edits};
use gatewright_policy::{Edit, json::EditError};
use hyper::{HeaderMap, StatusCode};
use serde_json::json;

use super::ask::{AT_ONCE, ask};
use super::came::{Came, Said};
use super::cursor::{Rest, opened, sealed};
use super::gathered::gathered;
use super::left::{Left, META_LEFT_OUT};
use super::names::{joined, joined_uri};
use super::part::{Aside, Part};
use super::sessions::Offers;
use super::splice::Splices;
use crate::bodies::SumMax;
use crate::call::{Answer, AnswerBody};
use crate::era::Era;
use crate::method::Listing;
use crate::read::Refusal;

/// Longest message that goes to many servers, in bytes, without its cursor.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// Longest cursor of one server, in bytes as JSON: nobody's makes that of all too long.
const CURSOR_BYTES_MAX: usize = 4 << 10;

/// A list that is being put together.
struct Merged<'a> {
    listing: Listing,
    entries: String,
    is_empty: bool,
    rest: Rest,
    left: Vec<Left>,
    /// How long the answers of all servers may be used again, if they all may.
    ttl: Option<u64>,
    /// Somebody answered.
    is_answered: bool,
    asked_for: &'a Rest,
}

/// Answers a list.
pub(super) async fn list(came: Arc<Came>, said: Said, listing: Listing) -> Answer {
    let wanted = match wanted(&came, &said) {
        Ok(wanted) => wanted,
        Err(refusal) => return came.refuse(refusal).await,
    };
    let mut bodies = Vec::with_capacity(wanted.len());
    for (server, cursor) in &wanted {
        match page(
            &said,
            cursor.as_deref(),
            &came.snapshot.limits.request_json(),
        ) {
            Ok(body) => bodies.push((Arc::clone(server), body)),
            Err(refusal) => return came.refuse(refusal).await,
        }
    }
    let (aside, asides) = Aside::new();
    let has = offers(listing);
    let asking = async move {
        let parts = stream::iter(bodies).map(|(server, body)| {
            let (came, aside) = (&came, &aside);
            async move {
                let part = ask(came, &server, body, has, aside).await;
                (server, part)
            }
        });
        let parts: Vec<_> = parts.buffered(AT_ONCE).collect().await;
        let mut merged = Merged::new(listing, &wanted);
        let bytes_max = came.snapshot.limits.result_bytes_max.0;
        for (server, part) in parts {
            match part {
                Ok(None) => merged.is_answered = true,
                Ok(Some(part)) => merged.add(&server, &part, bytes_max),
                Err(left) => {
                    if let Some(session) = came.session.as_ref().filter(|_| left.is_away()) {
                        session.lacks(&server);
                    }
                    merged.left.push(left);
                }
            }
        }
        merged.answer(&came, &said)
    };
    Box::pin(gathered(asking, asides)).await
}

/// Which servers are asked, and from where on.
fn wanted(came: &Came, said: &Said) -> Result<Rest, Refusal> {
    let params = said.message.params();
    let cursor = params.and_then(|params| params.get("cursor"));
    let reached = came.reached();
    let Some(cursor) = cursor else {
        if reached.is_empty() {
            return Err(Refusal::new(
                Reason::InsufficientScope,
                "the credential reaches no tool server",
            ));
        }
        let all = reached
            .iter()
            .map(|server| (Arc::clone(&server.name), None));
        return Ok(all.collect());
    };
    let rest = cursor.as_text().and_then(|cursor| opened(&cursor));
    let is_reached = |name: &Arc<str>| reached.iter().any(|server| server.name == *name);
    rest.filter(|rest| rest.keys().all(is_reached))
        .ok_or_else(|| Refusal {
            code: Some(-32_602),
            ..Refusal::new(
                Reason::InvalidArguments,
                "`params.cursor` is none that this endpoint gave",
            )
        })
}

/// What one server is asked.
fn page(said: &Said, cursor: Option<&str>, limits: &JsonLimits) -> Result<Bytes, Refusal> {
    let document = &said.message.document;
    let given = said
        .message
        .params()
        .and_then(|params| params.get("cursor"));
    let body = match (given, cursor) {
        (None, _) => document.text().to_owned(),
        (Some(given), Some(cursor)) => {
            let mut splices = Splices::default();
            splices.text(given, cursor);
            splices.applied(document)
        }
        (Some(_), None) => without_cursor(document, limits)
            .map_err(|_quoting| {
                Refusal::new(
                    Reason::MalformedRequest,
                    "`params.cursor` cannot be taken off",
                )
            })?
            .text()
            .to_owned(),
    };
    match body.len() <= MESSAGE_BYTES_MAX + cursor.map_or(0, str::len) {
        true => Ok(Bytes::from(body)),
        false => Err(too_long()),
    }
}

/// A message for many servers that is too long.
pub(super) fn too_long() -> Refusal {
    Refusal::new(
        Reason::TooLarge,
        format!("a message for all tool servers is longer than {MESSAGE_BYTES_MAX} bytes"),
    )
}

fn without_cursor(document: &Document, limits: &JsonLimits) -> Result<Document, EditError> {
    let edit = Edit {
        pointer: "/params/cursor".to_owned(),
        json: None,
    };
    apply_edits(document, &[edit], limits)
}

/// What a server must have to be asked for a list.
fn offers(listing: Listing) -> fn(&Offers) -> bool {
    match listing.entries {
        "tools" => |offers| offers.tools,
        "prompts" => |offers| offers.prompts,
        "resources" | "resourceTemplates" => |offers| offers.resources,
        _tasks => |offers| offers.tasks,
    }
}

// === impl Merged ===

impl<'a> Merged<'a> {
    fn new(listing: Listing, asked_for: &'a Rest) -> Self {
        Self {
            listing,
            entries: String::new(),
            is_empty: true,
            rest: Rest::new(),
            left: Vec::new(),
            ttl: Some(u64::MAX),
            is_answered: false,
            asked_for,
        }
    }

    /// Adds the entries of a server, or leaves them for the next page where there is no
    /// room.
    fn add(&mut self, server: &Arc<str>, part: &Part, bytes_max: usize) {
        self.is_answered = true;
        let root = part.message.document.root();
        let result = root.get("result");
        let member = |name| result.and_then(|result| result.get(name));
        let ttl = member("ttlMs").and_then(|ttl| u64::try_from(ttl.as_i64()?).ok());
        self.ttl = self.ttl.zip(ttl).map(|(one, other)| one.min(other));
        let entries = member(self.listing.entries);
        let is_list = |entries: &Value<'_>| matches!(entries.kind(), Kind::Array(_));
        let entries = entries.filter(is_list);
        let entries = entries.into_iter().flat_map(|entries| entries.elements());
        let named: Vec<_> = entries.map(|entry| self.named(server, entry)).collect();
        let bytes: usize = named.iter().map(|entry| entry.len() + 1).sum();
        if !self.is_empty && self.entries.len() + bytes > bytes_max {
            let cursor = self.asked_for.get(server).cloned().flatten();
            self.rest.insert(Arc::clone(server), cursor);
            return;
        }
        for entry in named {
            if !self.entries.is_empty() {
                self.entries.push(',');
            }
            self.entries.push_str(&entry);
        }
        self.is_empty = self.entries.is_empty();
        let next = member("nextCursor").and_then(|next| next.as_text());
        let Some(next) = next.filter(|next| !next.is_empty()) else {
            return;
        };
        if json!(next).to_string().len() > CURSOR_BYTES_MAX {
            let message = "the rest of its list has too long a cursor";
            let left = Left::without_answer(server, Reason::UpstreamInvalid, message);
            self.left.push(left);
            return;
        }
        self.rest
            .insert(Arc::clone(server), Some(next.into_owned()));
    }

    /// An entry with its name here; every other byte of it stays.
    fn named(&self, server: &str, entry: Value<'_>) -> String {
        let document = entry.to_document();
        let mut splices = Splices::default();
        if let Some(at) = document.root().get(self.listing.named_by)
            && let Some(name) = at.as_text()
        {
            let name = match self.listing.named_by {
                "uri" | "uriTemplate" => joined_uri(server, &name),
                _name => joined(server, &name),
            };
            splices.text(at, &name);
        }
        splices.applied(&document)
    }

    fn answer(self, came: &Came, said: &Said) -> Answer {
        if let Some(left) = self.left.first()
            && !self.is_answered
        {
            return left.answer(&said.id, came.session.is_some());
        }
        let text = self.text(came.era, said);
        let max = SumMax::of_answers(&came.snapshot.limits);
        match came.proxy.gate.answers.hold(&came.owner, text.len(), max) {
            Ok(held) => Answer {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: AnswerBody::Json(held.text(text)),
            },
            Err(full) => {
                let nobody: Arc<str> = Arc::from("");
                let left = Left::without_answer(&nobody, Reason::Overloaded, full);
                left.answer(&said.id, came.session.is_some())
            }
        }
    }

    fn text(&self, era: Era, said: &Said) -> String {
        let mut result = format!("\"{}\":[{}]", self.listing.entries, self.entries);
        let mut add = |name: &str, value: serde_json::Value| {
            result.push_str(&format!(",\"{name}\":{value}"));
        };
        if let Some(next) = sealed(&self.rest) {
            add("nextCursor", next.into());
        }
        if era == Era::Modern {
            add("resultType", "complete".into());
            add("cacheScope", "private".into());
            // What is not whole is not kept.
            let ttl = self
                .ttl
                .filter(|ttl| *ttl < u64::MAX && self.left.is_empty());
            if let Some(ttl) = ttl {
                add("ttlMs", ttl.into());
            }
        }
        if !self.left.is_empty() {
            let left: Vec<_> = self.left.iter().map(Left::told).collect();
            add("_meta", json!({ META_LEFT_OUT: left }));
        }
        let id = &said.id;
        format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{{result}}}}}"#)
    }
}

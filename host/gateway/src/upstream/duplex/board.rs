//! Who gets what a tool server says on a line. Pure bookkeeping: the calls in flight, the names
//! they go by on the wire, and the mailbox of each.
//!
//! INVARIANT: a message from the server reaches a caller only by a name that
//! this board gave to that caller's own call, or where the line has one caller.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_policy::Trouble;
use gatewright_policy::json::{Document, Value};

use super::audience::{Audience, NOBODY_LISTENS};
use super::calls::{Admitted, InFlight};
use super::mailbox::{End, Mailbox};
use super::names::{self, Name};
use super::noise;
use super::room::Room;
use crate::message::{Message, Shape};
use crate::owner::Owner;
use crate::upstream::UpstreamError;

/// Most calls in flight on one line.
const CALLS_MAX: usize = 1024;

/// Most abandoned calls whose late answers are recognised by name; beyond it each call
/// gets a fresh name, which no late answer can bear.
const ABANDONED_MAX: usize = 1024;

/// The first fresh name: far from what clients count up from 0, exact as a double.
const FRESH_START: i64 = 1 << 40;

/// The calls in flight on one line.
#[derive(Debug)]
pub(crate) struct Board {
    audience: Audience,
    /// Set when the server says that its tools changed.
    tools_changed: Arc<AtomicBool>,
    calls: HashMap<Name, InFlight>,
    /// Progress tokens on the wire, and the calls that they belong to.
    tokens: HashMap<Name, Name>,
    /// Calls that nobody waits for and that the server may still answer.
    abandoned: HashSet<Name>,
    /// How many abandoned calls the server has not answered: it may still speak of them.
    unanswered: u64,
    fresh: i64,
    /// Messages that belong to no call.
    stream: Arc<Mailbox>,
    stream_is_open: bool,
    /// Why there are no more calls.
    closed: Option<UpstreamError>,
    /// Responses that reached their call.
    answered: u64,
    /// Messages that nobody got: the wait was full, or there was nobody.
    pub(crate) dropped: u64,
}

impl Board {
    pub(crate) fn new(audience: Audience, tools_changed: &Arc<AtomicBool>, room: &Room) -> Self {
        Self {
            audience,
            tools_changed: Arc::clone(tools_changed),
            calls: HashMap::new(),
            tokens: HashMap::new(),
            abandoned: HashSet::new(),
            unanswered: 0,
            fresh: FRESH_START,
            stream: Arc::new(Mailbox::new(room)),
            stream_is_open: false,
            closed: None,
            answered: 0,
            dropped: 0,
        }
    }

    /// Takes up a request with this id, of this caller.
    pub(super) fn admit(
        &mut self,
        request: &Document,
        id: Value<'_>,
        owner: Option<&Owner>,
    ) -> Result<Admitted, UpstreamError> {
        if let Some(error) = &self.closed {
            return Err(error.clone());
        }
        if self.calls.len() >= CALLS_MAX {
            let detail = format!("{CALLS_MAX} calls are in flight");
            return Err(UpstreamError::Trouble(Trouble::Busy(None), detail));
        }
        let name = self.wire_name(id, |board, name| board.calls.contains_key(name));
        let token = names::token_offered(request).map(|token| {
            let name = self.wire_name(token, |board, name| board.tokens.contains_key(name));
            (name, token)
        });
        let (id_json, token_json) = (name.json(), token.as_ref().map(|(name, _)| name.json()));
        let mut places = vec![(id.span(), id_json.as_str())];
        if let (Some((_, token)), Some(json)) = (&token, &token_json) {
            places.push((token.span(), json.as_str()));
        }
        places.retain(|(span, json)| request.text().get(span.clone()) != Some(*json));
        let line = match places.is_empty() {
            true => request.shared_text(),
            false => Arc::from(names::splice(request.text(), places)),
        };
        let token = token.map(|(wire, token)| (wire, token.json().to_owned()));
        let wire = token.iter().map(|(wire, _)| (wire.clone(), name.clone()));
        self.tokens.extend(wire);
        self.fresh += 1;
        if let Some(owner) = owner.filter(|_| self.audience == Audience::Session) {
            self.stream.is_for(owner);
        }
        let mailbox = Arc::new(self.stream.another(owner));
        let in_flight = InFlight {
            id: id.json().to_owned(),
            own: Name::of(id),
            token,
            mailbox: Arc::clone(&mailbox),
            wants_logs: names::wants_logs(request),
            order: self.fresh,
        };
        self.calls.insert(name.clone(), in_flight);
        Ok(Admitted {
            name,
            line,
            mailbox,
        })
    }

    /// Delivers what the server said, with `text` as it wrote it. Gives what must be said
    /// to it in return.
    pub(super) fn deliver(&mut self, message: &Message, text: &Arc<str>) -> Option<Arc<str>> {
        let document = &message.document;
        match &message.shape {
            Shape::Response { .. } => match message.id().and_then(Name::of) {
                Some(name) => self.deliver_response(document, text, &name),
                None => self.deliver_nonsense(UpstreamError::Invalid(
                    "a response without an id".to_owned(),
                )),
            },
            Shape::Notification { method } => self.deliver_notification(document, text, method),
            Shape::Request { .. } => return self.deliver_request(message, text),
        }
        None
    }

    /// The server said something that is JSON and no message. Where it names a call
    /// in flight, it was meant for that call. False where it was meant for nobody.
    pub(super) fn deliver_misshapen(&mut self, document: &Document, problem: &str) -> bool {
        let name = document.root().get("id").and_then(Name::of);
        let error = UpstreamError::Invalid(problem.to_owned());
        let failed = error.clone();
        let finished = name.and_then(|name| self.finish(&name, |_| End::Failed(failed)));
        let was_meant = finished.is_some() || noise::is_message(document.text().as_bytes());
        if finished.is_none() && was_meant {
            self.deliver_nonsense(error);
        }
        was_meant
    }

    /// The server said something that cannot be read and was a message. It was meant for
    /// the only call in flight, if there is only one; several wait for their deadline.
    pub(super) fn deliver_nonsense(&mut self, error: UpstreamError) {
        let mut names = self.calls.keys();
        if let (Some(name), None) = (names.next().cloned(), names.next()) {
            self.finish(&name, |_| End::Failed(error));
            self.abandon_name(name);
        } else {
            self.dropped += 1;
        }
    }

    /// The request of a call did not arrive.
    pub(crate) fn fail(&mut self, name: &Name, error: UpstreamError) {
        if self.finish(name, |_| End::Failed(error)).is_some() {
            self.abandon_name(name.clone());
        }
    }

    /// Forgets a call that nobody waits for. Gives the notification that says
    /// so to the server, if the call was still in flight.
    pub(super) fn abandon(&mut self, name: &Name) -> Option<Arc<str>> {
        self.finish(name, |_| End::Quiet)?;
        self.abandon_name(name.clone());
        self.closed.is_none().then(|| {
            let id = name.json();
            Arc::from(format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
            ))
        })
    }

    /// What to send for the `notifications/cancelled` of the one caller. The call
    /// ends here too: its answer is not waited for. Nothing where the id names
    /// no call in flight, or more than one.
    pub(super) fn cancel(&mut self, notification: &Document) -> Option<Arc<str>> {
        let requested = names::cancelled(notification)?;
        let mut named = self
            .calls
            .iter()
            .filter(|(_, call)| call.own.is_some() && call.own == Name::of(requested));
        let (Some((name, _)), None) = (named.next(), named.next()) else {
            return None;
        };
        let name = name.clone();
        let error = UpstreamError::Unavailable("the agent cancelled the call".to_owned());
        self.finish(&name, |_| End::Failed(error));
        let line = names::splice(
            notification.text(),
            vec![(requested.span(), name.json().as_str())],
        );
        self.abandon_name(name);
        Some(Arc::from(line))
    }

    /// Ends every call and the stream. The first reason counts.
    pub(crate) fn close(&mut self, error: UpstreamError) {
        for (_, call) in self.calls.drain() {
            call.mailbox.end(End::Failed(error.clone()));
        }
        self.tokens.clear();
        self.stream.end(End::Quiet);
        self.closed.get_or_insert(error);
    }

    /// Why there are no more calls, if so.
    pub(super) fn closed(&self) -> Option<&UpstreamError> {
        self.closed.as_ref()
    }

    /// Whether the server ever answered.
    pub(super) fn has_answered(&self) -> bool {
        self.answered > 0
    }

    /// The messages that belong to no call, for one reader at a time.
    pub(super) fn open_stream(&mut self) -> Option<Arc<Mailbox>> {
        let is_free = !std::mem::replace(&mut self.stream_is_open, true);
        is_free.then(|| Arc::clone(&self.stream))
    }

    /// The reader went away; another one may come.
    pub(super) fn close_stream(&mut self) {
        self.stream_is_open = false;
    }

    fn deliver_response(&mut self, document: &Document, text: &Arc<str>, name: &Name) {
        let id = document.root().get("id").map(|id| id.span());
        let subscription = names::subscription(document);
        let delivered = self.finish(name, |call| {
            let mut places: Vec<_> = id.map(|id| (id, call.id.as_str())).into_iter().collect();
            // Closing a subscription, servers repeat its id in the result.
            if let Some(subscription) =
                subscription.filter(|value| Name::of(*value).as_ref() == Some(name))
            {
                places.push((subscription.span(), call.id.as_str()));
            }
            End::Response(names::restored(text, places), names::error_code(document))
        });
        match delivered {
            Some(()) => self.answered += 1,
            None => {
                self.abandoned.remove(name);
                self.unanswered = self.unanswered.saturating_sub(1);
                self.dropped += 1;
            }
        }
    }

    fn deliver_notification(&mut self, document: &Document, text: &Arc<str>, method: &str) {
        // The gate hears it itself, wherever it goes.
        if method == "notifications/tools/list_changed" {
            self.tools_changed.store(true, Ordering::Release);
        }
        if method == "notifications/progress"
            && let Some(token) = names::token_used(document)
            && let Some(wire) = Name::of(token)
            && let Some(call) = self.tokens.get(&wire).and_then(|name| self.calls.get(name))
        {
            let original = call
                .token
                .as_ref()
                .map_or("null", |(_, json)| json.as_str());
            let text = names::restored(text, vec![(token.span(), original)]);
            self.dropped += u64::from(!call.mailbox.push(text));
            return;
        }
        if let Some(subscription) = names::subscription(document)
            && let Some(call) = Name::of(subscription).and_then(|name| self.calls.get(&name))
        {
            let text = names::restored(text, vec![(subscription.span(), call.id.as_str())]);
            self.dropped += u64::from(!call.mailbox.push(text));
            return;
        }
        // In the modern era only a subscription that the server ends.
        if method == "notifications/cancelled"
            && self.audience != Audience::Session
            && let Some(name) = names::cancelled(document).and_then(Name::of)
            && self.finish(&name, |_| End::Quiet).is_some()
        {
            return;
        }
        let taken = match self.audience {
            Audience::Session => self.unaddressed().push(Arc::clone(text)),
            Audience::One | Audience::Shared => self
                .hears_logs(method)
                .is_some_and(|call| call.mailbox.push(Arc::clone(text))),
        };
        self.dropped += u64::from(!taken);
    }

    /// Whose a log message is that names no call. It is the caller's that asked for log
    /// messages, where no other caller's call can have caused it.
    fn hears_logs(&self, method: &str) -> Option<&InFlight> {
        if method != "notifications/message" {
            return None;
        }
        let mut calls = self.calls.values();
        match self.audience {
            Audience::Session => None,
            Audience::One => calls.max_by_key(|call| (call.wants_logs, call.order)),
            Audience::Shared => {
                let is_alone = self.calls.len() == 1 && self.unanswered == 0;
                calls.next().filter(|call| is_alone && call.wants_logs)
            }
        }
    }

    fn deliver_request(&mut self, message: &Message, text: &Arc<str>) -> Option<Arc<str>> {
        match self.audience {
            Audience::Session => {
                if self.unaddressed().push(Arc::clone(text)) {
                    return None;
                }
                self.dropped += 1;
                let (id, error) = (message.id()?.json(), NOBODY_LISTENS);
                Some(Arc::from(format!(
                    r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#
                )))
            }
            // The modern era has no such requests, and no answers to them.
            Audience::One | Audience::Shared => {
                self.dropped += 1;
                None
            }
        }
    }

    /// Where a message goes that names no call: to the only call in flight,
    /// else to the open stream, else to the newest call, else it waits for a
    /// stream to be opened.
    fn unaddressed(&self) -> &Mailbox {
        let newest = self.calls.values().max_by_key(|call| call.order);
        match newest {
            Some(call) if self.calls.len() == 1 || !self.stream_is_open => &call.mailbox,
            Some(_) | None => &self.stream,
        }
    }

    /// Takes a call off the board and ends its mailbox.
    fn finish(&mut self, name: &Name, end: impl FnOnce(&InFlight) -> End) -> Option<()> {
        let call = self.calls.remove(name)?;
        if let Some((wire, _)) = &call.token {
            self.tokens.remove(wire);
        }
        call.mailbox.end(end(&call));
        Some(())
    }

    fn abandon_name(&mut self, name: Name) {
        self.unanswered = self.unanswered.saturating_add(1);
        // Fresh names are never used again, so there is nothing to remember.
        let is_fresh = matches!(name, Name::Number(number) if number >= FRESH_START);
        if !is_fresh && self.abandoned.len() < ABANDONED_MAX {
            self.abandoned.insert(name);
        }
    }

    /// The caller's own name where it can be kept, else a fresh one.
    fn wire_name(&mut self, value: Value<'_>, is_used: impl Fn(&Self, &Name) -> bool) -> Name {
        let kept = match self.audience {
            Audience::Session => Name::of(value).filter(|name| {
                self.abandoned.len() < ABANDONED_MAX
                    && !self.abandoned.contains(name)
                    && !matches!(name, Name::Number(number) if *number >= FRESH_START)
                    && !is_used(self, name)
            }),
            Audience::One | Audience::Shared => None,
        };
        kept.unwrap_or_else(|| {
            self.fresh += 1;
            Name::Number(self.fresh)
        })
    }
}

/// The board for a moment; never across an `await`.
pub(crate) fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The way back: steps 8 and 9 of a call. Every message of a tool server is
//! parsed, checked, reviewed, and only then passed on; the outcome is recorded
//! before the final answer leaves.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gatewright_engine::{Pending, Reviewed, Server, Snapshot};
use gatewright_policy::json::{Document, Value};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Grant, Reason};
use hyper::header::HeaderValue;
use hyper::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::call::{Answer, AnswerBody};
use crate::era::Era;
use crate::flights::{Flight, Seat};
use crate::headers::SESSION_ID;
use crate::lists::filtered;
use crate::message::{Id, Message, Shape};
use crate::method::{Method, SERVER_NOTIFICATIONS};
use crate::proxy::Proxy;
use crate::questions::{may_ask, refused_input};
use crate::read::{Wanted, What};
use crate::refusal::{Asked, instead_of_answer, plain};
use crate::sessions::{Parked, Place};
use crate::sse::Event;
use crate::telemetry;
use crate::upstream::{Events, Exchange, Reply, UpstreamError};

/// One call that went ahead, until its answer is with the agent.
pub(crate) struct Relay {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) server: Arc<Server>,
    pub(crate) place: Place,
    pub(crate) grant: Grant,
    /// The agent's protocol version, for what the gate sends on this session.
    pub(crate) headers: HeaderMap,
    proxy: Arc<Proxy>,
    asked: Asked,
    expects: Expects,
    pending: Option<Pending>,
    /// The server gave an event id: the agent may come back for the rest.
    resumable: bool,
    deadline: Deadline,
    started: Instant,
    _flight: Option<Flight>,
    _seat: Seat,
}

/// What the tool server should answer with.
#[derive(Clone, Debug)]
pub(crate) enum Expects {
    /// The response to a request.
    Response { id: Id, method: &'static Method },
    /// Acceptance.
    Nothing,
    /// A stream that nobody asked for anything in particular on.
    Stream,
}

/// When the next message must be here.
#[derive(Clone, Copy, Debug)]
enum Deadline {
    /// Anew after each message.
    Idle(Duration),
    /// Once: streams without an end live as long as the credential.
    At(Instant),
}

/// What becomes of one event.
enum Step {
    Pass(Event),
    Skip,
    Last(Event),
    End,
}

/// No credential keeps a stream open for longer.
const STREAM_LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

impl Relay {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one step's result, used up here"
    )]
    pub(crate) fn new(
        proxy: &Arc<Proxy>,
        snapshot: &Arc<Snapshot>,
        wanted: Wanted,
        place: Place,
        grant: Grant,
        asked: &Asked,
        seat: Seat,
        pending: Option<Pending>,
    ) -> Self {
        let (expects, flight) = match wanted.what {
            What::Request { id, method, .. } => {
                let flight = proxy.flights().begin(&place, &id);
                (Expects::Response { id, method }, Some(flight))
            }
            What::Notification { .. } | What::Response { .. } => (Expects::Nothing, None),
        };
        let mut relay = Self::of_stream(
            proxy,
            snapshot,
            wanted.server,
            place,
            grant,
            asked,
            seat,
            pending,
            expects,
            HeaderMap::new(),
        );
        relay._flight = flight;
        relay
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "each is one step's result, used up here"
    )]
    pub(crate) fn of_stream(
        proxy: &Arc<Proxy>,
        snapshot: &Arc<Snapshot>,
        server: Arc<Server>,
        place: Place,
        grant: Grant,
        asked: &Asked,
        seat: Seat,
        pending: Option<Pending>,
        expects: Expects,
        headers: HeaderMap,
    ) -> Self {
        let deadline = if expects.is_long() {
            let left = grant.expires_at.since(proxy.engine.now());
            Deadline::At(Instant::now() + left.min(STREAM_LIFE_MAX))
        } else {
            Deadline::Idle(server.timeout)
        };
        let mut asked = asked.clone();
        if let Some(pending) = &pending {
            pending.id().clone_into(&mut asked.decision);
        }
        Self {
            snapshot: Arc::clone(snapshot),
            server,
            place,
            grant,
            headers,
            proxy: Arc::clone(proxy),
            asked,
            expects,
            pending,
            resumable: false,
            deadline,
            started: Instant::now(),
            _flight: None,
            _seat: seat,
        }
    }

    /// Turns what the tool server answered into what the agent gets.
    pub(crate) async fn answer(mut self, exchange: Result<Exchange, UpstreamError>) -> Answer {
        let exchange = match exchange {
            Ok(exchange) => exchange,
            Err(error) => return self.failed(StatusCode::OK, &error).await,
        };
        let Exchange {
            status,
            session,
            body,
        } = exchange;
        if status == StatusCode::NOT_FOUND && self.place.session.is_some() {
            return self.session_ended(body).await;
        }
        let opened = match self.bind(session).await {
            Ok(opened) => opened,
            Err(error) => return self.failed(StatusCode::OK, &error).await,
        };
        let mut answer = match (self.expects.clone(), body) {
            (Expects::Nothing, _) if status.is_success() => {
                self.accepted(StatusCode::ACCEPTED).await
            }
            (Expects::Response { .. }, Reply::Json(bytes)) => {
                let text = self.only_response(&bytes).await;
                json(status, text)
            }
            (Expects::Response { .. } | Expects::Stream, Reply::Events(events)) => Answer {
                status,
                headers: HeaderMap::new(),
                body: AnswerBody::Events(self.relayed(events)),
            },
            (Expects::Stream, _) if !status.is_success() => self.accepted(status).await,
            (Expects::Nothing, _) => self.accepted(StatusCode::BAD_REQUEST).await,
            (Expects::Response { .. }, Reply::Empty) | (Expects::Stream, _) => {
                let error = UpstreamError::Invalid(format!("status {status} and no message"));
                self.failed(status, &error).await
            }
        };
        if let Some(session) = opened {
            answer.headers.insert(SESSION_ID, session);
        }
        answer
    }

    /// Binds the session that an answer to `initialize` gives to the caller.
    async fn bind(
        &mut self,
        session: Option<Arc<str>>,
    ) -> Result<Option<HeaderValue>, UpstreamError> {
        let is_handshake = match &self.expects {
            Expects::Response { method, .. } => method.name == "initialize",
            Expects::Nothing | Expects::Stream => false,
        };
        let Some(session) = session.filter(|_| is_handshake) else {
            return Ok(None);
        };
        let header = HeaderValue::from_str(&session)
            .map_err(|_| UpstreamError::Invalid("its session id is no header".to_owned()))?;
        self.place.session = Some(Arc::clone(&session));
        let sessions_max = self.snapshot.limits.sessions_max;
        if let Err(error) = self.proxy.sessions.open(&self.place, sessions_max) {
            self.proxy
                .retire(&self.snapshot, &self.server.name, session)
                .await;
            return Err(UpstreamError::Unavailable(error.to_string()));
        }
        Ok(Some(header))
    }

    /// A single message, which must be the response.
    async fn only_response(&mut self, bytes: &[u8]) -> String {
        match Message::parse(bytes, &self.snapshot.limits.result_json()) {
            Ok(message) => match &message.shape {
                Shape::Response { id, .. } if self.awaits(id.as_ref()) => {
                    self.finish(message).await
                }
                Shape::Response { .. } | Shape::Request { .. } | Shape::Notification { .. } => {
                    let error = "it answered with a message that is not the response";
                    self.fail(&UpstreamError::Invalid(error.to_owned())).await
                }
            },
            Err(error) => self.fail(&UpstreamError::Invalid(error.to_string())).await,
        }
    }

    /// Whether a response of this id is the one. An error may lack its id.
    fn awaits(&self, id: Option<&Id>) -> bool {
        match &self.expects {
            Expects::Response { id: expected, .. } => id.is_none_or(|id| id == expected),
            Expects::Nothing | Expects::Stream => false,
        }
    }
}

// === impl Relay: streams ===

impl Relay {
    /// The events that the agent gets. Polled only as fast as the agent reads.
    fn relayed(self, events: Events) -> Events {
        let span = tracing::Span::current();
        Box::pin(stream::unfold(Some((self, events)), move |state| {
            let span = span.clone();
            async move {
                let (mut relay, mut events) = state?;
                let step = tracing::Instrument::instrument(relay.next(&mut events), span).await;
                match step {
                    Step::Pass(event) => Some((Ok(event), Some((relay, events)))),
                    Step::Last(event) => Some((Ok(event), None)),
                    Step::Skip | Step::End => None,
                }
            }
        }))
    }

    async fn next(&mut self, events: &mut Events) -> Step {
        let mut until = self.until();
        loop {
            let is_long = self.expects.is_long();
            let event = tokio::select! {
                biased;
                () = tokio::time::sleep_until(until) => return self.expired().await,
                () = self.proxy.closing.cancelled(), if is_long => return self.cut().await,
                event = events.next() => event,
            };
            let step = match event {
                Some(Ok(event)) => {
                    if event.payload().is_some() {
                        until = self.until();
                    }
                    self.take(event).await
                }
                Some(Err(error)) => return self.broken(error).await,
                None => return self.cut().await,
            };
            match step {
                Step::Skip => {}
                step @ (Step::Pass(_) | Step::Last(_) | Step::End) => return step,
            }
        }
    }

    fn until(&self) -> Instant {
        match self.deadline {
            Deadline::Idle(timeout) => Instant::now() + timeout,
            Deadline::At(at) => at,
        }
    }

    async fn take(&mut self, event: Event) -> Step {
        self.resumable |= event.id.is_some();
        let Some(data) = event.payload() else {
            return Step::Pass(event);
        };
        if event.name.is_some() {
            // Clients read only events named `message`.
            return Step::Skip;
        }
        let message = match Message::parse_text(data, &self.snapshot.limits.result_json()) {
            Ok(message) => message,
            Err(error) => return self.broken(UpstreamError::Invalid(error.to_string())).await,
        };
        match message.shape.clone() {
            Shape::Response { id, .. } => self.response(event, message, id).await,
            Shape::Request { id, method } => self.question(event, &id, &method).await,
            Shape::Notification { method } => self.notification(event, &message, &method).await,
        }
    }

    async fn response(&mut self, event: Event, message: Message, id: Option<Id>) -> Step {
        if self.awaits(id.as_ref()) {
            let text = self.finish(message).await;
            return Step::Last(event.with_data(text));
        }
        match (&self.expects, id) {
            (Expects::Stream, Some(id)) => self.resumed(event, message, &id).await,
            (Expects::Stream, None) => Step::Skip,
            (Expects::Response { .. } | Expects::Nothing, _) => {
                let error = "it answered a request that was not made here";
                self.broken(UpstreamError::Invalid(error.to_owned())).await
            }
        }
    }

    /// The answer to a call whose own stream broke. It is reviewed as that call.
    async fn resumed(&mut self, event: Event, message: Message, id: &Id) -> Step {
        let Some(parked) = self.proxy.sessions.resume(&self.place, id) else {
            tracing::debug!("an answer on a stream belongs to no broken call");
            return Step::Skip;
        };
        let stream = (
            self.pending.replace(parked.pending),
            std::mem::replace(&mut self.asked, parked.asked),
            std::mem::replace(
                &mut self.expects,
                Expects::Response {
                    id: id.clone(),
                    method: parked.method,
                },
            ),
        );
        let text = self.finish(message).await;
        (self.pending, self.asked, self.expects) = stream;
        Step::Pass(event.with_data(text))
    }

    /// A request of the tool server. It is passed on where the operator lets the
    /// server ask; then the agent's answer is let through, once.
    async fn question(&mut self, event: Event, id: &Id, method: &str) -> Step {
        if self.asked.era == Some(Era::Modern) {
            let error = "it sent a request, which this revision does not know";
            return self.broken(UpstreamError::Invalid(error.to_owned())).await;
        }
        if may_ask(&self.server, method) && self.proxy.sessions.ask(&self.place, id.clone(), method)
        {
            return Step::Pass(event);
        }
        tracing::info!(server = %self.server.name, method, "a request of the tool server is not passed on");
        let proxy = Arc::clone(&self.proxy);
        proxy.refuse_question(self, id, method).await;
        self.without_message(event)
    }

    async fn notification(&mut self, event: Event, message: &Message, method: &str) -> Step {
        if !SERVER_NOTIFICATIONS.contains(&method) {
            tracing::debug!(method, "an unknown notification is dropped");
            return self.without_message(event);
        }
        let params = message.params();
        let (Some(pending), Some(params)) = (
            self.pending.as_mut().filter(|pending| pending.reviews()),
            params,
        ) else {
            return Step::Pass(event);
        };
        match pending.review(params.to_document(), false).await {
            Reviewed::Pass(_, false) => Step::Pass(event),
            Reviewed::Pass(reviewed, true) => {
                let text = spliced(&message.document, params, &reviewed);
                Step::Pass(event.with_data(text))
            }
            Reviewed::Withheld { .. } => self.without_message(event),
        }
    }

    /// What is left of an event whose message is kept back: where to resume.
    fn without_message(&self, event: Event) -> Step {
        if event.id.is_none() && event.retry.is_none() {
            return Step::Skip;
        }
        Step::Pass(event.with_data(""))
    }
}

// === impl Relay: ends ===

impl Relay {
    /// Step 8 and 9: the text that the agent gets for this response.
    async fn finish(&mut self, message: Message) -> String {
        match self.reviewed(&message).await {
            Ok(text) => match self.complete(PastOutcome::Allowed, None, "").await {
                Ok(()) => text,
                Err(reason) => self.instead(reason, "the outcome could not be recorded"),
            },
            Err((outcome, reason, told)) => {
                match self.complete(outcome, Some(reason), &told).await {
                    Ok(()) => self.instead(reason, &told),
                    Err(reason) => self.instead(reason, "the outcome could not be recorded"),
                }
            }
        }
    }

    async fn reviewed(
        &mut self,
        message: &Message,
    ) -> Result<String, (PastOutcome, Reason, String)> {
        let root = message.document.root();
        let (value, is_error) = match (root.get("result"), root.get("error")) {
            (Some(result), _) => {
                let is_error = result.get("isError").and_then(|flag| flag.as_bool());
                (result, is_error.unwrap_or(false))
            }
            (None, Some(error)) => (error, true),
            (None, None) => (root, true),
        };
        if is_error {
            telemetry::record_error("tool_error");
        }
        if let Some(method) = refused_input(&self.server, value) {
            return Err((
                PastOutcome::Allowed,
                Reason::ResultWithheld,
                format!("the tool server asks for `{method}`, which is not passed on"),
            ));
        }
        let original = value.to_document();
        let shown = self
            .shown(&original)
            .await
            .map_err(|error| (PastOutcome::Failed, Reason::UpstreamInvalid, error))?;
        let reviewed = match &mut self.pending {
            Some(pending) => pending.review(shown, is_error).await,
            None => Reviewed::Pass(shown, false),
        };
        match reviewed {
            Reviewed::Pass(reviewed, _) if is_same(&original, &reviewed) => {
                Ok(message.document.text().to_owned())
            }
            Reviewed::Pass(reviewed, _) => Ok(spliced(&message.document, value, &reviewed)),
            Reviewed::Withheld { reason, message } => Err((PastOutcome::Allowed, reason, message)),
        }
    }

    /// Lists as this caller may see them; everything else as it is.
    async fn shown(&self, result: &Document) -> Result<Document, String> {
        let listing = match &self.expects {
            Expects::Response { method, .. } => {
                method.listing().map(|listing| (method.name, listing))
            }
            Expects::Nothing | Expects::Stream => None,
        };
        let Some((method, listing)) = listing else {
            return Ok(result.clone());
        };
        let era = self.asked.era.unwrap_or(Era::Legacy);
        let what = (method, listing, era);
        filtered(
            &self.proxy,
            &self.snapshot,
            &self.server,
            &self.grant,
            what,
            result,
        )
        .await
        .map_err(|error| error.to_string())
    }

    async fn complete(
        &mut self,
        outcome: PastOutcome,
        reason: Option<Reason>,
        message: &str,
    ) -> Result<(), Reason> {
        if let Some(reason) = reason {
            telemetry::record_error(reason.code());
        }
        self.proxy.metrics.completed(
            &self.server.name,
            &self.asked.method,
            reason,
            self.asked.arrived.elapsed(),
            self.started.elapsed(),
        );
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        pending
            .complete(outcome, reason, message)
            .await
            .map_err(|error| {
                tracing::error!(%error, "an outcome is not recorded");
                Reason::AuditUnavailable
            })
    }

    fn instead(&self, reason: Reason, message: &str) -> String {
        let decision = self.asked.decision.as_str();
        instead_of_answer(&self.asked, reason, message, decision)
    }

    /// Records that the tool server gave no usable answer; gives what the agent
    /// gets in its place.
    async fn fail(&mut self, error: &UpstreamError) -> String {
        let reason = error.reason();
        tracing::info!(server = %self.server.name, %error, "no usable answer");
        // The call failed either way: an outcome that cannot be recorded is
        // counted by the engine, and changes nothing for the agent.
        let _counted = self
            .complete(PastOutcome::Failed, Some(reason), &error.to_string())
            .await;
        self.instead(reason, error.public())
    }

    async fn failed(&mut self, status: StatusCode, error: &UpstreamError) -> Answer {
        let text = self.fail(error).await;
        let status = match &self.expects {
            Expects::Response { .. } => status,
            Expects::Nothing | Expects::Stream => StatusCode::BAD_GATEWAY,
        };
        json(status, text)
    }

    async fn accepted(&mut self, status: StatusCode) -> Answer {
        match self.complete(PastOutcome::Allowed, None, "").await {
            Ok(()) => plain(status, None),
            Err(reason) => {
                let text = self.instead(reason, "the outcome could not be recorded");
                json(StatusCode::SERVICE_UNAVAILABLE, text)
            }
        }
    }

    /// The server knows the session no more, and so does the gate.
    async fn session_ended(&mut self, body: Reply) -> Answer {
        self.proxy.sessions.close(&self.place);
        let is_method_unknown = match body {
            Reply::Json(bytes) => Some(self.only_response(&bytes).await),
            Reply::Empty | Reply::Events(_) => None,
        };
        if let Some(text) = is_method_unknown {
            return json(StatusCode::NOT_FOUND, text);
        }
        let message = "the tool server does not know the session";
        let _counted = self
            .complete(PastOutcome::Failed, Some(Reason::UnknownSession), message)
            .await;
        let text = self.instead(Reason::UnknownSession, "there is no such session");
        json(StatusCode::NOT_FOUND, text)
    }

    async fn broken(&mut self, error: UpstreamError) -> Step {
        let text = self.fail(&error).await;
        match &self.expects {
            Expects::Response { .. } => Step::Last(Event::message(text)),
            Expects::Nothing | Expects::Stream => Step::End,
        }
    }

    async fn expired(&mut self) -> Step {
        match self.deadline {
            Deadline::Idle(_) => self.broken(UpstreamError::TimedOut).await,
            Deadline::At(_) => self.cut().await,
        }
    }

    /// The stream ends without the final response.
    async fn cut(&mut self) -> Step {
        match &self.expects {
            Expects::Response { method, .. } if !method.is_long() => {
                if self.park() {
                    return Step::End;
                }
                let error = "its stream ended before the answer";
                self.broken(UpstreamError::Unavailable(error.to_owned()))
                    .await
            }
            Expects::Response { .. } | Expects::Nothing | Expects::Stream => {
                let _counted = self.complete(PastOutcome::Allowed, None, "").await;
                Step::End
            }
        }
    }

    /// Keeps a legacy call for a stream that resumes it.
    fn park(&mut self) -> bool {
        let Expects::Response { id, method } = &self.expects else {
            return false;
        };
        let in_session = self.place.session.is_some() && self.asked.era == Some(Era::Legacy);
        if !(self.resumable && in_session) || method.is_long() {
            return false;
        }
        let Some(pending) = self.pending.take() else {
            return false;
        };
        let parked = Parked {
            pending,
            asked: self.asked.clone(),
            method,
        };
        self.proxy.sessions.park(&self.place, id.clone(), parked);
        true
    }
}

/// The agent went away: in a legacy session it may come back.
impl Drop for Relay {
    fn drop(&mut self) {
        self.park();
    }
}

impl Expects {
    fn is_long(&self) -> bool {
        match self {
            Self::Response { method, .. } => method.is_long(),
            Self::Nothing => false,
            Self::Stream => true,
        }
    }
}

fn json(status: StatusCode, text: String) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(text.into()),
    }
}

fn is_same(one: &Document, other: &Document) -> bool {
    Arc::ptr_eq(&one.shared_text(), &other.shared_text())
}

/// A message with one value replaced; every other byte stays.
fn spliced(message: &Document, value: Value<'_>, replacement: &Document) -> String {
    let (text, span) = (message.text(), value.span());
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    [before, replacement.text(), after].concat()
}

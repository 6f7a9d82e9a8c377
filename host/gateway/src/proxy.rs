//! The one path of a call. Read [`Proxy::pass`] first: it lists the steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatewright_engine::{
    Call, Denial, Engine, Kind, Pending, Permit, Refused, Ruling, Server, Snapshot,
};
use gatewright_policy::json::Document;
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Denied, Grant, Reason};
use hyper::{HeaderMap, StatusCode};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::call::{Answer, Incoming};
use crate::era::Era;
use crate::flights::{Flights, Seat, Seats};
use crate::headers::{LAST_EVENT_ID, PROTOCOL_VERSION, outgoing};
use crate::message::{Id, Message};
use crate::metrics::Metrics;
use crate::mirrored::{Mirrored, MirroredParams};
use crate::read::{Refusal, Wanted, What, identify, read, read_stream};
use crate::refusal::{self, Asked};
use crate::relay::{Expects, Relay};
use crate::sessions::{Owner, Place, Sessions};
use crate::telemetry;
use crate::upstream::{Exchange, Outgoing, Upstream, UpstreamError, Upstreams, Verb};

/// The enforcement point, whatever face it shows to the agent.
pub(crate) struct Proxy {
    pub(crate) engine: Arc<Engine>,
    pub(crate) metrics: Metrics,
    pub(crate) sessions: Sessions,
    pub(crate) params: MirroredParams,
    /// Ends streams that have no end of their own.
    pub(crate) closing: CancellationToken,
    upstreams: Upstreams,
    flights: Flights,
    calls: Seats,
    streams: Seats,
    stopping: AtomicBool,
}

impl Proxy {
    /// The path of one call. Each step uses up what the one before it made; what
    /// stops a call in step 1 or 2 is a recorded decision too.
    async fn pass(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        incoming: &Incoming,
        asked: &mut Asked,
    ) -> Result<Answer, Refusal> {
        let wanted = read(incoming, snapshot, &self.params, asked)?; // 1 read
        let grant = identify(&incoming.caller, snapshot, self.engine.now())?; // 2 identify
        asked.grant = Some(grant.clone());
        let seat = self.seat(snapshot, wanted.what.is_long())?;
        let (place, method) = self.admit(snapshot, &wanted, &grant)?;
        let mut permits = Vec::new();
        for call in questions(self, &wanted, &grant, &method) {
            let judgement = self.engine.judge(snapshot, call).await; // 3 ask, 4 revise, 5 judge
            self.metrics.judged(&judgement);
            match self.engine.record(judgement).await {
                // 6 record
                Ruling::Permitted(permit) => permits.push(permit),
                Ruling::Held(ticket) => return Ok(self.held(asked, &wanted.server, &ticket)),
                Ruling::Denied(denial) => return Ok(self.denied(asked, &denial)),
            }
        }
        let route = Route::of(&wanted, incoming, &place);
        let (exchange, pending) = self.forward(permits, snapshot, route).await; // 7 forward
        let relay = Relay::new(self, snapshot, wanted, place, grant, asked, seat, pending);
        Ok(relay.answer(exchange).await) // 8 review, 9 complete
    }

    /// Sends to a tool server exactly what permits allow. Nothing else in the
    /// gate sends a message. Several permits are several decisions on one message,
    /// which are of use only together.
    async fn forward(
        &self,
        permits: Vec<Permit>,
        snapshot: &Snapshot,
        route: Route<'_>,
    ) -> (Result<Exchange, UpstreamError>, Option<Pending>) {
        let mut permits = permits.into_iter();
        let Some(permit) = permits.next() else {
            return (Err(not_permitted("no decision allows the message")), None);
        };
        self.metrics.allowed(permit.server());
        let server = snapshot.server(permit.server()).map(Arc::clone);
        let (message, changed, pending) = permit.redeem();
        for (bytes, _, further) in permits.map(Permit::redeem) {
            if bytes != message {
                return (
                    Err(not_permitted("decisions allow different messages")),
                    Some(pending),
                );
            }
            // What it says stands in the record of the first one.
            if let Err(error) = further
                .complete(PastOutcome::Allowed, None, pending.id())
                .await
            {
                return (Err(not_permitted(&error.to_string())), Some(pending));
            }
        }
        let Some(server) = server else {
            return (
                Err(not_permitted("the tool server is not configured")),
                Some(pending),
            );
        };
        let verb = route.verb;
        let sent = async {
            let upstream = self.upstream(&server, snapshot)?;
            let outgoing = route.outgoing(message, changed, snapshot)?;
            upstream.exchange(verb, outgoing).await
        };
        let span = telemetry::client_span(pending.request());
        let timed = tokio::time::timeout(server.timeout, sent).instrument(span);
        let exchange = timed.await.unwrap_or(Err(UpstreamError::TimedOut));
        (exchange, Some(pending))
    }
}

/// How a message travels: everything but the message itself.
pub(crate) struct Route<'a> {
    verb: Verb,
    era: Era,
    session: Option<Arc<str>>,
    /// The agent's headers; only those that mirror the message go on.
    headers: &'a HeaderMap,
    message: Option<&'a Message>,
    mirrored: &'a [Mirrored],
}

impl<'a> Route<'a> {
    fn of(wanted: &'a Wanted, incoming: &'a Incoming, place: &Place) -> Self {
        Self {
            verb: Verb::Send,
            era: wanted.era,
            session: place.session.clone(),
            headers: &incoming.headers,
            message: Some(&wanted.message),
            mirrored: &wanted.mirrored,
        }
    }

    fn outgoing(
        self,
        message: Arc<str>,
        changed: bool,
        snapshot: &Snapshot,
    ) -> Result<Outgoing, UpstreamError> {
        let headers = match (self.message, self.era) {
            (Some(original), Era::Modern) => {
                let edited = changed
                    .then(|| Message::parse_text(&message, &snapshot.limits.request_json()))
                    .transpose()
                    .map_err(|error| not_permitted(&error.to_string()))?;
                let message = edited.as_ref().unwrap_or(original);
                outgoing(message, self.headers, changed, self.mirrored)
            }
            (Some(_), Era::Legacy) => copied(self.headers, &[&PROTOCOL_VERSION]),
            (None, Era::Modern | Era::Legacy) => {
                copied(self.headers, &[&PROTOCOL_VERSION, &LAST_EVENT_ID])
            }
        };
        Ok(Outgoing {
            message,
            era: self.era,
            session: self.session,
            headers,
            reply_bytes_max: snapshot.limits.result_bytes_max.0,
        })
    }
}

fn copied(headers: &HeaderMap, names: &[&hyper::header::HeaderName]) -> HeaderMap {
    let mut copied = HeaderMap::new();
    for &name in names {
        if let Some(value) = headers.get(name) {
            copied.insert(name.clone(), value.clone());
        }
    }
    copied
}

fn not_permitted(why: &str) -> UpstreamError {
    UpstreamError::Unavailable(format!("nothing was sent: {why}"))
}

/// The questions that a message raises: one for each thing that it names.
fn questions(proxy: &Proxy, wanted: &Wanted, grant: &Grant, method: &str) -> Vec<Call> {
    let (names, arguments_at) = match &wanted.what {
        What::Request { names, method, .. } => (names.as_slice(), method.arguments_at),
        What::Notification { .. } | What::Response { .. } => (&[][..], "/params"),
    };
    let nothing = [String::new()];
    let names = if names.is_empty() { &nothing } else { names };
    let at = proxy.engine.now();
    names
        .iter()
        .map(|name| Call {
            id: decision_id(),
            grant: grant.clone(),
            kind: wanted.what.kind(),
            method: method.to_owned(),
            server: Arc::clone(&wanted.server.name),
            name: name.clone(),
            message: wanted.message.document.clone(),
            arguments_at,
            at,
        })
        .collect()
}

/// Ids of decisions sort by time.
fn decision_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

// === impl Proxy: the faces ===

impl Proxy {
    /// A proxy in front of the servers of an engine's configuration.
    pub(crate) fn new(engine: Arc<Engine>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            metrics: Metrics::default(),
            sessions: Sessions::default(),
            params: MirroredParams::default(),
            closing: CancellationToken::new(),
            upstreams: Upstreams::default(),
            flights: Flights::default(),
            calls: Seats::default(),
            streams: Seats::default(),
            stopping: AtomicBool::new(false),
        })
    }

    /// One JSON-RPC message of an agent (POST).
    pub(crate) async fn message(self: &Arc<Self>, incoming: Incoming) -> Answer {
        let snapshot = self.engine.snapshot();
        let mut asked = Asked::of(&incoming);
        let span = telemetry::server_span();
        let passed = async {
            let passed = self.pass(&snapshot, &incoming, &mut asked).await;
            telemetry::record_asked(&asked, snapshot.generation);
            match passed {
                Ok(answer) => answer,
                Err(refusal) => self.refuse(&snapshot, &incoming, &mut asked, refusal).await,
            }
        };
        passed.instrument(span).await
    }

    /// What a tool server says outside of any answer (GET; legacy).
    pub(crate) async fn listen(self: &Arc<Self>, incoming: Incoming) -> Answer {
        self.stream(incoming, Verb::Listen).await
    }

    /// The end of a session (DELETE; legacy).
    pub(crate) async fn end(self: &Arc<Self>, incoming: Incoming) -> Answer {
        self.stream(incoming, Verb::End).await
    }

    async fn stream(self: &Arc<Self>, incoming: Incoming, verb: Verb) -> Answer {
        let snapshot = self.engine.snapshot();
        let mut asked = Asked::of(&incoming);
        asked.method = match verb {
            Verb::Send | Verb::Listen => "stream/listen".to_owned(),
            Verb::End => "session/end".to_owned(),
        };
        let passed = self
            .pass_stream(&snapshot, &incoming, &mut asked, verb)
            .await;
        match passed {
            Ok(answer) => answer,
            Err(refusal) => self.refuse(&snapshot, &incoming, &mut asked, refusal).await,
        }
    }

    /// As [`Proxy::pass`], for what carries no message.
    async fn pass_stream(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        incoming: &Incoming,
        asked: &mut Asked,
        verb: Verb,
    ) -> Result<Answer, Refusal> {
        let (server, era, session) = read_stream(incoming, snapshot, asked)?;
        let grant = identify(&incoming.caller, snapshot, self.engine.now())?;
        asked.grant = Some(grant.clone());
        if era == Era::Modern {
            return Ok(refusal::plain(StatusCode::METHOD_NOT_ALLOWED, Some("POST")));
        }
        let seat = self.seat(snapshot, verb == Verb::Listen)?;
        let place = self.place(&grant, &server, session)?;
        let call = Call {
            id: decision_id(),
            grant: grant.clone(),
            kind: Kind::Protocol,
            method: asked.method.clone(),
            server: Arc::clone(&server.name),
            name: String::new(),
            message: Document::empty_object(),
            arguments_at: "/params",
            at: self.engine.now(),
        };
        let judgement = self.engine.judge(snapshot, call).await;
        let permit = match self.engine.record(judgement).await {
            Ruling::Permitted(permit) => permit,
            Ruling::Held(ticket) => return Ok(self.held(asked, &server, &ticket)),
            Ruling::Denied(denial) => return Ok(self.denied(asked, &denial)),
        };
        let route = Route {
            verb,
            era,
            session: place.session.clone(),
            headers: &incoming.headers,
            message: None,
            mirrored: &[],
        };
        let (exchange, pending) = self.forward(vec![permit], snapshot, route).await;
        if verb == Verb::End {
            self.sessions.close(&place);
        }
        let expects = match verb {
            Verb::Send | Verb::Listen => Expects::Stream,
            Verb::End => Expects::Nothing,
        };
        let relay = Relay::of_stream(
            self,
            snapshot,
            server,
            place,
            grant,
            asked,
            seat,
            pending,
            expects,
            copied(&incoming.headers, &[&PROTOCOL_VERSION]),
        );
        Ok(relay.answer(exchange).await)
    }

    /// Answers a request of a tool server in place of the agent: it is not one
    /// that the operator lets it send.
    pub(crate) async fn refuse_question(&self, relay: &Relay, id: &Id, method: &str) {
        let error = serde_json::json!({
            "jsonrpc": "2.0",
            "id": id,
            "error": { "code": -31_403, "message": "the gate does not pass this on" },
        });
        let limits = relay.snapshot.limits.request_json();
        let Ok(message) = Message::parse_text(&error.to_string(), &limits) else {
            return;
        };
        let call = Call {
            id: decision_id(),
            grant: relay.grant.clone(),
            kind: Kind::Protocol,
            method: method.to_owned(),
            server: Arc::clone(&relay.server.name),
            name: String::new(),
            message: message.document.clone(),
            arguments_at: "/params",
            at: self.engine.now(),
        };
        let judgement = self.engine.judge(&relay.snapshot, call).await;
        let Ruling::Permitted(permit) = self.engine.record(judgement).await else {
            return;
        };
        let route = Route {
            verb: Verb::Send,
            era: Era::Legacy,
            session: relay.place.session.clone(),
            headers: &relay.headers,
            message: Some(&message),
            mirrored: &[],
        };
        let (exchange, pending) = self.forward(vec![permit], &relay.snapshot, route).await;
        let (outcome, reason, message) = match &exchange {
            Ok(_) => (PastOutcome::Allowed, None, String::new()),
            Err(error) => (PastOutcome::Failed, Some(error.reason()), error.to_string()),
        };
        if let Some(pending) = pending
            && let Err(error) = pending.complete(outcome, reason, &message).await
        {
            tracing::warn!(%error, "the answer to a tool server has no outcome in the ledger");
        }
    }
}

// === impl Proxy: what stands before a decision ===

impl Proxy {
    fn seat(&self, snapshot: &Snapshot, is_long: bool) -> Result<Seat, Refusal> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(Refusal::new(Reason::ShuttingDown, "the gate is stopping"));
        }
        let limits = &snapshot.limits;
        let seat = if is_long {
            self.streams.take(limits.sessions_max)
        } else {
            self.calls.take(limits.calls_in_flight_max)
        };
        seat.ok_or_else(|| {
            Refusal::new(
                Reason::Overloaded,
                "the gate has as many calls in flight as it takes; try again later",
            )
        })
    }

    /// Whether the message fits into its session, and the method that the record
    /// names.
    fn admit(
        &self,
        snapshot: &Snapshot,
        wanted: &Wanted,
        grant: &Grant,
    ) -> Result<(Place, String), Refusal> {
        let place = self.place(grant, &wanted.server, wanted.session.clone())?;
        let method = match &wanted.what {
            What::Request { method, .. } => {
                let opens = method.name == "initialize" && place.session.is_none();
                if opens && !self.sessions.have_room(snapshot.limits.sessions_max) {
                    return Err(Refusal::new(
                        Reason::Overloaded,
                        "the gate has as many open sessions as it takes",
                    ));
                }
                method.name.to_owned()
            }
            What::Notification {
                cancels: Some(id), ..
            } if !self.flights.contain(&place, id) => {
                return Err(Refusal::new(
                    Reason::MalformedRequest,
                    "no call of this caller with this id is under way",
                ));
            }
            What::Notification { method, .. } => method.clone(),
            What::Response { id } => self.sessions.answered(&place, id).ok_or_else(|| {
                Refusal::new(
                    Reason::MalformedRequest,
                    "the tool server asked nothing that this answers",
                )
            })?,
        };
        Ok((place, method))
    }

    fn place(
        &self,
        grant: &Grant,
        server: &Server,
        session: Option<Arc<str>>,
    ) -> Result<Place, Refusal> {
        let place = Place {
            owner: Owner::of(grant),
            server: Arc::clone(&server.name),
            session,
        };
        if self.sessions.admits(&place) {
            Ok(place)
        } else {
            Err(Refusal::new(
                Reason::UnknownSession,
                "there is no such session",
            ))
        }
    }

    /// Records what was refused before it became a question.
    async fn refuse(
        &self,
        snapshot: &Snapshot,
        incoming: &Incoming,
        asked: &mut Asked,
        refusal: Refusal,
    ) -> Answer {
        let grant = asked
            .grant
            .take()
            .or_else(|| identify(&incoming.caller, snapshot, self.engine.now()).ok());
        let denial = self
            .engine
            .refuse(
                snapshot,
                Refused {
                    id: decision_id(),
                    grant,
                    method: asked.method.clone(),
                    server: incoming.server.to_string(),
                    name: asked.name.clone(),
                    denied: Denied::by_gate(refusal.reason, refusal.message),
                    detail: refusal.detail,
                },
            )
            .await;
        self.denied(asked, &denial)
    }

    fn denied(&self, asked: &Asked, denial: &Denial) -> Answer {
        self.metrics
            .denied(&asked.server_label, denial.denied.reason);
        telemetry::record_refusal(&denial.id, denial.denied.reason);
        refusal::denied(asked, denial)
    }

    fn held(&self, asked: &Asked, server: &Server, ticket: &gatewright_engine::Ticket) -> Answer {
        self.metrics.held(&server.name);
        telemetry::record_refusal(&ticket.id, Reason::ApprovalRequired);
        refusal::held(asked, ticket)
    }

    /// Refuses a request whose body could not even be read.
    pub(crate) async fn refuse_unread(&self, incoming: Incoming, refusal: Refusal) -> Answer {
        let mut asked = Asked::of(&incoming);
        let snapshot = self.engine.snapshot();
        self.refuse(&snapshot, &incoming, &mut asked, refusal).await
    }
}

// === impl Proxy: housekeeping ===

impl Proxy {
    pub(crate) fn flights(&self) -> &Flights {
        &self.flights
    }

    /// Calls and streams under way.
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        (self.calls.taken(), self.streams.taken())
    }

    fn upstream(
        &self,
        server: &Server,
        snapshot: &Snapshot,
    ) -> Result<Arc<Upstream>, UpstreamError> {
        self.upstreams.of(server, &snapshot.limits)
    }

    /// Ends what nobody uses any more. Carries nothing of any agent.
    pub(crate) async fn sweep(&self) {
        let snapshot = self.engine.snapshot();
        for (name, session) in self.sessions.expire(snapshot.limits.session_idle.0) {
            self.retire(&snapshot, &name, session).await;
        }
        self.upstreams.retain(&snapshot).await;
    }

    /// Tells a server that nobody will use a session again.
    pub(crate) async fn retire(&self, snapshot: &Snapshot, server: &str, session: Arc<str>) {
        let Some(server) = snapshot.server(server) else {
            return;
        };
        let Ok(upstream) = self.upstream(server, snapshot) else {
            return;
        };
        let outgoing = Outgoing {
            message: Arc::from(""),
            era: Era::Legacy,
            session: Some(session),
            headers: HeaderMap::new(),
            reply_bytes_max: snapshot.limits.result_bytes_max.0,
        };
        let ended = tokio::time::timeout(server.timeout, upstream.exchange(Verb::End, outgoing));
        if let Ok(Err(error)) = ended.await {
            tracing::debug!(%error, server = %server.name, "session not ended");
        }
    }

    /// From now on new calls are refused, and streams without an end are ended.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.closing.cancel();
    }

    /// Lets go of every tool server.
    pub(crate) async fn close(&self) {
        self.upstreams.close().await;
    }
}

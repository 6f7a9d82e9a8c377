//! What the two faces of the gate, HTTP and stdio, call.

use std::sync::Arc;

use gatewright_engine::{Call, Engine, Kind, Ruling, Snapshot};
use gatewright_policy::Reason;
use gatewright_policy::json::Document;
use gatewright_policy::request::PastOutcome;
use hyper::StatusCode;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::route::Route;
use super::{Proxy, decision_id};
use crate::bodies::Bodies;
use crate::call::{Answer, Incoming};
use crate::era::Era;
use crate::flights::{Flights, Seats};
use crate::headers::LAST_EVENT_ID;
use crate::identify::identify;
use crate::message::{Id, Message};
use crate::method::{SESSION_END, STREAM_LISTEN};
use crate::metrics::Metrics;
use crate::mirrored::MirroredParams;
use crate::questions::known_question;
use crate::read::{Refusal, read_stream};
use crate::refusal::{self, Asked};
use crate::relay::{Expects, Relay, Underway};
use crate::rotations::Rotations;
use crate::sessions::{Owner, Sessions};
use crate::tasks::Tasks;
use crate::telemetry;
use crate::upstream::{Upstreams, Verb};

impl Proxy {
    /// A proxy in front of the servers of an engine's configuration.
    pub(crate) fn new(engine: Arc<Engine>) -> Arc<Self> {
        Arc::new(Self {
            engine,
            metrics: Metrics::default(),
            sessions: Sessions::default(),
            params: MirroredParams::default(),
            tasks: Tasks::default(),
            bodies: Bodies::default(),
            answers: Bodies::default(),
            door: Arc::default(),
            rotations: Rotations::default(),
            closing: CancellationToken::new(),
            relays: TaskTracker::new(),
            upstreams: Upstreams::default(),
            flights: Flights::default(),
            calls: Seats::default(),
            streams: Seats::default(),
            stopping: std::sync::atomic::AtomicBool::new(false),
        })
    }

    /// One JSON-RPC message of an agent (POST).
    pub(crate) async fn message(self: &Arc<Self>, mut incoming: Incoming) -> Answer {
        let snapshot = self.engine.snapshot();
        let seat = incoming.seat.take();
        let mut asked = Asked::of(&incoming);
        let span = telemetry::server_span();
        let passed = async {
            // In its own place, as what seldom happens is: a future is as long as the
            // longest of what it may wait for, and is copied whole when it is moved.
            let passed = Box::pin(self.pass(&snapshot, &incoming, &mut asked, seat)).await;
            telemetry::record_asked(&asked, snapshot.generation);
            match passed {
                Ok(answer) => answer,
                Err(refusal) => {
                    let refused = self.refuse(&snapshot, &incoming, &mut asked, refusal);
                    Box::pin(refused).await
                }
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

    async fn stream(self: &Arc<Self>, mut incoming: Incoming, verb: Verb) -> Answer {
        // It has no message that the seat would be for.
        drop(incoming.seat.take());
        let snapshot = self.engine.snapshot();
        let mut asked = Asked::of(&incoming);
        asked.method = match verb {
            Verb::Send | Verb::Listen => STREAM_LISTEN.to_owned(),
            Verb::End => SESSION_END.to_owned(),
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
        // A legacy server may do without sessions, and still have a stream: listening
        // needs none, and takes a seat among the streams as with one.
        let resumes = incoming.headers.contains_key(LAST_EVENT_ID);
        if session.is_none() && (verb == Verb::End || resumes) {
            return Err(Refusal::new(
                Reason::MalformedRequest,
                "without a session there is nothing to end or to resume",
            ));
        }
        let owner = Owner::of(&grant);
        let seat = self.seat(snapshot, &owner, verb == Verb::Listen)?;
        let (place, stay) = self.place(owner, &server, session)?;
        let underway = Underway {
            seat,
            stay,
            place,
            flight: None,
            since: Instant::now(),
            grant,
        };
        let call = Call {
            id: decision_id(),
            grant: underway.grant.clone(),
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
            session: underway.place.session.clone(),
            headers: &incoming.headers,
            message: None,
            mirrored: &[],
        };
        let (exchange, pending) = self.forward(permit, snapshot, route).await;
        if verb == Verb::End {
            self.sessions.close(&underway.place);
        }
        let expects = match verb {
            Verb::Send | Verb::Listen => Expects::Stream,
            Verb::End => Expects::Nothing,
        };
        let relay = Relay::new(
            self,
            snapshot,
            server,
            expects,
            underway,
            asked,
            Some(pending),
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
        let limits = relay.snapshot().limits.request_json();
        let Ok(message) = Message::parse_text(&error.to_string(), &limits) else {
            return;
        };
        let call = Call {
            id: decision_id(),
            grant: relay.grant().clone(),
            kind: Kind::Protocol,
            method: known_question(method).to_owned(),
            server: Arc::clone(&relay.server().name),
            name: String::new(),
            message: message.document.clone(),
            arguments_at: "/params",
            at: self.engine.now(),
        };
        let judgement = self.engine.judge(relay.snapshot(), call).await;
        let Ruling::Permitted(permit) = self.engine.record(judgement).await else {
            return;
        };
        let headers = relay.version_header();
        let route = Route {
            verb: Verb::Send,
            era: Era::Legacy,
            session: relay.place().session.clone(),
            headers: &headers,
            message: Some(&message),
            mirrored: &[],
        };
        let (exchange, pending) = self.forward(permit, relay.snapshot(), route).await;
        let (outcome, reason, message) = match &exchange {
            Ok(_) => (PastOutcome::Allowed, None, ""),
            Err(error) => (PastOutcome::Failed, Some(error.reason()), error.public()),
        };
        if let Err(error) = pending.complete(outcome, reason, message).await {
            tracing::warn!(%error, "the answer to a tool server has no outcome in the ledger");
        }
    }
}

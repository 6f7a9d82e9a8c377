//! What the two faces of the gate, HTTP and stdio, call.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gatewright_engine::{Call, Engine, Kind, Ruling, Snapshot, Transport};
use gatewright_policy::Reason;
use gatewright_policy::json::Document;
use gatewright_policy::request::PastOutcome;
use hyper::StatusCode;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::Proxy;
use super::waiters::Waiters;
use crate::admin::answered::Answered;
use crate::answering;
use crate::asked::Asked;
use crate::bodies::Bodies;
use crate::call::{Answer, Incoming};
use crate::era::Era;
use crate::flights::{Flights, Seat, Seats};
use crate::forward::Route;
use crate::gate::{Gate, decision_id};
use crate::headers::{LAST_EVENT_ID, only};
use crate::identify::{admitted, identify};
use crate::method::{SESSION_END, STREAM_LISTEN};
use crate::owner::Owner;
use crate::params::PARAMS;
use crate::proofs;
use crate::read::{Refusal, read_stream};
use crate::refusal;
use crate::relay::{Expects, Relay, Underway};
use crate::rotations::Rotations;
use crate::statuses;
use crate::telemetry;
use crate::upstream::{Clients, Verb};

impl Proxy {
    /// A proxy in front of the servers of an engine's configuration.
    pub(crate) fn new(engine: Arc<Engine>, clients: Clients, first_wait: Duration) -> Arc<Self> {
        Arc::new(Self {
            gate: Arc::new(Gate::new(engine, clients, first_wait)),
            bodies: Bodies::default(),
            door: Arc::default(),
            rotations: Rotations::default(),
            answered: Answered::default(),
            flights: Flights::default(),
            calls: Seats::default(),
            streams: Seats::default(),
            waits: Seats::default(),
            waiters: Waiters::default(),
            stopping: AtomicBool::new(false),
        })
    }

    /// One JSON-RPC message of an agent (POST).
    pub(crate) async fn message(self: &Arc<Self>, mut incoming: Incoming) -> Answer {
        let seat = incoming.seat.take();
        let mut asked = Asked::of(&incoming);
        let answer = self.answer(&incoming, &mut asked, seat).await;
        match self.wait(&mut asked) {
            None => answer,
            Some(wait) => self.await_people(incoming, &asked, answer, wait),
        }
    }

    pub(super) async fn answer(
        self: &Arc<Self>,
        incoming: &Incoming,
        asked: &mut Asked,
        seat: Option<Seat>,
    ) -> Answer {
        let snapshot = self.gate.engine.snapshot();
        let span = telemetry::server_span();
        let passed = async {
            // In its own place, as what seldom happens is: a future is as long as the
            // longest of what it may wait for, and is copied whole when it is moved.
            let passed = Box::pin(self.pass(&snapshot, incoming, asked, seat)).await;
            telemetry::record_asked(asked, snapshot.generation);
            match passed {
                Ok(answer) => answer,
                Err(refusal) => {
                    let refused = self.refuse(&snapshot, incoming, asked, refusal);
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
        let snapshot = self.gate.engine.snapshot();
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
        let grant = identify(&incoming.caller, snapshot, self.gate.engine.now())?;
        asked.grant = Some(grant.clone());
        admitted(&self.gate.engine, &grant, &server.name)?;
        proofs::require(&grant)?;
        statuses::ready(&self.gate.engine, &grant).await;
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
            arguments_at: PARAMS,
            at: self.gate.engine.now(),
        };
        let judgement = self.gate.engine.judge(snapshot, call).await;
        let permit = match self.gate.engine.record(judgement).await {
            Ruling::Permitted(permit) => permit,
            Ruling::Held(ticket) => {
                return Ok(self.held(snapshot, asked, &underway.place, &ticket));
            }
            Ruling::Repeated(again) => {
                return Ok(self.repeated(snapshot, asked, &underway.place, &again));
            }
            Ruling::Denied(denial) => return Ok(self.denied(asked, &denial)),
        };
        let resumption = match place_of_event(incoming) {
            Some(event) if verb == Verb::Listen => {
                let (place, grant) = (&underway.place, &underway.grant);
                self.gate.kept.resume(place, event, grant)
            }
            Some(_) | None => None,
        };
        if let Some(resumption) = resumption {
            let (_, _, pending) = permit.redeem();
            return match pending.complete(PastOutcome::Allowed, None, "").await {
                Ok(()) => Ok(answering::resumed(&self.gate, resumption, underway)),
                Err(_counted) => Err(Refusal::new(
                    Reason::AuditUnavailable,
                    "the outcome could not be recorded",
                )),
            };
        }
        // An id of the gate's own is good for nothing at the tool server.
        let keeps_events = matches!(server.transport, Transport::Http { .. })
            && place_of_event(incoming).is_none_or(|event| !self.gate.kept.gave(event));
        if resumes && !keeps_events {
            return Err(Refusal::new(
                Reason::MalformedRequest,
                "what follows this event is not kept any more",
            ));
        }
        let route = Route {
            verb,
            era,
            session: underway.place.session.clone(),
            owner: &underway.place.owner,
            presented: incoming.caller.presented(),
            headers: &incoming.headers,
            message: None,
            mirrored: &[],
        };
        let (exchange, pending) = self
            .gate
            .forward(permit, snapshot, route, &underway.grant)
            .await;
        // A server that ends no session on request still has it.
        let goes_on = exchange
            .as_ref()
            .is_ok_and(|exchange| exchange.status == StatusCode::METHOD_NOT_ALLOWED);
        if verb == Verb::End && !goes_on {
            self.gate.sessions.close(&underway.place);
        }
        let expects = match verb {
            Verb::Send | Verb::Listen => Expects::Stream,
            Verb::End => Expects::End,
        };
        let relay = Relay::new(
            &self.gate,
            snapshot,
            server,
            expects,
            underway,
            asked,
            Some(pending),
        );
        Ok(relay.answer(exchange).await)
    }
}

/// The event that an agent comes back to.
fn place_of_event(incoming: &Incoming) -> Option<&str> {
    only(&incoming.headers, &LAST_EVENT_ID).ok().flatten()
}

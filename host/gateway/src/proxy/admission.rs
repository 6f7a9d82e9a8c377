//! What stands before a decision: room, sessions, and refusals that come
//! earlier than any question.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gatewright_engine::{Denial, Heard, Refused, Server, Snapshot};
use gatewright_policy::{Denied, Grant, Reason};
use hyper::StatusCode;
use tokio::time::Instant;

use super::Proxy;
use crate::asked::Asked;
use crate::call::{Answer, Incoming};
use crate::flights::{NoSeat, Seat};
use crate::gate::decision_id;
use crate::identify::identify;
use crate::method::{Names, heard_method};
use crate::owner::{Owner, Place};
use crate::read::{Refusal, Wanted, What};
use crate::refusal;
use crate::relay::Underway;
use crate::sessions::{Room, Stay};
use crate::telemetry;

impl Proxy {
    /// A seat among the calls, or among the streams without an end.
    pub(crate) fn seat(
        &self,
        snapshot: &Snapshot,
        owner: &Owner,
        is_long: bool,
    ) -> Result<Seat, Refusal> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(Refusal::new(Reason::ShuttingDown, "the gate is stopping"));
        }
        let limits = &snapshot.limits;
        let (what, seats, all) = if is_long {
            ("streams", &self.streams, limits.sessions_max)
        } else {
            ("calls", &self.calls, limits.calls_in_flight_max)
        };
        let seat = seats.take(owner, all, limits.agent_share.of(all));
        seat.map_err(|none| {
            let message = match none {
                NoSeat::Full => format!("the gate has as many {what} under way as it takes"),
                NoSeat::ShareTaken => {
                    self.gate.metrics.share_taken(what);
                    format!("the agent has its share of the {what} under way")
                }
            };
            Refusal::new(Reason::Overloaded, format!("{message}; try again later"))
        })
    }

    /// Makes room for another MCP session.
    async fn make_room(&self, snapshot: &Snapshot, owner: &Owner) -> Result<(), Refusal> {
        let gone = self
            .gate
            .sessions
            .make_room(owner, Room::of(&snapshot.limits));
        let gone = gone.map_err(|full| {
            self.gate.metrics.share_taken("sessions");
            Refusal::new(Reason::Overloaded, full.to_string())
        })?;
        Box::pin(self.gate.gave_way(snapshot, gone)).await;
        Ok(())
    }

    /// What of an agent's message goes nowhere: without a session its ids are any
    /// caller's, and the tool server would take them for another one's.
    pub(super) fn dropped(&self, wanted: &Wanted, place: &Place) -> Option<Answer> {
        let is_of_session = match &wanted.what {
            What::Notification { passes: false, .. } => {
                self.gate
                    .metrics
                    .unknown_notification(&wanted.server.name, "agent");
                // Its name is the agent's own words.
                tracing::info!(
                    server = %wanted.server.name,
                    "an unknown notification of an agent is dropped; \
                     hint: `server.notifications` lets it pass"
                );
                return Some(refusal::plain(StatusCode::ACCEPTED, None));
            }
            // The tool server knows nothing of a held call.
            What::Notification {
                cancels: Some(id), ..
            } if !self.flights.contain(place, id) && self.waiters.cancel(place, id) => {
                return Some(refusal::plain(StatusCode::ACCEPTED, None));
            }
            What::Notification { method, .. } => method.is_of_session,
            What::Request { .. } | What::Response { .. } => false,
        };
        (is_of_session && place.session.is_none()).then(|| {
            self.gate.metrics.notifications_dropped.inc();
            refusal::plain(StatusCode::ACCEPTED, None)
        })
    }

    /// Gives the message its seat and its session, and names the method that the
    /// record is about. `seat`: the one that it was read in, if it was read.
    pub(super) async fn admit(
        &self,
        snapshot: &Snapshot,
        wanted: &mut Wanted,
        grant: Grant,
        seat: Option<Seat>,
    ) -> Result<(Underway, String), Refusal> {
        let owner = Owner::of(&grant);
        let seat = match (seat, wanted.what.is_long()) {
            (Some(seat), false) => seat,
            (Some(_) | None, is_long) => self.seat(snapshot, &owner, is_long)?,
        };
        let (place, stay) = self.place(owner, &wanted.server, wanted.session.clone())?;
        let mut flight = None;
        let method = match &mut wanted.what {
            What::Request { id, method, names } => {
                if method.names == Names::Task {
                    *names = vec![self.tool_of_task(&place, names)?];
                }
                let opens = method.name == "initialize" && place.session.is_none();
                // Nobody's session ends for a caller that is refused anyway.
                if opens && grant.covers_server(&wanted.server.name) {
                    self.make_room(snapshot, &place.owner).await?;
                }
                flight = Some(self.flights.begin(&place, id));
                method.name.to_owned()
            }
            What::Notification {
                cancels: Some(id), ..
            } if !self.flights.contain(&place, id) && !self.waiters.contain(&place, id) => {
                return Err(Refusal::new(
                    Reason::MalformedRequest,
                    "no call of this caller with this id is under way",
                ));
            }
            What::Notification { method, .. } => method.name.to_owned(),
            What::Response { id } => self.gate.sessions.answered(&place, id).ok_or_else(|| {
                Refusal::new(
                    Reason::MalformedRequest,
                    "the tool server asked nothing that this answers",
                )
            })?,
        };
        let underway = Underway {
            place,
            grant,
            seat,
            stay,
            flight,
            since: Instant::now(),
        };
        Ok((underway, method))
    }

    /// The tool that works on a task. To everybody but the caller that made it, a
    /// task does not exist.
    fn tool_of_task(&self, place: &Place, ids: &[String]) -> Result<String, Refusal> {
        let id = ids.first();
        let tool = id.and_then(|id| self.gate.tasks.tool(&place.server, id, &place.owner));
        tool.ok_or_else(|| Refusal {
            code: Some(-32_602),
            ..Refusal::new(Reason::InvalidArguments, "there is no such task")
        })
    }

    pub(super) fn place(
        &self,
        owner: Owner,
        server: &Server,
        session: Option<Arc<str>>,
    ) -> Result<(Place, Option<Stay>), Refusal> {
        let place = Place {
            owner,
            server: Arc::clone(&server.name),
            session,
        };
        match self.gate.sessions.enter(&place) {
            Ok(stay) => Ok((place, stay)),
            Err(unknown) => Err(Refusal::new(Reason::UnknownSession, unknown.to_string())),
        }
    }

    /// Records what was refused before it became a question.
    pub(crate) async fn refuse(
        &self,
        snapshot: &Snapshot,
        incoming: &Incoming,
        asked: &mut Asked,
        refusal: Refusal,
    ) -> Answer {
        asked.code = refusal.code;
        let grant = asked
            .grant
            .take()
            .or_else(|| identify(&incoming.caller, snapshot, self.gate.engine.now()).ok());
        let denial = self
            .gate
            .engine
            .refuse(
                snapshot,
                Refused {
                    id: decision_id(),
                    grant,
                    method: heard_method(&asked.method),
                    server: incoming.server.to_string(),
                    name: asked.name.clone(),
                    record: match refusal.record {
                        Some(record) => Heard::Known(record),
                        None => Heard::of(refusal.message.clone()),
                    },
                    denied: Denied {
                        scopes: refusal.scopes,
                        ..Denied::by_gate(refusal.reason, refusal.message)
                    },
                },
            )
            .await;
        self.denied(asked, &denial)
    }

    pub(super) fn denied(&self, asked: &Asked, denial: &Denial) -> Answer {
        self.gate
            .metrics
            .denied(&asked.server_label, denial.denied.reason);
        telemetry::record_refusal(&denial.id, denial.denied.reason);
        refusal::denied(asked, denial)
    }

    /// Refuses a request whose body was not read, or could not be.
    pub(crate) async fn refuse_unread(&self, incoming: Incoming, refusal: Refusal) -> Answer {
        let mut asked = Asked::of(&incoming);
        let snapshot = self.gate.engine.snapshot();
        self.refuse(&snapshot, &incoming, &mut asked, refusal).await
    }
}

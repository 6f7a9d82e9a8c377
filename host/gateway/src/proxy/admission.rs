//! What stands before a decision: room, sessions, and refusals that come
//! earlier than any question.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use gatewright_engine::{Denial, Refused, Server, Snapshot, Ticket};
use gatewright_policy::{Denied, Grant, Reason};
use tokio::time::Instant;

use super::{Proxy, decision_id};
use crate::call::{Answer, Incoming};
use crate::flights::Seat;
use crate::method::Names;
use crate::read::{Refusal, Wanted, What, identify};
use crate::refusal::{self, Asked};
use crate::relay::Underway;
use crate::sessions::{Owner, Place};
use crate::telemetry;

impl Proxy {
    pub(super) fn seat(&self, snapshot: &Snapshot, is_long: bool) -> Result<Seat, Refusal> {
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

    /// Gives the message its seat and its session, and names the method that the
    /// record is about.
    pub(super) fn admit(
        &self,
        snapshot: &Snapshot,
        wanted: &mut Wanted,
        grant: Grant,
    ) -> Result<(Underway, String), Refusal> {
        let seat = self.seat(snapshot, wanted.what.is_long())?;
        let place = self.place(&grant, &wanted.server, wanted.session.clone())?;
        let mut flight = None;
        let method = match &mut wanted.what {
            What::Request { id, method, names } => {
                if method.names == Names::Task {
                    *names = vec![self.tool_of_task(&place, names)?];
                }
                let opens = method.name == "initialize" && place.session.is_none();
                if opens && !self.sessions.have_room(snapshot.limits.sessions_max) {
                    return Err(Refusal::new(
                        Reason::Overloaded,
                        "the gate has as many open sessions as it takes",
                    ));
                }
                flight = Some(self.flights.begin(&place, id));
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
            What::Notification { method, .. } => method.name.to_owned(),
            What::Response { id } => self.sessions.answered(&place, id).ok_or_else(|| {
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
            flight,
            since: Instant::now(),
        };
        Ok((underway, method))
    }

    /// The tool that works on a task. To everybody but the caller that made it, a
    /// task does not exist.
    fn tool_of_task(&self, place: &Place, ids: &[String]) -> Result<String, Refusal> {
        let id = ids.first().map(String::as_str).unwrap_or_default();
        let tool = self.tasks.tool(&place.server, id, &place.owner);
        tool.ok_or_else(|| Refusal {
            code: Some(-32_602),
            ..Refusal::new(Reason::InvalidArguments, "there is no such task")
        })
    }

    pub(super) fn place(
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
    pub(super) async fn refuse(
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

    pub(super) fn denied(&self, asked: &Asked, denial: &Denial) -> Answer {
        self.metrics
            .denied(&asked.server_label, denial.denied.reason);
        telemetry::record_refusal(&denial.id, denial.denied.reason);
        refusal::denied(asked, denial)
    }

    pub(super) fn held(&self, asked: &Asked, server: &Server, ticket: &Ticket) -> Answer {
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

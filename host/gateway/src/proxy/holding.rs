//! A call that is held: how its client waits, by what it declared, and what it comes back
//! with.

use gatewright_engine::approvals::NotReturned;
use gatewright_engine::{Judgements, Snapshot, Ticket};
use gatewright_policy::record::CallState;
use gatewright_policy::{Grant, Reason};

use super::Proxy;
use crate::asked::Asked;
use crate::call::Answer;
use crate::elicit::{MAY_ASK, elicited};
use crate::era::Era;
use crate::owner::Place;
use crate::read::Refusal;
use crate::refusal;
use crate::telemetry;

/// The legacy revision that knows URL elicitation.
const ELICITS_URL: &str = "2025-11-25";

impl Proxy {
    /// The answer to a call that is held, and whether its client waits for another one.
    /// Whoever is sent to the console does not wait the first time, and whoever will not go
    /// there does not wait at all.
    pub(super) fn held(
        &self,
        snapshot: &Snapshot,
        asked: &mut Asked,
        place: &Place,
        ticket: &Ticket,
    ) -> Answer {
        self.gate.metrics.held(&place.server);
        telemetry::record_refusal(&ticket.id, Reason::ApprovalRequired);
        let returned = asked.returned.as_ref();
        let is_declined = returned.is_some_and(|returned| returned.is_declined);
        let console = snapshot.gate.console_url.as_deref();
        let console = console.filter(|_| !is_declined && self.elicits_url(asked, place));
        let waits = !is_declined && (console.is_none() || !ticket.is_new);
        asked.waits_for = waits.then(|| (ticket.id.clone(), place.clone()));
        match (console, &asked.grant) {
            (Some(console), Some(grant)) => {
                let url = format!("{}/approvals/{}", console.trim_end_matches('/'), ticket.id);
                let state = self.gate.engine.call_state(grant, ticket);
                elicited(asked, ticket, &url, &state)
            }
            (Some(_) | None, _) => refusal::held(asked, ticket),
        }
    }

    /// Whether the client of this message can send its user to a URL.
    fn elicits_url(&self, asked: &Asked, place: &Place) -> bool {
        match asked.era {
            Some(Era::Modern) => asked.elicits_url && MAY_ASK.contains(&asked.method.as_str()),
            Some(Era::Legacy) => {
                let version = asked.version.as_deref();
                // Over stdio no message says so again.
                version.is_none_or(|version| version == ELICITS_URL)
                    && asked.id.is_some()
                    && self.gate.sessions.elicits_url(place)
            }
            None => false,
        }
    }

    /// What a client brings back from the console, if it was given to this caller.
    pub(super) fn returned(
        &self,
        grant: &Grant,
        asked: &Asked,
    ) -> Result<Option<CallState>, Refusal> {
        let Some(returned) = &asked.returned else {
            return Ok(None);
        };
        let state = self.gate.engine.returned(grant, &returned.state);
        state.map(Some).map_err(not_returned)
    }

    /// Nobody comes back with another call.
    pub(super) fn is_same(
        &self,
        returned: Option<CallState>,
        judgements: &Judgements,
    ) -> Result<(), Refusal> {
        let Some(state) = returned else {
            return Ok(());
        };
        let engine = &self.gate.engine;
        let is_same = engine.returns_with(&state, judgements);
        is_same.map_err(not_returned)
    }
}

/// The state is not what this caller was given for this call.
fn not_returned(why: NotReturned) -> Refusal {
    let why = match why {
        NotReturned::Foreign(_) => "`requestState` is not one that this gate gave",
        NotReturned::OtherCaller => "`requestState` was given to another caller",
        NotReturned::Over => {
            "the time to decide on this call is over; call again without `requestState`"
        }
        NotReturned::OtherCall => "`requestState` was given for another call",
    };
    Refusal {
        code: Some(-32_602),
        ..Refusal::new(Reason::InvalidArguments, why)
    }
}

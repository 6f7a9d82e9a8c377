//! The one path of a call. Read [`Proxy::pass`] first: it lists the steps.

mod admission;
mod caller;
mod faces;
mod holding;
mod housekeeping;
mod repeating;
mod waiters;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gatewright_engine::{Call, Judgement, Judgements, Ruling, Snapshot};
use gatewright_policy::Grant;

use self::waiters::Waiters;
use crate::admin::answered::Answered;
use crate::asked::Asked;
use crate::bodies::Bodies;
use crate::call::{Answer, Incoming};
use crate::flights::{Flights, Seat, Seats};
use crate::forward::Route;
use crate::gate::{Gate, decision_id};
use crate::listener::Door;
use crate::params::PARAMS;
use crate::read::{Refusal, Wanted, What, read};
use crate::relay::{Expects, Relay};
use crate::rotations::Rotations;

/// The enforcement point, whatever face it shows to the agent.
pub(crate) struct Proxy {
    pub(crate) gate: Arc<Gate>,
    /// Messages of agents in memory.
    pub(crate) bodies: Bodies,
    pub(crate) door: Arc<Door>,
    pub(crate) rotations: Rotations,
    /// What approvers asked to read.
    pub(crate) answered: Answered,
    flights: Flights,
    calls: Seats,
    streams: Seats,
    /// Held calls, and what ends them.
    waits: Seats,
    waiters: Waiters,
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
        seat: Option<Seat>,
    ) -> Result<Answer, Refusal> {
        let mut wanted = read(incoming, snapshot, &self.gate.params, asked)?; // 1 read
        let (grant, returned) = self
            .identified(snapshot, incoming, asked, &mut wanted)
            .await?; // 2 identify
        let (underway, method) = self.admit(snapshot, &mut wanted, grant, seat).await?;
        let (grant, place) = (&underway.grant, &underway.place);
        if let Some(answer) = self.dropped(&wanted, place) {
            return Ok(answer);
        }
        self.gate
            .look_before(snapshot, &wanted, (grant, place), incoming)
            .await;
        let (call, further) = questions(self, &wanted, grant, &method);
        let mut judgements = Judgements::from(self.judge(snapshot, call).await); // 3 ask, 4 revise, 5 judge
        for call in further {
            judgements.push(Box::pin(self.judge(snapshot, call)).await);
        }
        self.is_same(returned, &judgements)?;
        let permit = match self.gate.engine.record(judgements).await {
            // 6 record
            Ruling::Permitted(permit) => permit,
            Ruling::Held(ticket) => return Ok(self.held(snapshot, asked, place, &ticket)),
            Ruling::Repeated(again) => return Ok(self.repeated(snapshot, asked, place, &again)),
            Ruling::Denied(denial) => return Ok(self.denied(asked, &denial)),
        };
        if wanted.what.may_stream() {
            incoming.marks.goes_ahead();
        }
        let route = Route::of(&wanted, incoming, place);
        let (exchange, pending) = self.gate.forward(permit, snapshot, route, grant).await; // 7 forward
        let (server, expects) = (wanted.server, Expects::of(wanted.what));
        let pending = Some(pending);
        let relay = Relay::new(
            &self.gate, snapshot, server, expects, underway, asked, pending,
        );
        Ok(relay.answer(exchange).await) // 8 review, 9 complete
    }

    async fn judge(&self, snapshot: &Arc<Snapshot>, call: Call) -> Judgement {
        let judgement = self.gate.engine.judge(snapshot, call).await;
        self.gate.metrics.judged(&judgement);
        judgement
    }
}

/// The questions that a message raises: one for each thing that it names, or one
/// about nothing in particular.
fn questions(proxy: &Proxy, wanted: &Wanted, grant: &Grant, method: &str) -> (Call, Vec<Call>) {
    let (names, arguments_at) = match &wanted.what {
        What::Request { names, method, .. } => (names.as_slice(), method.arguments_at),
        What::Notification { .. } | What::Response { .. } => (&[][..], PARAMS),
    };
    let at = proxy.gate.engine.now();
    let question = |name: &str| Call {
        id: decision_id(),
        grant: grant.clone(),
        kind: wanted.what.kind(),
        method: method.to_owned(),
        server: Arc::clone(&wanted.server.name),
        name: name.to_owned(),
        message: wanted.message.document.clone(),
        arguments_at,
        at,
    };
    match names.split_first() {
        None => (question(""), Vec::new()),
        Some((first, further)) => {
            let further = further.iter().map(|name| question(name));
            (question(first), further.collect())
        }
    }
}

//! The one path of a call. Read [`Proxy::pass`] first: it lists the steps.

mod admission;
mod faces;
mod housekeeping;
mod route;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gatewright_engine::{Call, Engine, Pending, Permit, Ruling, Snapshot};
use gatewright_policy::Grant;
use gatewright_policy::request::PastOutcome;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use self::route::Route;
use crate::call::{Answer, Incoming};
use crate::flights::{Flights, Seats};
use crate::metrics::Metrics;
use crate::mirrored::MirroredParams;
use crate::read::{Refusal, Wanted, What, identify, read};
use crate::refusal::Asked;
use crate::relay::{Expects, Relay};
use crate::sessions::Sessions;
use crate::tasks::Tasks;
use crate::telemetry;
use crate::upstream::{Exchange, UpstreamError, Upstreams};

/// The enforcement point, whatever face it shows to the agent.
pub(crate) struct Proxy {
    pub(crate) engine: Arc<Engine>,
    pub(crate) metrics: Metrics,
    pub(crate) sessions: Sessions,
    pub(crate) params: MirroredParams,
    pub(crate) tasks: Tasks,
    /// Ends streams that have no end of their own.
    pub(crate) closing: CancellationToken,
    /// Streams on their way to agents. Each ends with the answer that it is part
    /// of.
    pub(crate) relays: TaskTracker,
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
        let mut wanted = read(incoming, snapshot, &self.params, asked)?; // 1 read
        let grant = identify(&incoming.caller, snapshot, self.engine.now())?; // 2 identify
        asked.grant = Some(grant.clone());
        let (underway, method) = self.admit(snapshot, &mut wanted, grant).await?;
        if let Some(answer) = self.dropped(&wanted, &underway.place) {
            return Ok(answer);
        }
        let mut permits = Vec::new();
        for call in questions(self, &wanted, &underway.grant, &method) {
            let judgement = self.engine.judge(snapshot, call).await; // 3 ask, 4 revise, 5 judge
            self.metrics.judged(&judgement);
            let ruling = self.engine.record(judgement).await; // 6 record
            match ruling {
                Ruling::Permitted(permit) => permits.push(permit),
                Ruling::Held(ticket) => return Ok(self.held(asked, &wanted.server, &ticket)),
                Ruling::Denied(denial) => return Ok(self.denied(asked, &denial)),
            }
        }
        let route = Route::of(&wanted, incoming, &underway.place);
        let (exchange, pending) = self.forward(permits, snapshot, route).await; // 7 forward
        let expects = Expects::of(wanted.what);
        let relay = Relay::new(
            self,
            snapshot,
            wanted.server,
            expects,
            underway,
            asked,
            pending,
        );
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

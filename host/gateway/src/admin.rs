//! What operators see: health, metrics, status and agents, on loopback only.

mod agents;
pub(crate) mod answered;
mod approvals;
mod operator;
mod page;
mod tools;

use std::sync::Arc;

use gatewright_engine::Status;
use gatewright_engine::ledger::SegmentStatus;
use gatewright_engine::status::PacksStatus;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use serde::Serialize;

use self::page::{failed, page};
use crate::body::Body;
use crate::host::Names;
use crate::proxy::Proxy;

/// Most connections of operators at once.
pub(crate) const CONNECTIONS_MAX: usize = 32;

/// Every page.
pub(crate) const PAGES: [&str; 8] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/status",
    AGENTS,
    "/revocations",
    TOOLS,
    approvals::PATH,
];

/// The agents; `POST` changes something about them, for operators alone.
const AGENTS: &str = "/agents";

/// The tools of servers; `POST` pins some, for operators alone.
const TOOLS: &str = "/tools";

/// What an operator can have done: `POST` begins a new segment of the ledger. A
/// page of another origin cannot ask for it.
const ROTATE: &str = "/rotate";

/// Answers one request of an operator.
pub(crate) async fn serve(
    proxy: Arc<Proxy>,
    registry: Arc<Registry>,
    names: Arc<Names>,
    request: Request<Incoming>,
) -> Response<Body> {
    if names.check(request.uri(), request.headers()).is_err() {
        return page(StatusCode::FORBIDDEN, "text/plain", "wrong host\n");
    }
    if request.method() == Method::POST && request.uri().path() == ROTATE {
        return rotate(&proxy).await;
    }
    if request.method() == Method::POST && request.uri().path() == AGENTS {
        return agents::change(&proxy.gate.engine, request).await;
    }
    if request.method() == Method::POST && request.uri().path() == TOOLS {
        return tools::pin(&proxy.gate.engine, request).await;
    }
    if is_below(request.uri().path(), approvals::PATH) {
        let (engine, answered) = (&proxy.gate.engine, &proxy.answered);
        return Box::pin(approvals::serve(engine, answered, request)).await;
    }
    if request.method() != Method::GET {
        return page(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "only GET\n");
    }
    match request.uri().path() {
        "/healthz" => page(StatusCode::OK, "text/plain", "ok\n"),
        "/readyz" => ready(&proxy),
        "/metrics" => metrics(&registry),
        "/status" => status(&proxy),
        AGENTS => agents::list(&proxy.gate.engine, request.uri().query()),
        TOOLS => tools::list(&proxy.gate.engine, request.uri().query()),
        "/revocations" => agents::revocations(&proxy.gate.engine),
        _unknown => {
            let text = format!("no such page; there are {}\n", PAGES.join(" "));
            page(StatusCode::NOT_FOUND, "text/plain", text)
        }
    }
}

/// Whether a path is this one, or below it.
fn is_below(path: &str, this: &str) -> bool {
    let rest = path.strip_prefix(this);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Everything that `/metrics` shows.
pub(crate) fn registry(proxy: &Arc<Proxy>) -> Registry {
    let mut registry = Registry::default();
    proxy.gate.metrics.register(&mut registry);
    proxy.door.register(&mut registry);
    registry.register_collector(Box::new(State(Arc::clone(proxy))));
    registry
}

/// Ready: there are policies, and decisions can be recorded.
fn ready(proxy: &Proxy) -> Response<Body> {
    let status = proxy.gate.engine.status();
    if !status.ready {
        return page(
            StatusCode::SERVICE_UNAVAILABLE,
            "text/plain",
            "no policies yet\n",
        );
    }
    if !status.ledger_healthy {
        let why = status.ledger_error.unwrap_or_default();
        let text = format!("decisions cannot be recorded\n{why}\n");
        return page(StatusCode::SERVICE_UNAVAILABLE, "text/plain", text);
    }
    page(StatusCode::OK, "text/plain", "ready\n")
}

fn metrics(registry: &Registry) -> Response<Body> {
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, registry) {
        Ok(()) => page(
            StatusCode::OK,
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            text,
        ),
        Err(error) => failed(&error),
    }
}

fn status(proxy: &Proxy) -> Response<Body> {
    let status = GateStatus {
        engine: proxy.gate.engine.status(),
        accept_error: proxy.door.failing(),
    };
    match serde_json::to_string(&status) {
        Ok(text) => page(StatusCode::OK, "application/json", text),
        Err(error) => failed(&error),
    }
}

async fn rotate(proxy: &Proxy) -> Response<Body> {
    let Some(rotated) = proxy.rotations.pace(proxy.gate.engine.rotate()).await else {
        return page(
            StatusCode::TOO_MANY_REQUESTS,
            "text/plain",
            "a rotation was asked for already; try again when it has ended\n",
        );
    };
    match rotated {
        Ok(rotated) => {
            let rotated = rotated.map(|rotated| {
                serde_json::json!({
                    "sealed": rotated.sealed.to_string_lossy(),
                    "continued_at": rotated.continued_at,
                })
            });
            let text = serde_json::json!({ "rotated": rotated }).to_string();
            page(StatusCode::OK, "application/json", text)
        }
        Err(error) => failed(&error),
    }
}

/// What `/status` shows.
#[derive(Serialize)]
struct GateStatus {
    #[serde(flatten)]
    engine: Status,
    /// Why no connection can be accepted, while it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    accept_error: Option<String>,
}

/// What is not counted but looked up.
struct State(Arc<Proxy>);

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("State")
    }
}

impl Collector for State {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let proxy = &self.0;
        let status = proxy.gate.engine.status();
        let (calls, streams) = proxy.in_flight();
        let taken = proxy.gate.engine.taken();
        let packs = |revision: fn(&PacksStatus) -> Option<u64>| {
            let revision = status.packs.as_ref().and_then(revision);
            i64::try_from(revision.unwrap_or_default()).unwrap_or(i64::MAX)
        };
        let long = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let segment = |of: fn(&SegmentStatus) -> u64| long(status.segment.as_ref().map_or(0, of));
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let gauges = [
            (
                "gatewright_generation",
                "Snapshots activated so far",
                i64::try_from(status.generation).unwrap_or(i64::MAX),
            ),
            (
                "gatewright_ready",
                "Whether there are policies",
                i64::from(status.ready),
            ),
            (
                "gatewright_ledger_healthy",
                "Whether decisions can be recorded",
                i64::from(status.ledger_healthy),
            ),
            (
                "gatewright_ledger_bytes",
                "Length of the newest segment of the ledger",
                segment(|segment| segment.bytes),
            ),
            (
                "gatewright_ledger_first_sequence",
                "Sequence of the first entry of the newest segment",
                segment(|segment| segment.first_sequence),
            ),
            (
                "gatewright_ledger_rotate_failed",
                "Whether the last try to begin a new segment failed",
                segment(|segment| u64::from(segment.rotate_error.is_some())),
            ),
            (
                "gatewright_ledger_signed_sequence",
                "Sequence after the last entry that a checkpoint signs for",
                segment(|segment| segment.signed),
            ),
            (
                "gatewright_ledger_sign_failed",
                "Whether the last try to sign for the ledger failed",
                segment(|segment| u64::from(segment.tree_error.is_some())),
            ),
            (
                "gatewright_held_calls_failed",
                "Whether held calls are not kept beside the ledger as they should be",
                segment(|segment| u64::from(segment.held_error.is_some())),
            ),
            (
                "gatewright_clock_behind_seconds",
                "How far the clock is behind the ledger, if it is far behind",
                long(status.clock_behind_seconds.unwrap_or_default()),
            ),
            (
                "gatewright_reload_failed",
                "Whether the configuration on disk is not the active one",
                i64::from(status.reload_error.is_some()),
            ),
            (
                "gatewright_unrecorded",
                "Refusals and outcomes that are not in the ledger",
                i64::try_from(status.unrecorded).unwrap_or(i64::MAX),
            ),
            (
                "gatewright_packs_wanted_revision",
                "Revision of the set of packs that is wanted; 0 without packs",
                packs(|packs| Some(packs.wanted)),
            ),
            (
                "gatewright_packs_active_revision",
                "Revision of the set of packs in force; 0 without packs",
                packs(|packs| packs.active),
            ),
            (
                "gatewright_packs_good_revision",
                "Revision of the set of packs that a restart may go back to",
                packs(|packs| packs.last_good),
            ),
            (
                "gatewright_calls_in_flight",
                "Calls under way",
                number(calls),
            ),
            (
                "gatewright_body_bytes",
                "Bytes of messages of agents in memory",
                number(proxy.bodies.bytes()),
            ),
            (
                "gatewright_answer_bytes",
                "Bytes of answers that agents have not taken yet",
                number(proxy.gate.answers.bytes()),
            ),
            (
                "gatewright_calls_waiting",
                "Held calls, with the agent on the line",
                number(proxy.waiting()),
            ),
            (
                "gatewright_streams_open",
                "Streams without an end",
                number(streams),
            ),
            (
                "gatewright_sessions_open",
                "MCP sessions that are open",
                number(proxy.gate.sessions.count()),
            ),
            (
                "gatewright_credentials_ending",
                "Callers whose credential is in the last tenth of its life, an hour at most",
                number(proxy.gate.endings.count(proxy.gate.engine.now())),
            ),
            (
                "gatewright_policy_instances",
                "Policy instances in use",
                number(taken.instances),
            ),
            (
                "gatewright_policy_instances_slow",
                "Those of them that did not answer at once",
                number(taken.instances_slow),
            ),
            (
                "gatewright_agents_registered",
                "Agents that operators registered or stopped",
                number(proxy.gate.engine.agents().registry().len()),
            ),
            (
                "gatewright_agents_seen",
                "Agents that are remembered, registered or not",
                number(proxy.gate.engine.agents().inventory().len()),
            ),
            (
                "gatewright_tools_pinned",
                "Tools whose definition is pinned",
                number(status.tools.pinned),
            ),
            (
                "gatewright_tools_changed",
                "Tools whose definition is another one than is pinned",
                number(status.tools.changed),
            ),
            (
                "gatewright_tracked_sessions",
                "Sessions whose labels and calls are kept",
                number(taken.tracked_sessions),
            ),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        encode_keys(&mut encoder, &status)
    }
}

/// How many keys of each issuer may be used now; 0 where its tokens are refused.
fn encode_keys(
    encoder: &mut DescriptorEncoder<'_>,
    status: &Status,
) -> Result<(), std::fmt::Error> {
    if status.issuer_keys.is_empty() {
        return Ok(());
    }
    let gauge = ConstGauge::new(0_i64);
    let mut metric = encoder.encode_descriptor(
        "gatewright_issuer_keys",
        "Keys of an issuer that may be used; 0 where its tokens are refused",
        None,
        gauge.metric_type(),
    )?;
    for keys in &status.issuer_keys {
        let usable = match keys.state {
            "good" | "not-refreshed" => keys.keys,
            _missing_or_too_old => 0,
        };
        let gauge = ConstGauge::new(i64::try_from(usable).unwrap_or(i64::MAX));
        let labels = [("issuer", keys.issuer.as_str())];
        gauge.encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}

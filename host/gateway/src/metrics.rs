//! What Prometheus sees. Labels come from the configuration and from closed
//! sets only: an agent cannot make new ones.

use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Judgement;
use gatewright_policy::Reason;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Everything that is counted.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    decisions: Family<DecisionLabels, Counter>,
    faults: Family<FaultLabels, Counter>,
    flips: Family<FlipLabels, Counter>,
    server_durations: Family<DurationLabels, Histogram, fn() -> Histogram>,
    client_durations: Family<DurationLabels, Histogram, fn() -> Histogram>,
    shares_taken: Family<ShareLabels, Counter>,
    notifications_unknown: Family<UnknownLabels, Counter>,
    pub(crate) panics: Counter,
    pub(crate) sessions_given_way: Counter,
    pub(crate) streams_unread: Counter,
    pub(crate) notifications_dropped: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ShareLabels {
    of: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct UnknownLabels {
    from: &'static str,
    server: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DecisionLabels {
    decision: &'static str,
    reason: &'static str,
    server: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FaultLabels {
    binding: String,
    fault: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FlipLabels {
    stable: String,
    candidate: String,
    server: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DurationLabels {
    mcp_method_name: String,
    error_type: &'static str,
    server: String,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            decisions: Family::default(),
            faults: Family::default(),
            flips: Family::default(),
            server_durations: Family::new_with_constructor(durations),
            client_durations: Family::new_with_constructor(durations),
            shares_taken: Family::default(),
            notifications_unknown: Family::default(),
            panics: Counter::default(),
            sessions_given_way: Counter::default(),
            streams_unread: Counter::default(),
            notifications_dropped: Counter::default(),
        }
    }
}

/// 0.25 ms to about 65 s.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 4.0, 10))
}

impl Metrics {
    /// Names everything.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "gatewright_decisions",
            "Decisions, by what was decided and why",
            self.decisions.clone(),
        );
        registry.register(
            "gatewright_policy_faults",
            "Policies that gave no usable answer",
            self.faults.clone(),
        );
        registry.register(
            "gatewright_flips",
            "Calls on which candidates would decide otherwise",
            self.flips.clone(),
        );
        registry.register(
            "gatewright_panics",
            "Requests that ended in a panic",
            self.panics.clone(),
        );
        registry.register(
            "gatewright_shares_taken",
            "Refusals because an agent holds its share",
            self.shares_taken.clone(),
        );
        registry.register(
            "gatewright_sessions_given_way",
            "MCP sessions that ended so that another one could begin",
            self.sessions_given_way.clone(),
        );
        registry.register(
            "gatewright_streams_unread",
            "Calls and streams that ended because the agent did not read",
            self.streams_unread.clone(),
        );
        registry.register(
            "gatewright_notifications_dropped",
            "Notifications of agents that went nowhere for want of a session",
            self.notifications_dropped.clone(),
        );
        registry.register(
            "gatewright_notifications_unknown",
            "Notifications that MCP does not know and the operator does not let through",
            self.notifications_unknown.clone(),
        );
        registry.register_with_unit(
            "mcp_server_operation_duration",
            "From the arrival of a message to the end of its answer",
            Unit::Seconds,
            self.server_durations.clone(),
        );
        registry.register_with_unit(
            "mcp_client_operation_duration",
            "From forwarding a message to the end of the tool server's answer",
            Unit::Seconds,
            self.client_durations.clone(),
        );
    }

    /// Counts the faults and the flip of a judgement.
    pub(crate) fn judged(&self, judgement: &Judgement) {
        if let Some(flip) = judgement.flip() {
            let labels = FlipLabels {
                stable: flip.stable.clone(),
                candidate: flip.candidate.clone(),
                server: judgement.server().to_owned(),
            };
            self.flips.get_or_create(&labels).inc();
        }
        for opinion in judgement.opinions() {
            if let Some(fault) = &opinion.fault {
                let labels = FaultLabels {
                    binding: opinion.binding.clone(),
                    fault: fault.name(),
                };
                self.faults.get_or_create(&labels).inc();
            }
        }
    }

    pub(crate) fn allowed(&self, server: &Arc<str>) {
        self.decided("allow", "", server);
    }

    pub(crate) fn held(&self, server: &str) {
        self.decided("hold", Reason::ApprovalRequired.code(), server);
    }

    pub(crate) fn denied(&self, server: &str, reason: Reason) {
        self.decided("deny", reason.code(), server);
    }

    /// An agent wanted more than its share of calls, streams or sessions.
    pub(crate) fn share_taken(&self, of: &'static str) {
        self.shares_taken.get_or_create(&ShareLabels { of }).inc();
    }

    /// A notification that went nowhere. `from`: the agent, or the server.
    pub(crate) fn unknown_notification(&self, server: &Arc<str>, from: &'static str) {
        let labels = UnknownLabels {
            from,
            server: server.to_string(),
        };
        self.notifications_unknown.get_or_create(&labels).inc();
    }

    fn decided(&self, decision: &'static str, reason: &'static str, server: &str) {
        let labels = DecisionLabels {
            decision,
            reason,
            server: server.to_owned(),
        };
        self.decisions.get_or_create(&labels).inc();
    }

    /// A call that went ahead ended. `whole` counts from its arrival, `sent` from
    /// when it was forwarded.
    pub(crate) fn completed(
        &self,
        server: &str,
        method: &str,
        reason: Option<Reason>,
        whole: Duration,
        sent: Duration,
    ) {
        let labels = DurationLabels {
            mcp_method_name: method.to_owned(),
            error_type: reason.map_or("", Reason::code),
            server: server.to_owned(),
        };
        self.server_durations
            .get_or_create(&labels)
            .observe(whole.as_secs_f64());
        self.client_durations
            .get_or_create(&labels)
            .observe(sent.as_secs_f64());
    }
}

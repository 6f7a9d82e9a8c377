//! `[limits]`: bounds for the whole gate.

use gatewright_policy::Share;
use gatewright_policy::json::JsonLimits;
use serde::Deserialize;

use super::{Bytes, Period};

/// The most calls of a session that are ever kept: so many a restarted gate
/// reads back.
pub const HISTORY_CALLS_MAX: usize = 64;

/// `[limits]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Longest message from an agent.
    pub body_bytes_max: Bytes,
    /// Most bytes of messages from agents in memory, on all connections together;
    /// a message beyond it is refused.
    pub bodies_bytes_max: Bytes,
    /// Most bytes of answers that agents have not taken yet, on all connections
    /// together; in place of an answer beyond it goes a refusal.
    pub answers_bytes_max: Bytes,
    /// Longest message from a tool server.
    pub result_bytes_max: Bytes,
    /// Deepest JSON.
    pub depth_max: usize,
    /// Most JSON values in one message.
    pub nodes_max: usize,
    /// How long a call that people must approve waits for them before the agent is told
    /// to call again; 0: not at all.
    pub approval_wait: Period,
    /// Most calls at once; one more is refused.
    pub calls_in_flight_max: usize,
    /// Most connections at once; for one more a quiet one is closed, or it is
    /// closed itself.
    pub connections_max: usize,
    /// As many of them at the most for each peer address; half of them by default.
    pub connections_per_peer_max: Option<usize>,
    /// Most open MCP sessions, and most streams without an end.
    pub sessions_max: usize,
    /// The most of the calls, of the MCP sessions and of the streams without an
    /// end that one agent may hold.
    pub agent_share: Share,
    /// A call ends after this long, however lively its stream is.
    pub call_time_max: Period,
    /// A session without a call for this long is ended.
    pub session_idle: Period,
    /// Most sessions whose labels and calls are kept at once; the calls of
    /// one more are refused.
    pub tracked_sessions_max: usize,
    /// Most held calls at once; one more is refused.
    pub held_calls_max: usize,
    /// As many of them at the most for each agent.
    pub held_calls_per_agent_max: usize,
    /// Most bytes of all of them.
    pub held_bytes_max: Bytes,
    /// How long exactly the same call gets what came of an approved one, and is not made
    /// again; no longer than the approval could be used. 0: it is asked about anew at once.
    pub outcome_time: Period,
    /// Most outcomes of approved calls that are kept; for one more the oldest goes. One
    /// agent may have its share.
    pub outcomes_max: usize,
    /// Longest outcome that is kept.
    pub outcome_bytes_max: Bytes,
    /// How often one agent may ask people something new within `questions_time`; one more
    /// such call is refused. What is asked already is not counted.
    pub questions_per_agent_max: u64,
    /// The time that this is counted in.
    pub questions_time: Period,
    /// Calls of a session that policies can see.
    pub history_calls_max: usize,
    /// A client must send its headers, and its body, within this time, take each
    /// event of a stream, and read its answers; a connection without a request for
    /// so long is closed.
    pub client_timeout: Period,
    /// Calls in flight get this long to end when the gate stops.
    pub shutdown_grace: Period,
    /// Most policy instances at once.
    pub instances_max: u32,
}

// === impl LimitsConfig ===

impl LimitsConfig {
    /// For messages from agents.
    pub fn request_json(&self) -> JsonLimits {
        self.json(self.body_bytes_max)
    }

    /// For messages from tool servers.
    pub fn result_json(&self) -> JsonLimits {
        self.json(self.result_bytes_max)
    }

    /// Most connections for each peer address, of so many in all.
    pub fn per_peer_max(&self, connections_max: usize) -> usize {
        let half = connections_max.div_ceil(2);
        self.connections_per_peer_max.unwrap_or(half).max(1)
    }

    fn json(&self, bytes_max: Bytes) -> JsonLimits {
        JsonLimits {
            bytes_max: bytes_max.0,
            depth_max: self.depth_max,
            nodes_max: self.nodes_max,
        }
    }
}

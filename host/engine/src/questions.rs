//! How often an agent may ask people something new. It is a budget like those of policies:
//! it holds over a restart, and for all gates that share a memory.

use gatewright_policy::record::RecordKeys;
use gatewright_policy::{Denied, OnFailure, Quota, Reason, counted};

use crate::config::LimitsConfig;
use crate::memory::Hold;
use crate::quota::QuotaError;

/// Stands where the binding of a policy stands; no binding has such a name.
const BY_GATE: &str = "@questions";

/// What another question costs its agent.
pub(crate) fn cost(keys: &RecordKeys, limits: &LimitsConfig, hold: &Hold) -> (String, Quota) {
    let window = limits.questions_time.0.as_secs().max(1);
    let quota = Quota {
        key: hold.call.envelope.agent.to_string(),
        cost: 1,
        limit: limits.questions_per_agent_max,
        window_seconds: u32::try_from(window).unwrap_or(u32::MAX),
        on_failure: OnFailure::Keep,
    };
    (BY_GATE.to_owned(), keys.quota(&quota))
}

/// The refusal of a question too many; none where it is another budget that overran.
pub(crate) fn too_many((_, quota): &(String, Quota), overrun: &QuotaError) -> Option<Denied> {
    let message = format!(
        "the agent asked people something new {} within {}, as often as it may; \
         nobody is asked about this call; try again later",
        counted(quota.limit, "time"),
        counted(quota.window_seconds, "second")
    );
    let is_this = overrun.key == quota.key;
    is_this.then(|| Denied::by_gate(Reason::TooManyQuestions, message))
}

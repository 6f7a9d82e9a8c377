//! Whether a gate can serve calls within its `[limits]`.

use std::collections::BTreeMap;
use std::ops::Range;

use gatewright_evidence::name_problem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use super::{HISTORY_CALLS_MAX, LimitsConfig, Loaded, Problems};

/// Where the keys of the tables that are checked here stand.
#[derive(Default, Deserialize)]
struct Places {
    #[serde(default)]
    limits: BTreeMap<String, Spanned<IgnoredAny>>,
    #[serde(default)]
    audit: BTreeMap<String, Spanned<IgnoredAny>>,
}

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let limits = &loaded.config.limits;
    // It was read before, into types that say more.
    let places: Places = toml::from_str(&loaded.text).unwrap_or_default();
    for key in nothing_passes(limits) {
        problems.at_or_whole(
            place(&places.limits, key),
            format!("with `limits.{key}` at 0 no call can pass"),
            "leave the key out for its default".to_owned(),
        );
    }
    if limits.history_calls_max > HISTORY_CALLS_MAX {
        problems.at_or_whole(
            place(&places.limits, "history_calls_max"),
            format!("`limits.history_calls_max` is over {HISTORY_CALLS_MAX}"),
            "a restarted gate knows that many calls of a session, and not more".to_owned(),
        );
    }
    if limits.bodies_bytes_max < limits.body_bytes_max {
        problems.at_or_whole(
            place(&places.limits, "bodies_bytes_max"),
            "`limits.bodies_bytes_max` is less than `limits.body_bytes_max`".to_owned(),
            "it bounds all messages together: let several fit".to_owned(),
        );
    }
    if limits.answers_bytes_max < limits.result_bytes_max {
        problems.at_or_whole(
            place(&places.limits, "answers_bytes_max"),
            "`limits.answers_bytes_max` is less than `limits.result_bytes_max`".to_owned(),
            "it bounds all answers together: let several fit".to_owned(),
        );
    }
    if loaded.config.audit.path.file_name().is_none() {
        problems.at_or_whole(
            place(&places.audit, "path"),
            format!(
                "`audit.path` is `{}`, which names no file",
                loaded.config.audit.path.display()
            ),
            "name the file that decisions are kept in, such as `state/audit.jsonl`".to_owned(),
        );
    }
    let origin = loaded.config.audit.origin.as_deref();
    if let Some(problem) = origin.and_then(name_problem) {
        problems.at_or_whole(
            place(&places.audit, "origin"),
            format!("`audit.origin` {problem}"),
            "a name like `example.com/gate` that no other record has".to_owned(),
        );
    }
}

/// The limits that are 0 where every call needs some.
fn nothing_passes(limits: &LimitsConfig) -> impl Iterator<Item = &'static str> {
    let keys = [
        ("body_bytes_max", limits.body_bytes_max.0 == 0),
        ("bodies_bytes_max", limits.bodies_bytes_max.0 == 0),
        ("answers_bytes_max", limits.answers_bytes_max.0 == 0),
        ("result_bytes_max", limits.result_bytes_max.0 == 0),
        ("depth_max", limits.depth_max == 0),
        ("nodes_max", limits.nodes_max == 0),
        ("calls_in_flight_max", limits.calls_in_flight_max == 0),
        ("connections_max", limits.connections_max == 0),
        (
            "connections_per_peer_max",
            limits.connections_per_peer_max == Some(0),
        ),
        ("sessions_max", limits.sessions_max == 0),
        ("call_time_max", limits.call_time_max.0.is_zero()),
        ("session_idle", limits.session_idle.0.is_zero()),
        ("tracked_sessions_max", limits.tracked_sessions_max == 0),
        ("held_calls_max", limits.held_calls_max == 0),
        (
            "held_calls_per_agent_max",
            limits.held_calls_per_agent_max == 0,
        ),
        ("held_bytes_max", limits.held_bytes_max.0 == 0),
        (
            "questions_per_agent_max",
            limits.questions_per_agent_max == 0,
        ),
        ("questions_time", limits.questions_time.0.as_secs() == 0),
        ("client_timeout", limits.client_timeout.0.is_zero()),
        ("instances_max", limits.instances_max == 0),
    ];
    let zero = keys.into_iter().filter(|(_, is_zero)| *is_zero);
    zero.map(|(key, _)| key)
}

fn place(table: &BTreeMap<String, Spanned<IgnoredAny>>, key: &str) -> Option<Range<usize>> {
    table.get(key).map(Spanned::span)
}

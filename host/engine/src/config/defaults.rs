//! What holds where the configuration does not say.

use std::net::SocketAddr;
use std::path::PathBuf;

use gatewright_policy::Share;
use gatewright_policy::pattern::{Pattern, Scope};
use toml::Spanned;

use super::{AuditConfig, Bytes, CacheConfig, GateConfig, HISTORY_CALLS_MAX, LimitsConfig, Period};

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8700)),
            admin: SocketAddr::from(([127, 0, 0, 1], 8701)),
            hosts: Vec::new(),
            origins: Vec::new(),
            public_url: None,
            console_url: None,
            audience: None,
            authorization_servers: None,
            scopes_supported: Vec::new(),
            cache: CacheConfig::Kept(true),
        }
    }
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            path: PathBuf::from("state/audit.jsonl"),
            rotate_bytes: Bytes(64 << 20),
            rotate_after: Period::seconds(7 * 86_400),
            origin: None,
            payloads: None,
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            body_bytes_max: Bytes(4 << 20),
            bodies_bytes_max: Bytes(256 << 20),
            answers_bytes_max: Bytes(256 << 20),
            result_bytes_max: Bytes(16 << 20),
            depth_max: 64,
            nodes_max: 1 << 18,
            // Clients give up after a minute.
            approval_wait: Period::seconds(45),
            calls_in_flight_max: 512,
            connections_max: 1024,
            connections_per_peer_max: None,
            sessions_max: 256,
            agent_share: Share::HALF,
            call_time_max: Period::seconds(3600),
            session_idle: Period::seconds(1800),
            tracked_sessions_max: 1 << 14,
            held_calls_max: 10_000,
            held_calls_per_agent_max: 32,
            held_bytes_max: Bytes(256 << 20),
            outcome_time: Period::seconds(600),
            outcomes_max: 256,
            outcome_bytes_max: Bytes(256 << 10),
            questions_per_agent_max: 60,
            questions_time: Period::seconds(3600),
            history_calls_max: HISTORY_CALLS_MAX,
            client_timeout: Period::seconds(30),
            shutdown_grace: Period::seconds(20),
            instances_max: 128,
        }
    }
}

pub(super) fn no_time() -> Period {
    Period::seconds(0)
}

pub(super) fn one_day() -> Period {
    Period::seconds(86_400)
}

pub(super) fn thirty_days() -> Period {
    Period::seconds(30 * 86_400)
}

pub(super) fn payload_bytes() -> Bytes {
    Bytes(1 << 30)
}

pub(super) fn ten_minutes() -> Period {
    Period::seconds(600)
}

pub(super) fn five_minutes() -> Period {
    Period::seconds(300)
}

pub(super) fn one_minute() -> Period {
    Period::seconds(60)
}

pub(super) fn everything() -> Vec<Scope> {
    Scope::parse("*:*").into_iter().collect()
}

pub(super) fn any() -> Vec<Pattern> {
    vec![Pattern::new("*")]
}

pub(super) fn any_spanned() -> Vec<Spanned<Pattern>> {
    vec![Spanned::new(0..0, Pattern::new("*"))]
}

pub(super) fn authorization() -> String {
    "authorization".to_owned()
}

pub(super) fn bearer() -> String {
    "Bearer".to_owned()
}

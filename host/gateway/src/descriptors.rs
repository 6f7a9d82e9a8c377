//! File descriptors: raises their limit, and keeps enough of them for tool servers
//! and the ledger, however many agents come.

use gatewright_engine::config::LimitsConfig;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::admin;

/// The process may open too few files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this process may open {may} files, and needs {needs}; hint: raise the limit (`ulimit -n {needs}`, `LimitNOFILE=` of systemd), or lower `limits.calls_in_flight_max` and `limits.sessions_max`"
)]
pub struct TooFewDescriptors {
    /// The limit.
    pub may: u64,
    /// What would do for everything.
    pub needs: u64,
}

/// For the listeners, the ledger, configurations and policies that are read, and
/// pipes to tool servers over stdio.
const OTHERS: u64 = 128;

/// With less room for agents a gate is of no use.
const CONNECTIONS_MIN: u64 = 16;

/// How many connections of agents there can be, at most as many as configured. A
/// call that went ahead must find a descriptor for its tool server.
pub(crate) fn connections(limits: &LimitsConfig) -> Result<usize, TooFewDescriptors> {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    // Each call and each stream may have a connection to a tool server.
    let reserve = count(limits.calls_in_flight_max)
        .saturating_add(count(limits.sessions_max))
        .saturating_add(count(admin::CONNECTIONS_MAX))
        .saturating_add(OTHERS);
    let wanted = count(limits.connections_max);
    let needs = wanted.saturating_add(reserve);
    let may = raised(needs);
    let room = room(may, reserve, wanted).ok_or(TooFewDescriptors { may, needs })?;
    if room < wanted {
        tracing::warn!(
            connections_max = room,
            "this process may open {may} files, and needs {needs}: fewer connections are taken"
        );
    }
    Ok(usize::try_from(room).unwrap_or(usize::MAX))
}

/// Raises the limit to what is needed, or as far as it goes. What it is then.
fn raised(needs: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.unwrap_or(u64::MAX);
    if current >= needs {
        return current;
    }
    let raised = needs.min(limit.maximum.unwrap_or(u64::MAX));
    let new = Rlimit {
        current: Some(raised),
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, new) {
        Ok(()) => raised,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files stays");
            current
        }
    }
}

fn room(may: u64, reserve: u64, wanted: u64) -> Option<u64> {
    let room = may.saturating_sub(reserve).min(wanted);
    (room >= CONNECTIONS_MIN.min(wanted)).then_some(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tool_servers_and_the_ledger_keep_their_descriptors() {
        for (may, reserve, wanted, expected) in [
            (64, 900, 1024, None),
            (900, 900, 1024, None),
            (915, 900, 1024, None),
            (916, 900, 1024, Some(16)),
            (1900, 900, 1024, Some(1000)),
            (1_000_000, 900, 1024, Some(1024)),
            (u64::MAX, 900, 1024, Some(1024)),
            (902, 900, 2, Some(2)),
            (901, 900, 2, None),
        ] {
            assert_eq!(
                room(may, reserve, wanted),
                expected,
                "{may} {reserve} {wanted}"
            );
        }
    }
}

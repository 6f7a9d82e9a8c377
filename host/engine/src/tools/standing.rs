//! How a tool stands: whether its definition is the one that is pinned.

use std::sync::Arc;

use gatewright_policy::{Ask, Defined, Definition, Denied, Reason, Timestamp};

use super::ask::ask;
use super::stand::Stand;
use crate::agents::Agents;
use crate::config::{Definitions, WhenChanged};
use crate::memory::Memory;
use crate::snapshot::Server;

/// What names a tool that is about to be called, to be shown, or to be told more in the
/// middle of its work.
const TOOL_METHODS: [&str; 3] = ["tools/call", "tools/list", "tasks/update"];

/// How a tool stands, and both definitions.
#[derive(Default)]
pub(crate) struct Standing {
    pub(crate) stand: Stand,
    pub(crate) defined: Defined,
}

/// How what a message names stands: free, where that is no tool.
pub(crate) fn standing_of(
    server: &Server,
    (method, name): (&str, &str),
    memory: &dyn Memory,
    at: Timestamp,
) -> Standing {
    match TOOL_METHODS.contains(&method) && !name.is_empty() {
        true => standing(server, name, memory.agents(), at),
        false => Standing::default(),
    }
}

/// Looks both definitions of a tool up, and compares them.
pub(crate) fn standing(server: &Server, tool: &str, agents: &Agents, at: Timestamp) -> Standing {
    if server.definitions() == Definitions::Off {
        return Standing {
            stand: Stand::Free,
            defined: Defined::default(),
        };
    }
    let sight = agents.tools().tool(server, tool, at);
    let registry = agents.registry();
    let row = registry.tool(&server.name, tool);
    let configured = server.definitions_of(tool);
    let claimed = sight.definition;
    let demanded = server.definitions() == Definitions::Operator;
    if !configured.is_empty() {
        let pinned = configured_pin(&configured, claimed.as_ref(), row.map(|it| &it.definition));
        let stand = match &claimed {
            _unknown if !sight.is_fresh => Stand::Unseen,
            Some(claimed) if *claimed == pinned => Stand::Same,
            Some(_) => Stand::Changed,
            // It is not listed: whatever it is, nobody agreed to it.
            None => Stand::Unseen,
        };
        return Standing {
            stand,
            defined: Defined {
                pinned: Some(pinned),
                claimed,
            },
        };
    }
    let row = row.filter(|row| !(demanded && row.row.first_sight));
    let Some(row) = row else {
        let stand = match &claimed {
            Some(_) if sight.is_fresh || !demanded => Stand::New,
            None if !demanded && !sight.is_beyond => Stand::Free,
            Some(_) | None => Stand::Unseen,
        };
        return Standing {
            stand,
            defined: Defined {
                pinned: None,
                claimed,
            },
        };
    };
    let pinned = Arc::clone(&row.definition);
    // Somebody else may have been told otherwise, here or at another gate.
    let noted = row.row.changed.map(|changed| changed.digest);
    let claimed = match (claimed, noted) {
        (Some(claimed), Some(noted)) if claimed == pinned => {
            Some(Arc::new(Definition::known(noted, "")))
        }
        (None, Some(noted)) => Some(Arc::new(Definition::known(noted, ""))),
        (claimed, _) => claimed,
    };
    let stand = match &claimed {
        _unknown if !sight.is_fresh => Stand::Unseen,
        Some(claimed) if *claimed == pinned => Stand::Same,
        Some(_) => Stand::Changed,
        None if demanded || sight.is_beyond => Stand::Unseen,
        // Whoever calls it goes by what is pinned: nothing else was ever shown.
        None => Stand::Same,
    };
    Standing {
        stand,
        defined: Defined {
            pinned: Some(pinned),
            claimed,
        },
    }
}

/// The definition that the configuration pins: the one that is there, if it is one of them.
fn configured_pin(
    configured: &[gatewright_policy::Digest],
    claimed: Option<&Arc<Definition>>,
    row: Option<&Arc<Definition>>,
) -> Arc<Definition> {
    let known = claimed.into_iter().chain(row);
    let mut known = known.filter(|it| configured.contains(&it.digest));
    match (known.next(), configured.first()) {
        (Some(known), _) => Arc::clone(known),
        (None, Some(first)) => Arc::new(Definition::known(*first, "")),
        (None, None) => Arc::new(Definition::known(gatewright_policy::Digest::of(b""), "")),
    }
}

/// What the gate asks of a call of a tool that stands like this: nothing, people, or that it
/// is not made. `people`: whether there is anybody to ask.
pub(crate) fn admit(
    server: &Server,
    tool: &str,
    (stand, defined): (Stand, &Defined),
    people: bool,
) -> Result<Option<Ask>, Denied> {
    let reason = match stand {
        Stand::Free | Stand::Same => return Ok(None),
        // Whoever only wants to hear of it hears of it.
        Stand::Unseen
            if server.when_changed() == WhenChanged::Report
                && server.definitions() == Definitions::FirstSight =>
        {
            return Ok(None);
        }
        Stand::Unseen => {
            return Err(Denied::by_gate(
                Reason::ToolNotPinned,
                "the tool server does not say now what this tool is; try again later",
            ));
        }
        Stand::Changed => Reason::ToolChanged,
        Stand::New => Reason::ToolNotPinned,
    };
    match server.when_changed() {
        WhenChanged::Report => Ok(None),
        WhenChanged::Ask if people => Ok(Some(ask(&server.name, tool, stand, defined))),
        WhenChanged::Ask | WhenChanged::Deny => {
            let message = match stand {
                Stand::Changed => "the tool is not what it was when it was agreed to",
                _new => "nobody agreed to what this tool is",
            };
            Err(Denied::by_gate(reason, message))
        }
    }
}

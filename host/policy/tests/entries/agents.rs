//! Who may go on and what tools are, with every member that a change can have.

use gatewright_policy::agent::{
    AgentKey, Change, Changed, PinnedTool, Registered, Registration, Revoked, Row, Stop, Target,
    ToolDiffers, ToolPin, Turn, What,
};

use crate::draw::Draw;
use crate::words::state;

pub(crate) fn change(draw: &mut Draw) -> Change {
    let target = [
        Target::Agents(draw.some(agent)),
        Target::Owner(draw.text()),
        Target::Issuer(draw.text()),
    ];
    let what = [
        What::Import(draw.some(|draw| Registration {
            id: draw.text(),
            issuer: draw.text(),
            owner: draw.maybe(Draw::text),
            purpose: draw.text(),
            servers: draw.maybe(Draw::texts),
            state: state(draw),
        })),
        What::Turn {
            turn: draw.one_of(&[Turn::Suspend, Turn::Decommission]),
            target: draw.one_of(&target),
        },
        What::Revoke {
            token: draw.text(),
            below: draw.coin(),
            until: draw.maybe(Draw::time),
        },
        What::Pin {
            tools: draw.some(|draw| ToolPin {
                server: draw.text(),
                name: draw.text(),
                digest: draw.digest(),
                definition: draw.text(),
            }),
            first_sight: draw.coin(),
        },
        What::Differ(draw.some(|draw| ToolDiffers {
            server: draw.text(),
            name: draw.text(),
            pinned: draw.digest(),
            seen: draw.digest(),
        })),
    ];
    Change {
        by: draw.text(),
        why: draw.text(),
        from_file: draw.coin(),
        what: draw.one_of(&what),
    }
}

pub(crate) fn rows(draw: &mut Draw) -> Vec<Row> {
    let stop = |draw: &mut Draw| Stop {
        name: draw.text(),
        state: state(draw),
        since: draw.time(),
        by: draw.text(),
        why: draw.text(),
    };
    vec![
        Row::Agent(Registered {
            agent: agent(draw),
            owner: draw.maybe(Draw::text),
            purpose: draw.text(),
            servers: draw.maybe(Draw::texts),
            state: state(draw),
            since: draw.time(),
            by: draw.text(),
            why: draw.text(),
            only_stopped: draw.coin(),
            in_file: draw.coin(),
            stopped_by_file: draw.coin(),
        }),
        Row::Owner(stop(draw)),
        Row::Issuer(stop(draw)),
        Row::Revoked(Revoked {
            token: draw.text(),
            below: draw.coin(),
            until: draw.maybe(Draw::time),
            since: draw.time(),
            by: draw.text(),
            why: draw.text(),
        }),
        Row::Tool(PinnedTool {
            server: draw.text(),
            name: draw.text(),
            digest: draw.digest(),
            definition: draw.text(),
            first_sight: draw.coin(),
            since: draw.time(),
            by: draw.text(),
            why: draw.text(),
            changed: draw.maybe(|draw| Changed {
                digest: draw.digest(),
                at: draw.time(),
            }),
        }),
    ]
}

fn agent(draw: &mut Draw) -> AgentKey {
    AgentKey {
        id: draw.text(),
        issuer: draw.text(),
    }
}

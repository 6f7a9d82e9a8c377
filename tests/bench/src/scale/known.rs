//! One decision in an engine that knows more: tools, what is pinned of them, agents. And
//! how long it takes to say which tools of a list may be shown.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use gatewright_engine::tools::{Given, Listed, Shown};
use gatewright_policy::Grant;
use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::pattern::Scope;
use serde_json::{Value, json};

use super::curve::{Axis, FLAT_MAX, LINE_MAX};
use super::decisions::p50;
use crate::agents::register;
use crate::decider::Decider;
use crate::report::Figure;
use crate::rounds::Times;
use crate::rule::{self, SERVER, TOOL};
use crate::settings::Settings;

/// Rounds of a full run.
const ROUNDS: usize = 11;

/// Decisions of one size in one round.
const CALLS: usize = 200;

/// Tools that are known, that are pinned, or that a list has.
const TOOLS: [usize; 4] = [10, 100, 1_000, 10_000];

/// Tools of one server: a gate pins 1,024 of each at the most.
const TOOLS_EACH: usize = 1_000;

/// Names that are judged for lists in one round, of each size.
const NAMES: usize = 4_000;

/// Agents that are registered, each with a session.
const AGENTS: [usize; 4] = [1, 100, 10_000, 100_000];
const AGENTS_QUICK: [usize; 4] = [1, 100, 1_000, 10_000];

/// Room for all of them.
const SESSIONS: &str =
    "[limits]\ntracked_sessions_max = 131072\n\n[agents]\nunregistered = \"refuse\"\n";

/// Whose agents they are.
const ISSUER: &str = "local";

/// A policy that shows everything.
const SHOWS: &str = "{ rules = [{ tools = [\"*\"], effect = \"allow\" }] }";

/// Tools that their servers listed, each pinned as it was first seen.
pub(super) fn tools(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "tools",
        cost: "p50",
        exponent_max: FLAT_MAX,
    };
    let mut deciders = Vec::new();
    for tools in TOOLS {
        deciders.push((tools, knowing(tools)?));
    }
    decided(axis, settings, SERVER, &mut deciders)
}

/// Tools about each of which the configuration says something by its name.
pub(super) fn pins(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "pins",
        cost: "p50",
        exponent_max: FLAT_MAX,
    };
    let mut deciders = Vec::new();
    for tools in TOOLS {
        let pins = (0..tools).map(|tool| format!("\"{}\" = [\"read-only\"]\n", name(tool)));
        let pins: String = pins.collect();
        let server = server("pinned");
        let decider = Decider::beside(&format!("{server}[server.tools]\n{pins}"))?;
        deciders.push((tools, decider));
    }
    decided(axis, settings, "pinned", &mut deciders)
}

/// Which of the tools of a list may be shown: each policy is asked about each.
pub(super) fn listing(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "listing",
        cost: "p50",
        exponent_max: LINE_MAX,
    };
    let decider = Decider::on("*", "target/plugins/tool-gate.wasm", SHOWS)?;
    let grant = grant(0);
    let server = decider.snapshot.server(SERVER).context("the tool server")?;
    let mut lists = TOOLS.map(|tools| (tools, (0..tools).map(name).collect::<Vec<_>>()));
    let curve = axis.measure(settings.rounds(ROUNDS), &mut lists, |tools, names| {
        let mut times = Times::new()?;
        for _ in 0..(NAMES / tools).max(1) {
            let now = decider.engine.now();
            let start = Instant::now();
            let shown =
                decider
                    .engine
                    .visible(&decider.snapshot, &grant, server, "tools/list", names, now);
            let shown = decider.runtime.block_on(shown);
            times.add(start.elapsed());
            let all = shown.len() == tools && shown.iter().all(|is_shown| *is_shown);
            ensure!(all, "not every tool is shown");
        }
        Ok(times.round().p50())
    })?;
    Ok(curve.figures())
}

/// Agents that are registered, each of which called before; any of them calls again.
pub(super) fn agents(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "agents",
        cost: "p50",
        exponent_max: FLAT_MAX,
    };
    let samples = rule::samples(1, settings.seed);
    let first = samples.first().context("a call")?;
    let server = Arc::from(SERVER);
    let mut deciders = Vec::new();
    let sizes = match settings.quick {
        true => AGENTS_QUICK,
        false => AGENTS,
    };
    for agents in sizes {
        let decider = Decider::beside(SESSIONS)?;
        let registering = register(&decider.engine, ISSUER, agents);
        decider.runtime.block_on(registering)?;
        for agent in 0..agents {
            decider.decide_by(grant(agent), &server, first)?;
        }
        let sessions = decider.engine.taken().tracked_sessions;
        ensure!(sessions >= agents, "{sessions} sessions of {agents} agents");
        deciders.push((agents, decider));
    }
    let mut place = usize::try_from(settings.seed)?;
    let rounds = settings.rounds(ROUNDS);
    let curve = axis.measure(rounds, &mut deciders, |agents, decider| {
        let callers = (0..CALLS).map(|_| {
            // Any order that does not follow that of the registrations.
            place = place
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            grant((place >> 20) % agents)
        });
        let callers: Vec<Grant> = callers.collect();
        let mut callers = callers.into_iter();
        p50(&samples, CALLS, |sample| {
            let caller = callers.next().context("a caller for each call")?;
            let admitted = decider.engine.admits(&caller, &server).is_ok();
            Ok(decider.decide_by(caller, &server, sample)? && admitted)
        })
    })?;
    Ok(curve.figures())
}

/// Decisions on calls of one agent at a server, by each of the engines in turns.
fn decided(
    axis: Axis,
    settings: &Settings,
    server: &str,
    deciders: &mut [(usize, Decider)],
) -> Result<Vec<Figure>> {
    let server = Arc::from(server);
    let samples = rule::samples(1, settings.seed);
    let grant = grant(0);
    let rounds = settings.rounds(ROUNDS);
    let curve = axis.measure(rounds, deciders, |_, decider| {
        p50(&samples, CALLS, |sample| {
            decider.decide_by(grant.clone(), &server, sample)
        })
    })?;
    Ok(curve.figures())
}

/// An engine whose servers listed so many tools: the first has the one that is called.
fn knowing(tools: usize) -> Result<Decider> {
    let further = (1..tools.div_ceil(TOOLS_EACH)).map(|number| server(&more(number)));
    let decider = Decider::beside(&further.collect::<String>())?;
    for (number, first) in (0..tools).step_by(TOOLS_EACH).enumerate() {
        let server = match number {
            0 => SERVER.to_owned(),
            _ => more(number),
        };
        let server = decider.snapshot.server(&server).context("a tool server")?;
        let last = tools.min(first + TOOLS_EACH);
        let listed = listed(first..last)?;
        let learning = decider.engine.learn_tools(server, listed, Given::All);
        let shown = decider.runtime.block_on(learning);
        let all = shown.len() == last - first && shown.iter().all(|it| *it == Shown::AsIs);
        ensure!(all, "not every tool is pinned as it was seen");
    }
    Ok(decider)
}

/// What a server says of its tools.
fn listed(tools: std::ops::Range<usize>) -> Result<Vec<Listed>> {
    let entries = tools.map(|tool| {
        json!({
            "name": name(tool), "description": "Reads a document.",
            "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}},
        })
    });
    let entries: Value = entries.collect();
    let document = Document::parse(entries.to_string(), &JsonLimits::default())?;
    Ok(Listed::all(document.root()))
}

/// The name of a tool: the first is the one that is called.
fn name(tool: usize) -> String {
    match tool {
        0 => TOOL.to_owned(),
        _ => format!("tool-{tool}"),
    }
}

/// The name of a further server.
fn more(number: usize) -> String {
    format!("more-{number}")
}

/// A tool server that nobody calls, as a table of a configuration.
fn server(name: &str) -> String {
    format!("[[server]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:1/{name}\"\n")
}

/// An agent, by its number: as it is registered.
fn grant(agent: usize) -> Grant {
    let id = format!("did:example:{agent}");
    let scopes = Scope::parse("*:*").into_iter().collect();
    Grant::local(&id, Some("user:alice"), scopes, Arc::from(id.as_str()))
}

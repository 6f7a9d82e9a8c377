//! Calls through `gatewright serve`: more callers at once, and more tool servers.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gatewright_harness::{Credential, Gate, GateBuilder, Workspace};
use tokio::runtime::Runtime;

use super::curve::{Axis, FLAT_MAX};
use crate::callers::ask_for;
use crate::gate::add_policy;
use crate::processor::Processor;
use crate::report::Figure;
use crate::rule::{self, TOOL};
use crate::settings::Settings;
use crate::wire::{Client, Target, tool_servers};

/// Rounds of a full run.
const ROUNDS: usize = 11;

/// Connections, each with one call at a time.
const CALLERS: [usize; 4] = [1, 8, 64, 512];

/// How long all of them call in one round.
const WINDOW: Duration = Duration::from_millis(400);

/// Tool servers that are bound.
const UPSTREAMS: [usize; 4] = [1, 10, 50, 200];

/// Calls in one round, spread over all of them.
const CALLS: usize = 600;

/// All callers are one agent here, from one address.
const LIMITS: &str = "[limits]\ncalls_in_flight_max = 1024\nconnections_max = 1024\n\
                      connections_per_peer_max = 1024\nagent_share = \"100%\"\n\n";

/// A gate before so many tool servers, each reached by its own name.
struct Served {
    target: Target,
    paths: Vec<String>,
    time: Processor,
    /// They end when they are dropped.
    _gate: Gate,
    _workspace: Workspace,
}

pub(super) fn callers(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "callers",
        cost: "processor",
        exponent_max: FLAT_MAX,
    };
    let served = Served::start(1)?;
    let runtime = runtime()?;
    let mut callers = Vec::new();
    for count in CALLERS {
        let first = callers.len() * 1024;
        let connecting = async {
            let mut clients = Vec::new();
            for number in first..first + count {
                let connected = served.client(number).await;
                clients.push(connected.with_context(|| {
                    format!("{count} callers: this needs `ulimit -n` of {}", 4 * count)
                })?);
            }
            Ok::<_, anyhow::Error>(clients)
        };
        callers.push((count, runtime.block_on(connecting)?));
    }
    let samples = Arc::new(rule::samples(1, settings.seed));
    let curve = axis.measure(settings.rounds(ROUNDS), &mut callers, |_, clients| {
        let before = served.time.microseconds()?;
        let asked = runtime.block_on(ask_for(WINDOW, clients, &samples))?;
        Ok((served.time.microseconds()? - before) / asked.calls)
    })?;
    Ok(curve.figures())
}

pub(super) fn upstreams(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "upstreams",
        cost: "processor",
        exponent_max: FLAT_MAX,
    };
    let runtime = runtime()?;
    let mut gates = Vec::new();
    for count in UPSTREAMS {
        let served = Served::start(count)?;
        let client = runtime.block_on(served.client(1))?;
        gates.push((count, (served, client)));
    }
    let samples = rule::samples(1, settings.seed);
    let curve = axis.measure(
        settings.rounds(ROUNDS),
        &mut gates,
        |_, (served, client)| {
            let before = served.time.microseconds()?;
            runtime.block_on(async {
                let paths = served.paths.iter().cycle();
                for (sample, path) in samples.iter().cycle().zip(paths).take(CALLS) {
                    client.turn_to(path);
                    client.call(sample).await?;
                }
                Ok::<_, anyhow::Error>(())
            })?;
            Ok((served.time.microseconds()? - before) / CALLS as f64)
        },
    )?;
    Ok(curve.figures())
}

fn runtime() -> Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    Ok(builder.enable_all().build()?)
}

// === impl Served ===

impl Served {
    fn start(upstreams: usize) -> Result<Self> {
        let workspace = Workspace::create()?;
        add_policy(&workspace)?;
        let (mut tables, mut paths) = (LIMITS.to_owned(), Vec::new());
        for (number, address) in tool_servers(upstreams)?.into_iter().enumerate() {
            // Pinned read-only, so that no disk is waited for. Nobody looks at what its tools
            // are: it would not say.
            writeln!(
                tables,
                "[[server]]\nname = \"documents-{number}\"\nurl = \"http://{address}/mcp\"\n\
                 definitions = \"off\"\ntools = {{ \"*\" = [\"read-only\"] }}\n"
            )?;
            paths.push(format!("/mcp/documents-{number}"));
        }
        tables += &crate::bed::binding("rules", "policy.wasm", TOOL, &rule::settings(1));
        let gate = GateBuilder::new().with(&tables).start(&workspace)?;
        Ok(Self {
            target: Target {
                address: gate.listen(),
                path: "/mcp/documents-0",
                credential: workspace.issue(&Credential::default())?,
            },
            paths,
            time: Processor(gate.process().id()),
            _gate: gate,
            _workspace: workspace,
        })
    }

    async fn client(&self, number: usize) -> Result<Client> {
        Client::connect(&self.target, u64::try_from(number)?).await
    }
}

//! A whole call through the gate, beside one question to OPA over HTTP, and beside a
//! gateway that asks OPA about each call. All are processes of their own, and the rule and
//! the arguments are the same.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::runtime::Runtime;

use crate::callers::{Caller, ask_for};
use crate::gate::{Scene, start_proxy};
use crate::memory::resident_mb;
use crate::opa::{self, Opa};
use crate::processor::Processor;
use crate::report::Figure;
use crate::rounds::{Round, Summary};
use crate::rule::{self, Sample};
use crate::settings::Settings;
use crate::wire::{self, Target};

/// Rounds of a full run.
const ROUNDS: usize = 15;

/// How long one way is used in one round, on each number of connections.
const WINDOW: Duration = Duration::from_millis(400);

/// Connections at once.
const CONNECTIONS: [usize; 2] = [1, 8];

/// The processor time of a whole call, in that of one question to OPA.
const PROCESSOR_MAX: f64 = 0.9;

/// A time of a round, and how it is named.
type Quantile = (&'static str, fn(&Round) -> f64);

const QUANTILES: [Quantile; 2] = [("p50", Round::p50), ("p99", Round::p99)];

/// Where calls, or questions, go.
enum To {
    Opa(std::net::SocketAddr),
    Mcp(Target),
}

enum Asker {
    Opa(opa::Client),
    Mcp(wire::Client),
}

/// One way to decide on a call, and what it took.
struct Way {
    name: &'static str,
    to: To,
    /// What works for it.
    processes: Vec<Processor>,
    /// For each number of connections.
    loads: Vec<Load>,
}

struct Load {
    askers: Vec<Asker>,
    rounds: Vec<Round>,
    /// Microseconds on a processor for each call, in each round.
    spent: Vec<f64>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let scene = Scene::set()?;
    let opa = Opa::start()?;
    let arguments = [scene.direct.address.to_string(), opa.rule_url()];
    let (gateway, address) = start_proxy("asking-proxy", &arguments)?;
    let asked = Target {
        address,
        ..scene.direct.clone()
    };
    let opa_time = Processor(opa.id());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut ways = [
        Way::new("opa", To::Opa(opa.address()), vec![opa_time]),
        Way::new(
            "asking",
            To::Mcp(asked),
            vec![Processor(gateway.id()), opa_time],
        ),
        Way::new(
            "gate",
            To::Mcp(scene.batched.clone()),
            vec![scene.gate_time],
        ),
        Way::new(
            "proxy",
            To::Mcp(scene.proxied.clone()),
            vec![scene.proxy_time],
        ),
    ];
    runtime.block_on(connect(&mut ways))?;
    runtime.block_on(others_are_refused(&ways, settings.seed))?;
    let samples = Arc::new(rule::samples(1, settings.seed));
    // The first round warms up and does not count.
    for round in 0..=settings.rounds(ROUNDS) {
        for way in &mut ways {
            way.run(&runtime, &samples, round > 0)?;
        }
    }
    figures(&ways)
}

async fn connect(ways: &mut [Way]) -> Result<()> {
    let mut number = 1024;
    for way in ways {
        for count in CONNECTIONS {
            let mut askers = Vec::new();
            for _ in 0..count {
                number += 1;
                askers.push(way.to.asker(number).await?);
            }
            way.loads.push(Load {
                askers,
                rounds: Vec::new(),
                spent: Vec::new(),
            });
        }
    }
    Ok(())
}

/// What the rule does not cover passes nobody but the bare proxy: otherwise something else
/// would be measured.
async fn others_are_refused(ways: &[Way], seed: u64) -> Result<()> {
    let samples = rule::samples(2, seed);
    let other = samples.first().context("a call")?;
    for way in ways {
        let passed = way.to.asker(0).await?.ask(other).await.is_ok();
        let expected = way.name == "proxy";
        ensure!(passed == expected, "`{}` decides otherwise", way.name);
    }
    Ok(())
}

fn figures(ways: &[Way]) -> Result<Vec<Figure>> {
    let spent = |name: &str, place: usize| {
        let way = ways.iter().find(|way| way.name == name);
        let load = way.and_then(|way| way.loads.get(place));
        load.map_or(&[][..], |load| &load.spent)
    };
    let mut figures = Vec::new();
    for way in ways {
        for (place, (load, count)) in way.loads.iter().zip(CONNECTIONS).enumerate() {
            let name = |who: &str| format!("peers.{who}.processor_{count}");
            let median = Summary::of(load.spent.iter().copied());
            let figure = Figure::of(name(way.name), median, "us");
            let against = |peer: &str| Summary::of_quotients(&load.spent, spent(peer, place));
            figures.push(match way.name {
                "gate" => figure
                    .against(name("opa"), against("opa"))
                    .at_most(PROCESSOR_MAX),
                "asking" => figure.against(name("gate"), against("gate")),
                _peer => figure,
            });
            for (quantile, of) in QUANTILES {
                let name = match count {
                    1 => format!("peers.{}.{quantile}", way.name),
                    _ => format!("peers.{}.{quantile}_{count}", way.name),
                };
                figures.push(Figure::of(
                    name,
                    Summary::of(load.rounds.iter().map(of)),
                    "us",
                ));
            }
        }
        let mut resident = 0.0;
        for process in &way.processes {
            resident += resident_mb(process.0)?;
        }
        figures.push(Figure::new(
            format!("peers.{}.resident", way.name),
            resident,
            "MB",
        ));
    }
    Ok(figures)
}

// === impl To ===

impl To {
    async fn asker(&self, number: u64) -> Result<Asker> {
        Ok(match self {
            Self::Opa(address) => Asker::Opa(opa::Client::connect(*address).await?),
            Self::Mcp(target) => Asker::Mcp(wire::Client::connect(target, number).await?),
        })
    }
}

// === impl Asker ===

impl Caller for Asker {
    async fn ask(&mut self, sample: &Sample) -> Result<()> {
        match self {
            Self::Opa(client) => {
                ensure!(client.allows(sample).await?, "OPA does not allow the call");
                Ok(())
            }
            Self::Mcp(client) => client.call(sample).await,
        }
    }
}

// === impl Way ===

impl Way {
    fn new(name: &'static str, to: To, processes: Vec<Processor>) -> Self {
        Self {
            name,
            to,
            processes,
            loads: Vec::new(),
        }
    }

    fn run(&mut self, runtime: &Runtime, samples: &Arc<Vec<Sample>>, counts: bool) -> Result<()> {
        for load in &mut self.loads {
            let before = microseconds(&self.processes)?;
            let asked = runtime.block_on(ask_for(WINDOW, &mut load.askers, samples))?;
            if counts {
                let spent = microseconds(&self.processes)? - before;
                load.spent.push(spent / asked.calls);
                load.rounds.push(asked.round);
            }
        }
        Ok(())
    }
}

/// What all of them took until now.
fn microseconds(processes: &[Processor]) -> Result<f64> {
    processes.iter().map(|process| process.microseconds()).sum()
}

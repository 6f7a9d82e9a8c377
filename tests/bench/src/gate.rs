//! One call through `gatewright serve`, beside the same call sent directly and
//! through a plain reverse proxy. Gate and proxy are processes of their own.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gatewright_harness::{Binaries, Credential, Gate, GateBuilder, Process, Stream, Workspace};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::processor::Processor;
use crate::report::Figure;
use crate::rounds::{Round, Summary, Times};
use crate::rule::{self, Sample, TOOL};
use crate::settings::Settings;
use crate::wire::{Client, Target, tool_server};

/// Rounds of a full run.
const ROUNDS: usize = 41;

/// Calls on one way in one round.
const CALLS: usize = 150;

/// Rounds of a full run about throughput.
const THROUGHPUT_ROUNDS: usize = 11;

/// Connections at once, for throughput.
const CONNECTIONS: u64 = 8;

/// How long one round about throughput lasts.
const THROUGHPUT_WINDOW: Duration = Duration::from_secs(1);

/// What the gate may add, in what the proxy adds.
const ADDED_MAX: f64 = 2.0;

/// The throughput that the gate must reach, in that of the proxy.
const THROUGHPUT_MIN: f64 = 0.5;

/// The processor time that a call may cost the gate, in that of the proxy: of one
/// connection, and of several.
const PROCESSOR_MAX: [f64; 2] = [2.2, 1.9];

/// How long the proxy may take to start.
const START_DEADLINE: Duration = Duration::from_secs(20);

/// The gate, the proxy, and the ways to the tool server.
pub(crate) struct Scene {
    pub(crate) direct: Target,
    pub(crate) proxied: Target,
    pub(crate) batched: Target,
    synced: Target,
    pub(crate) gate_time: Processor,
    pub(crate) proxy_time: Processor,
    /// They end when they are dropped.
    _gate: Gate,
    _proxy: Process,
    _workspace: Workspace,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let scene = Scene::set()?;
    let samples = rule::samples(1, settings.seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut figures = latency(&scene, &runtime, &samples, settings)?;
    figures.extend(throughput(&scene, &runtime, settings)?);
    Ok(figures)
}

fn latency(
    scene: &Scene,
    runtime: &Runtime,
    samples: &[Sample],
    settings: &Settings,
) -> Result<Vec<Figure>> {
    let targets = [&scene.direct, &scene.proxied, &scene.batched, &scene.synced];
    let times = [None, Some(scene.proxy_time), Some(scene.gate_time), None];
    let mut rounds: [Vec<Round>; 4] = Default::default();
    let mut spent: [Vec<f64>; 4] = Default::default();
    runtime.block_on(async {
        let mut clients = Vec::new();
        for (number, target) in (1..).zip(targets) {
            clients.push(Client::connect(target, number).await?);
        }
        // The first round warms up and does not count.
        for round in 0..=settings.rounds(ROUNDS) {
            let ways = clients.iter_mut().zip(&mut rounds);
            for ((client, rounds), (time, spent)) in ways.zip(times.iter().zip(&mut spent)) {
                let mut times = Times::new()?;
                let before = time.map(Processor::microseconds).transpose()?;
                for sample in samples.iter().cycle().take(CALLS) {
                    let start = Instant::now();
                    client.call(sample).await?;
                    times.add(start.elapsed());
                }
                if round > 0 {
                    rounds.push(times.round());
                    if let (Some(before), Some(time)) = (before, time) {
                        spent.push((time.microseconds()? - before) / CALLS as f64);
                    }
                }
            }
        }
        Ok::<_, anyhow::Error>(())
    })?;
    let [direct, proxied, batched, synced] = &rounds;
    let p50 = |rounds: &[Round]| Summary::of(rounds.iter().map(Round::p50));
    let extra = |rounds: &[Round]| Summary::of(added(rounds, direct));
    let to_proxy =
        |rounds: &[Round]| Summary::of_quotients(&added(rounds, direct), &added(proxied, direct));
    let [_, proxy_spent, gate_spent, _] = &spent;
    let mut figures = processor("1", proxy_spent, gate_spent, PROCESSOR_MAX[0]);
    figures.extend([
        Figure::of("gate.direct.p50", p50(direct), "us"),
        Figure::of("gate.proxy.p50", p50(proxied), "us"),
        Figure::of("gate.proxy.added.p50", extra(proxied), "us"),
        Figure::of("gate.read_only.p50", p50(batched), "us"),
        Figure::of("gate.read_only.added.p50", extra(batched), "us")
            .against("gate.proxy.added.p50", to_proxy(batched))
            .at_most(ADDED_MAX),
        Figure::of("gate.synced.p50", p50(synced), "us"),
        Figure::of("gate.synced.added.p50", extra(synced), "us")
            .against("gate.proxy.added.p50", to_proxy(synced)),
    ]);
    Ok(figures)
}

/// What a call costs gate and proxy, on so many connections.
fn processor(connections: &str, proxy: &[f64], gate: &[f64], bound: f64) -> Vec<Figure> {
    let name = |who: &str| format!("gate.{who}.processor_{connections}");
    let median = |spent: &[f64]| Summary::of(spent.iter().copied());
    vec![
        Figure::of(name("proxy"), median(proxy), "us"),
        Figure::of(name("read_only"), median(gate), "us")
            .against(name("proxy"), Summary::of_quotients(gate, proxy))
            .at_most(bound),
    ]
}

/// What a way adds to the p50 of a direct call, in each round.
fn added(rounds: &[Round], direct: &[Round]) -> Vec<f64> {
    let pairs = rounds.iter().zip(direct);
    pairs.map(|(way, direct)| way.p50 - direct.p50).collect()
}

fn throughput(scene: &Scene, runtime: &Runtime, settings: &Settings) -> Result<Vec<Figure>> {
    let (mut proxied, mut gated) = (Vec::new(), Vec::new());
    let (mut proxy_spent, mut gate_spent) = (Vec::new(), Vec::new());
    for round in 0..=settings.rounds(THROUGHPUT_ROUNDS) {
        for (target, time, rates, spent) in [
            (
                &scene.proxied,
                scene.proxy_time,
                &mut proxied,
                &mut proxy_spent,
            ),
            (&scene.batched, scene.gate_time, &mut gated, &mut gate_spent),
        ] {
            let before = time.microseconds()?;
            let (calls, rate) = runtime.block_on(rate(target, settings.seed))?;
            if round > 0 {
                rates.push(rate);
                spent.push((time.microseconds()? - before) / calls);
            }
        }
    }
    let ratio = Summary::of_quotients(&gated, &proxied);
    let mut figures = processor("8", &proxy_spent, &gate_spent, PROCESSOR_MAX[1]);
    figures.extend([
        Figure::of("gate.proxy.throughput", Summary::of(proxied), "calls/s"),
        Figure::of("gate.read_only.throughput", Summary::of(gated), "calls/s")
            .against("gate.proxy.throughput", ratio)
            .at_least(THROUGHPUT_MIN),
    ]);
    Ok(figures)
}

/// How many calls, and how many a second, over several connections, each with one call at a time.
async fn rate(target: &Target, seed: u64) -> Result<(f64, f64)> {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for number in 0..CONNECTIONS {
        let mut client = Client::connect(target, 16 + number).await?;
        let samples = rule::samples(1, seed.wrapping_add(number));
        callers.spawn(async move {
            let mut calls = 0_u32;
            for sample in samples.iter().cycle() {
                if start.elapsed() >= THROUGHPUT_WINDOW {
                    break;
                }
                client.call(sample).await?;
                calls += 1;
            }
            Ok::<_, anyhow::Error>(calls)
        });
    }
    let mut calls = 0;
    while let Some(caller) = callers.join_next().await {
        calls += caller??;
    }
    let calls = f64::from(calls);
    Ok((calls, calls / start.elapsed().as_secs_f64()))
}

// === impl Scene ===

impl Scene {
    pub(crate) fn set() -> Result<Self> {
        let upstream = tool_server()?;
        let workspace = Workspace::create()?;
        add_policy(&workspace)?;
        let gate = GateBuilder::new()
            .with(&tables(upstream))
            .start(&workspace)?;
        let credential = workspace.issue(&Credential::default())?;
        let (proxy, proxy_address) = start_proxy("reverse-proxy", &[upstream.to_string()])?;
        let target = |address, path| Target {
            address,
            path,
            credential: credential.clone(),
        };
        Ok(Self {
            direct: target(upstream, "/mcp"),
            proxied: target(proxy_address, "/mcp"),
            batched: target(gate.listen(), "/mcp/read-only"),
            synced: target(gate.listen(), "/mcp/writing"),
            gate_time: Processor(gate.process().id()),
            proxy_time: Processor(proxy.id()),
            _gate: gate,
            _proxy: proxy,
            _workspace: workspace,
        })
    }
}

/// One tool server under two names: its tool is pinned read-only under the first.
fn tables(upstream: SocketAddr) -> String {
    let url = format!("http://{upstream}/mcp");
    let binding = crate::bed::binding("rules", "policy.wasm", TOOL, &rule::settings(1));
    format!(
        "[[server]]\nname = \"read-only\"\nurl = \"{url}\"\ntools = {{ \"*\" = [\"read-only\"] }}\n\n\
         [[server]]\nname = \"writing\"\nurl = \"{url}\"\n\n{binding}"
    )
}

/// Copies the policy of the benchmarks next to the configuration, as `policy.wasm`.
pub(crate) fn add_policy(workspace: &Workspace) -> Result<()> {
    let policy = Binaries::locate().root().join("target/bench/policy.wasm");
    std::fs::copy(&policy, workspace.path().join("policy.wasm")).with_context(|| {
        format!(
            "`{}` is not there\nhint: run `make bench`",
            policy.display()
        )
    })?;
    Ok(())
}

/// A program of `tests/harness` that prints where it listens.
pub(crate) fn start_proxy(program: &str, arguments: &[String]) -> Result<(Process, SocketAddr)> {
    let program = Binaries::locate()
        .root()
        .join("target/release")
        .join(program);
    let mut command = Command::new(program);
    command.args(arguments);
    let process = Process::spawn(command)?;
    let line = process.wait_for_line(Stream::Out, ":", START_DEADLINE)?;
    Ok((process, line.trim().parse()?))
}

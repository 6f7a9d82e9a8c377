//! What the record costs, and what the past gives: decisions that are on disk before they
//! count, what a written entry adds to a call, and recorded calls judged again.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use gatewright_engine::{Call, Engine, Kind, Ruling};
use gatewright_harness::Binaries;
use gatewright_policy::Grant;
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use gatewright_policy::pattern::Scope;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::bed::{Bed, binding};
use crate::report::Figure;
use crate::rounds::{Summary, Times};
use crate::rule::{self, Sample, TOOL};
use crate::settings::Settings;

/// Callers at once, and calls of each in one round.
const CALLERS: usize = 64;
const CALLS: usize = 400;

const ROUNDS: usize = 5;

/// Calls that are kept and judged again; fewer in a hasty run.
const KEPT: usize = 20_000;
const KEPT_QUICK: usize = 5_000;

/// Decisions on disk each second, at the least.
const SYNCED_MIN: f64 = 5_000.0;

/// The slowest of a hundred of them, in microseconds.
const SYNCED_P99_MAX: f64 = 20_000.0;

/// One caller waits for one sync of the disk, and hardly for anything else.
const ONE_SYNC_MAX: f64 = 2.0;

/// What a written entry may add to a call, in microseconds.
const WRITTEN_US_MAX: f64 = 20.0;

/// Recorded calls judged again each second, at the least.
const REPLAY_MIN: f64 = 5_000.0;

/// A server about whose tools nothing is pinned: its calls are on disk before they go on.
const WRITING: &str = "[[server]]\nname = \"writing\"\nurl = \"http://127.0.0.1:1/mcp\"\n";

const KEEP: &str = "[[audit.payloads.keep]]\ntools = [\"documents:*\"]\n";

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut figures = runtime.block_on(recorded(settings))?;
    figures.push(replayed(&runtime, settings)?);
    Ok(figures)
}

/// A bed with one binding on everything, and more of a configuration.
fn bed(more: &str) -> Result<Bed> {
    let bed = Bed::new()?;
    let policy = bed.add_policy(0)?;
    let rules = binding("rules", &policy, "*", &rule::settings(1));
    bed.configure(&format!("{more}\n{rules}"))?;
    Ok(bed)
}

async fn recorded(settings: &Settings) -> Result<Vec<Figure>> {
    let bed = bed(WRITING)?;
    let engine = bed.start().await?;
    let samples = Arc::new(rule::samples(1, settings.seed));
    let rounds = settings.rounds(ROUNDS);
    let (mut rates, mut p99) = (Vec::new(), Vec::new());
    let (mut one, mut syncs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut judged, mut written) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let begun = Instant::now();
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (engine, samples) = (Arc::clone(&engine), Arc::clone(&samples));
            callers.spawn(calls(engine, "writing", samples, (caller, CALLS)));
        }
        let mut all = Times::new()?;
        while let Some(done) = callers.join_next().await {
            done??.into_iter().for_each(|time| all.add(time));
        }
        let rate = (CALLERS * CALLS) as f64 / begun.elapsed().as_secs_f64();
        let alone = calls(
            Arc::clone(&engine),
            "writing",
            Arc::clone(&samples),
            (0, CALLS),
        )
        .await?;
        let sync = syncs_of(&bed)?;
        let plain = judged_only(&engine, &samples).await?;
        let with = calls(
            Arc::clone(&engine),
            "documents",
            Arc::clone(&samples),
            (0, CALLS),
        )
        .await?;
        // The first round warms up and does not count.
        if round == 0 {
            continue;
        }
        rates.push(rate);
        p99.push(all.round().p99);
        let (alone, sync) = (middle(alone)?, middle(sync)?);
        one.push(alone);
        syncs.push(sync);
        ratios.push(alone / sync);
        judged.push(plain);
        written.push((middle(with)? - plain).max(0.0));
    }
    Ok(vec![
        Figure::of("evidence.synced.decisions", Summary::of(rates), "/s").at_least(SYNCED_MIN),
        Figure::of("evidence.synced.p99", Summary::of(p99), "us").at_most(SYNCED_P99_MAX),
        Figure::of("evidence.fsync.p50", Summary::of(syncs), "us"),
        Figure::of("evidence.synced.one.p50", Summary::of(one), "us")
            .against("evidence.fsync.p50", Summary::of(ratios))
            .at_most(ONE_SYNC_MAX),
        Figure::of("evidence.judged.p50", Summary::of(judged), "us"),
        Figure::of("evidence.written.added.p50", Summary::of(written), "us")
            .at_most(WRITTEN_US_MAX),
    ])
}

/// Decides on calls and records them; how long each took.
async fn calls(
    engine: Arc<Engine>,
    server: &str,
    samples: Arc<Vec<Sample>>,
    (caller, count): (usize, usize),
) -> Result<Vec<std::time::Duration>> {
    let server = Arc::from(server);
    let mut times = Vec::with_capacity(count);
    for (number, sample) in samples.iter().cycle().take(count).enumerate() {
        let call = call(&engine, &server, caller, number, sample)?;
        let begun = Instant::now();
        let judgement = engine.judge(&engine.snapshot(), call).await;
        let ruling = engine.record(judgement).await;
        times.push(begun.elapsed());
        ensure!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
    }
    Ok(times)
}

async fn judged_only(engine: &Arc<Engine>, samples: &[Sample]) -> Result<f64> {
    let server = Arc::from("documents");
    let mut times = Vec::with_capacity(CALLS);
    for (number, sample) in samples.iter().cycle().take(CALLS).enumerate() {
        let call = call(engine, &server, 0, number, sample)?;
        let begun = Instant::now();
        let judgement = engine.judge(&engine.snapshot(), call).await;
        times.push(begun.elapsed());
        drop(judgement);
    }
    middle(times)
}

fn call(
    engine: &Engine,
    server: &Arc<str>,
    caller: usize,
    number: usize,
    sample: &Sample,
) -> Result<Call> {
    let scopes = Scope::parse("*:*").into_iter().collect();
    let agent = format!("agent-{caller}");
    Ok(Call {
        id: format!("{caller}-{number}"),
        grant: Grant::local(&agent, Some("alice"), scopes, Arc::from(agent.as_str())),
        kind: Kind::Judged,
        method: "tools/call".to_owned(),
        server: Arc::clone(server),
        name: TOOL.to_owned(),
        message: Document::parse(sample.message.as_str(), &JsonLimits::default())?,
        arguments_at: Pointer::known("/params/arguments"),
        at: engine.now(),
    })
}

/// How long the disk of the record takes to sync a line.
fn syncs_of(bed: &Bed) -> Result<Vec<std::time::Duration>> {
    let mut file = File::create(bed.path().join("synced"))?;
    let line = [b'x'; 1024];
    let mut times = Vec::new();
    for _ in 0..CALLS {
        let begun = Instant::now();
        file.write_all(&line)?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

fn middle(times: Vec<std::time::Duration>) -> Result<f64> {
    let mut all = Times::new()?;
    times.into_iter().for_each(|time| all.add(time));
    Ok(all.round().p50)
}

/// Calls that are kept are judged again by the program, as an operator would.
fn replayed(runtime: &tokio::runtime::Runtime, settings: &Settings) -> Result<Figure> {
    let bed = bed(KEEP)?;
    let kept = match settings.quick {
        true => KEPT_QUICK,
        false => KEPT,
    };
    runtime.block_on(async {
        let engine = bed.start().await?;
        let samples = Arc::new(rule::samples(1, settings.seed));
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (engine, samples) = (Arc::clone(&engine), Arc::clone(&samples));
            callers.spawn(calls(
                engine,
                "documents",
                samples,
                (caller, kept / CALLERS),
            ));
        }
        while let Some(done) = callers.join_next().await {
            done??;
        }
        engine.stop().await;
        Ok::<_, anyhow::Error>(())
    })?;
    let begun = Instant::now();
    let output = Command::new(Binaries::locate().gatewright()?)
        .args(["replay", "--format", "json"])
        .arg(bed.config())
        .env("XDG_CACHE_HOME", bed.path())
        .output()
        .context("`gatewright replay` does not start")?;
    let seconds = begun.elapsed().as_secs_f64();
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{told}");
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let judged = report.get("judged").and_then(Value::as_u64);
    let judged = judged.context("the report says nothing")?;
    ensure!(judged as usize == kept / CALLERS * CALLERS, "{report}");
    let all = fs::metadata(bed.ledger())?.len();
    ensure!(all > 0, "there is a record");
    Ok(Figure::new("evidence.replay", judged as f64 / seconds, "/s").at_least(REPLAY_MIN))
}

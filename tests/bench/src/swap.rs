//! Policies replaced on disk while calls flow.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewright_engine::Engine;
use gatewright_engine::reload::Reloader;
use gatewright_policy::Digest;
use gatewright_policy::record::{Entry, Event};

use crate::bed::{Bed, binding};
use crate::load::{self, Window};
use crate::report::Figure;
use crate::rounds::{Round, Summary};
use crate::rule::{self, TOOL};
use crate::settings::Settings;

/// Calls a second.
const RATE: u32 = 500;

/// Between two swaps.
const SWAP_EVERY: Duration = Duration::from_secs(1);

/// How long the gate may take to notice, compile and activate.
const ACTIVATION_DEADLINE: Duration = Duration::from_secs(20);

/// Pairs of a window with swaps and one without, in a full run.
const ROUNDS: usize = 9;

/// How much worse the p99 with swaps may be.
const P99_MAX: f64 = 1.5;

/// What the ledger says about the run.
#[derive(Default)]
struct Proof {
    decided: u64,
    /// Opinions of a component that was not active in the call's generation, and
    /// calls whose two opinions come from different components.
    mixed: u64,
    generations: HashSet<u64>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let bed = Arc::new(Bed::new()?);
    let runtime = tokio::runtime::Runtime::new()?;
    activate(&bed, 0)?;
    let engine = runtime.block_on(bed.start())?;
    let reloader = {
        let _entered = runtime.enter();
        Reloader::start(Arc::clone(&engine), bed.config())?
    };
    let samples: Arc<[_]> = rule::samples(1, settings.seed).into();
    let calls = |runtime: &tokio::runtime::Handle| -> Result<Window> {
        load::send(runtime, RATE, settings.window(), |number| {
            let (bed, engine, samples) =
                (Arc::clone(&bed), Arc::clone(&engine), Arc::clone(&samples));
            async move {
                let place = usize::try_from(number)? % samples.len();
                let sample = samples.get(place).context("there are samples")?;
                bed.rule(&engine, number, TOOL, &sample.message).await
            }
        })
    };
    calls(runtime.handle())?;

    let (mut quiet, mut swapping) = (Vec::new(), Vec::new());
    let mut variant = 0_u8;
    for _ in 0..settings.rounds(ROUNDS) {
        quiet.push(calls(runtime.handle())?);
        let window = thread::scope(|scope| {
            let swaps = scope.spawn(|| swap_for(settings.window(), &bed, &engine, &mut variant));
            let window = calls(runtime.handle());
            swaps
                .join()
                .map_err(|_| anyhow::anyhow!("the swaps ended early"))??;
            window
        })?;
        swapping.push(window);
    }
    drop(reloader);
    runtime.block_on(engine.stop());
    figures(
        &quiet,
        &swapping,
        u64::from(variant),
        &prove(&bed.ledger())?,
    )
}

/// Replaces the policy again and again, and waits each time until it is active.
fn swap_for(length: Duration, bed: &Bed, engine: &Engine, variant: &mut u8) -> Result<()> {
    let end = Instant::now() + length;
    while Instant::now() < end {
        let start = Instant::now();
        let before = engine.snapshot().generation;
        *variant = variant
            .checked_add(1)
            .context("too many swaps for one run")?;
        activate(bed, *variant)?;
        while engine.snapshot().generation == before {
            ensure!(
                start.elapsed() < ACTIVATION_DEADLINE,
                "swap {variant} was not activated: {:?}",
                engine.status().reload_error
            );
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(
            (start + SWAP_EVERY)
                .min(end)
                .saturating_duration_since(Instant::now()),
        );
    }
    Ok(())
}

/// A new component behind both bindings, named by one change of the configuration.
fn activate(bed: &Bed, variant: u8) -> Result<()> {
    let policy = bed.add_policy(variant)?;
    let settings = rule::settings(1);
    let both = ["first", "second"].map(|name| binding(name, &policy, TOOL, &settings));
    bed.configure(&both.concat())
}

/// Holds every decision of the ledger against the activation of its generation.
fn prove(ledger: &Path) -> Result<Proof> {
    let mut proof = Proof::default();
    let mut active: HashMap<u64, HashMap<String, Digest>> = HashMap::new();
    for line in fs::read_to_string(ledger)?.lines() {
        match serde_json::from_str::<Entry>(line)?.event {
            Event::Activated {
                generation,
                bindings,
                ..
            } => {
                active.insert(generation, bindings.into_iter().collect());
            }
            Event::Decided(decided) => {
                proof.decided += 1;
                proof.generations.insert(decided.generation);
                let components = active.get(&decided.generation);
                let of_its_generation = decided.opinions.iter().all(|opinion| {
                    components.and_then(|components| components.get(&opinion.binding))
                        == Some(&opinion.component)
                });
                let judged: HashSet<Digest> = decided
                    .opinions
                    .iter()
                    .map(|opinion| opinion.component)
                    .collect();
                if !of_its_generation || judged.len() != 1 || decided.opinions.len() != 2 {
                    proof.mixed += 1;
                }
            }
            Event::Labelled(_)
            | Event::Completed(_)
            | Event::Started { .. }
            | Event::ReloadFailed { .. }
            | Event::Refused(_)
            | Event::Agents(_)
            | Event::Tools(_)
            | Event::Approval(_)
            | Event::Stopped
            | Event::Ledger(_) => {}
        }
    }
    Ok(proof)
}

fn figures(
    quiet: &[Window],
    swapping: &[Window],
    swaps: u64,
    proof: &Proof,
) -> Result<Vec<Figure>> {
    let windows = || quiet.iter().chain(swapping);
    if let Some(failure) = windows().find_map(|window| window.failure.as_ref()) {
        eprintln!("the first call that failed: {failure}");
    }
    let calls: u64 = windows().map(|window| window.calls).sum();
    ensure!(
        proof.decided >= calls,
        "{calls} calls, and {} records",
        proof.decided
    );
    let failed: u64 = windows().map(|window| window.failed).sum();
    let rounds = |windows: &[Window]| {
        windows
            .iter()
            .map(|window| window.round)
            .collect::<Vec<_>>()
    };
    let (quiet, swapping) = (rounds(quiet), rounds(swapping));
    let p99 = |rounds: &[Round]| Summary::of(rounds.iter().map(Round::p99));
    Ok(vec![
        Figure::new("swap.swaps", count(swaps), "swaps"),
        Figure::new("swap.calls", count(calls), "calls"),
        Figure::new(
            "swap.generations_seen",
            count(proof.generations.len() as u64),
            "generations",
        ),
        Figure::new("swap.failed_calls", count(failed), "calls").at_most(0.0),
        Figure::new("swap.mixed_calls", count(proof.mixed), "calls").at_most(0.0),
        Figure::of("swap.quiet.p99", p99(&quiet), "us"),
        Figure::of("swap.p99", p99(&swapping), "us")
            .against(
                "swap.quiet.p99",
                Summary::of_ratios(&swapping, &quiet, Round::p99),
            )
            .at_most(P99_MAX),
    ])
}

fn count(number: u64) -> f64 {
    number as f64
}

//! A policy that never answers, beside a good one.

use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, ensure};
use tokio::runtime::Handle;

use crate::bed::{Bed, binding};
use crate::load::{self, Window};
use crate::report::Figure;
use crate::rounds::{Round, Summary};
use crate::rule::{self, TOOL};
use crate::settings::Settings;

/// Calls a second to the good policy.
const RATE: u32 = 500;

/// Calls a second to the one that loops.
const LOOPING_RATE: u32 = 100;

/// The tool that the looping policy judges.
const LOOPING_TOOL: &str = "spin";

/// Pairs of a window with looping calls and one without, in a full run.
const ROUNDS: usize = 9;

/// How much worse the p99 of the good policy may become.
const P99_MAX: f64 = 2.0;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let bed = Arc::new(Bed::new()?);
    let policy = bed.add_policy(0)?;
    let good = binding("good", &policy, TOOL, &rule::settings(1));
    let looping = binding(
        "looping",
        &policy,
        LOOPING_TOOL,
        "{ rules = [], spins = true }",
    );
    bed.configure(&(good + &looping))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let engine = runtime.block_on(bed.start())?;
    let samples: Arc<[_]> = rule::samples(1, settings.seed).into();
    let calls = |runtime: &Handle, rate: u32, tool: &'static str| -> Result<Window> {
        load::send(runtime, rate, settings.window(), |number| {
            let (bed, engine, samples) =
                (Arc::clone(&bed), Arc::clone(&engine), Arc::clone(&samples));
            async move {
                let place = usize::try_from(number)? % samples.len();
                let sample = samples.get(place).context("there are samples")?;
                bed.rule(&engine, number, tool, &sample.message).await
            }
        })
    };
    calls(runtime.handle(), RATE, TOOL)?;

    let (mut alone, mut beside, mut spinning) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..settings.rounds(ROUNDS) {
        alone.push(calls(runtime.handle(), RATE, TOOL)?);
        let (good, looping) = thread::scope(|scope| {
            let looping = scope.spawn(|| calls(runtime.handle(), LOOPING_RATE, LOOPING_TOOL));
            let good = calls(runtime.handle(), RATE, TOOL);
            let looping = looping
                .join()
                .map_err(|_| anyhow::anyhow!("the loops ended early"));
            Ok::<_, anyhow::Error>((good?, looping??))
        })?;
        beside.push(good);
        spinning.push(looping);
    }
    runtime.block_on(engine.stop());
    figures(&alone, &beside, &spinning)
}

fn figures(alone: &[Window], beside: &[Window], spinning: &[Window]) -> Result<Vec<Figure>> {
    if let Some(failure) = alone
        .iter()
        .chain(beside)
        .find_map(|window| window.failure.as_ref())
    {
        eprintln!("the first good call that failed: {failure}");
    }
    let looping: u64 = spinning.iter().map(|window| window.calls).sum();
    let stopped: u64 = spinning.iter().map(|window| window.failed).sum();
    ensure!(
        stopped == looping,
        "{} looping calls were allowed",
        looping - stopped
    );
    let failed: u64 = alone.iter().chain(beside).map(|window| window.failed).sum();
    let rounds = |windows: &[Window]| {
        windows
            .iter()
            .map(|window| window.round)
            .collect::<Vec<_>>()
    };
    let (alone, beside, spinning) = (rounds(alone), rounds(beside), rounds(spinning));
    let p50 = |rounds: &[Round]| Summary::of(rounds.iter().map(Round::p50));
    let p99 = |rounds: &[Round]| Summary::of(rounds.iter().map(Round::p99));
    Ok(vec![
        Figure::new("looping.failed_good_calls", failed as f64, "calls").at_most(0.0),
        Figure::of("looping.stopped_after.p50", p50(&spinning), "us"),
        Figure::of("looping.good_alone.p99", p99(&alone), "us"),
        Figure::of("looping.good_beside.p99", p99(&beside), "us")
            .against(
                "looping.good_alone.p99",
                Summary::of_ratios(&beside, &alone, Round::p99),
            )
            .at_most(P99_MAX),
    ])
}

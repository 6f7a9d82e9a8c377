//! Ten thousand swaps in one process while calls flow: nothing may be left behind.
//!
//! Three versions of a pack take turns. The engine keeps the active snapshot and
//! the one before compiled, so two versions would only ever be found in memory;
//! of three, each is loaded from the compile cache anew and dropped again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewright_engine::Engine;
use tokio::runtime::Runtime;
use tokio::time::MissedTickBehavior;

use crate::bed::Bed;
use crate::memory::resident_mb;
use crate::report::Figure;
use crate::rule::{self, Sample, TOOL};
use crate::settings::Settings;
use crate::vendor::Vendor;

/// Policies of the pack.
const POLICIES: u32 = 1;

/// Swaps, and how many of them come before each look at the process, in a full run
/// and in a quick one.
const FULL: (u32, u32) = (10_000, 1_000);
const QUICK: (u32, u32) = (500, 100);

/// Between two calls.
const CALL_EVERY: Duration = Duration::from_millis(5);

/// How much more may be resident at any look than at the first one, in MB (a million
/// bytes).
const GROWTH_MB_MAX: f64 = 10.0;

/// What this process holds.
struct Held {
    resident_mb: f64,
    handles: f64,
}

/// What became of the calls.
#[derive(Default)]
struct Calls {
    made: u64,
    failed: u64,
    failure: Option<String>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let (swaps, look_every) = if settings.quick { QUICK } else { FULL };
    let mut vendor = Vendor::new(POLICIES)?;
    let mut versions = Vec::new();
    for _ in 0..3 {
        versions.push(vendor.release_diverse()?);
    }
    let mut versions = versions.into_iter().cycle();
    let mut next = || versions.next().context("there are versions");
    vendor.want(next()?)?;
    let runtime = Runtime::new()?;
    let engine = runtime.block_on(vendor.bed().start())?;
    let samples: Arc<[_]> = rule::samples(1, settings.seed).into();
    let is_over = Arc::new(AtomicBool::new(false));
    let calls = runtime.spawn(call_until(
        Arc::clone(&is_over),
        Arc::clone(vendor.bed()),
        Arc::clone(&engine),
        samples,
    ));

    let begin = Instant::now();
    let mut looks = Vec::new();
    for swap in 1..=swaps {
        vendor.want(next()?)?;
        activate(&runtime, &engine, &vendor)?;
        if swap % look_every == 0 {
            looks.push(Held::now()?);
        }
    }
    let took = begin.elapsed();
    is_over.store(true, Ordering::Relaxed);
    let calls = runtime.block_on(calls)??;
    runtime.block_on(engine.stop());
    figures(swaps, took, &looks, &calls)
}

/// The whole of an activation, besides noticing that one is wanted.
fn activate(runtime: &Runtime, engine: &Arc<Engine>, vendor: &Vendor) -> Result<()> {
    let before = engine.snapshot().generation;
    let generation = runtime.block_on(engine.activate(&vendor.loaded()?))?;
    ensure!(
        generation == before + 1,
        "generation {generation} after {before}"
    );
    Ok(())
}

async fn call_until(
    is_over: Arc<AtomicBool>,
    bed: Arc<Bed>,
    engine: Arc<Engine>,
    samples: Arc<[Sample]>,
) -> Result<Calls> {
    let mut calls = Calls::default();
    let mut due = tokio::time::interval(CALL_EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for sample in samples.iter().cycle() {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        due.tick().await;
        let answer = bed.rule(&engine, calls.made, TOOL, &sample.message).await;
        calls.made += 1;
        if let Err(error) = answer {
            calls.failed += 1;
            calls.failure.get_or_insert_with(|| format!("{error:#}"));
        }
    }
    Ok(calls)
}

fn figures(swaps: u32, took: Duration, looks: &[Held], calls: &Calls) -> Result<Vec<Figure>> {
    if let Some(failure) = &calls.failure {
        eprintln!("the first call that failed: {failure}");
    }
    let (first, later) = looks.split_first().context("the process was looked at")?;
    ensure!(!later.is_empty(), "the process was looked at once");
    let resident = later.iter().map(|held| held.resident_mb);
    let resident = resident.fold(f64::NEG_INFINITY, f64::max);
    let handles = later.iter().map(|held| held.handles);
    let handles = handles.fold(f64::NEG_INFINITY, f64::max);
    let each = took.as_secs_f64() * 1e3 / f64::from(swaps);
    Ok(vec![
        Figure::new("soak.swaps", f64::from(swaps), "swaps"),
        Figure::new("soak.each", each, "ms"),
        Figure::new("soak.calls", calls.made as f64, "calls"),
        Figure::new("soak.failed_calls", calls.failed as f64, "calls").at_most(0.0),
        Figure::new("soak.resident.first", first.resident_mb, "MB"),
        Figure::new("soak.resident.growth", resident - first.resident_mb, "MB")
            .at_most(GROWTH_MB_MAX),
        Figure::new("soak.handles.first", first.handles, "handles"),
        Figure::new("soak.handles.growth", handles - first.handles, "handles").at_most(0.0),
    ])
}

// === impl Held ===

impl Held {
    /// At this moment.
    fn now() -> Result<Self> {
        Ok(Self {
            resident_mb: resident_mb(std::process::id())?,
            handles: std::fs::read_dir("/proc/self/fd")?.count() as f64,
        })
    }
}

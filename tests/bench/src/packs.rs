//! A signed pack of fifty policies, activated from its store: how long that takes
//! in the background, and what calls notice of it.
//!
//! The fifty components are one Rust policy, `tests/bench/policy`, with a number
//! appended in a custom section: the same work to verify, to look up, to
//! configure and to link, and fifty digests, so that nothing is shared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatewright_engine::Engine;
use gatewright_engine::reload::Reloader;
use gatewright_policy::Digest;
use tokio::runtime::Runtime;

use crate::load;
use crate::report::Figure;
use crate::rounds::Summary;
use crate::rule::{self, Sample, TOOL};
use crate::settings::Settings;
use crate::vendor::Vendor;

/// Policies of the pack.
const POLICIES: u32 = 50;

/// Activations of each kind, in a full run.
const ROUNDS: usize = 9;

/// From what is wanted to what is in force, in milliseconds.
const ACTIVATION_MS_MAX: f64 = 250.0;

/// A start that finds all code in the cache, in milliseconds.
const START_AGAIN_MS_MAX: f64 = 1000.0;

/// From the last call of one snapshot to the first of the next, in milliseconds.
const PAUSE_MS_MAX: f64 = 5.0;

/// Calls a second while a version is replaced every second.
const RATE: u32 = 500;

/// How long that lasts, in a full run.
const EVERY_SECOND_FOR: Duration = Duration::from_secs(15);

/// Between two swaps.
const SWAP_EVERY: Duration = Duration::from_secs(1);

/// Between two swaps that find the watcher at rest: a change right after another
/// one is taken up at once.
const REST: Duration = Duration::from_millis(500);

/// How long one activation may take before the run is given up.
const ACTIVATION_DEADLINE: Duration = Duration::from_secs(60);

/// Versions of the pack. The engine keeps the active snapshot and the one before
/// compiled: between two activations of the fifty, two others come into force, so
/// that their code is in the cache on disk and nowhere else.
struct Versions {
    fifty: Digest,
    between: [Digest; 2],
}

struct Bench {
    vendor: Vendor,
    versions: Versions,
    runtime: Runtime,
    engine: Arc<Engine>,
    samples: Arc<[Sample]>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let mut vendor = Vendor::new(POLICIES)?;
    let versions = Versions {
        fifty: vendor.release_diverse()?,
        between: [vendor.release_uniform()?, vendor.release_uniform()?],
    };
    let runtime = Runtime::new()?;
    vendor.want(versions.fifty)?;
    let start = Instant::now();
    let engine = runtime.block_on(vendor.bed().start())?;
    let first = Figure::new("packs.first_start_50", milliseconds(start.elapsed()), "ms");
    runtime.block_on(engine.stop());
    drop(engine);
    let start = Instant::now();
    let engine = runtime.block_on(vendor.bed().start())?;
    let again = Figure::new("packs.start_again_50", milliseconds(start.elapsed()), "ms");
    let bench = Bench {
        vendor,
        versions,
        runtime,
        engine,
        samples: rule::samples(1, settings.seed).into(),
    };
    // The versions in between are compiled once.
    bench.activate_alone()?;
    let mut figures = vec![first, again.at_most(START_AGAIN_MS_MAX)];
    figures.extend(bench.activations(settings)?);
    figures.extend(bench.pauses(settings)?);
    figures.extend(bench.every_second(settings)?);
    bench.runtime.block_on(bench.engine.stop());
    Ok(figures)
}

// === impl Bench ===

impl Bench {
    /// How long an activation takes, alone and as the watcher does it.
    fn activations(&self, settings: &Settings) -> Result<Vec<Figure>> {
        let rounds = settings.rounds(ROUNDS);
        let (mut alone, mut back, mut verified) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let start = Instant::now();
            self.vendor.verify(self.versions.fifty)?;
            verified.push(milliseconds(start.elapsed()));
            alone.push(milliseconds(self.activate_alone()?));
            back.push(milliseconds(self.go_back()?));
        }
        let reloader = self.watch()?;
        let length = REST * u32::try_from(rounds * self.versions.in_turn().len())?;
        let watched = self.swap_every(REST, length)?;
        drop(reloader);
        Ok(vec![
            Figure::of("packs.activate_50", Summary::of(watched), "ms").at_most(ACTIVATION_MS_MAX),
            Figure::of("packs.activate_50.unwatched", Summary::of(alone), "ms"),
            Figure::of("packs.back_50.unwatched", Summary::of(back), "ms"),
            Figure::of("packs.verify_50", Summary::of(verified), "ms"),
        ])
    }

    /// How long calls wait while the snapshot is replaced: one after the other,
    /// from the end of the last call that the old one judged to the end of the
    /// first that the new one judged.
    fn pauses(&self, settings: &Settings) -> Result<Vec<Figure>> {
        let reloader = self.watch()?;
        let mut pauses = Vec::new();
        for _ in 0..settings.rounds(ROUNDS) {
            for version in self.versions.in_turn() {
                let is_over = AtomicBool::new(false);
                let pause = thread::scope(|scope| {
                    let calls = scope.spawn(|| self.pause(&is_over));
                    let swapped = self.swap(version);
                    is_over.store(true, Ordering::Relaxed);
                    let pause = calls.join();
                    swapped?;
                    pause.map_err(|_| anyhow::anyhow!("the calls ended early"))?
                })?;
                pauses.push(milliseconds(pause));
            }
        }
        drop(reloader);
        let worst = pauses.iter().copied().fold(0.0, f64::max);
        Ok(vec![
            Figure::of("packs.swap.pause", Summary::of(pauses), "ms").at_most(PAUSE_MS_MAX),
            Figure::new("packs.swap.pause.worst", worst, "ms"),
        ])
    }

    /// Calls until it is over, and at least until one was judged by another
    /// snapshot than those before.
    fn pause(&self, is_over: &AtomicBool) -> Result<Duration> {
        let start = Instant::now();
        let mut before = None;
        let mut pause = None;
        let mut samples = self.samples.iter().cycle();
        while pause.is_none() || !is_over.load(Ordering::Relaxed) {
            ensure!(start.elapsed() < ACTIVATION_DEADLINE, "no swap was seen");
            let sample = samples.next().context("there are samples")?;
            let snapshot = self.engine.snapshot();
            self.runtime.block_on(self.vendor.bed().rule_by(
                &self.engine,
                &snapshot,
                0,
                TOOL,
                &sample.message,
            ))?;
            let end = Instant::now();
            if let Some((generation, ended)) = before
                && generation != snapshot.generation
            {
                pause = Some(end.duration_since(ended));
            }
            before = Some((snapshot.generation, end));
        }
        pause.context("the loop ends with one")
    }

    /// Calls at a fixed rate, and another version every second.
    fn every_second(&self, settings: &Settings) -> Result<Vec<Figure>> {
        let length = match settings.quick {
            true => settings.window() * 3,
            false => EVERY_SECOND_FOR,
        };
        let reloader = self.watch()?;
        let before = self.engine.snapshot().generation;
        let window = thread::scope(|scope| {
            let swaps = scope.spawn(|| self.swap_every(SWAP_EVERY, length));
            let window = load::send(self.runtime.handle(), RATE, length, |number| {
                let (bed, engine) = (Arc::clone(self.vendor.bed()), Arc::clone(&self.engine));
                let samples = Arc::clone(&self.samples);
                async move {
                    let place = usize::try_from(number)? % samples.len();
                    let sample = samples.get(place).context("there are samples")?;
                    bed.rule(&engine, number, TOOL, &sample.message).await
                }
            });
            swaps
                .join()
                .map_err(|_| anyhow::anyhow!("the swaps ended early"))??;
            window
        })?;
        drop(reloader);
        if let Some(failure) = &window.failure {
            eprintln!("the first call that failed: {failure}");
        }
        let swaps = self.engine.snapshot().generation.saturating_sub(before);
        Ok(vec![
            Figure::new("packs.every_second.swaps", swaps as f64, "swaps")
                .at_least(length.as_secs_f64()),
            Figure::new("packs.every_second.calls", window.calls as f64, "calls"),
            Figure::new(
                "packs.every_second.failed_calls",
                window.failed as f64,
                "calls",
            )
            .at_most(0.0),
            Figure::new("packs.every_second.p99", window.round.p99(), "us"),
        ])
    }

    /// Another version at each of these times, the next one later where one takes
    /// longer than that. Gives how many milliseconds each activation of the fifty
    /// took.
    fn swap_every(&self, pause: Duration, length: Duration) -> Result<Vec<f64>> {
        let mut due = Instant::now();
        let deadline = due + length;
        let mut times = Vec::new();
        for version in self.versions.in_turn().into_iter().cycle() {
            if due >= deadline {
                break;
            }
            let took = self.swap(version)?;
            if version == self.versions.fifty {
                times.push(milliseconds(took));
            }
            due += pause;
            // The rate is what is measured at: swaps are due at times, not after events.
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        Ok(times)
    }

    fn watch(&self) -> Result<Reloader> {
        let _entered = self.runtime.enter();
        let config = self.vendor.bed().config();
        Ok(Reloader::start(Arc::clone(&self.engine), config)?)
    }

    /// Wants a version, and gives how long after that the watcher had it in force.
    fn swap(&self, version: Digest) -> Result<Duration> {
        let before = self.engine.snapshot().generation;
        let start = Instant::now();
        self.vendor.want(version)?;
        while self.engine.snapshot().generation == before {
            ensure!(
                start.elapsed() < ACTIVATION_DEADLINE,
                "{version} was not activated: {:?}",
                self.engine.status().reload_error
            );
            thread::sleep(Duration::from_millis(1));
        }
        Ok(start.elapsed())
    }

    /// Activates the fifty, whose code is on disk alone, without a watcher.
    fn activate_alone(&self) -> Result<Duration> {
        for between in self.versions.between {
            self.activate(between)?;
        }
        self.activate(self.versions.fifty)
    }

    /// Away from the fifty and back to them: what was in force before is compiled
    /// still. Gives how long the way back took.
    fn go_back(&self) -> Result<Duration> {
        let [between, _] = self.versions.between;
        self.activate(between)?;
        self.activate(self.versions.fifty)
    }

    fn activate(&self, version: Digest) -> Result<Duration> {
        let before = self.engine.snapshot().generation;
        let start = Instant::now();
        self.vendor.want(version)?;
        let loaded = self.vendor.loaded()?;
        let generation = self.runtime.block_on(self.engine.activate(&loaded))?;
        ensure!(generation > before, "{version} was in force already");
        Ok(start.elapsed())
    }
}

// === impl Versions ===

impl Versions {
    /// In an order in which the fifty are always loaded from the cache; they are
    /// in force before it begins.
    const fn in_turn(&self) -> [Digest; 3] {
        let [first, second] = self.between;
        [first, second, self.fifty]
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

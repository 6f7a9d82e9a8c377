//! One decision in the engine: with more bindings on its tool, and about longer arguments.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::curve::{Axis, LINE_MAX};
use crate::decider::Decider;
use crate::report::Figure;
use crate::rounds::Times;
use crate::rule::{self, Sample};
use crate::settings::Settings;

/// Rounds of a full run.
const ROUNDS: usize = 11;

/// Bindings on the tool, no two alike.
const BINDINGS: [usize; 5] = [1, 3, 10, 30, 100];

/// Calls of one size in one round.
const CALLS: usize = 100;

/// Bytes of arguments.
const ARGUMENTS: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// Bytes of arguments in one round, of each size: so many calls, a few at the least.
const ARGUMENT_BYTES: usize = 2_000_000;
const ARGUMENT_CALLS_MIN: usize = 8;

pub(super) fn bindings(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "bindings",
        cost: "p50",
        exponent_max: LINE_MAX,
    };
    let mut deciders = Vec::new();
    for bindings in BINDINGS {
        deciders.push((bindings, Decider::different(bindings)?));
    }
    let samples = rule::samples(1, settings.seed);
    let curve = axis.measure(settings.rounds(ROUNDS), &mut deciders, |_, decider| {
        p50(&samples, CALLS, |sample| decider.decide(sample))
    })?;
    Ok(curve.figures())
}

pub(super) fn arguments(settings: &Settings) -> Result<Vec<Figure>> {
    let axis = Axis {
        name: "arguments",
        cost: "p50",
        exponent_max: LINE_MAX,
    };
    let decider = Decider::new(1, 1)?;
    let mut samples = ARGUMENTS.map(|bytes| (bytes, rule::grown(bytes, settings.seed)));
    let curve = axis.measure(settings.rounds(ROUNDS), &mut samples, |bytes, samples| {
        let calls = (ARGUMENT_BYTES / bytes).clamp(ARGUMENT_CALLS_MIN, CALLS);
        p50(samples, calls, |sample| decider.decide(sample))
    })?;
    let mut figures = curve.figures();
    let of_each = curve.of_each();
    figures.push(Figure::of("scale.arguments.each_byte", of_each, "ns"));
    Ok(figures)
}

/// The p50 of so many decisions, in microseconds.
pub(super) fn p50(
    samples: &[Sample],
    calls: usize,
    mut decide: impl FnMut(&Sample) -> Result<bool>,
) -> Result<f64> {
    let mut times = Times::new()?;
    for sample in samples.iter().cycle().take(calls) {
        let start = Instant::now();
        let allowed = decide(sample)?;
        times.add(start.elapsed());
        ensure!(allowed, "a call of the benchmark is not allowed");
    }
    Ok(times.round().p50())
}

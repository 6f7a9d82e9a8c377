//! What one more binding on a tool costs: from one to a hundred, no two alike.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::decider::Decider;
use crate::report::Figure;
use crate::rounds::{Round, Summary, Times};
use crate::rule;
use crate::settings::Settings;

/// How many bindings judge the call.
const SIZES: [usize; 5] = [1, 10, 30, 50, 100];

/// Rounds of a full run.
const ROUNDS: usize = 21;

/// Calls of one engine in one round.
const CALLS: usize = 200;

/// What a hundred may take, in the time of ten: a straight line.
const LINE_MAX: f64 = 10.5;

/// What ten may take, in the time of one.
const TEN_MAX: f64 = 5.0;

struct Engine {
    bindings: usize,
    decider: Decider,
    rounds: Vec<Round>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let mut engines = Vec::new();
    for bindings in SIZES {
        engines.push(Engine {
            bindings,
            decider: Decider::different(bindings)?,
            rounds: Vec::new(),
        });
    }
    let samples = rule::samples(1, settings.seed);
    // The first round warms up and does not count.
    for round in 0..=settings.rounds(ROUNDS) {
        for engine in &mut engines {
            let mut times = Times::new()?;
            for sample in samples.iter().cycle().take(CALLS) {
                let start = Instant::now();
                let allowed = engine.decider.decide(sample)?;
                times.add(start.elapsed());
                ensure!(
                    allowed,
                    "{} bindings do not allow the call",
                    engine.bindings
                );
            }
            if round > 0 {
                engine.rounds.push(times.round());
            }
        }
    }
    Ok(figures(&engines))
}

fn figures(engines: &[Engine]) -> Vec<Figure> {
    let name = |bindings: usize| format!("bindings.different_{bindings}.p50");
    let figures = engines.iter().map(|engine| {
        let p50 = Summary::of(engine.rounds.iter().map(Round::p50));
        let figure = Figure::of(name(engine.bindings), p50, "us");
        let (against, bound) = match engine.bindings {
            10 => (1, TEN_MAX),
            100 => (10, LINE_MAX),
            _between => return figure,
        };
        match engines.iter().find(|other| other.bindings == against) {
            None => figure,
            Some(other) => {
                let ratio = Summary::of_ratios(&engine.rounds, &other.rounds, Round::p50);
                figure.against(name(against), ratio).at_most(bound)
            }
        }
    });
    figures.collect()
}

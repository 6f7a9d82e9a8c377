//! One decision: from the bytes of a call to allow or deny, one call at a time.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::cedar::Cedar;
use crate::decider::Decider;
use crate::rego::Rego;
use crate::report::Figure;
use crate::rounds::{Round, Summary, Times};
use crate::rule::{self, Sample};
use crate::settings::Settings;

/// How many rules, or bindings, there are.
const SIZES: [usize; 3] = [1, 10, 100];

/// Rounds of a full run.
const ROUNDS: usize = 41;

/// Calls of one contender in one round.
const CALLS: usize = 400;

/// The highest p99 of a decision, in its own p50.
const TAIL_MAX: f64 = 3.0;

/// A decision by an interpreter in a component, against the same one natively.
const INTERPRETED_MAX: f64 = 3.0;

/// One who decides, and how long it took.
struct Contender {
    name: String,
    decide: Decide,
    samples: Vec<Sample>,
    rounds: Vec<Round>,
}

type Decide = Box<dyn FnMut(&Sample) -> Result<bool>>;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let mut contenders = Vec::new();
    for size in SIZES {
        let mut contend = |name: &str, rules: usize, decide: Decide| {
            contenders.push(Contender {
                name: format!("{name}.{size}"),
                decide,
                samples: rule::samples(rules, settings.seed),
                rounds: Vec::new(),
            });
        };
        let gate = Decider::new(1, size)?;
        contend(
            "decide.rust.rules",
            size,
            Box::new(move |sample| gate.decide(sample)),
        );
        let gate = Decider::of("target/plugins/cedar.wasm", &rule::cedar_settings(size))?;
        contend(
            "decide.cedar.rules",
            size,
            Box::new(move |sample| gate.decide(sample)),
        );
        let gate = Decider::of("target/plugins/rego.wasm", &rule::rego_settings(size))?;
        contend(
            "decide.rego.rules",
            size,
            Box::new(move |sample| gate.decide(sample)),
        );
        let mut cedar = Cedar::new(size)?;
        contend(
            "cedar.rules",
            size,
            Box::new(move |sample| cedar.allows(sample)),
        );
        let mut rego = Rego::new(size)?;
        contend(
            "regorus.rules",
            size,
            Box::new(move |sample| rego.allows(sample)),
        );
        if size > 1 {
            let gate = Decider::new(size, 1)?;
            contend(
                "decide.rust.bindings",
                1,
                Box::new(move |sample| gate.decide(sample)),
            );
        }
    }
    // The first round warms up and does not count.
    for round in 0..=settings.rounds(ROUNDS) {
        for contender in &mut contenders {
            contender.run(round > 0)?;
        }
    }
    figures(&contenders)
}

fn figures(contenders: &[Contender]) -> Result<Vec<Figure>> {
    let rounds = |name: String| {
        let found = contenders.iter().find(|contender| contender.name == name);
        found.map_or(&[][..], |contender| &contender.rounds)
    };
    let mut figures = Vec::new();
    for size in SIZES {
        let ours = rounds(format!("decide.rust.rules.{size}"));
        let (cedar, rego) = (
            rounds(format!("cedar.rules.{size}")),
            rounds(format!("regorus.rules.{size}")),
        );
        ensure!(
            !ours.is_empty() && !cedar.is_empty() && !rego.is_empty(),
            "nothing was measured"
        );
        let name = match size {
            1 => "decide.rust.fresh".to_owned(),
            _ => format!("decide.rust.fresh.rules_{size}"),
        };
        let to_cedar = Summary::of_ratios(ours, cedar, Round::p50);
        let cedar_name = format!("cedar.per_call.rules_{size}.p50");
        figures.push(
            Figure::of(format!("{name}.p50"), p50(ours), "us")
                .against(&cedar_name, to_cedar)
                .at_most(1.0),
        );
        figures.push(
            Figure::of(format!("{name}.p99"), p99(ours), "us")
                .against(format!("{name}.p50"), tail(ours))
                .at_most(TAIL_MAX),
        );
        figures.push(Figure::of(&cedar_name, p50(cedar), "us"));
        figures.push(
            Figure::of(format!("cedar.per_call.rules_{size}.p99"), p99(cedar), "us")
                .against(&cedar_name, tail(cedar)),
        );
        let to_cedar = Summary::of_ratios(rego, cedar, Round::p50);
        figures.push(
            Figure::of(
                format!("regorus.per_call.rules_{size}.p50"),
                p50(rego),
                "us",
            )
            .against(&cedar_name, to_cedar),
        );
        for (language, native, peer) in [("cedar", cedar, "cedar"), ("rego", rego, "regorus")] {
            let ours = rounds(format!("decide.{language}.rules.{size}"));
            let ratio = Summary::of_ratios(ours, native, Round::p50);
            figures.push(
                Figure::of(
                    format!("decide.{language}.fresh.rules_{size}.p50"),
                    p50(ours),
                    "us",
                )
                .against(format!("{peer}.per_call.rules_{size}.p50"), ratio)
                .at_most(INTERPRETED_MAX),
            );
        }
        if size > 1 {
            let bindings = rounds(format!("decide.rust.bindings.{size}"));
            let to_cedar = Summary::of_ratios(bindings, cedar, Round::p50);
            let name = format!("decide.rust.fresh.bindings_{size}.p50");
            figures.push(Figure::of(name, p50(bindings), "us").against(&cedar_name, to_cedar));
        }
    }
    Ok(figures)
}

fn p50(rounds: &[Round]) -> Summary {
    Summary::of(rounds.iter().map(Round::p50))
}

fn p99(rounds: &[Round]) -> Summary {
    Summary::of(rounds.iter().map(Round::p99))
}

fn tail(rounds: &[Round]) -> Summary {
    Summary::of(rounds.iter().map(|round| round.p99 / round.p50))
}

impl Contender {
    fn run(&mut self, counts: bool) -> Result<()> {
        let mut times = Times::new()?;
        for sample in self.samples.iter().cycle().take(CALLS) {
            let start = Instant::now();
            let allowed = (self.decide)(sample)?;
            times.add(start.elapsed());
            ensure!(allowed, "{} does not allow the call", self.name);
        }
        if counts {
            self.rounds.push(times.round());
        }
        Ok(())
    }
}

//! Measures what the project says about its speed, prints a table and writes
//! `target/bench.json`. Everything that is compared is measured in turns, round
//! by round, so that whatever else the machine does hits both sides.

mod agents;
mod bed;
mod bindings;
mod callers;
mod cedar;
mod data;
mod decide;
mod decider;
mod document;
mod evidence;
mod gate;
mod identity;
mod languages;
mod load;
mod looping;
mod memory;
mod opa;
mod packs;
mod peers;
mod policies;
mod processor;
mod proofs;
mod rego;
mod report;
mod rounds;
mod rule;
mod scale;
mod settings;
#[path = "../../../host/policy/tests/tokens/signer.rs"]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "keys of the tests"
)]
mod signer;
mod soak;
mod start;
mod swap;
mod vendor;
mod wire;

use std::process::ExitCode;

use anyhow::Result;

use crate::document::Place;
use crate::report::Report;
use crate::settings::{Group, Settings};

fn main() -> ExitCode {
    match Settings::from_arguments(std::env::args().skip(1)) {
        Err(problem) => {
            eprintln!("bench: {problem}\n{}", settings::USAGE);
            ExitCode::from(2)
        }
        Ok(settings) => match run(&settings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("bench: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

/// A missed bound is a result, not an error: the table and the documents say it.
fn run(settings: &Settings) -> Result<()> {
    eprintln!("seed {}", settings.seed);
    let mut report = Report::new(settings.seed);
    let mut languages = None;
    for group in Group::ALL {
        if settings.measures(group) {
            eprintln!("measuring {}", group.name());
            report.extend(match group {
                Group::Decide => [decide::measure(settings)?, proofs::measure(settings)?].concat(),
                Group::Policies => policies::measure(settings)?,
                Group::Bindings => bindings::measure(settings)?,
                Group::Identity => {
                    [identity::measure(settings)?, agents::measure(settings)?].concat()
                }
                Group::Gate => gate::measure(settings)?,
                Group::Peers => peers::measure(settings)?,
                Group::Scale => scale::measure(settings)?,
                Group::Data => data::measure(settings)?,
                Group::Swap => swap::measure(settings)?,
                Group::Packs => packs::measure(settings)?,
                Group::Soak => soak::measure(settings)?,
                Group::Looping => looping::measure(settings)?,
                Group::Memory => memory::measure(settings)?,
                Group::Start => [start::measure(settings)?, evidence::measure(settings)?].concat(),
                Group::Languages => {
                    let measured = languages::measure(settings)?;
                    languages = Some(measured.table);
                    measured.figures
                }
            });
        }
    }
    print!("{}", report.to_text());
    if let Some(table) = &languages {
        print!("\n{table}");
    }
    // A part of the figures, or hasty ones, are not the record.
    if settings.is_complete() {
        let root = gatewright_harness::Binaries::locate().root().to_owned();
        std::fs::write(root.join("target/bench.json"), report.to_json()?)?;
        let (all, short) = (report.to_markdown(), report.bounds_to_markdown());
        document::update(&root.join("docs/performance.md"), Place::Figures, &all)?;
        document::update(&root.join("README.md"), Place::Figures, &short)?;
        let example = "examples/one-policy-every-language/README.md";
        for page in ["README.md", "docs/performance.md", example] {
            let table = languages.as_deref().unwrap_or_default();
            document::update(&root.join(page), Place::Languages, table)?;
        }
    }
    Ok(())
}

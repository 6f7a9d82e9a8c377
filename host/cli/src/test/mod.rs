//! `gatewright test`: runs the cases of a policy in the real sandbox.

mod baseline;
mod coverage;
mod folder;
mod junit;
mod report;
mod text;
mod trial;

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use gatewright_sandbox::Sandbox;

use crate::failure::{self, Exit};
use crate::output::{Paint, print_json, print_line};
use crate::watch::Watch;

pub(crate) use folder::{PolicyFolder, PolicyPlace};
pub(crate) use junit::escaped;

use baseline::{Baseline, Budget};
use coverage::Coverage;
use trial::Trial;

/// Run the cases of a policy in the sandbox.
///
/// Reads `policy.toml` and `cases.toml` of a folder and asks the component each
/// question, every time in a fresh instance with the limits of a binding. Builds
/// nothing. Exit code 0 when every case passes, 1 when one fails.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: PolicyPlace,
    /// Only cases whose name contains this.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    filter: String,
    /// Run again whenever the component or the cases change.
    #[arg(long)]
    watch: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show which answers, refusals and settings the cases reach.
    #[arg(long)]
    coverage: bool,
    #[command(flatten)]
    budget: BudgetArguments,
    /// Write what each case costs now.
    #[arg(long, conflicts_with_all = ["filter", "watch"])]
    write_baseline: bool,
}

/// What a case may cost.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct BudgetArguments {
    /// A case that uses more fuel fails.
    #[arg(long, value_name = "FUEL")]
    max_fuel: Option<u64>,
    /// What each case cost; one that costs 5 % more fails [default:
    /// `baseline.toml` in the folder, if there is one].
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// How a run is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person.
    #[default]
    Text,
    /// For a program.
    Json,
    /// For a build server.
    Junit,
}

const EXAMPLES: &str = "\
Examples:
  gatewright test
  gatewright test our-paths --component our-paths.wasm --filter symlink
  gatewright test --coverage --max-fuel 100000
  gatewright test --format junit > cases.xml";

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = crate::runtime::runtime()?;
    let sandbox = crate::compiled::sandbox()?;
    if !arguments.watch {
        return runtime.block_on(arguments.once(&sandbox));
    }
    let watch = Watch::of(&arguments.place.files()?)?;
    loop {
        if let Err(error) = runtime.block_on(arguments.once(&sandbox)) {
            failure::report(&error);
        }
        eprintln!("waiting for a change; Ctrl-C ends");
        watch.wait()?;
    }
}

// === impl Arguments ===

impl Arguments {
    async fn once(&self, sandbox: &Sandbox) -> Result<Exit> {
        let folder = PolicyFolder::read(&self.place)?;
        let budget = match self.write_baseline {
            // What it costs now is what it may cost.
            true => Budget {
                fuel_max: self.budget.max_fuel,
                baseline: None,
            },
            false => self.budget.read(&self.place)?,
        };
        let trial = trial::run(sandbox, &folder, &self.filter, &budget).await?;
        let coverage = self.coverage.then(|| Coverage::of(&trial, &folder));
        match self.format {
            Format::Text => print_line(&text::report(
                &trial,
                &folder,
                coverage.as_ref(),
                Paint::stdout(),
            ))?,
            Format::Json => print_json(&report::Report::of(&trial, &folder, coverage.as_ref()))?,
            Format::Junit => print_line(&junit::report(&trial, &folder))?,
        }
        if self.write_baseline {
            let path = self.budget.path(&self.place);
            trial.baseline().write(&path)?;
            eprintln!("wrote `{}`", path.display());
        }
        Ok(match trial.is_good() {
            true => Exit::Fine,
            false => Exit::Failed,
        })
    }
}

// === impl Trial ===

impl Trial {
    /// Every case passes, the schema says the same as the policy, and somebody
    /// was asked at all.
    fn is_good(&self) -> bool {
        self.failed() == 0 && self.schema_problems.is_empty() && !self.outcomes.is_empty()
    }
}

// === impl BudgetArguments ===

impl BudgetArguments {
    /// The bounds, with the baseline read.
    pub(crate) fn read(&self, place: &PolicyPlace) -> Result<Budget> {
        let path = self.path(place);
        let baseline = match self.baseline.is_some() || path.is_file() {
            true => Some(Baseline::read(&path)?),
            false => None,
        };
        Ok(Budget {
            fuel_max: self.max_fuel,
            baseline,
        })
    }

    fn path(&self, place: &PolicyPlace) -> PathBuf {
        self.baseline.clone().unwrap_or_else(|| place.baseline())
    }
}

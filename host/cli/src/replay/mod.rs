//! `gatewright replay`: recorded calls, judged again.

mod again;
mod against;
mod report;

use std::path::PathBuf;

use gatewright_engine::config::Loaded;
use gatewright_policy::Timestamp;

use self::again::Past;
pub(crate) use self::against::Against;
pub(crate) use self::report::{FailOn, Report};
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::log::{KeptPlace, When, record_of, when};
use crate::output::{Format, Paint, print_json, print_line};
use crate::rehearsal::Rehearsal;

/// Judge recorded calls again, by the policies in force or by other ones.
///
/// Reads calls that are kept in full (`[audit.payloads]`), each proven against its entry,
/// and asks the policies with everything that they saw then: time, scopes, claims,
/// labels, history, approvals. The same policies must say the same, to the last bit and
/// unit of fuel. Of other policies it shows where they decide otherwise, what they would
/// let through first. Budgets, and what people decided, are as they were. A call of which
/// anything is missing is named and never counted as the same.
///
/// Exit code 0 when nothing changes, 3 when something does, when a payload is not what its
/// entry commits to, or when nothing could be judged.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// What judges: a configuration (`*.toml`), or a pack: a folder, a tar, or
    /// `<name>@<digest>` in the store [default: the configuration].
    #[arg(long, value_name = "CONFIG|PACK")]
    against: Option<String>,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Nothing older: a time (`2026-11-23T07:00:00Z`) or a period (`1d`).
    #[arg(long, value_name = "WHEN", value_parser = when)]
    since: Option<When>,
    /// One call alone: the id of its decision.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Which flips end with exit code 3.
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
    /// Output format; `json` prints one object.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  gatewright replay                                  still the same answers?
  gatewright replay --against new.toml --since 1d    what would change?
  gatewright replay --against acme-guards.tar --fail-on loosened
  gatewright replay --id 0198f3c2-7d1e-7cc0-9a53-0f6b3d1f7e21";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let config = arguments.config.path();
    let against = match &arguments.against {
        None => Against::of_config(config)?,
        Some(name) if name.ends_with(".toml") => Against::of_config(name.as_ref())?,
        Some(pack) => Against::of_pack(&Loaded::read(config)?, pack)?,
    };
    let past = Past {
        record: record_of(arguments.file.as_ref(), &arguments.config)?,
        place: KeptPlace::of(arguments.file.as_ref(), &arguments.config)?,
        since: since(arguments.since)?,
        id: arguments.id.clone(),
    };
    let report = judged(&against, &past)?;
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&report.text(Paint::stdout()))?,
    }
    match report.refuses(arguments.fail_on) {
        None => Ok(Exit::Fine),
        Some(why) => {
            eprintln!("{why}");
            Ok(Exit::Denied)
        }
    }
}

/// What a candidate makes of the past of a gate, before it is activated.
pub(crate) fn of_gate(
    loaded: &Loaded,
    against: &Against,
    since: Option<When>,
) -> anyhow::Result<Report> {
    let config = ConfigFile::at(&loaded.path);
    let past = Past {
        record: record_of(None, &config)?,
        place: KeptPlace::of_gate(loaded)?,
        since: self::since(since)?,
        id: None,
    };
    judged(against, &past)
}

fn since(since: Option<When>) -> anyhow::Result<Timestamp> {
    let now = crate::credential::now()?;
    Ok(since.map_or(Timestamp(0), |since| since.from(now)))
}

fn judged(against: &Against, past: &Past) -> anyhow::Result<Report> {
    let runtime = crate::runtime::runtime()?;
    let rehearsal = runtime.block_on(Rehearsal::of(against.loaded.clone()))?;
    past.judged(&runtime, &rehearsal.engine.snapshot())
}

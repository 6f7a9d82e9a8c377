//! `gatewright log erase`: lets go of calls that are kept in full.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use gatewright_engine::payloads::{Erasure, Wanted, erase};
use gatewright_policy::counted;
use gatewright_policy::record::PayloadHead;

use super::filter::{When, when};
use super::kept::KeptPlace;
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line};

/// Erase arguments and results that are kept in full (`[audit.payloads]`).
///
/// The record stays as it is, and verifies as before: it has a digest of what was kept. A
/// gate may be running. That something was erased, when, and by whom, is written down
/// beside it. What is given is added up: `--agent` with `--before` erases what is kept of
/// that agent from before that time.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log erase --id 0198f5c2-8a31-7d6e-b1a0-4f2c8d9e7a55
  gatewright log erase --agent did:example:bot --by kim
  gatewright log erase --principal user:kim
  gatewright log erase --before 30d")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    what: What,
    /// Who erases it: a name for records [default: the user].
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What goes.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
struct What {
    /// What is kept of this decision.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// What is kept of calls of this agent, and of those that it handed rights on to.
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// What is kept of calls for this person or organisation.
    #[arg(long, value_name = "ID", conflicts_with = "agent")]
    principal: Option<String>,
    /// What is older: than a time (`2026-11-23T07:00:00Z`) or a period (`30d`).
    #[arg(long, value_name = "WHEN", value_parser = when)]
    before: Option<When>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let place = KeptPlace::of(arguments.file.as_ref(), &arguments.config)?;
    let now = crate::credential::now()?;
    let what = &arguments.what;
    let agent = what.agent.as_ref();
    let principal = what.principal.as_ref();
    let who = agent
        .map(|agent| PayloadHead::agent(&place.keys, agent))
        .or_else(|| principal.map(|person| PayloadHead::principal(&place.keys, person)));
    let wanted = Wanted {
        id: what.id.clone(),
        before: what.before.map(|before| before.from(now)),
        who,
    };
    let user = || std::env::var("USER").ok().filter(|name| !name.is_empty());
    let by = arguments.by.clone().or_else(user);
    let by = by.unwrap_or_else(|| "somebody without a name".to_owned());
    if by.len() > 256 || by.contains(char::is_control) {
        bail!("`--by` is a name of one line, of 256 bytes at most");
    }
    let erased = erase(&place.folder, &wanted, (&by, now))
        .with_context(|| format!("`{}`", place.folder.display()))
        .hint("run this as the user of the gate; what was erased so far is gone, and the rest is tried again by the gate, or by the next `log erase`")?;
    match arguments.format {
        Format::Json => print_json(&erased)?,
        Format::Text => print_line(&text(&erased))?,
    }
    Ok(Exit::Fine)
}

fn text(erased: &Erasure) -> String {
    match erased.count {
        0 => "nothing is kept that fits".to_owned(),
        count => format!("erased {}", counted(count, "payload")),
    }
}

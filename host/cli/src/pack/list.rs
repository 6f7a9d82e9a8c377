//! `gatewright pack list`.

use anyhow::Result;
use gatewright_pack::{StoredPack, Wanted};
use serde::Serialize;

use super::place::Gate;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line};

/// Show the packs in a gate's store, and which are wanted.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack list --config gate.toml
  gatewright pack list --config gate.toml --format json | jq .wanted")]
pub(super) struct Arguments {
    #[command(flatten)]
    gate: Gate,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    packs: Vec<StoredPack>,
    wanted: Wanted,
    good: Option<Wanted>,
    /// Revisions that one can go back to, the latest first.
    earlier: Vec<u64>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let loaded = arguments.gate.read()?;
    let store = Gate::store(&loaded)?;
    let earlier = store.history()?;
    let report = Report {
        packs: store.list()?,
        wanted: store.wanted()?,
        good: store.good()?,
        earlier: earlier.iter().map(|set| set.revision).collect(),
    };
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&report.text())?,
    }
    Ok(Exit::Fine)
}

// === impl Report ===

impl Report {
    fn text(&self) -> String {
        let wanted = &self.wanted;
        let mut lines = vec![match wanted.revision {
            0 => "nothing is wanted yet".to_owned(),
            revision => format!("revision {revision}, by {} at {}", wanted.by, wanted.at),
        }];
        lines.extend(self.packs.iter().map(|pack| {
            format!(
                "{} {}, version {}: {}\n  {}",
                pack.name,
                pack.revision,
                pack.version,
                self.part(pack),
                pack.pack
            )
        }));
        lines.join("\n")
    }

    /// What a pack is for.
    fn part(&self, pack: &StoredPack) -> String {
        let wanted = self.wanted.set.get(&pack.name);
        let candidate = wanted.and_then(|wanted| wanted.candidate.as_ref());
        let is_good = |good: &Wanted| good.packs().any(|(_, good)| good == pack.pack);
        if wanted.is_some_and(|wanted| wanted.pack == pack.pack) {
            "wanted".to_owned()
        } else if let Some(candidate) = candidate.filter(|tried| tried.pack == pack.pack) {
            format!("candidate, {}", candidate.mode)
        } else if self.good.as_ref().is_some_and(is_good) {
            "in force last".to_owned()
        } else {
            "kept".to_owned()
        }
    }
}

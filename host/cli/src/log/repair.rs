//! `gatewright log repair`: a ledger that no gate can start on.

use std::path::PathBuf;

use anyhow::anyhow;
use gatewright_engine::ledger::{Mended, repair};
use gatewright_policy::counted;

use super::{OwnRecord, own_record_of};
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line, visible};

/// Mend a ledger that is damaged or gone, without forgetting budgets and labels.
///
/// No gate may be running on it. The file is kept as it is, as an older segment
/// beside the ledger, and a new one begins with the generation, budgets, labels and
/// history that can be read from it, before the damage and after it, and with an
/// entry that says what was wrong. Does nothing where a gate would start.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log repair
  gatewright log repair --new-salt              where the salt is lost for good")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Key the digests with a new secret from here on. The old one, if it is still
    /// there, is kept beside it: older digests can be checked with it.
    #[arg(long)]
    new_salt: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let path = match own_record_of(arguments.file.as_ref(), &arguments.config)? {
        OwnRecord::File(path) => path,
        OwnRecord::Memory(_) => {
            return Err(anyhow!("the memory of this configuration is a database"))
                .hint("a database keeps itself whole, or is put back from its copy; `--file` names a ledger");
        }
    };
    let mended = repair(&path, crate::credential::now()?, arguments.new_salt)?;
    match arguments.format {
        Format::Json => print_json(&json(mended.as_ref()))?,
        Format::Text => print_line(&text(mended.as_ref()))?,
    }
    Ok(Exit::Fine)
}

fn json(mended: Option<&Mended>) -> serde_json::Value {
    let mended = mended.map(|mended| {
        serde_json::json!({
            "problem": mended.problem,
            "unreadable": mended.unreadable,
            "generation": mended.generation,
            "sessions": mended.sessions,
            "budgets": mended.budgets,
            "old_salt": mended.old_salt.as_ref().map(|salt| salt.to_string_lossy()),
            "sealed": mended.sealed.as_ref().map(|sealed| sealed.to_string_lossy()),
        })
    });
    serde_json::json!({ "repaired": mended })
}

fn text(mended: Option<&Mended>) -> String {
    let Some(mended) = mended else {
        return "nothing to repair".to_owned();
    };
    let mut lines = vec![
        format!("problem     {}", visible(&mended.problem)),
        format!("unreadable  {}", counted(mended.unreadable, "line")),
        format!("carried     {}", carried(mended)),
    ];
    if let Some(sealed) = &mended.sealed {
        let sealed = visible(&sealed.to_string_lossy());
        lines.push(format!("kept        {sealed}"));
    }
    if let Some(salt) = &mended.old_salt {
        let salt = visible(&salt.to_string_lossy());
        lines.push(format!("old salt    {salt}"));
    }
    lines.join("\n")
}

/// How much of what was there the gate still knows.
fn carried(mended: &Mended) -> String {
    let Mended {
        generation,
        sessions,
        budgets,
        ..
    } = mended;
    match (generation, sessions, budgets) {
        (0, 0, 0) => "nothing".to_owned(),
        _something => {
            format!("generation {generation}, sessions: {sessions}, budgets: {budgets}")
        }
    }
}

//! `gatewright log prove`: one entry, checkable without the others.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use gatewright_disk::{Access, Files, Target, replace};
use gatewright_evidence::verify::open_proof;
use gatewright_evidence::{TileFolder, inclusion, proof_text};

use super::find;
use super::signed::Signed;
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::print_line;

/// Write a proof that one entry is in a record, as one file.
///
/// It holds the entry, the hashes beside its way to the root of the tree, and the latest
/// checkpoint (C2SP `tlog-proof`). Who has it and the public key can check it without
/// anything else: `gatewright log verify --proof`. It shows no other entry.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log prove 17 -o 17.tlog-proof
  gatewright log verify --proof 17.tlog-proof --key gate.pub")]
pub(super) struct Arguments {
    /// The sequence of the entry.
    #[arg(value_name = "SEQUENCE")]
    sequence: u64,
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Where the proof goes; without it, to stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let signed = Signed::of(arguments.file.as_ref(), &arguments.config)?;
    let proof = proof(&signed, arguments.sequence)?;
    match &arguments.output {
        None => print_line(proof.trim_end())?,
        Some(path) => replace(&Files, Target::new(path, Access::Usual), proof.as_bytes())
            .with_context(|| format!("`{}` cannot be written", path.display()))?,
    }
    Ok(Exit::Fine)
}

fn proof(signed: &Signed, sequence: u64) -> anyhow::Result<String> {
    let checkpoint = signed.checkpoint()?;
    let (first, size) = span(&checkpoint)?;
    let index = sequence
        .checked_sub(first)
        .filter(|index| *index < size)
        .ok_or_else(|| anyhow!("no checkpoint is over an entry with sequence {sequence}"))
        .hint(format!(
            "entries from {first} to {} are signed for; a gate signs for new ones within a second or two",
            first.saturating_add(size)
        ))?;
    let entry = find::entry(&signed.ledger, sequence)?
        .ok_or_else(|| anyhow!("no file here has an entry with sequence {sequence}"))
        .hint("put the segment that has it back beside the ledger")?;
    let mut tiles = TileFolder::new(&signed.tree);
    let hashes = inclusion(&mut tiles, index, size)?;
    let proof = proof_text(&entry, index, &hashes, &checkpoint);
    // What proves nothing is not handed out.
    open_proof(&proof, &signed.key()?, &[])
        .map_err(|error| anyhow!("there is no proof: {error}"))
        .hint("`gatewright log verify` says what is wrong with the record")?;
    Ok(proof)
}

/// Where the tree of a checkpoint begins, and how many entries it has.
fn span(checkpoint: &str) -> anyhow::Result<(u64, u64)> {
    let mut lines = checkpoint.lines();
    let origin = lines.next().unwrap_or_default();
    let size = lines.next().and_then(|size| size.parse().ok());
    let size = size.ok_or_else(|| anyhow!("the latest checkpoint is none"))?;
    let first = origin.rsplit_once("/from/").map(|(_, first)| first.parse());
    Ok((first.transpose()?.unwrap_or_default(), size))
}

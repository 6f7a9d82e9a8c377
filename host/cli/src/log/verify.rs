//! `gatewright log verify`: whether a record is what was signed.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewright_evidence::verify::{
    Finding, PROOF_BYTES_MAX, ProofFileError, Proven, Report, Wanted, open_proof, verify,
};
use gatewright_policy::{Timestamp, counted};

use super::signed::{key_of, text_of};
use super::{OwnRecord, own_record_of};
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// Verify a record, or a proof about one entry of it.
///
/// Needs no configuration and no gate: the files of the record, and the public key that
/// signs its checkpoints. It reads every entry, makes the tree again, holds it against
/// every checkpoint, and checks what entries say of each other. Without `--key` it takes
/// the key that lies beside the record, which proves nothing to anybody who does not
/// trust whoever keeps the record. Exit code 3 where anything is wrong, and then it names
/// the first bad entry.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log verify state --key gate.pub
  gatewright log verify state --key gate.pub --checkpoint monday.checkpoint
  gatewright log verify --proof 17.tlog-proof --key gate.pub")]
pub(super) struct Arguments {
    /// The record: its newest file, or the folder that it is in; without it, that of the
    /// configuration `gatewright.toml`.
    #[arg(value_name = "RECORD", conflicts_with = "proof")]
    place: Option<PathBuf>,
    /// The configuration whose record it is, where none is named.
    #[arg(short, long, value_name = "FILE", default_value = "gatewright.toml")]
    config: PathBuf,
    /// The public key of the record, or a file that it is in.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// A checkpoint that was given out earlier; several times for several.
    #[arg(long, value_name = "FILE", conflicts_with = "proof")]
    checkpoint: Vec<PathBuf>,
    /// The public key of a witness who must have cosigned, or a file that it is in.
    #[arg(long, value_name = "KEY")]
    witness: Vec<String>,
    /// A proof about one entry, instead of a record.
    #[arg(long, value_name = "FILE", requires = "key")]
    proof: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let witnesses = arguments.witness.iter().map(|it| key_of(it));
    let witnesses = witnesses.collect::<anyhow::Result<Vec<_>>>()?;
    let key = arguments.key.as_deref().map(key_of).transpose()?;
    if let (Some(proof), Some(key)) = (&arguments.proof, &key) {
        return verify_proof(proof, key, &witnesses, arguments.format);
    }
    let place = match &arguments.place {
        Some(place) => place.clone(),
        None => match own_record_of(None, &ConfigFile::at(&arguments.config))? {
            OwnRecord::File(path) => path,
            OwnRecord::Memory(_) => {
                return Err(anyhow!("the record of this configuration is in a database"))
                    .hint("only a ledger in files has a signed tree; name one");
            }
        },
    };
    let checkpoints = arguments.checkpoint.iter().map(|path| {
        let name = path.display().to_string();
        Ok((name, text_of(path)?))
    });
    let wanted = Wanted {
        key,
        checkpoints: checkpoints.collect::<anyhow::Result<_>>()?,
        witnesses,
    };
    let report = verify(&place, &wanted)?;
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&text(&report, wanted.key.is_some(), Paint::stdout()))?,
    }
    Ok(match report.findings.as_slice() {
        [] => Exit::Fine,
        _some => Exit::Denied,
    })
}

fn text(report: &Report, is_given: bool, paint: Paint) -> String {
    let mut lines: Vec<_> = report.findings.iter().map(|it| bad(it, paint)).collect();
    let Report {
        entries,
        segments,
        first,
        not_here,
        signed_until,
        unsigned,
        checkpoints,
        ..
    } = report;
    let word = match report.findings.as_slice() {
        [] => paint.tone(Tone::Good, "verified"),
        _some => paint.tone(Tone::Bad, "refused "),
    };
    let until = first.saturating_add(*entries);
    lines.push(format!(
        "{word}  {}, from {first} to before {until}; files: {segments}; checkpoints: {checkpoints}",
        counted(*entries, "entry")
    ));
    lines.push(format!("log       {}", visible(&report.origin)));
    lines.push(format!(
        "signed    until before {signed_until}; {unsigned} after that, not signed yet"
    ));
    lines.push(format!("root      {}", report.root));
    let whose = match is_given {
        true => "as given",
        false => "the one beside the record: give yours with --key",
    };
    lines.push(format!("key       {} ({whose})", visible(&report.key)));
    for (name, until, at) in &report.witnesses {
        let at = Timestamp(at.saturating_mul(1000));
        let name = visible(name);
        lines.push(format!("witness   {name}, until before {until}, at {at}"));
    }
    let (approvals, passkeys) = (report.approvals, report.passkeys);
    if approvals + passkeys > 0 {
        lines.push(format!(
            "approvals signatures that are good: {approvals}; of passkeys, which cannot be checked here: {passkeys}"
        ));
    }
    if *not_here > 0 {
        lines.push(format!(
            "not here  {} before that, in the tree all the same",
            counted(*not_here, "entry")
        ));
    }
    if report.torn {
        lines.push("torn      the last line is not complete, and not signed".to_owned());
    }
    lines.join("\n")
}

fn bad(finding: &Finding, paint: Paint) -> String {
    let mut place = visible(&finding.file);
    if let Some(line) = finding.line {
        place.push_str(&format!(" line {line}"));
    }
    if let Some(sequence) = finding.sequence {
        place.push_str(&format!(", sequence {sequence}"));
    }
    let problem = visible(&finding.problem);
    format!("{}  {place}: {problem}", paint.tone(Tone::Bad, "bad     "))
}

fn verify_proof(
    path: &Path,
    key: &str,
    witnesses: &[String],
    format: Format,
) -> anyhow::Result<Exit> {
    let shown = path.display();
    let length = std::fs::metadata(path)
        .with_context(|| format!("`{shown}` cannot be read"))?
        .len();
    if length > PROOF_BYTES_MAX as u64 {
        return Err(anyhow!("`{shown}` is longer than a proof is"));
    }
    let text =
        std::fs::read_to_string(path).with_context(|| format!("`{shown}` cannot be read"))?;
    let proven = match open_proof(&text, key, witnesses) {
        Err(error @ ProofFileError::Key(_)) => return Err(error.into()),
        proven => proven,
    };
    match (format, &proven) {
        (Format::Json, Ok(proven)) => print_json(&serde_json::json!({ "proven": proven }))?,
        (Format::Json, Err(error)) => {
            print_json(&serde_json::json!({ "problem": error.to_string() }))?;
        }
        (Format::Text, Ok(proven)) => print_line(&told(proven, Paint::stdout()))?,
        (Format::Text, Err(error)) => {
            let word = Paint::stdout().tone(Tone::Bad, "refused ");
            print_line(&format!("{word}  {}", visible(&error.to_string())))?;
        }
    }
    Ok(match proven {
        Ok(_) => Exit::Fine,
        Err(_) => Exit::Denied,
    })
}

fn told(proven: &Proven, paint: Paint) -> String {
    let word = paint.tone(Tone::Good, "proven  ");
    let (sequence, until) = (proven.sequence, proven.signed_until);
    let mut lines = vec![
        format!("{word}  entry {sequence}, signed with those before {until}"),
        format!("log       {}", visible(&proven.origin)),
    ];
    for (name, at) in &proven.witnesses {
        let at = Timestamp(at.saturating_mul(1000));
        lines.push(format!("witness   {}, at {at}", visible(name)));
    }
    lines.push(visible(&proven.entry));
    lines.join("\n")
}

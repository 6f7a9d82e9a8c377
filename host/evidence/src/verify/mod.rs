//! A verifier of records that shares no code with what writes them, and needs no
//! configuration: files, and the key that signs checkpoints.
//!
//! It reads every entry that is there, makes the tree again, holds it against every
//! checkpoint, and checks what entries say of each other.

mod approval;
mod canonical;
mod compared;
mod entry;
mod finding;
mod hashes;
mod history;
mod lines;
mod note;
mod older;
mod place;
mod proof;
mod rotations;
mod tiles;
mod walk;

use std::path::Path;

use self::compared::Given;
use self::finding::{Findings, sorted};
use self::note::{Note, PublicKey, Standing};
use self::place::{LATEST, Place};
use self::rotations::Keys;
use self::tiles::Tiles;
use self::walk::Walk;

pub use self::finding::{Finding, Kind};
pub use self::note::{Head, NoteError};
pub use self::place::PlaceError;
pub use self::proof::{PROOF_BYTES_MAX, ProofFileError, Proven, compare, open_proof};

/// What is to be verified, and with what.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The key that signs its checkpoints, as signed notes write it; without one, the key
    /// that lies beside the record, which whoever changed the record may have put there.
    pub key: Option<String>,
    /// Checkpoints from elsewhere: a name for each, and its text.
    pub checkpoints: Vec<(String, String)>,
    /// Keys of witnesses; each must have cosigned one of the checkpoints.
    pub witnesses: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Report {
    /// What its checkpoints call it.
    pub origin: String,
    /// The key that they were verified with.
    pub key: String,
    /// Files that were read.
    pub segments: usize,
    /// Entries that were read.
    pub entries: u64,
    /// The sequence of the first one.
    pub first: u64,
    /// Entries of the tree that are in no file here.
    pub not_here: u64,
    /// Checkpoints that are good.
    pub checkpoints: usize,
    /// The sequence after the last entry that is signed for.
    pub signed_until: u64,
    /// The root of the tree there, in base64.
    pub root: String,
    /// Entries after that.
    pub unsigned: u64,
    /// Whether the newest file ends within a line.
    pub torn: bool,
    /// Signatures of approvers that are good.
    pub approvals: u64,
    /// Signatures of passkeys of approvers: the record does not have what checks them.
    pub passkeys: u64,
    /// Who cosigned: the name of a witness, until which sequence, and when, in seconds.
    pub witnesses: Vec<(String, u64, u64)>,
    /// What is wrong, the first bad entry first.
    pub findings: Vec<Finding>,
}

/// Why nothing could be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no record, or it cannot be read.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A key cannot be used.
    #[error("the key `{key}` {problem}")]
    Key {
        /// Its text.
        key: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Verifies the record at this path: its newest file, or the folder that it is in.
pub fn verify(path: &Path, wanted: &Wanted) -> Result<Report, VerifyError> {
    let place = Place::find(path)?;
    let text = match &wanted.key {
        Some(key) => key.clone(),
        None => place.public_key()?,
    };
    let key = public_key(&text)?;
    let witnesses: Vec<_> = wanted.witnesses.iter().map(|it| public_key(it)).collect();
    let witnesses = witnesses.into_iter().collect::<Result<Vec<_>, _>>()?;

    let mut findings = Findings::default();
    let mut keys = Keys::of(key, &place.rotations()?, &mut findings);
    let mut cosigned = Vec::new();
    let mut given = Vec::new();
    let own = place.checkpoints();
    if !own.iter().any(|(name, _)| name == LATEST) {
        findings.of_checkpoint(Kind::Checkpoint, LATEST, "it is gone");
    }
    let notes = own.into_iter().map(|it| (it, true));
    let more = wanted.checkpoints.iter().cloned().map(|it| (it, false));
    for ((name, text), is_own) in notes.chain(more) {
        let note = match Note::parse(&text) {
            Ok(note) => note,
            Err(error) => {
                findings.of_checkpoint(Kind::Checkpoint, &name, &error.to_string());
                continue;
            }
        };
        match opened(&note, &keys, &witnesses, &mut cosigned) {
            Ok((head, first, by)) => {
                keys.signed(by, &name, first.saturating_add(head.size));
                given.push(Given {
                    name,
                    is_own,
                    first,
                    head,
                });
            }
            Err((kind, problem)) => findings.of_checkpoint(kind, &name, &problem),
        }
    }
    let first = given.first().map(|given| given.first);
    given.retain(|given| {
        let is_same = Some(given.first) == first;
        if !is_same {
            findings.of_checkpoint(Kind::Fork, &given.name, "it is of another tree of this log");
        }
        is_same
    });
    for witness in &witnesses {
        if !cosigned.iter().any(|(name, ..)| *name == witness.name) {
            let problem = format!("`{}` cosigned no checkpoint", witness.name);
            findings.of_checkpoint(Kind::Witness, LATEST, &problem);
        }
    }
    let first = first.unwrap_or_default();
    if given.is_empty() {
        findings.of_checkpoint(Kind::Checkpoint, LATEST, "there is none that is good");
    }
    let latest = given.iter().max_by_key(|given| given.head.size).cloned();
    let checkpoints = given.len();
    let tiles = Tiles::new(place.tree());
    let mut walked = Walk::new(first, given, tiles, findings).run(&place)?;
    let is_whole = walked.first == first && !walked.stopped;
    keys.judge(&walked.rotations, is_whole, &mut walked.findings);
    let size = latest.as_ref().map_or(0, |latest| latest.head.size);
    let signed_until = first.saturating_add(size);
    Ok(Report {
        origin: latest
            .as_ref()
            .map_or_else(String::new, |it| it.head.origin.clone()),
        key: text,
        segments: walked.segments,
        entries: walked.entries,
        first: walked.first,
        not_here: walked.first.saturating_sub(first),
        checkpoints,
        signed_until,
        root: latest.map_or_else(String::new, |latest| latest.head.root_text()),
        unsigned: walked.next.saturating_sub(signed_until),
        torn: walked.torn,
        approvals: walked.approvals,
        passkeys: walked.passkeys,
        witnesses: cosigned
            .into_iter()
            .map(|(name, size, at)| (name, first.saturating_add(size), at))
            .collect(),
        findings: sorted(walked.findings),
    })
}

fn public_key(text: &str) -> Result<PublicKey, VerifyError> {
    PublicKey::parse(text).map_err(|problem| VerifyError::Key {
        key: text.trim().chars().take(200).collect(),
        problem,
    })
}

/// A checkpoint that the log signed, and no known witness wrongly, with the first entry of
/// its tree, and which key signed it.
fn opened(
    note: &Note<'_>,
    keys: &Keys,
    witnesses: &[PublicKey],
    cosigned: &mut Vec<(String, u64, u64)>,
) -> Result<(Head, u64, usize), (Kind, String)> {
    let name = keys.first().map_or("", |key| key.name.as_str());
    let (standing, by) = keys.standing(note);
    match standing {
        Standing::Signed(_) => {}
        Standing::Unsigned => {
            let problem = format!("it is not signed with the key of `{name}`");
            return Err((Kind::Signature, problem));
        }
        Standing::Forged => {
            let problem = format!("its signature is not one of `{name}`");
            return Err((Kind::Signature, problem));
        }
    }
    let head = Head::of(note).map_err(|error| (Kind::Checkpoint, error.to_string()))?;
    let first = head.first_of(name).ok_or_else(|| {
        let problem = format!("it is of `{}`, which is another log", head.origin);
        (Kind::Checkpoint, problem)
    })?;
    for witness in witnesses {
        match note.standing(witness) {
            Standing::Signed(at) => cosigned.push((witness.name.clone(), head.size, at)),
            Standing::Unsigned => {}
            Standing::Forged => {
                let problem = format!("its cosignature is not one of `{}`", witness.name);
                return Err((Kind::Witness, problem));
            }
        }
    }
    Ok((head, first, by))
}

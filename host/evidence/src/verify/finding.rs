//! What is wrong with a record, and where.

use serde::Serialize;

/// Findings that are told; a record that has more is not worth reading on.
const FINDINGS_MAX: usize = 100;

/// Longest text of a finding, in characters: it may quote what was found.
const PROBLEM_MAX: usize = 300;

/// What is wrong: what says most comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A line is no entry.
    NotAnEntry,
    /// A line is not the one text of its entry: no gate wrote it like that.
    NotCanonical,
    /// An entry has another sequence than its place: something was dropped, added,
    /// repeated or moved.
    Sequence,
    /// An entry is not the one that was signed for.
    Changed,
    /// Entries that were signed for are missing.
    Missing,
    /// A file does not follow the one before it.
    Segment,
    /// An entry is older than the one before it.
    Time,
    /// A call ended that did not begin, or was refused.
    OutcomeWithoutIntent,
    /// A call ended twice.
    SecondOutcome,
    /// A person did not sign what is said of them.
    Approval,
    /// An approval was used twice.
    SecondUse,
    /// Entries of a version that this program does not know.
    RecordVersion,
    /// A tile is missing.
    TileMissing,
    /// A tile is not what the entries make of it.
    Tile,
    /// A checkpoint is not signed with the key of the log.
    Signature,
    /// Two checkpoints tell of different pasts.
    Fork,
    /// A witness did not cosign.
    Witness,
    /// A checkpoint is none, or of another log.
    Checkpoint,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// The first bad entry, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// The file.
    pub file: String,
    /// The line in it, starting at 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// More about it.
    pub problem: String,
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

// === impl Findings ===

impl Findings {
    pub(super) fn of_checkpoint(&mut self, kind: Kind, file: &str, problem: &str) {
        self.push(kind, None, file, None, problem);
    }

    pub(super) fn push(
        &mut self,
        kind: Kind,
        sequence: Option<u64>,
        file: &str,
        line: Option<u64>,
        problem: &str,
    ) {
        if self.0.len() < FINDINGS_MAX {
            self.0.push(Finding {
                kind,
                sequence,
                file: file.to_owned(),
                line,
                problem: problem.chars().take(PROBLEM_MAX).collect(),
            });
        }
    }
}

/// The first bad entry first; what is about no entry comes last.
pub(super) fn sorted(findings: Findings) -> Vec<Finding> {
    let mut findings = findings.0;
    findings.sort_by_key(|finding| (finding.sequence.unwrap_or(u64::MAX), finding.kind));
    findings
}

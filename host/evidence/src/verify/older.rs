//! Entries that older gates wrote into a record that has canonical ones.
//!
//! A gate that opens a record writes what it found there, such as a torn end, before it says of
//! which version it is. What it wrote so is judged by that version, and until it is known, waits.
//! Nothing else is between: what no entry of such a gate follows was not written by one.

use super::canonical::deviation;
use super::entry::Entry;
use super::finding::{Findings, Kind};
use super::history::History;

/// How entries began before they were canonical. `at` sorts before it, so none
/// that is canonical begins like this.
const BEGINNING: &[u8] = b"{\"sequence\":";

/// What a gate writes before it says of which version it is.
const WAITING_MAX: usize = 4;

/// Entries about which nothing says yet whether an older gate wrote them.
#[derive(Default)]
pub(super) struct Older(Vec<Waiting>);

struct Waiting {
    sequence: u64,
    file: String,
    line: u64,
    problem: String,
}

// === impl Older ===

impl Older {
    /// Judges the text of an entry, or has it wait for the version of the gate that wrote it.
    /// `must_be`: canonical, by the version that entries said last, this one among them.
    pub(super) fn judge(
        &mut self,
        entry: &Entry<'_>,
        (line, must_be, place): (&[u8], bool, (u64, &str, u64)),
        findings: &mut Findings,
    ) {
        let deviation = must_be.then(|| deviation(line)).flatten();
        let problem = deviation.map(|deviation| deviation.to_string());
        let says_version = History::says_version(entry);
        if let Some(problem) = problem.as_deref().filter(|_| !says_version)
            && self.waits(entry, line, place, problem)
        {
            return;
        }
        // Unless this one says so, the gate that wrote those that wait did not begin.
        self.settle(must_be, findings);
        if let Some(problem) = problem {
            let (sequence, file, number) = place;
            let (sequence, number) = (Some(sequence), Some(number));
            findings.push(Kind::NotCanonical, sequence, file, number, &problem);
        }
    }

    /// Whether an entry that is not canonical may be of an older gate; what is not about the
    /// ledger itself comes after the entry that says its version.
    fn waits(
        &mut self,
        entry: &Entry<'_>,
        line: &[u8],
        (sequence, file, number): (u64, &str, u64),
        problem: &str,
    ) -> bool {
        let may_be_older = entry.event == "ledger" && line.starts_with(BEGINNING);
        if !may_be_older || self.0.len() >= WAITING_MAX {
            return false;
        }
        self.0.push(Waiting {
            sequence,
            file: file.to_owned(),
            line: number,
            problem: format!("{problem}: older programs write so, and no such gate began"),
        });
        true
    }

    /// An entry says of which version they are, or there is none left that could.
    pub(super) fn settle(&mut self, must_be_canonical: bool, findings: &mut Findings) {
        for waiting in self.0.drain(..) {
            if must_be_canonical {
                let (sequence, line) = (Some(waiting.sequence), Some(waiting.line));
                let (file, problem) = (&waiting.file, &waiting.problem);
                findings.push(Kind::NotCanonical, sequence, file, line, problem);
            }
        }
    }
}

//! Entries that older gates wrote into a record that has canonical ones.
//!
//! A gate that opens a record writes what it found there, such as a torn end, before it says of
//! which version it is. What it wrote so is judged by that version, and until it is known, waits.
//! Nothing else is between: what no entry of such a gate follows was not written by one.
//!
//! A command of an older program (`log set-clock`, `log rotate-key`) says no version at all. What it
//! wrote is taken where it is, byte for byte, in the one form that such a program has for it, and
//! where no gate was running: a start follows, or something else about the ledger, or nothing.

use serde_json::{Map, Value};

use super::canonical::deviation;
use super::entry::Entry;
use super::finding::{Findings, Kind};
use super::history::History;

/// How entries began before they were canonical. `at` sorts before it, so none
/// that is canonical begins like this.
const BEGINNING: &[u8] = b"{\"sequence\":";

/// What a gate writes before it says of which version it is.
const WAITING_MAX: usize = 4;

/// What older programs write about the ledger without saying of which version it is: the members
/// that follow the four that every such entry begins with, in their order.
const FORMS: [(&str, &[&str]); 3] = [
    ("cut", &["bytes", "digest", "kept"]),
    ("clock-set", &["was"]),
    ("key-rotated", &["to", "note"]),
];

/// Those that a command writes, and nothing of it comes after.
const COMMANDS: [&str; 2] = ["clock-set", "key-rotated"];

/// Entries about which nothing says yet whether an older program wrote them.
#[derive(Default)]
pub(super) struct Older {
    waiting: Vec<Waiting>,
    /// A command wrote all of them, and has ended.
    is_over: bool,
}

struct Waiting {
    sequence: u64,
    file: String,
    line: u64,
    problem: String,
    /// It is in the form that older programs have for it.
    is_in_form: bool,
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
        let is_ledger = entry.event == "ledger" || entry.event == "started";
        self.settle(must_be, is_ledger, findings);
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
        if !may_be_older {
            return false;
        }
        // This one is about the ledger too: no gate was running.
        self.end_command(true);
        if self.waiting.len() >= WAITING_MAX {
            return false;
        }
        let what = entry.what().unwrap_or_default();
        self.waiting.push(Waiting {
            sequence,
            file: file.to_owned(),
            line: number,
            problem: format!("{problem}: older programs write so, and no such gate began"),
            is_in_form: is_in_form(what, line),
        });
        let are_in_form = self.waiting.iter().all(|waiting| waiting.is_in_form);
        self.is_over = are_in_form && COMMANDS.contains(&what);
        true
    }

    /// An entry says of which version they are, or there is none left that could. `no_gate_runs`:
    /// it is none that a running gate writes.
    pub(super) fn settle(
        &mut self,
        must_be_canonical: bool,
        no_gate_runs: bool,
        findings: &mut Findings,
    ) {
        self.end_command(no_gate_runs);
        for waiting in self.waiting.drain(..) {
            if must_be_canonical {
                let (sequence, line) = (Some(waiting.sequence), Some(waiting.line));
                let (file, problem) = (&waiting.file, &waiting.problem);
                findings.push(Kind::NotCanonical, sequence, file, line, problem);
            }
        }
    }

    /// What a command wrote is good, unless a gate was running.
    fn end_command(&mut self, no_gate_runs: bool) {
        if std::mem::take(&mut self.is_over) && no_gate_runs {
            self.waiting.clear();
        }
    }
}

/// Whether a line is the one text of what it says in the form of older programs.
fn is_in_form(what: &str, line: &[u8]) -> bool {
    let form = FORMS.iter().find(|(name, _)| *name == what);
    let said = serde_json::from_slice::<Map<String, Value>>(line);
    let (Some((_, more)), Ok(said)) = (form, said) else {
        return false;
    };
    let names = ["sequence", "at", "event", "what"];
    let names = names.iter().chain(more.iter());
    let members = names.map(|name| {
        let value = said.get(*name)?;
        Some(format!("\"{name}\":{value}"))
    });
    let members: Option<Vec<_>> = members.collect();
    members.is_some_and(|members| format!("{{{}}}", members.join(",")).as_bytes() == line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_programs_have_one_text_for_what_they_say() {
        let begin = r#"{"sequence":7,"at":5,"event":"ledger","what":"#;
        for (what, rest) in [
            ("clock-set", r#""was":1800000000000}"#),
            (
                "key-rotated",
                r#""to":"name+1+AA","note":"a\n\nb \"c\" é\n"}"#,
            ),
            (
                "cut",
                r#""bytes":7,"digest":"blake3:00","kept":"audit.cut"}"#,
            ),
        ] {
            let line = format!("{begin}\"{what}\",{rest}");
            assert!(is_in_form(what, line.as_bytes()), "{line}");
            for other in [
                line.replace("\"at\":5", "\"at\": 5"),
                line.replace("\"at\":5,", ""),
                line.replace("\"at\":5", "\"at\":5,\"at\":5"),
                line.replace("ledger", "\\u006cedger"),
                line.replace('}', ",\"more\":1}"),
                line.replace("\"sequence\":7,\"at\":5", "\"at\":5,\"sequence\":7"),
                format!("{line} "),
            ] {
                assert_ne!(other, line);
                assert!(!is_in_form(what, other.as_bytes()), "{other}");
            }
        }
        let line = format!("{begin}\"erased\",\"number\":0}}");
        assert!(!is_in_form("erased", line.as_bytes()));
    }
}

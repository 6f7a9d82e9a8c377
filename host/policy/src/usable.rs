//! Whether an answer can be used: what is longer than it may be, or cannot be done, is a
//! fault, and a fault denies.

use crate::fault::Fault;
use crate::json::Pointer;
use crate::record::OBLIGATIONS_MAX;
use crate::verdict::{Ask, Note, Obligation, Opinion, Report, Revision, Verdict};

/// Longest label, in bytes: it is kept for as long as a session lives.
pub const LABEL_BYTES_MAX: usize = 128;

/// Most notes of one answer.
pub const NOTES_MAX: usize = 16;

/// Longest id of a rule, in bytes.
pub const RULE_BYTES_MAX: usize = 128;

/// Longest text of a note, in bytes.
pub const NOTE_BYTES_MAX: usize = 1024;

/// Longest title of a question to people, in bytes: it is one line.
pub const TITLE_BYTES_MAX: usize = 256;

/// Longest reason that people are given, in bytes: a page.
pub const ASK_REASON_BYTES_MAX: usize = 4096;

/// Most roles, people and places that one question names.
pub const ASK_LIST_MAX: usize = 16;

/// Longest name of a role or a person, in bytes.
pub const ASK_NAME_BYTES_MAX: usize = 256;

/// Most people that one question can need.
pub const QUORUM_MAX: u8 = 16;

/// Longest time that people may take, and an approval be used, in seconds: 30 days.
pub const ASK_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

impl Opinion {
    /// Fails where the answer cannot be used.
    pub fn check(&self) -> Result<(), Fault> {
        match &self.verdict {
            Verdict::Abstain | Verdict::Allow | Verdict::Deny(_) => {}
            Verdict::Ask(ask) => ask.check()?,
        }
        at_most(self.obligations.len(), OBLIGATIONS_MAX, "obligations")?;
        for obligation in &self.obligations {
            match obligation {
                Obligation::Redact(pointers) => check_pointers(pointers)?,
                Obligation::Label(labels) | Obligation::Declassify(labels) => check_labels(labels)?,
                Obligation::Charge(_) | Obligation::LimitResult(_) => {}
            }
        }
        check_notes(&self.notes)
    }
}

impl Revision {
    /// Fails where the answer cannot be used, whatever the edits do.
    pub fn check(&self) -> Result<(), Fault> {
        check_notes(&self.notes)
    }
}

impl Report {
    /// Fails where the answer cannot be used, whatever the edits do.
    pub fn check(&self) -> Result<(), Fault> {
        check_labels(&self.labels)?;
        at_most(self.charges.len(), OBLIGATIONS_MAX, "charges")?;
        check_notes(&self.notes)
    }
}

impl Ask {
    fn check(&self) -> Result<(), Fault> {
        no_longer(&self.title, TITLE_BYTES_MAX, "title")?;
        no_longer(&self.reason, ASK_REASON_BYTES_MAX, "reason")?;
        for (list, what) in [
            (&self.show, "places to show"),
            (&self.roles, "roles"),
            (&self.exclude, "people who must not approve"),
        ] {
            at_most(list.len(), ASK_LIST_MAX, what)?;
            for name in list {
                no_longer(name, ASK_NAME_BYTES_MAX, "name in a question")?;
            }
        }
        check_pointers(&self.show)?;
        if !(1..=QUORUM_MAX).contains(&self.quorum) {
            return Err(bad(format!("a quorum that is not 1 to {QUORUM_MAX}")));
        }
        for (seconds, what) in [
            (self.decide_within_seconds, "decide"),
            (self.use_within_seconds, "use an approval"),
        ] {
            if !(1..=ASK_SECONDS_MAX).contains(&seconds) {
                return Err(bad(format!(
                    "a time to {what} that is not 1 to {ASK_SECONDS_MAX} seconds"
                )));
            }
        }
        Ok(())
    }
}

fn check_pointers(pointers: &[String]) -> Result<(), Fault> {
    for pointer in pointers {
        Pointer::parse(pointer).map_err(|error| Fault::BadPointer(error.to_string()))?;
    }
    Ok(())
}

fn check_labels(labels: &[String]) -> Result<(), Fault> {
    labels
        .iter()
        .try_for_each(|label| no_longer(label, LABEL_BYTES_MAX, "label"))
}

fn check_notes(notes: &[Note]) -> Result<(), Fault> {
    at_most(notes.len(), NOTES_MAX, "notes")?;
    for note in notes {
        no_longer(&note.rule, RULE_BYTES_MAX, "rule id")?;
        no_longer(&note.text, NOTE_BYTES_MAX, "note")?;
    }
    Ok(())
}

fn at_most(count: usize, max: usize, what: &str) -> Result<(), Fault> {
    match count > max {
        true => Err(bad(format!("more than {max} {what}"))),
        false => Ok(()),
    }
}

fn no_longer(text: &str, bytes_max: usize, what: &str) -> Result<(), Fault> {
    match text.len() > bytes_max {
        true => Err(bad(format!("a {what} is longer than {bytes_max} bytes"))),
        false => Ok(()),
    }
}

fn bad(what: String) -> Fault {
    Fault::BadOutput(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask() -> Ask {
        Ask {
            title: "t".into(),
            reason: "r".into(),
            show: vec!["/a".into()],
            roles: vec!["lead".into()],
            quorum: 1,
            exclude_requester: true,
            exclude: vec!["user:eve".into()],
            decide_within_seconds: 60,
            use_within_seconds: 60,
        }
    }

    #[test]
    fn a_question_that_nobody_can_answer_is_a_fault() {
        let check = |change: &dyn Fn(&mut Ask)| {
            let mut ask = ask();
            change(&mut ask);
            Opinion::from(Verdict::Ask(ask)).check()
        };
        assert_eq!(check(&|_| {}), Ok(()));
        let list = || vec!["x".to_owned(); ASK_LIST_MAX + 1];
        for (what, change) in [
            (
                "no quorum",
                &(|ask: &mut Ask| ask.quorum = 0) as &dyn Fn(&mut Ask),
            ),
            ("too large a quorum", &|ask| ask.quorum = QUORUM_MAX + 1),
            ("no time to decide", &|ask| ask.decide_within_seconds = 0),
            ("no time to use", &|ask| ask.use_within_seconds = 0),
            ("too much time", &|ask| ask.use_within_seconds = u32::MAX),
            ("a long title", &|ask| {
                ask.title = "x".repeat(TITLE_BYTES_MAX + 1)
            }),
            ("a long reason", &|ask| {
                ask.reason = "x".repeat(ASK_REASON_BYTES_MAX + 1)
            }),
            ("many roles", &|ask| ask.roles = list()),
            ("many people", &|ask| ask.exclude = list()),
            ("a long role", &|ask| {
                ask.roles = vec!["x".repeat(ASK_NAME_BYTES_MAX + 1)]
            }),
        ] {
            assert!(matches!(check(change), Err(Fault::BadOutput(_))), "{what}");
        }
        let pointer = check(&|ask| ask.show = vec!["a".into()]);
        assert!(matches!(pointer, Err(Fault::BadPointer(_))));
    }

    #[test]
    fn notes_are_bounded() {
        let note = |rule: usize, text: usize| Note {
            rule: "r".repeat(rule),
            text: "t".repeat(text),
        };
        let check = |notes: Vec<Note>| {
            let opinion = Opinion {
                notes: notes.clone(),
                ..Verdict::Allow.into()
            };
            let revision = Revision {
                edits: Vec::new(),
                notes,
            };
            assert_eq!(opinion.check(), revision.check());
            opinion.check().is_ok()
        };
        assert!(check(vec![note(RULE_BYTES_MAX, NOTE_BYTES_MAX); NOTES_MAX]));
        assert!(!check(vec![note(1, 1); NOTES_MAX + 1]));
        assert!(!check(vec![note(RULE_BYTES_MAX + 1, 1)]));
        assert!(!check(vec![note(1, NOTE_BYTES_MAX + 1)]));
    }
}

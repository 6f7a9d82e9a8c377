//! What entries say of each other: times, and what became of what was decided.

use std::collections::{HashMap, HashSet};

use super::approval::{Proof, proof};
use super::entry::Entry;
use super::finding::Kind;

/// The latest version of the record that is known here.
const RECORD_MAX: u32 = 6;

/// The first version whose entries are canonical.
const CANONICAL: u32 = 6;

/// Keys of one log that followed one another.
const ROTATIONS_MAX: usize = 1000;

/// Calls at once write their entries one after the other, each with the time at which it
/// was made: such a time may be this much before one that was written already, in
/// milliseconds.
const APART_MAX: u64 = 600_000;

/// What entries said so far.
#[derive(Debug, Default)]
pub(super) struct History {
    latest: u64,
    /// The version of the entries, once one of them says it.
    record: Option<u32>,
    /// What is known of each decision, under the digest of its id.
    calls: HashMap<[u8; 16], Call>,
    /// Approvals that were used.
    used: HashSet<[u8; 16]>,
    /// Entries before the first one may have said something.
    pub(super) has_past: bool,
    /// Signatures of approvers that are good.
    pub(super) approvals: u64,
    /// Signatures of passkeys, which cannot be checked here.
    pub(super) passkeys: u64,
    /// Entries that say that a key followed another, and what they say.
    pub(super) rotations: Vec<(u64, String)>,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Denied,
    Begun,
    Ended,
}

// === impl History ===

impl History {
    /// Takes in an entry; gives what is wrong with it.
    pub(super) fn take_in(&mut self, entry: &Entry<'_>) -> Option<(Kind, String)> {
        let time = self.time(entry);
        let is_rotation = entry.event == "ledger" && entry.what() == Some("key-rotated");
        if let Some(note) = entry.note.as_ref().filter(|_| is_rotation)
            && self.rotations.len() < ROTATIONS_MAX
        {
            self.rotations.push((entry.sequence, note.to_string()));
        }
        let more = match &*entry.event {
            "started" => self.version(entry.record.unwrap_or(1)),
            "ledger" if entry.what() == Some("continued") => self.continued(entry.record),
            "decided" => self.decided(entry),
            "completed" => self.completed(entry),
            "approval" => self.approval(entry),
            _other => None,
        };
        time.or(more)
    }

    /// Whether the entry that was taken in last is of a version that has one text only.
    pub(super) fn is_canonical(&self) -> bool {
        self.record.is_some_and(|record| record >= CANONICAL)
    }

    /// Whether an entry says of which version it and the ones after it are.
    pub(super) fn says_version(entry: &Entry<'_>) -> bool {
        entry.event == "started" || entry.event == "ledger" && entry.what() == Some("continued")
    }

    /// A segment of an older gate does not say of which version it is.
    fn continued(&mut self, record: Option<u32>) -> Option<(Kind, String)> {
        self.record = None;
        record.and_then(|record| self.version(record))
    }

    fn version(&mut self, record: u32) -> Option<(Kind, String)> {
        self.record = Some(record);
        let is_known = (1..=RECORD_MAX).contains(&record);
        (!is_known).then(|| {
            let problem =
                format!("entries of version {record} follow, and {RECORD_MAX} is known here");
            (Kind::RecordVersion, problem)
        })
    }

    fn time(&mut self, entry: &Entry<'_>) -> Option<(Kind, String)> {
        if entry.event == "ledger" && entry.what() == Some("clock-set") {
            self.latest = entry.at;
            return None;
        }
        if entry.at.saturating_add(APART_MAX) < self.latest {
            let back = (self.latest - entry.at) / 1000;
            let problem = format!("its time is {back} seconds before an entry that it follows");
            return Some((Kind::Time, problem));
        }
        self.latest = self.latest.max(entry.at);
        None
    }

    fn approval(&mut self, entry: &Entry<'_>) -> Option<(Kind, String)> {
        match proof(&entry.vote.as_ref()?.signed) {
            Proof::Good => self.approvals += 1,
            Proof::Passkey => self.passkeys += 1,
            Proof::Forged => {
                let problem = "the signature is not that of the approver's key over this statement";
                return Some((Kind::Approval, problem.to_owned()));
            }
        }
        None
    }

    fn decided(&mut self, entry: &Entry<'_>) -> Option<(Kind, String)> {
        let is_denied = entry.decision.as_deref() == Some("deny");
        let call = if is_denied { Call::Denied } else { Call::Begun };
        if let Some(id) = &entry.id {
            self.calls.insert(key(id), call);
        }
        let used = entry.approval.as_ref();
        let held = &used.filter(|used| used.what == "consumed")?.held;
        let is_first = self.used.insert(key(held));
        (!is_first).then(|| {
            let problem = format!("it goes by the approval of `{held}`, which was used before");
            (Kind::SecondUse, problem)
        })
    }

    fn completed(&mut self, entry: &Entry<'_>) -> Option<(Kind, String)> {
        let id = entry.id.as_deref().unwrap_or_default();
        let before = self.calls.insert(key(id), Call::Ended);
        match before {
            Some(Call::Begun) => None,
            None if self.has_past => None,
            None => Some((
                Kind::OutcomeWithoutIntent,
                format!("it says how `{id}` ended, and nothing says that it began"),
            )),
            Some(Call::Denied) => Some((
                Kind::OutcomeWithoutIntent,
                format!("it says how `{id}` ended, which was denied"),
            )),
            Some(Call::Ended) => Some((
                Kind::SecondOutcome,
                format!("it says a second time how `{id}` ended"),
            )),
        }
    }
}

/// Ids are long, and there are many.
fn key(id: &str) -> [u8; 16] {
    let hash = blake3::hash(id.as_bytes());
    let [first, _] = hash.as_bytes().as_chunks::<16>().0 else {
        return [0; 16];
    };
    *first
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::json;

    use super::*;

    fn found(history: &mut History, entry: &str) -> Option<Kind> {
        let entry: Entry<'_> = serde_json::from_str(entry).unwrap();
        history.take_in(&entry).map(|(kind, _)| kind)
    }

    fn vote(statement: &str, said: &str) -> String {
        use base64::Engine as _;
        let key = SigningKey::from_bytes(&[1; 32]);
        let text = format!("gatewright approval 1\n{statement}");
        let signature = key.sign(text.as_bytes()).to_bytes();
        let signature = base64::engine::general_purpose::STANDARD.encode(signature);
        let public = [&[0xed, 0x01], key.verifying_key().as_bytes().as_slice()].concat();
        let public = bs58::encode(public).into_string();
        let signature = json!({
            "method": "ed25519", "key": format!("did:key:z{public}"), "signature": signature,
        });
        format!(
            "{{\"sequence\":0,\"at\":1,\"event\":\"approval\",\"what\":\"decided\",\"held\":\"a\",\
             \"vote\":{{\"signed\":{{\"statement\":{said},\"signature\":{signature}}},\"roles\":[],\"at\":1}}}}"
        )
    }

    #[test]
    fn what_a_person_signed_is_what_the_record_says() {
        let statement = r#"{"actions":["blake3:00"],"approver":"kim","at":1,"choice":"approve"}"#;
        let mut history = History::default();
        assert_eq!(found(&mut history, &vote(statement, statement)), None);
        assert_eq!(history.approvals, 1);
        let changed = statement.replace("kim", "tim");
        let found = found(&mut history, &vote(statement, &changed));
        assert_eq!(found, Some(Kind::Approval));
    }

    #[test]
    fn an_approval_is_used_once() {
        let used = |id: &str, held: &str, what: &str| {
            format!(
                "{{\"sequence\":0,\"at\":1,\"event\":\"decided\",\"id\":\"{id}\",\"decision\":\"allow\",\
                 \"approval\":{{\"held\":\"{held}\",\"use\":\"{what}\",\"until\":1}}}}"
            )
        };
        let mut history = History::default();
        for (id, held, what, expected) in [
            ("1", "a", "joined", None),
            ("2", "a", "consumed", None),
            ("3", "b", "consumed", None),
            ("4", "a", "joined", None),
            ("5", "a", "consumed", Some(Kind::SecondUse)),
        ] {
            assert_eq!(found(&mut history, &used(id, held, what)), expected, "{id}");
        }
    }
}

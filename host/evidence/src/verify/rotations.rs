//! Keys that followed one another: which are those of the log, and until when each signed.

use super::finding::{Findings, Kind};
use super::note::{Note, PublicKey, Standing};

/// Begins the text that both keys signed.
const TITLE: &str = "gatewright log key";

/// One key followed another.
#[derive(Debug)]
pub(super) struct Rotation {
    /// The file that it is in.
    name: String,
    /// All of it, as the entry has it.
    text: String,
    old: PublicKey,
    new: PublicKey,
}

/// The keys of a log.
#[derive(Debug)]
pub(super) struct Keys {
    /// The one that whoever verifies trusts, first.
    keys: Vec<PublicKey>,
    rotations: Vec<Rotation>,
    /// Which checkpoints each of them signed: the place of the key, the name, and the
    /// sequence after the last entry.
    signed: Vec<(usize, String, u64)>,
}

// === impl Rotation ===

impl Rotation {
    fn parse(name: &str, text: &str) -> Result<Self, &'static str> {
        let note = Note::parse(text).map_err(|_| "is no signed note")?;
        let mut lines = note.text().lines();
        let mut line = || lines.next().ok_or("has another form");
        let (title, log, old, new) = (line()?, line()?, line()?, line()?);
        let (old, new) = (PublicKey::parse(old)?, PublicKey::parse(new)?);
        if title != TITLE || lines.next().is_some() || old.name != log || new.name != log {
            return Err("has another form");
        }
        for key in [&old, &new] {
            if !matches!(note.standing(key), Standing::Signed(_)) {
                return Err("is not signed by both keys");
            }
        }
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            old,
            new,
        })
    }
}

// === impl Keys ===

impl Keys {
    /// A key that is trusted, and those that followed it or came before it.
    pub(super) fn of(key: PublicKey, notes: &[(String, String)], findings: &mut Findings) -> Self {
        let mut rotations = Vec::new();
        for (name, text) in notes {
            match Rotation::parse(name, text) {
                Ok(rotation) => rotations.push(rotation),
                Err(problem) => {
                    findings.of_checkpoint(Kind::Signature, name, &format!("it {problem}"));
                }
            }
        }
        let mut keys = vec![key];
        loop {
            let known = |key: &PublicKey, keys: &[PublicKey]| keys.iter().any(|it| it.is(key));
            let more = rotations.iter().find_map(|rotation| {
                match (known(&rotation.old, &keys), known(&rotation.new, &keys)) {
                    (true, false) => Some(rotation.new.clone()),
                    (false, true) => Some(rotation.old.clone()),
                    (true, true) | (false, false) => None,
                }
            });
            match more {
                Some(key) => keys.push(key),
                None => break,
            }
        }
        // What no key here has to do with is of nobody's concern.
        rotations.retain(|rotation| keys.iter().any(|key| key.is(&rotation.old)));
        Self {
            keys,
            rotations,
            signed: Vec::new(),
        }
    }

    /// The one that is trusted.
    pub(super) fn first(&self) -> Option<&PublicKey> {
        self.keys.first()
    }

    /// How the keys stand to a note, and which of them signed it.
    pub(super) fn standing(&self, note: &Note<'_>) -> (Standing, usize) {
        for (place, key) in self.keys.iter().enumerate() {
            match note.standing(key) {
                Standing::Unsigned => {}
                standing => return (standing, place),
            }
        }
        (Standing::Unsigned, 0)
    }

    /// A checkpoint was signed by one of them.
    pub(super) fn signed(&mut self, place: usize, name: &str, until: u64) {
        self.signed.push((place, name.to_owned(), until));
    }

    /// Holds the checkpoints against the entries that say when a key followed another: a
    /// sequence, and what it says. Entries that are not here say nothing.
    pub(super) fn judge(&self, said: &[(u64, String)], is_whole: bool, findings: &mut Findings) {
        for rotation in &self.rotations {
            let entry = said.iter().find(|(_, text)| *text == rotation.text);
            let Some((sequence, _)) = entry else {
                if is_whole {
                    let problem = "no entry says that a key followed another";
                    findings.of_checkpoint(Kind::Signature, &rotation.name, problem);
                }
                continue;
            };
            let after = sequence.saturating_add(1);
            for (place, name, until) in &self.signed {
                let Some(key) = self.keys.get(*place) else {
                    continue;
                };
                let problem = match (key.is(&rotation.old), key.is(&rotation.new)) {
                    (true, _) if *until > after => "a key signed it that was replaced before",
                    (_, true) if *until < after => "a key signed it that was not there yet",
                    (_, _) => continue,
                };
                findings.of_checkpoint(Kind::Signature, name, problem);
            }
        }
        for (sequence, text) in said {
            if !self.rotations.iter().any(|rotation| rotation.text == *text) {
                let problem = "it says that a key followed another, which no note here proves";
                findings.push(Kind::Signature, Some(*sequence), "keys", None, problem);
            }
        }
    }
}

//! Checkpoints: what the tree was at some size, signed (C2SP `tlog-checkpoint`).

use crate::hash::Hash;
use crate::key::LogKey;

/// Stands between the name of a log and its first entry, where that is not entry 0.
const FROM: &str = "/from/";

/// What a tree is at some size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which tree.
    pub origin: String,
    /// Entries in it.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Why a text is no checkpoint that a key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It has another form.
    #[error("it is no checkpoint")]
    Form,
    /// The key did not sign it.
    #[error("it is not signed with the key of this log")]
    Signature,
}

// === impl Checkpoint ===

impl Checkpoint {
    /// The origin of the tree of a log that begins with this entry. A tree that begins
    /// later is another one, so it has another origin.
    pub fn origin_of(name: &str, first: u64) -> String {
        match first {
            0 => name.to_owned(),
            later => format!("{name}{FROM}{later}"),
        }
    }

    /// The first entry of the tree of this log with an origin; none where it is the tree
    /// of another one.
    pub fn first_of(&self, name: &str) -> Option<u64> {
        let rest = self.origin.strip_prefix(name)?;
        if rest.is_empty() {
            return Some(0);
        }
        let first = rest.strip_prefix(FROM)?.parse().ok()?;
        let is_plain = Self::origin_of(name, first) == self.origin;
        is_plain.then_some(first)
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            self.root.to_base64()
        )
    }

    /// The checkpoint with the signature of this key.
    pub fn signed(&self, key: &LogKey) -> String {
        let text = self.text();
        let signature = key.sign(&text);
        format!("{text}\n{signature}")
    }

    /// A checkpoint that this key signed, whoever else signed it too.
    pub fn open(note: &str, key: &LogKey) -> Result<Self, CheckpointError> {
        let (text, signatures) = note.split_once("\n\n").ok_or(CheckpointError::Form)?;
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or(CheckpointError::Form);
        let (origin, size, root) = (line()?, line()?, line()?);
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| CheckpointError::Form)?,
            root: Hash::from_base64(root).map_err(|_| CheckpointError::Form)?,
        };
        // Nothing beyond these lines: nobody would check it.
        let text = checkpoint.text();
        if !note.starts_with(&format!("{text}\n")) {
            return Err(CheckpointError::Form);
        }
        // Ed25519 signs the same text the same way each time.
        let signature = key.sign(&text);
        let is_signed = signatures
            .split_inclusive('\n')
            .any(|line| line == signature);
        match is_signed {
            true => Ok(checkpoint),
            false => Err(CheckpointError::Signature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "example.com/log".to_owned(),
            size: 17,
            root: Hash::of_entry(b"a"),
        }
    }

    #[test]
    fn a_checkpoint_is_opened_with_the_key_that_signed_it() {
        let key = LogKey::new(Some("example.com/log"), &[7; 32]).unwrap();
        let other = LogKey::new(Some("example.com/log"), &[8; 32]).unwrap();
        let note = checkpoint().signed(&key);
        assert_eq!(Checkpoint::open(&note, &key), Ok(checkpoint()));
        let cosigned = format!("{note}\u{2014} witness AAAA\n");
        assert_eq!(Checkpoint::open(&cosigned, &key), Ok(checkpoint()));
        for (note, error) in [
            (String::new(), CheckpointError::Form),
            (note.replace("\n17\n", "\n017\n"), CheckpointError::Form),
            (note.replace("\n17\n", "\n18\n"), CheckpointError::Signature),
            (note.replace("=\n\n", "=\nmore\n\n"), CheckpointError::Form),
            (checkpoint().signed(&other), CheckpointError::Signature),
        ] {
            assert_eq!(Checkpoint::open(&note, &key), Err(error), "{note}");
        }
    }

    #[test]
    fn an_origin_says_where_its_tree_begins() {
        for first in [0, 1, 4711] {
            let mut checkpoint = checkpoint();
            checkpoint.origin = Checkpoint::origin_of("example.com/log", first);
            assert_eq!(checkpoint.first_of("example.com/log"), Some(first));
            assert_eq!(checkpoint.first_of("example.com"), None);
        }
        for origin in ["example.com/log/from/0", "example.com/log/from/01", "x"] {
            let mut checkpoint = checkpoint();
            checkpoint.origin = origin.to_owned();
            assert_eq!(checkpoint.first_of("example.com/log"), None, "{origin}");
        }
    }
}

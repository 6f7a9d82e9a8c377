//! Signed notes and the checkpoints in them, as they are read by who trusts nobody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::hashes::Node;

/// Longest note, in bytes.
pub(super) const NOTE_BYTES_MAX: usize = 64 << 10;

/// Signatures of a note that are looked at: C2SP asks for 16 at the least.
const SIGNATURES_MAX: usize = 64;

/// A signature over the text of a note.
const ED25519: u8 = 1;

/// A signature of a witness, with a time.
const COSIGNATURE: u8 = 4;

/// What stands before a signature.
const DASH: &str = "\u{2014} ";

/// A key that signatures are verified with.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    pub(super) name: String,
    id: [u8; 4],
    algorithm: u8,
    key: VerifyingKey,
}

/// A text, and who signed it.
#[derive(Debug)]
pub(super) struct Note<'a> {
    text: &'a str,
    /// The name of a key, its id, and what it signed with.
    signatures: Vec<(&'a str, [u8; 4], Vec<u8>)>,
}

/// How a key stands to a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It signed it; a witness says when, in seconds.
    Signed(u64),
    /// Nothing says that it signed it.
    Unsigned,
    /// What claims to be its signature is none.
    Forged,
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which tree.
    pub origin: String,
    /// Entries in it.
    pub size: u64,
    /// Its root.
    pub root: [u8; 32],
}

/// Why a text is no signed checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is too long.
    #[error("it is longer than a checkpoint is")]
    TooLong,
    /// It has another form.
    #[error("it is no signed note")]
    Form,
    /// A line of its signatures has another form.
    #[error("one of its signatures cannot be read")]
    Signature,
    /// Its text has another form.
    #[error("it is signed, and no checkpoint")]
    Checkpoint,
}

// === impl PublicKey ===

impl PublicKey {
    /// A key as `<name>+<id>+<key>`.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is not written as `<name>+<id>+<key>`";
        let mut parts = text.trim().splitn(3, '+');
        let mut part = || parts.next().ok_or(FORM);
        let (name, id, key) = (part()?, part()?, part()?);
        let bytes = STANDARD.decode(key).map_err(|_| FORM)?;
        let (algorithm, key) = bytes.split_first().ok_or(FORM)?;
        if ![ED25519, COSIGNATURE].contains(algorithm) {
            return Err("is of a kind that is not known here");
        }
        let key = <&[u8; 32]>::try_from(key).map_err(|_| FORM)?;
        let mut hasher = Sha256::new();
        hasher.update(name);
        hasher.update(b"\n");
        hasher.update(&bytes);
        let digest: [u8; 32] = hasher.finalize().into();
        let [a, b, c, d, ..] = digest;
        if u32::from_str_radix(id, 16) != Ok(u32::from_be_bytes([a, b, c, d])) || id.len() != 8 {
            return Err("has a number that belongs to another key or name");
        }
        Ok(Self {
            name: name.to_owned(),
            id: [a, b, c, d],
            algorithm: *algorithm,
            key: VerifyingKey::from_bytes(key).map_err(|_| "is no point of its curve")?,
        })
    }

    /// Whether it is the same key.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.algorithm == other.algorithm && self.key == other.key
    }

    fn verify(&self, text: &str, signature: &[u8]) -> Option<u64> {
        let (at, signature) = match self.algorithm {
            ED25519 => (0, <&[u8; 64]>::try_from(signature).ok()?),
            _cosignature => {
                let (at, signature) = signature.split_first_chunk::<8>()?;
                let at = u64::from_be_bytes(*at);
                (at, <&[u8; 64]>::try_from(signature).ok()?)
            }
        };
        let signature = Signature::from_bytes(signature);
        let signed = match self.algorithm {
            ED25519 => text.to_owned(),
            _cosignature => format!("cosignature/v1\ntime {at}\n{text}"),
        };
        let verified = self.key.verify_strict(signed.as_bytes(), &signature);
        verified.ok().map(|()| at)
    }
}

// === impl Note ===

impl<'a> Note<'a> {
    pub(super) fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let is_bad = |character: char| character.is_ascii_control() && character != '\n';
        if note.contains(is_bad) {
            return Err(NoteError::Form);
        }
        // The text ends with the last empty line.
        let at = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, rest) = note.split_at(at + 1);
        let lines = rest.strip_prefix('\n').ok_or(NoteError::Form)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() >= SIGNATURES_MAX {
                return Err(NoteError::TooLong);
            }
            let line = line.strip_prefix(DASH).ok_or(NoteError::Signature)?;
            let (name, bytes) = line.split_once(' ').ok_or(NoteError::Signature)?;
            let bytes = STANDARD.decode(bytes).map_err(|_| NoteError::Signature)?;
            let (id, signature) = bytes.split_first_chunk().ok_or(NoteError::Signature)?;
            signatures.push((name, *id, signature.to_vec()));
        }
        Ok(Self { text, signatures })
    }

    /// What is signed.
    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn standing(&self, key: &PublicKey) -> Standing {
        let mut standing = Standing::Unsigned;
        for (name, id, signature) in &self.signatures {
            if *name != key.name || *id != key.id {
                continue;
            }
            match key.verify(self.text, signature) {
                Some(at) => standing = Standing::Signed(at),
                None => return Standing::Forged,
            }
        }
        standing
    }
}

// === impl Head ===

impl Head {
    pub(super) fn of(note: &Note<'_>) -> Result<Self, NoteError> {
        let mut lines = note.text.lines();
        let mut line = || lines.next().filter(|line| !line.is_empty());
        let (Some(origin), Some(size), Some(root)) = (line(), line(), line()) else {
            return Err(NoteError::Checkpoint);
        };
        // Nothing else is signed beside these three: nobody would know what it means.
        if lines.next().is_some() {
            return Err(NoteError::Checkpoint);
        }
        let decoded = STANDARD.decode(root).ok();
        let root = decoded.and_then(|bytes| Node::try_from(bytes).ok());
        let number = size.parse::<u64>().ok();
        match (number, root) {
            (Some(number), Some(root)) if number.to_string() == size => Ok(Self {
                origin: origin.to_owned(),
                size: number,
                root,
            }),
            _other => Err(NoteError::Checkpoint),
        }
    }

    /// The sequence of the first entry of its tree; none where it is the tree of another
    /// log.
    pub(super) fn first_of(&self, name: &str) -> Option<u64> {
        let rest = self.origin.strip_prefix(name)?;
        if rest.is_empty() {
            return Some(0);
        }
        let digits = rest.strip_prefix("/from/")?;
        let first = digits.parse::<u64>().ok()?;
        (first > 0 && first.to_string() == digits).then_some(first)
    }

    pub(super) fn root_text(&self) -> String {
        STANDARD.encode(self.root)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    fn public(name: &str, algorithm: u8, key: &SigningKey) -> String {
        let mut bytes = vec![algorithm];
        bytes.extend(key.verifying_key().as_bytes());
        let mut hashed = format!("{name}\n").into_bytes();
        hashed.extend(&bytes);
        let digest = Sha256::digest(&hashed);
        let id: String = digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{name}+{id}+{}", STANDARD.encode(bytes))
    }

    /// A line by a key, over what it signs, with what stands before the signature.
    fn line(key: &PublicKey, before: &[u8], signature: &[u8]) -> String {
        let bytes = [&key.id, before, signature].concat();
        format!("\u{2014} {} {}\n", key.name, STANDARD.encode(bytes))
    }

    const TEXT: &str = "example.com/log\n17\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn a_cosignature_is_over_its_time_and_the_whole_text() {
        let secret = SigningKey::from_bytes(&[3; 32]);
        let key = PublicKey::parse(&public("witness.example/w", COSIGNATURE, &secret)).unwrap();
        let at = 1_679_315_147_u64;
        let signed = format!("cosignature/v1\ntime {at}\n{TEXT}");
        let good = secret.sign(signed.as_bytes()).to_bytes();
        let without_time = secret.sign(TEXT.as_bytes()).to_bytes();
        for (before, signature, standing) in [
            (at, good, Standing::Signed(at)),
            (at + 1, good, Standing::Forged),
            (at, without_time, Standing::Forged),
        ] {
            let note = format!("{TEXT}\n{}", line(&key, &before.to_be_bytes(), &signature));
            let note = Note::parse(&note).unwrap();
            assert_eq!(note.standing(&key), standing);
        }
    }

    #[test]
    fn signatures_of_others_are_passed_over_and_forged_ones_are_not() {
        let (secret, other) = (
            SigningKey::from_bytes(&[3; 32]),
            SigningKey::from_bytes(&[4; 32]),
        );
        let key = PublicKey::parse(&public("log", ED25519, &secret)).unwrap();
        let stranger = PublicKey::parse(&public("log", ED25519, &other)).unwrap();
        let good = line(&key, &[], &secret.sign(TEXT.as_bytes()).to_bytes());
        let theirs = line(&stranger, &[], &other.sign(TEXT.as_bytes()).to_bytes());
        let forged = line(&key, &[], &other.sign(TEXT.as_bytes()).to_bytes());
        for (lines, standing) in [
            (format!("{theirs}{good}"), Standing::Signed(0)),
            (theirs.clone(), Standing::Unsigned),
            (forged.clone(), Standing::Forged),
            (format!("{good}{forged}"), Standing::Forged),
        ] {
            let note = format!("{TEXT}\n{lines}");
            assert_eq!(Note::parse(&note).unwrap().standing(&key), standing);
        }
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let long = "x".repeat(NOTE_BYTES_MAX + 1);
        for (note, error) in [
            ("", NoteError::Form),
            ("a\n", NoteError::Form),
            ("a\n\nb\n", NoteError::Signature),
            ("a\n\n\u{2014} b AAAA", NoteError::Form),
            ("a\n\n\u{2014} b AA\n", NoteError::Signature),
            ("a\r\n\n\u{2014} b AAAAAAAA\n", NoteError::Form),
            (long.as_str(), NoteError::TooLong),
        ] {
            assert_eq!(Note::parse(note).map(|_| ()), Err(error), "{note:.40}");
        }
        let good = format!("{TEXT}\n\u{2014} b AAAAAAAA\n");
        let head = Head::of(&Note::parse(&good).unwrap()).unwrap();
        assert_eq!(head.first_of("example.com/log"), Some(0));
        for (from, to) in [
            ("\n17\n", "\n017\n"),
            ("\n17\n", "\n-17\n"),
            ("CsUY", "Cs"),
            ("=\n", "=\nmore\n"),
            ("example.com/log\n", ""),
        ] {
            let bad = good.replacen(from, to, 1);
            let note = Note::parse(&bad).unwrap();
            assert_eq!(Head::of(&note), Err(NoteError::Checkpoint), "{bad}");
        }
    }

    #[test]
    fn a_key_is_what_it_says() {
        let secret = SigningKey::from_bytes(&[3; 32]);
        let good = public("log", ED25519, &secret);
        assert!(PublicKey::parse(&format!("{good}\n")).is_ok());
        let renamed = good.replace("log+", "fog+");
        for bad in [
            "",
            "a+b",
            "log+00000000+AAAA",
            &renamed,
            &public("log", 2, &secret),
        ] {
            assert!(PublicKey::parse(bad).is_err(), "{bad}");
        }
    }
}

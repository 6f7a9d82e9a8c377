//! How an entry keeps text from outside: cut, and where it may quote an
//! argument, a result or a credential, as a keyed digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::bounds::{TEXT_BYTES_MAX, cut_at};
use crate::action_digest::{ActionDigest, AskedBy};
use crate::digest::Digest;
use crate::request::Request;

/// Begins what stands for a text that is not in the entry.
pub(super) const DIGEST_PREFIX: &str = "keyed:";

/// Begins a label that only the keys can read.
const LABEL_PREFIX: &str = "sealed:";

/// Length of the part of a sealed label that proves it, in bytes.
const TAG_BYTES: usize = 16;

/// The keys of one ledger, all derived from its salt. Without them nobody can
/// test a guess of what a digest stands for.
#[derive(Clone)]
pub struct RecordKeys {
    salt: [u8; 32],
    actions: [u8; 32],
    texts: [u8; 32],
    pub(super) histories: [u8; 32],
    label_tags: [u8; 32],
    label_streams: [u8; 32],
    pub(super) payloads: [u8; 32],
    pub(super) payload_nonces: [u8; 32],
    shown: [u8; 32],
}

/// A label that was not sealed with these keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a label cannot be read with the salt that is there")]
pub struct LabelError;

impl RecordKeys {
    /// The keys of the ledger with this salt.
    pub fn new(salt: &[u8; 32]) -> Self {
        Self {
            salt: *salt,
            actions: blake3::derive_key("gatewright 2026 record action", salt),
            texts: blake3::derive_key("gatewright 2026 record text", salt),
            histories: blake3::derive_key("gatewright 2026 record history", salt),
            label_tags: blake3::derive_key("gatewright 2026 record label tag", salt),
            label_streams: blake3::derive_key("gatewright 2026 record label stream", salt),
            payloads: blake3::derive_key("gatewright 2026 record payload", salt),
            payload_nonces: blake3::derive_key("gatewright 2026 record payload nonce", salt),
            shown: blake3::derive_key("gatewright 2026 record shown", salt),
        }
    }

    /// The secret that shows the gate that an operator asks: whoever may read the salt can
    /// make it.
    pub fn operator(&self) -> String {
        self.operator_hash().to_hex().to_string()
    }

    /// Whether it is that secret. Takes as long whatever it is.
    pub fn is_operator(&self, secret: &str) -> bool {
        blake3::Hash::from_hex(secret).is_ok_and(|secret| secret == self.operator_hash())
    }

    fn operator_hash(&self) -> blake3::Hash {
        blake3::Hash::from_bytes(blake3::derive_key("gatewright 2026 operator", &self.salt))
    }

    /// What stands for arguments and results: BLAKE3 keyed with the salt itself.
    pub fn digest(&self, text: &str) -> Digest {
        Digest::from_bytes(*blake3::keyed_hash(&self.salt, text.as_bytes()).as_bytes())
    }

    /// The digest that names an exact action in this ledger.
    pub fn action(&self, request: &Request, asked_by: &[AskedBy]) -> ActionDigest {
        ActionDigest::of(request, asked_by, &self.actions)
    }

    /// What calls of the same things have in common, whatever people are asked about
    /// them: who asks, for whom, through whom, what, with which argument bytes.
    pub fn called<'a>(&self, requests: impl Iterator<Item = &'a Request>) -> Digest {
        let mut each: Vec<_> = requests.map(|it| self.action(it, &[]).0).collect();
        // In whichever order they are named.
        each.sort_unstable_by_key(|digest| *digest.as_bytes());
        let mut hasher = blake3::Hasher::new_keyed(&self.actions);
        for digest in each {
            hasher.update(digest.as_bytes());
        }
        Digest::from_bytes(*hasher.finalize().as_bytes())
    }

    /// What makes the text that is shown about a held call nobody's guess.
    pub fn shown_number(&self, id: &str) -> Digest {
        Digest::from_bytes(*blake3::keyed_hash(&self.shown, id.as_bytes()).as_bytes())
    }

    /// Text that quotes nothing secret, cut to [`TEXT_BYTES_MAX`]; a digest of
    /// the whole follows what was cut.
    pub fn cut(&self, text: &str) -> String {
        match cut_at(text, TEXT_BYTES_MAX) {
            None => text.to_owned(),
            Some(kept) => format!("{kept}... {}", self.sealed(text)),
        }
    }

    /// What stands for a text that may quote a secret: its keyed digest and its
    /// length. Nothing stands for nothing.
    pub fn sealed(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let hash = blake3::keyed_hash(&self.texts, text.as_bytes());
        format!("{DIGEST_PREFIX}{} ({} bytes)", hash.to_hex(), text.len())
    }

    /// The same, and then the text, cut: where the operator wants to read it.
    pub fn noted(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let sealed = self.sealed(text);
        match cut_at(text, TEXT_BYTES_MAX) {
            None => format!("{sealed}: {text}"),
            Some(kept) => format!("{sealed}: {kept}..."),
        }
    }

    /// A label that these keys can read again. The same label looks the same each
    /// time, so that entries can be compared.
    pub fn seal_label(&self, label: &str) -> String {
        // A synthetic initialisation vector, as RFC 5297 has it, with BLAKE3 as
        // the function: the tag is keyed over the label, the stream over the tag.
        let hash = blake3::keyed_hash(&self.label_tags, label.as_bytes());
        let mut sealed: Vec<u8> = hash.as_bytes().iter().copied().take(TAG_BYTES).collect();
        let veiled = self.veil(&sealed, label.as_bytes());
        sealed.extend(veiled);
        format!("{LABEL_PREFIX}{}", URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The label in an entry. Older gates wrote labels as they are.
    pub fn open_label(&self, kept: &str) -> Result<String, LabelError> {
        let Some(sealed) = kept.strip_prefix(LABEL_PREFIX) else {
            return Ok(kept.to_owned());
        };
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| LabelError)?;
        let (tag, veiled) = sealed.split_at_checked(TAG_BYTES).ok_or(LabelError)?;
        let label = String::from_utf8(self.veil(tag, veiled)).map_err(|_| LabelError)?;
        match self.seal_label(&label) == kept {
            true => Ok(label),
            false => Err(LabelError),
        }
    }

    /// Text and stream; the same again gives the text.
    fn veil(&self, tag: &[u8], text: &[u8]) -> Vec<u8> {
        let mut stream = vec![0; text.len()];
        let mut hasher = blake3::Hasher::new_keyed(&self.label_streams);
        hasher.update(tag).finalize_xof().fill(&mut stream);
        stream.iter().zip(text).map(|(a, b)| a ^ b).collect()
    }
}

/// The name of a text that is not in the entry, short enough for a line; the rest
/// as it is.
pub fn shortened(text: &str) -> String {
    /// Hexadecimal digits that a person compares.
    const SHOWN: usize = 12;
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(DIGEST_PREFIX) {
        let (before, found) = rest.split_at(at + DIGEST_PREFIX.len());
        let digits = found.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (hex, after) = found.split_at(digits);
        short.push_str(before);
        short.push_str(match digits {
            64 => hex.get(..SHOWN).unwrap_or(hex),
            _not_a_digest => hex,
        });
        rest = after;
    }
    short.push_str(rest);
    short
}

impl std::fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordKeys").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_with_its_own_keys_only() {
        let (keys, others) = (RecordKeys::new(&[1; 32]), RecordKeys::new(&[2; 32]));
        for label in ["", "pii", "sealed:AAAA", "\u{1}\u{1f512}", &"x".repeat(128)] {
            let kept = keys.seal_label(label);
            assert_eq!(keys.open_label(&kept).as_deref(), Ok(label));
            assert_eq!(others.open_label(&kept), Err(LabelError), "{label}");
            assert!(label.len() < 3 || !kept.contains(label), "{kept}");
            let mut torn = kept.clone();
            torn.pop();
            assert_eq!(keys.open_label(&torn), Err(LabelError), "{label}");
        }
        assert_eq!(keys.open_label("pii").as_deref(), Ok("pii"));
    }

    #[test]
    fn text_is_cut_and_then_named_whole() {
        let keys = RecordKeys::new(&[1; 32]);
        for (text, is_cut) in [
            ("short".to_owned(), false),
            ("x".repeat(TEXT_BYTES_MAX), false),
            ("x".repeat(TEXT_BYTES_MAX + 1), true),
            ("\u{1}".repeat(TEXT_BYTES_MAX), true),
        ] {
            let cut = keys.cut(&text);
            assert_eq!(cut != text, is_cut);
            assert_eq!(cut.contains(&keys.sealed(&text)), is_cut);
            for kept in [cut, keys.noted(&text)] {
                let json = serde_json::to_string(&kept).unwrap();
                assert!(json.len() < TEXT_BYTES_MAX + 128, "{} bytes", json.len());
            }
        }
        assert_eq!(keys.sealed("") + &keys.noted(""), "");
    }

    #[test]
    fn a_name_for_a_text_is_shortened_and_nothing_else() {
        let name = RecordKeys::new(&[1; 32]).sealed("abc");
        let short = shortened(&format!("a {name}: keyed: keyed:00 b"));
        let (digest, rest) = short.split_once(' ').unwrap().1.split_once(' ').unwrap();
        assert_eq!(digest.len(), "keyed:".len() + 12);
        assert_eq!(rest, "(3 bytes): keyed: keyed:00 b");
    }
}

//! The key that signs checkpoints, as signed notes write it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

/// Longest name of a log, in bytes: it stands in every checkpoint.
pub const NAME_BYTES_MAX: usize = 128;

/// Stands before a key that signs.
const PRIVATE: &str = "PRIVATE+KEY+";

/// Ed25519 over the text of a note.
const ALGORITHM: u8 = 1;

/// A key that signs the checkpoints of one log.
pub struct LogKey {
    name: String,
    key: SigningKey,
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has another form.
    #[error("it does not hold a key as signed notes write it")]
    Form,
    /// The name in it could not stand in a checkpoint.
    #[error("the name in it {0}")]
    Name(&'static str),
    /// What it says of itself is not so.
    #[error("the number in it belongs to another key or name")]
    Id,
}

/// Why a text cannot be the name of a log, if it cannot.
pub fn name_problem(name: &str) -> Option<&'static str> {
    let is_bad = |character: char| character.is_whitespace() || character.is_control();
    match name {
        "" => Some("is empty"),
        long if long.len() > NAME_BYTES_MAX => Some("is longer than 128 bytes"),
        name if name.contains('+') => Some("has a plus sign"),
        name if name.contains(is_bad) => Some("has spaces or control characters"),
        _good => None,
    }
}

// === impl LogKey ===

impl LogKey {
    /// The key of these 32 random bytes. A log without a name is named after its key, so
    /// that no two have the same.
    pub fn new(name: Option<&str>, secret: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(secret);
        let name = match name {
            Some(name) => name.to_owned(),
            None => {
                let digest = Sha256::digest(key.verifying_key().as_bytes());
                format!("gatewright/{}", hex(digest.get(..8).unwrap_or_default()))
            }
        };
        match name_problem(&name) {
            None => Ok(Self { name, key }),
            Some(problem) => Err(KeyError::Name(problem)),
        }
    }

    /// What [`LogKey::secret_text`] wrote.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let rest = text
            .trim_end()
            .strip_prefix(PRIVATE)
            .ok_or(KeyError::Form)?;
        let mut parts = rest.splitn(3, '+');
        let mut part = || parts.next().ok_or(KeyError::Form);
        let (name, id, secret) = (part()?, part()?, part()?);
        let secret = STANDARD.decode(secret).map_err(|_| KeyError::Form)?;
        let Some((&ALGORITHM, secret)) = secret.split_first() else {
            return Err(KeyError::Form);
        };
        let secret = <&[u8; 32]>::try_from(secret).map_err(|_| KeyError::Form)?;
        let key = Self::new(Some(name), secret)?;
        match hex(&key.id()) == id {
            true => Ok(key),
            false => Err(KeyError::Id),
        }
    }

    /// Who has this can sign.
    pub fn secret_text(&self) -> String {
        let secret = encoded(self.key.as_bytes());
        format!("{PRIVATE}{}+{}+{secret}\n", self.name, hex(&self.id()))
    }

    /// Who has this can check what was signed.
    pub fn public_text(&self) -> String {
        let public = encoded(self.key.verifying_key().as_bytes());
        format!("{}+{}+{public}", self.name, hex(&self.id()))
    }

    /// The name of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A line that signs this text.
    pub fn sign(&self, text: &str) -> String {
        let mut bytes = self.id().to_vec();
        bytes.extend(self.key.sign(text.as_bytes()).to_bytes());
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(bytes))
    }

    fn id(&self) -> [u8; 4] {
        let mut hasher = Sha256::new();
        hasher.update(self.name.as_bytes());
        hasher.update([b'\n', ALGORITHM]);
        hasher.update(self.key.verifying_key().as_bytes());
        let hash: [u8; 32] = hasher.finalize().into();
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }
}

impl std::fmt::Debug for LogKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.public_text())
    }
}

fn encoded(key: &[u8; 32]) -> String {
    let mut bytes = vec![ALGORITHM];
    bytes.extend_from_slice(key);
    STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_what_is_none_is_refused() {
        let key = LogKey::new(Some("example.com/log"), &[7; 32]).unwrap();
        let text = key.secret_text();
        let again = LogKey::parse(&text).unwrap();
        assert_eq!(again.public_text(), key.public_text());
        assert_eq!(again.sign("a\n"), key.sign("a\n"));
        let renamed = text.replace("example.com/log", "example.com/fog");
        for (text, error) in [
            ("", KeyError::Form),
            ("PRIVATE+KEY+a+00000000", KeyError::Form),
            ("PRIVATE+KEY+a+00000000+AAAA", KeyError::Form),
            (renamed.as_str(), KeyError::Id),
            (
                &text.replace("example.com/log", "a b"),
                KeyError::Name("has spaces or control characters"),
            ),
        ] {
            assert_eq!(LogKey::parse(text).map(|_| ()), Err(error), "{text}");
        }
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_log_without_a_name_is_named_after_its_key() {
        let names = [1, 2].map(|byte| LogKey::new(None, &[byte; 32]).unwrap().name().to_owned());
        assert_ne!(names[0], names[1]);
        for bad in ["", "a+b", "a b", "a\nb", &"x".repeat(129)] {
            assert!(LogKey::new(Some(bad), &[1; 32]).is_err(), "{bad}");
        }
    }
}

//! Finds secrets in a text, in time linear in its length.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::kind::Kind;
use crate::{assignment, connection, jwt, pem, token};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    assignments: bool,
    skip: BTreeSet<Kind>,
}

/// A secret, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What it is the key to.
    pub kind: Kind,
    /// Its bytes in the text.
    pub place: Range<usize>,
}

impl Scanner {
    /// Looks for all kinds but those to skip; for values that only their name
    /// gives away (`password = …`) if wanted.
    pub fn new(assignments: bool, skip: BTreeSet<Kind>) -> Self {
        Self { assignments, skip }
    }

    /// The secrets of a text, from left to right; they do not overlap.
    pub fn scan(&self, text: &str) -> Vec<Secret> {
        let mut secrets = Vec::new();
        // A secret ends the word before the next one: it is as if the text began
        // there.
        let mut begin = 0;
        let mut at = 0;
        while let Some(rest) = text.get(begin..) {
            let Some(byte) = rest.as_bytes().get(at) else {
                break;
            };
            match self.secret_at(rest, at, *byte) {
                Some(secret) => {
                    let place = begin + secret.place.start..begin + secret.place.end;
                    begin = place.end;
                    at = 0;
                    secrets.push(Secret { place, ..secret });
                }
                None => at += 1,
            }
        }
        secrets
    }

    /// Whether a member of this name holds a secret, whatever its value.
    pub(crate) fn is_secret_name(&self, name: &str) -> bool {
        self.assignments && !self.skip.contains(&Kind::Password) && assignment::is_secret_name(name)
    }

    /// The secret that a byte gives away. Each detector reads on only as far as
    /// what it reads can belong to the one secret, so that no byte is read more
    /// often than the longest prefix is long.
    fn secret_at(&self, text: &str, at: usize, byte: u8) -> Option<Secret> {
        let found = match byte {
            b'-' => pem::at(text, at),
            b':' | b'=' => connection::at(text, at).or_else(|| {
                self.assignments
                    .then(|| assignment::at(text, at))
                    .flatten()
                    // What is known by its form gets its own name.
                    .filter(|secret| token::at(text, secret.place.start).is_none())
            }),
            b'A'..=b'Z' | b'a'..=b'z' => token::at(text, at).or_else(|| jwt::at(text, at)),
            _ => None,
        };
        found.filter(|secret| !self.skip.contains(&secret.kind))
    }
}

/// Whether nothing that could belong to a token stands right before.
pub(crate) fn starts_a_word(text: &str, at: usize) -> bool {
    let before = at
        .checked_sub(1)
        .and_then(|before| text.as_bytes().get(before));
    !before.is_some_and(u8::is_ascii_alphanumeric)
}

/// How many of the bytes from `at` on belong to a set, at most `max`.
pub(crate) fn run(text: &str, at: usize, max: usize, belongs: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take(max)
        .take_while(|byte| belongs(**byte))
        .count()
}

//! A secret, and the text that it is looked for in.

use std::ops::Range;

use crate::kind::Kind;
use crate::reading::Reading;

/// A secret, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What it is the key to.
    pub kind: Kind,
    /// Its bytes in the text.
    pub place: Range<usize>,
}

/// What follows the last secret: it is as if the text began there.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a> {
    pub(crate) text: &'a str,
    pub(crate) begin: usize,
    pub(crate) reading: &'a Reading<'a>,
}

impl<'a> Rest<'a> {
    /// How deeply the ASCII character at a byte is escaped: the bytes it takes.
    pub(crate) fn depth(&self, at: usize) -> usize {
        self.written(&(at..at + 1)).len()
    }

    /// How a part is written.
    pub(crate) fn written(&self, place: &Range<usize>) -> &'a str {
        self.reading
            .written(&(self.begin + place.start..self.begin + place.end))
    }
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

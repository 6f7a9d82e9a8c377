//! What a guest asks about in one call, for whoever wants to know why it answered so.

use serde::Serialize;

/// Kept of one call; further ones are counted.
pub const READS_MAX: usize = 256;

/// One thing that a guest asked about, whether it is there or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Read {
    /// The fact, by its interface and its name there, as `caller.id`; or the document, as
    /// `arguments`.
    pub of: String,
    /// The place in the document, as a JSON Pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What a guest asked about in one call: each thing once, in the order of the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reads {
    /// What it asked about.
    pub reads: Vec<Read>,
    /// How many further ones were dropped.
    pub dropped: u32,
}

// === impl Reads ===

impl Reads {
    pub(crate) fn push(&mut self, of: String, at: Option<String>) {
        let read = Read { of, at };
        if self.reads.contains(&read) {
            return;
        }
        match self.reads.len() < READS_MAX {
            true => self.reads.push(read),
            false => self.dropped = self.dropped.saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{READS_MAX, Reads};

    #[test]
    fn each_thing_stands_once_and_there_is_an_end() {
        let mut reads = Reads::default();
        for place in 0..READS_MAX + 3 {
            reads.push("arguments".to_owned(), Some(format!("/{place}")));
            reads.push("arguments".to_owned(), Some("/0".to_owned()));
        }
        assert_eq!(reads.reads.len(), READS_MAX);
        assert_eq!(reads.dropped, 3);
    }
}

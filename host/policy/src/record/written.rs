//! An entry as the bytes of its line: canonical JSON (RFC 8785), so that there is one text of
//! it, whoever writes it.

use std::io::Write as _;

use serde::Serialize;

use super::Event;
use super::canonical::Canonical;
use crate::integer::EXACT_MAX;
use crate::timestamp::Timestamp;

/// An entry as it is written before anybody knows its place.
#[derive(Serialize)]
struct Placeless<'a> {
    at: Timestamp,
    #[serde(flatten)]
    event: &'a Event,
}

/// The line of an entry, but for its place in the record.
#[derive(Clone, Debug)]
pub struct Unplaced {
    text: Vec<u8>,
    /// Where its place goes. INVARIANT: a member is before it, since `at` is.
    place: usize,
}

/// A place that no entry has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no entry has the sequence {0}")]
pub struct SequenceError(pub u64);

// === impl Unplaced ===

impl Unplaced {
    /// What happened, as its line says it.
    pub fn of(at: Timestamp, event: &Event) -> serde_json::Result<Self> {
        let mut canonical = Canonical::new();
        Placeless { at, event }.serialize(&mut canonical)?;
        let place = canonical.place_of("sequence");
        Ok(Self {
            text: canonical.into_text(),
            place,
        })
    }

    /// How long it is, in bytes, without its place.
    pub const fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Appends the line, with its place and its line feed.
    pub fn write(&self, sequence: u64, buffer: &mut Vec<u8>) -> Result<(), SequenceError> {
        let parts = self.text.split_at_checked(self.place);
        let (before, after) = parts
            .filter(|_| sequence <= EXACT_MAX)
            .ok_or(SequenceError(sequence))?;
        buffer.extend_from_slice(before);
        let written = write!(buffer, ",\"sequence\":{sequence}");
        written.map_err(|_| SequenceError(sequence))?;
        buffer.extend_from_slice(after);
        buffer.push(b'\n');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Entry;
    use super::*;

    #[test]
    fn a_line_is_its_entry() {
        for (event, line) in [
            (Event::Stopped, r#"{"at":7,"event":"stopped","sequence":3}"#),
            (
                Event::Started {
                    version: "1".to_owned(),
                    record: 6,
                    key: None,
                },
                r#"{"at":7,"event":"started","record":6,"sequence":3,"version":"1"}"#,
            ),
        ] {
            let mut buffer = b"before\n".to_vec();
            let unplaced = Unplaced::of(Timestamp(7), &event).unwrap();
            unplaced.write(3, &mut buffer).unwrap();
            let text = String::from_utf8(buffer).unwrap();
            assert_eq!(text, format!("before\n{line}\n"));
            let entry = Entry::of_line(line.as_bytes()).unwrap();
            assert_eq!((entry.sequence, entry.event), (3, event));
        }
    }

    #[test]
    fn no_entry_has_a_place_that_is_not_exact() {
        let unplaced = Unplaced::of(Timestamp(7), &Event::Stopped).unwrap();
        let mut buffer = Vec::new();
        let beyond = EXACT_MAX + 1;
        let written = unplaced.write(beyond, &mut buffer);
        assert_eq!(written, Err(SequenceError(beyond)));
        assert!(buffer.is_empty());
        unplaced.write(EXACT_MAX, &mut buffer).unwrap();
        assert!(Entry::of_line(&buffer).is_ok());
    }
}

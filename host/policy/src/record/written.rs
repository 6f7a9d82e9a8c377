//! An entry as the bytes of its line: canonical JSON (RFC 8785), so that there is one text of
//! it, whoever writes it.

use std::io::Write as _;

use serde::Serialize;

use super::Event;
use super::canonical::Canonical;
use crate::integer::EXACT_MAX;
use crate::timestamp::Timestamp;

/// The line of an entry, but for its place in the record.
#[derive(Clone, Debug)]
pub struct Unplaced {
    text: Vec<u8>,
    /// Where its place goes. INVARIANT: a member is before it, since `at` is there.
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
        event.serialize(&mut canonical)?;
        // Beside what happened, and not flattened into it: nothing is put aside for that.
        canonical.add("at", &at)?;
        let place = canonical.place_of("sequence")?;
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

    /// Members in order are neither looked for nor copied again: the entries that each call
    /// has are declared so, and one that is added elsewhere is found here.
    #[test]
    fn what_fills_a_record_is_written_in_order() {
        let zero = format!("blake3:{}", "0".repeat(64));
        let opinions = format!(
            r#"[{{"binding":"b","blocked":true,"component":"{zero}","edits":1,"fuel":2,"mode":"enforce","notes":[{{"rule":"r","text":"t"}}],"verdict":{{"verdict":"allow"}}}}]"#
        );
        let labels = r#"[{"at":1,"label":"l","source":"b"}]"#;
        let kept = format!(r#"{{"digest":"{zero}","masked":true}}"#);
        for line in [
            format!(
                r#"{{"action":"{zero}","allowed_once_approved":true,"arguments":"{zero}","at":7,"caller":{{"agent":"a","claims":[{{"name":"n","values":["v"]}}],"credential":"{zero}","delegation":["d"],"expires_at":1,"issuer":"i","principal":"p","proof":"none","scopes":["*:*"],"session":"s","session_ends":1}},"claimed":"{zero}","decision":"allow","declassified":["l"],"definition":"{zero}","event":"decided","generation":1,"hints":{{"destructive":false,"idempotent":false,"open-world":false,"read-only":true,"sensitive":false,"untrusted":false}},"id":"1","judged":true,"kept":{kept},"labels":{labels},"message":"m","method":"tools/call","name":"n","opinions":{opinions},"parts":[{{"action":"{zero}","alone":"allow","message":"m","name":"n","opinions":{opinions},"reason":"forbidden"}}],"policies":"{zero}","reason":"forbidden","received_at":1,"seen":{{"calls":1,"history":"{zero}","labels":{labels}}},"sequence":3,"server":"s"}}"#
            ),
            format!(
                r#"{{"at":7,"changed":true,"event":"completed","id":"1","kept":{kept},"labels":{labels},"message":"m","opinions":{opinions},"outcome":"allowed","outcome_of":"0","reason":"result_withheld","result":"{zero}","returned":{{"charges":[],"received_at":1}},"sequence":3,"session":"s","settled":{{"charges":[],"received_at":1}}}}"#
            ),
            format!(
                r#"{{"at":7,"event":"labelled","id":"1","labels":{labels},"sequence":3,"session":"s"}}"#
            ),
        ] {
            let entry = Entry::of_line(line.as_bytes()).unwrap();
            let mut canonical = Canonical::new();
            entry.event.serialize(&mut canonical).unwrap();
            assert_eq!(canonical.sorts, 0, "{line}");
            let mut buffer = Vec::new();
            let unplaced = Unplaced::of(entry.at, &entry.event).unwrap();
            unplaced.write(entry.sequence, &mut buffer).unwrap();
            assert_eq!(String::from_utf8(buffer).unwrap(), line + "\n");
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

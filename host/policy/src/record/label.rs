//! Labels in entries: sealed, and opened again.

use std::sync::Arc;

use super::keys::{LabelError, RecordKeys};
use crate::request::Label;
use crate::sealed_label::SealedLabel;

impl RecordKeys {
    /// A label as an entry has it.
    pub fn seal(&self, label: &Label) -> SealedLabel {
        SealedLabel {
            name: self.seal_label(&label.name),
            source: label.source.as_deref().map(str::to_owned),
            at: label.at,
        }
    }

    /// The label in an entry.
    pub fn open(&self, sealed: &SealedLabel) -> Result<Label, LabelError> {
        Ok(Label {
            name: self.open_label(&sealed.name)?,
            source: sealed.source.as_deref().map(Arc::from),
            at: sealed.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    #[test]
    fn a_label_is_read_as_it_was_written_also_by_an_older_gate() {
        let keys = RecordKeys::new(&[7; 32]);
        let left = Label {
            name: "pii".to_owned(),
            source: Some(Arc::from("shield")),
            at: Some(Timestamp(5)),
        };
        for label in [left.clone(), Label::named("pii")] {
            let sealed = keys.seal(&label);
            let json = serde_json::to_string(&sealed).unwrap();
            assert!(!json.contains("pii"), "{json}");
            let read: SealedLabel = serde_json::from_str(&json).unwrap();
            assert_eq!(keys.open(&read), Ok(label), "{json}");
        }
        let json = serde_json::to_value(keys.seal(&left)).unwrap();
        assert_eq!(json["source"], "shield");
        assert_eq!(json["at"], 5);
        for older in [keys.seal_label("pii"), "pii".to_owned()] {
            let read: SealedLabel = serde_json::from_value(older.into()).unwrap();
            assert_eq!(keys.open(&read), Ok(Label::named("pii")));
        }
        let others = RecordKeys::new(&[8; 32]);
        assert_eq!(others.open(&keys.seal(&left)), Err(LabelError));
    }
}

//! A document in which some values are others, and every other byte stays.

use std::ops::Range;

use gatewright_policy::json::{Document, Value};

/// What stands elsewhere in a document.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    /// A text in place of a value.
    pub(super) fn text(&mut self, value: Value<'_>, text: &str) {
        self.json(value, serde_json::Value::from(text).to_string());
    }

    /// JSON in place of a value.
    pub(super) fn json(&mut self, value: Value<'_>, json: String) {
        self.0.push((value.span(), json));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of the document with all of them. No two are about values of which one is
    /// in the other.
    pub(super) fn applied(mut self, document: &Document) -> String {
        self.0.sort_by_key(|(span, _)| span.start);
        let text = document.text();
        let mut applied = String::with_capacity(text.len() + 64);
        let mut from = 0;
        for (span, json) in &self.0 {
            applied.push_str(text.get(from..span.start).unwrap_or_default());
            applied.push_str(json);
            from = span.end;
        }
        applied.push_str(text.get(from..).unwrap_or_default());
        applied
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::json::JsonLimits;

    use super::*;

    #[test]
    fn every_other_byte_stays() {
        let text = r#"{ "a" : "x" , "b":[1e2, {"c":"y"}],"d":"\u0041"}"#;
        let document = Document::parse(text, &JsonLimits::default()).unwrap();
        let mut splices = Splices::default();
        let root = document.root();
        let c = root.get("b").unwrap().elements().nth(1).unwrap();
        splices.text(c.get("c").unwrap(), "z\"");
        splices.json(root.get("a").unwrap(), "7".to_owned());
        let expected = r#"{ "a" : 7 , "b":[1e2, {"c":"z\""}],"d":"\u0041"}"#;
        assert_eq!(splices.applied(&document), expected);
        assert_eq!(Splices::default().applied(&document), text);
    }
}

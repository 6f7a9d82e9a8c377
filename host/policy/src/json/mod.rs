//! JSON documents that keep their bytes.
//!
//! What is judged must be what is sent, so a [`Document`] is the original text
//! and an index into it. Text that two parsers could read differently is
//! refused: duplicate member names, lone surrogates, anything RFC 8259 does not
//! allow. Numbers are never converted behind the reader's back.

mod canonical;
mod decimal;
mod edit;
mod error;
mod limits;
mod node;
mod parse;
mod pointer;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

pub use canonical::{CanonicalError, canonical, held_by_double};
pub use decimal::{Decimal, are_equal};
pub use edit::{EditError, apply_edits, redact};
pub use error::JsonError;
pub use limits::JsonLimits;
pub use node::Kind;
pub use pointer::{Pointer, PointerError, array_index};

use node::Node;

/// A parsed JSON text: its bytes, and where each value stands in them.
#[derive(Clone, Debug)]
pub struct Document {
    text: Arc<str>,
    nodes: Arc<[Node]>,
}

/// One value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    document: &'a Document,
    index: usize,
}

// === impl Document ===

impl Document {
    /// Parses strictly.
    pub fn parse(text: impl Into<Arc<str>>, limits: &JsonLimits) -> Result<Self, JsonError> {
        let text = text.into();
        let nodes = parse::index(&text, limits)?;
        Ok(Self {
            text,
            nodes: nodes.into(),
        })
    }

    /// Parses bytes that may not be UTF-8.
    pub fn parse_bytes(bytes: &[u8], limits: &JsonLimits) -> Result<Self, JsonError> {
        if bytes.len() > limits.bytes_max {
            return Err(JsonError::TooLong {
                bytes_max: limits.bytes_max,
            });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| JsonError::NotUtf8 {
            offset: error.valid_up_to(),
        })?;
        Self::parse(text, limits)
    }

    /// The document `{}`.
    pub fn empty_object() -> Self {
        let node = Node {
            kind: Kind::Object(0),
            escaped: false,
            start: 0,
            end: 2,
            next: 1,
        };
        Self {
            text: Arc::from("{}"),
            nodes: Arc::from([node]),
        }
    }

    /// The original text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The original text, shared.
    pub fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value {
            document: self,
            index: 0,
        }
    }

    /// The value at a pointer.
    pub fn at(&self, pointer: &Pointer<'_>) -> Option<Value<'_>> {
        pointer
            .tokens()
            .try_fold(self.root(), |value, token| value.child(&token))
    }

    /// The value at a place that [`Value::place`] gave.
    pub fn value(&self, place: usize) -> Option<Value<'_>> {
        (place < self.nodes.len()).then_some(Value {
            document: self,
            index: place,
        })
    }

    fn node(&self, index: usize) -> &Node {
        #[expect(
            clippy::indexing_slicing,
            reason = "indices come from `parse::index`, which wrote the table"
        )]
        &self.nodes[index]
    }

    fn nodes_of(&self, range: Range<usize>) -> &[Node] {
        #[expect(
            clippy::indexing_slicing,
            reason = "a value and what is in it, as `parse::index` wrote them"
        )]
        &self.nodes[range]
    }

    fn slice(&self, range: Range<usize>) -> &str {
        // Ranges come from `parse::index`, which read this text.
        &self.text[range]
    }
}

// === impl Value ===

impl<'a> Value<'a> {
    /// What stands here.
    pub fn kind(&self) -> Kind {
        self.node().kind
    }

    /// The JSON text of this value, as written.
    pub fn json(&self) -> &'a str {
        self.document.slice(self.span())
    }

    /// Finds the value again in its document ([`Document::value`]).
    pub const fn place(&self) -> usize {
        self.index
    }

    /// Where the JSON text stands in the document, in bytes.
    pub fn span(&self) -> Range<usize> {
        let node = self.node();
        node.start as usize..node.end as usize
    }

    /// This value as a document of its own.
    pub fn to_document(&self) -> Document {
        let base = self.node().start;
        let nodes = self
            .document
            .nodes_of(self.index..self.node().next as usize);
        let offset = parse::offset32(self.index);
        Document {
            text: Arc::from(self.json()),
            nodes: nodes
                .iter()
                .map(|node| Node {
                    start: node.start - base,
                    end: node.end - base,
                    next: node.next - offset,
                    ..*node
                })
                .collect(),
        }
    }

    /// The string that stands here, unescaped.
    pub fn as_text(&self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::Text).then(|| self.between_quotes())
    }

    /// The string that stands here, unescaped. Panics where something else does: ask the
    /// kind first.
    #[expect(
        clippy::expect_used,
        reason = "whoever asks has seen that it is a text"
    )]
    pub fn string(&self) -> Cow<'a, str> {
        self.as_text().expect("a value of the kind text")
    }

    /// What stands before and after this value in its document.
    pub fn around(&self) -> (&'a str, &'a str) {
        let span = self.span();
        let after = span.end..self.document.text.len();
        (
            self.document.slice(0..span.start),
            self.document.slice(after),
        )
    }

    /// The unescaped text of a string: of a value, or the name of a member.
    fn between_quotes(&self) -> Cow<'a, str> {
        let node = self.node();
        let inner = self
            .document
            .slice(node.start as usize + 1..node.end as usize - 1);
        match node.escaped {
            true => Cow::Owned(parse::unescape(inner)),
            false => Cow::Borrowed(inner),
        }
    }

    /// The integer that stands here, if it is written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        (self.kind() == Kind::Number && self.json() != "-0")
            .then(|| self.json().parse().ok())
            .flatten()
    }

    /// The boolean that stands here.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind() {
            Kind::Boolean(value) => Some(value),
            Kind::Null | Kind::Number | Kind::Text | Kind::Array(_) | Kind::Object(_) => None,
        }
    }

    /// The member of an object, or nothing.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.members()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// Names and values of an object, in order; nothing for other values.
    pub fn members(&self) -> impl Iterator<Item = (Cow<'a, str>, Value<'a>)> + use<'a> {
        let count = match self.kind() {
            Kind::Object(count) => count,
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text | Kind::Array(_) => 0,
        };
        let mut index = self.index + 1;
        let document = self.document;
        (0..count).map(move |_| {
            let name = Value { document, index };
            let value = Value {
                document,
                index: index + 1,
            };
            index = value.node().next as usize;
            (name.between_quotes(), value)
        })
    }

    /// Elements of an array, in order; nothing for other values.
    pub fn elements(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let count = match self.kind() {
            Kind::Array(count) => count,
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text | Kind::Object(_) => 0,
        };
        let mut index = self.index + 1;
        let document = self.document;
        (0..count).map(move |_| {
            let value = Value { document, index };
            index = value.node().next as usize;
            value
        })
    }

    /// The member or element that one pointer token names.
    fn child(&self, token: &str) -> Option<Value<'a>> {
        match self.kind() {
            Kind::Object(_) => self.get(token),
            Kind::Array(_) => self.elements().nth(pointer::array_index(token)?),
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => None,
        }
    }

    fn node(&self) -> &'a Node {
        self.document.node(self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_and_what_is_around_it_are_the_document() {
        let text = r#" { "a\u00e9" : [ 1 , {"b":"\ud83d\ude00\n"} ] , "c" : null } "#;
        let document = Document::parse(text, &JsonLimits::default()).unwrap();
        for pointer in ["", "/a\u{e9}", "/a\u{e9}/1", "/a\u{e9}/1/b", "/c"] {
            let value = document.at(&Pointer::parse(pointer).unwrap()).unwrap();
            let (before, after) = value.around();
            assert_eq!([before, value.json(), after].concat(), text, "{pointer}");
            let alone = value.to_document();
            let again = Document::parse(value.json(), &JsonLimits::default()).unwrap();
            assert_eq!(
                format!("{:?}", alone.nodes),
                format!("{:?}", again.nodes),
                "{pointer}"
            );
        }
    }

    #[test]
    fn every_escape_is_read_once_and_the_same_by_every_reader() {
        let text = r#""\"\\\/\b\f\n\r\t\u0041\uD834\udd1e""#;
        let document = Document::parse(text, &JsonLimits::default()).unwrap();
        let read = document.root().as_text().unwrap();
        assert_eq!(read, "\"\\/\u{8}\u{c}\n\r\tA\u{1d11e}");
        assert_eq!(read, serde_json::from_str::<String>(text).unwrap());
    }
}

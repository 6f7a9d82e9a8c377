//! What a tool server says a tool is: everything that stands in its list, with a digest.
//! A definition that somebody agreed to is pinned; another one is another tool.

mod differences;
mod twin;
mod unnamed;

use std::sync::Arc;

use crate::digest::Digest;
use crate::json::{Document, JsonLimits, Value, canonical};

pub use differences::differences;
pub use twin::{is_plain, twin_key};
pub use unnamed::unnamed;

/// Longest definition that is kept in words, in bytes. Of a longer one the digest is kept:
/// it is pinned and compared as any other, and nobody reads a schema in it.
pub const DEFINITION_BYTES_MAX: usize = 64 << 10;

/// Longest name of a tool that can be pinned, in bytes. MCP knows names of 128 characters.
pub const TOOL_NAME_BYTES_MAX: usize = 512;

/// How deep and how finely a definition is read.
const LIMITS: JsonLimits = JsonLimits {
    bytes_max: DEFINITION_BYTES_MAX,
    depth_max: 64,
    nodes_max: 1 << 15,
};

/// Begins what is digested where a number has no canonical text.
const AS_WRITTEN: &str = "as written\n";

/// A definition: all that the entry of a list says, descriptions, schemas, annotations and
/// what nobody knows yet.
#[derive(Clone, Debug)]
pub struct Definition {
    /// BLAKE3 of its canonical JSON (RFC 8785). Where a number in it has none, of the entry
    /// as it was written.
    pub digest: Digest,
    /// What it says; none where it is too long, or only its digest is known.
    pub document: Option<Document>,
}

/// The definition of a tool, as somebody agreed to it and as its server gives it now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defined {
    /// What is pinned.
    pub pinned: Option<Arc<Definition>>,
    /// What the tool server says now. Worth no more than the server is trusted.
    pub claimed: Option<Arc<Definition>>,
}

// === impl Definition ===

impl Definition {
    /// The definition in an entry of a list.
    pub fn of(entry: Value<'_>) -> Self {
        let digest = match canonical(entry, &[]) {
            Ok(text) => Digest::of(text.as_bytes()),
            // Whoever writes it otherwise has changed it: that errs on the safe side.
            Err(_) => Digest::of([AS_WRITTEN, entry.json()].concat().as_bytes()),
        };
        Self {
            digest,
            document: Self::read(entry.json()),
        }
    }

    /// One that is known by its digest, and by its text if there is one.
    pub fn known(digest: Digest, text: &str) -> Self {
        Self {
            digest,
            document: Self::read(text),
        }
    }

    fn read(text: &str) -> Option<Document> {
        Document::parse(text, &LIMITS).ok()
    }

    /// Its text; empty where only its digest is known.
    pub fn text(&self) -> &str {
        self.document.as_ref().map_or("", Document::text)
    }

    /// The JSON Schema of the arguments.
    pub fn schema(&self) -> Option<Value<'_>> {
        self.document.as_ref()?.root().get("inputSchema")
    }
}

/// Two are the same if their digests are.
impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Definition {}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(text: &str) -> Definition {
        Definition::of(
            Document::parse(text, &JsonLimits::default())
                .unwrap()
                .root(),
        )
    }

    #[test]
    fn only_what_it_says_makes_a_definition() {
        let one = definition(r#"{"name":"read","inputSchema":{"type":"object","maxLength":10}}"#);
        for (other, is_same) in [
            (
                r#"{ "inputSchema":{"maxLength":1e1,"type":"object"}, "name":"re\u0061d" }"#,
                true,
            ),
            (
                r#"{"name":"read","inputSchema":{"type":"object","maxLength":11}}"#,
                false,
            ),
            (
                r#"{"name":"Read","inputSchema":{"type":"object","maxLength":10}}"#,
                false,
            ),
            (
                r#"{"name":"read","inputSchema":{"type":"object","maxLength":10},"_meta":{}}"#,
                false,
            ),
            (
                r#"{"name":"read","title":"","inputSchema":{"type":"object","maxLength":10}}"#,
                false,
            ),
        ] {
            assert_eq!(definition(other) == one, is_same, "{other}");
        }
    }

    #[test]
    fn a_number_without_a_canonical_text_counts_as_it_is_written() {
        let one = definition(r#"{"name":"a","maximum":9223372036854775807}"#);
        let other = definition(r#"{"name":"a","maximum":9223372036854775808}"#);
        assert_ne!(one, other);
        assert_eq!(
            one,
            definition(r#"{"name":"a","maximum":9223372036854775807}"#)
        );
        // A double holds neither.
        assert_ne!(
            one,
            definition(r#"{"name":"a","maximum":9223372036854775806}"#)
        );
    }

    #[test]
    fn of_a_long_definition_the_digest_is_kept() {
        let long = "x".repeat(DEFINITION_BYTES_MAX);
        let one = definition(&format!(r#"{{"name":"a","description":"{long}"}}"#));
        let other = definition(&format!(r#"{{"name":"a","description":"{long}."}}"#));
        assert_ne!(one, other);
        assert!(one.text().is_empty() && one.schema().is_none());
        assert_eq!(Definition::known(one.digest, ""), one);
    }
}

//! A node that was found: its value, and the document that it is in.

use std::borrow::Cow;

use gatewright_policy::json::{Document, Kind, Pointer, Value};
use gatewright_policy::{Definition, Fault};
use wasmtime::component::Resource;

use super::bindings::gatewright::policy::json::Node;
use super::places;
use crate::fault::detail;
use crate::state::CallSubject;

/// What a node costs a guest, and the host, beside what finding it takes.
pub(super) const NODE_FUEL: usize = 20;

/// In a node: which document it is in. Documents have far fewer nodes than is left.
const IN_RESPONSE: u32 = 1 << 30;
const IN_PINNED: u32 = 2 << 30;
const IN_CLAIMED: u32 = 3 << 30;
const SOURCE: u32 = 3 << 30;

/// A document that a guest may read.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Arguments,
    Response,
    /// The definition of the tool that is pinned.
    Pinned,
    /// The one that its server gives.
    Claimed,
}

/// A value, and the document that it is in.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) source: Source,
    pub(super) value: Value<'a>,
}

/// What a lookup passed on its way, which it costs.
#[derive(Default)]
pub(super) struct Steps(pub(super) usize);

/// Most letters that one byte of a name takes in a message.
const ESCAPED: usize = 6;

// === impl Source ===

impl Source {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Arguments => "arguments",
            Self::Response => "response",
            Self::Pinned => "action.schema",
            Self::Claimed => "action.claimed",
        }
    }

    pub(super) fn root(self, subject: &CallSubject) -> Result<Found<'_>, Fault> {
        Ok(Found {
            source: self,
            value: self.document(subject)?.root(),
        })
    }

    fn document(self, subject: &CallSubject) -> Result<&Document, Fault> {
        let defined = &subject.request.action.defined;
        match self {
            Self::Arguments => Ok(&subject.request.arguments),
            Self::Pinned => kept(defined.pinned.as_deref()),
            Self::Claimed => kept(defined.claimed.as_deref()),
            Self::Response => match &subject.response {
                Some(response) => Ok(&response.document),
                // Only reviewers can import the interface, and they always have one.
                None => Err(Fault::Trapped("reading a response before one".to_owned())),
            },
        }
    }
}

/// The text of a definition that nodes were given out of.
fn kept(definition: Option<&Definition>) -> Result<&Document, Fault> {
    let nowhere = || Fault::Trapped("reading a definition that is not kept".to_owned());
    definition
        .and_then(|definition| definition.document.as_ref())
        .ok_or_else(nowhere)
}

// === impl Found ===

impl<'a> Found<'a> {
    pub(super) fn of(subject: &'a CallSubject, node: &Resource<Node>) -> Result<Self, Fault> {
        let source = match node.rep() & SOURCE {
            IN_RESPONSE => Source::Response,
            IN_PINNED => Source::Pinned,
            IN_CLAIMED => Source::Claimed,
            _in_arguments => Source::Arguments,
        };
        let place = usize::try_from(node.rep() & !SOURCE).ok();
        let document = source.document(subject)?;
        // Guests hold handles, and cannot make them up.
        let nowhere = || Fault::Trapped("using a node that is none".to_owned());
        let value = place.and_then(|place| document.value(place));
        value
            .map(|value| Self { source, value })
            .ok_or_else(nowhere)
    }

    /// The document and the place in it, as a person reads them.
    pub(super) fn stands_at(self, subject: &CallSubject) -> Option<(String, String)> {
        let document = self.source.document(subject).ok()?;
        let pointer = places::pointer_to(document, self.value.place())?;
        Some((self.source.name().to_owned(), pointer))
    }

    pub(super) fn node(self) -> Resource<Node> {
        // Documents have far fewer nodes.
        let place = u32::try_from(self.value.place()).unwrap_or(u32::MAX) & !SOURCE;
        Resource::new_own(match self.source {
            Source::Arguments => place,
            Source::Response => place | IN_RESPONSE,
            Source::Pinned => place | IN_PINNED,
            Source::Claimed => place | IN_CLAIMED,
        })
    }

    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        let values = self.value.members().map(|(_, value)| value);
        values.chain(self.value.elements()).map(move |value| Self {
            source: self.source,
            value,
        })
    }
}

// === impl Steps ===

impl Steps {
    pub(super) fn find<'a>(
        &mut self,
        from: Found<'a>,
        pointer: &str,
    ) -> Result<Option<Found<'a>>, Fault> {
        let bad = |error: gatewright_policy::json::PointerError| {
            Fault::BadPointer(detail(error.to_string()))
        };
        let pointer = Pointer::parse(pointer).map_err(bad)?;
        let mut found = Some(from);
        for token in pointer.tokens() {
            let Some(from) = found else {
                return Ok(None);
            };
            found = match from.value.kind() {
                Kind::Object(_) => self.member(from, &token),
                Kind::Array(_) => {
                    let index = gatewright_policy::json::array_index(&token);
                    let index = index.and_then(|index| u32::try_from(index).ok());
                    index.and_then(|index| self.child(from, index))
                }
                Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => None,
            };
        }
        Ok(found)
    }

    pub(super) fn member<'a>(&mut self, from: Found<'a>, name: &str) -> Option<Found<'a>> {
        // A name with escapes is read anew at each look: what that takes counts.
        let mut members = from.value.members().inspect(|(known, _)| {
            self.0 += match known {
                Cow::Borrowed(_) => 1,
                Cow::Owned(name) => 1 + name.len().saturating_mul(ESCAPED),
            };
        });
        let (_, value) = members.find(|(known, _)| known == name)?;
        Some(Found {
            source: from.source,
            value,
        })
    }

    pub(super) fn child<'a>(&mut self, from: Found<'a>, index: u32) -> Option<Found<'a>> {
        let index = usize::try_from(index).ok()?;
        from.children().inspect(|_| self.0 += 1).nth(index)
    }
}

//! JSON as nodes. A node is a place in a document of the call, and nothing that the host
//! keeps: what a guest holds of them is bounded by the fuel that each one costs.

use std::borrow::Cow;

use gatewright_policy::Definition;
use gatewright_policy::Fault;
use gatewright_policy::json::{Document, Kind, Pointer, Value};
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType};

use super::super::fuel::{Host, charge, subject};
use super::bindings::gatewright::policy::json::{self, Node};
use super::bindings::gatewright::policy::response;
use super::interface::interface;
use super::values;
use crate::fault::detail;
use crate::state::{CallState, CallSubject};
use gatewright_policy::ResponseKind;

/// What a node costs a guest, and the host, beside what finding it takes.
const NODE_FUEL: usize = 20;

/// In a node: which document it is in. Documents have far fewer nodes than is left.
const IN_RESPONSE: u32 = 1 << 30;
const IN_PINNED: u32 = 2 << 30;
const IN_CLAIMED: u32 = 3 << 30;
const SOURCE: u32 = 3 << 30;

/// A document that a guest may read.
#[derive(Clone, Copy)]
enum Source {
    Arguments,
    Response,
    /// The definition of the tool that is pinned.
    Pinned,
    /// The one that its server gives.
    Claimed,
}

/// A value, and the document that it is in.
#[derive(Clone, Copy)]
struct Found<'a> {
    source: Source,
    value: Value<'a>,
}

/// What a lookup passed on its way, which it costs.
#[derive(Default)]
struct Steps(usize);

/// Most letters that one byte of a name takes in a message.
const ESCAPED: usize = 6;

/// Links `json`, `arguments` and `response`.
pub(super) fn link(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    link_node(&mut linker.instance(&interface("json"))?)?;
    link_source(
        &mut linker.instance(&interface("arguments"))?,
        Source::Arguments,
    )?;
    let mut response = linker.instance(&interface("response"))?;
    link_source(&mut response, Source::Response)?;
    response.func_wrap("is-error", |mut host: Host<'_>, ()| {
        let response = subject(&host)?.response.as_ref();
        let is_error = response.is_some_and(|response| response.is_error);
        charge(&mut host, 0)?;
        Ok((is_error,))
    })?;
    response.func_wrap("kind", |mut host: Host<'_>, ()| {
        let response = subject(&host)?.response.as_ref();
        let kind = match response.map(|response| &response.kind) {
            // Only reviewers can import the interface, and they always have one.
            Some(ResponseKind::Final) | None => response::ResponseKind::Final,
            Some(ResponseKind::Error) => response::ResponseKind::Error,
            Some(ResponseKind::Notification(method)) => {
                response::ResponseKind::Notification(method.clone())
            }
        };
        charge(&mut host, 0)?;
        Ok((kind,))
    })
}

fn link_source(
    interface: &mut LinkerInstance<'_, CallState>,
    source: Source,
) -> wasmtime::Result<()> {
    interface.func_wrap("root", move |mut host: Host<'_>, ()| {
        let root = source.root(subject(&host)?)?.node();
        charge(&mut host, NODE_FUEL)?;
        Ok((root,))
    })?;
    interface.func_wrap("get", move |mut host: Host<'_>, (pointer,): (String,)| {
        let mut steps = Steps::default();
        let found = steps.find(source.root(subject(&host)?)?, &pointer)?;
        let value = found.map(|found| values::value(found.value));
        let copied = match &value {
            Some(json::Value::Text(text) | json::Value::Number(text)) => text.len(),
            _ => 0,
        };
        charge(&mut host, pointer.len() + steps.0 + copied)?;
        Ok((value,))
    })?;
    interface.func_wrap("json", move |mut host: Host<'_>, (pointer,): (String,)| {
        let mut steps = Steps::default();
        let found = steps.find(source.root(subject(&host)?)?, &pointer)?;
        let text = found.map(|found| found.value.json().to_owned());
        let copied = text.as_ref().map_or(0, String::len);
        charge(&mut host, pointer.len() + steps.0 + copied)?;
        Ok((text,))
    })
}

/// Links what is known of the definition of the tool.
pub(super) fn link_definitions(action: &mut LinkerInstance<'_, CallState>) -> wasmtime::Result<()> {
    action.func_wrap("schema", |mut host: Host<'_>, ()| {
        let defined = &subject(&host)?.request.action.defined;
        let schema = defined.pinned.as_deref().and_then(Definition::schema);
        let node = schema.map(|value| {
            let found = Found {
                source: Source::Pinned,
                value,
            };
            found.node()
        });
        charge(&mut host, NODE_FUEL)?;
        Ok((node,))
    })?;
    action.func_wrap("claimed", |mut host: Host<'_>, ()| {
        let defined = &subject(&host)?.request.action.defined;
        let is_kept = defined
            .claimed
            .as_ref()
            .is_some_and(|it| it.document.is_some());
        let node = match is_kept {
            true => Some(Source::Claimed.root(subject(&host)?)?.node()),
            false => None,
        };
        charge(&mut host, NODE_FUEL)?;
        Ok((node,))
    })
}

fn link_node(interface: &mut LinkerInstance<'_, CallState>) -> wasmtime::Result<()> {
    let gone = |_: Host<'_>, _| Ok(());
    interface.resource("node", ResourceType::host::<Node>(), gone)?;
    method(interface, "kind", |found, ()| {
        Ok((values::kind(found.value.kind()), 0))
    })?;
    method(interface, "value", |found, ()| {
        let value = values::value(found.value);
        let copied = match &value {
            json::Value::Text(text) | json::Value::Number(text) => text.len(),
            json::Value::Null
            | json::Value::Boolean(_)
            | json::Value::Integer(_)
            | json::Value::Array(_)
            | json::Value::Object(_) => 0,
        };
        Ok((value, copied))
    })?;
    method(interface, "len", |found, ()| {
        let (length, walked) = match found.value.kind() {
            Kind::Array(count) | Kind::Object(count) => (count, 0),
            Kind::Text => {
                let text = found.value.string();
                (u32::try_from(text.len()).unwrap_or(u32::MAX), text.len())
            }
            Kind::Null | Kind::Boolean(_) | Kind::Number => (0, 0),
        };
        Ok((length, walked))
    })?;
    method(interface, "get", |found, (pointer,): (String,)| {
        let mut steps = Steps::default();
        let node = steps.find(found, &pointer)?.map(Found::node);
        Ok((node, NODE_FUEL + pointer.len() + steps.0))
    })?;
    method(interface, "member", |found, (name,): (String,)| {
        let mut steps = Steps::default();
        let node = steps.member(found, &name).map(Found::node);
        Ok((node, NODE_FUEL + name.len() + steps.0))
    })?;
    method(interface, "at", |found, (index,): (u32,)| {
        let mut steps = Steps::default();
        let node = steps.child(found, index).map(Found::node);
        Ok((node, NODE_FUEL + steps.0))
    })?;
    method(interface, "children", |found, ()| {
        let nodes: Vec<_> = found.children().map(Found::node).collect();
        let cost = nodes.len().saturating_mul(NODE_FUEL);
        Ok((nodes, cost))
    })?;
    method(interface, "keys", |found, ()| {
        let names = found.value.members().map(|(name, _)| name.into_owned());
        let names: Vec<String> = names.collect();
        let copied = names.iter().map(|name| name.len() + 1).sum();
        Ok((names, copied))
    })?;
    method(interface, "text", |found, ()| {
        let text = found.value.as_text().map(|text| text.into_owned());
        let copied = text.as_ref().map_or(0, String::len);
        Ok((text, copied))
    })?;
    method(interface, "json", |found, ()| {
        let text = found.value.json().to_owned();
        let copied = text.len();
        Ok((text, copied))
    })
}

/// A function of nodes: gives what it found, and what finding it cost.
fn method<P, R>(
    interface: &mut LinkerInstance<'_, CallState>,
    name: &str,
    read: fn(Found<'_>, P) -> Result<(R, usize), Fault>,
) -> wasmtime::Result<()>
where
    (Resource<Node>, P): Arguments<P>,
    R: wasmtime::component::Lower + wasmtime::component::ComponentType + Send + 'static,
    P: 'static,
    <(Resource<Node>, P) as Arguments<P>>::Lifted:
        wasmtime::component::ComponentNamedList + wasmtime::component::Lift + Send + Sync + 'static,
    (R,): wasmtime::component::ComponentNamedList + wasmtime::component::Lower,
{
    let name = format!("[method]node.{name}");
    interface.func_wrap(
        &name,
        move |mut host: Host<'_>, lifted: <(Resource<Node>, P) as Arguments<P>>::Lifted| {
            let (node, arguments) = <(Resource<Node>, P) as Arguments<P>>::split(lifted);
            let (found, cost) = read(Found::of(subject(&host)?, &node)?, arguments)?;
            charge(&mut host, cost)?;
            Ok((found,))
        },
    )
}

/// What a method gets, as wasmtime lifts it.
trait Arguments<P> {
    type Lifted;
    fn split(lifted: Self::Lifted) -> (Resource<Node>, P);
}

impl Arguments<()> for (Resource<Node>, ()) {
    type Lifted = (Resource<Node>,);
    fn split((node,): Self::Lifted) -> (Resource<Node>, ()) {
        (node, ())
    }
}

impl<T> Arguments<(T,)> for (Resource<Node>, (T,)) {
    type Lifted = (Resource<Node>, T);
    fn split((node, argument): Self::Lifted) -> (Resource<Node>, (T,)) {
        (node, (argument,))
    }
}

// === impl Source ===

impl Source {
    fn root(self, subject: &CallSubject) -> Result<Found<'_>, Fault> {
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
    fn of(subject: &'a CallSubject, node: &Resource<Node>) -> Result<Self, Fault> {
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

    fn node(self) -> Resource<Node> {
        // Documents have far fewer nodes.
        let place = u32::try_from(self.value.place()).unwrap_or(u32::MAX) & !SOURCE;
        Resource::new_own(match self.source {
            Source::Arguments => place,
            Source::Response => place | IN_RESPONSE,
            Source::Pinned => place | IN_PINNED,
            Source::Claimed => place | IN_CLAIMED,
        })
    }

    fn children(self) -> impl Iterator<Item = Self> {
        let values = self.value.members().map(|(_, value)| value);
        values.chain(self.value.elements()).map(move |value| Self {
            source: self.source,
            value,
        })
    }
}

// === impl Steps ===

impl Steps {
    fn find<'a>(&mut self, from: Found<'a>, pointer: &str) -> Result<Option<Found<'a>>, Fault> {
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

    fn member<'a>(&mut self, from: Found<'a>, name: &str) -> Option<Found<'a>> {
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

    fn child<'a>(&mut self, from: Found<'a>, index: u32) -> Option<Found<'a>> {
        let index = usize::try_from(index).ok()?;
        from.children().inspect(|_| self.0 += 1).nth(index)
    }
}

//! JSON as nodes. A node is a place in a document of the call, and nothing that the host
//! keeps: what a guest holds of them is bounded by the fuel that each one costs.

use gatewright_policy::Definition;
use gatewright_policy::Fault;
use gatewright_policy::json::Kind;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType};

use super::super::fuel::{Host, charge, note, subject};
use super::bindings::gatewright::policy::json::{self, Node};
use super::bindings::gatewright::policy::response;
use super::found::{Found, NODE_FUEL, Source, Steps};
use super::interface::interface;
use super::places;
use super::values;
use crate::state::CallState;
use gatewright_policy::ResponseKind;

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
        note(&mut host, |_| Some(("response.is-error".to_owned(), None)));
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
        note(&mut host, |_| Some(("response.kind".to_owned(), None)));
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
        note(&mut host, |_| {
            Some((source.name().to_owned(), Some(pointer)))
        });
        Ok((value,))
    })?;
    interface.func_wrap("json", move |mut host: Host<'_>, (pointer,): (String,)| {
        let mut steps = Steps::default();
        let found = steps.find(source.root(subject(&host)?)?, &pointer)?;
        let text = found.map(|found| found.value.json().to_owned());
        let copied = text.as_ref().map_or(0, String::len);
        charge(&mut host, pointer.len() + steps.0 + copied)?;
        note(&mut host, |_| {
            Some((source.name().to_owned(), Some(pointer)))
        });
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
    method(interface, "kind", itself, |found, ()| {
        Ok((values::kind(found.value.kind()), 0))
    })?;
    method(interface, "value", itself, |found, ()| {
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
    method(interface, "len", itself, |found, ()| {
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
    method(
        interface,
        "get",
        at_pointer,
        |found, (pointer,): (String,)| {
            let mut steps = Steps::default();
            let node = steps.find(found, &pointer)?.map(Found::node);
            Ok((node, NODE_FUEL + pointer.len() + steps.0))
        },
    )?;
    method(
        interface,
        "member",
        at_member,
        |found, (name,): (String,)| {
            let mut steps = Steps::default();
            let node = steps.member(found, &name).map(Found::node);
            Ok((node, NODE_FUEL + name.len() + steps.0))
        },
    )?;
    method(interface, "at", at_element, |found, (index,): (u32,)| {
        let mut steps = Steps::default();
        let node = steps.child(found, index).map(Found::node);
        Ok((node, NODE_FUEL + steps.0))
    })?;
    method(interface, "children", itself, |found, ()| {
        let nodes: Vec<_> = found.children().map(Found::node).collect();
        let cost = nodes.len().saturating_mul(NODE_FUEL);
        Ok((nodes, cost))
    })?;
    method(interface, "keys", itself, |found, ()| {
        let names = found.value.members().map(|(name, _)| name.into_owned());
        let names: Vec<String> = names.collect();
        let copied = names.iter().map(|name| name.len() + 1).sum();
        Ok((names, copied))
    })?;
    method(interface, "text", itself, |found, ()| {
        let text = found.value.as_text().map(|text| text.into_owned());
        let copied = text.as_ref().map_or(0, String::len);
        Ok((text, copied))
    })?;
    method(interface, "json", itself, |found, ()| {
        let text = found.value.json().to_owned();
        let copied = text.len();
        Ok((text, copied))
    })
}

fn itself((): &()) -> String {
    String::new()
}

fn at_pointer((pointer,): &(String,)) -> String {
    pointer.clone()
}

fn at_member((name,): &(String,)) -> String {
    places::member(name)
}

fn at_element((index,): &(u32,)) -> String {
    places::element(index)
}

/// A function of nodes: what it asks about, from the node on; and what gives what it found,
/// and what finding it cost.
fn method<P, R>(
    interface: &mut LinkerInstance<'_, CallState>,
    name: &str,
    asked: fn(&P) -> String,
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
            note(&mut host, |subject| {
                let (of, pointer) = Found::of(subject, &node).ok()?.stands_at(subject)?;
                Some((of, Some(pointer + &asked(&arguments))))
            });
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

//! The arguments beside `/do`.

use gatewright_sdk::{Node, Request, Value};

/// The text at a pointer; what is no text is empty.
pub(crate) fn text(request: &Request, pointer: &str) -> String {
    match request.get(pointer) {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    }
}

/// Where to look.
pub(crate) fn pointer(request: &Request) -> String {
    text(request, "/pointer")
}

/// What stands where to look.
pub(crate) fn node(request: &Request) -> Option<Node> {
    request.root().get(pointer(request))
}

/// Which place; what is no place is the first.
pub(crate) fn index(request: &Request) -> u32 {
    match request.get("/index") {
        Some(Value::Integer(index)) => u32::try_from(index).unwrap_or_default(),
        _ => 0,
    }
}

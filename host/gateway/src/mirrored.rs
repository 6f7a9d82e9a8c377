//! Which tool parameters a server wants mirrored in headers (`x-mcp-header` in
//! a tool's input schema), learnt from the lists that pass the gate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gatewright_policy::json::Value;
use hyper::header::HeaderName;

/// How the headers of parameters begin.
pub(crate) const PARAM_PREFIX: &str = "mcp-param-";

/// One parameter and its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mirrored {
    /// `mcp-param-...`
    pub(crate) header: HeaderName,
    /// JSON Pointer into the arguments.
    pub(crate) pointer: String,
}

/// By server and tool.
type Known = HashMap<(Arc<str>, String), Arc<[Mirrored]>>;

/// What is known of all servers.
#[derive(Debug, Default)]
pub(crate) struct MirroredParams {
    tools: Mutex<Known>,
}

/// Most tools remembered; when there are more, all are forgotten and learnt
/// again. Forgetting is safe: a header that the gate cannot make of the message
/// does not go on, and a server that wants it refuses the call.
const TOOLS_MAX: usize = 4096;

/// Most mirrored parameters of one tool.
const PARAMS_MAX: usize = 64;

/// Deepest parameter that is looked at.
const DEPTH_MAX: usize = 8;

impl MirroredParams {
    /// What is known of a tool.
    pub(crate) fn of(&self, server: &Arc<str>, tool: &str) -> Arc<[Mirrored]> {
        let tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Arc::clone(server), tool.to_owned());
        tools.get(&key).map_or_else(|| Arc::from([]), Arc::clone)
    }

    /// Learns from the entries of a `tools/list`.
    pub(crate) fn learn(&self, server: &Arc<str>, entries: Value<'_>) {
        for tool in entries.elements() {
            let Some(name) = tool.get("name").and_then(|name| name.as_text()) else {
                continue;
            };
            let mut found = Vec::new();
            if let Some(schema) = tool.get("inputSchema") {
                collect(schema, "", 0, &mut found);
            }
            let key = (Arc::clone(server), name.into_owned());
            let mut tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner);
            if found.is_empty() {
                tools.remove(&key);
                continue;
            }
            if tools.len() >= TOOLS_MAX {
                tools.clear();
            }
            tools.insert(key, found.into());
        }
    }
}

/// The header of a tool parameter, if that is a header name.
fn param_header(name: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(format!("{PARAM_PREFIX}{name}").as_bytes()).ok()
}

/// Annotations count only on chains of `properties`.
fn collect(schema: Value<'_>, pointer: &str, depth: usize, found: &mut Vec<Mirrored>) {
    let Some(properties) = schema.get("properties").filter(|_| depth < DEPTH_MAX) else {
        return;
    };
    for (name, property) in properties.members() {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        let header = property
            .get("x-mcp-header")
            .and_then(|header| header.as_text());
        if let Some(header) = header.and_then(|header| param_header(&header))
            && found.len() < PARAMS_MAX
        {
            found.push(Mirrored {
                header,
                pointer: pointer.clone(),
            });
        }
        collect(property, &pointer, depth + 1, found);
    }
}

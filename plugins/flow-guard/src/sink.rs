//! Which calls send something out or change something.

use gatewright_sdk::{Hints, Pattern, Pointer, Request};
use serde::Deserialize;

/// What a call can do with what a session has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It can carry data out.
    Sends,
    /// It can change things.
    Changes,
}

/// Tools that the operator names as sinks. A list of patterns that is empty fits everything.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sink {
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    /// What they can do; none: nothing.
    #[serde(default = "both")]
    pub(crate) is: Vec<Kind>,
    /// Arguments that say where they send, beside those that are pinned.
    #[serde(default)]
    pub(crate) targets: Vec<Pointer>,
    /// Arguments that are handed on as they are, beside those that are pinned.
    #[serde(default)]
    pub(crate) contents: Vec<Pointer>,
}

/// Tools that are no sinks, whatever is pinned about them.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Excepted {
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
}

/// What is asked about a call, read once.
pub(crate) struct Call {
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) is_tool: bool,
}

// === impl Call ===

impl Call {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            server: request.server(),
            name: request.name(),
            is_tool: matches!(request.method().as_str(), "tools/call" | "tools/list"),
        }
    }

    /// Whether these patterns are about it; no servers are all servers.
    pub(crate) fn is_of(&self, servers: &[Pattern], tools: &[Pattern]) -> bool {
        let fits =
            |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
        fits(tools, &self.name) && (servers.is_empty() || fits(servers, &self.server))
    }
}

// === impl Sink ===

impl Sink {
    pub(crate) fn has(&self, call: &Call) -> bool {
        call.is_of(&self.servers, &self.tools)
    }

    pub(crate) fn names_no_tool(&self) -> bool {
        self.tools.is_empty()
    }
}

// === impl Excepted ===

impl Excepted {
    fn has(&self, call: &Call) -> bool {
        call.is_of(&self.servers, &self.tools)
    }

    pub(crate) fn names_no_tool(&self) -> bool {
        self.tools.is_empty()
    }
}

pub(crate) fn both() -> Vec<Kind> {
    vec![Kind::Sends, Kind::Changes]
}

// === impl Kind ===

impl Kind {
    /// In words, for a sentence.
    pub(crate) fn names(kinds: &[Self]) -> &'static str {
        match (kinds.contains(&Self::Sends), kinds.contains(&Self::Changes)) {
            (true, true) => "can send data out and change things",
            (true, false) => "can send data out",
            (false, _) => "can change things",
        }
    }
}

/// What a call can do: by the operator's settings, or else by what is pinned about it,
/// where that counts.
pub(crate) fn of(
    sinks: &[Sink],
    except: &[Excepted],
    hints: Option<Hints>,
    call: &Call,
) -> Vec<Kind> {
    if except.iter().any(|tools| tools.has(call)) {
        return Vec::new();
    }
    let mut named = sinks.iter().filter(|sink| sink.has(call));
    if let Some(first) = named.next() {
        let mut kinds = first.is.clone();
        kinds.extend(named.flat_map(|sink| sink.is.iter().copied()));
        return kinds;
    }
    hints.map_or_else(Vec::new, |hints| by_hints(hints, call.is_tool))
}

/// A tool that nobody pinned can do both. Other methods read: they are sinks only where
/// something is pinned.
fn by_hints(hints: Hints, is_tool: bool) -> Vec<Kind> {
    let says = Hints::READ_ONLY | Hints::DESTRUCTIVE | Hints::OPEN_WORLD;
    let is_unpinned = is_tool && !hints.intersects(says);
    let sends = hints.contains(Hints::OPEN_WORLD) || is_unpinned;
    let changes =
        hints.contains(Hints::DESTRUCTIVE) || (is_tool && !hints.contains(Hints::READ_ONLY));
    let kinds = [(sends, Kind::Sends), (changes, Kind::Changes)];
    kinds
        .into_iter()
        .filter_map(|(is, kind)| is.then_some(kind))
        .collect()
}

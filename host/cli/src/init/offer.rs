//! What a tool server has, as its binding lists it.

use gatewright_engine::Engine;
use gatewright_policy::Digest;
use serde_json::Value;

use crate::output::visible;

/// What a server has.
#[derive(Clone, Debug, Default)]
pub(super) struct Offer {
    /// Its tools, with the digests of their definitions.
    pub(super) tools: Vec<(String, Digest)>,
    /// Names of its prompts.
    prompts: Vec<String>,
    /// Whether it has resources.
    resources: bool,
    /// How many names there were that cannot be listed.
    pub(super) odd: usize,
}

/// Longest name that is listed, in bytes.
const NAME_BYTES_MAX: usize = 256;

impl Offer {
    /// What a binding lists so that all of it goes through.
    pub(super) fn names(&self) -> Vec<String> {
        let tools = self.tools.iter().map(|(name, _)| name.clone());
        let mut names: Vec<_> = tools.chain(self.prompts.iter().cloned()).collect();
        if self.resources {
            // Resources are named by their URIs.
            names.push("*://*".to_owned());
        }
        names
    }

    /// What the engine learned of the tools of a server, and what else it lists.
    pub(super) fn of(engine: &Engine, server: &str, lists: &Value) -> Self {
        let mut offer = Self {
            resources: lists["resources"].is_array(),
            ..Self::default()
        };
        let listed = engine.list_tools(Some(server)).into_iter();
        for tool in listed.flat_map(|server| server.tools) {
            match tool.claimed {
                Some(digest) if can_be_listed(&tool.name) => offer.tools.push((tool.name, digest)),
                Some(_) => offer.odd += 1,
                None => {}
            }
        }
        let prompts = lists["prompts"].as_array().into_iter().flatten();
        for prompt in prompts.filter_map(|prompt| prompt["name"].as_str()) {
            match can_be_listed(prompt) {
                true => offer.prompts.push(prompt.to_owned()),
                false => offer.odd += 1,
            }
        }
        offer
    }
}

/// Whether a name means only itself, in a file and at a terminal.
fn can_be_listed(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c == '*';
    (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains(is_odd) && visible(name) == name
}

//! What is written: a binding with the settings of the policy.

use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A file with one binding.
#[derive(Debug, Serialize)]
pub(super) struct File {
    pub(super) binding: [Binding; 1],
}

/// The binding.
#[derive(Debug, Serialize)]
pub(super) struct Binding {
    pub(super) name: String,
    pub(super) policy: String,
    pub(super) servers: Vec<String>,
    pub(super) authority: Vec<&'static str>,
    pub(super) settings: Map<String, Json>,
}

/// The text of the file, with lines before it that say where it is from.
pub(super) fn text(binding: Binding, from: &str) -> anyhow::Result<String> {
    let file = File { binding: [binding] };
    let written = toml::to_string_pretty(&file)?;
    let from: Vec<_> = from.lines().map(|line| format!("# {line}")).collect();
    Ok(format!("{}\n{}", from.join("\n"), written.trim_end()))
}

//! TOML files that an author writes, and errors that name file, line and fix.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::de::DeserializeOwned;

use crate::failure::Advise as _;

/// Reads a file; `remedy` is what to do about a key that is wrong.
pub(crate) fn read<T: DeserializeOwned>(path: &Path, remedy: &str) -> anyhow::Result<T> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{name}` cannot be read"))
        .hint(remedy)?;
    toml::from_str(&text).or_else(|error| {
        let message = error.message().trim().replace('\n', "; ");
        let line = error.span().map(|span| line_at(&text, span.start));
        let place = line.map_or_else(|| name.to_string(), |line| format!("{name}:{line}"));
        let hint = match message.contains("unknown field") {
            true => format!("remove the key, or use one of those named here; {remedy}"),
            false => remedy.to_owned(),
        };
        Err(anyhow!("{place}: {message}")).hint(hint)
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

//! TOML files that an author writes, and errors that name file, line and fix.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::de::DeserializeOwned;

use crate::failure::Advise as _;

/// A TOML file that was read: what it says, and its text to find lines in.
pub(crate) struct TomlFile<T> {
    /// What it says.
    pub(crate) content: T,
    /// As it was called.
    name: String,
    text: String,
}

impl<T: DeserializeOwned> TomlFile<T> {
    /// Reads a file; `remedy` is what to do about a key that is wrong.
    pub(crate) fn read(path: &Path, remedy: &str) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("`{name}` cannot be read"))?;
        match toml::from_str(&text) {
            Ok(content) => Ok(Self {
                content,
                name,
                text,
            }),
            Err(error) => {
                let message = error.message().trim().replace('\n', "; ");
                let line = error.span().map(|span| line_at(&text, span.start));
                let place = line.map_or_else(|| name.clone(), |line| format!("{name}:{line}"));
                let hint = match message.contains("unknown field") {
                    true => {
                        format!("remove the key, or use one of those named here; {remedy}")
                    }
                    false => remedy.to_owned(),
                };
                Err(anyhow!("{place}: {message}")).hint(hint)
            }
        }
    }
}

impl<T> TomlFile<T> {
    /// The line of a place in the file, starting at 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        line_at(&self.text, offset)
    }

    /// An error about a line of the file.
    pub(crate) fn wrong<U>(&self, line: usize, message: &str, hint: &str) -> anyhow::Result<U> {
        Err(anyhow!("{}:{line}: {message}", self.name)).hint(hint)
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}

//! The schema of a policy's settings, as it stands in the policy's folder.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use serde_json::Value;

use super::Schema;
use crate::failure::Advise as _;

/// Reads a file, if it is there.
pub(crate) fn settings(path: &Path) -> Result<Option<Schema>> {
    let name = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error)
                .with_context(|| format!("`{name}` cannot be read"))
                .hint("make it a file of UTF-8 text, or remove it");
        }
    };
    let schema = serde_json::from_str(&text).map_err(|error| {
        let line = error.line();
        anyhow!("{name}:{line}: it is not JSON: {error}")
    });
    let schema: Value = schema.hint("write a JSON Schema of the settings, or remove the file")?;
    Schema::new(schema).map(Some).or_else(|error| {
        let line = line_of(&text, &error.pointer);
        Err(anyhow!("{name}:{line}: {}", error.problem)).hint(error.hint)
    })
}

/// The line of a value, starting at 1.
fn line_of(text: &str, pointer: &str) -> usize {
    let limits = JsonLimits {
        bytes_max: text.len(),
        ..JsonLimits::default()
    };
    let document = Document::parse(text, &limits);
    let start = document.ok().and_then(|document| {
        let value = document.at(&Pointer::parse(pointer).ok()?)?;
        Some(value.span().start)
    });
    let before = text.get(..start.unwrap_or_default()).unwrap_or_default();
    before.matches('\n').count() + 1
}

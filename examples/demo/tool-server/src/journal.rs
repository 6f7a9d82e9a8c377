//! What reached the server: one JSON object a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use rmcp::model::JsonObject;
use serde_json::json;

/// An append-only file.
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self { file })
    }

    /// Writes down a request before anything else happens to it.
    pub(crate) fn note(&self, tool: &str, arguments: Option<&JsonObject>) -> io::Result<()> {
        let line = json!({ "tool": tool, "arguments": arguments });
        (&self.file).write_all(format!("{line}\n").as_bytes())
    }
}

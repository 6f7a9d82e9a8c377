//! Reading, writing and deleting, exactly as asked.

use std::fs;
use std::io;
use std::path::PathBuf;

/// Files below a folder, or anywhere: nothing here checks where a path leads.
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(crate) fn read(&self, path: &str) -> io::Result<String> {
        fs::read_to_string(self.root.join(path))
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> io::Result<String> {
        fs::write(self.root.join(path), text)?;
        Ok(format!("wrote {} bytes", text.len()))
    }

    pub(crate) fn delete(&self, path: &str) -> io::Result<String> {
        fs::remove_file(self.root.join(path))?;
        Ok("deleted".to_owned())
    }
}

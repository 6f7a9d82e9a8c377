//! The parts of the repository that are in the program: the contract, the SDKs
//! with their templates, the shipped policies, the documentation.

use anyhow::{Context as _, Result};

mod list {
    //! Written by `build.rs`: paths in the repository, sorted, and contents.
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// One file, by its path in the repository.
pub(crate) fn text(path: &str) -> Result<&'static str> {
    let found = list::FILES.iter().find(|(name, _)| *name == path);
    let (_, bytes) = found.with_context(|| {
        format!(
            "this `gatewright` was built without `{path}`\nhint: build it from a whole repository"
        )
    })?;
    Ok(std::str::from_utf8(bytes)?)
}

/// Every file below a folder, by its path in that folder.
pub(crate) fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let prefix = format!("{folder}/");
    list::FILES
        .iter()
        .filter_map(move |(name, bytes)| Some((name.strip_prefix(&prefix)?, *bytes)))
}

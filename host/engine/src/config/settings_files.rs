//! The files that the settings of a binding stand in.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::files::{Files, OnDisk};
use super::{BindingConfig, Loaded};

impl Loaded {
    /// What is on disk for the settings of a binding, and where its configuration says so.
    /// Paths are seen from the folder of this file.
    pub(crate) fn on_disk(
        &self,
        binding: &BindingConfig,
    ) -> impl Iterator<Item = (Range<usize>, Result<OnDisk, String>)> {
        let folder = self.resolve(Path::new(""));
        let files = binding.files.values();
        files.map(move |files| (files.span(), files.get_ref().on_disk(&folder)))
    }
}

impl BindingConfig {
    /// The members of its settings that stand in files, by name.
    pub(crate) fn files(&self) -> BTreeMap<String, Files> {
        let files = self.files.iter();
        let files = files.map(|(name, files)| (name.clone(), files.get_ref().clone()));
        files.collect()
    }
}

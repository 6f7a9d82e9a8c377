//! A secret that lies somewhere.

use std::path::PathBuf;

use crate::config::Loaded;

/// A secret that lies somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredSecret {
    /// An environment variable.
    Env(String),
    /// A file; white space around the secret is dropped.
    File(PathBuf),
}

impl StoredSecret {
    /// The one place of two that is named; nothing where it is not clear which.
    pub(super) fn of(
        env: Option<&String>,
        file: Option<&PathBuf>,
        loaded: &Loaded,
    ) -> Option<Self> {
        match (env, file) {
            (Some(variable), None) => Some(Self::Env(variable.clone())),
            (None, Some(file)) => Some(Self::File(loaded.resolve(file))),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }
}

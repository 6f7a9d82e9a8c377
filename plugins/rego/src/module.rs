//! The modules of a policy, as texts.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What a module is called in messages.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// As it is written.
    pub(crate) text: String,
}

/// Modules in the settings.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "modules are a list of texts, or texts by name")]
pub(crate) enum WrittenModules {
    Listed(Vec<String>),
    Named(BTreeMap<String, String>),
}

// === impl WrittenModules ===

impl WrittenModules {
    /// `key` is what messages call the list.
    pub(crate) fn into_modules(self, key: &str) -> Vec<Module> {
        match self {
            Self::Listed(texts) => {
                let texts = texts.into_iter().enumerate();
                let named = texts.map(|(place, text)| (format!("{key}[{place}]"), text));
                named.map(|(name, text)| Module { name, text }).collect()
            }
            Self::Named(texts) => {
                let texts = texts.into_iter();
                texts.map(|(name, text)| Module { name, text }).collect()
            }
        }
    }
}

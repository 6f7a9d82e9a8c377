//! Who approves, and how long it holds.

use gatewright_sdk::Ask;
use serde::Deserialize;

/// Longest title of a question, in bytes.
const TITLE_BYTES_MAX: usize = 256;

/// Longest reason of a question, in bytes.
const REASON_BYTES_MAX: usize = 4096;

/// Who approves, and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Approval {
    pub(crate) roles: Vec<String>,
    pub(crate) quorum: u8,
    pub(crate) ttl_seconds: u32,
}

impl Default for Approval {
    fn default() -> Self {
        Self {
            roles: Vec::new(),
            quorum: 1,
            ttl_seconds: 900,
        }
    }
}

impl Approval {
    /// What people are asked, cut to what a question may hold.
    pub(crate) fn question(&self, title: String, reason: String) -> Ask {
        Ask::new(cut(title, TITLE_BYTES_MAX), cut(reason, REASON_BYTES_MAX))
            .with_roles(&self.roles)
            .with_quorum(self.quorum)
            .use_within_seconds(self.ttl_seconds)
    }

    /// Fails where nobody could be asked so.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.question(String::new(), String::new()).check()
    }

    /// This, with what a part of the settings says otherwise.
    pub(crate) fn with(
        &self,
        roles: Option<Vec<String>>,
        quorum: Option<u8>,
        ttl_seconds: Option<u32>,
    ) -> Self {
        Self {
            roles: roles.unwrap_or_else(|| self.roles.clone()),
            quorum: quorum.unwrap_or(self.quorum),
            ttl_seconds: ttl_seconds.unwrap_or(self.ttl_seconds),
        }
    }
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

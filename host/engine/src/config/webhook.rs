//! `[[webhook]]`: who is told that a call waits for people, and what became of it.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

/// `[[webhook]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Names it in logs and dead letters.
    pub name: Spanned<String>,
    /// Where messages go.
    pub url: Option<String>,
    /// The environment variable that says where, if that is a secret.
    pub url_env: Option<String>,
    /// The file that says where.
    pub url_file: Option<PathBuf>,
    /// The environment variable with the secret that signs messages.
    pub secret_env: Option<String>,
    /// The file with it.
    pub secret_file: Option<PathBuf>,
    /// Who reads them.
    #[serde(default)]
    pub shape: WebhookShape,
    /// What is told.
    #[serde(default = "everything")]
    pub events: Vec<WebhookEvent>,
    /// The file of messages that could not be delivered.
    #[serde(default = "dead_letters")]
    pub dead_letters: PathBuf,
}

/// Who reads the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookShape {
    /// A program.
    #[default]
    Plain,
    /// People in Slack.
    Slack,
    /// People in Microsoft Teams.
    Teams,
}

/// Something that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookEvent {
    /// A call waits for people.
    Proposed,
    /// Somebody decided.
    Decided,
    /// Nobody decided in time.
    Expired,
}

fn everything() -> Vec<WebhookEvent> {
    use WebhookEvent::{Decided, Expired, Proposed};
    vec![Proposed, Decided, Expired]
}

fn dead_letters() -> PathBuf {
    PathBuf::from("state/webhooks.jsonl")
}

//! Keeps keys, tokens and passwords in results from the agent.

mod alphabet;
mod argument;
mod assignment;
mod binding;
mod block;
mod connection;
mod extent;
mod form;
mod header;
mod jwt;
mod key;
mod kind;
mod layout;
mod mark;
mod member;
mod names;
mod pair;
mod phrase;
mod place;
mod reading;
mod scan;
mod secret;
mod shape;
mod shield;
mod signed;
mod stops;
mod text;
mod value;
mod words;

pub use kind::Kind;
pub use scan::Scanner;
pub use secret::Secret;

use std::collections::BTreeSet;

use gatewright_sdk::{
    ArgumentError, Description, Powers, Report, Request, Response, SettingsError, log,
};
use serde::Deserialize;

use form::WrittenForm;
use shield::Shield;

/// The settings of the policy.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenSettings")]
pub struct Settings {
    action: Action,
    labels: Vec<String>,
    edit_bytes_max: usize,
    scanner: Scanner,
}

/// What happens to a result with secrets.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    /// It goes on without them.
    #[default]
    Redact,
    /// It is withheld.
    Block,
    /// It goes on as it is; the session carries a label.
    Label,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct WrittenSettings {
    action: Action,
    labels: Vec<String>,
    assignments: bool,
    forms: Vec<WrittenForm>,
    skip: BTreeSet<String>,
    edit_bytes_max: usize,
}

/// Looks at one result.
pub fn review(
    settings: &Settings,
    _: &Request,
    response: &Response,
) -> Result<Report, ArgumentError> {
    let result: serde_json::Value = response.read("")?;
    let shield = Shield::over(&result, &settings.scanner, settings.edit_bytes_max);
    if shield.kinds.is_empty() {
        return Ok(Report::pass());
    }
    let kinds: Vec<_> = shield.kinds.iter().map(ToString::to_string).collect();
    let kinds = kinds.join(", ");
    log::info(format!("found: {kinds}"));
    let report = match settings.action {
        Action::Block => Report::block(format!("the result is withheld: it holds {kinds}")),
        Action::Redact if shield.is_full() => Report::block(format!(
            "the result is withheld: it holds {kinds}, and is too large to redact; ask for less"
        )),
        Action::Redact => Report::edit(shield.edits).labelling(&settings.labels),
        Action::Label => Report::pass().labelling(&settings.labels),
    };
    let mut note = kinds;
    note.truncate(note.floor_char_boundary(NOTE_BYTES_MAX));
    Ok(report.because(SECRETS, note))
}

/// The rule behind every finding.
const SECRETS: &str = "secrets";

/// Longest note, in bytes: a result can hold more kinds than fit.
const NOTE_BYTES_MAX: usize = 1024;

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::EDIT | Powers::BLOCK | Powers::LABEL)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(SECRETS, "Keys, tokens and passwords stay from the agent")
}

gatewright_sdk::reviewer!(Settings, review, about);

// === impl Settings ===

impl Default for WrittenSettings {
    fn default() -> Self {
        Self {
            action: Action::Redact,
            labels: Vec::new(),
            assignments: false,
            forms: Vec::new(),
            skip: BTreeSet::new(),
            // Below the 256 KiB that the gate lets a policy answer by default.
            edit_bytes_max: 200_000,
        }
    }
}

impl TryFrom<WrittenSettings> for Settings {
    type Error = SettingsError;

    fn try_from(settings: WrittenSettings) -> Result<Self, SettingsError> {
        match settings.action {
            Action::Label if settings.labels.is_empty() => {
                return Err(SettingsError::at(
                    "/labels",
                    "`action = \"label\"` needs `labels`",
                ));
            }
            Action::Block if !settings.labels.is_empty() => {
                return Err(SettingsError::at(
                    "/labels",
                    "`labels` are not for `action = \"block\"`: a withheld result leaves none",
                ));
            }
            Action::Redact | Action::Block | Action::Label => {}
        }
        Ok(Self {
            action: settings.action,
            labels: settings.labels,
            edit_bytes_max: settings.edit_bytes_max,
            scanner: Scanner::new(settings.assignments, settings.forms, settings.skip)
                .map_err(|error| error.0)?,
        })
    }
}

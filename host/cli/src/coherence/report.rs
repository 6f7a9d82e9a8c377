//! What was found about each thing that is listed.

use gatewright_policy::{Reason, counted};
use serde::Serialize;
use serde_json::Value;

use crate::output::{Paint, Tone, visible};

/// All of it.
#[derive(Default, Serialize)]
pub(super) struct Report {
    coherent: usize,
    contradictions: usize,
    unknown: usize,
    findings: Vec<Finding>,
}

/// One tool, prompt or resource.
#[derive(Serialize)]
pub(super) struct Finding {
    pub(super) server: String,
    pub(super) name: String,
    pub(super) word: Word,
    /// Whether the agent is shown it.
    pub(super) listed: bool,
    /// Arguments with which it goes ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) goes_ahead: Option<Value>,
    /// Why nothing can make it go ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) never: Option<String>,
    /// How many arguments were tried.
    pub(super) tried: usize,
    /// Why they were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reasons: Vec<Reason>,
}

/// Whether what is shown is what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Word {
    /// It is.
    Coherent,
    /// It is not.
    Contradiction,
    /// A policy's answer depends on arguments that were not tried.
    Unknown,
}

// === impl Report ===

impl Report {
    pub(super) fn push(&mut self, finding: Finding) {
        match finding.word {
            Word::Coherent => self.coherent += 1,
            Word::Contradiction => self.contradictions += 1,
            Word::Unknown => self.unknown += 1,
        }
        self.findings.push(finding);
    }

    /// Whether nothing contradicts; strictly, whether that is known of everything.
    pub(super) const fn is_coherent(&self, strict: bool) -> bool {
        self.contradictions == 0 && !(strict && self.unknown > 0)
    }

    /// For a person.
    pub(super) fn text(&self, paint: Paint) -> String {
        let mut lines: Vec<_> = self.findings.iter().map(|it| it.text(paint)).collect();
        lines.push(format!(
            "{} coherent, {} contradictions, {} unknown",
            self.coherent, self.contradictions, self.unknown
        ));
        lines.join("\n")
    }
}

// === impl Finding ===

impl Finding {
    fn text(&self, paint: Paint) -> String {
        let (tone, word) = match self.word {
            Word::Coherent => (Tone::Good, "coherent     "),
            Word::Contradiction => (Tone::Bad, "CONTRADICTION"),
            Word::Unknown => (Tone::Warning, "unknown      "),
        };
        let shown = match self.listed {
            true => "listed",
            false => "hidden",
        };
        let can = match (&self.goes_ahead, &self.never) {
            (Some(arguments), _) => format!("goes ahead with {}", visible(&arguments.to_string())),
            (None, Some(why)) => format!("never goes ahead: {why}"),
            (None, None) => {
                let reasons: Vec<_> = self.reasons.iter().map(|reason| reason.code()).collect();
                let reasons = reasons.join(", ");
                format!(
                    "none of {} tried goes ahead ({reasons})",
                    counted(self.tried, "call")
                )
            }
        };
        let (server, name) = (visible(&self.server), visible(&self.name));
        format!("{} {shown}  {server}:{name}  {can}", paint.tone(tone, word))
    }
}

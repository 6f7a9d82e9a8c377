//! What a session that carries labels may not do unasked.

use gatewright_sdk::Ask;
use serde::Deserialize;

use crate::approval::Approval;
use crate::sink::{Call, Kind, both};

/// A session that carries all of these labels does none of these unasked, or not at all.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Labels that must all be there.
    pub(crate) when: Vec<String>,
    pub(crate) sinks: Vec<Kind>,
    pub(crate) effect: Effect,
    pub(crate) message: Option<String>,
    pub(crate) approval: Approval,
}

/// What a sink gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// A person decides.
    Ask,
    /// It is refused.
    #[default]
    Deny,
}

/// A rule as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct WrittenRule {
    when: Vec<String>,
    #[serde(default = "both")]
    sinks: Vec<Kind>,
    #[serde(default)]
    effect: Effect,
    message: Option<String>,
    roles: Option<Vec<String>>,
    quorum: Option<u8>,
    ttl_seconds: Option<u32>,
}

/// What a call gets that a rule is about.
pub(crate) enum Answer {
    /// A refusal with this text.
    Deny(String),
    /// A question.
    Ask(Ask),
}

// === impl Rule ===

impl Rule {
    /// Checks what the operator wrote.
    pub(crate) fn read(written: WrittenRule, approval: &Approval) -> Result<Self, String> {
        if written.when.is_empty() {
            return Err("`when` names no label: it would be about every session".to_owned());
        }
        if written.sinks.is_empty() {
            return Err("`sinks` is empty; hint: leave it out for both kinds".to_owned());
        }
        let says_who =
            written.roles.is_some() || written.quorum.is_some() || written.ttl_seconds.is_some();
        if says_who && written.effect == Effect::Deny {
            return Err(
                "`roles`, `quorum` and `ttl-seconds` are only for `effect = \"ask\"`".to_owned(),
            );
        }
        let approval = approval.with(written.roles, written.quorum, written.ttl_seconds);
        approval.check()?;
        Ok(Self {
            when: written.when,
            sinks: written.sinks,
            effect: written.effect,
            message: written.message,
            approval,
        })
    }

    /// Whether it is about a call of these kinds in a session that carries these labels.
    pub(crate) fn is_about(&self, kinds: &[Kind], carried: &[String]) -> bool {
        self.sinks.iter().any(|kind| kinds.contains(kind))
            && self.when.iter().all(|label| carried.contains(label))
    }

    pub(crate) fn answer(&self, call: &Call, kinds: &[Kind]) -> Answer {
        let labels = self.when.join(" and ");
        match self.effect {
            Effect::Deny => Answer::Deny(self.message.clone().unwrap_or_else(|| {
                format!(
                    "this session has read {labels} data, and `{}` {}; start a new session without that data",
                    call.name,
                    Kind::names(kinds),
                )
            })),
            Effect::Ask => {
                let title = format!("`{}` after reading {labels} data", call.name);
                let reason = self.message.clone().unwrap_or_else(|| {
                    format!(
                        "The session has read {labels} data, and `{}` on `{}` {}. What it was told there may stand in the arguments.",
                        call.name,
                        call.server,
                        Kind::names(kinds),
                    )
                });
                Answer::Ask(self.approval.question(title, reason))
            }
        }
    }
}

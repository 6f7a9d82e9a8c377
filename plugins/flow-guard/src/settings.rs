//! The settings: sources, sinks, and what labelled sessions may not do.

use gatewright_sdk::{Request, SettingsError};
use serde::Deserialize;

use crate::approval::Approval;
use crate::declassify::{Declassify, WrittenDeclassify};
use crate::pattern::TargetPattern;
use crate::rule::{Answer, Effect, Rule, WrittenRule};
use crate::sink::{self, Call, Excepted, Kind, Sink, both};
use crate::source::{self, SENSITIVE, Source, UNTRUSTED};

/// Longest label, in bytes.
const LABEL_BYTES_MAX: usize = 128;

/// Most labels that a session may get to carry by this policy.
const LABELS_MAX: usize = 16;

/// The settings of the policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) rules: Vec<Rule>,
    pub(crate) hints: bool,
    pub(crate) sources: Vec<Source>,
    pub(crate) unpinned_labels: Vec<String>,
    pub(crate) sinks: Vec<Sink>,
    pub(crate) except: Vec<Excepted>,
    pub(crate) allowed: Vec<TargetPattern>,
    pub(crate) declassify: Vec<Declassify>,
    /// Every label that matters here.
    labels: Vec<String>,
}

/// Rules that people want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Who has read both what anybody may have written and what must not leave, sends
    /// nothing out.
    LethalTrifecta,
    /// Who has read what anybody may have written, neither sends nor changes anything.
    PromptInjection,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    profile: Option<Profile>,
    effect: Option<Effect>,
    #[serde(default)]
    rules: Vec<WrittenRule>,
    #[serde(default = "yes")]
    hints: bool,
    #[serde(default)]
    sources: Vec<Source>,
    #[serde(default)]
    unpinned_labels: Vec<String>,
    #[serde(default)]
    other_labels: Vec<String>,
    #[serde(default)]
    sinks: Vec<Sink>,
    #[serde(default)]
    except: Vec<Excepted>,
    #[serde(default)]
    allowed: Vec<TargetPattern>,
    #[serde(default)]
    declassify: Vec<WrittenDeclassify>,
    #[serde(default)]
    approval: Approval,
}

fn yes() -> bool {
    true
}

// === impl Settings ===

impl Settings {
    /// The labels of the session that matter here.
    pub(crate) fn carried(&self, request: &Request) -> Vec<String> {
        let labels = self.labels.iter();
        labels
            .filter(|label| request.has_label(label))
            .cloned()
            .collect()
    }

    /// The labels that a call leaves.
    pub(crate) fn left_by(&self, request: &Request, call: &Call) -> Vec<String> {
        let (sources, unpinned) = (&self.sources, &self.unpinned_labels);
        source::labels(sources, request.hints(), self.hints, unpinned, call)
    }

    /// What a call can do.
    pub(crate) fn kinds_of(&self, request: &Request, call: &Call) -> Vec<Kind> {
        let hints = self.hints.then(|| request.hints());
        sink::of(&self.sinks, &self.except, hints, call)
    }

    /// What a sink gets: a rule that refuses outweighs one that asks; of several that ask,
    /// the first counts.
    pub(crate) fn answer(&self, call: &Call, kinds: &[Kind], carried: &[String]) -> Option<Answer> {
        let about = || {
            self.rules
                .iter()
                .filter(|rule| rule.is_about(kinds, carried))
        };
        let refusing = about().find(|rule| rule.effect == Effect::Deny);
        refusing
            .or_else(|| about().next())
            .map(|rule| rule.answer(call, kinds))
    }

    /// What takes labels off with this call.
    pub(crate) fn declassifying(&self, call: &Call, carried: &[String]) -> Option<&Declassify> {
        let mut all = self.declassify.iter();
        all.find(|declassify| declassify.is_by(call, carried))
    }
}

impl Profile {
    fn rule(self, effect: Effect, approval: &Approval) -> Rule {
        let (when, sinks) = match self {
            Self::LethalTrifecta => (vec![UNTRUSTED, SENSITIVE], vec![Kind::Sends]),
            Self::PromptInjection => (vec![UNTRUSTED], both()),
        };
        Rule {
            when: when.into_iter().map(str::to_owned).collect(),
            sinks,
            effect,
            message: None,
            approval: approval.clone(),
        }
    }
}

impl TryFrom<Written> for Settings {
    type Error = SettingsError;

    fn try_from(written: Written) -> Result<Self, SettingsError> {
        let approval = written.approval;
        approval
            .check()
            .map_err(|problem| SettingsError::at("/approval", problem))?;
        let mut rules = Vec::new();
        for (at, rule) in written.rules.into_iter().enumerate() {
            let rule = Rule::read(rule, &approval)
                .map_err(|problem| SettingsError::at(format!("/rules/{at}"), problem))?;
            rules.push(rule);
        }
        match (written.profile, written.effect) {
            (Some(profile), effect) => {
                rules.push(profile.rule(effect.unwrap_or_default(), &approval));
            }
            (None, Some(_)) => {
                return Err(SettingsError::at(
                    "/effect",
                    "`effect` is that of a `profile`",
                ));
            }
            (None, None) => {}
        }
        if rules.is_empty() {
            return Err(
                "nothing is refused and nobody asked; hint: `profile = \"lethal-trifecta\"`".into(),
            );
        }
        let mut declassify = Vec::new();
        for (at, one) in written.declassify.into_iter().enumerate() {
            let one = Declassify::read(one, &approval)
                .map_err(|problem| SettingsError::at(format!("/declassify/{at}"), problem))?;
            declassify.push(one);
        }
        for (key, is_empty, hint) in [
            (
                "/sources",
                written.sources.iter().any(Source::names_nothing),
                "a source has `tools`, and leaves at least one of `labels`",
            ),
            (
                "/sinks",
                written.sinks.iter().any(Sink::names_no_tool),
                "a sink has `tools`; hint: `[\"*\"]` stands for all",
            ),
            (
                "/except",
                written.except.iter().any(Excepted::names_no_tool),
                "what is excepted has `tools`",
            ),
        ] {
            if is_empty {
                return Err(SettingsError::at(key, hint));
            }
        }
        let by_hints = [UNTRUSTED, SENSITIVE].map(str::to_owned);
        let left = written.sources.iter().flat_map(|source| &source.labels);
        let left = left.chain(&written.unpinned_labels);
        let left = left.chain(by_hints.iter().filter(|_| written.hints));
        let mut labels: Vec<String> = left.chain(&written.other_labels).cloned().collect();
        labels.sort();
        labels.dedup();
        if labels.len() > LABELS_MAX {
            return Err(format!("there are more than {LABELS_MAX} labels").into());
        }
        let asked = rules.iter().flat_map(|rule| &rule.when);
        let mut asked = asked.chain(declassify.iter().flat_map(|one| &one.labels));
        if let Some(label) = asked.find(|label| !labels.contains(label)) {
            return Err(format!(
                "nothing leaves the label `{label}`; hint: name it in `sources`, or in `other-labels` \
                 where another policy leaves it"
            )
            .into());
        }
        for label in &labels {
            let is_plain = !label.chars().any(char::is_control);
            if label.is_empty() || label.len() > LABEL_BYTES_MAX || !is_plain {
                return Err(format!(
                    "a label has 1 to {LABEL_BYTES_MAX} bytes and no control characters"
                )
                .into());
            }
        }
        Ok(Self {
            rules,
            hints: written.hints,
            sources: written.sources,
            unpinned_labels: written.unpinned_labels,
            sinks: written.sinks,
            except: written.except,
            allowed: written.allowed,
            declassify,
            labels,
        })
    }
}

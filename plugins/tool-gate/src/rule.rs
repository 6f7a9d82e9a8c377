//! The settings: rules, and what happens where none fits.

use std::fmt;

use gatewright_sdk::{Ask, Denial, Opinion, Pattern, Request};
use serde::Deserialize;

use crate::condition::Condition;
use crate::question::Question;
use crate::reading::Reading;
use crate::wildcard::is_control;
use crate::wording;

/// The rule behind every answer: which of the operator's decided is in the note.
pub(crate) const RULES: &str = "rules";

/// The settings of the policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What a call gets that no rule is for.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// Read from the first on.
    pub rules: Vec<Rule>,
    /// Which of the calls that no rule refuses need a person: the first that holds asks.
    #[serde(default)]
    pub ask: Vec<Question>,
}

/// What a call gets that no rule is for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// A refusal.
    #[default]
    Deny,
    /// Nothing: other policies decide.
    Abstain,
}

/// One rule. An empty list of patterns fits everything.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenRule")]
pub struct Rule {
    name: Option<String>,
    agents: Vec<Pattern>,
    principals: Vec<Pattern>,
    pub(crate) scopes: Vec<Pattern>,
    labels: Vec<Pattern>,
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    /// What the arguments must be like.
    pub conditions: Vec<Condition>,
    /// What the rule answers.
    pub effect: Effect,
}

/// What a rule answers.
#[derive(Debug)]
pub enum Effect {
    /// Yes.
    Allow,
    /// No, with this text for the agent.
    Deny {
        /// None: a text that names the tool.
        message: Option<String>,
    },
    /// A person must agree.
    Ask {
        /// Title and reason are filled in where they are empty.
        request: Ask,
    },
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenRule {
    name: Option<String>,
    #[serde(default)]
    agents: Vec<Pattern>,
    #[serde(default)]
    principals: Vec<Pattern>,
    #[serde(default)]
    scopes: Vec<Pattern>,
    #[serde(default)]
    labels: Vec<Pattern>,
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    #[serde(default)]
    arguments: Vec<Condition>,
    effect: WrittenEffect,
    message: Option<String>,
    title: Option<String>,
    roles: Option<Vec<String>>,
    quorum: Option<u8>,
    ttl_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenEffect {
    Allow,
    Deny,
    Ask,
}

// === impl Rule ===

impl Rule {
    /// Whether the rule is about this agent and this tool. One that denies is also about
    /// whom its agents handed their rights on to; no other gives those anything.
    pub fn is_for(&self, request: &Request) -> bool {
        let denies = matches!(self.effect, Effect::Deny { .. });
        self.is_for_tool(request)
            && (self.names_agent(request) || denies && self.names_above(request))
            && self.scopes_fit(request)
    }

    /// Whether the rule asks about an agent that handed its rights on to this one, and not
    /// about this one: what else would go ahead needs the same people then.
    pub fn asks_above(&self, request: &Request) -> bool {
        matches!(self.effect, Effect::Ask { .. })
            && !self.names_agent(request)
            && self.names_above(request)
            && self.is_for_tool(request)
            && self.scopes_fit(request)
    }

    /// Whether only the scopes of the credential keep the rule from being about
    /// this call.
    pub fn is_for_other_scopes(&self, request: &Request) -> bool {
        self.is_for_tool(request) && self.names_agent(request) && !self.scopes_fit(request)
    }

    /// Whether the arguments are as the rule wants them.
    pub fn read(&self, request: &Request) -> Reading {
        self.conditions
            .iter()
            .fold(Reading::Holds, |reading, condition| {
                reading.and(|| condition.read(request))
            })
    }

    /// What the rule answers to a call that it is for.
    pub fn answer(&self, request: &Request) -> Opinion {
        self.opinion(request).because(RULES, wording::note(self))
    }

    fn opinion(&self, request: &Request) -> Opinion {
        match &self.effect {
            Effect::Allow => Opinion::allow(),
            Effect::Deny { message } => {
                let message = match message {
                    Some(message) => message.clone(),
                    None => format!("a rule denies `{}`", request.name()),
                };
                Opinion::deny(if !self.labels.is_empty() {
                    Denial::unsafe_context(message)
                } else if !self.conditions.is_empty() {
                    Denial::invalid_arguments(message)
                } else {
                    Denial::forbidden(message)
                })
            }
            Effect::Ask { request: asked } => {
                Opinion::ask(wording::filled_in(asked.clone(), self, request))
            }
        }
    }

    /// Whether all fits but agent and scopes.
    fn is_for_tool(&self, request: &Request) -> bool {
        let fits =
            |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
        // What no rule asks for is not read.
        let name = request.name();
        let is_of = |patterns: &[Pattern], name: &dyn Fn() -> Option<String>| {
            patterns.is_empty() || name().is_some_and(|name| fits(patterns, &name))
        };
        self.tools
            .iter()
            .any(|tool| tool.matches(&name) && self.takes(tool, &name))
            && is_of(&self.servers, &|| Some(request.server()))
            && is_of(&self.principals, &|| request.principal())
            && any_fits(&self.labels, || {
                request
                    .labels()
                    .into_iter()
                    .map(|label| label.name)
                    .collect()
            })
    }

    fn names_agent(&self, request: &Request) -> bool {
        any_fits(&self.agents, || vec![request.agent()])
    }

    /// Whether it names an agent between the principal and this one.
    fn names_above(&self, request: &Request) -> bool {
        any_fits(&self.agents, || {
            request.chain().into_iter().map(|above| above.id).collect()
        })
    }

    /// A rule that allows takes no name behind a `*` in which somebody could read
    /// another one: with control characters, line ends or direction marks of any
    /// kind, or steps up in a URI.
    fn takes(&self, tool: &Pattern, name: &str) -> bool {
        match self.effect {
            Effect::Deny { .. } | Effect::Ask { .. } => true,
            Effect::Allow => {
                let steps = name
                    .to_ascii_lowercase()
                    .replace("%2e", ".")
                    .replace("%2f", "/");
                let climbs = steps.split(['/', '\\']).any(|step| step == "..");
                let is_plain = !climbs && !name.contains(is_control);
                is_plain || tool.as_str() == "*" || tool.as_str() == name
            }
        }
    }

    fn scopes_fit(&self, request: &Request) -> bool {
        any_fits(&self.scopes, || request.scopes())
    }
}

/// Whether one of the names fits one of the patterns, or there are no patterns.
fn any_fits(patterns: &[Pattern], names: impl FnOnce() -> Vec<String>) -> bool {
    patterns.is_empty()
        || names()
            .iter()
            .any(|name| patterns.iter().any(|pattern| pattern.matches(name)))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "the rule `{name}`"),
            None => {
                let tools: Vec<_> = self.tools.iter().map(Pattern::as_str).collect();
                write!(f, "the rule for `{}`", tools.join(", "))
            }
        }
    }
}

impl TryFrom<WrittenRule> for Rule {
    type Error = String;

    fn try_from(rule: WrittenRule) -> Result<Self, String> {
        if rule.tools.is_empty() {
            return Err("`tools` is empty; hint: `[\"*\"]` stands for all".to_owned());
        }
        let asks = matches!(rule.effect, WrittenEffect::Ask);
        for (member, is_set) in [
            ("title", rule.title.is_some()),
            ("roles", rule.roles.is_some()),
            ("quorum", rule.quorum.is_some()),
            ("ttl-seconds", rule.ttl_seconds.is_some()),
        ] {
            if is_set && !asks {
                return Err(format!("`{member}` is only for `effect = \"ask\"`"));
            }
        }
        let effect = match rule.effect {
            WrittenEffect::Allow if rule.message.is_some() => {
                return Err("`message` is not for `effect = \"allow\"`".to_owned());
            }
            WrittenEffect::Allow => Effect::Allow,
            WrittenEffect::Deny => Effect::Deny {
                message: rule.message,
            },
            WrittenEffect::Ask => {
                let mut request = Ask::new(
                    rule.title.unwrap_or_default(),
                    rule.message.unwrap_or_default(),
                )
                .with_roles(rule.roles.unwrap_or_default())
                .with_quorum(rule.quorum.unwrap_or(1));
                if let Some(ttl_seconds) = rule.ttl_seconds {
                    request = request.use_within_seconds(ttl_seconds);
                }
                request.check()?;
                Effect::Ask { request }
            }
        };
        Ok(Self {
            name: rule.name,
            agents: rule.agents,
            principals: rule.principals,
            scopes: rule.scopes,
            labels: rule.labels,
            servers: rule.servers,
            tools: rule.tools,
            conditions: rule.arguments,
            effect,
        })
    }
}

// === impl Effect ===

impl Effect {
    /// Whether a call can go ahead after this.
    pub fn permits(&self) -> bool {
        match self {
            Self::Allow | Self::Ask { .. } => true,
            Self::Deny { .. } => false,
        }
    }
}

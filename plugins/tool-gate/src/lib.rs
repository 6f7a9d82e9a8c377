//! Which agents may call which tools with which arguments, written as rules.
//! The first rule that fits decides.

mod condition;
mod format;
mod one_test;
mod question;
mod reading;
mod rule;
mod scalar;
mod walk;
mod when;
mod wildcard;
mod wording;

pub use condition::Condition;
pub use format::{Day, Format};
pub use question::Question;
pub use reading::Reading;
pub use rule::{Effect, Otherwise, Rule, Settings};

use question::ASK;
use rule::RULES;
pub use scalar::{Number, Scalar};
pub use wildcard::{Across, Fit, Wildcard};

use gatewright_sdk::{Denial, Description, Opinion, Powers, Request, log};

/// Why there is a denial that no rule gives.
const NO_RULE: &str = "no rule fits";

/// Judges a call, or the listing of a tool.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    if request.is_listing() {
        return judge_listing(settings, request);
    }
    let ruled = judge_by_rules(settings, request);
    if ruled.denies() {
        return ruled;
    }
    // A question outweighs a yes, and stands before the question of a rule.
    match settings.ask.iter().find(|question| question.holds(request)) {
        Some(question) => {
            log::info(format!("{question} decided"));
            question.opinion(request)
        }
        None => ruled,
    }
}

/// What the first rule that fits says. A rule that asks about an agent above this one
/// turns a later yes into its question, and no later no: a delegate's name opens nothing.
fn judge_by_rules(settings: &Settings, request: &Request) -> Opinion {
    let mut nearest = NearMiss::None;
    let mut above: Option<&Rule> = None;
    for rule in &settings.rules {
        if above.is_none()
            && rule.asks_above(request)
            && !matches!(rule.read(request), Reading::Fails(_))
        {
            above = Some(rule);
            continue;
        }
        if !rule.is_for(request) {
            if rule.effect.permits() && rule.is_for_other_scopes(request) {
                nearest = nearest.or(NearMiss::Scopes(rule));
            }
            continue;
        }
        match (rule.read(request), &rule.effect) {
            (Reading::Holds, effect)
            | (Reading::Unclear(_), effect @ (Effect::Deny { .. } | Effect::Ask { .. })) => {
                let rule = above.filter(|_| effect.permits()).unwrap_or(rule);
                if !matches!(rule.effect, Effect::Allow) {
                    log::info(format!("{rule} decided"));
                }
                return rule.answer(request);
            }
            (Reading::Fails(why) | Reading::Unclear(why), Effect::Allow)
            | (Reading::Fails(why), Effect::Ask { .. }) => nearest = NearMiss::Arguments(why),
            (Reading::Fails(_), Effect::Deny { .. }) => {}
        }
    }
    match settings.otherwise {
        Otherwise::Abstain => above.map_or_else(Opinion::abstain, |rule| rule.answer(request)),
        Otherwise::Deny => Opinion::deny(nearest.denial(request)).because(RULES, NO_RULE),
    }
}

/// Hides a tool that cannot be called, whatever the arguments.
fn judge_listing(settings: &Settings, request: &Request) -> Opinion {
    let deciding = settings
        .rules
        .iter()
        .filter(|rule| rule.is_for(request))
        .find(|rule| rule.effect.permits() || rule.conditions.is_empty());
    match (deciding, settings.otherwise) {
        (Some(rule), _) if !rule.effect.permits() => rule.answer(request),
        (None, Otherwise::Deny) => {
            Opinion::deny(NearMiss::None.denial(request)).because(RULES, NO_RULE)
        }
        (Some(_), _) | (None, Otherwise::Abstain) => Opinion::abstain(),
    }
}

/// What would have been needed, to tell the agent: of several, the last rule
/// that wanted other arguments, else the first that wanted other scopes.
enum NearMiss<'a> {
    None,
    Scopes(&'a Rule),
    Arguments(String),
}

impl<'a> NearMiss<'a> {
    fn or(self, other: NearMiss<'a>) -> Self {
        match self {
            Self::None => other,
            Self::Scopes(_) | Self::Arguments(_) => self,
        }
    }

    fn denial(self, request: &Request) -> Denial {
        let name = request.name();
        match self {
            Self::None => Denial::forbidden(format!("no rule allows `{name}` for this agent")),
            Self::Scopes(rule) => Denial::insufficient_scope(
                format!("`{name}` needs a credential with another scope"),
                rule.scopes.iter().map(|scope| scope.as_str()),
            ),
            Self::Arguments(why) => Denial::invalid_arguments(why),
        }
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY | Powers::ASK)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(RULES, "The first rule of the operator that fits decides")
        .with_rule(
            ASK,
            "The first question of the operator that holds asks a person",
        )
}

gatewright_sdk::policy!(Settings, judge, about);

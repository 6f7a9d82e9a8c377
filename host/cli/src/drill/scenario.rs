//! Scenarios: who the agents are, what they do, what must happen, and what must not reach
//! a tool.

use std::collections::{BTreeMap, HashSet};

use anyhow::{bail, ensure};
use gatewright_policy::Reason;
use gatewright_policy::pattern::Scope;
use gatewright_policy::scope::read_shown;
use serde::Deserialize;

/// Most calls of one step.
const TIMES_MAX: u32 = 1000;

/// All of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenarios {
    #[serde(rename = "scenario")]
    pub(super) scenarios: Vec<Scenario>,
}

/// One attack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// Names it in reports.
    pub(super) name: String,
    /// What is proved when it holds.
    pub(super) claim: String,
    /// The risk of the OWASP Agentic top ten.
    pub(super) owasp: String,
    /// Subcategories of the NIST AI RMF, and tenets of SP 800-207.
    pub(super) nist: Vec<String>,
    /// By the names that steps call them by.
    pub(super) agents: BTreeMap<String, AgentPart>,
    #[serde(rename = "step")]
    pub(super) steps: Vec<Step>,
}

/// An agent, and its credential.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgentPart {
    /// What it may call: `files:read_*`, or with constraints as `credential inspect` shows
    /// them.
    pub(super) scopes: Vec<String>,
    /// Its credential is bound to a key of its own.
    #[serde(default)]
    pub(super) holder: bool,
    /// Another agent handed it on.
    pub(super) from: Option<String>,
    /// It shows the credential of another agent, and has not its key.
    pub(super) steals: Option<String>,
    /// Nobody vouches for it.
    #[serde(default)]
    pub(super) shadow: bool,
}

/// What is done, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Who does it; needed where there are several agents.
    #[serde(rename = "as")]
    pub(super) by: Option<String>,
    /// `<server>:<tool>` is called.
    pub(super) call: Option<String>,
    /// With these arguments.
    #[serde(default)]
    pub(super) arguments: toml::Table,
    /// With exactly this JSON text in their place.
    pub(super) raw_arguments: Option<String>,
    /// How it proves its key.
    #[serde(default)]
    pub(super) proof: ProofPart,
    /// What the tool answers.
    pub(super) answer: Option<String>,
    /// So often.
    #[serde(default = "once")]
    pub(super) times: u32,
    /// The approver agrees to the call that is held since the step before.
    #[serde(default)]
    pub(super) approve: bool,
    /// The tool server says another thing about `<server>:<tool>` from now on.
    pub(super) redefine: Option<String>,
    /// The tools of this server are listed.
    pub(super) list: Option<String>,
    /// These are among them.
    #[serde(default)]
    pub(super) shows: Vec<String>,
    /// These are not.
    #[serde(default)]
    pub(super) hides: Vec<String>,
    /// What must happen to the call.
    pub(super) expect: Option<Expected>,
    /// For one of these reasons.
    #[serde(default)]
    pub(super) reasons: Vec<String>,
    /// Whether it must reach the tool; by default what is allowed must, and nothing else.
    pub(super) reaches: Option<bool>,
}

/// How a caller proves that it has the key of its credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ProofPart {
    /// As it should, where it has a key.
    #[default]
    Own,
    /// Not at all.
    None,
    /// With a key of somebody else.
    Other,
    /// With the proof of its last request.
    Replayed,
}

/// What must happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Expected {
    /// The tool answers.
    Allow,
    /// The gate refuses.
    Deny,
    /// It waits for a person.
    Hold,
    /// Anything but an answer.
    Stop,
}

const fn once() -> u32 {
    1
}

// === impl Scenarios ===

impl Scenarios {
    /// Those of a file too.
    pub(super) fn add(&mut self, text: &str) -> anyhow::Result<()> {
        let more: Self = toml::from_str(text)?;
        for scenario in &more.scenarios {
            scenario
                .check()
                .map_err(|error| error.context(format!("scenario `{}`", scenario.name)))?;
        }
        self.scenarios.extend(more.scenarios);
        let mut names = HashSet::new();
        for scenario in &self.scenarios {
            ensure!(
                names.insert(scenario.name.as_str()),
                "there are two scenarios with the name `{}`",
                scenario.name
            );
        }
        ensure!(!self.scenarios.is_empty(), "there is no scenario");
        Ok(())
    }

    /// Only those of these names, if there are any names.
    pub(super) fn only(&mut self, names: &[String]) -> anyhow::Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            let mut known = self.scenarios.iter();
            ensure!(
                known.any(|scenario| scenario.name == *name),
                "there is no scenario `{name}`"
            );
        }
        self.scenarios
            .retain(|scenario| names.contains(&scenario.name));
        Ok(())
    }
}

// === impl Scenario ===

impl Scenario {
    fn check(&self) -> anyhow::Result<()> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ensure!(
            !self.name.is_empty() && self.name.len() <= 64 && self.name.bytes().all(fits),
            "a name is lower case letters, digits and `-`"
        );
        ensure!(!self.agents.is_empty(), "there is no agent");
        for (name, agent) in &self.agents {
            ensure!(
                !name.is_empty() && name.bytes().all(fits),
                "the name of agent `{name}` is not lower case letters, digits and `-`"
            );
            for scope in &agent.scopes {
                read_shown(scope)?;
            }
            for other in agent.from.iter().chain(&agent.steals) {
                let parent = self.agents.get(other);
                ensure!(
                    other != name
                        && parent.is_some_and(|it| it.from.is_none() && it.steals.is_none()),
                    "`{name}` needs an agent `{other}` that has its credential from the issuer"
                );
                ensure!(
                    parent.is_some_and(|parent| parent.holder),
                    "the credential of `{other}` is bound to no key; add `holder = true`"
                );
            }
        }
        ensure!(!self.steps.is_empty(), "nothing is done");
        for (place, step) in self.steps.iter().enumerate() {
            let number = place + 1;
            self.check_step(step)
                .map_err(|error| error.context(format!("step {number}")))?;
        }
        let mut expected = self.steps.iter().filter_map(|step| step.expect);
        // A gate that refuses everything must not pass for one that is safe.
        let lets_through = expected.any(|expected| expected == Expected::Allow);
        ensure!(
            lets_through || self.steps.iter().any(|step| !step.shows.is_empty()),
            "nothing in it must go ahead, so a gate that is broken would hold"
        );
        Ok(())
    }

    fn check_step(&self, step: &Step) -> anyhow::Result<()> {
        let deeds = [
            step.call.is_some(),
            step.approve,
            step.redefine.is_some(),
            step.list.is_some(),
        ];
        if deeds.into_iter().filter(|is| *is).count() != 1 {
            bail!("a step is exactly one of `call`, `list`, `approve` and `redefine`");
        }
        if step.call.is_some() != step.expect.is_some() {
            bail!("`expect` is needed with `call`, and with nothing else");
        }
        if let Some(by) = &step.by {
            ensure!(self.agents.contains_key(by), "there is no agent `{by}`");
        } else {
            ensure!(
                self.agents.len() == 1 || step.approve || step.redefine.is_some(),
                "there are several agents: `as` says which"
            );
        }
        for tool in step.call.iter().chain(&step.redefine) {
            Scope::parse(tool)?;
        }
        for reason in &step.reasons {
            ensure!(
                Reason::ALL.iter().any(|known| known.code() == reason),
                "there is no reason `{reason}`"
            );
        }
        ensure!(
            (1..=TIMES_MAX).contains(&step.times),
            "`times` is from 1 to {TIMES_MAX}"
        );
        ensure!(
            step.arguments.is_empty() || step.raw_arguments.is_none(),
            "`arguments` and `raw_arguments` exclude each other"
        );
        Ok(())
    }

    /// Who does a step.
    pub(super) fn actor<'a>(&'a self, step: &'a Step) -> Option<&'a str> {
        let first = self.agents.keys().next();
        step.by.as_deref().or(first.map(String::as_str))
    }
}

//! Plays a scenario, step by step.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use gatewright_policy::{Reason, counted};
use serde_json::Value;

use super::agent::{Agent, Reply, agents};
use super::scenario::{Expected, Scenario, Step};
use super::stage::Stage;
use super::tools::Reached;

/// What is said of a tool that nobody redefined.
const DESCRIPTION: &str = "A tool of the drill.";

/// A scenario under way.
struct Scene<'a> {
    stage: &'a Stage,
    scenario: &'a Scenario,
    agents: BTreeMap<String, Agent>,
    /// The held call since the last step that was held.
    waiting: Option<String>,
}

/// Plays a scenario; gives what did not happen as it must. What cannot be played is a
/// problem too.
pub(super) fn play(scenario: &Scenario, stage: &Stage) -> Vec<String> {
    let agents = match agents(scenario, &stage.issuer) {
        Ok(agents) => agents,
        Err(error) => return vec![format!("its agents: {error:#}")],
    };
    let mut scene = Scene {
        stage,
        scenario,
        agents,
        waiting: None,
    };
    let tools = scenario.steps.iter().filter_map(|step| step.call.as_ref());
    for tool in tools {
        stage.tools.define(tool, DESCRIPTION);
        stage.tools.answers(tool, "done");
    }
    let mut problems = Vec::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        for time in 1..=step.times {
            if let Err(error) = scene.step(step) {
                let time = match step.times {
                    1 => String::new(),
                    times => format!(", {time} of {times}"),
                };
                problems.push(format!("step {}{time}: {error:#}", place + 1));
                break;
            }
        }
    }
    problems
}

// === impl Scene ===

impl Scene<'_> {
    fn step(&mut self, step: &Step) -> Result<()> {
        if step.approve {
            let waiting = self.waiting.as_deref();
            return self.stage.approve(waiting.context("no call waits")?);
        }
        if let Some(tool) = &step.redefine {
            let other = step.answer.as_deref().unwrap_or("Does something else.");
            self.stage.tools.define(tool, other);
            return Ok(());
        }
        if let Some(server) = &step.list {
            return self.list(step, server);
        }
        match (&step.call, step.expect) {
            (Some(tool), Some(expected)) => self.call(step, tool, expected),
            (_, _) => bail!("a step without a deed"),
        }
    }

    fn call(&mut self, step: &Step, tool: &str, expected: Expected) -> Result<()> {
        if let Some(answer) = &step.answer {
            self.stage.tools.answers(tool, answer);
        }
        let (server, name) = tool.split_once(':').context("a tool without a server")?;
        let arguments = match &step.raw_arguments {
            Some(raw) => raw.clone(),
            None => serde_json::to_string(&step.arguments)?,
        };
        let before = self.stage.tools.reached().len();
        let (endpoint, actor) = (self.stage.endpoint(), self.scenario.actor(step));
        let agent = actor.and_then(|actor| self.agents.get_mut(actor));
        let agent = agent.context("nobody does it")?;
        let reply = agent.call(endpoint, (server, name), &arguments, step.proof)?;
        let reached = self.stage.tools.reached();
        let reached = reached.get(before..).unwrap_or_default();
        let must_reach = step.reaches.unwrap_or(expected == Expected::Allow);
        has_reached(tool, must_reach, reached)?;
        self.is_as_expected(step, expected, reply)
    }

    fn is_as_expected(&mut self, step: &Step, expected: Expected, reply: Reply) -> Result<()> {
        let (got, reason) = match &reply {
            Reply::Result(_) => (Expected::Allow, ""),
            Reply::Refused { reason, .. } if *reason == Reason::ApprovalRequired.code() => {
                (Expected::Hold, reason.as_str())
            }
            Reply::Refused { reason, .. } => (Expected::Deny, reason.as_str()),
        };
        if let (Expected::Hold, Reply::Refused { decision, .. }) = (got, &reply) {
            self.waiting.clone_from(decision);
        }
        let is_met = match expected {
            Expected::Stop => got != Expected::Allow,
            Expected::Allow | Expected::Deny | Expected::Hold => got == expected,
        };
        if !is_met {
            bail!("must {}, and {}", words(expected), told(got, reason));
        }
        if !step.reasons.is_empty() && !step.reasons.iter().any(|known| known == reason) {
            let wanted = step.reasons.join("` or `");
            bail!("must be refused for `{wanted}`, and was for `{reason}`");
        }
        Ok(())
    }

    fn list(&mut self, step: &Step, server: &str) -> Result<()> {
        for name in step.shows.iter().chain(&step.hides) {
            self.stage
                .tools
                .define(&format!("{server}:{name}"), DESCRIPTION);
        }
        let (endpoint, actor) = (self.stage.endpoint(), self.scenario.actor(step));
        let agent = actor.and_then(|actor| self.agents.get_mut(actor));
        let listed = match agent.context("nobody does it")?.list(endpoint, server)? {
            Reply::Result(result) => result,
            Reply::Refused { reason, .. } => bail!("the list is refused: `{reason}`"),
        };
        let tools = listed.get("tools").and_then(Value::as_array);
        let names = tools.into_iter().flatten();
        let names: Vec<_> = names
            .filter_map(|tool| tool.get("name")?.as_str())
            .collect();
        for name in &step.shows {
            if !names.contains(&name.as_str()) {
                bail!("`{name}` must be listed, and is not");
            }
        }
        for name in &step.hides {
            if names.contains(&name.as_str()) {
                bail!("`{name}` must not be listed, and is");
            }
        }
        Ok(())
    }
}

/// What is allowed reached its tool once; what is not reached nothing at all.
fn has_reached(tool: &str, must: bool, reached: &[Reached]) -> Result<()> {
    match (must, reached) {
        (true, [one]) if one.tool == tool => Ok(()),
        (true, []) => bail!("`{tool}` must be reached, and was not"),
        (true, several) => bail!(
            "`{tool}` must be reached once, and {} reached tools",
            counted(several.len(), "call")
        ),
        (false, []) => Ok(()),
        (false, several) => {
            let tools: Vec<_> = several.iter().map(|it| it.tool.as_str()).collect();
            bail!("nothing must be reached, and `{}` was", tools.join("`, `"))
        }
    }
}

const fn words(expected: Expected) -> &'static str {
    match expected {
        Expected::Allow => "go ahead",
        Expected::Deny => "be refused",
        Expected::Hold => "wait for a person",
        Expected::Stop => "not go ahead",
    }
}

fn told(got: Expected, reason: &str) -> String {
    match got {
        Expected::Allow => "went ahead".to_owned(),
        Expected::Hold => "waits for a person".to_owned(),
        Expected::Deny | Expected::Stop => format!("was refused (`{reason}`)"),
    }
}

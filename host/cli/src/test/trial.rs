//! Runs the cases of a policy in the real sandbox.

use std::io::{IsTerminal as _, Write as _, stderr};

use anyhow::{Result, anyhow};
use gatewright_cases::{Answer, Asked, Case, Difference, between, beyond};
use gatewright_policy::Digest;
use gatewright_sandbox::{Description, Sandbox, World};
use serde_json::Value;

use super::baseline::{Baseline, Budget};
use super::folder::PolicyFolder;
use crate::failure::Advise as _;

/// What came of a run.
pub(crate) struct Trial {
    pub(crate) name: String,
    pub(crate) world: World,
    pub(crate) digest: Digest,
    pub(crate) outcomes: Vec<Outcome>,
    /// Cases that the filter left out.
    pub(crate) left_out: usize,
    /// Where the policy and its schema say different things.
    pub(crate) schema_problems: Vec<String>,
}

/// What came of one case.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// None that differ: it passed.
    pub(crate) differences: Vec<Difference>,
    pub(crate) answer: Answer,
}

/// Runs each case whose name contains `filter`.
pub(crate) async fn run(
    sandbox: &Sandbox,
    folder: &PolicyFolder,
    filter: &str,
    budget: &Budget,
) -> Result<Trial> {
    let inspection = sandbox.inspect(&folder.component)?;
    check_world(folder, inspection.world)?;
    let mut asked = Asked::new(sandbox, &folder.component);
    let mut trial = Trial {
        name: folder.name.clone(),
        world: inspection.world,
        digest: inspection.digest,
        outcomes: Vec::new(),
        left_out: 0,
        schema_problems: Vec::new(),
    };
    let progress = Progress::of(folder.cases.cases.len());
    for (index, case) in folder.cases.cases.iter().enumerate() {
        if !case.name.contains(filter) {
            trial.left_out += 1;
            continue;
        }
        progress.show(index + 1, &case.name);
        let guest = asked.guest(&case.settings).await;
        trial.check_schema(folder, case, guest.is_ok());
        if let Ok(guest) = guest {
            trial.check_described(folder, guest.description());
        }
        let answer = Answer::of(guest, case).await;
        let mut differences = between(&case.expect, &answer, folder.cases.is_exact);
        let authority = folder.policy.as_ref().and_then(|policy| policy.authority);
        differences.extend(authority.and_then(|authority| beyond(authority, &answer)));
        differences.extend(answer.fuel.and_then(|fuel| budget.check(&case.name, fuel)));
        trial.outcomes.push(Outcome {
            name: case.name.clone(),
            line: case.line,
            differences,
            answer,
        });
    }
    progress.clear();
    if trial.outcomes.is_empty() {
        let file = folder.cases_path.display();
        return Err(anyhow!("`{file}` has no case with `{filter}` in its name"))
            .hint("change `--filter`, or leave it out");
    }
    Ok(trial)
}

/// The component is what `policy.toml` says, and the cases ask what it answers.
fn check_world(folder: &PolicyFolder, world: World) -> Result<()> {
    if let Some(policy) = &folder.policy
        && World::from(policy.world) != world
    {
        let expected = World::from(policy.world);
        return Err(anyhow!(
            "`policy.toml` says `world = \"{expected}\"`, and the component is of the world `{world}`"
        ))
        .hint("mend `policy.toml`, or export the function of the other world");
    }
    let has_no_response = |case: &&Case| case.response.is_none() && case.expect.asks();
    if world == World::Reviewer
        && let Some(case) = folder.cases.cases.iter().find(has_no_response)
    {
        let (file, line) = (folder.cases_path.display(), case.line);
        return Err(anyhow!(
            "{file}:{line}: the case has no `request.response`, and a reviewer looks at nothing else"
        ))
        .hint("write the `result` of the tool: `request.response = { content = [] }`");
    }
    Ok(())
}

// === impl Trial ===

impl Trial {
    /// How many cases fail.
    pub(crate) fn failed(&self) -> usize {
        let failed = |outcome: &&Outcome| !outcome.differences.is_empty();
        self.outcomes.iter().filter(failed).count()
    }

    /// What the cases cost.
    pub(crate) fn baseline(&self) -> Baseline {
        let cost = |outcome: &Outcome| Some((outcome.name.clone(), outcome.answer.fuel?));
        Baseline {
            fuel: self.outcomes.iter().filter_map(cost).collect(),
        }
    }

    /// The dearest case.
    pub(crate) fn dearest(&self) -> Option<(&str, u64)> {
        let costs = self
            .outcomes
            .iter()
            .filter_map(|outcome| Some((outcome.name.as_str(), outcome.answer.fuel?)));
        costs.max_by_key(|(_, fuel)| *fuel)
    }

    /// A schema stands in a file, for editors and packs, and in the component: it is one.
    fn check_described(&mut self, folder: &PolicyFolder, description: Option<&Description>) {
        let described = description.and_then(|it| it.settings_schema.as_deref());
        let (Some(schema), Some(described)) = (&folder.schema, described) else {
            return;
        };
        let described: Result<Value, _> = serde_json::from_str(described);
        if described.is_ok_and(|described| described == *schema.value()) {
            return;
        }
        let problem = "`settings.schema.json` is not the schema that the component describes; \
                       hint: let `describe` give the text of that file";
        if !self.schema_problems.iter().any(|known| known == problem) {
            self.schema_problems.push(problem.to_owned());
        }
    }

    fn check_schema(&mut self, folder: &PolicyFolder, case: &Case, is_accepted: bool) {
        let (Some(schema), true) = (&folder.schema, is_accepted) else {
            return;
        };
        let Ok(settings) = serde_json::from_str(&case.settings) else {
            return;
        };
        if let Err(problem) = schema.check(&settings) {
            // Once, however many cases have such settings.
            let known = format!("`settings.schema.json` does not: {problem}; ");
            if self.schema_problems.iter().any(|one| one.contains(&known)) {
                return;
            }
            self.schema_problems.push(format!(
                "{}:{}: the policy accepts the settings of `{}`, and {known}hint: mend the schema, or what the policy reads",
                folder.cases_path.display(),
                case.line,
                case.name
            ));
        }
    }
}

/// A line on stderr that says how far it is, where a person looks on.
struct Progress {
    total: Option<usize>,
}

// === impl Progress ===

impl Progress {
    fn of(total: usize) -> Self {
        Self {
            total: stderr().is_terminal().then_some(total),
        }
    }

    fn show(&self, count: usize, name: &str) {
        if let Some(total) = self.total {
            let mut stderr = stderr().lock();
            // Nobody misses a line of progress.
            let _ = write!(stderr, "\r\u{1b}[2K{count}/{total} {name}");
            let _ = stderr.flush();
        }
    }

    fn clear(&self) {
        if self.total.is_some() {
            let _ = write!(stderr().lock(), "\r\u{1b}[2K");
        }
    }
}

//! Runs the cases of a policy in the real sandbox.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::Duration;

use anyhow::{Result, anyhow};
use gatewright_policy::Digest;
use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox, World};

use super::answered::Answer;
use super::baseline::Budget;
use super::cases::Case;
use super::difference::{self, Difference};
use super::folder::PolicyFolder;
use crate::failure::Advise as _;
use crate::schema;

/// Fuel is what ends a case; a busy machine must not.
const DEADLINE: Duration = Duration::from_secs(20);

/// Guests that are kept, one for each settings. Cases with the same settings
/// mostly stand together.
const GUESTS_MAX: usize = 16;

/// What came of a run.
pub(crate) struct Trial {
    pub(crate) name: String,
    pub(crate) world: World,
    pub(crate) digest: Digest,
    pub(crate) outcomes: Vec<Outcome>,
    /// Cases that the filter left out.
    pub(crate) left_out: usize,
    /// Settings that the policy accepts and its schema does not.
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

/// A policy that answers questions: one guest for each settings.
pub(crate) struct Asked<'a> {
    sandbox: &'a Sandbox,
    component: &'a [u8],
    guests: BTreeMap<String, Result<Guest, LoadError>>,
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
        let answer = Answer::of(guest, case).await;
        let mut differences = difference::between(&case.expect, &answer, folder.cases.is_exact);
        differences.extend(answer.fuel.and_then(|fuel| budget.check(&case.name, fuel)));
        trial.outcomes.push(Outcome {
            name: case.name.clone(),
            line: case.line,
            differences,
            answer,
        });
    }
    progress.clear();
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

    /// The dearest case.
    pub(crate) fn dearest(&self) -> Option<(&str, u64)> {
        let costs = self
            .outcomes
            .iter()
            .filter_map(|outcome| Some((outcome.name.as_str(), outcome.answer.fuel?)));
        costs.max_by_key(|(_, fuel)| *fuel)
    }

    fn check_schema(&mut self, folder: &PolicyFolder, case: &Case, is_accepted: bool) {
        let (Some(schema), true) = (&folder.schema, is_accepted) else {
            return;
        };
        let Ok(settings) = serde_json::from_str(&case.settings) else {
            return;
        };
        if let Err(problem) = schema::check(schema, &settings) {
            self.schema_problems.push(format!(
                "the policy accepts the settings of `{}` ({}:{}), and `settings.schema.json` does not: {problem}",
                case.name,
                folder.cases_path.display(),
                case.line
            ));
        }
    }
}

// === impl Asked ===

impl<'a> Asked<'a> {
    pub(crate) const fn new(sandbox: &'a Sandbox, component: &'a [u8]) -> Self {
        Self {
            sandbox,
            component,
            guests: BTreeMap::new(),
        }
    }

    /// The policy with these settings.
    pub(crate) async fn guest(&mut self, settings: &str) -> &Result<Guest, LoadError> {
        if !self.guests.contains_key(settings) && self.guests.len() >= GUESTS_MAX {
            self.guests.clear();
        }
        let limits = Limits {
            deadline: DEADLINE,
            ..Limits::default()
        };
        match self.guests.entry(settings.to_owned()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let guest = self.sandbox.load(self.component, settings, limits).await;
                entry.insert(guest)
            }
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

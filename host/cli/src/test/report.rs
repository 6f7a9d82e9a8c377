//! A run for a program.

use gatewright_cases::{Difference, Line};
use gatewright_policy::Digest;
use serde::Serialize;
use serde_json::Value;

use super::coverage::Coverage;
use super::folder::PolicyFolder;
use super::trial::{Outcome, Trial};

/// The whole run.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    policy: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    world: &'static str,
    component: Digest,
    passed: usize,
    failed: usize,
    left_out: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel_max: Option<u64>,
    cases: Vec<CaseReport<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    schema_problems: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<&'a Coverage>,
}

#[derive(Serialize)]
struct CaseReport<'a> {
    name: &'a str,
    line: usize,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel: Option<u64>,
    answer: Value,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    differences: &'a [Difference],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    log: &'a [Line],
}

impl<'a> Report<'a> {
    pub(super) fn of(
        trial: &'a Trial,
        folder: &'a PolicyFolder,
        coverage: Option<&'a Coverage>,
    ) -> Self {
        let policy = folder.policy.as_ref();
        let failed = trial.failed();
        Self {
            policy: &trial.name,
            version: policy.map_or("", |policy| &policy.version),
            description: policy.map_or("", |policy| &policy.description),
            world: trial.world.name(),
            component: trial.digest,
            passed: trial.outcomes.len() - failed,
            failed,
            left_out: trial.left_out,
            fuel_max: trial.dearest().map(|(_, fuel)| fuel),
            cases: trial.outcomes.iter().map(CaseReport::of).collect(),
            schema_problems: &trial.schema_problems,
            coverage,
        }
    }
}

impl<'a> CaseReport<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        Self {
            name: &outcome.name,
            line: outcome.line,
            outcome: match outcome.differences.is_empty() {
                true => "passed",
                false => "failed",
            },
            fuel: outcome.answer.fuel,
            answer: outcome.answer.answered.to_json(),
            differences: &outcome.differences,
            log: &outcome.answer.log,
        }
    }
}

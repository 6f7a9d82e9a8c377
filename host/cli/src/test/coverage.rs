//! What the cases of a policy reach: answers, refusals, obligations, settings.

use std::collections::BTreeMap;

use gatewright_cases::Answered;
use gatewright_policy::verdict::{Obligation, Refusal, Verdict};
use gatewright_policy::{Authority, Power, counted};
use gatewright_sandbox::World;
use serde::Serialize;
use serde_json::Value;

use super::folder::PolicyFolder;
use super::trial::Trial;
use crate::policy_file::Language;
use crate::schema;

/// How often each thing came, and what never came.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Coverage {
    /// Verdicts of a judge, findings of a reviewer, what an editor did.
    answers: BTreeMap<&'static str, usize>,
    refusals: BTreeMap<&'static str, usize>,
    obligations: BTreeMap<&'static str, usize>,
    settings_errors: usize,
    faults: usize,
    /// Members of `settings.schema.json`, and whether accepted settings have them.
    settings: BTreeMap<String, bool>,
    /// Why there are none.
    source_lines: &'static str,
}

// === impl Coverage ===

impl Coverage {
    pub(super) fn of(trial: &Trial, folder: &PolicyFolder) -> Self {
        let policy = folder.policy.as_ref();
        let authority = policy.and_then(|policy| policy.authority);
        let mut coverage = Self {
            answers: possible_answers(trial.world, authority),
            refusals: BTreeMap::new(),
            obligations: BTreeMap::new(),
            settings_errors: 0,
            faults: 0,
            settings: BTreeMap::new(),
            source_lines: source_lines(policy.and_then(|policy| policy.language)),
        };
        if trial.world == World::Policy {
            let refusals = REFUSALS.iter().map(|refusal| (refusal_name(*refusal), 0));
            coverage.refusals.extend(refusals);
            coverage.obligations = possible_obligations(authority);
        }
        for outcome in &trial.outcomes {
            coverage.count(&outcome.answer.answered);
        }
        coverage.reach_settings(trial, folder);
        coverage
    }

    fn count(&mut self, answered: &Answered) {
        let answer = match answered {
            Answered::NotLoaded(_) => {
                self.settings_errors += 1;
                return;
            }
            Answered::Fault(_) => {
                self.faults += 1;
                return;
            }
            Answered::Verdict(verdict, _) => {
                if let Verdict::Deny(denial) = verdict {
                    *self
                        .refusals
                        .entry(refusal_name(denial.refusal))
                        .or_default() += 1;
                }
                verdict.name()
            }
            Answered::Arguments { before, after } if before == after => "unchanged",
            Answered::Arguments { .. } => "edited",
            Answered::Pass { before, after, .. } if before == after => "pass",
            Answered::Pass { .. } => "pass with edits",
            Answered::Block { .. } => "block",
        };
        *self.answers.entry(answer).or_default() += 1;
        for obligation in answered.obligations() {
            let name = obligation_name(obligation);
            *self.obligations.entry(name).or_default() += 1;
        }
    }

    fn reach_settings(&mut self, trial: &Trial, folder: &PolicyFolder) {
        let Some(schema) = &folder.schema else {
            return;
        };
        schema::reach(schema.value(), None, &mut self.settings);
        let cases = folder.cases.cases.iter();
        for (case, outcome) in cases.flat_map(|case| {
            let outcome = trial
                .outcomes
                .iter()
                .find(|outcome| outcome.name == case.name);
            outcome.map(|outcome| (case, outcome))
        }) {
            let is_accepted = !matches!(outcome.answer.answered, Answered::NotLoaded(_));
            if is_accepted && let Ok(settings) = serde_json::from_str::<Value>(&case.settings) {
                schema::reach(schema.value(), Some(&settings), &mut self.settings);
            }
        }
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec!["coverage".to_owned()];
        let mut row = |what: &str, text: String| lines.push(format!("  {what:<16} {text}"));
        row("answers", counts(&self.answers));
        if !self.refusals.is_empty() {
            row("refusals", counts(&self.refusals));
        }
        if !self.obligations.is_empty() {
            row("obligations", counts(&self.obligations));
        }
        row("settings errors", self.settings_errors.to_string());
        row("faults", self.faults.to_string());
        let missed: Vec<_> = self
            .settings
            .iter()
            .filter_map(|(member, is_reached)| (!is_reached).then_some(member.as_str()))
            .collect();
        let reached = self.settings.len() - missed.len();
        let mut settings = format!("{reached} of {}", counted(self.settings.len(), "member"));
        if !missed.is_empty() {
            settings.push_str(&format!("; never set: {}", missed.join(", ")));
        }
        row("settings", settings);
        row("source lines", self.source_lines.to_owned());
        lines.join("\n")
    }
}

fn counts(counts: &BTreeMap<&'static str, usize>) -> String {
    let count = |(name, count): (&&str, &usize)| match count {
        0 => format!("{name} never"),
        count => format!("{name} {count}"),
    };
    counts.iter().map(count).collect::<Vec<_>>().join(", ")
}

/// What an answer can be, as far as the authority that the policy asks for says.
fn possible_answers(world: World, authority: Option<Authority>) -> BTreeMap<&'static str, usize> {
    let may = |power| authority.is_none_or(|authority| authority.grants(power));
    let answers = match world {
        World::Policy => vec![
            ("abstain", true),
            ("allow", may(Power::Allow)),
            ("deny", may(Power::Deny)),
            ("ask", may(Power::Ask)),
        ],
        World::Editor => vec![("unchanged", true), ("edited", true)],
        World::Reviewer => vec![
            ("pass", true),
            ("pass with edits", may(Power::Edit)),
            ("block", may(Power::Block)),
        ],
    };
    let possible = |(name, is_possible): (_, bool)| is_possible.then_some((name, 0));
    answers.into_iter().filter_map(possible).collect()
}

fn possible_obligations(authority: Option<Authority>) -> BTreeMap<&'static str, usize> {
    [
        Power::Charge,
        Power::Label,
        Power::Redact,
        Power::LimitResult,
    ]
    .into_iter()
    .filter(|power| authority.is_none_or(|authority| authority.grants(*power)))
    .map(|power| (power.name(), 0))
    .collect()
}

const REFUSALS: [Refusal; 4] = [
    Refusal::Forbidden,
    Refusal::InsufficientScope,
    Refusal::InvalidArguments,
    Refusal::UnsafeContext,
];

const fn refusal_name(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Forbidden => "forbidden",
        Refusal::InsufficientScope => "insufficient-scope",
        Refusal::InvalidArguments => "invalid-arguments",
        Refusal::UnsafeContext => "unsafe-context",
    }
}

const fn obligation_name(obligation: &Obligation) -> &'static str {
    match obligation {
        Obligation::Charge(_) => Power::Charge.name(),
        Obligation::Label(_) => Power::Label.name(),
        Obligation::Declassify(_) => Power::Declassify.name(),
        Obligation::Redact(_) => Power::Redact.name(),
        Obligation::LimitResult(_) => Power::LimitResult.name(),
    }
}

/// A component carries no line tables that the sandbox could count: the
/// language's own test runner knows its lines.
const fn source_lines(language: Option<Language>) -> &'static str {
    match language {
        Some(Language::Rust) => {
            "not seen in a component; `cargo llvm-cov` counts them in native tests"
        }
        Some(Language::Go) => {
            "not seen in a component; `go test -cover ./...` counts them in native tests"
        }
        Some(Language::JavaScript | Language::TypeScript) => {
            "not seen in a component; `node --test --experimental-test-coverage` counts them in native tests"
        }
        Some(Language::Python) => {
            "not seen in a component; `coverage run -m pytest` counts them in native tests"
        }
        Some(Language::C) => {
            "not seen in a component; clang's `-fprofile-instr-generate -fcoverage-mapping` counts them in native tests"
        }
        Some(Language::AssemblyScript) | None => {
            "not seen in a component; the language's own test runner may count them"
        }
    }
}

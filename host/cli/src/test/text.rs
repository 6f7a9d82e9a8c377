//! A run for a person.

use gatewright_policy::counted;

use super::coverage::Coverage;
use super::folder::PolicyFolder;
use super::trial::{Outcome, Trial};
use crate::output::{Paint, Tone, visible};

/// Characters of a value that are shown; the JSON report has all of them.
const SHOWN_MAX: usize = 300;

/// Each case on a line, below it what the policy logged and what is different,
/// and a summary.
pub(super) fn report(
    trial: &Trial,
    folder: &PolicyFolder,
    coverage: Option<&Coverage>,
    paint: Paint,
) -> String {
    let mut lines = Vec::new();
    for outcome in &trial.outcomes {
        lines.push(line(outcome, folder, paint));
        // First: who throws says why before it traps.
        if !outcome.differences.is_empty() {
            for logged in &outcome.answer.log {
                lines.push(format!("        log  {}", shown(&logged.written())));
            }
        }
        for difference in &outcome.differences {
            lines.push(format!("        {}", difference.member));
            lines.push(format!(
                "          expected  {}",
                shown(&difference.expected)
            ));
            lines.push(format!("          got       {}", shown(&difference.got)));
        }
    }
    for problem in &trial.schema_problems {
        lines.push(format!("{}  {problem}", paint.tone(Tone::Bad, "FAIL")));
    }
    if let Some(coverage) = coverage {
        lines.push(coverage.text());
    }
    lines.push(summary(trial, paint));
    lines.join("\n")
}

fn line(outcome: &Outcome, folder: &PolicyFolder, paint: Paint) -> String {
    let name = visible(&outcome.name);
    if outcome.differences.is_empty() {
        let fuel = match outcome.answer.fuel {
            Some(fuel) => paint.tone(Tone::Faint, &format!("  {fuel} fuel")),
            None => String::new(),
        };
        format!("{}    {name}{fuel}", paint.tone(Tone::Good, "ok"))
    } else {
        format!(
            "{}  {name} ({}:{})",
            paint.tone(Tone::Bad, "FAIL"),
            folder.cases_path.display(),
            outcome.line
        )
    }
}

fn summary(trial: &Trial, paint: Paint) -> String {
    let (total, failed) = (trial.outcomes.len(), trial.failed());
    let passes = match total {
        1 => "passes",
        _many => "pass",
    };
    let (passed, cases) = (total - failed, counted(total, "case"));
    let mut text = format!("{}: {passed} of {cases} {passes}", trial.name);
    if trial.left_out > 0 {
        text.push_str(&format!(", {} left out", trial.left_out));
    }
    if let Some((name, fuel)) = trial.dearest() {
        text.push_str(&format!("; fuel at most {fuel} (`{}`)", visible(name)));
    }
    let tone = match trial.is_good() {
        true => Tone::Good,
        false => Tone::Bad,
    };
    paint.tone(tone, &text)
}

/// A value on one line, its end left out when it is long.
fn shown(text: &str) -> String {
    let mut shown = visible(text);
    if let Some((end, _)) = shown.char_indices().nth(SHOWN_MAX) {
        shown.truncate(end);
        shown.push_str(&format!("… ({})", counted(text.len(), "byte")));
    }
    shown
}

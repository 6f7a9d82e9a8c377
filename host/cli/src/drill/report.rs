//! What a drill found.

use gatewright_policy::counted;
use serde::Serialize;

use super::scenario::Scenario;
use crate::output::{Paint, Tone, visible};
use crate::test::escaped;

/// All scenarios.
#[derive(Default, Serialize)]
pub(super) struct Report {
    held: usize,
    failed: usize,
    scenarios: Vec<Played>,
}

/// One of them.
#[derive(Serialize)]
struct Played {
    name: String,
    claim: String,
    owasp: String,
    nist: Vec<String>,
    held: bool,
    /// Nothing where everything happened as it must.
    problems: Vec<String>,
}

// === impl Report ===

impl Report {
    pub(super) fn push(&mut self, scenario: &Scenario, problems: Vec<String>) {
        match problems.is_empty() {
            true => self.held += 1,
            false => self.failed += 1,
        }
        self.scenarios.push(Played {
            name: scenario.name.clone(),
            claim: scenario.claim.clone(),
            owasp: scenario.owasp.clone(),
            nist: scenario.nist.clone(),
            held: problems.is_empty(),
            problems,
        });
    }

    /// Whether everything happened as it must.
    pub(super) const fn all_held(&self) -> bool {
        self.failed == 0 && self.held > 0
    }

    /// For a person.
    pub(super) fn text(&self, paint: Paint) -> String {
        let mut lines = Vec::new();
        for played in &self.scenarios {
            let (tone, word) = match played.held {
                true => (Tone::Good, "held  "),
                false => (Tone::Bad, "FAILED"),
            };
            let (owasp, name) = (visible(&played.owasp), visible(&played.name));
            let claim = visible(&played.claim);
            lines.push(format!(
                "{} {owasp:<6} {name:<28} {claim}",
                paint.tone(tone, word)
            ));
            let problems = played.problems.iter();
            lines.extend(problems.map(|problem| format!("         {}", visible(problem))));
        }
        let count = counted(self.scenarios.len(), "scenario");
        lines.push(match self.failed {
            0 => paint.tone(Tone::Good, &format!("{count}, all held")),
            failed => paint.tone(
                Tone::Bad,
                &format!("{count}, {failed} FAILED: this gate does not stop them"),
            ),
        });
        lines.join("\n")
    }

    /// For build servers.
    pub(super) fn junit(&self) -> String {
        let (tests, failures) = (self.scenarios.len(), self.failed);
        let mut lines = vec![
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
            format!("<testsuites tests=\"{tests}\" failures=\"{failures}\">"),
            format!(
                "  <testsuite name=\"drill\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"0\" errors=\"0\">"
            ),
        ];
        for played in &self.scenarios {
            let (name, owasp) = (escaped(&played.name), escaped(&played.owasp));
            let case = format!("    <testcase classname=\"drill.{owasp}\" name=\"{name}\"");
            match played.problems.as_slice() {
                [] => lines.push(format!("{case}/>")),
                [first, ..] => {
                    let all = escaped(&played.problems.join("\n"));
                    let first = escaped(first);
                    lines.push(format!("{case}>"));
                    lines.push(format!(
                        "      <failure message=\"{first}\">{all}</failure>"
                    ));
                    lines.push("    </testcase>".to_owned());
                }
            }
        }
        lines.push("  </testsuite>".to_owned());
        lines.push("</testsuites>\n".to_owned());
        lines.join("\n")
    }
}

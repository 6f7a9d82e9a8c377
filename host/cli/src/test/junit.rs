//! A run in the JUnit form that build servers read.

use super::folder::PolicyFolder;
use super::trial::{Outcome, Trial};

/// One test suite, one test case for each case.
pub(super) fn report(trial: &Trial, folder: &PolicyFolder) -> String {
    let suite = escaped(&trial.name);
    let file = escaped(&folder.cases_path.display().to_string());
    let failures = trial.failed() + trial.schema_problems.len();
    let tests = trial.outcomes.len() + trial.schema_problems.len();
    let mut lines = vec![
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
        format!("<testsuites tests=\"{tests}\" failures=\"{failures}\">"),
        format!(
            "  <testsuite name=\"{suite}\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"0\" errors=\"0\">"
        ),
    ];
    for outcome in &trial.outcomes {
        let name = escaped(&outcome.name);
        let line = outcome.line;
        lines.push(format!(
            "    <testcase classname=\"{suite}\" name=\"{name}\" file=\"{file}\" line=\"{line}\">"
        ));
        lines.extend(details(outcome));
        lines.push("    </testcase>".to_owned());
    }
    for problem in &trial.schema_problems {
        lines.push(format!(
            "    <testcase classname=\"{suite}\" name=\"settings.schema.json\">\n      <failure message=\"{}\"/>\n    </testcase>",
            escaped(problem)
        ));
    }
    lines.push("  </testsuite>".to_owned());
    lines.push("</testsuites>".to_owned());
    lines.join("\n")
}

fn details(outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(fuel) = outcome.answer.fuel {
        lines.push(format!(
            "      <properties><property name=\"fuel\" value=\"{fuel}\"/></properties>"
        ));
    }
    if let Some(first) = outcome.differences.first() {
        let members: Vec<_> = outcome
            .differences
            .iter()
            .map(|difference| {
                format!(
                    "{}\n  expected  {}\n  got       {}",
                    difference.member, difference.expected, difference.got
                )
            })
            .collect();
        lines.push(format!(
            "      <failure message=\"`{}` differs\">{}</failure>",
            escaped(&first.member),
            escaped(&members.join("\n"))
        ));
    }
    if !outcome.answer.log.is_empty() {
        let log: Vec<_> = outcome
            .answer
            .log
            .iter()
            .map(gatewright_cases::Line::written)
            .collect();
        lines.push(format!(
            "      <system-out>{}</system-out>",
            escaped(&log.join("\n"))
        ));
    }
    lines
}

/// Text for XML 1.0, which cannot hold most control characters at all.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            control if control.is_control() => escaped.extend(control.escape_default()),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        assert_eq!(escaped("<a&\"b\">"), "&lt;a&amp;&quot;b&quot;&gt;");
        assert_eq!(escaped("a\u{0}\u{1b}b"), "a\\u{0}\\u{1b}b");
    }
}

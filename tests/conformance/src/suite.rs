//! Starting the suite, and reading what it found.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatewright_harness::{Binaries, Process};
use serde_json::Value;

/// How long one run of the suite may take.
const RUN_DEADLINE: Duration = Duration::from_secs(600);

/// What a run found: how often a check of a scenario ended with a status.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings(BTreeMap<Check, usize>);

/// One check and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Check {
    scenario: String,
    id: String,
    status: String,
    /// What the suite said about it, when it did not pass.
    message: String,
}

/// Runs the suite with these arguments and collects its findings.
pub(crate) fn run(binaries: &Binaries, arguments: &[&str]) -> Result<Findings, Box<dyn Error>> {
    let output = tempfile::Builder::new()
        .prefix("gatewright-conformance-")
        .tempdir()?;
    let mut command = Command::new(binaries.node()?);
    command
        .arg(binaries.npm("@modelcontextprotocol/conformance/dist/index.js")?)
        .args(arguments)
        .arg("--output-dir")
        .arg(output.path());
    let mut suite = Process::spawn(command)?;
    // The exit code only repeats that there are failures; they are counted below.
    suite.wait(RUN_DEADLINE)?;
    let findings = Findings::read(output.path())?;
    if findings.0.is_empty() {
        return Err(format!("the suite found nothing:\n{}", suite.printed()).into());
    }
    Ok(findings)
}

impl Findings {
    fn read(output: &Path) -> Result<Self, Box<dyn Error>> {
        let mut findings = Self::default();
        for entry in std::fs::read_dir(output)? {
            let folder = entry?.path();
            let checks = folder.join("checks.json");
            if !checks.is_file() {
                continue;
            }
            let scenario = scenario_of(&folder);
            let checks: Vec<Value> = serde_json::from_slice(&std::fs::read(checks)?)?;
            for check in &checks {
                let text = |key: &str| {
                    check
                        .get(key)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                // `INFO` notes what went over the wire, headers of the route included.
                if text("status") != "INFO" {
                    let (id, status, message) = (text("id"), text("status"), text("errorMessage"));
                    let check = Check {
                        scenario: scenario.clone(),
                        id,
                        status,
                        message,
                    };
                    *findings.0.entry(check).or_default() += 1;
                }
            }
        }
        Ok(findings)
    }

    /// Checks that passed.
    pub(crate) fn passed(&self) -> usize {
        self.count("SUCCESS")
    }

    /// Checks that failed.
    pub(crate) fn failed(&self) -> usize {
        self.count("FAILURE")
    }

    /// Checks that neither passed nor failed: warnings and skipped ones.
    pub(crate) fn others(&self) -> usize {
        self.0.values().sum::<usize>() - self.passed() - self.failed()
    }

    fn count(&self, status: &str) -> usize {
        self.0
            .iter()
            .filter(|(check, _)| check.status == status)
            .map(|(_, count)| count)
            .sum()
    }

    /// The failures, a line each.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.0
            .keys()
            .filter(|check| check.status == "FAILURE")
            .map(Check::line)
            .collect()
    }

    /// What ended another way than in `other`, a line each.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mine = self.by_status();
        let theirs = other.by_status();
        let mut lines = Vec::new();
        for (what, count) in &mine {
            let before = theirs.get(what).copied().unwrap_or(0);
            if *count > before {
                lines.push(format!("{what}: {count} times, {before} directly"));
            }
        }
        for (what, before) in &theirs {
            if !mine.contains_key(what) {
                lines.push(format!("{what}: never, {before} directly"));
            }
        }
        lines.extend(self.failures());
        lines
    }

    /// Without the messages, which may name ports and times.
    fn by_status(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (
            Check {
                scenario,
                id,
                status,
                message: _,
            },
            count,
        ) in &self.0
        {
            *counts
                .entry(format!("{scenario} {id} {status}"))
                .or_default() += count;
        }
        counts
    }
}

impl Check {
    fn line(&self) -> String {
        format!(
            "{} {} {}: {}",
            self.scenario, self.id, self.status, self.message
        )
    }
}

/// A result folder is called `<scenario>-<year>-<month>-<day>T...Z`.
fn scenario_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let parts: Vec<&str> = name.split('-').collect();
    let stamp = parts
        .iter()
        .position(|part| part.contains('T') && part.len() == 5);
    let end = stamp.map_or(parts.len(), |position| position.saturating_sub(2));
    parts.get(..end).unwrap_or_default().join("-")
}

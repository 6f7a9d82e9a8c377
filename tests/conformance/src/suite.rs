//! Starting the suite, and reading what it found.

use std::collections::{BTreeMap, BTreeSet};
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

/// The scenarios in which the suite asks a server who may come in. There are none: in its
/// `auth/` scenarios it is the server and the authorization server itself, gives opaque tokens, and
/// looks at what a client does. Official clients do that with a gate and a real authorization
/// server in `tests/peers/tests/peers/sign_in.rs`.
pub(crate) fn about_authorization(binaries: &Binaries) -> Result<Vec<String>, Box<dyn Error>> {
    let mut command = Command::new(binaries.node()?);
    command
        .arg(binaries.npm("@modelcontextprotocol/conformance/dist/index.js")?)
        .arg("list");
    let printed = Process::run(command, RUN_DEADLINE)?;
    let lines = printed.lines().map(str::trim);
    let lines = lines.skip_while(|line| !line.starts_with("Server scenarios"));
    let lines: Vec<_> = lines.skip(1).take_while(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(format!("the suite lists no server scenarios:\n{printed}").into());
    }
    let names = lines.iter().filter_map(|line| line.strip_prefix("- "));
    let names = names.filter(|name| name.starts_with("auth"));
    Ok(names.map(str::to_owned).collect())
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

    /// The checks that ended another way than in `direct`, a line each.
    pub(crate) fn differences(&self, direct: &Self) -> Vec<String> {
        let (mine, theirs) = (self.by_check(), direct.by_check());
        let names: BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
        let mut lines = Vec::new();
        for name in names {
            let (here, there) = (mine.get(name), theirs.get(name));
            if here.map(|ends| &ends.statuses) != there.map(|ends| &ends.statuses) {
                let [here, there] =
                    [here, there].map(|ends| ends.map_or_else(|| "never".to_owned(), Ends::text));
                lines.push(format!("{name}: {here}; directly {there}"));
            }
        }
        lines
    }

    /// Messages may name ports and times, so they are not compared.
    fn by_check(&self) -> BTreeMap<String, Ends<'_>> {
        let mut checks: BTreeMap<String, Ends<'_>> = BTreeMap::new();
        for (
            Check {
                scenario,
                id,
                status,
                message,
            },
            count,
        ) in &self.0
        {
            let ends = checks.entry(format!("{scenario} {id}")).or_default();
            *ends.statuses.entry(status).or_default() += count;
            if !message.is_empty() {
                ends.message = message;
            }
        }
        checks
    }
}

/// How the runs of one check ended.
#[derive(Default)]
struct Ends<'a> {
    statuses: BTreeMap<&'a str, usize>,
    message: &'a str,
}

impl Ends<'_> {
    fn text(&self) -> String {
        let statuses: Vec<_> = self
            .statuses
            .iter()
            .map(|(status, count)| format!("{count} {status}"))
            .collect();
        let separator = if self.message.is_empty() { "" } else { " " };
        format!("{}{separator}{}", statuses.join(", "), self.message)
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

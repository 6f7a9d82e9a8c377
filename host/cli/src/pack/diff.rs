//! `gatewright pack diff`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use gatewright_cases::Cases;
use gatewright_pack::{PackManifest, PolicyEntry};
use gatewright_policy::Power;
use gatewright_sandbox::Sandbox;
use serde::Serialize;
use serde_json::Value;

use super::held::tried;
use super::place::Unverified;
use crate::failure::Exit;
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// Show what a version of a pack adds and takes away.
///
/// Of each policy: what it imports, what it asks for, its settings and its size,
/// and the fuel of its cases, which are run in the sandbox. Verifies digests, and
/// trusts nobody.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  gatewright pack diff guards-1.4.1 guards-1.4.2")]
pub(super) struct Arguments {
    /// The version before: a folder, or a tar.
    old: PathBuf,
    /// The version after.
    new: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// So much of a value is shown, in characters.
const VALUE_CHARS_MAX: usize = 200;

/// What is different.
#[derive(Serialize)]
struct Report {
    old: String,
    new: String,
    policies: Vec<Difference>,
}

/// What is different about one policy.
#[derive(Default, Serialize)]
struct Difference {
    policy: String,
    /// `added`, `removed`, `changed` or `same`.
    is: &'static str,
    imports: Changes,
    authority: Changes,
    settings: Changes,
    /// What the pack sets where a binding sets nothing: `<pointer> = <value>`.
    defaults: Changes,
    bytes: [u64; 2],
    /// The dearest of the new version's cases, before and after.
    fuel: [Option<u64>; 2],
    /// The new version's cases that it does not pass itself.
    failing: Vec<String>,
}

#[derive(Default, Serialize)]
struct Changes {
    added: Vec<String>,
    removed: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let old = Unverified::read(&arguments.old)?;
    let new = Unverified::read(&arguments.new)?;
    let sandbox = crate::compiled::sandbox()?;
    let report = crate::runtime::runtime()?.block_on(Report::of(&old, &new, &sandbox))?;
    match arguments.format {
        Format::Json => print_json(&report)?,
        Format::Text => print_line(&report.text(Paint::stdout()))?,
    }
    Ok(Exit::Fine)
}

// === impl Report ===

impl Report {
    async fn of(old: &Unverified, new: &Unverified, sandbox: &Sandbox) -> Result<Self> {
        let names: BTreeSet<_> = [old, new]
            .iter()
            .flat_map(|pack| pack.manifest.policies.iter())
            .map(|policy| policy.name.clone())
            .collect();
        let mut policies = Vec::new();
        for name in names {
            let (before, after) = (old.manifest.policy(&name), new.manifest.policy(&name));
            let mut difference = Difference::of(name, before, after);
            if let Some(cases) = after.and_then(|policy| policy.cases.as_ref()) {
                let cases = Cases::from_json(cases)
                    .map_err(|error| anyhow!("cases of `{}`: {error}", difference.policy))?;
                for (pack, entry, place) in [(old, before, 0), (new, after, 1)] {
                    let component = entry.and_then(|entry| pack.layout.blob(&entry.sha256));
                    let Some(component) = component else { continue };
                    let (fuel, failing) = tried(sandbox, component, &cases).await;
                    if let Some(slot) = difference.fuel.get_mut(place) {
                        *slot = fuel;
                    }
                    difference.failing = failing;
                }
            }
            policies.push(difference);
        }
        Ok(Self {
            old: label(&old.manifest),
            new: label(&new.manifest),
            policies,
        })
    }

    fn text(&self, paint: Paint) -> String {
        let mut lines = vec![format!("{} -> {}", self.old, self.new)];
        for policy in &self.policies {
            lines.push(format!("\n{}: {}", policy.policy, policy.is));
            for (what, changes) in [
                ("imports", &policy.imports),
                ("asks for", &policy.authority),
                ("settings", &policy.settings),
                ("default", &policy.defaults),
            ] {
                let line = |sign: &str, tone, name: &String| {
                    paint.tone(tone, &format!("  {sign} {what} {}", visible(name)))
                };
                lines.extend(
                    changes
                        .added
                        .iter()
                        .map(|name| line("+", Tone::Warning, name)),
                );
                lines.extend(
                    changes
                        .removed
                        .iter()
                        .map(|name| line("-", Tone::Faint, name)),
                );
            }
            let [before, after] = policy.bytes;
            if before != after {
                lines.push(format!("  bytes {before} -> {after}"));
            }
            let fuel = |fuel: Option<u64>| fuel.map_or("-".to_owned(), |fuel| fuel.to_string());
            let [before, after] = policy.fuel;
            if before != after {
                lines.push(format!("  fuel {} -> {}", fuel(before), fuel(after)));
            }
            let failing = policy.failing.iter();
            lines.extend(
                failing.map(|case| {
                    paint.tone(Tone::Bad, &format!("  fails its case {}", visible(case)))
                }),
            );
        }
        lines.join("\n")
    }
}

fn label(manifest: &PackManifest) -> String {
    format!(
        "{} {}, version {}",
        manifest.name, manifest.revision, manifest.version
    )
}

// === impl Difference ===

impl Difference {
    fn of(policy: String, old: Option<&PolicyEntry>, new: Option<&PolicyEntry>) -> Self {
        let sides = [old, new];
        let imports = sides.map(|side| side.map(imports).unwrap_or_default());
        let authority = sides.map(|side| side.map(authority).unwrap_or_default());
        let settings = sides.map(|side| side.map(settings).unwrap_or_default());
        let defaults = sides.map(|side| side.map(defaults).unwrap_or_default());
        Self {
            policy,
            is: match (old, new) {
                (None, _) => "added",
                (Some(_), None) => "removed",
                (Some(old), Some(new)) if old == new => "same",
                (Some(_), Some(_)) => "changed",
            },
            imports: Changes::between(&imports),
            authority: Changes::between(&authority),
            settings: Changes::between(&settings),
            defaults: Changes::between(&defaults),
            bytes: sides.map(|side| side.map_or(0, |entry| entry.bytes)),
            ..Self::default()
        }
    }
}

fn imports(entry: &PolicyEntry) -> BTreeSet<String> {
    entry.imports.iter().cloned().collect()
}

fn authority(entry: &PolicyEntry) -> BTreeSet<String> {
    let powers = Vec::from(entry.authority).into_iter();
    powers.map(Power::name).map(str::to_owned).collect()
}

/// The members that the schema of the settings names, as JSON Pointers.
fn settings(entry: &PolicyEntry) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    if let Some(schema) = &entry.settings_schema {
        named(schema, "", &mut members);
    }
    members
}

/// Each value in the pack's own settings, with where it stands.
fn defaults(entry: &PolicyEntry) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    if let Some(settings) = &entry.settings {
        valued(settings, "", &mut values);
    }
    values
}

fn valued(value: &Value, path: &str, values: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                valued(member, &format!("{path}/{name}"), values);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                valued(element, &format!("{path}/{index}"), values);
            }
        }
        leaf => {
            let text = leaf.to_string();
            let shown: String = text.chars().take(VALUE_CHARS_MAX).collect();
            let rest = if shown.len() < text.len() { "..." } else { "" };
            values.insert(format!("{path} = {shown}{rest}"));
        }
    }
}

fn named(schema: &Value, path: &str, members: &mut BTreeSet<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let path = format!("{path}/{name}");
        named(property, &path, members);
        members.insert(path);
    }
    if let Some(items) = schema.get("items") {
        named(items, &format!("{path}/*"), members);
    }
}

// === impl Changes ===

impl Changes {
    fn between([old, new]: &[BTreeSet<String>; 2]) -> Self {
        Self {
            added: new.difference(old).cloned().collect(),
            removed: old.difference(new).cloned().collect(),
        }
    }
}

//! A new policy that starts from one that ships: its crate is taken out of the
//! workspace, so that it stands alone.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, anyhow};
use toml::{Table, Value};

use super::project::Project;
use crate::embedded;
use crate::failure::Advise as _;

/// Where the SDK is in a new policy.
const SDK: &str = "gatewright/sdk/rust";

/// The files of a shipped policy under another name.
pub(super) fn project(plugin: &str, name: &str) -> Result<Project> {
    let mut project = Project::default();
    for (path, bytes) in embedded::below(&format!("plugins/{plugin}")) {
        project.files.insert(path.to_owned(), bytes.to_owned());
    }
    if !project.files.contains_key("Cargo.toml") {
        return Err(anyhow!("no policy `{plugin}` ships with Gatewright"))
            .hint(format!("there are {}", shipped().join(", ")));
    }
    let manifest = standalone(&project.text("Cargo.toml")?, name)?;
    project.put("Cargo.toml", manifest);
    let policy = renamed(&project.text("policy.toml")?, name);
    project.put("policy.toml", policy);
    project.put(".gitignore", "target/\n*.wasm\n".to_owned());
    // Its tests use the crate by its name.
    let (old, new) = (
        format!("gatewright_{}", plugin.replace('-', "_")),
        name.replace('-', "_"),
    );
    let sources: Vec<String> = project
        .files
        .keys()
        .filter(|path| path.ends_with(".rs"))
        .cloned()
        .collect();
    for path in sources {
        let text = project.text(&path)?.replace(&old, &new);
        project.put(&path, text);
    }
    project.add_sdk("rust");
    Ok(project)
}

fn shipped() -> Vec<String> {
    let folder = |(path, _): (&'static str, _)| path.split_once('/').map(|(folder, _)| folder);
    let folders: BTreeSet<_> = embedded::below("plugins").filter_map(folder).collect();
    folders.iter().map(|folder| format!("`{folder}`")).collect()
}

/// `policy.toml` with another name, and with its language.
fn renamed(policy: &str, name: &str) -> String {
    let mut lines: Vec<String> = policy
        .lines()
        .map(|line| match line.starts_with("name = ") {
            true => format!("name = \"{name}\""),
            false => line.to_owned(),
        })
        .collect();
    if !policy.contains("\nlanguage = ") {
        let world = lines.iter().position(|line| line.starts_with("world = "));
        let after = world.map_or(lines.len(), |world| world + 1);
        lines.insert(after, "language = \"rust\"".to_owned());
    }
    lines.join("\n") + "\n"
}

/// A manifest that inherits nothing.
fn standalone(manifest: &str, name: &str) -> Result<String> {
    let root: Table = toml::from_str(embedded::text("Cargo.toml")?)?;
    let workspace = root.get("workspace").and_then(Value::as_table);
    let workspace = workspace.context("the workspace has no manifest")?;
    let inherited = |table: &str| workspace.get(table).and_then(Value::as_table);
    let mut manifest: Table = toml::from_str(manifest)?;
    manifest.remove("lints");
    if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        inherit(package, inherited("package"));
        package.insert("name".to_owned(), Value::from(name));
    }
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(table) = manifest.get_mut(section).and_then(Value::as_table_mut) {
            inherit(table, inherited("dependencies"));
            if table.contains_key("gatewright-sdk") {
                let path = Table::from_iter([("path".to_owned(), Value::from(SDK))]);
                table.insert("gatewright-sdk".to_owned(), Value::Table(path));
            }
        }
    }
    let alone = Table::from_iter([(
        "exclude".to_owned(),
        Value::Array(vec![Value::from("gatewright")]),
    )]);
    manifest.insert("workspace".to_owned(), Value::Table(alone));
    Ok(toml::to_string(&manifest)?)
}

/// Puts the workspace's value where a member says `workspace = true`.
fn inherit(table: &mut Table, workspace: Option<&Table>) {
    for (name, value) in table.iter_mut() {
        let says_so = value.get("workspace") == Some(&Value::Boolean(true));
        let inherited = workspace.and_then(|workspace| workspace.get(name));
        if let (true, Some(inherited)) = (says_so, inherited) {
            *value = inherited.clone();
        }
    }
}

// === impl Project ===

impl Project {
    fn text(&self, path: &str) -> Result<String> {
        let bytes = self.files.get(path);
        let bytes = bytes.with_context(|| format!("the policy has no `{path}`"))?;
        Ok(String::from_utf8(bytes.clone())?)
    }

    fn put(&mut self, path: &str, text: String) {
        self.files.insert(path.to_owned(), text.into_bytes());
    }
}

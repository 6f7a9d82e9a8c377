//! Every case of every policy in `plugins/`, in the real sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod expect;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_policy::json::JsonLimits;
use gatewright_policy::question::Question;
use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox, SandboxConfig};
use serde::Deserialize;

use expect::{Answered, Expect};

/// A `cases.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    #[serde(default)]
    settings: serde_json::Value,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    settings: Option<serde_json::Value>,
    #[serde(default)]
    request: Question,
    expect: Expect,
}

/// What `policy.toml` says, as far as the cases need it.
#[derive(Deserialize)]
struct Policy {
    name: String,
    world: World,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum World {
    Policy,
    Editor,
    Reviewer,
}

fn plugins() -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(root().join("plugins"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> T {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[tokio::test]
async fn every_case_of_every_policy_holds() {
    // Each settings makes a snapshot of its own; compiled once, they are kept.
    let sandbox = Sandbox::new(&SandboxConfig {
        cache_dir: Some(root().canonicalize().unwrap().join("target/plugin-cases")),
        ..SandboxConfig::default()
    })
    .unwrap();
    let mut failures = Vec::new();
    let mut count = 0;
    for folder in plugins() {
        let policy: Policy = read(&folder.join("policy.toml"));
        let cases: Cases = read(&folder.join("cases.toml"));
        assert!(!cases.case.is_empty(), "`{}` has no cases", policy.name);
        let file = root().join(format!("target/plugins/{}.wasm", policy.name));
        let component = fs::read(&file).unwrap_or_else(|error| {
            panic!(
                "`{}`: {error}\nhint: run `scripts/plugins.sh`",
                file.display()
            )
        });
        let mut guests = BTreeMap::new();
        let mut fuel_max = 0;
        for case in &cases.case {
            count += 1;
            let settings = case.settings.as_ref().unwrap_or(&cases.settings);
            let settings = match settings {
                serde_json::Value::Null => "{}".to_owned(),
                settings => settings.to_string(),
            };
            if !guests.contains_key(&settings) {
                let guest = sandbox.load(&component, &settings, Limits::default()).await;
                guests.insert(settings.clone(), guest);
            }
            let guest = &guests[&settings];
            let (answered, fuel) = ask(policy.world, guest, &case.request).await;
            fuel_max = fuel_max.max(fuel);
            if let Err(why) = case.expect.check(&answered) {
                failures.push(format!("{}: {}: {why}", policy.name, case.name));
            }
        }
        println!(
            "{}: {} cases, fuel at most {fuel_max}",
            policy.name,
            cases.case.len()
        );
    }
    assert!(
        failures.is_empty(),
        "{} of {count} cases fail:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// A new policy without a page, a schema or a row in the table is not finished.
#[test]
fn every_policy_has_all_its_files() {
    let table = fs::read_to_string(root().join("plugins/README.md")).unwrap();
    for folder in plugins() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for file in [
            "Cargo.toml",
            "README.md",
            "policy.toml",
            "cases.toml",
            "settings.schema.json",
        ] {
            assert!(
                folder.join(file).is_file(),
                "`plugins/{name}` has no `{file}`; see `plugins/README.md`"
            );
        }
        let policy: Policy = read(&folder.join("policy.toml"));
        assert_eq!(policy.name, name, "`policy.toml` names the folder");
        assert!(
            table.contains(&format!("[`{name}`]({name}/)")),
            "`plugins/README.md` does not list `{name}`"
        );
        let schema = fs::read_to_string(folder.join("settings.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(
            schema["additionalProperties"], false,
            "`{name}` refuses unknown settings"
        );
    }
}

async fn ask(
    world: World,
    guest: &Result<Guest, LoadError>,
    question: &Question,
) -> (Answered, u64) {
    let guest = match guest {
        Ok(guest) => guest,
        Err(error) => return (Answered::NotLoaded(error.to_string()), 0),
    };
    let limits = JsonLimits::default();
    let request = Arc::new(question.to_request(&limits).unwrap());
    match world {
        World::Policy => {
            let answer = guest.judge(&request).await;
            (Answered::judge(answer.result), answer.fuel)
        }
        World::Editor => {
            let answer = guest.revise(&request).await;
            (
                Answered::editor(answer.result, &request.arguments),
                answer.fuel,
            )
        }
        World::Reviewer => {
            let response = question
                .to_response(&limits)
                .unwrap()
                .expect("a reviewer's case has a `response`");
            let is_error = question
                .response
                .as_ref()
                .is_some_and(|response| response["isError"] == true);
            let answer = guest.review(&request, &response, is_error).await;
            (Answered::reviewer(answer.result, &response), answer.fuel)
        }
    }
}

//! Who may know whom. The table is that of `ARCHITECTURE.md`.

use std::collections::BTreeSet;
use std::path::Path;

use gatewright_house::{markdown, metadata, nothing_in, text};
use serde_json::Value;

/// Folder, the crates of this workspace that it may use, crates that it must not
/// know.
const TABLE: [(&str, &[&str], &[&str]); 16] = [
    (
        "policy",
        &[],
        &[
            "tokio",
            "hyper",
            "wasmtime",
            "rusqlite",
            "notify",
            "getrandom",
            "rand",
        ],
    ),
    (
        "artifact",
        &["policy"],
        &["tokio", "hyper", "rusqlite", "notify", "serde", "anyhow"],
    ),
    (
        "sandbox",
        &["policy", "artifact", "link"],
        &["hyper", "rusqlite", "notify", "arc-swap"],
    ),
    (
        "cases",
        &["policy", "sandbox"],
        &["tokio", "hyper", "rusqlite", "notify", "wasmtime"],
    ),
    (
        "disk",
        &[],
        &["tokio", "hyper", "rusqlite", "wasmtime", "serde", "anyhow"],
    ),
    (
        "evidence",
        &[],
        &[
            "tokio",
            "hyper",
            "rusqlite",
            "wasmtime",
            "getrandom",
            "anyhow",
        ],
    ),
    (
        "pack",
        &["policy", "sandbox", "disk"],
        &[
            "tokio",
            "hyper",
            "rusqlite",
            "notify",
            "wasmtime",
            "getrandom",
            "oci-client",
        ],
    ),
    (
        "engine",
        &["policy", "disk", "evidence", "sandbox", "cases", "pack"],
        &["hyper", "hyper-util", "rusqlite", "wasmtime", "rmcp"],
    ),
    (
        "gateway",
        &["policy", "engine"],
        &["wasmtime", "rusqlite", "rmcp"],
    ),
    (
        "console",
        &["policy", "disk", "engine"],
        &["wasmtime", "rusqlite", "sqlx", "rmcp", "anyhow", "notify"],
    ),
    (
        "registry",
        &["pack", "disk"],
        &["wasmtime", "rusqlite", "rmcp", "ed25519-dalek", "notify"],
    ),
    (
        "store",
        &["policy", "engine", "disk"],
        &["hyper", "wasmtime", "rmcp", "anyhow"],
    ),
    ("link", &[], &["tokio", "hyper", "wasmtime", "anyhow"]),
    (
        "cli",
        &[
            "policy", "disk", "evidence", "sandbox", "cases", "pack", "engine", "gateway",
            "console", "registry", "link", "store",
        ],
        &["rmcp"],
    ),
    ("sdk", &[], &["wasmtime", "tokio", "hyper"]),
    ("abi", &[], &["wasmtime", "tokio", "hyper", "wit-bindgen"]),
];

/// A crate that only these folders of `host` may know.
const SOLE_USERS: [(&str, &[&str]); 3] = [
    ("sqlx", &["store"]),
    ("wasmtime", &["sandbox", "artifact"]),
    ("hyper", &["gateway", "console", "registry"]),
];

struct Crate {
    name: String,
    folder: String,
    uses: BTreeSet<String>,
}

fn crates() -> Vec<Crate> {
    let metadata = metadata(&["--no-deps"]);
    let found: Vec<_> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(read)
        .collect();
    assert!(found.len() > 5, "cargo metadata lists the workspace");
    found
}

fn read(package: &Value) -> Crate {
    let path = package["manifest_path"].as_str().unwrap();
    let top = gatewright_house::repository();
    let folder = Path::new(path)
        .parent()
        .unwrap()
        .strip_prefix(&top)
        .unwrap();
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    Crate {
        name: package["name"].as_str().unwrap().to_owned(),
        folder: folder.display().to_string(),
        uses: dependencies
            .filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect(),
    }
}

#[test]
fn crates_use_only_what_the_table_lets_them() {
    let mut found = Vec::new();
    for Crate { name, uses, .. } in crates() {
        let Some((_, allowed, unknown)) = TABLE
            .iter()
            .find(|(row, ..)| name == format!("gatewright-{row}"))
        else {
            continue;
        };
        for used in &uses {
            let own = used.strip_prefix("gatewright-");
            if own.is_some_and(|own| !allowed.contains(&own)) || unknown.contains(&used.as_str()) {
                found.push(format!("`{name}` uses `{used}`"));
            }
        }
    }
    nothing_in(
        &found,
        "turn the dependency round, or change the table in ARCHITECTURE.md with a reason",
    );
}

#[test]
fn two_crates_know_wasmtime_one_knows_sql_and_three_know_hyper() {
    let mut found = Vec::new();
    for Crate { folder, uses, .. } in crates() {
        for (library, sole) in SOLE_USERS {
            let host = folder.strip_prefix("host/");
            if uses.contains(library) && host.is_some_and(|host| !sole.contains(&host)) {
                found.push(format!(
                    "`{folder}` uses `{library}`, which only {sole:?} of `host` may know"
                ));
            }
        }
    }
    nothing_in(&found, "ask that crate for what is needed");
}

/// The crate whose lints allow it has its reasons at the top of its code.
#[test]
fn one_crate_of_the_host_may_be_unsafe() {
    let mut found = Vec::new();
    for Crate { folder, .. } in crates() {
        if !folder.starts_with("host/") {
            continue;
        }
        let manifest = text(&Path::new(&folder).join("Cargo.toml"));
        let is_forbidden = manifest.contains("[lints]\nworkspace = true\n");
        if is_forbidden == (folder == "host/artifact") {
            found.push(format!("`{folder}` has other lints"));
        }
    }
    let workspace = text(Path::new("Cargo.toml"));
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    nothing_in(&found, "keep to the lints of the workspace");
}

#[test]
fn policies_know_the_sdk_and_nothing_of_the_host() {
    let mut found = Vec::new();
    for Crate { name, folder, uses } in crates() {
        if folder.starts_with("plugins/") || folder.starts_with("examples/first-policy") {
            let host = uses.iter().filter(|used| used.starts_with("gatewright-"));
            let host = host.filter(|used| *used != "gatewright-sdk");
            found.extend(host.map(|used| format!("`{name}` uses `{used}`")));
        }
    }
    nothing_in(
        &found,
        "a policy is compiled against the contract, through the SDK",
    );
}

#[test]
fn packages_are_called_like_their_folders() {
    let mut found = Vec::new();
    for Crate { name, folder, .. } in crates() {
        let folder = folder.strip_prefix("host/").unwrap_or(&folder);
        if folder.contains('/') {
            continue;
        }
        if name != format!("gatewright-{folder}") {
            found.push(format!("`{folder}` holds `{name}`"));
        }
    }
    nothing_in(&found, "call the package `gatewright-<folder>`");
}

#[test]
fn the_architecture_has_a_row_for_every_crate_of_the_host() {
    let document = text(Path::new("ARCHITECTURE.md"));
    let rows = markdown::rows(&document);
    let first: Vec<_> = rows.iter().map(|row| row[0].replace('`', "")).collect();
    let mut found = Vec::new();
    for Crate { folder, .. } in crates() {
        if let Some(name) = folder.strip_prefix("host/")
            && !first.iter().any(|cell| cell == name)
        {
            found.push(format!("`host/{name}` has no row"));
        }
    }
    nothing_in(
        &found,
        "add it to the table of crates in ARCHITECTURE.md, and to TABLE here",
    );
}

//! Components that were built against each released version of the contract go on
//! loading and answering.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::fs;
use std::path::{Path, PathBuf};

use gatewright_cases::{Cases, probe};
use gatewright_sandbox::{Contract, Inspection, Sandbox, SandboxConfig, World};

fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap().join("tests/contracts")
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

#[test]
fn components_of_every_released_contract_still_answer() {
    let sandbox = Sandbox::new(&SandboxConfig::default()).unwrap();
    for contract in Contract::SERVED {
        let folder = folder().join(contract.version());
        for world in [World::Policy, World::Editor, World::Reviewer] {
            let file = folder.join(format!("{world}.wasm"));
            let component = fs::read(&file).unwrap_or_else(|error| {
                panic!(
                    "`{}`: {error}\n  hint: see tests/contracts/README.md",
                    file.display()
                )
            });
            let found = Inspection::of(&component).unwrap();
            assert_eq!((found.world, found.contract), (world, *contract));
            let cases = fs::read_to_string(file.with_extension("toml")).unwrap();
            let cases = Cases::from_toml(&cases).unwrap();
            assert!(!cases.cases.is_empty());
            if let Err(error) = run(probe(&sandbox, &component, &cases)) {
                panic!("{}: {error}", file.display());
            }
        }
    }
}

/// A folder that the host does not serve would be a promise that is not kept.
#[test]
fn every_folder_is_a_version_that_is_served() {
    for entry in fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            let mut served = Contract::SERVED.iter().map(|contract| contract.version());
            assert!(served.any(|version| version == name), "{name}");
        }
    }
}

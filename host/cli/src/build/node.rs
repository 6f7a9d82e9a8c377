//! Policies that are built with packages of npm: AssemblyScript, JavaScript and
//! TypeScript.

use std::path::Path;

use anyhow::Result;
use wit_component::StringEncoding;

use super::component::Component;
use super::policy::{CONTRACT_FILE, Policy};
use super::program::{Missing, Program, commands, is_on_path, run};
use crate::policy_file::Language;
use gatewright_link::flatten;

/// The oldest Node that the toolchains run on.
const OLDEST: (u32, u32, u32) = (20, 0, 0);
/// AssemblyScript's compiler, in a folder of a policy.
const ASC: &str = "node_modules/assemblyscript/bin/asc.js";
/// The version of it that the SDK is written for.
const ASC_VERSION: (u32, u32) = (0, 28);
/// The SDK, as npm links it.
const ASC_SDK: &str = "node_modules/@gatewright/assemblyscript";
/// The SDK for JavaScript and TypeScript, where npm put it.
const SDK: &str = "node_modules/@gatewright/sdk";
/// TypeScript's compiler, in a folder of a policy or above it.
const TSC: &str = "node_modules/.bin/tsc";
/// By which it checks the types of a policy.
const TSCONFIG: &str = "tsconfig.json";
/// Packages that the JavaScript SDK builds with.
const JAVASCRIPT_PACKAGES: [&str; 2] = ["componentize-qjs", "esbuild"];

/// Node itself.
pub(crate) fn find_node(folder: Option<&Path>) -> Result<Program, Missing> {
    let missing = |problem: String| Missing {
        problem,
        install: match is_on_path("apt-get") {
            true => "apt-get install nodejs npm".to_owned(),
            false => "brew install node".to_owned(),
        },
    };
    let node = Program::first(
        commands(folder, "node"),
        &["--version"],
        None,
        "there is no `node`",
    )
    .map_err(missing)?;
    match node.numbers() >= OLDEST {
        true => Ok(node),
        false => Err(missing(format!(
            "`node` is {}, and 20 or newer is needed",
            node.version
        ))),
    }
}

/// AssemblyScript's compiler, which is a package of the policy.
pub(crate) fn find_asc(folder: &Path) -> Result<Program, Missing> {
    let node = find_node(Some(folder))?;
    let missing = |problem: &str| Missing {
        problem: problem.to_owned(),
        install: "npm install".to_owned(),
    };
    if !folder.join(ASC).is_file() {
        return Err(missing(
            "the packages of the policy are not installed: there is no `assemblyscript` in `node_modules`",
        ));
    }
    let command = node.with(ASC);
    let asc = Program::first(
        [command],
        &["--version"],
        Some(folder),
        "`asc` does not run",
    )
    .map_err(|problem| missing(&problem))?;
    let (major, minor, _) = asc.numbers();
    match (major, minor) == ASC_VERSION {
        true => Ok(asc),
        false => Err(Missing {
            problem: format!("`asc` is {}, and 0.28 is needed", asc.version),
            install: "npm install --save-dev assemblyscript@0.28.20".to_owned(),
        }),
    }
}

/// The packages of a policy in JavaScript or TypeScript.
pub(crate) fn find_javascript(folder: &Path, sdk: &Path) -> Result<Program, Missing> {
    let node = find_node(Some(folder))?;
    for package in JAVASCRIPT_PACKAGES {
        let has = |place: &Path| {
            let manifest = Path::new("node_modules").join(package).join("package.json");
            place.join(manifest).is_file()
        };
        if !(folder.ancestors().any(has) || sdk.ancestors().any(has)) {
            return Err(Missing {
                problem: format!(
                    "the packages of the policy are not installed: there is no `{package}` in `node_modules`"
                ),
                install: "npm install".to_owned(),
            });
        }
    }
    Ok(node)
}

/// What is bundled has no types any more, so that nobody would see what is wrong with
/// them.
fn check_types(folder: &Path) -> Result<()> {
    if !folder.join(TSCONFIG).is_file() {
        eprintln!("there is no `{TSCONFIG}`: types are not checked");
        return Ok(());
    }
    let places = folder.ancestors().map(|place| place.join(TSC));
    let commands = places.filter(|place| place.is_file());
    let commands = commands.map(|place| vec![place.into_os_string()]);
    let tsc = Program::first(
        commands,
        &["--version"],
        Some(folder),
        "the packages of the policy are not installed: there is no `typescript` in `node_modules`",
    );
    let install = "npm install".to_owned();
    let missing = |problem| Missing { problem, install };
    let tsc = tsc.map_err(missing).or_else(Missing::refuse)?;
    let mut command = tsc.command(folder)?;
    command.args(["--noEmit", "--project", TSCONFIG]);
    run(command, "tsc")
}

pub(super) fn build_assemblyscript(policy: &Policy, scratch: &Path) -> Result<Component> {
    let asc = find_asc(&policy.folder).or_else(Missing::refuse)?;
    policy.say(&format!(
        "asc {}",
        asc.version.trim_start_matches("Version ")
    ));
    let core = scratch.join("core.wasm");
    let mut command = asc.command(&policy.folder)?;
    command
        .arg("assembly/policy.ts")
        .arg(format!(
            "{ASC_SDK}/assembly/entry/{}.ts",
            policy.world_name()
        ))
        .args(["--transform", "@gatewright/assemblyscript/transform.mjs"])
        .args([
            "--use",
            "abort=~lib/@gatewright/assemblyscript/assembly/fault/abort",
        ])
        .args(["--runtime", "stub", "--optimizeLevel", "3"])
        .args(["--shrinkLevel", "0", "--disableWarning", "235", "--outFile"])
        .arg(&core);
    run(command, "asc")?;
    let module = std::fs::read(&core)?;
    Component::of_module(&module, Some(policy.world), StringEncoding::UTF16)
}

pub(super) fn build_javascript(policy: &Policy, scratch: &Path) -> Result<Component> {
    let mut places = policy.folder.ancestors().map(|place| place.join(SDK));
    let installed = places.find(|place| place.is_dir() && !place.is_symlink());
    let sdk = policy.sdk("javascript", installed)?;
    let node = find_javascript(&policy.folder, &sdk).or_else(Missing::refuse)?;
    policy.say(&format!("componentize-qjs, node {}", node.version));
    if policy.language == Language::TypeScript {
        check_types(&policy.folder)?;
    }
    let out = scratch.join("component.wasm");
    let mut command = node.command(&policy.folder)?;
    command
        .arg(sdk.join("build.js"))
        .arg(&policy.folder)
        .arg(policy.world_name())
        .arg(&out)
        .arg(policy.wit(&sdk, scratch)?.join(CONTRACT_FILE));
    run(command, "componentize-qjs")?;
    let component = flatten(&std::fs::read(&out)?)?;
    Component::checked(component, Some(policy.world))
}

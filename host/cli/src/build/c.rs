//! Policies in C: zig brings a compiler and a C library for WebAssembly.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use wit_component::StringEncoding;

use super::component::Component;
use super::policy::Policy;
use super::program::{Missing, Program, commands, pip_for_all, places, run};

/// The version that the SDK is written for: zig before 1.0 changes its flags.
const VERSION: (u32, u32) = (0, 17);

/// zig, as the package of Python or by itself.
pub(crate) fn find(folder: Option<&Path>) -> Result<Program, Missing> {
    let missing = |problem: String| Missing {
        problem,
        // Once: zig compiles the C library anew for each place where it is installed.
        install: pip_for_all("ziglang==0.17.1"),
    };
    let package = |python: OsString| vec![python, "-m".into(), "ziglang".into()];
    let places = places(folder, "python3").into_iter().map(package);
    let candidates = places.chain(commands(folder, "zig"));
    let zig =
        Program::first(candidates, &["version"], None, "there is no `zig`").map_err(missing)?;
    let (major, minor, _) = zig.numbers();
    match (major, minor) == VERSION {
        true => Ok(zig),
        false => Err(missing(format!(
            "`zig` is {}, and 0.17 is needed",
            zig.version
        ))),
    }
}

pub(super) fn build(policy: &Policy, scratch: &Path) -> Result<Component> {
    let zig = find(Some(&policy.folder)).or_else(Missing::refuse)?;
    let sdk = policy.sdk("c", None)?;
    let sources = sources(&policy.folder)?;
    policy.say(&format!(
        "zig {}; the first time, half a minute for the C library",
        zig.version
    ));
    let core = scratch.join("core.wasm");
    let mut command = zig.command(&policy.folder)?;
    command
        .args(["cc", "-target", "wasm32-wasi", "-mexec-model=reactor"])
        .args([
            "-std=c11", "-Os", "-UNDEBUG", "-s", "-Wall", "-Wextra", "-I",
        ])
        .arg(sdk.join("include"))
        .args(["-Wl,-z,stack-size=65536", "-o"])
        .arg(&core)
        // Before what uses `malloc`: the linker takes the first that it sees.
        .arg(sdk.join("gatewright.c"))
        .args(sources);
    run(command, "zig cc")?;
    let module = std::fs::read(&core)?;
    Component::of_module(&module, Some(policy.world), StringEncoding::UTF8)
}

/// Every C file of `src/`, relative: their names stand in the messages of faults.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.join("src").read_dir();
    let entries = entries.with_context(|| format!("`{}` has no `src/`", folder.display()))?;
    let mut sources = Vec::new();
    for entry in entries {
        let path = Path::new("src").join(entry?.file_name());
        if path.extension().is_some_and(|extension| extension == "c") {
            sources.push(path);
        }
    }
    ensure!(
        !sources.is_empty(),
        "`{}` has no C file in `src/`",
        folder.display()
    );
    sources.sort();
    Ok(sources)
}

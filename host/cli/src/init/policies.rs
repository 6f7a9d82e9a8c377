//! The policies of a first configuration: one that lets listed tools through, which is in
//! this program, and guards that watch, where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Lets through what its binding lists.
const ALLOW: &str = include_str!("allow.wat");

/// How the policy is called that lets listed tools through.
pub(super) const ALLOW_FILE: &str = "allow.wasm";

/// The folder of policies beside a configuration.
pub(super) const FOLDER: &str = "policies";

/// Where guards are.
pub(super) struct Shelf(Option<PathBuf>);

/// The component that lets listed tools through.
pub(super) fn allow() -> anyhow::Result<Vec<u8>> {
    let module = wat::parse_str(ALLOW)?;
    crate::build::component_of(&module)
}

impl Shelf {
    /// The folder that is named, or else where an installed program, or a build of the
    /// repository, has them.
    pub(super) fn find(named: Option<&Path>, program: &Path) -> anyhow::Result<Self> {
        if let Some(named) = named {
            let named = std::path::absolute(named)?;
            let is_folder = fs::metadata(&named).is_ok_and(|found| found.is_dir());
            anyhow::ensure!(
                is_folder,
                "`{}` is no folder\nhint: name the folder that `make plugins` fills, target/plugins",
                named.display()
            );
            return Ok(Self(Some(named)));
        }
        let above = program.parent().and_then(Path::parent);
        let places = above.map(|above| {
            [
                above.join("share/gatewright/policies"),
                above.join("plugins"),
            ]
        });
        let mut places = places.into_iter().flatten();
        Ok(Self(
            places.find(|place| place.join("path-guard.wasm").is_file()),
        ))
    }

    /// Whether there is no such place.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Where the component of a guard is.
    pub(super) fn file(&self, policy: &str) -> Option<PathBuf> {
        let file = self.0.as_ref()?.join(format!("{policy}.wasm"));
        file.is_file().then_some(file)
    }

    /// Its component.
    pub(super) fn read(&self, policy: &str) -> anyhow::Result<Vec<u8>> {
        let file = self.file(policy);
        let file = file.with_context(|| format!("there is no `{policy}.wasm`"))?;
        fs::read(&file).with_context(|| format!("`{}` cannot be read", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_sandbox::{Limits, Sandbox, SandboxConfig};

    fn configured(settings: &str) -> Result<(), String> {
        let sandbox = Sandbox::new(&SandboxConfig::default()).unwrap();
        let runtime = crate::runtime::runtime().unwrap();
        let loaded = runtime.block_on(sandbox.load(&allow().unwrap(), settings, Limits::default()));
        loaded.map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_lets_tools_through_takes_no_settings() {
        configured("{}").unwrap();
        let refused = configured("{\"rules\":[]}").unwrap_err();
        assert!(refused.contains("it takes no settings"), "{refused}");
    }
}

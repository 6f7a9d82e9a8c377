//! Ready lists of rules, kept as data with a date.

use serde::Deserialize;

use crate::rule::Rule;

/// A list that ships with the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Profile {
    ReadOnlyGit,
    ReadOnlyFiles,
    BuildAndTest,
    NoNetwork,
    NoDeletion,
}

/// The rules of several profiles.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    #[expect(dead_code, reason = "for people who look at the file")]
    dated: String,
    #[serde(default)]
    allowed: Vec<Rule>,
    #[serde(default)]
    denied: Vec<Rule>,
}

/// What the chosen profiles allow and deny together.
#[derive(Default)]
pub(crate) struct Profiles {
    pub(crate) allowed: Vec<Rule>,
    pub(crate) denied: Vec<Rule>,
}

impl Profiles {
    /// Reads the chosen ones; an error here is one of the build.
    pub(crate) fn read(chosen: &[Profile]) -> Result<Self, String> {
        let mut all = Self::default();
        for profile in chosen {
            let text = match profile {
                Profile::ReadOnlyGit => include_str!("../profiles/read-only-git.json"),
                Profile::ReadOnlyFiles => include_str!("../profiles/read-only-files.json"),
                Profile::BuildAndTest => include_str!("../profiles/build-and-test.json"),
                Profile::NoNetwork => include_str!("../profiles/no-network.json"),
                Profile::NoDeletion => include_str!("../profiles/no-deletion.json"),
            };
            let data: Data = serde_json::from_str(text).map_err(|error| error.to_string())?;
            all.allowed.extend(data.allowed);
            all.denied.extend(data.denied);
        }
        Ok(all)
    }
}

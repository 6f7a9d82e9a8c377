//! The files of a new policy.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};

use crate::embedded;
use crate::policy_file::{Language, World};
use crate::sdk::copied;

/// What stands in a template for the policy's name.
const NAME: &[u8] = b"{{name}}";

/// What stands in the template of a world for what it is written in.
const LANGUAGE: &[u8] = b"{{language}}";

/// What stands there for how a language tests, and for its own files.
const STEPS: &[u8] = b"{{steps}}";
const FILES: &[u8] = b"{{files}}";

/// The page of a template.
const README: &str = "README.md";

/// Files by their path in the new folder.
#[derive(Default)]
pub(super) struct Project {
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

// === impl Project ===

impl Project {
    /// The template of a language with the name filled in, the SDK and the contract.
    pub(super) fn of_template(language: Language, world: World, name: &str) -> Result<Self> {
        let mut project = Self::default();
        let template = format!("sdk/{}", template(language));
        for (path, bytes) in embedded::below(&template) {
            project.files.insert(path.to_owned(), bytes.to_owned());
        }
        ensure!(
            !project.files.is_empty(),
            "this `gatewright` was built without a template for {language}\nhint: build it from a whole repository"
        );
        match world {
            World::Policy => {}
            World::Editor => project.become_of("editor", language)?,
            World::Reviewer => project.become_of("reviewer", language)?,
        }
        for bytes in project.files.values_mut() {
            *bytes = replaced(bytes, NAME, name.as_bytes());
        }
        project.add_sdk(sdk(language));
        Ok(project)
    }

    /// Puts what another world has in place of what judges: files that are the same in
    /// every language, and those of this one.
    fn become_of(&mut self, world: &str, language: Language) -> Result<()> {
        let page = self
            .files
            .get(README)
            .map(|bytes| String::from_utf8_lossy(bytes));
        let page = page.context("the template has no page")?.into_owned();
        let steps = between(&page, "```sh\n", "\ngatewright build").unwrap_or_default();
        let files = between(&page, "| what it is |\n|---|---|\n", "\n| `cases.toml` |");
        let files = files.unwrap_or_default();
        let folder = format!("sdk/templates/{world}");
        let common = embedded::below(&folder).filter(|(path, _)| !path.contains('/'));
        for (path, bytes) in common {
            let bytes = replaced(bytes, LANGUAGE, language.to_string().as_bytes());
            let bytes = replaced(&bytes, STEPS, steps.as_bytes());
            let bytes = replaced(&bytes, FILES, files.as_bytes());
            self.files.insert(path.to_owned(), bytes);
        }
        let own: Vec<_> = embedded::below(&format!("{folder}/{language}")).collect();
        ensure!(
            !own.is_empty(),
            "this `gatewright` was built without an {world} in {language}\nhint: build it from a whole repository"
        );
        for (path, bytes) in own {
            self.files.insert(path.to_owned(), bytes.to_owned());
        }
        Ok(())
    }

    /// Puts an SDK and the contract where policies look for them.
    pub(super) fn add_sdk(&mut self, sdk: &str) {
        self.files.extend(copied(sdk));
    }
}

/// The folder of a language's template, in `sdk/`.
const fn template(language: Language) -> &'static str {
    match language {
        Language::Rust => "rust/template",
        Language::Go => "go/template",
        Language::AssemblyScript => "assemblyscript/template",
        Language::JavaScript => "javascript/template-javascript",
        Language::TypeScript => "javascript/template-typescript",
        Language::Python => "python/template",
        Language::C => "c/template",
    }
}

/// The folder of a language's SDK, in `sdk/`.
const fn sdk(language: Language) -> &'static str {
    match language {
        Language::Rust => "rust",
        Language::Go => "go",
        Language::AssemblyScript => "assemblyscript",
        Language::JavaScript | Language::TypeScript => "javascript",
        Language::Python => "python",
        Language::C => "c",
    }
}

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// Bytes with every occurrence of `wanted` replaced.
fn replaced(bytes: &[u8], wanted: &[u8], by: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        match rest.strip_prefix(wanted) {
            Some(behind) => {
                result.extend_from_slice(by);
                rest = behind;
            }
            None => {
                result.push(*first);
                rest = behind;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn the_name_is_filled_in_everywhere() {
        assert_eq!(
            replaced(b"a{{name}}{{name}}b{{", b"{{name}}", b"x"),
            b"axxb{{"
        );
    }
}

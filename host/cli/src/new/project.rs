//! The files of a new policy.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use crate::embedded;
use crate::policy_file::Language;
use crate::sdk::copied;

/// What stands in a template for the policy's name.
const NAME: &[u8] = b"{{name}}";

/// Files by their path in the new folder.
#[derive(Default)]
pub(super) struct Project {
    pub(super) files: BTreeMap<String, Vec<u8>>,
}

// === impl Project ===

impl Project {
    /// The template of a language with the name filled in, the SDK and the
    /// contract.
    pub(super) fn of_template(language: Language, name: &str) -> Result<Self> {
        let mut project = Self::default();
        let template = format!("sdk/{}", template(language));
        for (path, bytes) in embedded::below(&template) {
            let bytes = replaced(bytes, NAME, name.as_bytes());
            project.files.insert(path.to_owned(), bytes);
        }
        ensure!(
            !project.files.is_empty(),
            "this `gatewright` was built without a template for {language}\nhint: build it from a whole repository"
        );
        project.add_sdk(sdk(language));
        Ok(project)
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

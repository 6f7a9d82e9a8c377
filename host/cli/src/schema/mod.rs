//! `gatewright schema`: JSON Schemas of the files that people write; and the part
//! of JSON Schema 2020-12 that settings schemas may use.

mod reach;
mod settings;
mod validate;
mod words;

use anyhow::Result;
use clap::ValueEnum;

use crate::failure::Exit;
use crate::output::print_line;

pub(crate) use reach::reach;
pub(crate) use settings::settings;
pub(crate) use validate::Schema;

/// Print the JSON Schema of a file.
///
/// For editors that complete and check TOML: `policy` is `policy.toml`, `cases` is
/// `cases.toml`, `config` is the gate's configuration.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright schema cases > cases.schema.json
  gatewright schema config > gatewright.schema.json

An editor with taplo finds it by the first line of a file:
  #:schema ./cases.schema.json")]
pub(crate) struct Arguments {
    /// Which file.
    #[arg(value_enum)]
    file: File,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum File {
    Policy,
    Cases,
    Config,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    print_line(arguments.file.schema().trim_end())?;
    Ok(Exit::Fine)
}

// === impl File ===

impl File {
    const fn schema(self) -> &'static str {
        match self {
            Self::Policy => include_str!("policy.json"),
            Self::Cases => include_str!("cases.json"),
            Self::Config => include_str!("config.json"),
        }
    }
}

/// Every file that ships fits its schema. That the schemas know every key is
/// tested from outside, with the errors about unknown ones.
#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::{File, Schema};

    fn schema(file: File) -> Schema {
        let schema = serde_json::from_str(file.schema()).unwrap();
        Schema::new(schema).unwrap_or_else(|error| panic!("{file:?}: {error}"))
    }

    /// The files of this name in the folders of a folder.
    fn files(folder: &str, name: &str) -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(folder);
        let folders = root.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let files: Vec<_> = folders
            .map(|folder| folder.join(name))
            .filter(|file| file.is_file())
            .collect();
        assert!(!files.is_empty(), "{folder} has no {name}");
        files
    }

    fn every_file_fits(file: File, paths: Vec<PathBuf>) {
        for path in paths {
            let value: Value = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            if let Err(problem) = schema(file).check(&value) {
                panic!("{}: {problem}", path.display());
            }
        }
    }

    #[test]
    fn every_policy_file_fits_its_schema() {
        every_file_fits(File::Policy, files("plugins", "policy.toml"));
    }

    #[test]
    fn every_case_file_fits_its_schema() {
        every_file_fits(File::Cases, files("plugins", "cases.toml"));
        every_file_fits(File::Cases, files("tests", "cases.toml"));
    }

    #[test]
    fn every_configuration_fits_its_schema() {
        every_file_fits(File::Config, files("examples", "gatewright.toml"));
    }

    #[test]
    fn every_settings_schema_is_understood() {
        let mut templates = files("sdk", "template/settings.schema.json");
        templates.extend(files("sdk/templates", "settings.schema.json"));
        for path in files("plugins", "settings.schema.json")
            .into_iter()
            .chain(templates)
        {
            let schema = super::settings(&path).unwrap_or_else(|error| panic!("{error:#}"));
            assert!(schema.is_some(), "{}", path.display());
        }
    }

    #[test]
    fn what_is_wrong_does_not_fit() {
        for (file, value) in [
            (File::Policy, json!({ "name": "a" })),
            (File::Policy, json!({ "name": "A", "world": "judge" })),
            (File::Cases, json!({ "case": [] })),
            (
                File::Cases,
                json!({ "case": [{ "name": "a", "expect": {} }] }),
            ),
            (
                File::Cases,
                json!({ "case": [{ "name": "a", "expect": { "verdict": "yes" } }] }),
            ),
            (File::Config, json!({ "gate": { "listn": "127.0.0.1:1" } })),
        ] {
            assert!(schema(file).check(&value).is_err(), "{value}");
        }
    }
}

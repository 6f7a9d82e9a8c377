//! A bundle as `opa build` writes it, `bundle.tar.gz`: modules, data at the paths of their
//! folders, a manifest, and the signatures of these files.

mod archive;
mod manifest;
mod signed;

use regorus::Value;
use serde::Deserialize;

use crate::documents::{Documents, Place};
use crate::tested::TEST_ENDING;
use manifest::Manifest;

pub(crate) use signed::BundleKey;

/// Largest content of a bundle, in bytes: what a component can hold beside it.
const BYTES_MAX: usize = 32 << 20;

/// What a bundle brings.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// Name and text of each module.
    pub(crate) modules: Vec<(String, String)>,
    /// Those of tests, which are not run here.
    pub(crate) tests: Vec<(String, String)>,
    /// Documents and their places.
    pub(crate) documents: Vec<(Place, Value)>,
}

/// A bundle in the settings: base64 of its bytes.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct WrittenBundle(String);

// === impl WrittenBundle ===

impl WrittenBundle {
    /// Reads it; `key` is what it has to be signed with.
    pub(crate) fn read(&self, key: Option<&BundleKey>) -> Result<Bundle, String> {
        let bytes = data_encoding::BASE64
            .decode(self.0.trim().as_bytes())
            .map_err(|_| "`bundle` is not base64\nhint: `base64 -w0 bundle.tar.gz`".to_owned())?;
        Bundle::read(&bytes, key).map_err(|error| format!("`bundle`: {error}"))
    }
}

// === impl Bundle ===

impl Bundle {
    fn read(bytes: &[u8], key: Option<&BundleKey>) -> Result<Self, String> {
        let unpacked = archive::unpacked(bytes, BYTES_MAX)?;
        let files = archive::files(&unpacked)?;
        signed::check(&files, key)?;
        let mut manifest = Manifest::default();
        let (mut modules, mut tests) = (Vec::new(), Vec::new());
        let mut documents = Vec::new();
        for (path, bytes) in &files {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            match name {
                ".manifest" if folder.is_empty() => manifest = Manifest::read(bytes)?,
                ".signatures.json" if folder.is_empty() => {}
                "data.json" => documents.push((place(folder), document(path, bytes)?)),
                "data.yaml" | "data.yml" => {
                    return Err(format!(
                        "`{path}`: YAML is not read\nhint: `opa build` writes it as `data.json`"
                    ));
                }
                "patch.json" if folder.is_empty() => {
                    return Err("it is a delta of another bundle".to_owned());
                }
                "plan.json" => {}
                _ if name.ends_with(".wasm") => {
                    return Err(format!(
                        "`{path}`: compiled policies are not run\nhint: `opa build` without `-t wasm`"
                    ));
                }
                _ if name.ends_with(TEST_ENDING) => tests.push((path.clone(), text(path, bytes)?)),
                _ if name.ends_with(".rego") => {
                    modules.push((path.clone(), text(path, bytes)?));
                }
                _ => {}
            }
        }
        manifest.check(&documents)?;
        if modules.is_empty() && documents.is_empty() {
            return Err("it has neither modules nor data".to_owned());
        }
        for (path, text) in &modules {
            manifest.check_module(path, text)?;
        }
        Ok(Self {
            modules,
            tests,
            documents,
        })
    }
}

/// The place of a folder: `data.json` in `users/roles` is `data.users.roles`.
fn place(folder: &str) -> Place {
    Documents::place(folder)
}

fn document(path: &str, bytes: &[u8]) -> Result<Value, String> {
    let text = text(path, bytes)?;
    Value::from_json_str(&text).map_err(|error| format!("`{path}` is not JSON: {error:#}"))
}

fn text(path: &str, bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
    Ok(text.to_owned())
}

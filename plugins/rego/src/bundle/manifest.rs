//! The manifest: which paths a bundle owns, and what its modules are written in.

use regorus::Value;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::documents::Place;
use crate::token::{Kind, tokens};

/// `.manifest`; what is about servers of bundles is passed over.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Manifest {
    roots: Option<Vec<String>>,
    rego_version: Option<u8>,
    #[serde(default)]
    file_rego_versions: BTreeMap<String, u8>,
    #[serde(default)]
    wasm: Vec<serde::de::IgnoredAny>,
}

// === impl Manifest ===

impl Manifest {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("`.manifest`: {error}"))
    }

    /// Whether everything is of a language that is spoken here, and below the roots.
    pub(super) fn check(&self, documents: &[(Place, Value)]) -> Result<(), String> {
        if !self.wasm.is_empty() {
            return Err(
                "some of its rules are compiled\nhint: `opa build` without `-t wasm`".to_owned(),
            );
        }
        let versions = self.file_rego_versions.values();
        if versions
            .chain(&self.rego_version)
            .any(|version| *version != 1)
        {
            return Err(
                "its modules are Rego v0\nhint: `opa fmt --v0-v1 --write FOLDER`, and `opa build` again"
                    .to_owned(),
            );
        }
        for (place, document) in documents {
            self.check_document(place, document)?;
        }
        Ok(())
    }

    pub(super) fn check_module(&self, path: &str, text: &str) -> Result<(), String> {
        let package = package(text);
        match self.is_owned(&package) {
            true => Ok(()),
            false => Err(format!(
                "`{path}` is of the package `{}`, which is below none of its roots",
                package.join(".")
            )),
        }
    }

    /// A document may hold a root, if it holds nothing else.
    fn check_document(&self, place: &[String], document: &Value) -> Result<(), String> {
        if self.is_owned(place) {
            return Ok(());
        }
        let Value::Object(members) = document else {
            return Err(outside(place));
        };
        let holds_root = self.roots().any(|root| root.starts_with(place));
        if !holds_root && !members.is_empty() {
            return Err(outside(place));
        }
        for (name, value) in members.iter() {
            let Value::String(name) = name else {
                continue;
            };
            let mut below = place.to_vec();
            below.push(name.to_string());
            self.check_document(&below, value)?;
        }
        Ok(())
    }

    fn is_owned(&self, path: &[String]) -> bool {
        self.roots().any(|root| path.starts_with(&root))
    }

    fn roots(&self) -> impl Iterator<Item = Place> {
        let all = [String::new()];
        let roots = self.roots.clone().unwrap_or_else(|| all.to_vec());
        roots.into_iter().map(|root| {
            let names = root.split('/').filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        })
    }
}

fn outside(place: &[String]) -> String {
    format!(
        "the data at `{}` is below none of its roots",
        place.join("/")
    )
}

/// The names of the package of a module, as far as they are written out.
fn package(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_package = false;
    for token in tokens(text) {
        match token.kind {
            Kind::Name("package") if !is_package => is_package = true,
            Kind::Name(name) if is_package && (token.follows || names.is_empty()) => {
                names.push(name.to_owned());
            }
            Kind::Text(name) if is_package && token.follows => names.push(name.to_owned()),
            Kind::Sign('.' | '[' | ']') if is_package && token.follows => {}
            _ if is_package => break,
            _ => {}
        }
    }
    names
}

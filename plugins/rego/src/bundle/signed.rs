//! The signatures of a bundle: one token, whose claims have the digest of every file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use crate::builtins::tokens::{Algorithm, verified_claims};

/// What a bundle has to be signed with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BundleKey {
    /// A public key or certificate in PEM, or the secret of `HS256`.
    key: String,
    #[serde(default = "usual_algorithm")]
    algorithm: String,
    #[serde(default)]
    scope: String,
}

fn usual_algorithm() -> String {
    "RS256".to_owned()
}

#[derive(Deserialize)]
struct Signatures {
    signatures: Vec<String>,
    plugin: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    files: Vec<File>,
    #[serde(default)]
    scope: String,
}

#[derive(Deserialize)]
struct File {
    name: String,
    hash: String,
    algorithm: String,
}

/// Whether the files are those that were signed.
pub(super) fn check(
    files: &BTreeMap<String, &[u8]>,
    key: Option<&BundleKey>,
) -> Result<(), String> {
    let signatures = files.get(".signatures.json");
    let (bytes, key) = match (signatures, key) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err("it is not signed, and `bundle-key` is there".to_owned()),
        (Some(_), None) => {
            return Err(
                "it is signed, and nothing says with which key\nhint: set `bundle-key`".to_owned(),
            );
        }
        (Some(bytes), Some(key)) => (bytes, key),
    };
    let claims = claims(bytes, key)?;
    let mut signed = BTreeMap::new();
    for file in claims.files {
        let name = file.name.trim_start_matches('/').to_owned();
        if signed.insert(name, file).is_some() {
            return Err("a file is in its signatures twice".to_owned());
        }
    }
    for (path, bytes) in files {
        if path == ".signatures.json" {
            continue;
        }
        let Some(file) = signed.remove(path) else {
            return Err(format!("`{path}` is not in its signatures"));
        };
        if digest(path, bytes, &file.algorithm)? != file.hash.to_lowercase() {
            return Err(format!("`{path}` is not what was signed"));
        }
    }
    match signed.keys().next() {
        None => Ok(()),
        Some(path) => Err(format!("`{path}` was signed and is not there")),
    }
}

fn claims(bytes: &[u8], key: &BundleKey) -> Result<Claims, String> {
    let wrong = |error: serde_json::Error| format!("`.signatures.json`: {error}");
    let written: Signatures = serde_json::from_slice(bytes).map_err(wrong)?;
    if written.plugin.is_some() {
        return Err("`.signatures.json` is for a plugin".to_owned());
    }
    let [token] = written.signatures.as_slice() else {
        return Err("`.signatures.json` has not exactly one signature".to_owned());
    };
    let algorithm = Algorithm::named(&key.algorithm)
        .ok_or_else(|| format!("`bundle-key`: `{}` is not known", key.algorithm))?;
    let claims = verified_claims(token, algorithm, &key.key)
        .map_err(|error| format!("its signature does not hold: {error}"))?;
    let claims: Claims = serde_json::from_str(&claims).map_err(wrong)?;
    match claims.scope == key.scope {
        true => Ok(claims),
        false => Err(format!("it was signed for the scope `{}`", claims.scope)),
    }
}

fn digest(path: &str, bytes: &[u8], algorithm: &str) -> Result<String, String> {
    // A document is what it says, whatever its spaces.
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_document = matches!(name, "data.json" | ".manifest");
    let written = match is_document {
        true => {
            let document: Json = serde_json::from_slice(bytes)
                .map_err(|error| format!("`{path}` is not JSON: {error}"))?;
            canonical(&document).into_bytes()
        }
        false => bytes.to_vec(),
    };
    Ok(match algorithm {
        "SHA-224" => hex(&Sha224::digest(written)),
        "SHA-256" => hex(&Sha256::digest(written)),
        "SHA-384" => hex(&Sha384::digest(written)),
        "SHA-512" => hex(&Sha512::digest(written)),
        "SHA-512-224" => hex(&Sha512_224::digest(written)),
        "SHA-512-256" => hex(&Sha512_256::digest(written)),
        _ => return Err(format!("`{path}`: digests of `{algorithm}` do not count")),
    })
}

/// Members by name, no spaces.
fn canonical(document: &Json) -> String {
    match document {
        Json::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Json::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Json::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(canonical).collect();
            format!("[{}]", elements.join(","))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => document.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut written = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a `String` cannot fail.
        let _ = write!(written, "{byte:02x}");
    }
    written
}

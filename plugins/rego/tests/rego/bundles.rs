//! Bundles, as `opa build` writes them.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use gatewright_rego::{Settings, judge};
use gatewright_sdk::Request;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{reach, settings};

const AUTHZ: &str =
    "package app.authz\n\nimport data.app.lib\n\nallow if lib.is_reader(input.action.name)\n";
const LIB: &str = "package app.lib\n\nis_reader(name) if name in data.app.readers\n";
const SECRET: &str = "a secret of the operator";

fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "/.manifest",
            br#"{"revision":"7","roots":["app"],"rego_version":1}"#.to_vec(),
        ),
        ("/app/data.json", br#"{"readers": ["read"]}"#.to_vec()),
        ("/app/authz.rego", AUTHZ.into()),
        ("/app/lib.rego", LIB.into()),
        (
            "/app/authz_test.rego",
            b"package app.authz_test\n\ntest_a if false\n".to_vec(),
        ),
    ]
}

/// A file of these instead of the one of its name, or beside the others.
fn with(name: &'static str, text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = files();
    files.retain(|(known, _)| *known != name);
    files.push((name, text.into()));
    files
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |value, byte| {
        (0..8).fold(value ^ u32::from(*byte), |value, _| match value & 1 {
            1 => 0xedb8_8320 ^ (value >> 1),
            _ => value >> 1,
        })
    })
}

fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, content) in files {
        let mut header = vec![0_u8; 512];
        let mut put = |at: usize, bytes: &[u8]| {
            header.splice(at..at + bytes.len(), bytes.iter().copied());
        };
        put(0, name.as_bytes());
        put(124, format!("{:011o}\0", content.len()).as_bytes());
        put(156, b"0");
        put(257, b"ustar\0");
        tar.extend(header);
        tar.extend(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut zip = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255];
    zip.extend(b"bundle.tar\0");
    zip.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    zip.extend(crc32(bytes).to_le_bytes());
    zip.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    zip
}

fn bundle(files: &[(&str, Vec<u8>)]) -> String {
    BASE64.encode(&gzip(&tar(files)))
}

fn written(bundle: &str) -> Value {
    json!({ "bundle": bundle, "query": "data.app.authz" })
}

fn refused(written: Value) -> String {
    let settings = serde_json::from_value::<Settings>(written);
    settings.map(|_| ()).unwrap_err().to_string()
}

/// The files with signatures of all of them.
fn signed(secret: &str, scope: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut files = files();
    let listed: Vec<Value> = files
        .iter()
        .map(|(name, bytes)| {
            let name = name.trim_start_matches('/');
            let is_document = name.ends_with(".json") || name == ".manifest";
            // A document is what it says: members by name, no spaces.
            let bytes = match is_document {
                true => {
                    let document: std::collections::BTreeMap<String, Value> =
                        serde_json::from_slice(bytes).unwrap();
                    serde_json::to_vec(&document).unwrap()
                }
                false => bytes.clone(),
            };
            let digest = Sha256::digest(bytes);
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "name": name, "hash": hash, "algorithm": "SHA-256" })
        })
        .collect();
    let encoded = |json: Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let text = format!(
        "{}.{}",
        encoded(json!({ "alg": "HS256" })),
        encoded(json!({ "files": listed, "scope": scope }))
    );
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    code.update(text.as_bytes());
    let code = BASE64URL_NOPAD.encode(&code.finalize().into_bytes());
    let signatures = json!({ "signatures": [format!("{text}.{code}")] });
    files.push(("/.signatures.json", signatures.to_string().into_bytes()));
    files
}

#[test]
fn a_rule_that_denies_is_not_dropped_because_of_its_file() {
    for (text, head) in [
        (
            "package app.authz\n\ndeny contains \"no\" if true\n",
            "deny",
        ),
        (
            "# a remark\npackage app.lib # and one\n\nallow if true\n\ntest_a if allow\n",
            "allow",
        ),
    ] {
        let error = refused(written(&bundle(&with("/app/more_test.rego", text))));
        let said = format!("`app/more_test.rego` has a rule `{head}`, which would decide nothing");
        assert!(error.contains(&said), "{error}");
    }
    // A package of its own decides nothing either way.
    let files = with(
        "/app/more_test.rego",
        "package app.more_test\n\ndeny contains \"no\"\n",
    );
    settings(written(&bundle(&files)));
}

#[test]
fn a_bundle_decides() {
    let settings = settings(written(&bundle(&files())));
    assert_eq!(reach(&judge(&settings, &Request::tool("read"))), 3);
    assert_eq!(reach(&judge(&settings, &Request::tool("drop"))), 0);
}

#[test]
fn modules_and_documents_stand_beside_a_bundle() {
    let mut written = written(&bundle(&files()));
    written["modules"] =
        json!(["package app.authz\n\ndeny contains \"no\" if input.action.name in data.blocked"]);
    written["documents"] = json!({ "blocked": ["read"] });
    assert_eq!(reach(&judge(&settings(written), &Request::tool("read"))), 0);
}

#[test]
fn a_bundle_that_cannot_be_read_is_refused_with_the_reason() {
    let whole = gzip(&tar(&files()));
    let mut damaged = whole.clone();
    let place = damaged.len() - 6;
    damaged[place] ^= 1;
    let cut = whole[..whole.len() / 2].to_vec();
    let mut large = gzip(&vec![0; (32 << 20) + 1]);
    large.truncate(large.len());
    let mut twice = files();
    twice.push(("/app/lib.rego", LIB.into()));
    let mut link = tar(&files());
    link[156] = b'2';
    for (bytes, right) in [
        ("{}".into(), "is not a `.tar.gz`"),
        (damaged, "its checksum is another"),
        (cut, "it is damaged"),
        (large, "larger than 33554432 bytes"),
        (gzip(&tar(&twice)), "is there twice"),
        (gzip(&link), "a member that is no file"),
        (gzip(&tar(&[])), "neither modules nor data"),
        (
            gzip(&tar(&[("/../a.rego", LIB.into())])),
            "is no path in a bundle",
        ),
    ] {
        let error = refused(written(&BASE64.encode(&bytes)));
        assert!(error.contains(right), "{right}: {error}");
    }
    let error = refused(written("?"));
    assert!(error.contains("`base64 -w0 bundle.tar.gz`"), "{error}");
}

#[test]
fn what_a_bundle_may_not_hold_is_refused_with_the_reason() {
    for (name, text, right) in [
        (
            "/.manifest",
            r#"{"roots":["app/authz","app/readers"]}"#,
            "`app/lib.rego` is of the package `app.lib`, which is below none of its roots",
        ),
        (
            "/.manifest",
            r#"{"roots":["app/authz","app/lib"]}"#,
            "the data at `app/readers` is below none of its roots",
        ),
        (
            "/.manifest",
            r#"{"rego_version":0}"#,
            "`opa fmt --v0-v1 --write FOLDER`",
        ),
        (
            "/.manifest",
            r#"{"file_rego_versions":{"/app/lib.rego":0}}"#,
            "are Rego v0",
        ),
        (
            "/.manifest",
            r#"{"wasm":[{"module":"policy.wasm"}]}"#,
            "without `-t wasm`",
        ),
        ("/.manifest", "{", "`.manifest`: "),
        ("/policy.wasm", "", "compiled policies are not run"),
        ("/patch.json", "{}", "a delta of another bundle"),
        ("/app/data.yaml", "a: 1", "YAML is not read"),
        ("/app/data.json", "{", "`app/data.json` is not JSON"),
        (
            "/app/lib.rego",
            "package app.lib\n\nis_reader(x) { x }",
            "`app/lib.rego` is not Rego",
        ),
        (
            "/app/authz.rego",
            "package app.authz\n\nallow if data.other",
            "`data.other` is not there",
        ),
    ] {
        let error = refused(written(&bundle(&with(name, text))));
        assert!(error.contains(right), "{name}: {text}: {error}");
    }
}

#[test]
fn signatures_hold_or_the_bundle_is_refused() {
    let key = |key: Value, files: &[(&str, Vec<u8>)]| {
        let mut written = written(&bundle(files));
        written["bundle-key"] = key;
        written
    };
    let right = json!({ "key": SECRET, "algorithm": "HS256", "scope": "gate" });
    let whole = signed(SECRET, "gate");
    let settings = settings(key(right.clone(), &whole));
    assert_eq!(reach(&judge(&settings, &Request::tool("read"))), 3);

    let changed = |name: &str, text: &str| {
        let mut files = whole.clone();
        files
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|(_, bytes)| *bytes = text.into());
        files
    };
    let mut more = whole.clone();
    more.push(("/app/more.rego", LIB.into()));
    let mut less = whole.clone();
    less.retain(|(name, _)| *name != "/app/authz_test.rego");
    for (files, key_given, reason) in [
        (
            changed("/app/data.json", r#"{"readers":["read","drop"]}"#),
            right.clone(),
            "`app/data.json` is not what was signed",
        ),
        (
            more,
            right.clone(),
            "`app/more.rego` is not in its signatures",
        ),
        (
            less,
            right.clone(),
            "`app/authz_test.rego` was signed and is not there",
        ),
        (
            signed("another secret", "gate"),
            right.clone(),
            "its signature does not hold",
        ),
        (
            signed(SECRET, "other"),
            right.clone(),
            "for the scope `other`",
        ),
        (files(), right.clone(), "it is not signed"),
        (
            whole.clone(),
            json!({ "key": SECRET, "algorithm": "none" }),
            "`none` is not known",
        ),
    ] {
        let error = refused(key(key_given, &files));
        assert!(error.contains(reason), "{reason}: {error}");
    }
    // Spaces in a document are nothing that is signed.
    let spaced = changed("/app/data.json", "{ \"readers\" : [ \"read\" ] }");
    assert_eq!(
        reach(&judge(
            &super::settings(key(right.clone(), &spaced)),
            &Request::tool("read")
        )),
        3
    );

    let error = refused(written(&bundle(&whole)));
    assert!(error.contains("set `bundle-key`"), "{error}");
    let error =
        refused(json!({ "module": "package gatewright\n\nallow := true", "bundle-key": right }));
    assert!(
        error.contains("`bundle-key` is there without `bundle`"),
        "{error}"
    );
}

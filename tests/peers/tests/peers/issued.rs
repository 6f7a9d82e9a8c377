//! What `gatewright issuer` and `gatewright credential issue` make verifies with libraries
//! that others wrote, over the rotation of keys, and so do both kinds of status lists.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::{GzDecoder, ZlibDecoder};
use gatewright_harness::Binaries;
use gatewright_peers::Library;
use serde_json::{Value, json};
use tempfile::TempDir;

const ID: &str = "https://id.example.org";
const LIST: &str = "https://id.example.org/lists/1";

struct Issuer(TempDir);

impl Issuer {
    fn new() -> Self {
        let issuer = Self(tempfile::tempdir().unwrap());
        issuer.run(&["issuer", "new", "staff", "--id", ID]);
        issuer
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(Binaries::locate().gatewright().unwrap());
        let output = command
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn credential(&self, more: &[&str]) -> String {
        let first = [
            "credential",
            "issue",
            "--issuer",
            "staff",
            "--agent",
            "did:example:bot",
            "--principal",
            "user:alice",
            "--scope",
            "files:*",
            "--valid-for",
            "1h",
        ];
        self.run(&[&first, more].concat())
    }

    fn list(&self, command: &str, file: &str, more: &[&str]) -> String {
        let first = ["issuer", "list", command, file, "--issuer", "staff"];
        self.run(&[&first, more].concat());
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    fn keys(&self) -> Value {
        let text = std::fs::read(self.path("staff/public/jwks.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// The claims of each, as both libraries read them.
    fn verified(&self, typ: &str, tokens: &[&str]) -> Vec<Value> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let asked = json!({
            "keys": self.keys(),
            "issuer": ID,
            "algorithms": ["EdDSA"],
            "typ": typ,
            "now": now.as_secs(),
            "tokens": tokens,
        });
        // Each says in its own words why it refuses.
        let claims = |verdict: Value| verdict["claims"].clone();
        let [one, other] = Library::ALL.map(|library| {
            let verdicts = library.verify(&asked).unwrap().into_iter();
            verdicts.map(claims).collect::<Vec<_>>()
        });
        assert_eq!(one, other);
        one
    }
}

#[test]
fn credentials_verify_with_other_libraries_before_and_after_a_rotation() {
    let issuer = Issuer::new();
    let before = issuer.credential(&[]);
    let published = issuer.keys();
    assert_eq!(published["keys"].as_array().unwrap().len(), 2);
    issuer.run(&["issuer", "rotate", "staff", "--known-after", "0s"]);
    let after = issuer.credential(&[]);
    // The second key was known before it signed anything.
    let names = |keys: &Value| -> Vec<Value> {
        let keys = keys["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].clone()).collect()
    };
    assert_eq!(names(&published), [json!("key-1"), json!("key-2")]);
    assert_eq!(
        names(&issuer.keys()),
        [json!("key-1"), json!("key-2"), json!("key-3")]
    );
    for claims in issuer.verified("vc+jwt", &[&before, &after]) {
        assert_eq!(claims["credentialSubject"]["id"], json!("did:example:bot"));
        assert_eq!(claims["issuer"], json!(ID));
    }
    // What a stolen key signed counts no more.
    issuer.run(&["issuer", "rotate", "staff", "--distrust"]);
    let last = issuer.credential(&[]);
    let verified = issuer.verified("vc+jwt", &[&before, &after, &last]);
    assert_eq!(verified[0], Value::Null);
    assert_eq!(verified[1], Value::Null);
    assert_eq!(verified[2]["sub"], json!("did:example:bot"));
}

#[test]
fn a_token_status_list_verifies_and_says_what_was_set() {
    let issuer = Issuer::new();
    issuer.list("new", "list", &["--url", LIST, "--entries", "1000"]);
    issuer.list("set", "list", &["--index", "47", "--status", "revoked"]);
    let before = issuer.list("set", "list", &["--index", "48", "--status", "suspended"]);
    issuer.run(&["issuer", "rotate", "staff", "--known-after", "0s"]);
    let after = issuer.list("renew", "list", &[]);
    for claims in issuer.verified("statuslist+jwt", &[before.trim(), after.trim()]) {
        assert_eq!(claims["sub"], json!(LIST));
        let list = &claims["status_list"];
        assert_eq!(list["bits"], json!(2));
        let packed = URL_SAFE_NO_PAD
            .decode(list["lst"].as_str().unwrap())
            .unwrap();
        let mut bytes = Vec::new();
        ZlibDecoder::new(&packed[..])
            .read_to_end(&mut bytes)
            .unwrap();
        let entry = |index: usize| (bytes[index / 4] >> (index % 4 * 2)) & 3;
        assert_eq!([46, 47, 48, 49].map(entry), [0, 1, 2, 0]);
        assert_eq!(bytes.iter().filter(|byte| **byte != 0).count(), 2);
    }
}

#[test]
fn a_bitstring_status_list_verifies_and_says_what_was_set() {
    let issuer = Issuer::new();
    for (kind, status) in [("revocation", "revoked"), ("suspension", "suspended")] {
        issuer.list("new", kind, &["--url", LIST, "--kind", kind]);
        let list = issuer.list("set", kind, &["--index", "9", "--status", status]);
        let claims = &issuer.verified("vc+jwt", &[list.trim()])[0];
        let subject = &claims["credentialSubject"];
        assert_eq!(subject["statusPurpose"], json!(kind));
        assert_eq!(subject["type"], json!("BitstringStatusList"));
        let packed = subject["encodedList"].as_str().unwrap();
        let packed = URL_SAFE_NO_PAD
            .decode(packed.strip_prefix('u').unwrap())
            .unwrap();
        let mut bytes = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() * 8, 131_072);
        // The first entry is the leftmost bit.
        assert_eq!(bytes[..2], [0, 0b0100_0000]);
        assert_eq!(bytes.iter().filter(|byte| **byte != 0).count(), 1);
        let place = [
            "--status-list",
            LIST,
            "--status-index",
            "9",
            "--status-kind",
            kind,
        ];
        let credential = issuer.credential(&place);
        let claims = &issuer.verified("vc+jwt", &[&credential])[0];
        let entry = &claims["credentialStatus"][0];
        assert_eq!(entry["type"], json!("BitstringStatusListEntry"));
        assert_eq!(entry["statusListIndex"], json!("9"));
        assert_eq!(entry["statusPurpose"], json!(kind));
        assert_eq!(entry["statusListCredential"], json!(LIST));
    }
}

//! An issuer that takes credentials back.

use gatewright_policy::credential::status::{ListKind, Standing, StatusList, StatusRef, read};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use gatewright_policy::credential::{TrustAnchor, inspect};
use serde_json::Value;

use super::Folder;

const URL: &str = "https://id.example.org/lists/1";

fn standing(folder: &Folder, issuer: &str, place: &StatusRef) -> Standing {
    let text = std::fs::read_to_string(folder.path("list")).unwrap();
    let now = StatusList::inspect(&text).unwrap().issued;
    let anchor = TrustAnchor::of_did(issuer).unwrap();
    let list = StatusList::verify(&text, place, &anchor, now).unwrap();
    assert_eq!(
        list.fresh_until,
        now.plus(std::time::Duration::from_secs(60))
    );
    list.standing(place)
}

#[test]
fn a_credential_is_taken_back_and_given_back_by_a_file() {
    let folder = Folder::new();
    let issuer = folder.with_issuer("");
    let list = |arguments: &[&str]| {
        let mut all = vec!["issuer", "list"];
        all.extend(arguments);
        all.extend(["list", "--key", "issuer.key"]);
        folder.run(&all)
    };
    let ran = list(&["new", "--url", URL, "--entries", "1000"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("1000 entries for https://id.example.org/lists/1"),
        "{ran:?}"
    );
    let ran = list(&["new", "--url", URL]);
    assert!(ran.stderr.contains("is there already"), "{ran:?}");

    let issue = [
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        "did:example:bot",
        "--principal",
        "user:a",
        "--scope",
        "files:*",
        "--valid-for",
        "1h",
        "--status-list",
        URL,
    ];
    let ran = folder.run(&[&issue[..], &["--status-index", "47"]].concat());
    let claims = inspect(ran.stdout.trim()).unwrap().payload;
    let places = read(claims.root()).unwrap();
    let expected = StatusRef {
        list: URL.into(),
        index: 47,
        kind: ListKind::Token,
    };
    assert_eq!(places, std::slice::from_ref(&expected));
    assert_eq!(folder.run(&issue).code, 2, "a list without a place in it");

    assert_eq!(standing(&folder, &issuer, &expected), Standing::Valid);
    for (status, expects) in [
        ("revoked", Standing::Revoked),
        ("suspended", Standing::Suspended),
        ("valid", Standing::Valid),
        ("revoked", Standing::Revoked),
    ] {
        let ran = list(&["set", "--index", "47", "--status", status]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(standing(&folder, &issuer, &expected), expects);
        let beside = StatusRef {
            index: 46,
            ..expected.clone()
        };
        assert_eq!(standing(&folder, &issuer, &beside), Standing::Valid);
    }
    assert_eq!(list(&["renew"]).code, 0);
    assert_eq!(standing(&folder, &issuer, &expected), Standing::Revoked);
    let ran = list(&["set", "--index", "1000", "--status", "revoked"]);
    assert!(ran.stderr.contains("no such entry"), "{ran:?}");
    folder.run(&["credential", "key", "other.key"]);
    let ran = folder.run(&["issuer", "list", "renew", "list", "--key", "other.key"]);
    assert!(ran.stderr.contains("signed with this key"), "{ran:?}");
}

/// Processes, not threads: each reads the list, and writes all of it.
#[test]
fn of_those_who_take_back_at_once_none_is_forgotten() {
    let folder = Folder::new();
    let issuer = folder.with_issuer("");
    let key = ["list", "--key", "issuer.key"];
    let new = ["issuer", "list", "new", "--url", URL, "--entries", "1000"];
    assert_eq!(folder.run(&[&new[..], &key[..]].concat()).code, 0);
    let children: Vec<_> = (0..8)
        .map(|index| {
            let index = index.to_string();
            let set = ["issuer", "list", "set", "--index", &index];
            let more = ["--status", "revoked"];
            let mut command = folder.command(&[&set[..], &more[..], &key[..]].concat());
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    for index in 0..8 {
        let place = StatusRef {
            list: URL.into(),
            index,
            kind: ListKind::Token,
        };
        assert_eq!(
            standing(&folder, &issuer, &place),
            Standing::Revoked,
            "{index}"
        );
    }
}

/// A configuration that trusts an issuer in a folder.
fn with_folder(folder: &Folder) {
    let ran = folder.run(&["issuer", "new", "staff", "--id", "did:web:id.example.org"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write(
        "gatewright.toml",
        "[[issuer]]\nid = \"did:web:id.example.org\"\njwks_file = \"staff/public/jwks.json\"\n\
         scopes = [\"files:*\"]\nlifetime_max = \"8h\"\n\
         [[server]]\nname = \"files\"\ncommand = [\"cat\"]\n",
    );
}

fn issued(folder: &Folder, valid_for: &str) -> String {
    let ran = folder.run(&[
        "credential",
        "issue",
        "--issuer",
        "staff",
        "--agent",
        "did:example:bot",
        "--principal",
        "user:a",
        "--scope",
        "files:*",
        "--valid-for",
        valid_for,
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.stdout
}

fn verifies(folder: &Folder, credential: &str) -> bool {
    folder.write("credential", credential);
    let inspect = [
        "credential",
        "inspect",
        "credential",
        "--config",
        "gatewright.toml",
    ];
    folder.run(&inspect).code == 0
}

fn names(folder: &Folder) -> Vec<String> {
    let text = std::fs::read_to_string(folder.path("staff/public/jwks.json")).unwrap();
    assert!(!text.contains("\"d\""), "{text}");
    let keys: Value = serde_json::from_str(&text).unwrap();
    let keys = keys["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn keys_are_published_before_they_sign_and_stay_until_what_they_signed_has_ended() {
    let folder = Folder::new();
    with_folder(&folder);
    let mode = |file: &str| {
        let metadata = std::fs::metadata(folder.path(file)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(
        (mode("staff/keys"), mode("staff/keys/key-1.key")),
        (0o700, 0o600)
    );
    assert_eq!(mode("staff/issuer.json"), 0o600);
    let first = issued(&folder, "8h");
    assert!(verifies(&folder, &first));
    assert_eq!(names(&folder), ["key-1", "key-2"]);
    let ran = folder.run(&["issuer", "rotate", "staff"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is published since") && ran.stderr.contains("hint: "));
    let rotate = ["issuer", "rotate", "staff", "--known-after", "0s"];
    let ran = folder.run(&rotate);
    assert!(ran.stdout.contains("key-1 retired") && ran.stdout.contains("key-2 current"));
    assert_eq!(names(&folder), ["key-1", "key-2", "key-3"]);
    // Nobody can sign with the first one any more.
    assert!(!folder.path("staff/keys/key-1.key").exists());
    let brief = issued(&folder, "1s");
    assert!(verifies(&folder, &first));
    assert_eq!(folder.run(&rotate).code, 0);
    let until = inspect(brief.trim()).unwrap().payload;
    let until = until.root().get("exp").unwrap().as_i64().unwrap();
    let ended = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        i64::try_from(now.unwrap().as_secs()).unwrap() > until + 1
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !ended() {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // The second one signed nothing that still counts.
    let ran = folder.run(&["issuer", "show", "staff"]);
    assert!(!ran.stdout.contains("key-2"), "{ran:?}");
    assert_eq!(names(&folder), ["key-1", "key-3", "key-4"]);
    assert!(verifies(&folder, &first));
    let did = std::fs::read_to_string(folder.path("staff/public/did.json")).unwrap();
    let did: Value = serde_json::from_str(&did).unwrap();
    assert_eq!(did["id"], "did:web:id.example.org");
    assert_eq!(did["assertionMethod"][0], "did:web:id.example.org#key-1");
    // A stolen key: what it signed counts no more.
    let stolen = issued(&folder, "1h");
    assert!(verifies(&folder, &stolen));
    let copy = std::fs::read(folder.path("staff/keys/key-4.key")).unwrap();
    assert_eq!(
        folder
            .run(&["issuer", "rotate", "staff", "--distrust"])
            .code,
        0
    );
    assert!(!verifies(&folder, &stolen) && !verifies(&folder, &first));
    assert!(verifies(&folder, &issued(&folder, "1h")));
    // Who copied the folder has the next key of before, too.
    assert_eq!(names(&folder), ["key-5", "key-6"]);
    for file in std::fs::read_dir(folder.path("staff/keys")).unwrap() {
        assert_ne!(std::fs::read(file.unwrap().path()).unwrap(), copy);
    }
}

#[test]
fn an_issuer_that_cannot_be_is_refused() {
    let folder = Folder::new();
    for id in [
        "did:key:z6Mk",
        "did:jwk:e30",
        "staff",
        "did:web:a b",
        "did:web:a#b",
    ] {
        let ran = folder.run(&["issuer", "new", "staff", "--id", id]);
        assert_eq!(ran.code, 2, "{ran:?}");
    }
    with_folder(&folder);
    let ran = folder.run(&["issuer", "new", "staff", "--id", "did:web:id.example.org"]);
    assert!(ran.stderr.contains("has an issuer already"), "{ran:?}");
    let ran = folder.run(&["issuer", "show", "nowhere"]);
    assert!(ran.stderr.contains("gatewright issuer new"), "{ran:?}");
    for file in [
        "{}",
        "not JSON",
        r#"{"id":"a:b","made":1,"keys":[],"more":1}"#,
    ] {
        folder.write("staff/issuer.json", file);
        assert_eq!(folder.run(&["issuer", "show", "staff"]).code, 1, "{file}");
    }
}

#[test]
fn a_bitstring_says_one_thing_and_is_kept_by_the_issuer_alone() {
    let folder = Folder::new();
    with_folder(&folder);
    let list = |arguments: &[&str]| {
        let more = ["list", "--issuer", "staff"];
        folder.run(&[&["issuer", "list"], arguments, &more].concat())
    };
    let ran = list(&[
        "new",
        "--url",
        URL,
        "--kind",
        "revocation",
        "--entries",
        "10",
    ]);
    assert!(ran.stdout.contains("131072 entries"), "{ran:?}");
    assert_eq!(
        list(&["set", "--index", "47", "--status", "revoked"]).code,
        0
    );
    let ran = list(&["set", "--index", "47", "--status", "suspended"]);
    assert!(ran.stderr.contains("cannot say this"), "{ran:?}");
    assert_eq!(
        folder
            .run(&["issuer", "rotate", "staff", "--known-after", "0s"])
            .code,
        0
    );
    assert_eq!(list(&["renew"]).code, 0);
    let text = std::fs::read_to_string(folder.path("list")).unwrap();
    let claims = StatusList::inspect(&text).unwrap();
    assert_eq!(
        (claims.url.as_str(), claims.kind),
        (URL, ListKind::Revocation)
    );
    folder.run(&["issuer", "new", "other", "--id", "did:web:id.example.org"]);
    let ran = folder.run(&["issuer", "list", "renew", "list", "--issuer", "other"]);
    assert!(ran.stderr.contains("by this issuer"), "{ran:?}");
}

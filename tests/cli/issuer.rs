//! An issuer that takes credentials back.

use gatewright_policy::credential::status::{ListKind, Standing, StatusList, StatusRef, read};
use gatewright_policy::credential::{TrustAnchor, inspect};

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

//! Keys and credentials.

use std::os::unix::fs::PermissionsExt as _;

use super::{Folder, Ran};

fn issue(folder: &Folder, more: &[&str]) -> String {
    let mut arguments = vec![
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        "did:example:bot",
    ];
    arguments.extend(["--principal", "user:alice", "--scope", "files:read_*"]);
    arguments.extend(more);
    let ran = folder.run(&arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write("bot.credential", &ran.stdout);
    ran.stdout.trim().to_owned()
}

fn inspect(folder: &Folder) -> Ran {
    folder.run(&[
        "credential",
        "inspect",
        "bot.credential",
        "--config",
        "gatewright.toml",
    ])
}

#[test]
fn a_key_file_is_for_its_owner_and_is_never_overwritten() {
    let folder = Folder::new();
    let made = folder.run(&["credential", "key", "issuer.key"]);
    assert!(made.stdout.starts_with("did:key:z6Mk"), "{made:?}");
    let mode = std::fs::metadata(folder.path("issuer.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = std::fs::read(folder.path("issuer.key")).unwrap();
    let again = folder.run(&["credential", "key", "issuer.key"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(
        again.stderr.contains("exists already") && again.stderr.contains("hint: "),
        "{again:?}"
    );
    assert_eq!(std::fs::read(folder.path("issuer.key")).unwrap(), before);
    let shown = folder.run(&["credential", "key", "--show", "issuer.key"]);
    assert_eq!(shown.stdout, made.stdout);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = Folder::new();
    folder.run(&["credential", "key", "issuer.key"]);
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(folder.path("issuer.key"), open).unwrap();
    let ran = folder.run(&["credential", "key", "--show", "issuer.key"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("hint: chmod 600 issuer.key"), "{ran:?}");
}

#[test]
fn no_key_is_ever_printed() {
    let folder = Folder::new();
    folder.with_issuer("");
    let pem = std::fs::read_to_string(folder.path("issuer.key")).unwrap();
    let secret = pem.lines().nth(1).unwrap()[21..].to_owned();
    issue(&folder, &["--valid-for", "1h"]);
    folder.write("broken.key", &pem.replace("PRIVATE", "PUBLIC"));
    std::fs::set_permissions(
        folder.path("broken.key"),
        std::fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    for arguments in [
        &["credential", "key", "issuer.key"][..],
        &["credential", "key", "--show", "issuer.key"],
        &["credential", "key", "--show", "broken.key"],
        &["credential", "inspect", "issuer.key"],
        &[
            "credential",
            "inspect",
            "bot.credential",
            "--config",
            "gatewright.toml",
        ],
        &["check"],
    ] {
        let ran = folder.run(arguments);
        assert!(
            !ran.stdout.contains(&secret) && !ran.stderr.contains(&secret),
            "{arguments:?}"
        );
    }
}

#[test]
fn claims_are_never_called_good_without_a_check() {
    let folder = Folder::new();
    folder.with_issuer("");
    issue(&folder, &["--valid-for", "1h"]);
    let ran = folder.run(&["credential", "inspect", "bot.credential"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("not checked"), "{ran:?}");
    let ran = inspect(&folder);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("accepted by the gate of gatewright.toml"),
        "{ran:?}"
    );
}

#[test]
fn what_the_gate_would_refuse_ends_with_3_and_says_why() {
    let folder = Folder::new();
    folder.with_issuer("");
    for (more, why) in [
        (
            &["--valid-for", "1h", "--valid-from", "2026-01-01T00:00:00Z"][..],
            "expired",
        ),
        (&["--valid-for", "9h"], "longer than its issuer may grant"),
        (
            &["--valid-for", "1h", "--scope", "other:*"],
            "wider than its issuer may grant",
        ),
        (
            &["--valid-for", "1h", "--audience", "another-gate"],
            "another audience",
        ),
    ] {
        issue(&folder, more);
        let ran = inspect(&folder);
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(
            ran.stdout.contains("refused") && ran.stdout.contains(why),
            "{ran:?}"
        );
    }
    let changed = issue(&folder, &["--valid-for", "1h"]).replace("eyJ", "eyK");
    folder.write("bot.credential", &changed);
    assert_ne!(inspect(&folder).code, 0);
}

#[test]
fn what_is_issued_says_what_was_asked_for() {
    let folder = Folder::new();
    let issuer = folder.with_issuer("");
    issue(
        &folder,
        &[
            "--valid-for",
            "90s",
            "--valid-from",
            "2026-01-01T00:00:00Z",
            "--claim",
            "team=ops",
            "--claim",
            "team=on-call",
        ],
    );
    let ran = folder.run(&[
        "credential",
        "inspect",
        "bot.credential",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["verification"], "not-checked");
    let claims = &report["claims"];
    assert_eq!(claims["issuer"], issuer);
    assert_eq!(claims["validUntil"], "2026-01-01T00:01:30Z");
    assert_eq!(claims["credentialSubject"]["id"], "did:example:bot");
    assert_eq!(claims["credentialSubject"]["principal"], "user:alice");
    assert_eq!(
        claims["credentialSubject"]["authorization_details"][0]["actions"][0],
        "files:read_*"
    );
    let team = serde_json::json!(["ops", "on-call"]);
    assert_eq!(claims["credentialSubject"]["team"], team);
}

/// What an issuer says besides of an agent reaches policies where the operator names it.
#[test]
fn what_an_issuer_says_besides_is_shown_as_policies_see_it() {
    let folder = Folder::new();
    folder.with_issuer("");
    let config = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
    let named = "claims = { facts = { team = \"/credentialSubject/team\" } }\nlifetime_max";
    folder.write("gatewright.toml", &config.replace("lifetime_max", named));
    issue(&folder, &["--valid-for", "1h", "--claim", "team=ops"]);
    let ran = inspect(&folder);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("team") && ran.stdout.contains("ops"),
        "{ran:?}"
    );
    for claim in ["id=did:example:other", "team", "te am=x", "team="] {
        let mut arguments = vec!["credential", "issue", "--key", "issuer.key"];
        arguments.extend(["--agent", "a", "--principal", "b", "--scope", "files:*"]);
        arguments.extend(["--valid-for", "1h", "--claim", claim]);
        assert_eq!(folder.run(&arguments).code, 2, "{claim}");
    }
}

#[test]
fn what_the_gate_makes_of_a_token_is_shown() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::json;

    let folder = Folder::new();
    let key = SigningKey::from_bytes(&[7; 32]);
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x }] });
    folder.write("keys.json", &keys.to_string());
    folder.write(
        "gatewright.toml",
        "[[server]]\nname = \"files\"\nurl = \"http://127.0.0.1:1/mcp\"\n\
         [[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\nalgorithms = [\"EdDSA\"]\n\
         jwks_file = \"keys.json\"\nscope_map = { \"files.read\" = [\"files:read_*\"] }\n\
         claims = { facts = { tenant = \"tid\" } }\n",
    );
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": "https://idp.example", "sub": "user:alice", "client_id": "assistant",
        "aud": "https://gate.example/mcp/files", "iat": now, "exp": now + 600,
        "scope": "openid files.read", "tid": "acme\u{1b}[2J", "act": { "sub": "helper" },
    });
    let write = |claims: &serde_json::Value| {
        let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "one" });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
        folder.write("bot.credential", &format!("{signed}.{signature}\n"));
    };
    let at = |endpoint: &str| {
        folder.run(&[
            "credential",
            "inspect",
            "bot.credential",
            "--config",
            "gatewright.toml",
            "--endpoint",
            endpoint,
        ])
    };
    write(&claims);
    let ran = at("https://gate.example/mcp/files");
    assert_eq!(ran.code, 3, "an escape sequence is no claim: {ran:?}");
    let mut plain = claims;
    plain["tid"] = json!("acme");
    write(&plain);
    let ran = at("https://gate.example/mcp/files");
    assert_eq!(ran.code, 0, "{ran:?}");
    for line in [
        "agent        helper",
        "principal    user:alice",
        "scopes       files:read_*",
        "claim        tenant = acme",
        "endpoints    https://gate.example/mcp/files",
    ] {
        assert!(ran.stdout.contains(line), "`{line}` in {ran:?}");
    }
    let ran = at("https://gate.example/mcp/other");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("another resource"), "{ran:?}");
    // Without a configuration the claims are claims.
    let ran = folder.run(&["credential", "inspect", "bot.credential"]);
    assert!(
        ran.stdout.contains("not checked") && ran.stdout.contains("assistant"),
        "{ran:?}"
    );
}

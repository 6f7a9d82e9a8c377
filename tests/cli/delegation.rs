//! Credentials that are bound to a key, what is made of them, and what is not.

use serde_json::Value;

use super::{Folder, Ran};

/// A folder with an issuer, the keys of two agents and a credential of the first.
fn agents(more: &[&str]) -> (Folder, [String; 2]) {
    let folder = Folder::new();
    folder.with_issuer("");
    let key = |name: &str| {
        let ran = folder.run(&["credential", "key", name]);
        ran.stdout.trim().to_owned()
    };
    let keys = [key("bot.key"), key("helper.key")];
    let base = [
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        "did:example:bot",
        "--principal",
        "user:alice",
        "--scope",
        "files:*",
        "--valid-for",
        "1h",
    ];
    let ran = folder.run(&[&base[..], &["--holder", &keys[0]], more].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write("bot.credential", &ran.stdout);
    (folder, keys)
}

fn delegate(folder: &Folder, holder: &str, more: &[&str]) -> Ran {
    let base = [
        "credential",
        "delegate",
        "--from",
        "bot.credential",
        "--key",
        "bot.key",
        "--to",
        "did:example:bot/helper",
        "--holder",
        holder,
        "--ttl",
        "10m",
    ];
    folder.run(&[&base[..], more].concat())
}

fn inspect(folder: &Folder, name: &str, more: &[&str]) -> Ran {
    let base = ["credential", "inspect", name, "--config", "gatewright.toml"];
    folder.run(&[&base[..], more].concat())
}

#[test]
fn a_delegated_credential_is_accepted_and_shown_with_all_of_its_agents() {
    let (folder, [_, helper]) = agents(&[]);
    let ran = delegate(
        &folder,
        &helper,
        &["--scope", "files:read_file", "--constraint", "/path=/srv/*"],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write("helper.credential", &ran.stdout);
    let shown = inspect(&folder, "helper.credential", &[]);
    assert_eq!(shown.code, 0, "{shown:?}");
    for part in [
        "accepted by the gate",
        "did:example:bot -> did:example:bot/helper",
        r#"files:read_file {"arguments":{"/path":{"type":"wildcard","pattern":"/srv/*"}}}"#,
        "a proof of this key is needed",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {shown:?}");
    }
    let shown = inspect(&folder, "helper.credential", &["--format", "json"]);
    let report: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(report["links"][0]["sub"], "did:example:bot/helper");
    assert_eq!(report["links"][0]["del_depth"], 1);
}

#[test]
fn what_would_be_refused_is_not_signed() {
    let (folder, [bot, helper]) = agents(&[]);
    for (more, why) in [
        (
            &["--scope", "db:query"][..],
            "is more than the credential has",
        ),
        (&["--constraint", "/path=/srv/*"], "needs a `--scope`"),
        (
            &[
                "--scope",
                "files:a",
                "--constraint",
                "/a={\"type\":\"regex\"}",
            ],
            "a type that is not known",
        ),
        (
            &[
                "--scope",
                "files:a",
                "--constraint",
                "/a=1",
                "--constraint",
                "/a=2",
            ],
            "names `/a` twice",
        ),
    ] {
        let ran = delegate(&folder, &helper, more);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(why), "{why}: {ran:?}");
        assert_eq!(ran.stdout, "");
    }
    let inexact = "/a={\"type\":\"exact\",\"value\":0.1000000000000000055}";
    let ran = delegate(
        &folder,
        &helper,
        &["--scope", "files:a", "--constraint", inexact],
    );
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.stderr.contains("more digits than can be written"),
        "{ran:?}"
    );
    let ran = folder.run(&[
        "credential",
        "delegate",
        "--from",
        "bot.credential",
        "--key",
        "helper.key",
        "--to",
        "x",
        "--holder",
        &bot,
        "--ttl",
        "1m",
    ]);
    assert!(
        ran.code == 1 && ran.stderr.contains("bound to another key"),
        "{ran:?}"
    );
    let ran = folder.run(&[
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        "did:example:bot",
        "--principal",
        "user:alice",
        "--scope",
        "files:*",
        "--valid-for",
        "1h",
    ]);
    folder.write("bot.credential", &ran.stdout);
    let ran = delegate(&folder, &helper, &[]);
    assert!(
        ran.code == 1 && ran.stderr.contains("bound to no key"),
        "{ran:?}"
    );
}

#[test]
fn a_credential_can_bound_arguments_and_says_so() {
    let (folder, _) = agents(&[
        "--constraint",
        r#"/limit={"type":"range","max":10,"optional":true}"#,
        "--other-arguments",
    ]);
    let shown = inspect(&folder, "bot.credential", &[]);
    assert_eq!(shown.code, 0, "{shown:?}");
    let bounds = r#"{"arguments":{"/limit":{"type":"range","max":10,"optional":true}},"other_arguments":true}"#;
    assert!(shown.stdout.contains(bounds), "{shown:?}");
}

#[test]
fn a_proof_is_made_for_a_request_or_for_a_message() {
    let (folder, _) = agents(&[]);
    let url = "http://127.0.0.1:8700/mcp/files";
    let base = ["credential", "prove", "--key", "bot.key", "--endpoint", url];
    let ran = folder.run(&[&base[..], &["--from", "bot.credential"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.stdout.trim().split('.').count(), 3);
    folder.write(
        "call.json",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}"#,
    );
    let ran = folder.run(&[&base[..], &["--message", "call.json"]].concat());
    let message: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(
        message["params"]["_meta"]["gatewright/proof"].is_string(),
        "{ran:?}"
    );
    let ran = folder.run(&base);
    assert_eq!(ran.code, 2, "{ran:?}");
}

//! Calls that are kept in full: shown, erased, and judged again.

use std::sync::Arc;

use gatewright_engine::config::Loaded;
use gatewright_engine::{Call, Engine, Kind, Ruling};
use gatewright_policy::Grant;
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use gatewright_policy::pattern::Scope;
use serde_json::Value;

use super::{Folder, Ran, plugin};

/// A gate with rules, that keeps what its tools are called with.
fn folder(rules: &str) -> Folder {
    let folder = Folder::new();
    folder.with_issuer(&tables(rules));
    folder
}

fn tables(rules: &str) -> String {
    let policy = plugin("tool-gate");
    format!(
        "[audit.payloads]\n[[audit.payloads.keep]]\ntools = [\"files:*\"]\n\n\
         [[binding]]\nname = \"rules\"\npolicy = {policy:?}\nsettings = {{ rules = [{rules}] }}\n"
    )
}

/// Calls each tool once, each for an agent of its own, and stops.
pub(crate) fn called(folder: &Folder, tools: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let loaded = Loaded::read(&folder.path("gatewright.toml")).unwrap();
        let engine = Engine::start(&loaded).await.unwrap();
        for (number, tool) in tools.iter().enumerate() {
            let text = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{"path": "/srv/{number}","n":1.0}}}}}}"#
            );
            let agent = format!("agent-{number}");
            let scopes = vec![Scope::parse("files:*").unwrap()];
            let call = Call {
                id: format!("call-{number}"),
                grant: Grant::local(&agent, Some("kim"), scopes, Arc::from("s")),
                kind: Kind::Judged,
                method: "tools/call".to_owned(),
                server: Arc::from("files"),
                name: (*tool).to_owned(),
                message: Document::parse(text, &JsonLimits::default()).unwrap(),
                arguments_at: Pointer::known("/params/arguments"),
                at: engine.now(),
            };
            let judgement = engine.judge(&engine.snapshot(), call).await;
            match engine.record(judgement).await {
                Ruling::Permitted(permit) => drop(permit.redeem()),
                Ruling::Held(_) | Ruling::Repeated(_) | Ruling::Denied(_) => {}
            }
        }
        engine.stop().await;
    });
}

const READ: &str = "{ tools = [\"read*\"], effect = \"allow\" }";

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn the_same_policies_judge_the_past_the_same_bit_for_bit() {
    let folder = folder(READ);
    called(&folder, &["read", "write", "read_more", "drop"]);
    let ran = folder.run(&["replay", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report = json(&ran);
    assert_eq!(report["judged"], 4);
    assert_eq!(report["same_set"], 4);
    assert_eq!(report["differences"], 0);
    assert_eq!(report["not_judged"], serde_json::json!({}));
    // One of them alone.
    let ran = folder.run(&["replay", "--id", "call-2", "--format", "json"]);
    assert_eq!((ran.code, &json(&ran)["judged"]), (0, &Value::from(1)));
    let ran = folder.run(&["replay", "--id", "call-nobody-made"]);
    assert_eq!(ran.code, 3, "{ran:?}");
}

#[test]
fn what_other_policies_would_let_through_comes_first() {
    let folder = folder(READ);
    called(&folder, &["read", "write", "read_more", "write"]);
    let own = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
    let other = own.replace(
        READ,
        "{ tools = [\"*write\", \"read\"], effect = \"allow\" }",
    );
    folder.write("other.toml", &other);
    let ran = folder.run(&["replay", "--against", "other.toml"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("3 flips in 4 calls"), "{ran:?}");
    assert!(
        lines[2].starts_with("deny  -> allow      1  agent-"),
        "{ran:?}"
    );
    assert!(
        lines[4].starts_with("allow -> deny       1  agent-2  files:read_more"),
        "{ran:?}"
    );
    assert!(
        ran.stderr.contains("3 calls would be decided otherwise"),
        "{ran:?}"
    );
    // What only gets tighter is fine for who asks about the rest.
    folder.write(
        "tight.toml",
        &own.replace(READ, "{ tools = [\"read\"], effect = \"allow\" }"),
    );
    let tight = ["replay", "--against", "tight.toml"];
    assert_eq!(folder.run(&tight).code, 3);
    let loosened = [tight.as_slice(), &["--fail-on", "loosened"]].concat();
    assert_eq!(folder.run(&loosened).code, 0);
    // Nothing to judge is no reason to go on.
    let ran = folder.run(&["replay", "--since", "2099-01-01T00:00:00Z"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains("nothing was judged"), "{ran:?}");
}

#[test]
fn what_is_missing_or_changed_is_named_and_never_the_same() {
    let folder = folder(READ);
    called(&folder, &["read", "read", "read"]);
    let ran = folder.run(&["log", "show", "call-1", "--payload"]);
    assert!(ran.stdout.contains("call, proven: {"), "{ran:?}");
    assert!(ran.stdout.contains("/srv/1"), "{ran:?}");
    let ran = folder.run(&["log", "erase", "--agent", "agent-1", "--by", "kim"]);
    assert_eq!(
        (ran.code, ran.stdout.trim()),
        (0, "erased 1 payload"),
        "{ran:?}"
    );
    let ran = folder.run(&["log", "show", "call-1", "--payload"]);
    assert!(
        ran.stdout.contains("call: it is not kept any more"),
        "{ran:?}"
    );
    let ran = folder.run(&["log", "verify", "state"]);
    assert_eq!(ran.code, 0, "the record is whole: {ran:?}");
    let report = json(&folder.run(&["replay", "--format", "json"]));
    assert_eq!(report["judged"], 2);
    assert_eq!(report["not_judged"], serde_json::json!({ "gone": 1 }));
    assert_eq!(report["entries"][0]["id"], "call-1");
    assert_eq!(report["entries"][0]["what"], "is not kept any more");

    let kept = std::fs::read_dir(folder.path("state/audit.jsonl.payloads")).unwrap();
    let mut kept = kept.map(|entry| entry.unwrap().path());
    let kept = kept
        .find(|path| path.extension().is_some_and(|it| it == "kept"))
        .unwrap();
    let mut bytes = std::fs::read(&kept).unwrap();
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    std::fs::write(&kept, bytes).unwrap();
    let ran = folder.run(&["replay"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.stderr
            .contains("not what the entry commits to: 1 payload"),
        "{ran:?}"
    );

    let nothing = folder.run(&["log", "erase"]);
    assert_eq!(nothing.code, 2, "{nothing:?}");
    let ran = folder.run(&["log", "erase", "--before", "2099-01-01T00:00:00Z"]);
    assert_eq!(ran.stdout.trim(), "erased 2 payloads", "{ran:?}");
}

#[test]
fn a_gate_that_keeps_nothing_has_nothing_to_judge_and_says_so() {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\nsettings = {{ rules = [{READ}] }}\n"
    ));
    called(&folder, &["read"]);
    let ran = folder.run(&["replay", "--format", "json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(
        json(&ran)["not_judged"],
        serde_json::json!({ "not-kept": 1 })
    );
}

//! Which calls are permitted.

use std::sync::Arc;

use gatewright_engine::ledger::{Appending, Durability, Ledger, LedgerError, Past};
use gatewright_engine::{Call, Engine, Kind, Ruling};
use gatewright_policy::json::Pointer;
use gatewright_policy::record::Event;
use gatewright_policy::request::PastOutcome;
use gatewright_policy::scope::read_details;
use gatewright_policy::{Fault, Grant, Reason, Timestamp};

use crate::gate::{
    ALLOW, ASK, DENY, Gate, binding, denied, document, grant, judge, message, permit, trap,
};
use crate::guests;

#[tokio::test]
async fn a_permit_carries_the_recorded_bytes_exactly() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let arguments = r#"{ "path" : "/x", "n": 12345678901234567890123 }"#;
    let permit = permit(gate.tool("1", arguments).await);
    let entry = &gate.entries()[usize::try_from(permit.sequence()).unwrap()];
    assert!(matches!(&entry.event, Event::Decided(decided) if decided.id == "1"));
    let (sent, changed, pending) = permit.redeem();
    assert_eq!(sent.text(), message(arguments));
    assert!(!changed);
    pending
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();
}

#[tokio::test]
async fn verdicts_combine_as_the_laws_say() {
    let guests = [
        ("allow.wasm", judge(ALLOW)),
        ("deny.wasm", judge(DENY)),
        ("ask.wasm", judge(ASK)),
        ("trap.wasm", trap()),
        ("abstain.wasm", judge("")),
    ];
    let observe = "mode = \"observe\"";
    for (bindings, expected) in [
        (vec![], Some(Reason::NoPolicy)),
        (vec![("abstain", "")], Some(Reason::NoPolicy)),
        (vec![("allow", ""), ("abstain", "")], None),
        (vec![("allow", ""), ("deny", "")], Some(Reason::Forbidden)),
        (vec![("allow", ""), ("deny", observe)], None),
        (
            vec![("allow", ""), ("ask", "")],
            Some(Reason::ApprovalRequired),
        ),
        (vec![("allow", ""), ("trap", "")], Some(Reason::PolicyFault)),
        (vec![("allow", ""), ("trap", observe)], None),
        (vec![("allow", observe)], Some(Reason::NoPolicy)),
        (
            vec![("allow", "authority = [\"deny\"]")],
            Some(Reason::PolicyFault),
        ),
        (vec![("allow", ""), ("deny", "tools = [\"write_*\"]")], None),
        (
            vec![("allow", "servers = [\"f*\"]\ntools = [\"re*\"]")],
            None,
        ),
    ] {
        let config: String = bindings
            .iter()
            .map(|(name, more)| binding(name, more))
            .collect();
        let gate = Gate::started(&config, &guests).await;
        let reason = match gate.tool("1", "{}").await {
            Ruling::Permitted(_) => None,
            Ruling::Held(_) => Some(Reason::ApprovalRequired),
            Ruling::Repeated(_) => Some(Reason::ApprovalUsed),
            Ruling::Denied(denial) => Some(denial.denied.reason),
        };
        assert_eq!(reason, expected, "{bindings:?}");
        let recorded = gate.decisions().pop().unwrap();
        assert_eq!(recorded.reason, expected);
        assert_eq!(
            recorded.opinions.len(),
            if config.contains("write_*") {
                1
            } else {
                bindings.len()
            }
        );
    }
}

#[tokio::test]
async fn an_answer_beyond_its_authority_is_recorded_as_a_fault() {
    let config = binding("a", "authority = [\"deny\", \"ask\"]");
    let gate = Gate::started(&config, &[("a.wasm", judge(ALLOW))]).await;
    assert_eq!(
        denied(gate.tool("1", "{}").await).reason,
        Reason::PolicyFault
    );
    let opinion = gate.decisions().pop().unwrap().opinions.pop().unwrap();
    assert!(matches!(opinion.fault, Some(Fault::NotGranted(_))));
}

#[tokio::test]
async fn the_gate_itself_refuses_before_any_policy() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let call = || gate.call("1", "{}");
    let cases: Vec<(Call, Reason)> = vec![
        (
            Call {
                grant: grant(&["files:write"]),
                ..call()
            },
            Reason::InsufficientScope,
        ),
        (
            Call {
                grant: grant(&["mail:*"]),
                ..call()
            },
            Reason::InsufficientScope,
        ),
        (
            Call {
                grant: grant(&[]),
                ..call()
            },
            Reason::InsufficientScope,
        ),
        (
            Call {
                server: Arc::from("nope"),
                ..call()
            },
            Reason::UnknownServer,
        ),
        (
            Call {
                at: Timestamp(u64::MAX),
                ..call()
            },
            Reason::CredentialExpired,
        ),
        (
            Call {
                grant: grant(&["mail:*"]),
                kind: Kind::Protocol,
                ..call()
            },
            Reason::InsufficientScope,
        ),
        (
            Call {
                grant: grant(&["mail:*"]),
                kind: Kind::Listing,
                ..call()
            },
            Reason::InsufficientScope,
        ),
    ];
    for (call, reason) in cases {
        let ruling = gate.ask(call).await;
        assert_eq!(denied(ruling).reason, reason);
        assert!(gate.decisions().pop().unwrap().opinions.is_empty());
    }
}

#[tokio::test]
async fn before_the_first_activation_everything_is_denied() {
    let gate = Gate::new(&binding("a", ""), &[("a.wasm", judge(ALLOW))]);
    let (ledger, past) =
        gatewright_engine::ledger::FileLedger::open(&gate.ledger_path(), Timestamp(1)).unwrap();
    let engine =
        Engine::with_ledger(&gate.loaded(), Box::new(ledger), past, || Timestamp(1)).unwrap();
    assert!(!engine.status().ready);
    let call = Call {
        id: "1".into(),
        grant: grant(&["*:*"]),
        kind: Kind::Protocol,
        method: "ping".into(),
        server: Arc::from("files"),
        name: String::new(),
        message: crate::gate::document("{}"),
        arguments_at: Pointer::known("/params"),
        at: Timestamp(1),
    };
    let judgement = engine.judge(&engine.snapshot(), call).await;
    assert_eq!(
        denied(engine.record(judgement).await).reason,
        Reason::NotReady
    );
}

/// A ledger on a disk that is full from the second entry on.
struct FullDisk;

impl Ledger for FullDisk {
    fn append(&self, _: Timestamp, _: Event, _: Durability) -> Appending<'_> {
        Appending::coming(async { Err(LedgerError::Write("no space left on device".into())) })
    }
    fn note(&self, _: Timestamp, _: Event) -> bool {
        false
    }
    fn salt(&self) -> &[u8; 32] {
        &[0; 32]
    }
    fn is_healthy(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn without_a_record_there_is_no_permit_and_no_activation() {
    let gate = Gate::new(&binding("a", ""), &[("a.wasm", judge(ALLOW))]);
    let clock = || Timestamp(1);
    let engine =
        Engine::with_ledger(&gate.loaded(), Box::new(FullDisk), Past::default(), clock).unwrap();
    let error = engine.activate(&gate.loaded()).await.unwrap_err();
    assert!(error.to_string().contains("cannot be recorded"), "{error}");
    assert_eq!(engine.status().generation, 0);
}

#[tokio::test]
async fn an_editor_changes_what_is_judged_and_sent() {
    // edits: one, at 128: pointer "/path" at 192, json some("\"/safe\"") at 208.
    let editor = guests::of_world(
        "editor",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00\80\00\00\00\01")
           (data (i32.const 128) "\c0\00\00\00\05\00\00\00\01\00\00\00\d0\00\00\00\07")
           (data (i32.const 192) "/path")
           (data (i32.const 208) "\"/safe\"")"#,
    );
    let config = binding("edit", "") + &binding("allow", "");
    let components = [("edit.wasm", editor), ("allow.wasm", judge(ALLOW))];
    let gate = Gate::started(&config, &components).await;
    for (arguments, expected) in [
        (
            r#"{"path":"/etc/passwd", "n":1.0}"#,
            r#"{"path":"/safe","n":1.0}"#,
        ),
        ("{}", r#"{"path":"/safe"}"#),
    ] {
        let permit = permit(gate.tool("1", arguments).await);
        assert_eq!(permit.request().arguments.text(), expected);
        let (sent, changed, _pending) = permit.redeem();
        let bytes = sent.text();
        assert!(changed);
        assert!(
            bytes.contains(&format!("\"arguments\":{expected}")),
            "{bytes}"
        );
    }
    for arguments in ["[]", "7", "\"text\""] {
        assert_eq!(
            denied(gate.tool("1", arguments).await).reason,
            Reason::PolicyFault,
            "{arguments}"
        );
    }
    let config = binding("edit", "authority = []") + &binding("allow", "");
    let gate = Gate::started(&config, &components).await;
    assert_eq!(
        denied(gate.tool("1", "{}").await).reason,
        Reason::PolicyFault
    );
    let config = binding("edit", "mode = \"observe\"") + &binding("allow", "");
    let gate = Gate::started(&config, &components).await;
    let (sent, changed, _pending) = permit(gate.tool("1", "{}").await).redeem();
    assert_eq!((sent.text(), changed), (message("{}").as_str(), false));
}

/// A grant of `files:read` with a path below `/srv`.
fn bounded() -> Grant {
    let details = r#"[{"type":"mcp_tools","actions":["files:read"],
        "arguments":{"/path":{"type":"wildcard","pattern":"/srv/*"}}}]"#;
    let scopes = read_details(document(details).root()).unwrap();
    Grant::local("agent", Some("alice"), scopes, Arc::from("session"))
}

#[tokio::test]
async fn arguments_beyond_the_scope_are_refused_before_any_policy() {
    let gate = Gate::started(&binding("allow", ""), &[("allow.wasm", judge(ALLOW))]).await;
    for (method, arguments, admitted) in [
        ("tools/call", r#"{"path":"/srv/a"}"#, true),
        ("prompts/get", r#"{"path":"/srv/a"}"#, true),
        ("tasks/get", r#"{"path":"/etc/a"}"#, true),
        ("tasks/result", r#"{"path":"/etc/a"}"#, true),
        ("tools/call", r#"{"path":"/etc/a"}"#, false),
        ("tools/call", r#"{"path":"/srv/a","more":1}"#, false),
        ("tools/call", "{}", false),
        ("tools/call", "[]", false),
        ("resources/read", r#"{"path":"/srv/a"}"#, false),
        ("tasks/update", r#"{"path":"/srv/a"}"#, false),
    ] {
        let call = Call {
            grant: bounded(),
            method: method.to_owned(),
            ..gate.call("1", arguments)
        };
        let ruling = gate.ask(call).await;
        let recorded = gate.decisions().pop().unwrap();
        if admitted {
            let _permit = permit(ruling);
            assert_eq!(recorded.opinions.len(), 1, "{method} {arguments}");
        } else {
            let reason = denied(ruling).reason;
            assert_eq!(reason, Reason::ArgumentsBeyondScope, "{method} {arguments}");
            assert!(recorded.opinions.is_empty(), "no policy was asked");
        }
    }
}

#[tokio::test]
async fn an_editor_goes_no_further_than_the_credential() {
    // As above, but the new path is one that the credential does not cover.
    let editor = guests::of_world(
        "editor",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00\80\00\00\00\01")
           (data (i32.const 128) "\c0\00\00\00\05\00\00\00\01\00\00\00\d0\00\00\00\07")
           (data (i32.const 192) "/path")
           (data (i32.const 208) "\"/safe\"")"#,
    );
    let config = binding("edit", "") + &binding("allow", "");
    let components = [("edit.wasm", editor), ("allow.wasm", judge(ALLOW))];
    let gate = Gate::started(&config, &components).await;
    let call = Call {
        grant: bounded(),
        ..gate.call("1", r#"{"path":"/srv/a"}"#)
    };
    let reason = denied(gate.ask(call).await).reason;
    assert_eq!(reason, Reason::ArgumentsBeyondScope);
    let recorded = gate.decisions().pop().unwrap();
    assert_eq!(
        recorded.opinions.len(),
        1,
        "the editor was asked, and no judge"
    );
}

/// What was proved before a start was used by then.
#[tokio::test]
async fn a_start_knows_until_when_there_is_a_record() {
    let mut gate = Gate::started(&binding("allow", ""), &[("allow.wasm", judge(ALLOW))]).await;
    assert_eq!(gate.engine().recorded_until(), None, "there was none");
    let before = gate.engine().now();
    drop(permit(gate.tool("1", "{}").await));
    gate.stop();
    gate.start().await;
    assert!(gate.engine().recorded_until() >= Some(before));
    assert!(gate.engine().recorded_until() <= Some(gate.engine().now()));
}

#[tokio::test]
async fn a_list_shows_what_is_in_scope_and_not_denied() {
    let config = binding("deny", "tools = [\"secret_*\"]") + &binding("trap", "tools = [\"odd\"]");
    let gate = Gate::started(
        &config,
        &[("deny.wasm", judge(DENY)), ("trap.wasm", trap())],
    )
    .await;
    let engine = gate.engine();
    let snapshot = engine.snapshot();
    let server = snapshot.server("files").unwrap();
    let names = ["read", "secret_read", "odd", "write"].map(str::to_owned);
    let shown = engine
        .visible(
            &snapshot,
            &grant(&["files:*r*", "files:odd"]),
            server,
            "tools/list",
            &names,
            engine.now(),
        )
        .await;
    assert_eq!(shown, [true, false, false, true]);
}

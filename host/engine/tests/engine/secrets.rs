//! What must not be readable in the ledger: arguments, results, and what policies
//! make of them.

use std::sync::Arc;

use gatewright_engine::{Call, Heard, Refused, Reviewed, Ruling};
use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Denied, Digest, Reason};
use serde_json::json;

use crate::gate::{ALLOW, Gate, binding, grant, judge, result};
use crate::guests;

/// Stands in the arguments of every call, or in the result; at 256 in guests.
const SECRET: &str = "correct-horse/battery:staple";

/// The secret, for guests: 28 bytes.
fn quoted(answer: &str) -> String {
    assert_eq!(SECRET.len(), 0x1c);
    format!("{answer} (data (i32.const 256) \"{SECRET}\")")
}

/// A list with the secret in it, at 192.
const LIST: &str = r#"(data (i32.const 192) "\00\01\00\00\1c\00\00\00")"#;
/// `deny(forbidden, secret)`, and the secret as a scope.
const DENY: &str =
    r#"(data (i32.const 64) "\02\00\00\00\00\00\00\00\00\01\00\00\1c\00\00\00\c0\00\00\00\01")"#;
/// `ask` with the secret as title, reason and role.
const ASK: &str = r#"(data (i32.const 64) "\03\00\00\00\00\01\00\00\1c\00\00\00\00\01\00\00\1c\00\00\00\c0\00\00\00\01\00\00\00\01\00\00\00\3c")"#;
/// `allow` with one obligation at 128.
const ONE: &str = r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\01")"#;
/// `charge`, the secret as key, cost 1, limit 2, an hour.
const CHARGE: &str = r#"(data (i32.const 128) "\00\00\00\00\00\00\00\00\00\01\00\00\1c\00\00\00\01\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\10\0e\00\00")"#;
/// `label`, the secret.
const LABEL: &str = r#"(data (i32.const 128) "\01\00\00\00\00\00\00\00\c0\00\00\00\01")"#;
/// `redact`, the secret: not a pointer.
const REDACT: &str = r#"(data (i32.const 128) "\02\00\00\00\00\00\00\00\c0\00\00\00\01")"#;
/// An error, the secret.
const GIVEN_UP: &str = r#"(data (i32.const 64) "\01\00\00\00\00\01\00\00\1c")"#;
/// A pass without edits, and the secret as a label.
const TAINT: &str =
    r#"(data (i32.const 64) "\00\00\00\00\00\00\00\00\00\00\00\00\c0\00\00\00\01")"#;
/// A block, the secret.
const BLOCK: &str = r#"(data (i32.const 64) "\01\00\00\00\00\01\00\00\1c")"#;

const ALL: &str = r#"authority = ["allow", "deny", "ask", "charge", "label", "redact"]"#;

struct Case {
    what: &'static str,
    world: &'static str,
    parts: &'static [&'static str],
    /// The decision in the entry.
    decision: &'static str,
}

const fn case(
    what: &'static str,
    world: &'static str,
    parts: &'static [&'static str],
    decision: &'static str,
) -> Case {
    Case {
        what,
        world,
        parts,
        decision,
    }
}

/// Everything that a policy can write.
const CASES: [Case; 9] = [
    case("a denial", "policy", &[DENY, LIST], "deny"),
    case("an approval", "policy", &[ASK, LIST], "hold"),
    case("a charge", "policy", &[ONE, CHARGE], "allow"),
    case("a label", "policy", &[ONE, LABEL, LIST], "allow"),
    case("a bad pointer", "policy", &[ONE, REDACT, LIST], "deny"),
    case("an editor's error", "editor", &[GIVEN_UP], "deny"),
    case("a label of a reviewer", "reviewer", &[TAINT, LIST], "allow"),
    case("a block", "reviewer", &[BLOCK], "allow"),
    case("nothing", "policy", &[ALLOW], "allow"),
];

impl Case {
    async fn gate(&self, more: &str) -> Gate {
        let answer = match self.world {
            "policy" => format!("{LOG} (i32.const 64)"),
            _no_arguments => "(i32.const 64)".to_owned(),
        };
        let guest = guests::of_world(self.world, &answer, &quoted(&self.parts.concat()));
        let authority = match self.world {
            "policy" => ALL,
            _default => "",
        };
        let config = binding("quoting", &format!("{authority}\n{more}")) + &binding("allow", "");
        let components = [("quoting.wasm", guest), ("allow.wasm", judge(ALLOW))];
        Gate::started(&config, &components).await
    }
}

/// Logs the secret.
const LOG: &str = "(call $log (i32.const 2) (i32.const 256) (i32.const 28))";

/// A call whose arguments, result and name hold the secret, and its end.
async fn pass(gate: &Gate) {
    let arguments = json!({ "secret": SECRET }).to_string();
    if let Ruling::Permitted(permit) = gate.tool("1", &arguments).await {
        let (_, _, mut pending) = permit.redeem();
        let reviewed = pending.review(result(&arguments)).await;
        let (reason, message) = match reviewed {
            Reviewed::Pass(..) => (None, String::new()),
            Reviewed::Withheld { reason, message } => (Some(reason), message),
        };
        pending
            .complete(PastOutcome::Allowed, reason, message)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_policies_write_enters_the_ledger_as_digests_only() {
    for case in CASES {
        let what = case.what;
        let mut gate = case.gate("").await;
        pass(&gate).await;
        let text = std::fs::read_to_string(gate.ledger_path()).unwrap();
        assert!(!text.contains(SECRET), "{what}: {text}");
        let half = &SECRET[..14];
        assert!(!text.contains(half), "{what}: {text}");
        let last = gate.decisions().pop().unwrap();
        assert_eq!(last.decision.as_str(), case.decision, "{what}");

        // A restart knows the same.
        let before = gate.context();
        assert_eq!(
            gate.labels().contains(&SECRET.to_owned()),
            what.contains("label")
        );
        gate.stop();
        gate.start().await;
        assert_eq!(gate.context(), before, "{what}");
    }
}

#[tokio::test]
async fn messages_are_recorded_in_words_where_the_binding_says_so() {
    for (what, in_words) in [
        ("a denial", 2),
        ("an approval", 2),
        ("a bad pointer", 1),
        ("an editor's error", 1),
        ("a block", 1),
        ("a charge", 0),
        ("a label", 0),
    ] {
        let case = CASES.iter().find(|case| case.what == what).unwrap();
        let gate = case.gate("record_messages = true").await;
        pass(&gate).await;
        let text = std::fs::read_to_string(gate.ledger_path()).unwrap();
        assert_eq!(text.matches(SECRET).count(), in_words, "{what}: {text}");
    }
}

/// Whoever has the ledger has everything that an action's digest is over, but the
/// arguments and the salt.
#[tokio::test]
async fn arguments_cannot_be_guessed_from_the_ledger() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let guess = json!({ "secret": SECRET }).to_string();
    drop(gate.tool("1", &guess).await);
    let decided = gate.decisions().pop().unwrap();
    let caller = decided.caller.clone().unwrap();
    let plain = Digest::of(guess.as_bytes());
    let canonical = |arguments: Digest| {
        let text = json!({
            "agent": caller.agent,
            "arguments": arguments,
            "asked_by": [],
            "delegation": caller.delegation,
            "issuer": caller.issuer,
            "method": decided.method,
            "name": decided.name,
            "principal": caller.principal,
            "server": decided.server,
        });
        text.to_string().into_bytes()
    };
    let action = decided.action.unwrap().0;
    let recorded = decided.arguments.unwrap();
    for arguments in [plain, recorded] {
        assert_ne!(Digest::of(&canonical(arguments)), action);
    }
    assert_ne!(recorded, plain);
    let text = std::fs::read_to_string(gate.ledger_path()).unwrap();
    assert!(!text.contains(&plain.to_string()));

    // The guess was right: with the salt it can be seen.
    let salt = std::fs::read(gate.ledger_path().with_extension("jsonl.salt")).unwrap();
    let salt: [u8; 32] = salt.try_into().unwrap();
    let key = blake3::derive_key("gatewright 2026 record action", &salt);
    let keyed = blake3::keyed_hash(&key, &canonical(plain));
    assert_eq!(Digest::from_bytes(*keyed.as_bytes()), action);
    assert_eq!(RecordKeys::new(&salt).digest(&guess), recorded);
}

#[tokio::test]
async fn names_that_no_scope_covers_are_digests() {
    let mut gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let call = |id: &str, scope: &str, server: &str, name: &str| Call {
        grant: grant(&[scope]),
        server: Arc::from(server),
        name: name.to_owned(),
        ..gate.call(id, "{}")
    };
    let long = "x".repeat(3000);
    let calls = [
        (call("1", "files:read", "files", SECRET), false),
        (call("2", "*:*", SECRET, "read"), false),
        (call("3", "files:*", "files", "read"), true),
        (call("4", "files:*", "files", &long), true),
    ];
    for (call, is_known) in calls {
        let (server, name) = (call.server.to_string(), call.name.clone());
        drop(gate.ask(call).await);
        let last = gate.decisions().pop().unwrap();
        let known =
            last.server == server && name.starts_with(last.name.split("...").next().unwrap());
        assert_eq!(known, is_known, "{server}:{name}");
        assert!(last.name.len() < 1200, "{}", last.name);
    }
    let text = std::fs::read_to_string(gate.ledger_path()).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    let before = gate.context();
    gate.stop();
    gate.start().await;
    assert_eq!(gate.context(), before);
}

#[tokio::test]
async fn a_refusal_is_recorded_without_what_was_sent() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let refused = |record: Heard| Refused {
        id: "1".to_owned(),
        grant: None,
        method: Heard::Foreign(SECRET.to_owned()),
        server: SECRET.to_owned(),
        name: SECRET.to_owned(),
        denied: Denied::by_gate(Reason::HeaderMismatch, SECRET),
        record,
    };
    let engine = gate.engine();
    for record in [
        Heard::Foreign(SECRET.to_owned()),
        Heard::Known("in short".into()),
    ] {
        let denial = engine.refuse(&engine.snapshot(), refused(record)).await;
        assert_eq!(denial.denied.message, SECRET, "the agent is told");
    }
    let text = std::fs::read_to_string(gate.ledger_path()).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    assert_eq!(gate.decisions()[1].message, "in short");
}

#[tokio::test]
async fn another_salt_does_not_wash_labels_off() {
    let case = CASES.iter().find(|case| case.what == "a label").unwrap();
    let mut gate = case.gate("").await;
    pass(&gate).await;
    gate.stop();
    let salt = gate.ledger_path().with_extension("jsonl.salt");
    let kept = std::fs::read(&salt).unwrap();
    std::fs::write(&salt, [1; 32]).unwrap();
    let Err(error) = gatewright_engine::Engine::start(&gate.loaded()).await else {
        panic!("it started")
    };
    assert!(
        error.to_string().contains("hint: put the `.salt`"),
        "{error}"
    );
    std::fs::write(&salt, kept).unwrap();
    gate.start().await;
    assert_eq!(gate.labels(), [SECRET]);
}

/// A policy's words, however many, do not grow the ledger, and never stop the
/// gate from starting again.
#[tokio::test]
async fn a_long_refusal_does_not_stop_the_next_start() {
    // 250,000 control characters from 8192 on, each six bytes of JSON.
    let guest = guests::judge(
        "(drop (memory.grow (i32.const 4))) (memory.fill (i32.const 8192) (i32.const 1) (i32.const 250000)) (i32.const 64)",
        r#"(data (i32.const 64) "\02\00\00\00\00\00\00\00\00\20\00\00\90\d0\03\00")"#,
    );
    let names: Vec<_> = (0..12).map(|number| format!("long-{number}")).collect();
    for more in ["", "record_messages = true"] {
        let config: String = names
            .iter()
            .map(|name| format!("[[binding]]\nname = \"{name}\"\npolicy = \"long.wasm\"\n{more}\n"))
            .collect();
        let mut gate = Gate::started(&config, &[("long.wasm", guest.clone())]).await;
        let Ruling::Denied(denial) = gate.tool("1", "{}").await else {
            panic!("not denied")
        };
        assert_eq!(denial.denied.reason, Reason::Forbidden);
        assert_eq!(denial.denied.message.len(), 250_000);
        gate.stop();
        let length = std::fs::metadata(gate.ledger_path()).unwrap().len();
        assert!(length < 40_000, "{length} bytes");
        gate.start().await;
        assert_eq!(gate.context().1.len(), 1);
        assert!(matches!(
            gate.entries().pop().unwrap().event,
            Event::Activated { .. }
        ));
    }
}

/// What the entry about a failed reload says, and what the operator sees.
async fn refused_settings(more: &str) -> (String, String) {
    let gate = Gate::started(&binding("a", more), &[("a.wasm", judge(ALLOW))]).await;
    let refusing = guests::configured("(i32.const 64)", "unreachable", &quoted(GIVEN_UP));
    gate.write("a.wasm", &refusing);
    let shown = gate.engine().activate(&gate.loaded()).await.unwrap_err();
    let mut entries = gate.entries().into_iter();
    let recorded = entries.find_map(|entry| match entry.event {
        Event::ReloadFailed { error } => Some(error),
        _other => None,
    });
    (recorded.unwrap(), shown.to_string())
}

#[tokio::test]
async fn what_a_policy_says_of_its_settings_enters_the_ledger_as_a_digest_only() {
    let (recorded, shown) = refused_settings("").await;
    assert!(shown.contains(SECRET), "{shown}");
    assert!(!recorded.contains(SECRET), "{recorded}");
    assert!(recorded.contains("settings: keyed:"), "{recorded}");
    assert!(
        recorded.contains("gatewright.toml:6: policy `a`"),
        "{recorded}"
    );
    let (recorded, _) = refused_settings("record_messages = true").await;
    assert!(recorded.contains(SECRET), "{recorded}");
}

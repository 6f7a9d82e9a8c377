//! Calls that are kept in full: which, what of them, until when, and that they can be
//! judged again.

use std::fs;
use std::path::PathBuf;

use gatewright_engine::Reviewed;
use gatewright_engine::config::Loaded;
use gatewright_engine::ledger::record_keys;
use gatewright_engine::payloads::{
    EraseError, NotThere, PayloadReader, PayloadStore, Wanted, erase, erasures,
};
use gatewright_engine::rejudge::{NotJudged, judge_again};
use gatewright_policy::record::{
    CallPayload, Completed, Event, PayloadHead, PayloadKind, RecordKeys,
};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{DecisionKind, Timestamp};

use crate::gate::{self, ALLOW, ASK, DENY, Gate, binding, judge, permit, result};

pub(crate) const KEEP: &str =
    "[audit.payloads]\n[[audit.payloads.keep]]\ntools = [\"files:*\"]\nresults = true\n";

pub(crate) fn config(more: &str, bindings: &[&str]) -> String {
    let bindings = bindings.iter().map(|name| binding(name, ""));
    bindings.collect::<String>() + more
}

pub(crate) fn folder(gate: &Gate) -> PathBuf {
    PayloadStore::folder(&gate.loaded()).unwrap()
}

fn keys(gate: &Gate) -> RecordKeys {
    record_keys(&gate.ledger_path()).unwrap().unwrap()
}

fn completed(gate: &Gate) -> Vec<Completed> {
    let entries = gate.entries().into_iter();
    entries
        .filter_map(|entry| match entry.event {
            Event::Completed(completed) => Some(completed),
            _ => None,
        })
        .collect()
}

/// What is kept of every decision, in order.
pub(crate) fn kept(gate: &Gate) -> Vec<Result<CallPayload, NotThere>> {
    let mut reader = PayloadReader::open(&folder(gate)).unwrap();
    let kept = gate.decisions().into_iter().map(|decided| {
        let committed = decided.kept.unwrap();
        let text = reader.text(&keys(gate), (&decided.id, PayloadKind::Call), &committed)?;
        Ok(serde_json::from_str(&text).unwrap())
    });
    kept.collect()
}

pub(crate) async fn called(gate: &Gate, id: &str, arguments: &str) {
    let (_, _, mut pending) = permit(gate.tool(id, arguments).await).redeem();
    let reviewed = pending
        .review(result(r#"{"content":"it says pssst"}"#))
        .await;
    assert!(matches!(reviewed, Reviewed::Pass(..)), "{reviewed:?}");
    pending
        .complete(PastOutcome::Allowed, None, "")
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_is_kept_unless_the_operator_says_so() {
    let gate = Gate::started(&config("", &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    called(&gate, "1", r#"{"path":"/a"}"#).await;
    assert_eq!(gate.decisions()[0].kept, None);
    assert!(!PayloadStore::beside(&gate.ledger_path()).exists());

    let others =
        "[audit.payloads]\n[[audit.payloads.keep]]\ntools = [\"files:write_*\", \"mail:*\"]\n";
    let gate = Gate::started(&config(others, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    called(&gate, "1", r#"{"path":"/a"}"#).await;
    assert_eq!(gate.decisions()[0].kept, None);
    assert!(!folder(&gate).exists());
}

#[tokio::test]
async fn what_is_kept_is_sealed_for_the_gate_alone_and_proven_by_its_entry() {
    use std::os::unix::fs::PermissionsExt as _;
    let gate = Gate::started(&config(KEEP, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    called(&gate, "1", r#"{"path":"/very/secret"}"#).await;
    let call = kept(&gate).remove(0).unwrap();
    assert!(call.message.contains("/very/secret"));
    assert_eq!(call.subject.id, "agent");
    assert_eq!(call.names[0].decision, DecisionKind::Allow);

    let done = completed(&gate).remove(0);
    let mut reader = PayloadReader::open(&folder(&gate)).unwrap();
    let text = reader.text(
        &keys(&gate),
        ("1", PayloadKind::Result),
        &done.kept.unwrap(),
    );
    assert_eq!(text.unwrap(), r#"{"content":"it says pssst"}"#);

    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder(&gate)), 0o700);
    for entry in fs::read_dir(folder(&gate)).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).unwrap();
        for secret in ["/very/secret", "pssst", "alice"] {
            let mut places = bytes.windows(secret.len());
            assert!(!places.any(|place| place == secret.as_bytes()), "{secret}");
        }
    }
    let ledger = fs::read_to_string(gate.ledger_path()).unwrap();
    assert!(!ledger.contains("/very/secret") && !ledger.contains("pssst"));
}

#[tokio::test]
async fn a_changed_payload_is_named() {
    let gate = Gate::started(&config(KEEP, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    let _one = permit(gate.tool("1", r#"{"path":"/a"}"#).await);
    let _other = permit(gate.tool("2", r#"{"path":"/b"}"#).await);
    let files = fs::read_dir(folder(&gate)).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "kept"));
    let bytes = fs::read(&files[0]).unwrap();
    // The second one stands in the place of the first.
    let begins = |bytes: &[u8], id: &str| {
        let head = "{\"bytes\":";
        let line = format!("\"id\":\"{id}\"");
        let at = bytes
            .windows(line.len())
            .position(|it| it == line.as_bytes())
            .unwrap();
        let before = &bytes[..at];
        before
            .windows(head.len())
            .rposition(|it| it == head.as_bytes())
            .unwrap()
    };
    let second = begins(&bytes, "2");
    let mut flipped = bytes.clone();
    flipped[second - 10] ^= 1;
    fs::write(&files[0], &flipped).unwrap();
    let found = kept(&gate);
    assert!(matches!(found[0], Err(NotThere::Changed)), "{:?}", found[0]);
    assert!(found[1].is_ok());
    fs::write(&files[0], &bytes[..second + 40]).unwrap();
    let found = kept(&gate);
    assert!(found[0].is_ok());
    assert!(matches!(found[1], Err(NotThere::Gone)), "{:?}", found[1]);
}

#[tokio::test]
async fn what_is_masked_is_nowhere_and_is_not_judged_again() {
    let masks = format!("{KEEP}mask = [\"/card\"]\nmask_results = [\"/content\"]\n");
    let gate = Gate::started(&config(&masks, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    called(&gate, "1", r#"{"card":"4111","amount":1}"#).await;
    called(&gate, "2", r#"{"amount":1}"#).await;
    let calls: Vec<_> = kept(&gate).into_iter().map(Result::unwrap).collect();
    assert!(!calls[0].message.contains("4111"));
    assert!(calls[0].message.contains("\"amount\":1"));
    assert_eq!(calls[0].masked, ["/params/arguments/card"]);
    assert!(gate.decisions()[0].kept.unwrap().masked);
    assert!(!gate.decisions()[1].kept.unwrap().masked);
    let snapshot = gate.engine().snapshot();
    let again = judge_again(&snapshot, &keys(&gate), &calls[0]).await;
    assert!(matches!(again, Err(NotJudged::Masked)), "{again:?}");
    assert!(
        judge_again(&snapshot, &keys(&gate), &calls[1])
            .await
            .is_ok()
    );
    let done = completed(&gate).remove(0).kept.unwrap();
    let mut reader = PayloadReader::open(&folder(&gate)).unwrap();
    let text = reader.text(&keys(&gate), ("1", PayloadKind::Result), &done);
    assert_eq!(
        (text.unwrap().as_str(), done.masked),
        (r#"{"content":null}"#, true)
    );
}

#[tokio::test]
async fn erasing_takes_what_was_meant_and_leaves_the_record_as_it_is() {
    let gate = Gate::started(&config(KEEP, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    for id in ["1", "2", "3"] {
        called(&gate, id, &format!("{{\"path\":\"/{id}\"}}")).await;
    }
    let ledger = fs::read(gate.ledger_path()).unwrap();
    let at = Timestamp(1);
    let nobody = Wanted {
        who: Some(PayloadHead::agent(&keys(&gate), "somebody else")),
        ..Wanted::default()
    };
    assert_eq!(
        erase(&folder(&gate), &nobody, ("kim", at)).unwrap().count,
        0
    );
    let everything = erase(&folder(&gate), &Wanted::default(), ("kim", at));
    assert!(matches!(everything, Err(EraseError::Everything)));
    let second = Wanted {
        id: Some("2".to_owned()),
        ..Wanted::default()
    };
    assert_eq!(
        erase(&folder(&gate), &second, ("kim", at)).unwrap().count,
        2
    );
    let found = kept(&gate);
    assert!(found[0].is_ok() && found[2].is_ok());
    assert!(matches!(found[1], Err(NotThere::Gone)));

    // The gate goes on, in another file.
    called(&gate, "4", r#"{"path":"/4"}"#).await;
    assert!(kept(&gate)[3].is_ok());
    let whose = Wanted {
        who: Some(PayloadHead::principal(&keys(&gate), "alice")),
        ..Wanted::default()
    };
    assert_eq!(erase(&folder(&gate), &whose, ("kim", at)).unwrap().count, 6);
    assert!(kept(&gate).iter().all(Result::is_err));
    called(&gate, "5", r#"{"path":"/5"}"#).await;
    assert!(kept(&gate)[4].is_ok());
    let later = fs::read(gate.ledger_path()).unwrap();
    assert_eq!(later[..ledger.len()], ledger[..]);
    let noted = erasures(&folder(&gate)).unwrap();
    let noted: Vec<_> = noted.iter().map(|it| (it.by.as_str(), it.count)).collect();
    assert_eq!(noted, [("kim", 2), ("kim", 6)]);
}

#[tokio::test]
async fn what_is_old_goes_and_what_has_no_room_pushes_the_oldest_out() {
    let short = KEEP.replace(
        "[audit.payloads]\n",
        "[audit.payloads]\nkeep_for = \"1ms\"\n",
    );
    let gate = Gate::started(&config(&short, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    called(&gate, "1", r#"{"path":"/1"}"#).await;
    let began = gate.engine().now();
    while gate.engine().now() < Timestamp(began.0 + 2) {
        std::thread::yield_now();
    }
    gate.engine().sum_up().await;
    assert!(matches!(kept(&gate)[0], Err(NotThere::Gone)));
    called(&gate, "2", r#"{"path":"/2"}"#).await;

    let small = KEEP.replace(
        "[audit.payloads]\n",
        "[audit.payloads]\nbytes_max = \"64MiB\"\n",
    );
    let gate = Gate::started(&config(&small, &["allow"]), &[("allow.wasm", judge(ALLOW))]).await;
    let long = "x".repeat(3 << 20);
    for id in 0..30 {
        called(&gate, &id.to_string(), &format!("{{\"path\":\"{long}\"}}")).await;
    }
    let found = kept(&gate);
    assert!(found[0].is_err() && found[29].is_ok());
    let sizes = fs::read_dir(folder(&gate)).unwrap();
    let sizes = sizes.map(|entry| entry.unwrap().metadata().unwrap().len());
    assert!(sizes.sum::<u64>() <= 64 << 20);
}

#[tokio::test]
async fn a_call_that_cannot_be_kept_does_not_go_ahead() {
    let gate = Gate::started(
        &config(KEEP, &["allow", "deny"])
            .replace("name = \"deny\"", "name = \"deny\"\ntools = [\"write\"]"),
        &[("allow.wasm", judge(ALLOW)), ("deny.wasm", judge(DENY))],
    )
    .await;
    // There is a file where the folder should be.
    fs::write(folder(&gate), "").unwrap();
    let denied = gate::denied(gate.tool("1", r#"{"path":"/1"}"#).await);
    assert_eq!(denied.reason.code(), "audit_unavailable");
    assert_eq!(gate.decisions()[0].kept, None);
    assert_eq!(gate.decisions()[0].decision, DecisionKind::Deny);
    // What is refused is refused for what it is.
    let mut call = gate.call("2", "{}");
    call.name = "write".to_owned();
    assert_eq!(
        gate::denied(gate.ask(call).await).reason.code(),
        "forbidden"
    );
    fs::remove_file(folder(&gate)).unwrap();
    let (_, _, mut pending) = permit(gate.tool("3", r#"{"path":"/3"}"#).await).redeem();
    fs::rename(folder(&gate), gate.folder.path().join("away")).unwrap();
    fs::write(folder(&gate), "").unwrap();
    let reviewed = pending.review(result("{}")).await;
    assert!(
        matches!(&reviewed, Reviewed::Withheld { reason, .. } if reason.code() == "audit_unavailable"),
        "{reviewed:?}"
    );
}

#[tokio::test]
async fn the_same_policies_say_the_same_bit_for_bit_and_others_what_they_say() {
    let components = [
        ("allow.wasm", judge(ALLOW)),
        ("ask.wasm", judge(ASK)),
        ("deny.wasm", judge(DENY)),
    ];
    let on = |name: &str, tool: &str| binding(name, &format!("tools = [\"{tool}\"]"));
    let bindings = [binding("allow", ""), on("ask", "pay"), on("deny", "drop")].concat();
    let gate = Gate::started(&format!("{bindings}{KEEP}"), &components).await;
    for (id, name) in [("1", "read"), ("2", "pay"), ("3", "drop"), ("4", "read")] {
        let mut call = gate.call(id, r#"{"path": "/a", "n": 1.0}"#);
        call.name = name.to_owned();
        let _ruling = gate.ask(call).await;
    }
    let keys = keys(&gate);
    let calls: Vec<_> = kept(&gate).into_iter().map(Result::unwrap).collect();
    assert_eq!(calls[3].names[0].history.len(), 3);
    let snapshot = gate.engine().snapshot();
    for (call, decided) in calls.iter().zip(gate.decisions()) {
        let again = judge_again(&snapshot, &keys, call).await.unwrap().remove(0);
        assert_eq!(again.opinions, decided.opinions, "fuel included");
        assert!(decided.opinions.iter().all(|opinion| opinion.fuel > 0));
        assert_eq!(again.decision, decided.decision);
        assert_eq!(again.reason, decided.reason);
        assert_eq!(again.seen, decided.seen);
    }
    // Nobody judges, so nobody allows.
    gate.configure(KEEP);
    let other = Gate::started(KEEP, &[]).await;
    let snapshot = other.engine().snapshot();
    for call in &calls {
        let again = judge_again(&snapshot, &keys, call).await.unwrap().remove(0);
        assert_eq!(again.decision, DecisionKind::Deny);
        assert_eq!(again.reason.unwrap().code(), "no_policy");
    }
}

#[test]
fn a_store_that_keeps_nothing_or_everything_is_refused() {
    let cases = [
        ("[audit.payloads]\n", "keeps nothing"),
        (
            "[audit.payloads]\nkeep_for = \"0s\"\n[[audit.payloads.keep]]\ntools = [\"a:*\"]\n",
            "nothing is kept",
        ),
        (
            "[audit.payloads]\nbytes_max = \"1MiB\"\n[[audit.payloads.keep]]\ntools = [\"a:*\"]\n",
            "less than 64MiB",
        ),
        (
            "[audit.payloads]\n[[audit.payloads.keep]]\ntools = [\"a:*\"]\nmask = [\"card\"]\n",
            "does not start with `/`",
        ),
        (
            "[audit.payloads]\n[[audit.payloads.keep]]\ntools = [\"files\"]\n",
            "files",
        ),
        (
            "[audit.payloads]\nforever = true\n",
            "unknown field `forever`",
        ),
    ];
    for (table, problem) in cases {
        let gate = Gate::new(table, &[]);
        let error = Loaded::read(&gate.config_path()).unwrap_err().to_string();
        assert!(error.contains(problem), "{table}: {error}");
    }
}

//! Held calls: kept whole, sealed, bounded, and until their time is over.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_policy::json::Document;
use gatewright_policy::{Grant, Reason, Timestamp};

use super::{deny, grant, hold, judgement, label, loaded};
use crate::engine::Engine;
use crate::judgements::Judgements;
use crate::ledger::FileLedger;
use crate::permit::Ruling;

/// What every question of these tests gives people.
const DECIDE_WITHIN: u64 = 60_000;

pub(super) struct Gate {
    pub(super) folder: tempfile::TempDir,
    pub(super) now: Arc<AtomicU64>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            now: Arc::new(AtomicU64::new(1_000_000)),
        }
    }

    pub(super) fn start(&self) -> Arc<Engine> {
        let loaded = loaded(self.folder.path());
        let path = loaded.resolve(Path::new("audit.jsonl"));
        let now = Timestamp(self.now.load(Ordering::Relaxed));
        let (ledger, past) = FileLedger::open(&path, now).unwrap();
        let reads = Arc::clone(&self.now);
        let clock = move || Timestamp(reads.load(Ordering::Relaxed));
        Engine::with_ledger(&loaded, Box::new(ledger), past, clock).unwrap()
    }

    pub(super) fn pass(&self, millis: u64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    fn files(&self) -> Vec<String> {
        let folder = self.folder.path().join("audit.jsonl.held");
        let names = std::fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }
}

pub(super) fn agent(name: &str) -> Grant {
    let mut grant = grant(name, Timestamp(u64::MAX));
    let mut subject = (*grant.subject).clone();
    subject.id = name.to_owned();
    grant.subject = Arc::new(subject);
    grant
}

pub(super) async fn held(engine: &Arc<Engine>, id: &str, grant: &Grant, message: &str) -> Ruling {
    held_with(engine, id, grant, message, id).await
}

/// The same, with these arguments: the same call has the same ones.
pub(super) async fn held_with(
    engine: &Arc<Engine>,
    id: &str,
    grant: &Grant,
    message: &str,
    arguments: &str,
) -> Ruling {
    let mut judgement = judgement(engine, id, grant, "secret", hold(vec![label("seen")]));
    let limits = engine.snapshot().limits.request_json();
    judgement.message = Document::parse(message.to_owned(), &limits).unwrap();
    let request = Arc::get_mut(&mut judgement.request).unwrap();
    let arguments = format!("{{\"call\":\"{arguments}\"}}");
    request.arguments = Document::parse(arguments, &limits).unwrap();
    engine.record(Judgements::from(judgement)).await
}

#[tokio::test]
async fn a_held_call_is_there_whole_until_its_time_is_over_and_sealed() {
    let gate = Gate::new();
    let engine = gate.start();
    let message = r#"{"params": {"uri": "card:4929"}, "n": 1e2}"#;
    let Ruling::Held(ticket) = held(&engine, "call-1", &agent("kim"), message).await else {
        panic!("not held");
    };
    let call = engine.held("call-1").await.unwrap().unwrap();
    assert_eq!(call.message, message);
    assert_eq!(
        (ticket.id.as_str(), call.session.as_str()),
        ("call-1", "kim")
    );
    assert_eq!(
        (call.server.as_str(), call.subject.id.as_str()),
        ("files", "kim")
    );
    assert_eq!(call.decide_by, Timestamp(1_000_000 + DECIDE_WITHIN));
    assert_eq!((call.asks.len(), call.allowed), (1, true));
    assert_eq!(call.names[0].name, "secret");
    assert_eq!(engine.held("call-2").await, Ok(None));

    for file in gate.files() {
        let bytes = std::fs::read(gate.folder.path().join("audit.jsonl.held").join(file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("4929") && !text.contains("kim") && !text.contains("secret"));
    }
    drop(engine);
    let engine = gate.start();
    assert_eq!(engine.held("call-1").await, Ok(Some(call.clone())));
    gate.pass(DECIDE_WITHIN - 1);
    assert_eq!(engine.held("call-1").await, Ok(Some(call)));
    gate.pass(1);
    assert_eq!(engine.held("call-1").await, Ok(None));
    drop(engine);
    // The clock alone says so, and the record of nothing later.
    let engine = gate.start();
    assert_eq!(engine.held("call-1").await, Ok(None));
    assert_eq!(gate.files(), ["call-1.held"]);
    let refused = judgement(&engine, "no", &agent("kim"), "secret", deny());
    let _refused = engine.record(Judgements::from(refused)).await;
    drop(engine);
    let _engine = gate.start();
    assert_eq!(gate.files(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_over_goes_when_another_call_is_held() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = held(&engine, "call-1", &agent("a"), "{}").await;
    gate.pass(DECIDE_WITHIN);
    let _held = held(&engine, "call-2", &agent("a"), "{}").await;
    assert_eq!(gate.files(), ["call-2.held"]);
}

#[tokio::test]
async fn one_agent_cannot_flood_those_who_approve() {
    let gate = Gate::new();
    let engine = gate.start();
    let max = engine.snapshot().limits.held_calls_per_agent_max;
    for number in 0..max {
        let ruling = held(&engine, &format!("call-{number}"), &agent("a"), "{}").await;
        assert!(matches!(ruling, Ruling::Held(_)), "{ruling:?}");
    }
    // Another session of the agent is no other agent.
    let mut again = agent("a");
    again.session = Arc::from("another");
    let Ruling::Denied(denial) = held(&engine, "one-more", &again, "{}").await else {
        panic!("not refused");
    };
    assert_eq!(denial.denied.reason, Reason::TooManyHeld);
    assert_eq!(engine.held("one-more").await, Ok(None));
    assert_eq!(gate.files().len(), max);
    let ruling = held(&engine, "of-another", &agent("b"), "{}").await;
    assert!(matches!(ruling, Ruling::Held(_)), "{ruling:?}");
    gate.pass(DECIDE_WITHIN);
    let ruling = held(&engine, "later", &agent("a"), "{}").await;
    assert!(matches!(ruling, Ruling::Held(_)), "{ruling:?}");
}

/// Twins at once would be decided apart: a no to one of them would settle nothing.
#[tokio::test]
async fn people_are_asked_once_about_the_same_call_also_when_it_comes_at_once() {
    let gate = Gate::new();
    let engine = gate.start();
    let kim = agent("kim");
    let ask = |id| held_with(&engine, id, &kim, "{}", "same");
    let (one, other) = tokio::join!(ask("one"), ask("other"));
    let (Ruling::Held(one), Ruling::Held(other)) = (one, other) else {
        panic!("not held");
    };
    assert_eq!(one.id, other.id, "both wait for the same decision");
    assert_ne!(one.is_new, other.is_new, "and one of them asked");
    assert_eq!(gate.files().len(), 1);
    let of_another = held_with(&engine, "third", &agent("lee"), "{}", "same").await;
    assert!(matches!(of_another, Ruling::Held(_)), "{of_another:?}");
}

/// Approvers see the arguments, and no answers to questions of the tool server.
#[tokio::test]
async fn nobody_is_asked_about_what_is_not_shown() {
    let gate = Gate::new();
    let engine = gate.start();
    for (id, member) in [("one", "inputResponses"), ("two", "requestState")] {
        let message = format!("{{\"params\":{{\"{member}\":{{}}}}}}");
        let Ruling::Denied(denial) = held(&engine, id, &agent("kim"), &message).await else {
            panic!("{member}");
        };
        assert_eq!(denial.denied.reason, Reason::InvalidArguments, "{member}");
        assert_eq!(engine.held(id).await, Ok(None));
    }
}

/// Names of delegates cost nothing: they have the places of their agent.
#[tokio::test]
async fn delegates_share_the_places_of_their_agent() {
    let gate = Gate::new();
    let engine = gate.start();
    let max = engine.snapshot().limits.held_calls_per_agent_max;
    let delegate = |number: usize| {
        // Their session is that of their agent, too.
        let mut delegate = agent("bot");
        let subject = Arc::make_mut(&mut delegate.subject);
        subject.id = format!("bot/{number}");
        subject.delegation = vec!["bot".to_owned()];
        delegate
    };
    for number in 0..max {
        let ruling = held(&engine, &format!("call-{number}"), &delegate(number), "{}").await;
        assert!(matches!(ruling, Ruling::Held(_)), "{ruling:?}");
    }
    let Ruling::Denied(denial) = held(&engine, "one-more", &delegate(max), "{}").await else {
        panic!("not refused");
    };
    assert_eq!(denial.denied.reason, Reason::TooManyHeld);
}

/// A message that names several things is held as one, with what the record has of each.
#[tokio::test]
async fn all_that_a_held_message_names_is_kept_as_it_is_recorded() {
    let gate = Gate::new();
    let engine = gate.start();
    let grant = agent("a");
    let part = |name| judgement(&engine, "call-1", &grant, name, hold(Vec::new()));
    let mut judgements = Judgements::from(part("file:a"));
    judgements.push(part("file:b"));
    let ruling = engine.record(judgements).await;
    assert!(matches!(ruling, Ruling::Held(_)), "{ruling:?}");
    let call = engine.held("call-1").await.unwrap().unwrap();
    let record = std::fs::read_to_string(gate.folder.path().join("audit.jsonl")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(record.lines().last().unwrap()).unwrap();
    let recorded = [&entry["action"], &entry["parts"][0]["action"]];
    let kept: Vec<_> = call.names.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(kept, ["file:a", "file:b"]);
    for (kept, recorded) in call.names.iter().zip(recorded) {
        assert_eq!(serde_json::to_value(kept.action).unwrap(), *recorded);
    }
    assert_eq!(call.asks.len(), 2);
}

#[tokio::test]
async fn a_refused_call_keeps_nothing() {
    let gate = Gate::new();
    let engine = gate.start();
    let refused = judgement(&engine, "no", &agent("a"), "secret", deny());
    let ruling = engine.record(Judgements::from(refused)).await;
    assert!(matches!(ruling, Ruling::Denied(_)));
    assert_eq!(gate.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_held_call_that_was_changed_is_not_read() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = held(&engine, "call-1", &agent("a"), "{}").await;
    let path = gate.folder.path().join("audit.jsonl.held/call-1.held");
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let error = engine.held("call-1").await.unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(engine.held("call-1").await, Ok(None));
}

/// Files that are not the gate's stay, and mean nothing; what was half written goes.
#[tokio::test]
async fn what_else_lies_in_the_folder_is_no_held_call() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = held(&engine, "call-1", &agent("a"), "{}").await;
    drop(engine);
    let folder = gate.folder.path().join("audit.jsonl.held");
    let bytes = std::fs::read(folder.join("call-1.held")).unwrap();
    std::fs::write(folder.join("call-2.held"), &bytes).unwrap();
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    std::fs::write(folder.join("call-3.held.part"), &bytes[..10]).unwrap();
    let engine = gate.start();
    assert_eq!(engine.held("call-2").await, Ok(None));
    assert!(engine.held("call-1").await.unwrap().is_some());
    let mut files = gate.files();
    files.sort();
    assert_eq!(files, ["call-1.held", "call-2.held", "notes.txt"]);
}

/// Where there is no room, what is over goes all the same.
#[tokio::test]
async fn what_is_over_goes_when_another_call_is_refused() {
    let gate = Gate::new();
    let engine = gate.start();
    let max = engine.snapshot().limits.held_calls_per_agent_max;
    let _over = held(&engine, "over", &agent("b"), "{}").await;
    gate.pass(DECIDE_WITHIN / 2);
    for number in 0..max {
        let _held = held(&engine, &format!("call-{number}"), &agent("a"), "{}").await;
    }
    gate.pass(DECIDE_WITHIN / 2);
    let refused = held(&engine, "one-more", &agent("a"), "{}").await;
    assert!(matches!(refused, Ruling::Denied(_)), "{refused:?}");
    assert!(!gate.files().contains(&"over.held".to_owned()));
    assert_eq!(gate.files().len(), max);
}

/// The gate dies between keeping a call and its entry, or just after the entry.
#[tokio::test]
async fn a_call_that_the_record_does_not_know_does_not_wait() {
    let gate = Gate::new();
    let engine = gate.start();
    for id in ["call-1", "call-2"] {
        let _held = held(&engine, id, &agent("a"), "{}").await;
    }
    drop(engine);
    let folder = gate.folder.path().join("audit.jsonl.held");
    let unrecorded = |id: &str| folder.join(format!("{id}.unrecorded"));
    std::fs::rename(folder.join("call-1.held"), unrecorded("call-1")).unwrap();
    // As if it had been kept, and then nothing.
    let bytes = std::fs::read(folder.join("call-2.held")).unwrap();
    let text = String::from_utf8_lossy(&bytes).replacen("call-2", "call-3", 1);
    let end = text.find('\n').unwrap();
    let mut moved = text.as_bytes()[..=end].to_vec();
    moved.extend_from_slice(&bytes[end + 1..]);
    std::fs::write(unrecorded("call-3"), moved).unwrap();
    let engine = gate.start();
    assert!(engine.held("call-1").await.unwrap().is_some());
    assert_eq!(engine.held("call-3").await, Ok(None));
    let mut files = gate.files();
    files.sort();
    assert_eq!(files, ["call-1.held", "call-2.held"]);
}

/// Whoever hangs up while a call is being kept leaves nothing behind.
#[tokio::test]
async fn a_call_that_nobody_waits_for_is_not_kept() {
    let gate = Gate::new();
    let engine = gate.start();
    for number in 0..8 {
        let id = format!("call-{number}");
        let grant = agent("a");
        let holding = held(&engine, &id, &grant, "{}");
        let mut holding = Box::pin(holding);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        // It is under way, on another thread.
        assert!(holding.as_mut().poll(&mut context).is_pending());
        drop(holding);
        assert_eq!(engine.held(&id).await, Ok(None));
    }
    let ruling = held(&engine, "last", &agent("a"), "{}").await;
    assert!(matches!(ruling, Ruling::Held(_)), "{ruling:?}");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while gate.files() != ["last.held"] {
        assert!(std::time::Instant::now() < deadline, "{:?}", gate.files());
        tokio::task::yield_now().await;
    }
}

/// A folder that cannot be written to refuses what would be kept, and that is recorded.
#[tokio::test]
async fn a_call_that_cannot_be_kept_is_denied_and_recorded() {
    let gate = Gate::new();
    let engine = gate.start();
    let folder = gate.folder.path().join("audit.jsonl.held");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    let Ruling::Denied(denial) = held(&engine, "call-1", &agent("a"), "{}").await else {
        panic!("not denied");
    };
    assert_eq!(denial.denied.reason, Reason::AuditUnavailable);
    let record = std::fs::read_to_string(gate.folder.path().join("audit.jsonl")).unwrap();
    assert!(record.contains("\"id\":\"call-1\""), "{record}");
}

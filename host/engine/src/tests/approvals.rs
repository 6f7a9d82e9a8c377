//! People decide on held calls: once, for exactly what they were shown, and over a restart.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ed25519_dalek::SigningKey;
use gatewright_policy::approval::{
    Approver, Choice, NotTaken, STATEMENT_VERSION, Signature, Signed, Stand, Statement,
};
use gatewright_policy::credential::did_key;
use gatewright_policy::json::Document;
use gatewright_policy::record::{ApprovalEvent, ApprovalUse, Decided, Entry, Event};
use gatewright_policy::{Ask, Decision, Digest, Grant, Reason, Request, Timestamp, Unregistered};

use super::{allow, charge, deny, grant, hold, judgement, loaded};
use crate::approvals::{Approvers, resumed};
use crate::engine::Engine;
use crate::ledger::FileLedger;
use crate::permit::Ruling;
use crate::snapshot::Snapshot;

const DECIDE_WITHIN: u64 = 60_000;
pub(super) const USE_WITHIN: u64 = 60_000;

pub(super) struct Gate {
    pub(super) folder: tempfile::TempDir,
    now: Arc<AtomicU64>,
}

fn key(of: u8) -> SigningKey {
    SigningKey::from_bytes(&[of; 32])
}

/// The people of these tests: `kim` answers for finance, `sam` for law.
fn people(who: &[(&str, u8, &str)]) -> Approvers {
    Approvers::new(who.iter().map(|(name, of, role)| {
        let approver = Approver {
            name: (*name).to_owned(),
            roles: vec![(*role).to_owned()],
        };
        (did_key(&key(*of).verifying_key()), approver)
    }))
}

const ALL: [(&str, u8, &str); 3] = [
    ("kim", 1, "finance"),
    ("sam", 2, "legal"),
    ("alex", 3, "finance"),
];

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
        let engine = Engine::with_ledger(&loaded, Box::new(ledger), past, clock).unwrap();
        self.knows(&engine, &ALL);
        engine
    }

    pub(super) fn knows(&self, engine: &Engine, who: &[(&str, u8, &str)]) {
        let mut snapshot = Snapshot::deny_all();
        snapshot.unregistered = Unregistered::Allow;
        snapshot.approvers = people(who);
        engine.swap(snapshot);
    }

    /// Agents may ask people something new so often.
    pub(super) fn asks_at_most(&self, engine: &Engine, questions: u64) {
        let mut snapshot = Snapshot::deny_all();
        snapshot.unregistered = Unregistered::Allow;
        snapshot.approvers = people(&ALL);
        snapshot.limits.questions_per_agent_max = questions;
        engine.swap(snapshot);
    }

    pub(super) fn pass(&self, millis: u64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }

    fn files(&self) -> Vec<String> {
        let folder = self.folder.path().join("audit.jsonl.held");
        let names = std::fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(super) fn decided(&self, id: &str) -> Decided {
        let entries = self.entries().into_iter();
        let mut found = entries.filter_map(|entry| match entry.event {
            Event::Decided(decided) if decided.id == id => Some(*decided),
            _ => None,
        });
        found.next().unwrap()
    }

    fn refusals(&self) -> Vec<NotTaken> {
        let entries = self.entries().into_iter();
        let refusals = entries.filter_map(|entry| match entry.event {
            Event::Approval(event) => match *event {
                ApprovalEvent::Refused { why, .. } => Some(why),
                ApprovalEvent::Decided { .. } => None,
            },
            _ => None,
        });
        refusals.collect()
    }
}

pub(super) fn agent() -> Grant {
    let mut grant = grant("s", Timestamp(u64::MAX));
    let mut subject = (*grant.subject).clone();
    subject.principal = Some("sam".to_owned());
    grant.subject = Arc::new(subject);
    grant
}

pub(super) fn asks(change: fn(&mut Ask)) -> Decision {
    let mut decision = hold(Vec::new());
    if let Decision::Hold(held) = &mut decision {
        for (_, ask) in &mut held.asks {
            change(ask);
        }
    }
    decision
}

/// A call with these arguments, as the engine would judge it now.
pub(super) async fn called(
    engine: &Arc<Engine>,
    id: &str,
    arguments: &str,
    decision: Decision,
) -> Ruling {
    called_by(engine, &agent(), id, arguments, decision).await
}

pub(super) async fn called_by(
    engine: &Arc<Engine>,
    grant: &Grant,
    id: &str,
    arguments: &str,
    decision: Decision,
) -> Ruling {
    let mut judgement = judgement(engine, id, grant, "secret", decision);
    let limits = engine.snapshot().limits.request_json();
    let parse = |text: String| Document::parse(text, &limits).unwrap();
    judgement.message = parse(format!("{{\"id\": \"{id}\", \"params\": {arguments}}}"));
    judgement.request = Arc::new(Request {
        arguments: parse(arguments.to_owned()),
        ..Request::clone(&judgement.request)
    });
    judgement.snapshot = engine.snapshot();
    let judgement = resumed(&engine.recorder, judgement).await;
    engine.record(judgement).await
}

pub(super) fn id_of(ruling: Ruling) -> String {
    match ruling {
        Ruling::Held(ticket) => ticket.id,
        other => panic!("not held: {other:?}"),
    }
}

fn reason_of(ruling: Ruling) -> Reason {
    match ruling {
        Ruling::Denied(denial) => denial.denied.reason,
        other => panic!("not refused: {other:?}"),
    }
}

async fn statement(engine: &Engine, id: &str, name: &str, choice: Choice) -> Statement {
    let everybody = Approver {
        name: name.to_owned(),
        roles: vec!["finance".to_owned(), "legal".to_owned()],
    };
    let shown = engine.approval(&everybody, id).await.unwrap().unwrap();
    Statement {
        actions: shown.actions,
        approver: name.to_owned(),
        at: engine.now(),
        choice,
        held: id.to_owned(),
        reason: String::new(),
        shown: shown.digest,
        version: STATEMENT_VERSION,
    }
}

async fn decide(
    engine: &Engine,
    id: &str,
    (name, of): (&str, u8),
    choice: Choice,
) -> Result<Stand, NotTaken> {
    let statement = statement(engine, id, name, choice).await;
    engine.decide(Signed::by(statement, &key(of))).await
}

pub(super) async fn approved(engine: &Engine, id: &str) {
    let stand = decide(engine, id, ("kim", 1), Choice::Approve).await;
    assert!(matches!(stand, Ok(Stand::Granted { .. })), "{stand:?}");
}

#[tokio::test]
async fn an_approved_call_goes_ahead_once_and_the_record_says_so() {
    let gate = Gate::new();
    let engine = gate.start();
    assert_eq!(
        id_of(called(&engine, "1", "{\"a\": 1}", hold(Vec::new())).await),
        "1"
    );
    approved(&engine, "1").await;
    // Under another credential of the same agent, in another session, and with another
    // id of its message.
    let mut refreshed = agent();
    refreshed.credential = Digest::of(b"another");
    refreshed.session = Arc::from("another");
    let ruling = called_by(&engine, &refreshed, "2", "{\"a\": 1}", hold(Vec::new())).await;
    let Ruling::Permitted(permit) = ruling else {
        panic!("not permitted: {ruling:?}");
    };
    let (message, ..) = permit.redeem();
    assert!(message.text().contains("\"id\": \"2\""));
    let (held, ran) = (gate.decided("1"), gate.decided("2"));
    let used = ran.approval.unwrap();
    assert_eq!(
        (used.held.as_str(), used.what),
        ("1", ApprovalUse::Consumed)
    );
    assert_eq!(used.approvers, ["kim"]);
    // What ran is what was signed.
    assert_eq!((ran.action, ran.arguments), (held.action, held.arguments));
    let entries = gate.entries().into_iter();
    let votes: Vec<_> = entries
        .filter_map(|entry| match entry.event {
            Event::Approval(event) => Some(*event),
            _ => None,
        })
        .collect();
    let [ApprovalEvent::Decided { vote, .. }] = votes.as_slice() else {
        panic!("{votes:?}");
    };
    assert_eq!(vote.signed.verify_ed25519(), Ok(()));
    assert_eq!(Some(vote.signed.statement.actions[0]), held.action);

    let again = called(&engine, "3", "{\"a\": 1}", hold(Vec::new())).await;
    assert_eq!(reason_of(again), Reason::ApprovalUsed, "it goes ahead once");
    gate.pass(USE_WITHIN);
    let again = called(&engine, "4", "{\"a\": 1}", hold(Vec::new())).await;
    assert_eq!(id_of(again), "4", "its second use asks anew");
}

#[tokio::test]
async fn a_grant_for_other_bytes_does_nothing() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{\"a\": 1}", hold(Vec::new())).await;
    approved(&engine, "1").await;
    for (id, arguments) in [
        ("2", "{\"a\": 2}"),
        ("3", "{\"a\":1}"),
        ("4", "{\"a\": 1 }"),
    ] {
        let ruling = called(&engine, id, arguments, hold(Vec::new())).await;
        assert_eq!(id_of(ruling), id, "{arguments}");
    }
    // Nor does it for another agent, or for somebody else.
    let changes: [fn(&mut gatewright_policy::Subject); 4] = [
        |it| it.id.push('2'),
        |it| it.issuer.push('2'),
        |it| it.principal = None,
        |it| it.delegation.push("broker".to_owned()),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = agent();
        let mut subject = (*other.subject).clone();
        change(&mut subject);
        other.subject = Arc::new(subject);
        let id = format!("other-{number}");
        let ruling = called_by(&engine, &other, &id, "{\"a\": 1}", hold(Vec::new())).await;
        assert_eq!(id_of(ruling), id);
    }
    let ruling = called(&engine, "5", "{\"a\": 1}", hold(Vec::new())).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
}

#[tokio::test]
async fn repeats_wait_with_the_first_and_take_no_second_place() {
    let gate = Gate::new();
    let engine = gate.start();
    for id in ["1", "2", "3"] {
        assert_eq!(
            id_of(called(&engine, id, "{}", hold(Vec::new())).await),
            "1"
        );
    }
    assert_eq!(gate.files(), ["1.held"]);
    assert_eq!(
        gate.decided("3").approval.unwrap().what,
        ApprovalUse::Joined
    );
    drop(engine);
    let engine = gate.start();
    assert_eq!(
        id_of(called(&engine, "4", "{}", hold(Vec::new())).await),
        "1"
    );
}

#[tokio::test]
async fn a_no_settles_the_call_until_its_time_is_over() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    let stand = decide(&engine, "1", ("kim", 1), Choice::Reject).await;
    assert!(matches!(stand, Ok(Stand::Rejected { .. })), "{stand:?}");
    for id in ["2", "3"] {
        let Ruling::Denied(denial) = called(&engine, id, "{}", hold(Vec::new())).await else {
            panic!("not refused");
        };
        assert_eq!(denial.denied.reason, Reason::ApprovalRejected);
    }
    let late = decide(&engine, "1", ("alex", 3), Choice::Approve).await;
    assert_eq!(late, Err(NotTaken::Ended));
    gate.pass(DECIDE_WITHIN);
    assert_eq!(
        id_of(called(&engine, "4", "{}", hold(Vec::new())).await),
        "4"
    );
}

#[tokio::test]
async fn what_voids_a_grant_voids_it() {
    type Between = fn(&Gate, &Arc<Engine>);
    let nothing: Between = |_, _| {};
    let rows: [(&str, Between, Decision, bool); 7] = [
        ("nothing", nothing, hold(Vec::new()), true),
        (
            "the approver is gone",
            |gate, engine| gate.knows(engine, &ALL[1..]),
            hold(Vec::new()),
            false,
        ),
        (
            "the approver has another key",
            |gate, engine| gate.knows(engine, &[("kim", 9, "finance")]),
            hold(Vec::new()),
            false,
        ),
        (
            "the time to use it is over",
            |gate, _| gate.pass(USE_WITHIN),
            hold(Vec::new()),
            false,
        ),
        (
            "two are asked for",
            nothing,
            asks(|ask| ask.quorum = 2),
            false,
        ),
        (
            "a role is asked for that was not",
            nothing,
            asks(|ask| ask.roles = vec!["finance".to_owned()]),
            false,
        ),
        (
            "more time than before, and other words",
            nothing,
            asks(|ask| {
                ask.use_within_seconds = 600;
                ask.title = "other".to_owned();
            }),
            true,
        ),
    ];
    for (what, between, decision, goes_ahead) in rows {
        let gate = Gate::new();
        let engine = gate.start();
        let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
        approved(&engine, "1").await;
        between(&gate, &engine);
        let ruling = called(&engine, "2", "{}", decision).await;
        match goes_ahead {
            true => assert!(matches!(ruling, Ruling::Permitted(_)), "{what}: {ruling:?}"),
            false => assert_eq!(id_of(ruling), "2", "{what}"),
        }
    }
}

#[tokio::test]
async fn a_policy_that_denies_voids_what_people_agreed_to() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    approved(&engine, "1").await;
    let ruling = called(&engine, "2", "{}", deny()).await;
    assert!(matches!(ruling, Ruling::Denied(_)));
    assert_eq!(gate.decided("2").approval.unwrap().what, ApprovalUse::Void);
    assert_eq!(
        id_of(called(&engine, "3", "{}", hold(Vec::new())).await),
        "3"
    );
    drop(engine);
    let engine = gate.start();
    let gone = engine.approval_stand("1").await;
    assert_eq!(gone, Ok(None));
}

#[tokio::test]
async fn people_do_not_stand_in_for_a_policy() {
    let gate = Gate::new();
    let engine = gate.start();
    let unallowed = || {
        let mut decision = hold(Vec::new());
        if let Decision::Hold(held) = &mut decision {
            held.allowed = false;
        }
        decision
    };
    let _held = called(&engine, "1", "{}", unallowed()).await;
    approved(&engine, "1").await;
    let Ruling::Denied(denial) = called(&engine, "2", "{}", unallowed()).await else {
        panic!("not refused");
    };
    assert_eq!(denial.denied.reason, Reason::NoPolicy);
}

#[tokio::test]
async fn each_bad_decision_is_refused_for_its_reason_and_recorded() {
    let gate = Gate::new();
    let engine = gate.start();
    let asked = asks(|ask| {
        ask.roles = vec!["finance".to_owned()];
        ask.quorum = 2;
        ask.exclude_requester = true;
    });
    let _held = called(&engine, "1", "{}", asked).await;
    let good = statement(&engine, "1", "kim", Choice::Approve).await;
    let changed = |change: fn(&mut Statement)| {
        let mut statement = good.clone();
        change(&mut statement);
        Signed::by(statement, &key(1))
    };
    let mut forged = changed(|_| {});
    if let Signature::Ed25519 { key: of, .. } = &mut forged.signature {
        *of = did_key(&key(3).verifying_key());
    }
    let mut passkey = changed(|_| {});
    passkey.signature = Signature::Webauthn {
        credential: String::new(),
        authenticator_data: String::new(),
        client_data: String::new(),
        signature: String::new(),
    };
    let rows = [
        ("forged", forged, NotTaken::Forged),
        (
            "an unknown key",
            Signed::by(good.clone(), &key(9)),
            NotTaken::UnknownApprover,
        ),
        (
            "in another's name",
            changed(|it| it.approver = "alex".to_owned()),
            NotTaken::UnknownApprover,
        ),
        ("a passkey of nobody", passkey, NotTaken::UnknownApprover),
        (
            "another call",
            changed(|it| it.held = "2".to_owned()),
            NotTaken::Unknown,
        ),
        (
            "another action",
            changed(|it| it.actions.clear()),
            NotTaken::WrongCall,
        ),
        (
            "another text",
            changed(|it| it.shown = Digest::of(b"")),
            NotTaken::WrongShown,
        ),
        (
            "a reason that moves",
            changed(|it| it.reason = "\u{1b}[2J".to_owned()),
            NotTaken::Unreadable,
        ),
        (
            "another version",
            changed(|it| it.version = 2),
            NotTaken::Unreadable,
        ),
        (
            "of tomorrow",
            changed(|it| it.at = Timestamp(it.at.0 + 86_400_000)),
            NotTaken::OutOfOrder,
        ),
        (
            "before the call",
            changed(|it| it.at = Timestamp(it.at.0 - 61_000)),
            NotTaken::OutOfOrder,
        ),
        (
            "wrong role",
            Signed::by(
                statement(&engine, "1", "sam", Choice::Approve).await,
                &key(2),
            ),
            NotTaken::WrongRole,
        ),
    ];
    let mut reasons = Vec::new();
    for (what, signed, why) in rows {
        assert_eq!(engine.decide(signed).await, Err(why), "{what}");
        reasons.push(why);
    }
    let taken = engine.decide(changed(|_| {})).await;
    assert_eq!(taken, Ok(Stand::Requested));
    let again = engine.decide(changed(|_| {})).await;
    assert_eq!(again, Err(NotTaken::Duplicate), "replayed");
    reasons.push(NotTaken::Duplicate);
    let alex = statement(&engine, "1", "alex", Choice::Approve).await;
    gate.pass(DECIDE_WITHIN);
    let late = engine.decide(Signed::by(alex, &key(3))).await;
    assert_eq!(late, Err(NotTaken::Unknown), "late");
    reasons.push(NotTaken::Unknown);
    assert_eq!(gate.refusals(), reasons);
}

#[tokio::test]
async fn whom_a_call_is_for_does_not_approve_it() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", asks(|ask| ask.exclude_requester = true)).await;
    let own = decide(&engine, "1", ("sam", 2), Choice::Approve).await;
    assert_eq!(own, Err(NotTaken::OwnCall));
    let _excluded = called(
        &engine,
        "2",
        "[]",
        asks(|ask| ask.exclude = vec!["kim".to_owned()]),
    )
    .await;
    let excluded = decide(&engine, "2", ("kim", 1), Choice::Approve).await;
    assert_eq!(excluded, Err(NotTaken::Excluded));
}

#[tokio::test]
async fn a_stale_decision_is_not_taken_and_a_clock_that_steps_back_changes_nothing() {
    let gate = Gate::new();
    let engine = gate.start();
    let long = || asks(|ask| ask.decide_within_seconds = 86_400);
    let _held = called(&engine, "1", "{}", long()).await;
    let early = statement(&engine, "1", "kim", Choice::Approve).await;
    gate.pass(301_000);
    let stale = engine.decide(Signed::by(early, &key(1))).await;
    assert_eq!(stale, Err(NotTaken::Stale));
    approved(&engine, "1").await;
    let before = gate.now.load(Ordering::Relaxed);
    gate.pass(USE_WITHIN);
    assert_eq!(engine.approval_stand("1").await, Ok(None));
    gate.now.store(before, Ordering::Relaxed);
    assert_eq!(id_of(called(&engine, "2", "{}", long()).await), "2");
}

#[tokio::test]
async fn votes_and_grants_live_over_restarts_and_segments() {
    let gate = Gate::new();
    let two = || asks(|ask| ask.quorum = 2);
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", two()).await;
    let one = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(one, Ok(Stand::Requested));
    assert!(engine.rotate().await.unwrap().is_some());
    drop(engine);
    let engine = gate.start();
    let again = decide(&engine, "1", ("kim", 1), Choice::Approve).await;
    assert_eq!(again, Err(NotTaken::Duplicate));
    let stand = decide(&engine, "1", ("alex", 3), Choice::Approve).await;
    assert!(matches!(stand, Ok(Stand::Granted { .. })), "{stand:?}");
    // Longer than people had to decide: what counts is when they agreed.
    gate.pass(USE_WITHIN - 1);
    assert!(engine.rotate().await.unwrap().is_some());
    drop(engine);
    let engine = gate.start();
    let ruling = called(&engine, "2", "{}", two()).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
}

/// The gate dies after the entry of a use, before the held call is removed.
#[tokio::test]
async fn what_was_used_is_used_after_a_crash_and_in_a_new_segment() {
    for rotates in [false, true] {
        let gate = Gate::new();
        let engine = gate.start();
        let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
        let yes = statement(&engine, "1", "kim", Choice::Approve).await;
        let yes = Signed::by(yes, &key(1));
        engine.decide(yes.clone()).await.unwrap();
        let file = gate.folder.path().join("audit.jsonl.held/1.held");
        let bytes = std::fs::read(&file).unwrap();
        let ruling = called(&engine, "2", "{}", hold(Vec::new())).await;
        assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
        drop(ruling);
        if rotates {
            assert!(engine.rotate().await.unwrap().is_some());
        }
        drop(engine);
        std::fs::write(&file, bytes).unwrap();
        let engine = gate.start();
        assert_eq!(engine.decide(yes.clone()).await, Err(NotTaken::Unknown));
        let again = called(&engine, "3", "{}", hold(Vec::new())).await;
        assert_eq!(reason_of(again), Reason::ApprovalUsed);
        drop(engine);
        gate.pass(USE_WITHIN);
        let engine = gate.start();
        assert_eq!(gate.files(), Vec::<String>::new());
        assert_eq!(engine.decide(yes).await, Err(NotTaken::Unknown));
        assert_eq!(
            id_of(called(&engine, "4", "{}", hold(Vec::new())).await),
            "4"
        );
    }
}

/// What cannot be paid for does not go ahead, and people need not be asked again.
#[tokio::test]
async fn a_call_that_does_not_go_ahead_uses_nothing_up() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(vec![charge("k", 11)])).await;
    approved(&engine, "1").await;
    let Ruling::Denied(denial) = called(&engine, "2", "{}", hold(vec![charge("k", 11)])).await
    else {
        panic!("not refused");
    };
    assert_eq!(denial.denied.reason, Reason::QuotaExceeded);
    let ruling = called(&engine, "3", "{}", hold(vec![charge("k", 1)])).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
}

/// An allowance of policies that did not hear of it leaves what people agreed to alone.
#[tokio::test]
async fn a_call_that_is_allowed_anyway_needs_no_approval() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    approved(&engine, "1").await;
    let ruling = called(&engine, "2", "{}", allow(Vec::new())).await;
    assert!(matches!(ruling, Ruling::Permitted(_)), "{ruling:?}");
    assert_eq!(gate.decided("2").approval, None);
}

#[tokio::test]
async fn of_many_identical_calls_at_once_one_goes_ahead() {
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "1", "{}", hold(Vec::new())).await;
    approved(&engine, "1").await;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..16 {
        let engine = Arc::clone(&engine);
        calls.spawn(async move {
            let id = format!("more-{number}");
            called(&engine, &id, "{}", hold(Vec::new())).await
        });
    }
    let rulings = calls.join_all().await;
    let ahead = rulings
        .iter()
        .filter(|it| matches!(it, Ruling::Permitted(_)));
    assert_eq!(ahead.count(), 1);
}

#[tokio::test]
async fn approvers_see_what_they_answer_for() {
    let gate = Gate::new();
    let engine = gate.start();
    for (number, role) in ["finance", "legal", "finance"].into_iter().enumerate() {
        let mut decision = hold(Vec::new());
        if let Decision::Hold(held) = &mut decision {
            held.asks[0].1.roles = vec![role.to_owned()];
        }
        let arguments = format!("{{\"n\": {number}}}");
        let _held = called(&engine, &number.to_string(), &arguments, decision).await;
    }
    let kim = engine.approver(&did_key(&key(1).verifying_key())).unwrap();
    let page = engine.approvals(&kim, None, 100).await.unwrap();
    let ids: Vec<_> = page.approvals.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((ids, page.next), (vec!["0", "2"], None));
    assert!(engine.approval(&kim, "1").await.unwrap().is_none());
    let first = engine.approvals(&kim, None, 1).await.unwrap();
    assert_eq!(
        (first.approvals.len(), first.next.as_deref()),
        (1, Some("0"))
    );
    let next = engine.approvals(&kim, Some("1"), 100).await.unwrap();
    assert_eq!(next.approvals[0].id, "2");
    assert!(next.approvals[0].text.contains("\"n\": 2"));
}

/// Ten thousand calls wait: a page of them, and the call that one of them is, come as if
/// there were few.
#[tokio::test]
async fn ten_thousand_that_wait_slow_nobody_down() {
    const COUNT: usize = 10_000;
    let gate = Gate::new();
    let engine = gate.start();
    let _held = called(&engine, "first", "{\"n\": 0}", hold(Vec::new())).await;
    let first = engine.held("first").await.unwrap().unwrap();
    drop(engine);
    let keys = {
        let salt = std::fs::read(gate.folder.path().join("audit.jsonl.salt")).unwrap();
        gatewright_policy::record::RecordKeys::new(&salt.try_into().unwrap())
    };
    let folder = gate.folder.path().join("audit.jsonl.held");
    for number in 0..COUNT {
        let mut call = first.clone();
        call.id = format!("many-{number:05}");
        call.called = Digest::of(call.id.as_bytes());
        let sealed = call.seal(&keys);
        let mut bytes = serde_json::to_vec(&sealed.envelope).unwrap();
        bytes.push(b'\n');
        bytes.extend_from_slice(&sealed.sealed);
        std::fs::write(folder.join(format!("{}.held", call.id)), bytes).unwrap();
    }
    let engine = gate.start();
    let kim = engine.approver(&did_key(&key(1).verifying_key())).unwrap();
    approved(&engine, "first").await;
    let (mut list, mut resume) = (u128::MAX, u128::MAX);
    // The best of a few: others use the machine too.
    for number in 0..5 {
        let began = std::time::Instant::now();
        let page = engine
            .approvals(&kim, Some("many-05000"), 100)
            .await
            .unwrap();
        list = list.min(began.elapsed().as_micros());
        assert_eq!(page.approvals.len(), 100);
        let began = std::time::Instant::now();
        let mut judgement = judgement(&engine, "again", &agent(), "secret", hold(Vec::new()));
        let limits = engine.snapshot().limits.request_json();
        judgement.request = Arc::new(Request {
            arguments: Document::parse("{\"n\": 0}".to_owned(), &limits).unwrap(),
            ..Request::clone(&judgement.request)
        });
        judgement.snapshot = engine.snapshot();
        let found = resumed(&engine.recorder, judgement).await;
        resume = resume.min(began.elapsed().as_micros());
        assert!(found.approval.is_some(), "round {number}");
    }
    println!("a page of 100 of {COUNT}: {list} us; finding the call again: {resume} us");
    assert!(list < 100_000 && resume < 5_000, "{list} us, {resume} us");
}

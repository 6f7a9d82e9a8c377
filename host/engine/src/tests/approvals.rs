//! People decide on held calls: once, for exactly what they were shown, and over a restart.

mod lasting;
mod refused;
mod settled;

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
use crate::call::Judgement;
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

    /// These accounts are somebody's, who is called something else.
    pub(super) fn knows_accounts(&self, engine: &Engine, accounts: &[(&str, &str)]) {
        let mut snapshot = Snapshot::deny_all();
        snapshot.unregistered = Unregistered::Allow;
        let accounts = accounts.iter();
        let accounts = accounts.map(|(name, whose)| ((*name).to_owned(), (*whose).to_owned()));
        snapshot.approvers = people(&ALL).with_accounts(accounts);
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

    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
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
    let judgement = asked_for(engine, grant, (id, arguments), decision);
    let judgement = resumed(&engine.recorder, judgement).await;
    engine.record(judgement).await
}

/// What is decided on such a call where nobody looked yet whether people agreed to it.
fn asked_for(
    engine: &Arc<Engine>,
    grant: &Grant,
    (id, arguments): (&str, &str),
    decision: Decision,
) -> Judgement {
    let mut judgement = judgement(engine, id, grant, "secret", decision);
    let limits = engine.snapshot().limits.request_json();
    let parse = |text: String| Document::parse(text, &limits).unwrap();
    judgement.message = parse(format!("{{\"id\": \"{id}\", \"params\": {arguments}}}"));
    judgement.request = Arc::new(Request {
        arguments: parse(arguments.to_owned()),
        ..Request::clone(&judgement.request)
    });
    judgement.snapshot = engine.snapshot();
    judgement
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

/// An account whose passkey was verified decides.
async fn decide_with_account(
    engine: &Engine,
    id: &str,
    name: &str,
    choice: Choice,
) -> Result<Stand, NotTaken> {
    let account = Approver {
        name: name.to_owned(),
        roles: vec!["finance".to_owned(), "legal".to_owned()],
    };
    let signed = Signed {
        statement: statement(engine, id, name, choice).await,
        signature: Signature::Webauthn {
            credential: format!("passkey of {name}"),
            authenticator_data: String::new(),
            client_data: String::new(),
            signature: String::new(),
        },
    };
    engine.decide_as(&account, signed).await
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

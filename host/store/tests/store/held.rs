//! Held calls, in every memory.

use std::sync::Arc;

use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::{
    ApprovalChange, ApprovalStep, Commit, Effects, HeldLook, Hold, HoldRoom, HoldsFull, KeptCall,
    Memory, NotCommitted,
};
use gatewright_policy::approval::{Choice, STATEMENT_VERSION, Signature, Signed, Statement, Vote};
use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::{Digest, Grant, HeldCall, SealedCall, Timestamp};
use gatewright_store::SqlMemory;

use crate::calls::{Asked, enter, grant, is_spent, quota, spent};
use crate::world::{Kind, World};

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(9999);
const DECIDE_BY: Timestamp = Timestamp::from_seconds(660);

const ROOM: HoldRoom = HoldRoom {
    calls_max: 4,
    calls_per_agent_max: 2,
    bytes_max: 100_000,
    bytes_per_agent_max: 80_000,
};

/// A call of an agent, of so many bytes or a few more.
pub(crate) fn call(memory: &dyn Memory, id: &str, agent: &str, bytes: usize) -> SealedCall {
    let mut subject = (*grant("s", ENDS).subject).clone();
    subject.id = agent.to_owned();
    let call = HeldCall {
        id: id.to_owned(),
        received_at: NOW,
        decide_by: DECIDE_BY,
        subject,
        session: "s".to_owned(),
        method: "tools/call".to_owned(),
        server: "files".to_owned(),
        names: Vec::new(),
        called: Digest::of(id.as_bytes()),
        masks: Vec::new(),
        message: "x".repeat(bytes),
        arguments_at: String::new(),
        asks: Vec::new(),
        asked_by: Vec::new(),
        allowed: true,
    };
    call.seal(&RecordKeys::new(memory.salt()))
}

pub(crate) fn holding(
    memory: &dyn Memory,
    grant: &Grant,
    at: Timestamp,
    call: SealedCall,
) -> Commit {
    let asked = Asked::charging(&call.envelope.id, &[quota("held", 1, 100)]);
    let mut commit = asked.commit(memory, grant, at);
    commit.durability = Durability::Synced;
    commit.effects.held = Some(Hold {
        call,
        room: ROOM,
        used: None,
    });
    commit
}

fn undecided(call: &SealedCall) -> KeptCall {
    KeptCall {
        call: call.clone(),
        votes: Vec::new(),
    }
}

/// A decision on a held call, or its end.
fn step(held: &str, before: usize, change: ApprovalChange, at: Timestamp) -> Commit {
    Commit {
        record: Event::Stopped,
        durability: Durability::Synced,
        effects: Effects {
            approval: Some(ApprovalStep {
                held: held.to_owned(),
                before,
                change,
            }),
            ..Effects::none(at)
        },
    }
}

fn vote(name: &str, until: Timestamp) -> ApprovalChange {
    let statement = Statement {
        actions: Vec::new(),
        approver: name.to_owned(),
        at: NOW,
        choice: Choice::Approve,
        held: String::new(),
        reason: String::new(),
        shown: Digest::of(b""),
        version: STATEMENT_VERSION,
    };
    let signature = Signature::Ed25519 {
        key: String::new(),
        signature: String::new(),
    };
    ApprovalChange::Vote {
        vote: Box::new(Vote {
            signed: Signed {
                statement,
                signature,
            },
            roles: vec!["finance".to_owned()],
            at: NOW,
        }),
        until,
    }
}

#[tokio::test]
async fn a_held_call_is_there_until_its_time_is_over() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let sealed = call(&*memory, "1", "a", 10);
        let commit = holding(&*memory, &grant, NOW, sealed.clone());
        memory.commit(NOW, commit).await.unwrap();
        let last = Timestamp(DECIDE_BY.0 - 1);
        assert_eq!(memory.held("1", last).await, Ok(Some(undecided(&sealed))));
        assert_eq!(memory.held("1", DECIDE_BY).await, Ok(None));
        assert_eq!(memory.held("2", NOW).await, Ok(None));
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        let found = memory.held("1", NOW).await.unwrap().unwrap();
        let opened = found.call.open(&RecordKeys::new(memory.salt())).unwrap();
        assert_eq!(found, undecided(&sealed));
        assert_eq!(opened.message, "xxxxxxxxxx");
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_held_calls_and_no_more() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let rows = [
            ("1", "a", 10, NOW, None),
            ("2", "a", 10, NOW, None),
            ("3", "a", 10, NOW, Some(true)),
            ("4", "b", 90_000, NOW, Some(true)),
            ("5", "b", 70_000, NOW, None),
            ("6", "c", 40_000, NOW, Some(false)),
            ("8", "c", 10, NOW, None),
            ("9", "d", 10, NOW, Some(false)),
            // The others are over by then, and their room is free.
            ("7", "a", 10, DECIDE_BY, None),
        ];
        for (id, agent, bytes, at, full) in rows {
            let sealed = call(&*memory, id, agent, bytes);
            if at == DECIDE_BY {
                // What was refused cost nothing.
                assert!(is_spent(&*memory, "held", 4, NOW).await, "{:?}", world.kind);
            }
            let commit = holding(&*memory, &grant, at, sealed);
            let entered = memory.commit(at, commit).await;
            match full {
                None => assert!(entered.is_ok(), "{id}"),
                Some(of_agent) => {
                    let full = HoldsFull { of_agent };
                    assert!(
                        matches!(entered, Err(NotCommitted::Held(found)) if found == full),
                        "{id}"
                    );
                    assert_eq!(memory.held(id, NOW).await, Ok(None));
                }
            }
        }
        // What was refused has no entry.
        let lines = world.lines().await;
        let named = |id: &str| {
            lines
                .iter()
                .any(|line| line.contains(&format!("\"id\":\"{id}\"")))
        };
        assert!(named("1") && named("7") && !named("3") && !named("4") && !named("6"));
        if world.kind == Kind::File {
            let folder = world.folder().join("audit.jsonl.held");
            assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
        }
    }
}

/// Two gates hold calls of one agent: together no more than it may have.
#[tokio::test]
async fn gates_that_share_a_memory_share_the_room() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let gates = world.gates(2, NOW).await;
        let grant = grant("s", ENDS);
        enter(&*gates[0], &grant, NOW).await;
        let mut admitted = 0;
        for number in 0..6 {
            let memory = &*gates[number % 2];
            let sealed = call(memory, &number.to_string(), "a", 10);
            let commit = holding(memory, &grant, NOW, sealed);
            admitted += usize::from(memory.commit(NOW, commit).await.is_ok());
        }
        assert_eq!(admitted, ROOM.calls_per_agent_max);
        // Held at one gate, decided on at the other.
        assert!(gates[1].held("0", NOW).await.unwrap().is_some());
    }
}

/// A decision counts only where nobody decided since it was looked at, and a call that
/// ended is gone for good.
#[tokio::test]
async fn what_people_decide_counts_in_order_and_a_call_ends_once() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let sealed = call(&*memory, "1", "a", 10);
        let commit = holding(&*memory, &grant, NOW, sealed);
        memory.commit(NOW, commit).await.unwrap();
        let later = Timestamp(DECIDE_BY.0 + 60_000);
        let committed = async |held: &str, before, change, at| {
            let committed = memory.commit(at, step(held, before, change, at)).await;
            match committed {
                Ok(_) => true,
                Err(NotCommitted::Approval(_)) => false,
                Err(error) => panic!("{error}"),
            }
        };
        assert!(!committed("2", 0, vote("kim", DECIDE_BY), NOW).await);
        assert!(!committed("1", 1, vote("kim", DECIDE_BY), NOW).await);
        assert!(committed("1", 0, vote("kim", DECIDE_BY), NOW).await);
        assert!(!committed("1", 0, vote("sam", later), NOW).await);
        assert!(!committed("1", 0, ApprovalChange::End, NOW).await);
        assert!(committed("1", 1, vote("sam", later), NOW).await);
        let look = |decided, until| Ok(Some(HeldLook { decided, until }));
        assert_eq!(memory.look("1", NOW).await, look(2, later));
        assert_eq!(memory.look("1", later).await, Ok(None));
        assert_eq!(memory.look("2", NOW).await, Ok(None));
        // Granted: it counts longer than people could decide.
        let found = memory.held("1", DECIDE_BY).await.unwrap().unwrap();
        assert_eq!(found.votes.len(), 2);
        let called = Digest::of(b"1");
        assert_eq!(
            memory.held_as(called, DECIDE_BY).await,
            Ok(Some(found.clone()))
        );
        assert_eq!(memory.held_after("", DECIDE_BY, 9).await, Ok(vec![found]));
        assert_eq!(memory.held_after("1", DECIDE_BY, 9).await, Ok(Vec::new()));
        assert_eq!(memory.held("1", later).await, Ok(None));
        assert!(!committed("1", 2, ApprovalChange::End, later).await);
        assert!(committed("1", 2, ApprovalChange::End, DECIDE_BY).await);
        assert!(!committed("1", 2, ApprovalChange::End, DECIDE_BY).await);
        assert_eq!(memory.held("1", NOW).await, Ok(None));
        assert_eq!(memory.held_as(called, NOW).await, Ok(None));
    }
}

/// Two gates use one approval at the same moment: one of them goes ahead.
#[tokio::test(flavor = "multi_thread")]
async fn of_gates_that_use_one_approval_at_once_one_wins() {
    for world in World::all().await {
        let gates = world.gates(3, NOW).await;
        let grant = grant("s", ENDS);
        enter(&*gates[0], &grant, NOW).await;
        for round in 0..10 {
            let id = format!("round-{round}");
            let sealed = call(&*gates[0], &id, &id, 10);
            let mut commit = holding(&*gates[0], &grant, NOW, sealed);
            if let Some(hold) = &mut commit.effects.held {
                hold.room.calls_max = 100;
            }
            gates[0].commit(NOW, commit).await.unwrap();
            let mut uses = tokio::task::JoinSet::new();
            for number in 0..9 {
                let memory = Arc::clone(&gates[number % gates.len()]);
                let id = id.clone();
                uses.spawn(async move {
                    let end = step(&id, 0, ApprovalChange::End, NOW);
                    memory.commit(NOW, end).await.is_ok()
                });
            }
            let won = uses.join_all().await.into_iter().filter(|won| *won).count();
            assert_eq!(won, 1, "{:?} {round}", world.kind);
        }
    }
}

#[tokio::test]
async fn what_was_held_and_charged_under_a_wrong_clock_does_not_wait_for_it() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        let grant = grant("s", ENDS);
        enter(&memory, &grant, NOW).await;
        let held = call(&memory, "1", "a", 10);
        let commit = holding(&memory, &grant, NOW, held);
        memory.commit(NOW, commit).await.unwrap();
        let (right, next) = (Timestamp::from_seconds(60), Timestamp::from_seconds(120));
        assert!(memory.held("1", right).await.unwrap().is_some());
        assert_eq!(memory.set_clock(right, NOW).await.unwrap(), 1);
        assert_eq!(memory.held("1", right).await, Ok(None));
        let budget = quota("held", 0, 100);
        assert_eq!(spent(&memory, &budget, right).await, Ok(1));
        assert_eq!(spent(&memory, &budget, next).await, Ok(0));
        assert_eq!(memory.set_clock(right, NOW).await.unwrap(), 0);
    }
}

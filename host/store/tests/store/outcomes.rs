//! What came of approved calls, in every memory.

use std::time::{Duration, Instant};

use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::{
    ApprovalChange, ApprovalStep, Commit, Effects, Hold, HoldRoom, Memory, NotCommitted, UseOnce,
    UseRoom, UsedBefore,
};
use gatewright_policy::record::{ApprovalUse, Event, RecordKeys, UseOfApproval};
use gatewright_policy::{Digest, Given, Grant, Outcome, SealedOutcome, Timestamp};

use crate::calls::{Asked, Finished, enter, grant};
use crate::held::{NOW, call};
use crate::world::World;

const ENDS: Timestamp = Timestamp::from_seconds(9999);
const UNTIL: Timestamp = Timestamp::from_seconds(900);

const ROOM: HoldRoom = HoldRoom {
    calls_max: 100,
    calls_per_agent_max: 100,
    bytes_max: 1 << 20,
    bytes_per_agent_max: 1 << 20,
};

/// A call is held, approved and used, with room for so many of its agent, and of all.
async fn uses(memory: &dyn Memory, grant: &Grant, (id, agent): (&str, &str), room: (usize, usize)) {
    let mut holding = Asked::new(id).commit(memory, grant, NOW);
    holding.durability = Durability::Synced;
    holding.effects.held = Some(Hold {
        call: call(memory, id, agent, 10),
        room: ROOM,
        used: None,
    });
    memory.commit(NOW, holding).await.unwrap();
    let mut using = Asked::new(&format!("use-{id}")).commit(memory, grant, NOW);
    if let Event::Decided(decided) = &mut using.record {
        decided.approval = Some(UseOfApproval {
            held: id.to_owned(),
            what: ApprovalUse::Consumed,
            approvers: Vec::new(),
            until: UNTIL,
            decide_by: UNTIL,
            outcome_until: Some(UNTIL),
            made_by: None,
        });
    }
    using.durability = Durability::Synced;
    using.effects.approval = Some(ApprovalStep {
        held: id.to_owned(),
        before: 0,
        change: ApprovalChange::Use(UseOnce {
            decision: format!("use-{id}"),
            until: UNTIL,
            room: UseRoom {
                calls_max: room.1,
                calls_per_agent_max: room.0,
            },
        }),
    });
    memory.commit(NOW, using).await.unwrap();
}

fn outcome(memory: &dyn Memory, id: &str, decision: &str) -> SealedOutcome {
    let outcome = Outcome {
        at: NOW,
        given: Given::Result("{\"n\": 1e2}".to_owned()),
        labels: Vec::new(),
    };
    outcome.seal(&RecordKeys::new(memory.salt()), id, decision)
}

/// The end of a call, with what came of it.
fn ends(memory: &dyn Memory, grant: &Grant, outcome: SealedOutcome) -> Commit {
    let finished = Finished {
        id: outcome.decision.clone(),
        received_at: NOW,
        returned: Vec::new(),
        settled: Vec::new(),
    };
    let mut commit = finished.commit(memory, grant);
    if let Event::Completed(completed) = &mut commit.record {
        completed.outcome_of = Some(outcome.held.clone());
    }
    commit.effects = Effects {
        outcome: Some(outcome),
        ..commit.effects
    };
    commit
}

async fn known(memory: &dyn Memory, id: &str) -> Option<Option<SealedOutcome>> {
    let used = memory.used_as(Digest::of(id.as_bytes()), NOW).await;
    used.unwrap().map(|used| used.outcome)
}

/// Two of the same call may cross, one on its way to the tool server, and one to people.
#[tokio::test]
async fn nobody_is_asked_about_a_call_that_went_ahead_since_it_was_looked_at() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        uses(&*memory, &grant, ("1", "a"), (9, 9)).await;
        let asking = |id: &str, known: Option<&str>| {
            let mut commit = Asked::new(id).commit(&*memory, &grant, NOW);
            let mut call = call(&*memory, id, "a", 10);
            call.envelope.called = Digest::of(b"1");
            commit.effects.held = Some(Hold {
                call,
                room: ROOM,
                used: Some(UsedBefore {
                    held: known.map(str::to_owned),
                }),
            });
            commit
        };
        let unseen = memory.commit(NOW, asking("2", None)).await;
        assert!(
            matches!(unseen, Err(NotCommitted::Approval(_))),
            "{unseen:?}"
        );
        assert_eq!(memory.held("2", NOW).await, Ok(None));
        // People are asked anew where what went ahead was seen, and is not this.
        memory.commit(NOW, asking("3", Some("1"))).await.unwrap();
        assert!(memory.held("3", NOW).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_is_kept_sealed_goes_when_its_time_is_over() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        uses(&*memory, &grant, ("1", "a"), (9, 9)).await;
        assert!(memory.keeps_used(NOW));
        let sealed = outcome(&*memory, "1", "use-1");
        memory
            .commit(NOW, ends(&*memory, &grant, sealed))
            .await
            .unwrap();
        memory.sweep(NOW);
        assert!(known(&*memory, "1").await.flatten().is_some());
        // By the clock of every gate.
        let over = UNTIL.plus(Duration::from_secs(60));
        let deadline = Instant::now() + Duration::from_secs(60);
        while known(&*memory, "1").await.is_some() {
            assert!(Instant::now() < deadline, "it is still there");
            memory.sweep(over);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn what_came_of_a_used_call_is_there_until_its_time_is_over() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        assert_eq!(known(&*memory, "1").await, None);
        uses(&*memory, &grant, ("1", "a"), (9, 9)).await;
        assert_eq!(known(&*memory, "1").await, Some(None), "it is under way");
        assert_eq!(memory.held("1", NOW).await, Ok(None));
        let called = Digest::of(b"1");
        assert_eq!(memory.held_as(called, NOW).await, Ok(None));
        // Nobody ends the call of another decision.
        let foreign = outcome(&*memory, "1", "another");
        let foreign = ends(&*memory, &grant, foreign);
        memory.commit(NOW, foreign).await.unwrap();
        assert_eq!(known(&*memory, "1").await, Some(None));
        let sealed = outcome(&*memory, "1", "use-1");
        let ended = ends(&*memory, &grant, sealed.clone());
        memory.commit(NOW, ended).await.unwrap();
        assert_eq!(known(&*memory, "1").await, Some(Some(sealed.clone())));
        assert_eq!(memory.used_as(called, UNTIL).await, Ok(None));
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        assert_eq!(known(&*memory, "1").await, Some(Some(sealed)));
        let used = memory.used_as(called, NOW).await.unwrap().unwrap();
        assert_eq!((used.decision.as_str(), used.until), ("use-1", UNTIL));
        let opened = used.kept.call.open(&RecordKeys::new(memory.salt()));
        assert_eq!(opened.unwrap().id, "1");
        drop(memory);
        let (memory, _) = world.open(UNTIL).await;
        assert_eq!(memory.used_as(called, UNTIL).await, Ok(None));
    }
}

#[tokio::test]
async fn the_oldest_outcomes_give_way() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        for id in ["1", "2"] {
            uses(&*memory, &grant, (id, "a"), (2, 4)).await;
        }
        uses(&*memory, &grant, ("3", "b"), (2, 4)).await;
        uses(&*memory, &grant, ("4", "a"), (2, 4)).await;
        let there = async |ids: &[&str]| {
            let mut there = Vec::new();
            for id in ids {
                there.push(known(&*memory, id).await.is_some());
            }
            there
        };
        assert_eq!(
            there(&["1", "2", "3", "4"]).await,
            [false, true, true, true]
        );
        uses(&*memory, &grant, ("5", "c"), (2, 2)).await;
        let all = there(&["1", "2", "3", "4", "5"]).await;
        assert_eq!(all, [false, false, false, true, true]);
    }
}

//! A gate that is killed while it uses approvals: nothing is used twice.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use gatewright_engine::ledger::{Durability, FileLedger};
use gatewright_engine::memory::{
    ApprovalChange, ApprovalStep, Commit, FileMemory, Hold, HoldRoom, Memory, NotCommitted,
    UseOnce, UseRoom,
};
use gatewright_policy::record::{ApprovalUse, Event, UseOfApproval};
use gatewright_policy::{Digest, Grant, Timestamp};

use crate::calls::{Asked, enter, grant};
use crate::held::{NOW, call};
use crate::world::{KINDS, PATIENCE, World};

const ENDS: Timestamp = Timestamp::from_seconds(1200);

/// From then on what was used is asked about anew.
const UNTIL: Timestamp = Timestamp::from_seconds(900);

/// Where the child finds its memory: folder, and URL; no URL for a ledger's file.
const PLACE: &str = "GATEWRIGHT_STORE_TEST_USES";

const ROOM: HoldRoom = HoldRoom {
    calls_max: usize::MAX,
    calls_per_agent_max: usize::MAX,
    bytes_max: usize::MAX,
    bytes_per_agent_max: usize::MAX,
};

/// The decision that lets a held call go ahead: it is used with its entry.
fn using(memory: &dyn Memory, grant: &Grant, held: &str) -> Commit {
    let mut commit = Asked::new(&format!("use-{held}")).commit(memory, grant, NOW);
    if let Event::Decided(decided) = &mut commit.record {
        decided.approval = Some(UseOfApproval {
            held: held.to_owned(),
            what: ApprovalUse::Consumed,
            approvers: vec!["kim".to_owned()],
            until: Timestamp(u64::MAX),
            decide_by: Timestamp(u64::MAX),
            outcome_until: Some(UNTIL),
            made_by: None,
        });
    }
    commit.durability = Durability::Synced;
    commit.effects.approval = Some(ApprovalStep {
        held: held.to_owned(),
        before: 0,
        change: ApprovalChange::Use(UseOnce {
            decision: format!("use-{held}"),
            until: UNTIL,
            room: UseRoom {
                calls_max: 10_000,
                calls_per_agent_max: 10_000,
            },
        }),
    });
    commit
}

/// Not a test of its own: what the killed gate does.
#[tokio::test]
#[ignore = "a_killed_gate_uses_no_approval_twice runs it"]
async fn uses_until_it_is_killed() {
    let place = std::env::var(PLACE).unwrap();
    let (folder, url) = place.split_once(' ').unwrap();
    let memory: Arc<dyn Memory> = match url {
        "" => {
            let path = Path::new(folder).join("audit.jsonl");
            let (ledger, past) = FileLedger::open(&path, NOW).unwrap();
            Arc::new(FileMemory::new(Box::new(ledger), past))
        }
        url => {
            let at = gatewright_store::MemoryAt {
                url: url.to_owned(),
                folder: folder.into(),
                password_file: None,
                gate: "killed".to_owned(),
                salt: Some("salt".into()),
                patience: PATIENCE,
            };
            Arc::new(gatewright_store::SqlMemory::open(&at).await.unwrap().0)
        }
    };
    let grant = grant("s", ENDS);
    enter(&*memory, &grant, NOW).await;
    let first = std::process::id();
    for number in 0_u64.. {
        let id = format!("{first}-{number}");
        let mut commit = Asked::new(&id).commit(&*memory, &grant, NOW);
        commit.durability = Durability::Synced;
        commit.effects.held = Some(Hold {
            call: call(&*memory, &id, &id, 10),
            room: ROOM,
            used: None,
        });
        memory.commit(NOW, commit).await.unwrap();
        println!("held {id}");
        let used = using(&*memory, &grant, &id);
        memory.commit(NOW, used).await.unwrap();
        println!("used {id}");
    }
}

#[tokio::test]
async fn a_killed_gate_uses_no_approval_twice() {
    for kind in KINDS {
        let world = World::new(kind).await;
        let (mut held, mut used) = (Vec::new(), Vec::new());
        for round in 1..=4 {
            let place = format!("{} {}", world.folder().display(), world.at("a").url);
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["uses::uses_until_it_is_killed", "--exact"])
                .args(["--ignored", "--nocapture"])
                .env(PLACE, place)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            for (count, line) in lines.map(Result::unwrap).enumerate() {
                match line.split_once(' ') {
                    Some(("held", id)) => held.push(id.to_owned()),
                    Some(("used", id)) => used.push(id.to_owned()),
                    _ => continue,
                }
                if count >= 5 + 7 * round {
                    // The standard library sends SIGKILL.
                    child.kill().unwrap();
                }
            }
            child.wait().unwrap();
        }
        let lines = world.lines().await;
        let uses = |id: &str| {
            let entry = format!("\"id\":\"use-{id}\"");
            lines.iter().filter(|line| line.contains(&entry)).count()
        };
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        assert!(used.len() > 12, "{}", used.len());
        assert!(
            used.iter().all(|id| uses(id) == 1),
            "what was answered is there"
        );
        for id in &held {
            let again = memory.commit(NOW, using(&*memory, &grant, id)).await;
            match uses(id) {
                // Not executed: it may be, once.
                0 => {
                    again.unwrap();
                    let twice = memory.commit(NOW, using(&*memory, &grant, id)).await;
                    assert!(matches!(twice, Err(NotCommitted::Approval(_))), "{id}");
                }
                1 => assert!(matches!(again, Err(NotCommitted::Approval(_))), "{id}"),
                more => panic!("{id} was used {more} times"),
            }
            assert_eq!(memory.held(id, NOW).await, Ok(None));
            let called = Digest::of(id.as_bytes());
            let used = memory.used_as(called, NOW).await.unwrap().unwrap();
            assert_eq!(used.decision, format!("use-{id}"));
            // The gate was killed: nobody knows what came of it.
            assert_eq!((used.outcome, used.until), (None, UNTIL));
            assert_eq!(memory.used_as(called, UNTIL).await, Ok(None));
        }
    }
}

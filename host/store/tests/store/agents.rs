//! Who may go on, in every memory.

use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::{Commit, Effects, Memory, NotCommitted};
use gatewright_policy::agent::{
    AgentKey, AgentState, Change, ChangeError, Registration, Target, ToolDiffers, ToolPin, Turn,
    What,
};
use gatewright_policy::record::Event;
use gatewright_policy::{Asker, Digest, Grant, Reason, Timestamp, Unregistered};

use crate::calls::{Asked, enter, grant, is_spent, quota};
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

fn bot() -> AgentKey {
    AgentKey {
        id: "did:example:agent".to_owned(),
        issuer: "local".to_owned(),
    }
}

fn said(what: What) -> Change {
    Change {
        by: "ann".to_owned(),
        why: "a test".to_owned(),
        from_file: false,
        what,
    }
}

fn turn(turn: Turn) -> Change {
    let target = Target::Agents(vec![bot()]);
    said(What::Turn { turn, target })
}

async fn change(memory: &dyn Memory, change: Change) -> Result<(), NotCommitted> {
    let commit = Commit {
        record: Event::Agents(change.clone()),
        durability: Durability::Synced,
        effects: Effects {
            agents: Some(change),
            ..Effects::none(NOW)
        },
    };
    memory.commit(NOW, commit).await.map(drop)
}

/// A call of the agent, which costs something.
async fn call(memory: &dyn Memory, grant: &Grant, id: &str) -> Result<(), NotCommitted> {
    let mut commit = Asked::charging(id, &[quota("a", 1, 100)]).commit(memory, grant, NOW);
    commit.effects.asker = Some(asker(grant));
    memory.commit(NOW, commit).await.map(drop)
}

fn asker(grant: &Grant) -> Asker {
    Asker {
        subject: grant.subject.clone(),
        tokens: grant.tokens.clone(),
        server: "files".into(),
        unregistered: Unregistered::Allow,
    }
}

fn reason(refused: Result<(), NotCommitted>) -> Option<Reason> {
    match refused {
        Ok(()) => None,
        Err(NotCommitted::Stopped(stopped)) => Some(stopped.reason),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_stop_counts_at_the_next_commit_and_after_a_restart() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        assert_eq!(reason(call(&*memory, &grant, "1").await), None);
        change(&*memory, turn(Turn::Suspend)).await.unwrap();
        let suspended = Some(Reason::AgentSuspended);
        assert_eq!(reason(call(&*memory, &grant, "2").await), suspended);
        assert!(is_spent(&*memory, "a", 1, NOW).await, "it costs nothing");
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        assert_eq!(reason(call(&*memory, &grant, "3").await), suspended);
        assert!(memory.agents().admits(&asker(&grant)).is_err());
        change(&*memory, turn(Turn::Resume)).await.unwrap();
        assert_eq!(reason(call(&*memory, &grant, "4").await), None);
        let revoked = said(What::Revoke {
            token: grant.credential.to_string(),
            below: false,
            until: None,
        });
        change(&*memory, revoked).await.unwrap();
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        let revoked = Some(Reason::CredentialRevoked);
        assert_eq!(reason(call(&*memory, &grant, "5").await), revoked);
        let lines = world.lines().await;
        let changes = lines.iter().filter(|line| line.contains("\"agents\""));
        assert_eq!(changes.count(), 3, "each is recorded");
    }
}

fn pin(definition: &str, first_sight: bool) -> Change {
    said(What::Pin {
        tools: vec![ToolPin {
            server: "files".to_owned(),
            name: "read".to_owned(),
            digest: Digest::of(definition.as_bytes()),
            definition: definition.to_owned(),
        }],
        first_sight,
    })
}

#[tokio::test]
async fn what_a_tool_is_stays_pinned_after_a_restart() {
    let (one, other) = (r#"{"name":"read"}"#, r#"{"name":"read","title":"x"}"#);
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        change(&*memory, pin(one, true)).await.unwrap();
        // What is seen first does not take the place of what was.
        change(&*memory, pin(other, true)).await.unwrap();
        let differ = What::Differ(vec![ToolDiffers {
            server: "files".to_owned(),
            name: "read".to_owned(),
            pinned: Digest::of(one.as_bytes()),
            seen: Digest::of(other.as_bytes()),
        }]);
        change(&*memory, said(differ)).await.unwrap();
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        let registry = memory.agents().registry();
        let tool = registry.tool("files", "read").unwrap();
        assert_eq!(tool.definition.text(), one);
        assert!(tool.row.first_sight);
        let changed = tool.row.changed.map(|changed| changed.digest);
        assert_eq!(changed, Some(Digest::of(other.as_bytes())));
        change(&*memory, pin(other, false)).await.unwrap();
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        let registry = memory.agents().registry();
        let row = &registry.tool("files", "read").unwrap().row;
        assert_eq!(
            (row.digest, row.changed),
            (Digest::of(other.as_bytes()), None)
        );
        assert!(!row.first_sight);
    }
}

#[tokio::test]
async fn what_cannot_be_said_changes_nothing_and_is_not_recorded() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let refused = change(&*memory, turn(Turn::Resume)).await;
        assert!(matches!(
            refused,
            Err(NotCommitted::Agents(ChangeError::Unknown(_)))
        ));
        change(&*memory, turn(Turn::Decommission)).await.unwrap();
        let refused = change(&*memory, turn(Turn::Resume)).await;
        assert!(matches!(
            refused,
            Err(NotCommitted::Agents(ChangeError::Final { .. }))
        ));
        assert_eq!(world.lines().await.len(), 1);
    }
}

/// Whoever makes the next call at any gate is refused, though that gate heard of nothing:
/// the transaction of the call sees it.
#[tokio::test]
async fn a_stop_at_one_gate_counts_at_the_next_call_at_every_other() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let gates = world.gates(2, NOW).await;
        let grant = grant("s", ENDS);
        enter(&*gates[0], &grant, NOW).await;
        for round in 0..20 {
            let (one, other) = (&*gates[round % 2], &*gates[(round + 1) % 2]);
            change(one, turn(Turn::Suspend)).await.unwrap();
            let refused = call(other, &grant, &format!("{round}-no")).await;
            assert_eq!(reason(refused), Some(Reason::AgentSuspended), "{round}");
            change(other, turn(Turn::Resume)).await.unwrap();
            let allowed = call(one, &grant, &format!("{round}-yes")).await;
            assert_eq!(reason(allowed), None, "{round}");
        }
        // What changes nothing leaves no gap that hides what follows.
        change(&*gates[0], turn(Turn::Resume)).await.unwrap();
        change(&*gates[1], turn(Turn::Suspend)).await.unwrap();
        let refused = call(&*gates[0], &grant, "last").await;
        assert_eq!(reason(refused), Some(Reason::AgentSuspended));
    }
}

/// A stream makes no call: its gate hears of the stop all the same.
#[tokio::test]
async fn a_stop_at_one_gate_is_heard_at_the_others_within_a_second() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let gates = world.gates(2, NOW).await;
        let asker = asker(&grant("s", ENDS));
        let mut changes = gates[1].agents().changes();
        change(&*gates[0], turn(Turn::Suspend)).await.unwrap();
        let began = std::time::Instant::now();
        changes.changed().await.unwrap();
        let took = began.elapsed();
        println!("{kind:?}: heard after {took:?}");
        assert!(took < std::time::Duration::from_secs(1), "{took:?}");
        assert!(gates[1].agents().admits(&asker).is_err());
    }
}

#[tokio::test]
async fn many_agents_are_registered_and_there_after_a_restart() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        for some in 0..4 {
            let registrations = (0..100).map(|number| Registration {
                id: format!("did:example:{some}-{number}"),
                issuer: "idp".to_owned(),
                owner: Some("team".to_owned()),
                purpose: "to be many".to_owned(),
                servers: Some(vec!["files".to_owned()]),
                state: AgentState::Active,
            });
            let import = said(What::Import(registrations.collect()));
            change(&*memory, import).await.unwrap();
        }
        let owner = Target::Owner("team".to_owned());
        let stop = said(What::Turn {
            turn: Turn::Suspend,
            target: owner,
        });
        change(&*memory, stop).await.unwrap();
        let before = memory.agents().registry().rows(NOW);
        drop(memory);
        let (memory, _) = world.open(NOW).await;
        let sorted = |mut rows: Vec<gatewright_policy::agent::Row>| {
            rows.sort_by_key(|row| (row.kind(), row.name()));
            rows
        };
        assert_eq!(before.len(), 401);
        assert_eq!(sorted(memory.agents().registry().rows(NOW)), sorted(before));
    }
}

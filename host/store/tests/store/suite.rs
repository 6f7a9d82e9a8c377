//! What every memory does.

use std::sync::Arc;

use gatewright_engine::config::LimitsConfig;
use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::NotCommitted;
use gatewright_engine::session::SessionError;
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Label, Timestamp};

use crate::calls::{Asked, Finished, LIMITS, end, enter, grant, is_spent, quota, spent, spent_of};
use crate::world::World;

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

#[tokio::test]
async fn all_charges_of_a_call_count_or_none() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let both = [quota("a", 4, 10), quota("b", 11, 10)];
        let refused = Asked::charging("1", &both).on(&*memory, &grant, NOW).await;
        assert!(matches!(refused, Err(NotCommitted::Charge(error)) if error.limit == 10));
        assert!(is_spent(&*memory, "a", 0, NOW).await);
        let twice = [quota("a", 5, 10), quota("a", 6, 10)];
        let refused = Asked::charging("2", &twice).on(&*memory, &grant, NOW).await;
        assert!(matches!(refused, Err(NotCommitted::Charge(_))));
        let fits = [quota("a", 4, 10), quota("a", 6, 10)];
        Asked::charging("3", &fits)
            .on(&*memory, &grant, NOW)
            .await
            .unwrap();
        assert!(is_spent(&*memory, "a", 10, NOW).await);
        let huge = [quota("c", u64::MAX, u64::MAX)];
        Asked::charging("4", &huge)
            .on(&*memory, &grant, NOW)
            .await
            .unwrap();
        let refused = [quota("c", 1, u64::MAX)];
        let refused = Asked::charging("5", &refused)
            .on(&*memory, &grant, NOW)
            .await;
        assert!(matches!(refused, Err(NotCommitted::Charge(_))));
    }
}

#[tokio::test]
async fn a_window_ends_and_a_late_charge_does_not_bring_it_back() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let later = Timestamp::from_seconds(660);
        let all = Asked::charging("1", &[quota("a", 10, 10)]);
        all.on(&*memory, &grant, NOW).await.unwrap();
        assert!(all.on(&*memory, &grant, NOW).await.is_err());
        let seven = Asked::charging("2", &[quota("a", 7, 10)]);
        seven.on(&*memory, &grant, later).await.unwrap();
        // Received in the window before, charged in the one that there is.
        let late = Asked::charging("3", &[quota("a", 4, 10)]);
        assert!(late.on(&*memory, &grant, NOW).await.is_err());
        let late = Asked::charging("4", &[quota("a", 3, 10)]);
        late.on(&*memory, &grant, NOW).await.unwrap();
        assert!(is_spent(&*memory, "a", 10, later).await);
    }
}

#[tokio::test]
async fn what_is_spent_is_told_as_a_charge_would_find_it() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let asked = quota("a", 99, 10);
        assert_eq!(spent(&*memory, &asked, NOW).await, Ok(0));
        let seven = Asked::charging("1", &[quota("a", 7, 10)]);
        seven.on(&*memory, &grant, NOW).await.unwrap();
        assert_eq!(spent(&*memory, &asked, NOW).await, Ok(7));
        let other = quota("b", 0, 10);
        assert_eq!(spent(&*memory, &other, NOW).await, Ok(0));
        // Windows of another length are other windows.
        let mut hourly = asked.clone();
        hourly.1.window_seconds = 3600;
        assert_eq!(spent(&*memory, &hourly, NOW).await, Ok(0));
        // In the next window nothing is; and a late call counts in the newest.
        let later = Timestamp::from_seconds(660);
        assert_eq!(spent(&*memory, &asked, later).await, Ok(0));
        let two = Asked::charging("2", &[quota("a", 2, 10)]);
        two.on(&*memory, &grant, later).await.unwrap();
        assert_eq!(spent(&*memory, &asked, NOW).await, Ok(2));
        // At one look, in their order, also twice.
        let many: Vec<_> = (0..300)
            .map(|key| quota(&format!("{key}"), 0, 10))
            .collect();
        let many = [&many[..], &[asked.clone(), other, hourly, asked]].concat();
        let found = spent_of(&*memory, &many, NOW).await.unwrap();
        assert_eq!(found, [&[0; 300][..], &[2, 0, 0, 2]].concat());
        assert_eq!(spent_of(&*memory, &[], NOW).await, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn what_came_to_nothing_is_given_back_and_what_is_settled_counts_beyond_the_limit() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let charged = [quota("a", 7, 10)];
        Asked::charging("1", &charged)
            .on(&*memory, &grant, NOW)
            .await
            .unwrap();
        let mut end = Finished {
            id: "1".to_owned(),
            received_at: NOW,
            returned: charged.to_vec(),
            settled: vec![quota("b", 12, 10)],
        };
        end.on(&*memory, &grant, NOW).await.unwrap();
        assert!(is_spent(&*memory, "a", 0, NOW).await);
        assert!(is_spent(&*memory, "b", 12, NOW).await);
        // A younger window keeps what it cost.
        let later = Timestamp::from_seconds(660);
        Asked::charging("2", &charged)
            .on(&*memory, &grant, later)
            .await
            .unwrap();
        end.settled.clear();
        end.on(&*memory, &grant, later).await.unwrap();
        assert!(is_spent(&*memory, "a", 7, later).await);
    }
}

#[tokio::test]
async fn labels_have_room_for_64_and_one_more_charges_nothing() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let names: Vec<_> = (0..63).map(|number| format!("l{number:02}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        Asked::labelling("1", &names)
            .on(&*memory, &grant, NOW)
            .await
            .unwrap();
        end(&*memory, &grant, "1", NOW).await;
        let both = Asked {
            charges: vec![quota("a", 1, 1)],
            ..Asked::labelling("2", &["x", "y"])
        };
        let refused = both.on(&*memory, &grant, NOW).await;
        assert!(matches!(
            refused,
            Err(NotCommitted::Labels(SessionError::Labels))
        ));
        assert!(is_spent(&*memory, "a", 0, NOW).await);
        let known = Asked::labelling("3", &["l00", "x"]);
        known.on(&*memory, &grant, NOW).await.unwrap();
        end(&*memory, &grant, "3", NOW).await;
        let full = memory.label("s", &[Label::named("y")]).await;
        assert_eq!(full, Err(SessionError::Labels));
        // Room is made sure of before labels are taken off.
        let swapped = Asked {
            declassified: vec!["l00".to_owned()],
            ..Asked::labelling("4", &["y"])
        };
        assert!(swapped.on(&*memory, &grant, NOW).await.is_err());
        let off = Asked {
            declassified: vec!["l00".to_owned()],
            ..Asked::new("5")
        };
        off.on(&*memory, &grant, NOW).await.unwrap();
        memory.label("s", &[Label::named("y")]).await.unwrap();
        let (labels, _) = memory.context("s", 0).await.unwrap();
        assert_eq!(labels.len(), 64);
        let names: Vec<_> = labels.iter().map(|label| label.name.as_str()).collect();
        assert!(names.is_sorted() && !names.contains(&"l00"));
    }
}

#[tokio::test]
async fn a_call_whose_commit_nobody_waits_for_is_not_under_way() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let mut commit = Asked::new("gone").commit(&*memory, &grant, NOW);
        commit.durability = Durability::Synced;
        drop(memory.commit(NOW, commit));
        // Whoever writes takes one after the other.
        memory.label("s", &[Label::named("x")]).await.unwrap();
        let off = Asked {
            declassified: vec!["x".to_owned()],
            ..Asked::new("off")
        };
        off.on(&*memory, &grant, NOW).await.unwrap();
        let (labels, _) = memory.context("s", 0).await.unwrap();
        assert_eq!(labels, []);
    }
}

#[tokio::test]
async fn a_history_has_the_newest_call_first_and_how_it_ended() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        for number in 0..70 {
            let asked = Asked::new(&number.to_string());
            asked.on(&*memory, &grant, NOW).await.unwrap();
        }
        let end = Finished {
            id: "68".to_owned(),
            received_at: NOW,
            returned: Vec::new(),
            settled: Vec::new(),
        };
        end.on(&*memory, &grant, NOW).await.unwrap();
        let (_, calls) = memory.context("s", 1000).await.unwrap();
        assert_eq!(calls.len(), 64);
        let (_, calls) = memory.context("s", 3).await.unwrap();
        let seen: Vec<_> = calls.iter().map(|call| (&*call.id, call.outcome)).collect();
        let pending = PastOutcome::Pending;
        let expected = [
            ("69", pending),
            ("68", PastOutcome::Allowed),
            ("67", pending),
        ];
        assert_eq!(seen, expected);
        let (labels, calls) = enter(&*memory, &grant, NOW).await;
        assert_eq!((labels.len(), calls.len()), (0, 64));
    }
}

#[tokio::test]
async fn a_session_ends_and_begins_anew_and_another_grant_prolongs_it() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let (short, long) = (grant("s", ENDS), grant("s", Timestamp::from_seconds(1800)));
        enter(&*memory, &short, NOW).await;
        Asked::labelling("1", &["pii"])
            .on(&*memory, &short, NOW)
            .await
            .unwrap();
        assert_eq!(enter(&*memory, &long, NOW).await.0, [Label::named("pii")]);
        assert_eq!(enter(&*memory, &long, ENDS).await.0, [Label::named("pii")]);
        let over = memory.enter(&short, ENDS, &LIMITS()).await;
        assert_eq!(over.unwrap_err(), SessionError::TooManySessions);
        let next = grant("s", Timestamp::from_seconds(3600));
        let (labels, calls) = enter(&*memory, &next, long.session_ends).await;
        assert_eq!((labels.len(), calls.len()), (0, 0));
        let unknown = memory.context("nobody", 64).await.unwrap();
        assert_eq!((unknown.0.len(), unknown.1.len()), (0, 0));
        // What is left on a session that nobody has entered is left on nothing.
        memory
            .label("nobody", &[Label::named("pii")])
            .await
            .unwrap();
        assert_eq!(memory.context("nobody", 64).await.unwrap().0.len(), 0);
    }
}

#[tokio::test]
async fn places_are_as_many_as_there_are_and_free_when_their_session_ends() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let limits = LimitsConfig {
            tracked_sessions_max: 2,
            ..LIMITS()
        };
        for name in ["a", "b", "a"] {
            memory
                .enter(&grant(name, ENDS), NOW, &limits)
                .await
                .unwrap();
        }
        let (later, after) = (Timestamp(ENDS.0 - 1), Timestamp::from_seconds(9999));
        let third = grant("c", after);
        for at in [NOW, later] {
            let full = memory.enter(&third, at, &limits).await;
            assert_eq!(full.unwrap_err(), SessionError::TooManySessions);
        }
        memory.enter(&third, ENDS, &limits).await.unwrap();
        memory
            .enter(&grant("d", after), ENDS, &limits)
            .await
            .unwrap();
        let full = memory.enter(&grant("e", after), ENDS, &limits).await;
        assert_eq!(full.unwrap_err(), SessionError::TooManySessions);
        assert_eq!(memory.sessions(), 2);
    }
}

#[tokio::test]
async fn entries_have_no_gaps_and_what_is_refused_has_none() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        for number in 0..5 {
            let asked = Asked::charging(&number.to_string(), &[quota("a", 1, 4)]);
            match asked.on(&*memory, &grant, NOW).await {
                Ok(receipt) => assert_eq!(receipt.sequence(), number),
                Err(error) => assert_eq!((number, error.to_string().is_empty()), (4, false)),
            }
        }
        let receipt = Asked::new("6").on(&*memory, &grant, NOW).await.unwrap();
        assert_eq!(receipt.sequence(), 4);
        drop(memory);
        let lines = world.lines().await;
        assert_eq!(lines.len(), 5);
        for (line, sequence) in lines.iter().zip(0..) {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(entry["sequence"], sequence, "{line}");
            assert_eq!(entry["event"], "decided", "{line}");
        }
    }
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    for world in World::all().await {
        let (memory, since) = world.open(NOW).await;
        assert_eq!((since.generation, since.latest), (0, None));
        let (salt, grant) = (*memory.salt(), grant("s", ENDS));
        enter(&*memory, &grant, NOW).await;
        let asked = Asked {
            charges: vec![quota("a", 3, 10)],
            ..Asked::labelling("1", &["pii", "secret"])
        };
        asked.on(&*memory, &grant, NOW).await.unwrap();
        end(&*memory, &grant, "1", NOW).await;
        let off = Asked {
            declassified: vec!["secret".to_owned()],
            ..Asked::new("2")
        };
        let later = Timestamp(NOW.0 + 5);
        off.on(&*memory, &grant, later).await.unwrap();
        let before = memory.context("s", 64).await.unwrap();
        drop(memory);
        let (memory, since) = world.open(later).await;
        assert_eq!(since.latest, Some(later));
        assert_eq!(*memory.salt(), salt);
        assert_eq!(memory.context("s", 64).await.unwrap(), before);
        assert_eq!(before.0, [Label::named("pii")]);
        assert!(is_spent(&*memory, "a", 3, NOW).await);
        assert_eq!(memory.sessions(), 1);
        assert!(memory.is_healthy() && memory.trouble().is_none());
    }
}

#[tokio::test]
async fn what_is_noted_is_there_after_the_end() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        for number in 0..50 {
            let asked = Asked::charging(&number.to_string(), &[quota("a", 1, 100)]);
            assert!(memory.note(NOW, asked.commit(&*memory, &grant, NOW)));
        }
        let over = Asked::charging("over", &[quota("a", 1000, 100)]);
        memory.note(NOW, over.commit(&*memory, &grant, NOW));
        drop(memory);
        assert_eq!(world.lines().await.len(), 50);
        let (memory, _) = world.open(NOW).await;
        assert!(is_spent(&*memory, "a", 50, NOW).await);
    }
}

#[tokio::test]
async fn a_label_keeps_who_left_it_and_when() {
    let left = |name: &str, source: &str, at| Label {
        source: Some(Arc::from(source)),
        at: Some(at),
        ..Label::named(name)
    };
    let later = Timestamp(NOW.0 + 5);
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let asked = Asked {
            labels: vec![left("pii", "shield", NOW), Label::named("old")],
            ..Asked::new("1")
        };
        asked.on(&*memory, &grant, NOW).await.unwrap();
        memory
            .label(
                "s",
                &[left("pii", "guard", later), left("web", "guard", later)],
            )
            .await
            .unwrap();
        // Whoever is slower does not make it older.
        let slow = Asked {
            labels: vec![left("web", "shield", NOW)],
            ..Asked::new("2")
        };
        slow.on(&*memory, &grant, NOW).await.unwrap();
        let expected = [
            Label::named("old"),
            left("pii", "guard", later),
            left("web", "guard", later),
        ];
        assert_eq!(memory.context("s", 0).await.unwrap().0, expected);
    }
}

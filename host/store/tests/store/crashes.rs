//! A gate that is killed while it commits.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use gatewright_policy::Timestamp;

use crate::calls::{Asked, enter, grant, is_spent, quota};
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

/// Where the child finds its memory: folder, and URL.
const PLACE: &str = "GATEWRIGHT_STORE_TEST_PLACE";

/// Not a test of its own: what the killed gate does.
#[tokio::test]
#[ignore = "a_killed_gate_leaves_each_call_whole_or_not_at_all runs it"]
async fn commits_until_it_is_killed() {
    let place = std::env::var(PLACE).unwrap();
    let (folder, url) = place.split_once(' ').unwrap();
    let at = gatewright_store::MemoryAt {
        url: url.to_owned(),
        folder: folder.into(),
        password_file: None,
        gate: "killed".to_owned(),
        salt: Some("salt".into()),
        patience: crate::world::PATIENCE,
    };
    let (memory, _) = gatewright_store::SqlMemory::open(&at).await.unwrap();
    let grant = grant("s", ENDS);
    enter(&memory, &grant, NOW).await;
    for number in 0_u64.. {
        let asked = Asked {
            charges: vec![quota("a", 1, u64::MAX), quota("b", 2, u64::MAX)],
            ..Asked::new(&number.to_string())
        };
        let receipt = asked.on(&memory, &grant, NOW).await.unwrap();
        println!("committed {}", receipt.sequence());
    }
}

#[tokio::test]
async fn a_killed_gate_leaves_each_call_whole_or_not_at_all() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        for round in 1..=4 {
            let place = format!("{} {}", world.folder().display(), world.at("a").url);
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["crashes::commits_until_it_is_killed", "--exact"])
                .args(["--ignored", "--nocapture"])
                .env(PLACE, place)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let committed = lines.map(Result::unwrap);
            let mut committed = committed.filter_map(|line| {
                let (_, sequence) = line.split_once("committed ")?;
                sequence.parse::<u64>().ok()
            });
            let mut last = committed.by_ref().take(7 * round).last().unwrap();
            // The standard library sends SIGKILL.
            child.kill().unwrap();
            last = committed.last().unwrap_or(last).max(last);
            child.wait().unwrap();

            let lines = world.lines().await;
            let decided = lines.iter().filter(|line| line.contains("\"decided\""));
            let decided = decided.count() as u64;
            assert!(lines.len() as u64 > last, "an answered call is missing");
            let (memory, _) = world.open(NOW).await;
            assert!(is_spent(&*memory, "a", decided, NOW).await, "{decided}");
            assert!(is_spent(&*memory, "b", 2 * decided, NOW).await, "{decided}");
            let (_, calls) = memory.context("s", 64).await.unwrap();
            assert_eq!(calls.len() as u64, decided.min(64));
        }
    }
}

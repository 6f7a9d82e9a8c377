//! How long a commit takes: printed, for whoever changes it. `--nocapture` shows it.

use std::time::{Duration, Instant};

use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::Commit;
use gatewright_policy::Timestamp;

use crate::calls::{Asked, LIMITS, enter, grant, quota};
use crate::world::World;

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);
const CALLS: usize = 200;

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test]
async fn how_long_a_session_and_a_commit_take() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let mut entered = Vec::new();
        let mut committed = [Vec::new(), Vec::new()];
        for number in 0..CALLS {
            let began = Instant::now();
            memory.enter(&grant, NOW, &LIMITS()).await.unwrap();
            entered.push(began.elapsed());
            let durabilities = [Durability::Written, Durability::Synced];
            for (times, durability) in committed.iter_mut().zip(durabilities) {
                let asked = Asked::charging(&number.to_string(), &[quota("a", 1, 1000)]);
                let commit = Commit {
                    durability,
                    ..asked.commit(&*memory, &grant, NOW)
                };
                let began = Instant::now();
                memory.commit(NOW, commit).await.unwrap();
                times.push(began.elapsed());
            }
        }
        let [written, synced] = committed.map(middle);
        println!(
            "{:?}, p50 of {CALLS}: enter {:?}, commit written {written:?}, synced {synced:?}",
            world.kind,
            middle(entered)
        );
    }
}

//! Honest guests on a machine that is busy with something else: what they wait for a
//! processor is not held against them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gatewright_policy::{Fault, Verdict};
use gatewright_sandbox::Limits;

use crate::SANDBOX;
use crate::guests::{judge, request};

/// Calls, unless the environment says otherwise.
const CALLS: usize = 5_000;

/// Calls at once, unless the environment says otherwise.
const AT_ONCE: usize = 100;

/// Less than a thread waits for a processor that it shares with those below.
const DEADLINE: Duration = Duration::from_millis(5);

/// Threads that take every processor, for as long as this lives.
struct Hogs(Arc<AtomicBool>);

impl Hogs {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..processors * 2 {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(stop)
    }
}

impl Drop for Hogs {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Counts to a number; five units of fuel a round.
fn counting(rounds: u32) -> Vec<u8> {
    judge(
        &format!(
            "(local $round i32)
             (loop $again
                (local.set $round (i32.add (local.get $round) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $round) (i32.const {rounds}))))
             (i32.const 64)"
        ),
        "",
    )
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// `GATEWRIGHT_HONEST_CALLS` and `GATEWRIGHT_HONEST_AT_ONCE` make it longer.
#[test]
fn honest_calls_on_a_busy_machine_are_not_denied_by_the_clock() {
    let calls = number("GATEWRIGHT_HONEST_CALLS", CALLS);
    let at_once = number("GATEWRIGHT_HONEST_AT_ONCE", AT_ONCE);
    let limits = Limits {
        deadline: DEADLINE,
        ..Limits::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (short, long) = (counting(1_000), counting(200_000));
        let short = SANDBOX.load(&short, "{}", limits).await.unwrap();
        // More than the first turn: it goes on in the slow lane.
        let long = SANDBOX.load(&long, "{}", limits).await.unwrap();
        let _hogs = Hogs::start();
        let tasks: Vec<_> = (0..at_once)
            .map(|task| {
                let (short, long) = (short.clone(), long.clone());
                tokio::spawn(async move {
                    for call in (task..calls).step_by(at_once) {
                        let guest = if call % 25 == 0 { &long } else { &short };
                        let answer = guest.judge(&request("{}")).await;
                        assert_eq!(answer.result, Ok(Verdict::Abstain.into()), "call {call}");
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn a_guest_of_endless_fuel_ends_when_it_ran_for_its_deadline() {
    let limits = Limits {
        fuel: u64::MAX / 2,
        deadline: Duration::from_millis(200),
        ..Limits::default()
    };
    let looping = judge("(loop $again (br $again)) (i32.const 64)", "");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let guest = SANDBOX.load(&looping, "{}", limits).await.unwrap();
        let started = Instant::now();
        let answer = guest.judge(&request("{}")).await;
        assert_eq!(answer.result, Err(Fault::TimedOut));
        assert!(started.elapsed() >= limits.deadline);
    });
}

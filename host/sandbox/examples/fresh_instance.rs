//! Measures a call: a fresh instance, 1 KB of arguments, one look at them, a
//! verdict. Prints percentiles, and what twenty loaded guests weigh.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement"
)]

#[path = "../tests/sandbox/guests.rs"]
#[allow(dead_code, reason = "written for the tests")]
mod guests;

use std::time::{Duration, Instant};

use gatewright_sandbox::{Limits, Sandbox, SandboxConfig};

const GUESTS: usize = 20;
const ROUNDS: usize = 5_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    println!("before: {} KB resident", resident_kb());
    let sandbox = Sandbox::new(&SandboxConfig::default()).unwrap();
    println!("empty sandbox: {} KB resident", resident_kb());
    let limits = Limits {
        deadline: Duration::from_secs(1),
        ..Limits::default()
    };
    let guests: Vec<_> = (0..GUESTS)
        .map(|number| {
            let component = guests::judge(
                "(call $get (i32.const 1024) (i32.const 5) (i32.const 512))
                 (i32.store8 (i32.const 64) (i32.eqz (i32.load8_u (i32.const 512))))
                 (i32.const 64)",
                &format!(r#"(data (i32.const 1024) "/path") (data (i32.const 2048) "{number}")"#),
            );
            runtime
                .block_on(sandbox.load(&component, "{}", limits))
                .unwrap()
        })
        .collect();
    println!("{GUESTS} guests loaded: {} KB resident", resident_kb());

    let request = guests::request(&format!(
        r#"{{"path":"/tmp/x","text":"{}"}}"#,
        "x".repeat(1000)
    ));
    let mut alone = Vec::with_capacity(GUESTS * ROUNDS);
    for _ in 0..GUESTS * ROUNDS {
        let start = Instant::now();
        let answer = runtime.block_on(guests[0].judge(&request));
        alone.push(start.elapsed());
        assert!(answer.result.is_ok());
    }
    let mut in_turn = Vec::with_capacity(GUESTS * ROUNDS);
    for round in 0..GUESTS * ROUNDS {
        let start = Instant::now();
        let answer = runtime.block_on(guests[round % GUESTS].judge(&request));
        in_turn.push(start.elapsed());
        assert!(answer.result.is_ok());
    }
    print("one guest", &mut alone);
    print("twenty guests in turn", &mut in_turn);
    println!("after the calls: {} KB resident", resident_kb());
}

fn print(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!(
        "{name}: p50 {:?}, p99 {:?}, p99.9 {:?}, {} calls",
        at(0.5),
        at(0.99),
        at(0.999),
        times.len()
    );
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

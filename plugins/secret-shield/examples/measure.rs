//! Prints how fast results go through, natively: `cargo run --release -p
//! gatewright-secret-shield --example measure`.

use std::time::{Duration, Instant};

use gatewright_sdk::{Request, Response};
use gatewright_secret_shield::{Settings, review};
use serde_json::{Value, json};

const BYTES: usize = 1 << 20;
const ROUNDS: u32 = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let code = "fn connect(&self, password: &str) -> Result<Client> {\n    let url = format!(\"https://{host}:{port}/\");\n    self.open(url, password)\n}\n";
    let log = "2026-01-31T10:00:00Z INFO request id=4e7a01c9 path=/v1/orders status=200 took=12ms user=ada\n";
    let nested = r#"{\"id\":17,\"name\":\"a \\\"b\\\"\",\"path\":\"C:\\\\x\"},"#;
    for (name, piece) in [("code", code), ("log", log), ("nested JSON", nested)] {
        for assignments in [false, true] {
            let settings: Settings = serde_json::from_value(json!({"assignments": assignments}))?;
            let text = piece.repeat(BYTES / piece.len());
            let response = Response::new(json!({"content": [{"type": "text", "text": text}]}));
            // Reading the result itself, which no policy goes without.
            let begin = processor_time();
            for _ in 0..ROUNDS {
                let _: Value = response.read("")?;
            }
            let reading = processor_time().saturating_sub(begin);
            let begin = processor_time();
            for _ in 0..ROUNDS {
                review(&settings, &Request::tool("read"), &response)?;
            }
            let seconds = |time: std::time::Duration| (time / ROUNDS).as_secs_f64();
            let all = processor_time().saturating_sub(begin);
            let rate = |time| BYTES as f64 / 1e6 / seconds(time);
            println!(
                "{name}, assignments {assignments}: {:.0} MB/s, {:.0} MB/s with reading JSON",
                rate(all.saturating_sub(reading)),
                rate(all)
            );
        }
    }
    Ok(())
}

/// What this thread took of a processor, so that other programs do not count;
/// where the system does not say it, the time.
fn processor_time() -> Duration {
    static BEGIN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let taken = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let taken = taken.and_then(|taken| taken.split(' ').next()?.parse().ok());
    taken.map_or_else(|| BEGIN.elapsed(), Duration::from_nanos)
}

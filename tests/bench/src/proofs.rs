//! What it costs to prove a key: one signature, and no more.

use std::time::Instant;

use anyhow::{Result, anyhow};
use ed25519_dalek::SigningKey;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::proof::{
    CALL_TYPE, Called, DPOP_TYPE, Moment, Replays, Sent, call_claims, verify_call, verify_dpop,
};
use gatewright_policy::credential::{HolderKey, PublicKey, sha256, sign};
use gatewright_policy::json::{Document, JsonLimits};
use serde_json::json;

use crate::report::Figure;
use crate::rounds::{Round, Summary, Times};
use crate::settings::Settings;

const URL: &str = "https://gate.example/mcp/files";

const SECONDS: u64 = 1_800_000_000;

/// Proofs in one round.
const PROOFS: usize = 500;

/// Rounds of a full run.
const ROUNDS: usize = 11;

/// The most that one may cost, in microseconds.
const COST_MAX: f64 = 150.0;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let key = SigningKey::from_bytes(&[1; 32]);
    let holder = HolderKey::of(&PublicKey::ed25519(key.verifying_key()));
    let now = Timestamp::from_seconds(SECONDS);
    let moment = Moment {
        now,
        recorded_until: None,
    };
    let sent = Sent {
        verb: "POST",
        url: URL,
        token: "a credential",
    };
    let text = r#"{"name":"transfer","arguments":{"to":"DE89370400440532013000","amount":900,"note":"rent"}}"#;
    let params = Document::parse(text, &JsonLimits::default())?;
    let called = Called {
        method: "tools/call",
        name: "transfer",
        endpoint: URL,
        params: Some(params.root()),
    };
    let requests = (0..PROOFS).map(|id| {
        let claims = json!({
            "htm": "POST", "htu": URL, "ath": sha256(sent.token), "iat": SECONDS, "jti": id.to_string(),
        });
        sign(DPOP_TYPE, &claims, &key)
    });
    let requests: Vec<_> = requests.collect();
    let calls = (0..PROOFS).map(|id| {
        Ok(sign(
            CALL_TYPE,
            &call_claims(&called, SECONDS, &id.to_string())?,
            &key,
        ))
    });
    let calls: Vec<_> = calls.collect::<Result<_>>()?;
    let (mut of_requests, mut of_calls) = (Vec::new(), Vec::new());
    for _round in 0..settings.rounds(ROUNDS) {
        let mut replays = Replays::default();
        of_requests.push(timed(&requests, |proof| {
            let proved = verify_dpop(proof, &holder, &sent, &moment)?;
            replays.admit(&holder, &proved, now)
        })?);
        let mut replays = Replays::default();
        of_calls.push(timed(&calls, |proof| {
            let proved = verify_call(proof, &holder, &called, &moment)?;
            replays.admit(&holder, &proved, now)
        })?);
    }
    let p50 = |rounds: &[Round]| Summary::of(rounds.iter().map(Round::p50));
    Ok(vec![
        Figure::of("proofs.request.p50", p50(&of_requests), "us").at_most(COST_MAX),
        Figure::of("proofs.call.p50", p50(&of_calls), "us").at_most(COST_MAX),
    ])
}

fn timed<E: std::fmt::Display>(
    proofs: &[String],
    mut verify: impl FnMut(&str) -> Result<(), E>,
) -> Result<Round> {
    let mut times = Times::new()?;
    for proof in proofs {
        let begun = Instant::now();
        verify(proof).map_err(|error| anyhow!("{error}"))?;
        times.add(begun.elapsed());
    }
    Ok(times.round())
}

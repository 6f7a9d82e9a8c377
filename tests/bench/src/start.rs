//! What a start reads after a million decisions: the newest segment of the ledger,
//! with what the older ones left standing at its beginning. And what it takes to verify
//! all of it, and to prove one entry.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use gatewright_engine::ledger::{Durability, FileLedger, Ledger as _};
use gatewright_evidence::verify::{Wanted, verify};
use gatewright_evidence::{TileFolder, inclusion};
use gatewright_policy::record::{Caller, Completed, Decided, Event, RecordKeys, RecordedOpinion};
use gatewright_policy::request::{Hints, PastOutcome};
use gatewright_policy::{
    DecisionKind, Digest, Label, Mode, OnFailure, Proof, Quota, Timestamp, Verdict,
};
use tokio::runtime::Runtime;

use crate::report::Figure;
use crate::rounds::Summary;
use crate::settings::Settings;

/// Decisions that were recorded, each with its outcome, in a full run.
const DECISIONS: u64 = 1_000_000;

/// The same in a quick one.
const DECISIONS_QUICK: u64 = 100_000;

/// Sessions that are not over.
const SESSIONS: u64 = 1000;

/// A gate begins a new segment at this length. The one that is read is nearly so long.
const SEGMENT_BYTES: u64 = 64 << 20;

/// How much of it is there at least when it is read.
const FULL: f64 = 0.95;

/// How long reading it may take, in milliseconds.
const READ_MS_MAX: f64 = 2000.0;

/// How long a million entries may take to verify, in seconds.
const VERIFY_SECONDS_MAX: f64 = 30.0;

/// How long the hashes of a proof may take, in milliseconds.
const PROVE_MS_MAX: f64 = 50.0;

const ROUNDS: usize = 5;

/// Calls of a session that are kept.
const HISTORY: usize = 64;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("audit.jsonl");
    let now = Timestamp(u64::try_from(
        SystemTime::UNIX_EPOCH.elapsed()?.as_millis(),
    )?);
    let decisions = match settings.quick {
        true => DECISIONS_QUICK,
        false => DECISIONS,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let bytes = record(&runtime, &path, now, decisions)?;
    let mut times = Vec::new();
    for _ in 0..settings.rounds(ROUNDS) {
        let begun = Instant::now();
        let (ledger, past) = FileLedger::open(&path, now)?;
        times.push(milliseconds(begun.elapsed()));
        let (labels, calls) = past.sessions.context("session-0", HISTORY);
        ensure!(labels.len() == 2, "{} labels were read", labels.len());
        ensure!(calls.len() == HISTORY, "{} calls were read", calls.len());
        drop(ledger);
    }
    let mut figures = vec![
        Figure::of("start.million.read", Summary::of(times), "ms").at_most(READ_MS_MAX),
        Figure::new("start.million.segment", bytes as f64 / 1e6, "MB"),
    ];
    figures.extend(evidence(&path)?);
    Ok(figures)
}

/// Verifies the record, and proves an entry in the middle of it.
fn evidence(path: &Path) -> Result<[Figure; 2]> {
    let begun = Instant::now();
    let report = verify(path, &Wanted::default())?;
    let seconds = begun.elapsed().as_secs_f64() * 1e6 / report.entries as f64;
    ensure!(report.findings.is_empty(), "{:?}", report.findings);
    let begun = Instant::now();
    let mut tree = path.as_os_str().to_owned();
    tree.push(".tree");
    let mut tiles = TileFolder::new(Path::new(&tree));
    let hashes = inclusion(&mut tiles, report.entries / 2, report.signed_until)?;
    ensure!(hashes.len() > 10, "{} hashes", hashes.len());
    let proven = milliseconds(begun.elapsed());
    Ok([
        Figure::new("evidence.verify.million", seconds, "s").at_most(VERIFY_SECONDS_MAX),
        Figure::new("evidence.prove", proven, "ms").at_most(PROVE_MS_MAX),
    ])
}

/// Writes so many decisions, and then on until the newest segment is nearly as long as
/// one gets. Gives its length.
fn record(runtime: &Runtime, path: &Path, now: Timestamp, decisions: u64) -> Result<u64> {
    let (ledger, _) = FileLedger::open(path, now)?;
    let keys = RecordKeys::new(ledger.salt());
    runtime.block_on(async {
        let mut number = 0;
        loop {
            for event in [decided(&keys, number, now), completed(number)] {
                ledger.append(now, event, Durability::Written).await?;
            }
            number += 1;
            if number % 256 != 0 {
                continue;
            }
            let bytes = ledger.segment().context("a ledger has segments")?.bytes;
            if number >= decisions && bytes as f64 >= FULL * SEGMENT_BYTES as f64 {
                return Ok(bytes);
            }
            if bytes >= SEGMENT_BYTES {
                ledger.rotate().await?;
            }
        }
    })
}

/// A call of one of the sessions, allowed by three policies, that costs something.
fn decided(keys: &RecordKeys, number: u64, now: Timestamp) -> Event {
    let session = number % SESSIONS;
    let quota = keys.quota(&Quota {
        key: format!("calls-{session}"),
        cost: 1,
        limit: u64::MAX,
        window_seconds: 60,
        on_failure: OnFailure::Keep,
    });
    let opinion = |name: &str| {
        let component = Digest::of(name.as_bytes());
        let mut opinion = RecordedOpinion::of(name, component, Mode::Enforce, 12_345);
        opinion.verdict = Some(Verdict::Allow);
        opinion
    };
    let labels = match number / SESSIONS {
        0 => ["untrusted", "sensitive"]
            .map(|name| keys.seal(&Label::named(name)))
            .to_vec(),
        _ => Vec::new(),
    };
    let far = Timestamp(now.0.saturating_add(86_400_000));
    Event::Decided(Box::new(Decided {
        id: format!("0199d7a0-0000-7000-8000-{number:012x}"),
        generation: 1,
        policies: Digest::of(b"policies"),
        caller: Some(Caller {
            agent: format!("did:web:agents.example.com:agent-{session}"),
            issuer: "did:web:issuer.example.com".to_owned(),
            principal: Some(format!("user-{session}@example.com")),
            session: format!("session-{session}"),
            credential: Digest::of(&session.to_le_bytes()),
            proof: Some(Proof::Bearer),
            scopes: vec!["documents:*".to_owned()],
            delegation: Vec::new(),
            claims: Vec::new(),
            expires_at: far,
            session_ends: Some(far),
        }),
        received_at: Some(now),
        method: "tools/call".to_owned(),
        server: "documents".to_owned(),
        name: "read_document".to_owned(),
        hints: Hints::default(),
        definition: None,
        claimed: None,
        arguments: Some(keys.digest(&number.to_string())),
        action: None,
        kept: None,
        seen: None,
        judged: true,
        decision: DecisionKind::Allow,
        allowed_once_approved: None,
        approval: None,
        reason: None,
        message: String::new(),
        opinions: ["tool-gate", "path-guard", "rate-limit"]
            .map(opinion)
            .into(),
        flip: None,
        parts: Vec::new(),
        labels,
        declassified: Vec::new(),
        charges: vec![("rate-limit".to_owned(), quota)],
    }))
}

fn completed(number: u64) -> Event {
    Event::Completed(Completed {
        id: format!("0199d7a0-0000-7000-8000-{number:012x}"),
        outcome: PastOutcome::Allowed,
        reason: None,
        message: String::new(),
        kept: None,
        result: Some(Digest::of(&number.to_le_bytes())),
        opinions: Vec::new(),
        changed: false,
        session: format!("session-{}", number % SESSIONS),
        labels: Vec::new(),
        outcome_of: None,
        returned: None,
        settled: None,
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

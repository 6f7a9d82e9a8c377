//! What it costs to know who asks: a credential that was not seen before, and one that
//! was.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ed25519_dalek::SigningKey;
use gatewright_engine::config::Loaded;
use gatewright_engine::{Engine, Snapshot};
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::{Entries, ListClaims, ListKind, StatusRef};
use gatewright_policy::credential::{Claims, Signer, did_key, issue_by};
use gatewright_policy::pattern::Scope;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::report::Figure;
use crate::rounds::Summary;
use crate::settings::Settings;
use crate::signer::{Key, key_set};

/// Credentials of one round, each with an id of its own.
const CREDENTIALS: u32 = 256;

/// Rounds, in a full run.
const ROUNDS: usize = 15;

/// A token with RSA that was not seen before, in microseconds.
const COLD_RS256_US_MAX: f64 = 200.0;

/// A `vc+jwt` that was not seen before, with its status, in microseconds.
const COLD_VC_US_MAX: f64 = 400.0;

/// A credential that was seen before, in microseconds.
const CACHED_US_MAX: f64 = 2.0;

/// Where the credentials of our own stand; nobody fetches it.
pub(crate) const LIST: &str = "https://id.example.org/lists/1";

const ISSUER: &str = "https://idp.example";

pub(crate) const RESOURCE: &str = "http://127.0.0.1:8700/mcp/documents";

/// Makes a credential with an id.
type Made<'a> = Box<dyn Fn(u32) -> String + 'a>;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let (rsa, curve) = (Key::rsa("rsa"), Key::p256("curve"));
    let own = SigningKey::from_bytes(&[7; 32]);
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("keys.json"),
        key_set(&[&rsa, &curve]).to_string(),
    )?;
    let path = folder.path().join("gatewright.toml");
    fs::write(
        &path,
        format!(
            "[[server]]\nname = \"documents\"\nurl = \"http://127.0.0.1:1/mcp\"\n\
             [[issuer]]\nid = \"{ISSUER}\"\nscopes = [\"documents:*\"]\njwks_file = \"keys.json\"\n\
             algorithms = [\"RS256\", \"ES256\"]\n\
             [[issuer]]\nid = \"{}\"\nscopes = [\"documents:*\"]\nstatus_lists = [\"{LIST}\"]\n",
            did_key(&own.verifying_key())
        ),
    )?;
    let loaded = Loaded::read(&path)?;
    let runtime = Runtime::new()?;
    let engine = runtime.block_on(Engine::start(&loaded))?;
    let (snapshot, now) = (engine.snapshot(), engine.now());
    let kinds: [(&str, Made<'_>, f64); 3] = [
        (
            "rs256",
            Box::new(|id| token(&rsa, "RS256", id, now)),
            COLD_RS256_US_MAX,
        ),
        (
            "es256",
            Box::new(|id| token(&curve, "ES256", id, now)),
            COLD_RS256_US_MAX,
        ),
        (
            "vc",
            Box::new(|id| credential(&own, id, now)),
            COLD_VC_US_MAX,
        ),
    ];
    runtime.block_on(put_list(&engine, &own))?;
    let mut figures = Vec::new();
    let mut next = 0;
    for (name, made, bound) in &kinds {
        let (mut cold, mut cached) = (Vec::new(), Vec::new());
        for _ in 0..settings.rounds(ROUNDS) {
            let tokens: Vec<_> = (next..next + CREDENTIALS).map(made).collect();
            next += CREDENTIALS;
            cold.push(each(&engine, &snapshot, &tokens, now)?);
            cached.push(each(&engine, &snapshot, &tokens, now)?);
        }
        let (cold, cached) = (Summary::of(cold), Summary::of(cached));
        figures.push(Figure::of(format!("identity.cold.{name}"), cold, "us").at_most(*bound));
        figures.push(
            Figure::of(format!("identity.cached.{name}"), cached, "us").at_most(CACHED_US_MAX),
        );
    }
    runtime.block_on(engine.stop());
    Ok(figures)
}

/// How long each takes, in microseconds.
fn each(engine: &Engine, snapshot: &Snapshot, tokens: &[String], now: Timestamp) -> Result<f64> {
    let resources = [RESOURCE.to_owned()];
    let statuses = engine.agents().statuses();
    let mut took = Duration::ZERO;
    for token in tokens {
        let start = Instant::now();
        let grant = snapshot.identify(token, &resources, now);
        let admitted = grant
            .as_ref()
            .map(|grant| statuses.admits(&grant.status, false, now));
        took += start.elapsed();
        ensure!(matches!(admitted, Ok(Ok(()))), "it is not admitted");
        let grant = grant.context("a credential of the benchmark")?;
        ensure!(
            grant.covers("documents", "read"),
            "it grants something else"
        );
    }
    Ok(took.as_secs_f64() * 1e6 / f64::from(u32::try_from(tokens.len())?))
}

fn token(key: &Key, algorithm: &str, id: u32, now: Timestamp) -> String {
    let header = json!({ "alg": algorithm, "typ": "at+jwt", "kid": key.name });
    let claims = json!({
        "iss": ISSUER,
        "sub": "user:alice",
        "aud": RESOURCE,
        "iat": now.seconds() - 60,
        "exp": now.seconds() + 3600,
        "jti": id.to_string(),
        "client_id": "assistant",
        "scope": "openid documents:read documents:list",
    });
    key.token(&header, &claims)
}

pub(crate) fn credential(key: &SigningKey, id: u32, now: Timestamp) -> String {
    let claims = Claims {
        agent: "did:example:agent".to_owned(),
        principal: "user:alice".to_owned(),
        scopes: Scope::parse("documents:*").into_iter().collect(),
        audience: Vec::new(),
        valid_from: now,
        valid_until: now.plus(Duration::from_secs(3600)),
        id: format!("urn:bench:{id}"),
        task: None,
        holder: None,
        facts: Vec::new(),
    };
    let place = StatusRef {
        list: LIST.into(),
        index: u64::from(id) % 1024,
        kind: ListKind::Token,
    };
    issue_by(&claims, &[place], &Signer::of_key(key))
}

/// The status list of the credentials is there, as it is for all calls but the first.
async fn put_list(engine: &Engine, key: &SigningKey) -> Result<()> {
    let now = engine.now();
    let claims = ListClaims {
        url: LIST.to_owned(),
        issued: Timestamp::from_seconds(now.seconds()),
        ttl: Duration::from_secs(3600),
        ends: now.plus(Duration::from_secs(86_400)),
    };
    let list = Entries::new(131_072).sign(&claims, &Signer::of_key(key))?;
    let sample = credential(key, 0, now);
    let grant = engine
        .snapshot()
        .identify(&sample, &[RESOURCE.to_owned()], now)?;
    let statuses = engine.agents().statuses();
    statuses.want(&grant.status, now);
    for key in engine.agents().lists_due(now) {
        engine.put_status(&key, Ok(&list)).await?;
    }
    ensure!(
        statuses.admits(&grant.status, false, now).is_ok(),
        "no status list"
    );
    Ok(())
}

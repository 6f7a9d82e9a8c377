//! What it costs a call that operators can stop its agent, where none is registered and
//! where 100,000 are; and that a stopped one is stopped at the next look.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use ed25519_dalek::SigningKey;
use gatewright_engine::Engine;
use gatewright_engine::agents::{Asked, AskedWhat};
use gatewright_engine::config::Loaded;
use gatewright_policy::Grant;
use gatewright_policy::agent::{AgentState, CHANGED_MAX, Registration, Turn};
use gatewright_policy::credential::did_key;
use tokio::runtime::Runtime;

use crate::identity::{LIST, RESOURCE, credential};
use crate::report::Figure;
use crate::rounds::Summary;
use crate::settings::Settings;

/// Agents that are registered, in a full run.
const REGISTERED: usize = 100_000;
const REGISTERED_QUICK: usize = 10_000;

/// Looks of one round.
const LOOKS: u32 = 20_000;

/// Rounds, in a full run.
const ROUNDS: usize = 15;

/// One look, in microseconds, however many are registered. A call takes hundreds.
const LOOK_US_MAX: f64 = 1.0;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let key = SigningKey::from_bytes(&[7; 32]);
    let issuer = did_key(&key.verifying_key());
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("gatewright.toml");
    fs::write(
        &path,
        format!(
            "[agents]\nunregistered = \"allow\"\n\
             [[server]]\nname = \"documents\"\nurl = \"http://127.0.0.1:1/mcp\"\n\
             [[issuer]]\nid = \"{issuer}\"\nscopes = [\"documents:*\"]\n\
             status_lists = [\"{LIST}\"]\n"
        ),
    )?;
    let loaded = Loaded::read(&path)?;
    let runtime = Runtime::new()?;
    let engine = runtime.block_on(Engine::start(&loaded))?;
    let token = credential(&key, 1, engine.now());
    let resources = [RESOURCE.to_owned()];
    let grant = engine
        .snapshot()
        .identify(&token, &resources, engine.now())?;
    let rounds = settings.rounds(ROUNDS);
    let none = looks(&engine, &grant, rounds)?;
    let registered = match settings.quick {
        true => REGISTERED_QUICK,
        false => REGISTERED,
    };
    runtime.block_on(register(&engine, &issuer, registered))?;
    let many = looks(&engine, &grant, rounds)?;
    let turned = Instant::now();
    runtime.block_on(engine.ask_about_agents(Asked {
        by: "bench".to_owned(),
        why: "measured".to_owned(),
        what: AskedWhat::Turn {
            turn: Turn::Suspend,
            agent: Some(grant.subject.id.clone()),
            owner: None,
            issuer: Some(issuer.clone()),
        },
    }))?;
    let took = turned.elapsed().as_secs_f64() * 1e3;
    let server = Arc::from("documents");
    ensure!(engine.admits(&grant, &server).is_err(), "it is not stopped");
    runtime.block_on(engine.stop());
    Ok(vec![
        Figure::of("agents.look.none", none, "us").at_most(LOOK_US_MAX),
        Figure::of("agents.look.registered", many, "us").at_most(LOOK_US_MAX),
        Figure::of("agents.suspend", Summary::of([took]), "ms"),
    ])
}

/// How long a look takes whether somebody may go on, in microseconds.
fn looks(engine: &Engine, grant: &Grant, rounds: usize) -> Result<Summary> {
    let server = Arc::from("documents");
    let mut took = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        for _ in 0..LOOKS {
            let admitted = engine.admits(grant, &server);
            ensure!(admitted.is_ok(), "the agent of the benchmark is stopped");
        }
        took.push(start.elapsed().as_secs_f64() * 1e6 / f64::from(LOOKS));
    }
    Ok(Summary::of(took))
}

/// Registers so many agents of an issuer, `did:example:<number>`.
pub(crate) async fn register(engine: &Engine, issuer: &str, count: usize) -> Result<()> {
    let names: Vec<_> = (0..count)
        .map(|agent| format!("did:example:{agent}"))
        .collect();
    for some in names.chunks(CHANGED_MAX) {
        let registrations = some.iter().map(|id| Registration {
            id: id.clone(),
            issuer: issuer.to_owned(),
            owner: Some("team".to_owned()),
            purpose: String::new(),
            servers: None,
            state: AgentState::Active,
        });
        let asked = Asked {
            by: "bench".to_owned(),
            why: "measured".to_owned(),
            what: AskedWhat::Import(registrations.collect()),
        };
        let asked = engine.ask_about_agents(asked).await;
        asked.context("agents of the benchmark")?;
    }
    Ok(())
}

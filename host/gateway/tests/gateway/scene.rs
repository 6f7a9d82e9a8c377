//! A running gate between one agent and one tool server.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ed25519_dalek::SigningKey;
use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use gatewright_engine::ledger::FileLedger;
use gatewright_gateway::Gateway;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{Claims, did_key, issue};
use gatewright_policy::pattern::Scope;
use gatewright_policy::record::{Completed, Decided, Entry, Event};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::agent::{Agent, DEADLINE};
use crate::fake::Fake;
use crate::guests;

/// Verdicts as a guest returns them, at address 64.
pub const ALLOW: &str = r#"(data (i32.const 64) "\01")"#;
pub const DENY: &str = r#"(data (i32.const 64) "\02\00\00\00\00\00\00\00\80\00\00\00\02") (data (i32.const 128) "no")"#;
pub const ASK: &str = r#"(data (i32.const 64) "\03") (data (i32.const 96) "\3c")"#;

pub struct Scene {
    pub fake: Fake,
    pub engine: Arc<Engine>,
    pub address: SocketAddr,
    pub admin: SocketAddr,
    pub folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
}

/// What a scene is made of.
pub struct Setting {
    pub limits: String,
    pub gate: String,
    pub issuer: String,
    pub server: String,
    /// Milliseconds since 1970, where the test steps the clock.
    pub clock: Option<Arc<AtomicU64>>,
    /// The first wait before a server is asked again for a stream, where it is another one.
    pub first_wait: Option<Duration>,
    pub bindings: Vec<(&'static str, Vec<u8>, &'static str)>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            limits: String::new(),
            gate: String::new(),
            issuer: String::new(),
            server: String::new(),
            clock: None,
            first_wait: None,
            bindings: vec![("allow", guests::judge("(i32.const 64)", ALLOW), "")],
        }
    }
}

pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

impl Scene {
    pub async fn start() -> Self {
        Self::with(Fake::start().await, Setting::default()).await
    }

    pub async fn of(setting: Setting) -> Self {
        Self::with(Fake::start().await, setting).await
    }

    pub async fn with(fake: Fake, setting: Setting) -> Self {
        let url = format!("http://{}/mcp", fake.address);
        Self::at(&url, fake, setting).await
    }

    pub async fn at(url: &str, fake: Fake, setting: Setting) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bindings = String::new();
        for (name, component, more) in &setting.bindings {
            fs::write(folder.path().join(format!("{name}.wasm")), component).unwrap();
            bindings +=
                &format!("[[binding]]\nname = \"{name}\"\npolicy = \"{name}.wasm\"\n{more}\n");
        }
        // Where a test does not say how long, no call waits for people.
        let waits = match setting.limits.contains("approval_wait") {
            true => "",
            false => "approval_wait = \"0s\"\n",
        };
        // Where a test does not say so, nobody asks for tools beside it.
        let definitions = match setting.server.contains("definitions") {
            true => "",
            false => "definitions = \"off\"\n",
        };
        let config = format!(
            "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n{}\n\
             [limits]\n{waits}{}\n\
             [[issuer]]\nid = \"{}\"\nscopes = [\"*:*\"]\n{}\n\
             [[server]]\nname = \"files\"\nurl = \"{url}\"\n{definitions}{}\n{bindings}",
            setting.gate,
            setting.limits,
            did_key(&key().verifying_key()),
            setting.issuer,
            setting.server,
        );
        let path = folder.path().join("gatewright.toml");
        fs::write(&path, config).unwrap();
        let loaded = Loaded::read(&path).unwrap_or_else(|error| panic!("{error:?}"));
        let engine = match setting.clock {
            None => Engine::start(&loaded).await.unwrap(),
            Some(clock) => {
                let path = folder.path().join("state/audit.jsonl");
                let (ledger, past) = FileLedger::open(&path, Timestamp(0)).unwrap();
                let clock = move || Timestamp(clock.load(Ordering::Relaxed));
                let engine = Engine::with_ledger(&loaded, Box::new(ledger), past, clock).unwrap();
                engine.activate(&loaded).await.unwrap();
                engine
            }
        };
        let bound = Arc::clone(&engine);
        let gateway = match setting.first_wait {
            None => Gateway::bind(bound).await.unwrap(),
            Some(wait) => Gateway::bind_with_wait(bound, wait).await.unwrap(),
        };
        let (address, admin) = (gateway.local_addr(), gateway.admin_addr());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(gateway.run(async {
            let _ = stopped.await;
        }));
        Self {
            fake,
            engine,
            address,
            admin,
            folder,
            stop: Some(stop),
            running: Some(running),
        }
    }

    /// An agent whose credential covers everything.
    pub fn agent(&self) -> Agent {
        self.agent_named("did:example:agent", &["files:*"])
    }

    pub fn agent_named(&self, agent: &str, scopes: &[&str]) -> Agent {
        Agent {
            gate: self.address,
            token: Some(self.token(agent, scopes, Duration::from_secs(600))),
            headers: Vec::new(),
        }
    }

    pub fn token(&self, agent: &str, scopes: &[&str], life: Duration) -> String {
        let now = self.engine.now();
        let claims = Claims {
            agent: agent.to_owned(),
            principal: "user:alice".to_owned(),
            scopes: scopes
                .iter()
                .map(|scope| Scope::parse(scope).unwrap())
                .collect(),
            audience: Vec::new(),
            valid_from: Timestamp(now.0 - 60_000),
            valid_until: now.plus(life),
            id: format!("urn:test:{agent}:{scopes:?}:{life:?}"),
            task: None,
            holder: None,
            facts: Vec::new(),
        };
        issue(&claims, &key())
    }

    pub fn stranger(&self) -> Agent {
        Agent {
            gate: self.address,
            token: None,
            headers: Vec::new(),
        }
    }

    pub fn operator(&self) -> Agent {
        Agent {
            gate: self.admin,
            token: None,
            headers: Vec::new(),
        }
    }

    /// Tells the gate to stop.
    pub fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// Waits until it has stopped.
    pub async fn stopped(&mut self) {
        let running = self.running.take().unwrap();
        tokio::time::timeout(DEADLINE, running)
            .await
            .expect("it does not stop")
            .unwrap();
    }

    pub fn entries(&self) -> Vec<Entry> {
        entries(&self.folder.path().join("state/audit.jsonl"))
    }

    pub fn decisions(&self) -> Vec<Decided> {
        decided(self.folder.path())
    }

    pub fn completions(&self) -> Vec<Completed> {
        let entries = self.entries().into_iter();
        entries
            .filter_map(|entry| match entry.event {
                Event::Completed(completed) => Some(completed),
                _ => None,
            })
            .collect()
    }

    /// Waits until so many calls have ended.
    pub async fn completed(&self, count: usize) -> Vec<Completed> {
        eventually("the outcomes are recorded", || {
            let completions = self.completions();
            (completions.len() >= count).then_some(completions)
        })
        .await
    }
}

/// Asks again until there is an answer.
pub async fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    match tokio::time::timeout(DEADLINE, asking).await {
        Ok(answer) => answer,
        Err(_) => panic!("not in time: {what}"),
    }
}

/// The decisions in the record of a gate in a folder.
pub fn decided(folder: &Path) -> Vec<Decided> {
    let entries = entries(&folder.join("state/audit.jsonl")).into_iter();
    entries
        .filter_map(|entry| match entry.event {
            Event::Decided(decided) => Some(*decided),
            _ => None,
        })
        .collect()
}

fn entries(path: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

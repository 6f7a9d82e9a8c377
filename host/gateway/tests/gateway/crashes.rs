//! A gate that is killed between grant, use, forwarding and outcome: nothing is executed
//! twice, and nothing without a grant.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use gatewright_gateway::Gateway;
use gatewright_policy::approval::{Choice, Reading, STATEMENT_VERSION, Signed, Statement};
use gatewright_policy::credential::{Claims, did_key, issue};
use gatewright_policy::pattern::Scope;
use gatewright_policy::record::ApprovalUse;
use gatewright_policy::{Digest, Timestamp};
use serde_json::Value;
use tokio::time::timeout;

use crate::agent::{Agent, call};
use crate::fake::{Fake, Reply, echo};
use crate::guests;
use crate::scene::{ASK, decided, eventually};

/// Where the child finds its configuration.
const CONFIG: &str = "GATEWRIGHT_CRASH_TEST_CONFIG";

/// How often a gate is killed; more in a soak.
const ROUNDS: &str = "GATEWRIGHT_CRASH_ROUNDS";

/// Rounds with one record. An agent may ask people 60 times an hour, 32 of its calls may wait,
/// and its credential ends; and each round reads all of its record.
const ROUNDS_OF_A_RECORD: usize = 40;

/// Not a test of its own: the gate that is killed.
#[tokio::test]
#[ignore = "a_killed_gate_executes_nothing_twice_and_nothing_without_a_grant runs it"]
async fn serves_until_it_is_killed() {
    let path = std::env::var(CONFIG).unwrap();
    let loaded = Loaded::read(Path::new(&path)).unwrap();
    let engine = Engine::start(&loaded).await.unwrap();
    let gateway = Gateway::bind(Arc::clone(&engine)).await.unwrap();
    println!("serves {} {}", gateway.local_addr(), gateway.admin_addr());
    gateway.run(std::future::pending()).await;
}

/// A gate in a process of its own.
struct Gate {
    process: Child,
    address: SocketAddr,
    admin: SocketAddr,
}

/// When a gate is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Held,
    Deciding,
    Using,
    Forwarded,
}

impl Gate {
    async fn start(config: &Path) -> Self {
        let config = config.to_owned();
        let starting = tokio::task::spawn_blocking(move || {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["crashes::serves_until_it_is_killed", "--exact"])
                .args(["--ignored", "--nocapture"])
                .env(CONFIG, config)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let lines = BufReader::new(process.stdout.take().unwrap()).lines();
            let mut serves = lines.map(Result::unwrap).filter_map(|line| {
                let (_, addresses) = line.split_once("serves ")?;
                let (address, admin) = addresses.split_once(' ')?;
                Some((address.parse().unwrap(), admin.parse().unwrap()))
            });
            let (address, admin) = serves.next().expect("the gate starts");
            Self {
                process,
                address,
                admin,
            }
        });
        starting.await.unwrap()
    }

    /// The standard library sends SIGKILL.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn agent(&self, token: &str) -> Agent {
        Agent {
            gate: self.address,
            token: Some(token.to_owned()),
            headers: Vec::new(),
        }
    }

    fn operator(&self) -> Agent {
        Agent {
            gate: self.admin,
            token: None,
            headers: Vec::new(),
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(u64::try_from(since.unwrap().as_millis()).unwrap())
}

fn token() -> String {
    let claims = Claims {
        agent: "did:example:agent".to_owned(),
        principal: "user:alice".to_owned(),
        scopes: Scope::parse("files:*").into_iter().collect(),
        audience: Vec::new(),
        valid_from: Timestamp(now().0 - 60_000),
        valid_until: now().plus(Duration::from_secs(3600)),
        id: "urn:test:crashes".to_owned(),
        task: None,
        holder: None,
        facts: Vec::new(),
    };
    issue(&claims, &crate::scene::key())
}

fn approver() -> ed25519_dalek::SigningKey {
    crate::approvals::key(1)
}

/// What an approver reads of a call, and answers; nothing where the gate died.
async fn approve(operator: Agent, admin: SocketAddr, id: String, nonce: String) -> Option<()> {
    let target = format!("/approvals/{id}");
    let proof = Reading::header(&approver(), (&admin.to_string(), &target), now(), &nonce);
    let reader = operator.with("authorization", &proof);
    let shown: Value = serde_json::from_str(&posted(&reader, "GET", &target, "").await?).ok()?;
    let text = shown["approval"]["text"].as_str()?;
    let statement = Statement {
        actions: serde_json::from_value(shown["approval"]["actions"].clone()).ok()?,
        approver: "kim".to_owned(),
        at: now(),
        choice: Choice::Approve,
        held: id,
        reason: String::new(),
        shown: Digest::of(text.as_bytes()),
        version: STATEMENT_VERSION,
    };
    let signed = serde_json::to_string(&Signed::by(statement, &approver())).unwrap();
    posted(&operator, "POST", &target, &signed).await.map(drop)
}

/// A body that came whole; nothing where the gate died.
async fn posted(agent: &Agent, method: &str, path: &str, body: &str) -> Option<String> {
    use http_body_util::BodyExt as _;
    tokio::net::TcpStream::connect(agent.gate).await.ok()?;
    let response = agent.send(method, path, body).await.ok()?;
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    String::from_utf8(bytes.to_vec()).ok()
}

fn config(folder: &Path, fake: &Fake) -> std::path::PathBuf {
    std::fs::write(
        folder.join("judge.wasm"),
        guests::judge("(i32.const 64)", ASK),
    )
    .unwrap();
    let text = format!(
        "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\ncache = false\n\
         [limits]\napproval_wait = \"0s\"\n\
         [[issuer]]\nid = \"{}\"\nscopes = [\"*:*\"]\n\
         [[approver]]\nname = \"kim\"\nkeys = [\"{}\"]\n\
         [[server]]\nname = \"files\"\nurl = \"http://{}/mcp\"\n\
         [[binding]]\nname = \"judge\"\npolicy = \"judge.wasm\"\n",
        did_key(&crate::scene::key().verifying_key()),
        did_key(&approver().verifying_key()),
        fake.address,
    );
    let path = folder.join("gatewright.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// How often the tool server was asked for each number.
fn executed(fake: &Fake) -> HashMap<u64, usize> {
    let mut counts = HashMap::new();
    let asked = fake.seen().into_iter().map(|seen| seen.json());
    // The gate itself asks which tools there are.
    for call in asked.filter(|asked| asked["method"] == "tools/call") {
        let number = call["params"]["arguments"]["n"].as_u64().unwrap();
        *counts.entry(number).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_gate_executes_nothing_twice_and_nothing_without_a_grant() {
    let rounds = std::env::var(ROUNDS).map_or(8, |rounds| rounds.parse().unwrap());
    let mut dice = now().0;
    println!("seed {dice}");
    let mut roll = move |sides: u64| {
        // Marsaglia's xorshift.
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    let rounds: Vec<u64> = (0..rounds).collect();
    for rounds in rounds.chunks(ROUNDS_OF_A_RECORD) {
        killed(rounds, &mut roll).await;
    }
}

/// Kills a gate in each of these rounds; all of them have one record and one tool server.
async fn killed(rounds: &[u64], roll: &mut (impl FnMut(u64) -> u64 + Send)) {
    let fake = Fake::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &fake);
    let token = token();
    let mut granted: HashMap<u64, usize> = HashMap::new();
    for round in rounds.iter().copied() {
        let moment = match round % 4 {
            0 => Moment::Held,
            1 => Moment::Deciding,
            2 => Moment::Using,
            _ => Moment::Forwarded,
        };
        fake.script(|seen| Reply::Json(200, echo(seen)));
        let mut gate = Gate::start(&config).await;
        let agent = gate.agent(&token);
        let body = call("read", &format!("{{\"n\":{round}}}"));
        let id = agent.post(&body).await.json()["result"]["_meta"]["gatewright/decision"]
            .as_str()
            .unwrap()
            .to_owned();
        let pause = Duration::from_micros(roll(20_000));
        // Begun only where it is polled: a task that is ended may have decided before.
        let deciding = approve(gate.operator(), gate.admin, id, format!("n{round}"));
        match moment {
            Moment::Held => {}
            Moment::Deciding => drop(timeout(pause, tokio::spawn(deciding)).await),
            Moment::Using | Moment::Forwarded => {
                tokio::spawn(deciding)
                    .await
                    .unwrap()
                    .expect("it is decided");
                if matches!(moment, Moment::Forwarded) {
                    fake.script(|_| Reply::Hang);
                }
                let using = gate.agent(&token);
                let body = body.clone();
                let used = async move { posted(&using, "POST", "/mcp/files", &body).await };
                let using = tokio::spawn(used);
                match moment {
                    Moment::Forwarded => {
                        eventually("it is forwarded", || executed(&fake).get(&round).copied())
                            .await;
                    }
                    _other => drop(timeout(pause, using).await),
                }
            }
        }
        granted.insert(round, usize::from(!matches!(moment, Moment::Held)));
        gate.kill();
        fake.script(|seen| Reply::Json(200, echo(seen)));
        // The agent does not know what became of it, and calls again.
        let gate = Gate::start(&config).await;
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(gate.agent(&token).post(&body).await);
        }
        let executed = executed(&fake);
        for (number, count) in &executed {
            let grants = granted.get(number).copied().unwrap_or_default();
            assert!(*count <= grants, "{moment:?} {number}: {count} of {grants}");
        }
        let wanted = matches!(moment, Moment::Forwarded);
        assert!(!wanted || executed.get(&round) == Some(&1), "{moment:?}");
        for answer in answers.iter().filter(|_| wanted) {
            // It ran, and nobody knows what came of it: it is said, and nobody is asked.
            assert_eq!(answer.reason(), "approval_used", "{moment:?}");
        }
        // The record knows of each that it was allowed.
        let entries = decided(folder.path());
        let used = entries.iter().filter(|decided| {
            let used = decided.approval.as_ref();
            used.is_some_and(|used| used.what == ApprovalUse::Consumed)
        });
        assert!(executed.values().sum::<usize>() <= used.count());
    }
}

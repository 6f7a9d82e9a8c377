//! The gate whose calls are decided on, and the key of who decides.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, anyhow, bail};
use ed25519_dalek::SigningKey;
use gatewright_engine::config::Loaded;
use gatewright_policy::approval::{Approver, Reading, Stand, Vote};
use gatewright_policy::{ActionDigest, HeldAsk, Timestamp};
use serde::{Deserialize, Serialize};

use crate::config_file::ConfigFile;
use crate::failure::Advise as _;
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::output::visible;

/// A gate that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest answer, in bytes: a page of texts.
const ANSWER_BYTES_MAX: u64 = 128 << 20;

/// Calls on one page.
const PAGE: usize = 200;

/// Which gate, and by which key.
#[derive(clap::Args)]
pub(super) struct GateArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The admin listener of the gate, instead of the one in the configuration.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Your key: PKCS #8 of `gatewright key new`, or OpenSSH.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// A gate, as an approver asks it.
pub(super) struct Gate {
    pub(super) admin: SocketAddr,
    pub(super) key: SigningKey,
}

/// What a gate answers.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// A held call, as the gate tells of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) id: String,
    pub(super) received_at: Timestamp,
    pub(super) decide_by: Timestamp,
    pub(super) agent: String,
    pub(super) issuer: String,
    pub(super) principal: Option<String>,
    pub(super) delegation: Vec<String>,
    pub(super) server: String,
    pub(super) method: String,
    pub(super) names: Vec<String>,
    pub(super) actions: Vec<ActionDigest>,
    pub(super) asks: Vec<HeldAsk>,
    pub(super) allowed: bool,
    pub(super) stand: Stand,
    pub(super) votes: Vec<Vote>,
    /// What is shown: what is signed is the digest of exactly this.
    pub(super) text: String,
}

/// A held call, and who asked the gate about it.
#[derive(Deserialize)]
pub(super) struct WaitingFor {
    /// The owner of the key, as the gate knows the person.
    pub(super) you: Approver,
    #[serde(rename = "approval")]
    pub(super) call: Waiting,
}

#[derive(Deserialize)]
struct Page {
    approvals: Vec<Waiting>,
    next: Option<String>,
}

// === impl GateArguments ===

impl GateArguments {
    pub(super) fn open(&self) -> anyhow::Result<Gate> {
        let admin = match self.admin {
            Some(admin) => admin,
            None => Loaded::read(self.config.path())?.config.gate.admin,
        };
        if !admin.ip().is_loopback() {
            return Err(anyhow!("`{admin}` is not a loopback address"))
                .hint("the admin listener answers on the gate's own machine only");
        }
        let key = file::read(&self.key, &self.passphrase)?;
        Ok(Gate { admin, key })
    }
}

// === impl Gate ===

impl Gate {
    /// Everything that waits for the owner of the key.
    pub(super) fn list(&self) -> anyhow::Result<Vec<Waiting>> {
        let mut found = Vec::new();
        let mut target = format!("/approvals?count={PAGE}");
        loop {
            let answer = self.read(&target)?;
            let page: Page = parsed(&answer, self.admin)?;
            found.extend(page.approvals);
            match page.next {
                Some(next) if is_id(&next) => {
                    target = format!("/approvals?count={PAGE}&after={next}");
                }
                Some(_) | None => return Ok(found),
            }
        }
    }

    /// One of them; none where it does not wait for the owner of the key.
    pub(super) fn show(&self, id: &str) -> anyhow::Result<Option<WaitingFor>> {
        if !is_id(id) {
            return Err(anyhow!("`{}` is no id of a held call", visible(id)))
                .hint("`gatewright approvals list` shows those that wait");
        }
        let answer = self.read(&format!("/approvals/{id}"))?;
        if answer.status == 404 {
            return Ok(None);
        }
        parsed(&answer, self.admin).map(Some)
    }

    /// Hands a decision over.
    pub(super) fn decide(&self, id: &str, signed: &str) -> anyhow::Result<Answer> {
        let head = format!("POST /approvals/{id} HTTP/1.0\r\nContent-Type: application/json\r\n");
        self.ask(&head, signed)
    }

    fn read(&self, target: &str) -> anyhow::Result<Answer> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)?;
        let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
        let host = self.admin.to_string();
        let proof = Reading::header(&self.key, (&host, target), now(), &nonce);
        let head = format!("GET {target} HTTP/1.0\r\nAuthorization: {proof}\r\n");
        let answer = self.ask(&head, "")?;
        match answer.status {
            200 | 404 => Ok(answer),
            _other => bail!("the gate says: {}", why(&answer)),
        }
    }

    /// Asks over HTTP/1.0: the answer ends with the connection.
    fn ask(&self, head: &str, body: &str) -> anyhow::Result<Answer> {
        let admin = self.admin;
        let mut stream = TcpStream::connect_timeout(&admin, PATIENCE)
            .with_context(|| format!("no gate answers at {admin}"))
            .hint("start one with `gatewright serve`, or name its admin listener with `--admin`")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(
            stream,
            "{head}Host: {admin}\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream
            .take(ANSWER_BYTES_MAX)
            .read_to_string(&mut answer)
            .with_context(|| format!("the gate at {admin} does not answer"))?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Ok(Answer {
            status: status.with_context(|| format!("what answers at {admin} is not a gate"))?,
            body: body.to_owned(),
        })
    }
}

/// What a gate says about a refusal.
pub(super) fn why(answer: &Answer) -> String {
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let part = |name: &str| json.get(name)?.as_str().map(visible);
    match (part("refused"), part("message")) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        _no_gate => format!("status {} and `{}`", answer.status, visible(&answer.body)),
    }
}

/// Now, by the clock of this machine.
pub(super) fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = elapsed.unwrap_or_default().as_millis();
    Timestamp(u64::try_from(millis).unwrap_or(u64::MAX))
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &Answer, admin: SocketAddr) -> anyhow::Result<T> {
    serde_json::from_str(&answer.body)
        .with_context(|| format!("what answers at {admin} is not a gate of this version"))
}

/// An id as a gate makes it: nothing that means anything in a URL.
fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= 128 && id.bytes().all(fits)
}

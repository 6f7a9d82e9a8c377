//! OPA as a peer: a server of its own, asked over HTTP about the arguments of each call.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use gatewright_harness::{Binaries, Process, free_port, wait_until_ready};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, StatusCode};
use tempfile::TempDir;

use crate::rule::{self, Sample, TOOL};
use crate::wire::connect;

/// The rule that is asked for.
const ALLOW: &str = "/v1/data/bench/allow";

/// How long it may take to start.
const START_DEADLINE: Duration = Duration::from_secs(20);

/// A server with one rule. Ends when it is dropped.
pub(crate) struct Opa {
    process: Process,
    address: SocketAddr,
    _folder: TempDir,
}

/// Who asks it, on one connection.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

#[derive(serde::Deserialize)]
struct Answer {
    result: bool,
}

// === impl Opa ===

impl Opa {
    pub(crate) fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let module = folder.path().join("bench.rego");
        fs::write(&module, rule::rego(1))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let mut command = Command::new(Binaries::locate().opa()?);
        // It asks nobody whether there is a newer one.
        command
            .args(["run", "--server", "--skip-version-check"])
            .args(["--log-level", "error", "--addr"])
            .arg(address.to_string())
            .arg(&module);
        let process = Process::spawn(command)?;
        wait_until_ready(address, "/health", START_DEADLINE)
            .with_context(|| format!("OPA does not start; it printed:\n{}", process.printed()))?;
        Ok(Self {
            process,
            address,
            _folder: folder,
        })
    }

    /// The process, by id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its rule is asked for.
    pub(crate) fn rule_url(&self) -> String {
        format!("http://{}{ALLOW}", self.address)
    }
}

// === impl Client ===

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            sender: connect(address).await?,
            host: address.to_string(),
        })
    }

    /// What the rule says of a call.
    pub(crate) async fn allows(&mut self, sample: &Sample) -> Result<bool> {
        let arguments = &sample.arguments;
        let body = format!(r#"{{"input":{{"tool":"{TOOL}","arguments":{arguments}}}}}"#);
        let request = Request::post(ALLOW)
            .header("host", &self.host)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(
            status == StatusCode::OK,
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        let answer: Answer = serde_json::from_slice(&body)?;
        Ok(answer.result)
    }
}

//! Where people sign in, and a client that has to.

use std::process::Command;
use std::time::Duration;

use gatewright_harness::{Binaries, HarnessError, Process, Stream, free_port};
use serde_json::{Value, json};

use crate::agent::Language;

/// How long everything that a client does may take.
const DEADLINE: Duration = Duration::from_secs(120);

/// How long a server may take to listen.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// npm `oidc-provider`, with one user. Ends when it is dropped.
#[derive(Debug)]
pub struct AuthorizationServer {
    issuer: String,
    process: Process,
}

/// A client on one of the official clients, which knows the URL of an endpoint and nothing
/// else.
#[derive(Clone, Copy, Debug)]
pub struct Desktop(pub Language);

impl AuthorizationServer {
    /// Starts one that gives these scopes, in tokens that last so long.
    pub fn start(scopes: &[&str], lifetime: Duration) -> Result<Self, HarnessError> {
        Self::start_with(scopes, lifetime, &[])
    }

    /// The same with what else it is told: `CLIENT_SECRET` or `CLIENT_JWK` of a client `gate`
    /// that gets tokens of its own; `CONSOLE` and `PERSON` for people who sign in there.
    pub fn start_with(
        scopes: &[&str],
        lifetime: Duration,
        told: &[(&str, &str)],
    ) -> Result<Self, HarnessError> {
        let binaries = Binaries::locate();
        let port = free_port()?;
        let mut command = binaries.node_script(&binaries.client("authorization-server.mjs")?)?;
        command
            .env("PORT", port.to_string())
            .env("SCOPES", scopes.join(" "))
            .env("TOKEN_SECONDS", lifetime.as_secs().to_string())
            .envs(told.iter().copied());
        let process = Process::spawn(command)?;
        process.wait_for_line(Stream::Out, "listening", START_DEADLINE)?;
        Ok(Self {
            issuer: format!("http://127.0.0.1:{port}"),
            process,
        })
    }

    /// How its tokens name it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What it gave: kind of grant, resource and scope of each token.
    pub fn given(&self) -> Vec<Value> {
        let lines = self.process.lines(Stream::Out).into_iter();
        lines
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect()
    }

    /// Everything it printed.
    pub fn printed(&self) -> String {
        self.process.printed()
    }
}

impl Desktop {
    /// Connects to `url`, takes the steps, and reports on each.
    pub fn run(self, url: &str, steps: &[Value]) -> Result<Vec<Value>, HarnessError> {
        let binaries = Binaries::locate();
        let mut command = match self.0 {
            Language::TypeScript => binaries.node_script(&binaries.client("sign-in.mjs")?)?,
            Language::Python => {
                let mut python = Command::new(binaries.python()?);
                python.arg(binaries.client("sign_in.py")?);
                python
            }
        };
        command
            .env("NODE_NO_WARNINGS", "1")
            .env("MCP_URL", url)
            .env("MCP_STEPS", json!(steps).to_string());
        let printed = Process::run(command, DEADLINE)?;
        printed
            .lines()
            .map(|line| {
                serde_json::from_str(line).map_err(|_| HarnessError::Unexpected {
                    text: line.to_owned(),
                    wanted: "a JSON line of a client",
                })
            })
            .collect()
    }
}

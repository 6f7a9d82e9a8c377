//! A running gate.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::{HarnessError, Process, Stream, Workspace, wait_until_ready};

/// How long a gate may take to compile its policies and to listen.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// The configuration of a gate, before it runs.
#[derive(Clone, Debug, Default)]
pub struct GateBuilder {
    hosts: Vec<String>,
    origins: Vec<String>,
    scopes: Vec<String>,
    console_url: Option<String>,
    tables: String,
    environment: Vec<(String, String)>,
}

/// `gatewright serve` in a workspace. Ends when it is dropped.
#[derive(Debug)]
pub struct Gate {
    process: Process,
    listen: SocketAddr,
    admin: SocketAddr,
}

impl GateBuilder {
    /// A gate without servers and policies: it denies everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts requests that were sent to this address, as those of a proxy are.
    pub fn reached_through(mut self, address: SocketAddr) -> Self {
        self.hosts.push(address.to_string());
        self.origins.push(format!("http://{address}"));
        self
    }

    /// Lets web pages of this origin use it.
    pub fn open_to(mut self, origin: &str) -> Self {
        self.origins.push(origin.to_owned());
        self
    }

    /// Says which scopes agents may ask for where they sign in.
    pub fn with_scopes(mut self, scopes: &[&str]) -> Self {
        self.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self
    }

    /// Says where clients are sent that can show URLs.
    pub fn with_console_url(mut self, url: &str) -> Self {
        self.console_url = Some(url.to_owned());
        self
    }

    /// Adds TOML tables: `[[server]]`, `[[binding]]` and others.
    pub fn with(mut self, tables: &str) -> Self {
        self.tables.push_str(tables);
        self.tables.push('\n');
        self
    }

    /// Adds a tool server that is reached over HTTP.
    pub fn with_url(self, name: &str, url: &str) -> Self {
        self.with(&format!(
            "[[server]]\nname = {name:?}\nurl = {url:?}\n{CLIENT_REQUESTS}"
        ))
    }

    /// Adds a tool server that runs as a child of the gate.
    pub fn with_command(self, name: &str, command: &[&str]) -> Self {
        self.with(&format!(
            "[[server]]\nname = {name:?}\ncommand = {command:?}\n{CLIENT_REQUESTS}"
        ))
    }

    /// Allows every call that the credential covers.
    pub fn allowing_everything(self, workspace: &Workspace) -> Result<Self, HarnessError> {
        workspace.add_plugin("tool-gate")?;
        Ok(self.with(ALLOW_EVERYTHING))
    }

    /// Sets an environment variable of the gate.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The configuration as `start` writes it.
    pub fn toml(&self, issuer: &str) -> String {
        let Self {
            hosts,
            origins,
            scopes,
            console_url,
            tables,
            environment: _,
        } = self;
        let console_url = console_url.as_ref();
        let console_url =
            console_url.map_or_else(String::new, |url| format!("console_url = {url:?}\n"));
        format!(
            "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\nhosts = {hosts:?}\norigins = {origins:?}\n\
             scopes_supported = {scopes:?}\n{console_url}\n\
             [audit]\npath = \"state/audit.jsonl\"\n\n\
             [[issuer]]\nid = {issuer:?}\nscopes = [\"*:*\"]\nlifetime_max = \"24h\"\n\n\
             {tables}"
        )
    }

    /// Writes `gatewright.toml`, starts the gate and waits until it is ready.
    pub fn start(&self, workspace: &Workspace) -> Result<Gate, HarnessError> {
        let config = workspace.write("gatewright.toml", &self.toml(workspace.issuer()))?;
        let mut command = Command::new(workspace.binaries().gatewright()?);
        command
            .args(["serve", "--format", "json"])
            .arg(config)
            .current_dir(workspace.path())
            // Not the cache of whoever runs the tests.
            .env(
                "XDG_CACHE_HOME",
                workspace.binaries().target().join("cache"),
            );
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let process = Process::spawn(command)?;
        let opened = process.wait_for_line(Stream::Out, "listen", START_DEADLINE)?;
        let (listen, admin) = (
            address_in(&opened, "listen")?,
            address_in(&opened, "admin")?,
        );
        wait_until_ready(admin, "/readyz", START_DEADLINE)?;
        Ok(Gate {
            process,
            listen,
            admin,
        })
    }
}

impl Gate {
    /// Where agents connect.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Where health, metrics and status are.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The endpoint of a tool server.
    pub fn endpoint(&self, server: &str) -> String {
        format!("http://{}/mcp/{server}", self.listen)
    }

    /// The process, for what it printed and for its id.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

const CLIENT_REQUESTS: &str = "client_requests = [\"sampling\", \"elicitation\", \"roots\"]\n";

const ALLOW_EVERYTHING: &str = r#"
[[binding]]
name = "allow-everything"
policy = "tool-gate.wasm"
authority = ["allow"]
settings = { rules = [{ tools = ["*"], effect = "allow" }] }
"#;

fn address_in(opened: &str, key: &str) -> Result<SocketAddr, HarnessError> {
    let unexpected = || HarnessError::Unexpected {
        text: opened.to_owned(),
        wanted: "what `gatewright serve --format json` prints",
    };
    let opened: Value = serde_json::from_str(opened).map_err(|_| unexpected())?;
    let address = opened.get(key).and_then(Value::as_str);
    address
        .and_then(|address| address.parse().ok())
        .ok_or_else(unexpected)
}

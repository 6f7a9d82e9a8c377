//! Clients that people build agents with, and what they read in their configurations: an
//! entry for each tool server.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatewright_harness::{Binaries, HarnessError, Process, Stream};
use serde_json::{Map, Value, json};

use crate::agent::Step;

/// How long all steps of one client may take.
const DEADLINE: Duration = Duration::from_secs(180);

const REMOTE: &str = "mcp-remote/dist/proxy.js";

/// Which client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// npm `@modelcontextprotocol/sdk`, the official client 1.x.
    TypeScriptOne,
    /// PyPI `mcp` 1.x, the official client.
    PythonOne,
    /// PyPI `fastmcp`.
    FastMcp,
    /// PyPI `langchain-mcp-adapters`: a session for each call.
    LangChain,
    /// PyPI `openai-agents`, without a model.
    OpenAiAgents,
    /// npm `mcp-remote`, which a client that knows no URLs starts for each of them.
    McpRemote,
}

/// Where a client finds its tool servers: the entries of its configuration.
#[derive(Clone, Debug, Default)]
pub struct Entries(Map<String, Value>);

/// What a client showed.
#[derive(Debug)]
pub struct Shown {
    /// One for each step, in order.
    pub steps: Vec<Value>,
    /// What it, and what it started, printed on stderr.
    pub said: String,
}

impl Framework {
    /// Connects to every server, and takes the steps one after the other.
    pub fn run(self, entries: &Entries, steps: &[Step]) -> Result<Shown, HarnessError> {
        let mut client = self.start(entries, steps)?;
        client.wait(DEADLINE)?;
        let lines = client.lines(Stream::Out).into_iter();
        let steps = lines
            .map(|text| {
                serde_json::from_str(&text).map_err(|_| HarnessError::Unexpected {
                    text,
                    wanted: "a JSON line of a client",
                })
            })
            .collect::<Result<Vec<Value>, _>>()?;
        let said = client.lines(Stream::Err).join("\n");
        Ok(Shown { steps, said })
    }

    /// The same, and does not wait for it. Ends when it is dropped, in the middle of what it
    /// does.
    pub fn start(self, entries: &Entries, steps: &[Step]) -> Result<Process, HarnessError> {
        let binaries = Binaries::locate();
        let mut entries = entries.clone();
        if self == Self::McpRemote {
            entries = entries.through_mcp_remote(&binaries)?;
        }
        let steps: Vec<&Value> = steps.iter().map(Step::as_json).collect();
        let mut command = self.command(&binaries)?;
        command
            .env("MCP_SERVERS", Value::Object(entries.0).to_string())
            .env("MCP_STEPS", json!(steps).to_string())
            .env("NODE_NO_WARNINGS", "1")
            // The scripts are where the source is.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("OPENAI_AGENTS_DISABLE_TRACING", "1");
        Process::spawn(command)
    }

    fn command(self, binaries: &Binaries) -> Result<Command, HarnessError> {
        let (python, script) = match self {
            Self::TypeScriptOne | Self::McpRemote => {
                return binaries.node_script(&binaries.client("typescript-one.mjs")?);
            }
            Self::PythonOne => (binaries.python_one()?, "python_one.py"),
            Self::FastMcp => (binaries.python()?, "fastmcp_client.py"),
            Self::LangChain => (binaries.python_one()?, "langchain_client.py"),
            Self::OpenAiAgents => (binaries.python_one()?, "openai_agents_client.py"),
        };
        let mut command = Command::new(python);
        command.arg(binaries.client(script)?);
        Ok(command)
    }
}

impl Entries {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a server that is reached over HTTP, with a credential where one is given.
    pub fn with_url(mut self, name: &str, url: &str, token: Option<&str>) -> Self {
        let mut entry = json!({ "url": url });
        if let (Some(token), Some(entry)) = (token, entry.as_object_mut()) {
            let headers = json!({ "Authorization": format!("Bearer {token}") });
            entry.insert("headers".to_owned(), headers);
        }
        self.0.insert(name.to_owned(), entry);
        self
    }

    /// Adds a server that the client starts.
    pub fn with_command(mut self, name: &str, command: &[String]) -> Self {
        if let Some((program, arguments)) = command.split_first() {
            let entry = json!({ "command": program, "args": arguments });
            self.0.insert(name.to_owned(), entry);
        }
        self
    }

    /// Adds a server that a gate with this configuration stands in front of, as a program. What
    /// the gate keeps for its user goes into `home`.
    pub fn with_wrap(
        mut self,
        name: &str,
        config: &Path,
        home: &Path,
    ) -> Result<Self, HarnessError> {
        let binaries = Binaries::locate();
        let entry = json!({
            "command": binaries.gatewright()?,
            "args": ["wrap", "--config", config, "--server", name],
            "env": { "XDG_CACHE_HOME": binaries.target().join("cache"), "XDG_STATE_HOME": home },
        });
        self.0.insert(name.to_owned(), entry);
        Ok(self)
    }

    /// The same with a program in the place of each URL.
    fn through_mcp_remote(self, binaries: &Binaries) -> Result<Self, HarnessError> {
        let (node, remote) = (binaries.node()?, binaries.npm(REMOTE)?);
        let folder = binaries.target().join("mcp-remote");
        let program = |url: &Value, credential: Option<&Value>| {
            let mut arguments = vec![json!(remote), url.clone()];
            arguments.extend(["--transport", "http-only"].map(Value::from));
            let mut env = json!({ "MCP_REMOTE_CONFIG_DIR": folder });
            if let (Some(credential), Some(env)) = (credential, env.as_object_mut()) {
                arguments.extend(["--header", "Authorization:${CREDENTIAL}"].map(Value::from));
                env.insert("CREDENTIAL".to_owned(), credential.clone());
            }
            json!({ "command": node, "args": arguments, "env": env })
        };
        let entries = self.0.into_iter().map(|(name, entry)| {
            let credential = entry.pointer("/headers/Authorization");
            match entry.get("url") {
                Some(url) => (name, program(url, credential)),
                None => (name, entry),
            }
        });
        Ok(Self(entries.collect()))
    }
}

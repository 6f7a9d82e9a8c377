//! A scripted agent: takes steps through an official client, reports each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatewright_harness::{Binaries, HarnessError, Process, Stream};
use serde_json::{Value, json};

/// How long all steps of one agent may take.
const DEADLINE: Duration = Duration::from_secs(120);

/// Which official client the agent stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// npm `@modelcontextprotocol/client`.
    TypeScript,
    /// PyPI `mcp`.
    Python,
}

/// How the agent speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// `initialize` and a session.
    Legacy,
    /// Stateless, 2026-07-28.
    Modern,
    /// Asks first and falls back to a session.
    Auto,
}

/// An agent.
#[derive(Clone, Copy, Debug)]
pub struct Agent {
    /// Its client.
    pub language: Language,
    /// Its era.
    pub era: Era,
    /// It shows URLs to its user, who follows each.
    pub browses: bool,
}

/// One thing that the agent does.
#[derive(Clone, Debug)]
pub struct Step(Value);

/// What the agent saw.
#[derive(Debug)]
pub struct Report {
    /// The protocol revision, or why there is no connection.
    pub connection: Result<String, String>,
    /// One for each step, in order.
    pub steps: Vec<Value>,
}

impl Agent {
    /// Both clients, in this era.
    pub fn both(era: Era) -> [Self; 2] {
        [Language::TypeScript, Language::Python].map(|language| Self {
            language,
            era,
            browses: false,
        })
    }

    /// Connects to `url` and takes the steps one after the other.
    pub fn run(
        self,
        url: &str,
        token: Option<&str>,
        steps: &[Step],
    ) -> Result<Report, HarnessError> {
        self.run_holding(url, token, None, steps)
    }

    /// The same, with the key of the agent: each of its messages is signed then.
    pub fn run_holding(
        self,
        url: &str,
        token: Option<&str>,
        key: Option<&Path>,
        steps: &[Step],
    ) -> Result<Report, HarnessError> {
        let binaries = Binaries::locate();
        let mut command = match self.language {
            Language::TypeScript => {
                let mut node = binaries.node_script(&binaries.client("agent.mjs")?)?;
                // The client warns on stderr about revisions that are not final.
                node.env("NODE_NO_WARNINGS", "1");
                node
            }
            Language::Python => {
                let mut python = Command::new(binaries.python()?);
                python.arg(binaries.client("agent.py")?);
                python
            }
        };
        let steps: Vec<&Value> = steps.iter().map(|step| &step.0).collect();
        let mode = match self.era {
            Era::Legacy => "legacy",
            Era::Modern => "modern",
            Era::Auto => "auto",
        };
        command
            .env("MCP_URL", url)
            .env("MCP_MODE", mode)
            .env("MCP_STEPS", json!(steps).to_string());
        if let Some(key) = key {
            let sdk = binaries.root().join(match self.language {
                Language::TypeScript => "sdk/client-typescript/index.js",
                Language::Python => "sdk/client-python/src",
            });
            command.env("MCP_KEY", key).env("MCP_SDK", sdk);
        }
        if let Some(token) = token {
            command.env("MCP_TOKEN", token);
        }
        if self.browses {
            command.env("MCP_BROWSES", "1");
        }
        let mut agent = Process::spawn(command)?;
        agent.wait(DEADLINE)?;
        Report::read(&agent)
    }
}

impl Report {
    fn read(agent: &Process) -> Result<Self, HarnessError> {
        let mut lines = Vec::new();
        for text in agent.lines(Stream::Out) {
            let line: Value =
                serde_json::from_str(&text).map_err(|_| HarnessError::Unexpected {
                    text,
                    wanted: "a JSON line of an agent",
                })?;
            lines.push(line);
        }
        let mut lines = lines.into_iter();
        let first = lines.next().ok_or_else(|| HarnessError::Unexpected {
            text: agent.printed(),
            wanted: "the report of an agent",
        })?;
        let connection = match first.get("connected").and_then(Value::as_str) {
            Some(revision) => Ok(revision.to_owned()),
            None => Err(first.to_string()),
        };
        Ok(Self {
            connection,
            steps: lines.collect(),
        })
    }
}

impl Step {
    /// `tools/list`; the report has `tools`, sorted.
    pub fn list() -> Self {
        Self(json!({ "list": true }))
    }

    /// `tools/call`; the report has `isError`, `text`, `meta`, `progress` and `browsed`, or
    /// `error`.
    pub fn call(tool: &str, arguments: Value) -> Self {
        Self(json!({ "call": tool, "arguments": arguments }))
    }

    /// `tools/call` that asks for progress.
    pub fn call_with_progress(tool: &str, arguments: Value) -> Self {
        Self(json!({ "call": tool, "arguments": arguments, "progress": true }))
    }

    /// `resources/read`; the report has `contents`, their number.
    pub fn read(uri: &str) -> Self {
        Self(json!({ "read": uri }))
    }

    /// `prompts/get`, of a client that is a framework.
    pub fn prompt(name: &str, arguments: Value) -> Self {
        Self(json!({ "prompt": name, "arguments": arguments }))
    }

    /// `tools/call` as a task, to its end: of the TypeScript client 1.x.
    pub fn task(tool: &str, arguments: Value) -> Self {
        Self(json!({ "call": tool, "arguments": arguments, "task": true }))
    }

    /// A notification without parameters: of the TypeScript client 1.x.
    pub fn notify(method: &str) -> Self {
        Self(json!({ "notify": method }))
    }

    /// The end of the session: of the TypeScript client 1.x, over HTTP.
    pub fn end() -> Self {
        Self(json!({ "end": true }))
    }

    /// The same step at this server, of a client that has several.
    pub fn at(mut self, server: &str) -> Self {
        if let Some(step) = self.0.as_object_mut() {
            step.insert("server".to_owned(), json!(server));
        }
        self
    }

    pub(crate) fn as_json(&self) -> &Value {
        &self.0
    }
}

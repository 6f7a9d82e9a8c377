//! Tool servers that others wrote.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatewright_harness::{Binaries, HarnessError, Process, Stream, free_port};

/// How long a server may take to listen.
const START_DEADLINE: Duration = Duration::from_secs(30);

const FILES: &str = "@modelcontextprotocol/server-filesystem/dist/index.js";
const EVERYTHING: &str = "@modelcontextprotocol/server-everything/dist/index.js";
const MEMORY: &str = "@modelcontextprotocol/server-memory/dist/index.js";
const THINKING: &str = "@modelcontextprotocol/server-sequential-thinking/dist/index.js";

/// The command of the file server for `folder`. What reaches it is appended to
/// `notes`, a message a line.
pub fn files_over_stdio(folder: &Path, notes: &Path) -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let folder = folder.display().to_string();
    tapped(
        &binaries,
        notes,
        &[binaries.npm(FILES)?.display().to_string(), folder],
    )
}

/// The command of the server with a bit of everything. What reaches it is
/// appended to `notes`, a message a line.
pub fn everything_over_stdio(notes: &Path) -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let arguments = [
        binaries.npm(EVERYTHING)?.display().to_string(),
        "stdio".to_owned(),
    ];
    tapped(&binaries, notes, &arguments)
}

/// The command of the server that keeps a graph of what agents know in `file`.
pub fn memory_over_stdio(file: &Path) -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let variable = format!("MEMORY_FILE_PATH={}", file.display());
    let (node, script) = (binaries.node()?, binaries.npm(MEMORY)?);
    Ok(vec![
        "/usr/bin/env".to_owned(),
        variable,
        node.display().to_string(),
        script.display().to_string(),
    ])
}

/// The command of the server that counts thoughts.
pub fn thinking_over_stdio() -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let parts = [binaries.node()?, binaries.npm(THINKING)?];
    Ok(parts.map(|part| part.display().to_string()).into())
}

/// The command of a server on FastMCP, which tells of what it does.
pub fn fastmcp_over_stdio() -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let parts = [binaries.python()?, binaries.client("fastmcp_server.py")?];
    Ok(parts.map(|part| part.display().to_string()).into())
}

/// The command of a server on the Python SDK 1.x, which tells of what it does.
pub fn python_one_over_stdio() -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let script = binaries.client("python_one_server.py")?;
    let parts = [binaries.python_one()?, script];
    Ok(parts.map(|part| part.display().to_string()).into())
}

/// The command of a server on the TypeScript SDK 1.x, which says odd things.
pub fn typescript_one_over_stdio() -> Result<Vec<String>, HarnessError> {
    let binaries = Binaries::locate();
    let script = binaries.client("typescript-one-server.mjs")?;
    let script = script.display().to_string();
    let mut command = vec![binaries.node()?.display().to_string()];
    command.extend(["--preserve-symlinks", "--preserve-symlinks-main"].map(str::to_owned));
    command.push(script);
    Ok(command)
}

fn tapped(
    binaries: &Binaries,
    notes: &Path,
    arguments: &[String],
) -> Result<Vec<String>, HarnessError> {
    let node = binaries.node()?.display().to_string();
    let tap = binaries.client("tap.mjs")?.display().to_string();
    let mut command = vec![node.clone(), tap, notes.display().to_string(), node];
    command.extend_from_slice(arguments);
    Ok(command)
}

/// The server with a bit of everything over HTTP. Ends when it is dropped.
#[derive(Debug)]
pub struct EverythingOverHttp {
    url: String,
    _process: Process,
}

/// A server on the official Python SDK that speaks nothing but HTTP+SSE (2024-11-05). Ends
/// when it is dropped.
#[derive(Debug)]
pub struct PythonOverSse {
    url: String,
    _process: Process,
}

/// A server on the Python SDK 1.x whose path redirects to the same with a slash. Ends when it
/// is dropped.
#[derive(Debug)]
pub struct PythonOneMounted {
    url: String,
    _process: Process,
}

impl EverythingOverHttp {
    /// Starts one that speaks Streamable HTTP.
    pub fn start() -> Result<Self, HarnessError> {
        Self::start_as("streamableHttp", "listening", "mcp")
    }

    /// Starts one that speaks nothing but HTTP+SSE (2024-11-05).
    pub fn start_over_sse() -> Result<Self, HarnessError> {
        Self::start_as("sse", "running", "sse")
    }

    fn start_as(transport: &str, says: &str, path: &str) -> Result<Self, HarnessError> {
        let binaries = Binaries::locate();
        let port = free_port()?;
        let mut command = Command::new(binaries.node()?);
        command
            .arg(binaries.npm(EVERYTHING)?)
            .arg(transport)
            .env("PORT", port.to_string());
        let process = Process::spawn(command)?;
        process.wait_for_line(Stream::Err, says, START_DEADLINE)?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/{path}"),
            _process: process,
        })
    }

    /// Its MCP endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl PythonOverSse {
    /// Starts one.
    pub fn start() -> Result<Self, HarnessError> {
        let binaries = Binaries::locate();
        let port = free_port()?;
        let mut command = Command::new(binaries.python()?);
        command
            .arg(binaries.client("sse_server.py")?)
            .arg(port.to_string());
        let process = Process::spawn(command)?;
        process.wait_for_line(Stream::Err, "running on", START_DEADLINE)?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/sse"),
            _process: process,
        })
    }

    /// Its stream.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl PythonOneMounted {
    /// Starts one.
    pub fn start() -> Result<Self, HarnessError> {
        let binaries = Binaries::locate();
        let port = free_port()?;
        let mut command = Command::new(binaries.python_one()?);
        command
            .arg(binaries.client("mounted_server.py")?)
            .arg(port.to_string());
        let process = Process::spawn(command)?;
        process.wait_for_line(Stream::Err, "running on", START_DEADLINE)?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}/mcp"),
            _process: process,
        })
    }

    /// Where it redirects.
    pub fn url(&self) -> &str {
        &self.url
    }
}

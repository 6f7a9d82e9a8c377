//! A tool server that counts: over HTTP, for every server of a gate at once. It trusts
//! whoever calls it, guards nothing, and notes each call that reaches it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

/// Longest message, in bytes.
const BODY_BYTES_MAX: usize = 16 << 20;

/// Longest line of a head, and how many there are.
const LINE_BYTES_MAX: u64 = 16 << 10;
const LINES_MAX: usize = 200;

/// A connection that says nothing for so long is closed.
const PATIENCE: Duration = Duration::from_secs(120);

/// The server, for as long as the program runs.
#[derive(Clone)]
pub(super) struct Tools {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    reached: Vec<Reached>,
    /// What `<server>:<tool>` answers.
    answers: BTreeMap<String, String>,
    /// What a tool server says about its tools: name and description, by server.
    tools: BTreeMap<String, BTreeMap<String, String>>,
}

/// A call that reached a tool.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reached {
    /// `<server>:<tool>`
    pub(super) tool: String,
    pub(super) arguments: Value,
}

// === impl Tools ===

impl Tools {
    /// At this address, or at a free port of the loopback interface.
    pub(super) fn open(at: Option<SocketAddr>) -> anyhow::Result<Self> {
        let at = at.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = TcpListener::bind(at)
            .with_context(|| format!("the counting tool server cannot listen at {at}"))?;
        let tools = Self {
            address: listener.local_addr()?,
            state: Arc::default(),
        };
        let server = tools.clone();
        thread::Builder::new()
            .name("drill-tools".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    let server = server.clone();
                    thread::spawn(move || server.serve(stream));
                }
            })?;
        Ok(tools)
    }

    /// Where a server of a gate finds it.
    pub(super) fn url(&self, server: &str) -> String {
        format!("http://{}/{server}", self.address)
    }

    /// Everything that reached it so far.
    pub(super) fn reached(&self) -> Vec<Reached> {
        self.state().reached.clone()
    }

    /// A tool is there, and says this of itself.
    pub(super) fn define(&self, tool: &str, description: &str) {
        if let Some((server, name)) = tool.split_once(':') {
            let mut state = self.state();
            let tools = state.tools.entry(server.to_owned()).or_default();
            tools.insert(name.to_owned(), description.to_owned());
        }
    }

    /// What a tool answers from now on.
    pub(super) fn answers(&self, tool: &str, text: &str) {
        let mut state = self.state();
        state.answers.insert(tool.to_owned(), text.to_owned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection, for as many messages as come.
    fn serve(&self, stream: TcpStream) {
        let served = || -> std::io::Result<()> {
            stream.set_read_timeout(Some(PATIENCE))?;
            let mut writer = stream.try_clone()?;
            let mut reader = BufReader::new(stream);
            while let Some((server, body)) = message(&mut reader)? {
                let answer = self.answer(&server, &body);
                let (status, text) = match &answer {
                    Some(answer) => ("200 OK", answer.to_string()),
                    None => ("202 Accepted", String::new()),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                    text.len()
                );
                writer.write_all((head + &text).as_bytes())?;
            }
            Ok(())
        };
        if let Err(error) = served() {
            tracing::debug!(%error, "a connection to the counting tool server ended");
        }
    }

    /// None for what wants no answer.
    fn answer(&self, server: &str, body: &[u8]) -> Option<Value> {
        let message: Value = serde_json::from_slice(body).ok()?;
        let id = message.get("id")?;
        let result = match message.get("method")?.as_str()? {
            "initialize" => json!({
                "protocolVersion": message.pointer("/params/protocolVersion"),
                "capabilities": { "tools": {} },
                "serverInfo": { "name": "drill", "version": "1" },
            }),
            "tools/list" => json!({ "resultType": "complete", "tools": self.list(server) }),
            "tools/call" => self.call(server, &message),
            _other => json!({ "resultType": "complete" }),
        };
        Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    }

    fn list(&self, server: &str) -> Vec<Value> {
        let state = self.state();
        let tools = state.tools.get(server).into_iter().flatten();
        let tool = |(name, description): (&String, &String)| json!({ "name": name, "description": description, "inputSchema": { "type": "object" } });
        tools.map(tool).collect()
    }

    fn call(&self, server: &str, message: &Value) -> Value {
        let name = message.pointer("/params/name").and_then(Value::as_str);
        let tool = format!("{server}:{}", name.unwrap_or_default());
        let mut state = self.state();
        let text = state.answers.get(&tool).cloned();
        let arguments = message.pointer("/params/arguments");
        state.reached.push(Reached {
            tool,
            arguments: arguments.cloned().unwrap_or_default(),
        });
        let text = text.unwrap_or_else(|| "done".to_owned());
        json!({ "resultType": "complete", "content": [{ "type": "text", "text": text }] })
    }
}

/// The next message of a connection, and for which server it is.
fn message(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let Some(first) = line(reader)? else {
        return Ok(None);
    };
    let path = first.split(' ').nth(1).unwrap_or_default();
    let server = path.trim_start_matches('/').to_owned();
    let (mut length, mut lines) = (0, 0);
    loop {
        let header = line(reader)?.unwrap_or_default();
        if header.is_empty() {
            break;
        }
        lines += 1;
        if lines > LINES_MAX {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let (name, value) = header.split_once(':').unwrap_or((&header, ""));
        if name.eq_ignore_ascii_case("content-length") {
            let parsed = value.trim().parse::<usize>().ok();
            length = parsed
                .filter(|length| *length <= BODY_BYTES_MAX)
                .ok_or(std::io::ErrorKind::InvalidData)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((server, body)))
}

/// A line without its end; none where the connection is over.
fn line(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = reader.take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
    let text = String::from_utf8_lossy(&line);
    Ok((read > 0).then(|| text.trim_end().to_owned()))
}

//! Requests and answers over HTTP/1.0: the answer ends with the connection.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

/// A call that takes longer is not answered.
const PATIENCE: Duration = Duration::from_secs(90);

/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 16 << 20;

/// The JSON-RPC message that answers a POST.
pub(super) fn post(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, String)],
    body: &str,
) -> anyhow::Result<Value> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)
        .with_context(|| format!("no gate answers at {address}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = format!(
        "POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut answer = String::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_string(&mut answer)
        .with_context(|| format!("the gate at {address} does not answer"))?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let mut events = body.lines().filter_map(|line| line.strip_prefix("data:"));
    let json = events.rfind(|event| event.contains("\"id\""));
    serde_json::from_str(json.unwrap_or(body).trim())
        .with_context(|| format!("the gate at {address} answers with no message"))
}

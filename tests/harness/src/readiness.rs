//! Waiting for an HTTP endpoint.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::HarnessError;

/// The pause between two questions.
const POLL: Duration = Duration::from_millis(10);

/// How long one question may take.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(2);

/// Returns when `GET path` answers 200.
pub fn wait_until_ready(
    address: SocketAddr,
    path: &str,
    deadline: Duration,
) -> Result<(), HarnessError> {
    let end = Instant::now() + deadline;
    loop {
        let last = match status_of(address, path) {
            Ok(200) => return Ok(()),
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        if Instant::now() >= end {
            return Err(HarnessError::NotReady {
                url: format!("http://{address}{path}"),
                deadline,
                last,
            });
        }
        std::thread::sleep(POLL);
    }
}

/// The status code of `GET path`.
pub fn status_of(address: SocketAddr, path: &str) -> Result<u16, HarnessError> {
    let mut stream = TcpStream::connect_timeout(&address, QUESTION_TIMEOUT)?;
    stream.set_read_timeout(Some(QUESTION_TIMEOUT))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    line.split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or(HarnessError::Unexpected {
            text: line,
            wanted: "an HTTP status line",
        })
}

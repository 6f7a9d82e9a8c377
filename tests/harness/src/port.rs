//! A port for programs that cannot choose one themselves.

use std::net::{Ipv4Addr, TcpListener};

use crate::HarnessError;

/// A port of 127.0.0.1 that nobody listened on a moment ago. Prefer port 0
/// where the program prints the port that it took.
pub fn free_port() -> Result<u16, HarnessError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

//! `asking-proxy UPSTREAM RULE`: forwards to `host:port` what the policy server allows
//! that has the rule, `http://host:port/v1/data/...`. Prints its address on the first
//! line of stdout; serves until killed.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use gatewright_harness::asking::{Asking, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("asking-proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<std::convert::Infallible, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = || arguments.next().ok_or("usage: asking-proxy UPSTREAM RULE");
    let upstream = argument()?.parse()?;
    let rule = argument()?.parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    Ok(serve(listener, Asking { upstream, rule }).await?)
}

//! `reverse-proxy UPSTREAM [NAME VALUE]`: forwards to `host:port` and adds one
//! header. Prints its address on the first line of stdout; serves until killed.

use std::net::Ipv4Addr;
use std::process::ExitCode;

use gatewright_harness::proxy::{Forwarding, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("reverse-proxy: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<std::convert::Infallible, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let upstream = arguments
        .next()
        .ok_or("usage: reverse-proxy UPSTREAM [NAME VALUE]")?
        .parse()?;
    let added = match (arguments.next(), arguments.next()) {
        (Some(name), Some(value)) => Some((name.parse()?, value.parse()?)),
        (_, _) => None,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    Ok(serve(listener, Forwarding { upstream, added }).await?)
}

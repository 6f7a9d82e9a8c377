//! Runs the MCP conformance suite twice, directly and through a gate that allows
//! everything, and fails where the gate makes a difference.
//!
//! `gatewright-conformance` runs it all and prints a table;
//! `gatewright-conformance direct` leaves the gate out and checks the fixture;
//! `gatewright-conformance client URL` is the client that the suite starts for
//! its client scenarios: it puts a gate in front of `URL` and goes through it.

mod client;
mod server;
mod suite;
mod table;

use std::error::Error;
use std::process::ExitCode;

use gatewright_harness::Binaries;

use crate::table::{Row, Table};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        [] => compare(),
        ["direct"] => direct(),
        ["client", url] => client::through_gate(url),
        _ => Err("usage: gatewright-conformance [direct | client URL]".into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<ExitCode, Box<dyn Error>> {
    let unheard = suite::about_authorization(&Binaries::locate())?;
    if !unheard.is_empty() {
        return Err(format!("run these through a gate with an issuer: {unheard:?}").into());
    }
    let mut table = Table::default();
    for revision in server::REVISIONS {
        let direct = server::direct(revision)?;
        let gate = server::through_gate(revision)?;
        table.add(Row::new(format!("server, {revision}"), direct, Some(gate)));
    }
    for scenario in client::SCENARIOS {
        let direct = client::run(scenario, client::Route::Direct)?;
        let gate = client::run(scenario, client::Route::Gate)?;
        table.add(Row::new(
            format!("client, {}, {}", scenario.revision, scenario.name),
            direct,
            Some(gate),
        ));
    }
    Ok(table.conclude())
}

fn direct() -> Result<ExitCode, Box<dyn Error>> {
    let mut table = Table::default();
    for revision in server::REVISIONS {
        table.add(Row::new(
            format!("server, {revision}"),
            server::direct(revision)?,
            None,
        ));
    }
    for scenario in client::SCENARIOS {
        let direct = client::run(scenario, client::Route::Direct)?;
        table.add(Row::new(
            format!("client, {}, {}", scenario.revision, scenario.name),
            direct,
            None,
        ));
    }
    Ok(table.conclude())
}

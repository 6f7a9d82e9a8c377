//! A small MCP tool server over stdio for demonstrations: files of one folder
//! and a SQLite database. It trusts whoever calls it and guards nothing.
//!
//! Every request that arrives goes into a journal first, so that somebody else
//! can see what reached it.

mod database;
mod files;
mod journal;
mod server;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use rmcp::ServiceExt as _;

use crate::database::Database;
use crate::files::Files;
use crate::journal::Journal;
use crate::server::Office;

#[derive(Parser)]
struct Arguments {
    /// Where the files are.
    #[arg(long)]
    root: PathBuf,
    /// The SQLite database.
    #[arg(long)]
    database: PathBuf,
    /// One line for each request goes to the end of this file.
    #[arg(long)]
    journal: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gatewright-demo-tools: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let office = Office::new(
        Files::new(arguments.root),
        Database::open(&arguments.database)?,
        Journal::open(&arguments.journal)?,
    );
    let stdio = (tokio::io::stdin(), tokio::io::stdout());
    office.serve(stdio).await?.waiting().await?;
    Ok(())
}

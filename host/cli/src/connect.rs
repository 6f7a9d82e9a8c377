//! `gatewright connect`: a gate over HTTP, for a client that can only start programs.

use std::path::PathBuf;

use gatewright_gateway::connect::{Connection, run as connect};

use crate::failure::Exit;

/// Connect a client that only starts programs to a gate over HTTP.
///
/// Speaks MCP on stdin and stdout, and hands each message to the gate with the credential
/// of a file. The file is read again for each message: whatever renews it there, calls go
/// on. Nothing is judged here.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright connect https://gate.example/mcp/files \\
      --credential-file ~/.gatewright/credential
  gatewright connect http://127.0.0.1:8700/mcp/files \\
      --credential-file c --renew ./renew.sh")]
pub(crate) struct Arguments {
    /// The gate's endpoint: `https`, or `http` on this machine.
    #[arg(value_name = "URL")]
    endpoint: String,
    /// Holds the credential, on one line.
    #[arg(long, value_name = "FILE")]
    credential_file: PathBuf,
    /// A program that puts a new credential into the file, whose path is its argument. It
    /// is started when less than five minutes are left, and when the gate refuses.
    #[arg(long, value_name = "PROGRAM")]
    renew: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    crate::trace::to_stderr();
    let runtime = crate::runtime::runtime()?;
    let connection = Connection {
        endpoint: arguments.endpoint.clone(),
        credential: arguments.credential_file.clone(),
        renew: arguments.renew.clone(),
    };
    let served = runtime.block_on(async {
        let shutdown = crate::signals::shutdown()?;
        let ends = (tokio::io::stdin(), tokio::io::stdout());
        Ok::<_, anyhow::Error>(connect(connection, ends, shutdown).await?)
    });
    // A read of stdin cannot be called off: nobody waits for it.
    runtime.shutdown_background();
    served?;
    Ok(Exit::Fine)
}

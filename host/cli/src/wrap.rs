//! `gatewright wrap`: a gate as a stdio server, for one local client.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use gatewright_engine::config::{Loaded, OauthGrant, ServerConfig};
use gatewright_engine::ledger::LedgerOpenError;
use gatewright_engine::reload::Reloader;
use gatewright_engine::{Engine, StartError};
use gatewright_gateway::wrap;
use tokio::net::TcpListener;
use toml::Spanned;

use crate::failure::{Advise as _, Exit};
use crate::records::{self, Place};

/// Put a gate between a desktop client and a tool server.
///
/// The client runs this instead of the tool server. It speaks MCP on stdin and
/// stdout, starts the tool server or reaches it by its URL, and judges every call as
/// `serve` does. There is no credential: whoever starts it is the agent that `[local]`
/// names. Any number may run at once; each writes a record of its own, and
/// `gatewright log` shows them all. Budgets and held calls are each process's own, unless
/// the configuration has a `[memory]`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright wrap --config gatewright.toml --server files
  gatewright wrap --config gatewright.toml -- \\
      npx -y @modelcontextprotocol/server-filesystem /srv/data

The second form takes the command of the tool server from the command line; a
change of the configuration then needs a restart.")]
pub(crate) struct Arguments {
    /// The configuration, with `[local]`.
    #[arg(short, long, value_name = "FILE", default_value = "gatewright.toml")]
    config: PathBuf,
    /// Which `[[server]]` it is; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Where operators look and approvers decide: a loopback address. Without it nobody
    /// does. Port 0 takes a free one, and stderr says which.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Where it is recorded what was decided, instead of the user's own state folder
    /// (`$XDG_STATE_HOME/gatewright/wrap`, one file for each process). `{server}` and
    /// `{pid}` stand for themselves.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// The tool server's program and arguments, instead of those in the
    /// configuration.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// What the tool server is called where the configuration names none.
const UNNAMED: &str = "local";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    crate::trace::to_stderr();
    let runtime = crate::runtime::runtime()?;
    let served = runtime.block_on(serve(arguments));
    // A read of stdin cannot be called off: nobody waits for it.
    runtime.shutdown_background();
    served?;
    Ok(Exit::Fine)
}

async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let mut shutdown = Box::pin(crate::signals::shutdown()?);
    let mut loaded = Loaded::read(&arguments.config)?;
    if loaded.config.local.is_none() {
        let name = arguments.config.display();
        return Err(anyhow!(
            "`{name}` has no [local], and `wrap` serves the agent it names"
        ))
        .hint("add `[local]` with `agent = \"did:example:me\"` and the scopes it may use");
    }
    let server = choose(arguments, &mut loaded)?;
    exchanges_nothing(&loaded, &server)?;
    let engine = tokio::select! {
        engine = start(arguments, &mut loaded, &server) => engine?,
        () = &mut shutdown => return Ok(()),
    };
    let reloader = match arguments.command.is_empty() {
        true => Some(Reloader::start(
            Arc::clone(&engine),
            arguments.config.clone(),
        )?),
        false => None,
    };
    let (input, output) = (tokio::io::stdin(), tokio::io::stdout());
    let operators = match arguments.admin {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let ends = (input, output);
    let served = wrap::run_beside(Arc::clone(&engine), &server, ends, operators, shutdown).await;
    drop(reloader);
    engine.stop().await;
    Ok(served?)
}

/// The local agent has no credential that anybody could exchange: each of its calls would be
/// refused.
fn exchanges_nothing(loaded: &Loaded, server: &str) -> anyhow::Result<()> {
    let mut servers = loaded.config.servers.iter();
    let server = servers.find(|known| known.name.get_ref() == server);
    let credential = server.and_then(|server| server.credential.as_ref());
    let oauth = credential.and_then(|credential| credential.get_ref().oauth.as_ref());
    match oauth.map(|oauth| oauth.grant) {
        Some(OauthGrant::TokenExchange) => Err(anyhow!(
            "the tool server wants a token for each caller, and the agent of `wrap` has no \
             credential to exchange"
        ))
        .hint("use `grant = \"client-credentials\"`, or `gatewright serve`"),
        Some(OauthGrant::ClientCredentials) | None => Ok(()),
    }
}

/// An engine with a record that no other process writes.
async fn start(
    arguments: &Arguments,
    loaded: &mut Loaded,
    server: &str,
) -> anyhow::Result<Arc<Engine>> {
    if loaded.config.memory.is_some() {
        return crate::memory::start(loaded).await;
    }
    let audit = arguments.audit.as_deref();
    let configured = loaded.config.audit.path.clone();
    match records::place(audit, &arguments.config, &configured, server)? {
        Place::Fixed(path) => {
            loaded.config.audit.path = path;
            crate::memory::start(loaded).await
        }
        Place::FirstFree(paths) => {
            for path in paths {
                loaded.config.audit.path = path;
                match crate::memory::start(loaded).await {
                    Err(error) if is_in_use(&error) => {}
                    started => return started,
                }
            }
            Err(anyhow!("as many processes run for this server as may"))
                .hint("end those that nobody uses, or name a file with `--audit`")
        }
    }
}

fn is_in_use(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(StartError::Ledger(LedgerOpenError::InUse { .. }))
    )
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(anyhow!("`{address}` is not a loopback address"))
            .hint("use `127.0.0.1:0`, and a tunnel to reach it from elsewhere");
    }
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on `{address}`"))?;
    eprintln!("admin http://{}/status", listener.local_addr()?);
    Ok(listener)
}

/// The tool server to wrap, with the command of the command line if there is one.
fn choose(arguments: &Arguments, loaded: &mut Loaded) -> anyhow::Result<String> {
    let servers = &mut loaded.config.servers;
    if servers.is_empty() && !arguments.command.is_empty() {
        servers.push(unnamed().context("cannot make a tool server")?);
    }
    let names: Vec<_> = servers
        .iter()
        .map(|server| server.name.get_ref().clone())
        .collect();
    let only = match names.as_slice() {
        [name] => Some(name.clone()),
        [] | [_, _, ..] => None,
    };
    let name = arguments
        .server
        .clone()
        .or(only)
        .ok_or_else(|| anyhow!("which tool server is meant?"))
        .hint(match names.is_empty() {
            true => "give its command after `--`, or add a [[server]]".to_owned(),
            false => format!("say `--server` with one of: {}", names.join(", ")),
        })?;
    let chosen = servers
        .iter_mut()
        .find(|server| *server.name.get_ref() == name);
    let chosen = chosen
        .ok_or_else(|| anyhow!("there is no [[server]] with the name `{name}`"))
        .hint(format!("the servers are: {}", names.join(", ")))?;
    if !arguments.command.is_empty() {
        chosen.command = Some(Spanned::new(0..0, arguments.command.clone()));
        chosen.url = None;
        chosen.credential = None;
    }
    Ok(name)
}

fn unnamed() -> Result<ServerConfig, toml::de::Error> {
    toml::from_str(&format!("name = \"{UNNAMED}\""))
}

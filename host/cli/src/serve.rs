//! `gatewright serve`: opens the gate.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gatewright_console::Console;
use gatewright_engine::Status;
use gatewright_engine::config::Loaded;
use gatewright_engine::reload::Reloader;
use gatewright_gateway::Gateway;
use serde::Serialize;

use crate::config_file::ConfigFile;
use crate::console;
use crate::failure::Exit;
use crate::follow::{self, Follow};
use crate::output::{Format, print_line};

/// Open the gate.
///
/// Serves each tool server of the configuration at `/mcp/<name>`, judges every
/// call, and picks up changes of the configuration, the policies and their
/// settings while it runs. Prints where it listens and which policies are active,
/// then nothing more; what happens goes to stderr and to the ledger. Ctrl-C or
/// SIGTERM: calls in flight are finished first. SIGHUP: a new segment of the ledger.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright serve
  gatewright serve /etc/gatewright/gatewright.toml
  GATEWRIGHT_LOG=debug gatewright serve       say more on stderr")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Output format; `json` prints one object on one line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Opened<'a> {
    listen: String,
    admin: String,
    /// Where people decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    console: Option<&'a str>,
    #[serde(flatten)]
    status: &'a Status,
}

/// What still runs when the gate has stopped gets this long: reading from the cache, for
/// a configuration that will not come in force.
const RUNTIME_GRACE: Duration = Duration::from_secs(1);

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    crate::trace::to_stderr();
    let runtime = crate::runtime::runtime()?;
    let served = runtime.block_on(serve(arguments));
    runtime.shutdown_timeout(RUNTIME_GRACE);
    served?;
    Ok(Exit::Fine)
}

async fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let mut shutdown = pin!(crate::signals::shutdown()?);
    let path = arguments.config.path();
    let loaded = Loaded::read(path)?;
    let start = async {
        follow::take_first(&loaded).await?;
        crate::memory::start(&loaded).await
    };
    let engine = tokio::select! {
        engine = start => engine?,
        // It never opened. What is compiled ends with this.
        () = &mut shutdown => return Ok(()),
    };
    let gateway = Gateway::bind(Arc::clone(&engine)).await?;
    let reloader = Reloader::start(Arc::clone(&engine), path.to_owned())?;
    let follow = Follow::start(Arc::clone(&engine), path.to_owned());
    let rotations = crate::signals::rotations(Arc::clone(&engine))?;
    let console = console::bind(&loaded, &engine).await?;
    let opened = Opened {
        listen: gateway.local_addr().to_string(),
        admin: gateway.admin_addr().to_string(),
        console: console.as_ref().map(Console::url),
        status: &engine.status(),
    };
    let text = match arguments.format {
        Format::Json => serde_json::to_string(&opened)?,
        Format::Text => text(&opened),
    };
    print_line(&text).context("cannot say where the gate listens")?;
    let console = console.map(console::open).transpose()?;
    gateway.run(shutdown).await;
    drop((console, follow, reloader));
    if let Some(rotations) = rotations {
        rotations.abort();
    }
    engine.stop().await;
    Ok(())
}

fn text(opened: &Opened<'_>) -> String {
    let Opened {
        listen,
        admin,
        console,
        status,
    } = opened;
    let mut lines = vec![
        format!("listen      http://{listen}/mcp/<server>"),
        format!("admin       http://{admin}/status"),
    ];
    lines.extend(console.iter().map(|url| format!("console     {url}")));
    lines.extend([
        format!("generation  {}", status.generation),
        format!("policies    {}", status.policies),
    ]);
    lines.extend(
        status
            .memory
            .iter()
            .map(|place| format!("memory      {place}")),
    );
    lines.extend(status.bindings.iter().map(|binding| {
        let (name, world, component) = (&binding.name, binding.world, binding.component);
        format!("binding     {name} ({world}) {component}")
    }));
    lines.join("\n")
}

//! `gatewright log set-clock`: a ledger whose time ran ahead.

use std::path::PathBuf;

use anyhow::anyhow;
use gatewright_engine::ledger::{Durability, FileLedger, Ledger as _};
use gatewright_policy::record::Event;
use gatewright_policy::segment::LedgerEvent;
use gatewright_store::{MemoryAt, SqlMemory};

use super::{OwnRecord, own_record_of};
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::print_line;

/// Say that the clock is right, and that the latest time in the ledger is not.
///
/// Time never runs back at the gate, so that what has ended stays ended. Where the
/// clock was once far ahead, entries carry times that are still to come, and every
/// credential seems to have ended. When the clock is right again, and no gate is
/// running, this writes into the ledger that time goes on from now: credentials
/// that ended meanwhile by the wrong clock are good again.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log set-clock")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let path = match own_record_of(arguments.file.as_ref(), &arguments.config)? {
        OwnRecord::File(path) => path,
        OwnRecord::Memory(at) => return crate::runtime::runtime()?.block_on(in_memory(&at)),
    };
    if !path.exists() {
        return Err(anyhow!("there is no ledger `{}`", path.display()))
            .hint("the gate makes it at its first start; `--file` names another one");
    }
    let now = crate::credential::now()?;
    let (ledger, past) = FileLedger::open(&path, now)?;
    let Some(was) = past.latest.filter(|latest| *latest > now) else {
        print_line("nothing to do: the clock is not behind the ledger")?;
        return Ok(Exit::Fine);
    };
    let event = Event::Ledger(LedgerEvent::ClockSet { was });
    crate::runtime::runtime()?.block_on(ledger.append(now, event, Durability::Synced))?;
    print_line(&format!("time goes on at {now}; it was {was}"))?;
    Ok(Exit::Fine)
}

/// The same for a memory in a database, with every gate that shares it stopped.
async fn in_memory(at: &MemoryAt) -> anyhow::Result<Exit> {
    let now = crate::credential::now()?;
    let (memory, since) = SqlMemory::open(at).await?;
    let Some(was) = since.latest.filter(|latest| *latest > now) else {
        print_line("nothing to do: the clock is not behind the memory")?;
        return Ok(Exit::Fine);
    };
    memory.set_clock(now, was).await?;
    print_line(&format!("time goes on at {now}; it was {was}"))?;
    Ok(Exit::Fine)
}

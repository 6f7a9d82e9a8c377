//! `gatewright log set-clock`: a ledger whose time ran ahead.

use std::path::PathBuf;

use anyhow::anyhow;
use gatewright_engine::ledger::{ClockSet, set_clock};
use gatewright_policy::Timestamp;
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
/// that ended meanwhile by the wrong clock are good again. Calls that were held under
/// it are let go of: whoever makes one again is asked about anew.
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
    let set = crate::runtime::runtime()?.block_on(set_clock(&path, now))?;
    let Some(ClockSet { was, let_go }) = set else {
        print_line("nothing to do: the clock is not behind the ledger")?;
        return Ok(Exit::Fine);
    };
    told(now, was, let_go)
}

/// The same for a memory in a database, with every gate that shares it stopped.
async fn in_memory(at: &MemoryAt) -> anyhow::Result<Exit> {
    let now = crate::credential::now()?;
    let (memory, since) = SqlMemory::open(at).await?;
    let Some(was) = since.latest.filter(|latest| *latest > now) else {
        print_line("nothing to do: the clock is not behind the memory")?;
        return Ok(Exit::Fine);
    };
    let let_go = memory.set_clock(now, was).await?;
    told(now, was, let_go)
}

fn told(now: Timestamp, was: Timestamp, let_go: usize) -> anyhow::Result<Exit> {
    print_line(&format!("time goes on at {now}; it was {was}"))?;
    if let_go > 0 {
        print_line(&format!(
            "let go of {let_go} calls that were held under the wrong clock: nobody could decide on them"
        ))?;
    }
    Ok(Exit::Fine)
}

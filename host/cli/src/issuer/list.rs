//! `gatewright issuer list`: a status list as a file, of either kind.

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use gatewright_disk::{Access, Files, Lock, Target, replace};
use gatewright_engine::config::Period;
use gatewright_policy::credential::status::{
    BITSTRING_ENTRIES_MIN, ENTRIES_MAX, Entries, Entry, EntryError, LIST_TEXT_BYTES_MAX,
    ListClaims, StatusList, StatusRef, Unverified,
};
use gatewright_policy::{Timestamp, counted};
use serde_json::json;

use super::kind::Kind;
use super::signed_by::{Issuing, SignedBy};
use crate::failure::{Advise as _, Exit};
use crate::moment::{now, period};
use crate::output::{Format, print_json, print_line};

/// Who changes the list is done with it within this time.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(10);

/// Make a status list, change an entry of it, or sign it anew.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a list in which every credential counts.
    New(New),
    /// Say of one credential whether it counts.
    Set(Set),
    /// Sign the list anew, before it ends.
    Renew(Common),
}

#[derive(clap::Args)]
struct Common {
    /// The file of the list, for a web server.
    file: PathBuf,
    #[command(flatten)]
    signed_by: SignedBy,
    /// For how long a gate that fetched it need not look again.
    #[arg(long, value_name = "PERIOD", default_value = "1m", value_parser = period)]
    ttl: Period,
    /// How long it counts at all: renew it before.
    #[arg(long, value_name = "PERIOD", default_value = "7d", value_parser = period)]
    valid_for: Period,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(clap::Args)]
struct New {
    #[command(flatten)]
    common: Common,
    /// Where gates find it.
    #[arg(long)]
    url: String,
    /// Which kind of list it is.
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
    /// How many credentials may stand in it; 131,072 is the least of a bitstring.
    #[arg(long, default_value_t = BITSTRING_ENTRIES_MIN)]
    entries: usize,
}

#[derive(clap::Args)]
struct Set {
    #[command(flatten)]
    common: Common,
    /// Which entry: `--status-index` of the credential.
    #[arg(long)]
    index: usize,
    /// What becomes of it.
    #[arg(long, value_enum)]
    status: Status,
}

#[derive(Clone, Copy, ValueEnum)]
enum Status {
    /// It counts.
    Valid,
    /// Never again.
    Revoked,
    /// Not now.
    Suspended,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let now = now()?;
    match &arguments.command {
        Command::New(new) => {
            if new.common.file.exists() {
                bail!("`{}` is there already", new.common.file.display());
            }
            if new.entries == 0 || new.entries > ENTRIES_MAX {
                bail!("a list has 1 to {ENTRIES_MAX} entries");
            }
            let entries = Entries::of(new.kind.of_list(), new.entries);
            let issuing = new.common.signed_by.open(now)?;
            write(&new.common, issuing, &new.url, &entries, now)
        }
        Command::Set(set) => {
            let _alone = locked(&set.common.file)?;
            let issuing = set.common.signed_by.open(now)?;
            let (url, mut entries) = read(&set.common.file, &issuing)?;
            let entry = match set.status {
                Status::Valid => Entry::Valid,
                Status::Revoked => Entry::Revoked,
                Status::Suspended => Entry::Suspended,
            };
            let changed = entries.set(set.index, entry);
            let hint = match changed {
                Ok(()) | Err(EntryError::NoEntry) => {
                    format!("it has {}, from 0 on", counted(entries.count(), "entry"))
                }
                Err(EntryError::OtherPurpose) => {
                    format!(
                        "it is one for {}; make another one",
                        entries.kind().purpose()
                    )
                }
            };
            changed.hint(hint)?;
            write(&set.common, issuing, &url, &entries, now)
        }
        Command::Renew(common) => {
            let _alone = locked(&common.file)?;
            let issuing = common.signed_by.open(now)?;
            let (url, entries) = read(&common.file, &issuing)?;
            write(common, issuing, &url, &entries, now)
        }
    }
}

/// Nobody else changes the list meanwhile: of two that do so at once, none may lose what the
/// other said. The file itself is locked, and there is another one once it was replaced.
fn locked(file: &Path) -> anyhow::Result<Lock> {
    let name = file.display();
    loop {
        let opened = File::open(file)
            .with_context(|| format!("`{name}`"))
            .hint("`gatewright issuer list new` makes one")?;
        let of = |it: &Metadata| (it.dev(), it.ino());
        let mine = of(&opened.metadata()?);
        let lock = Lock::within(opened, LOCK_WAIT_MAX).with_context(|| format!("`{name}`"))?;
        if std::fs::metadata(file).is_ok_and(|now| of(&now) == mine) {
            return Ok(lock);
        }
    }
}

/// The list in the file, if this issuer signed it, and where gates find it.
fn read(file: &Path, issuing: &Issuing) -> anyhow::Result<(String, Entries)> {
    let name = file.display();
    let length = std::fs::metadata(file)
        .with_context(|| format!("`{name}`"))
        .hint("`gatewright issuer list new` makes one")?
        .len();
    if length > LIST_TEXT_BYTES_MAX as u64 {
        bail!("`{name}` is longer than a status list");
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("`{name}`"))?;
    let Unverified { url, issued, kind } =
        StatusList::inspect(&text).with_context(|| format!("`{name}`"))?;
    let place = StatusRef {
        list: url.as_str().into(),
        index: 0,
        kind,
    };
    // At the time of its own: one that ended is renewed.
    let list = StatusList::verify(&text, &place, &issuing.anchor()?, issued);
    let list = list
        .with_context(|| format!("`{name}`"))
        .hint("it must be signed with this key, or by this issuer")?;
    let entries = list.entries();
    let entries = entries.with_context(|| format!("`{name}` was not made by this program"))?;
    Ok((url, entries))
}

fn write(
    common: &Common,
    mut issuing: Issuing,
    url: &str,
    entries: &Entries,
    now: Timestamp,
) -> anyhow::Result<Exit> {
    let issued = Timestamp::from_seconds(now.seconds());
    let claims = ListClaims {
        url: url.to_owned(),
        issued,
        ttl: common.ttl.0,
        ends: issued.plus(common.valid_for.0),
    };
    let text = entries.sign(&claims, &issuing.signer(claims.ends)?)?;
    put(&common.file, text.as_bytes())?;
    let (count, ends) = (entries.count(), claims.ends);
    match common.format {
        Format::Json => print_json(&json!({ "url": url, "entries": count, "ends": ends }))?,
        Format::Text => print_line(&format!(
            "{} for {url}, until {ends}",
            counted(count, "entry")
        ))?,
    }
    Ok(Exit::Fine)
}

/// A web server reads it, at every moment whole.
fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let name = path.display();
    replace(&Files, Target::new(path, Access::Usual), bytes).with_context(|| format!("`{name}`"))
}

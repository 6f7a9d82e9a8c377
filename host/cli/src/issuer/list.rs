//! `gatewright issuer list`: a status list (IETF Token Status List) as a file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};
use gatewright_disk::{Access, Files, Target, replace};
use gatewright_engine::config::Period;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::{
    ENTRIES_MAX, Entries, Entry, LIST_TEXT_BYTES_MAX, ListClaims, ListKind, StatusList, StatusRef,
    Unverified,
};
use gatewright_policy::credential::{TrustAnchor, did_key};
use serde_json::json;

use crate::credential::{now, period};
use crate::failure::{Advise as _, Exit};
use crate::key::file;
use crate::key::passphrase::Passphrase;
use crate::output::{Format, print_json, print_line};

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
    /// The issuer's key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// For how long a gate that fetched it need not look again.
    #[arg(long, value_name = "PERIOD", default_value = "1m", value_parser = period)]
    ttl: Period,
    /// How long it counts at all: renew it before.
    #[arg(long, value_name = "PERIOD", default_value = "7d", value_parser = period)]
    valid_for: Period,
    #[command(flatten)]
    passphrase: Passphrase,
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
    /// How many credentials may stand in it.
    #[arg(long, default_value_t = 131_072)]
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
    match &arguments.command {
        Command::New(new) => {
            if new.common.file.exists() {
                bail!("`{}` is there already", new.common.file.display());
            }
            if new.entries == 0 || new.entries > ENTRIES_MAX {
                bail!("a list has 1 to {ENTRIES_MAX} entries");
            }
            let entries = Entries::new(new.entries);
            write(&new.common, &new.url, &entries)
        }
        Command::Set(set) => {
            let (url, mut entries) = read(&set.common)?;
            let entry = match set.status {
                Status::Valid => Entry::Valid,
                Status::Revoked => Entry::Revoked,
                Status::Suspended => Entry::Suspended,
            };
            let changed = entries.set(set.index, entry);
            changed.hint(format!("it has {} entries, from 0 on", entries.count()))?;
            write(&set.common, &url, &entries)
        }
        Command::Renew(common) => {
            let (url, entries) = read(common)?;
            write(common, &url, &entries)
        }
    }
}

/// The list in the file, if this key signed it, and where gates find it.
fn read(common: &Common) -> anyhow::Result<(String, Entries)> {
    let name = common.file.display();
    let length = std::fs::metadata(&common.file)
        .with_context(|| format!("`{name}`"))
        .hint("`gatewright issuer list new` makes one")?
        .len();
    if length > LIST_TEXT_BYTES_MAX as u64 {
        bail!("`{name}` is longer than a status list");
    }
    let text = std::fs::read_to_string(&common.file).with_context(|| format!("`{name}`"))?;
    let Unverified { url, issued } =
        StatusList::inspect(&text).with_context(|| format!("`{name}`"))?;
    let place = StatusRef {
        list: url.as_str().into(),
        index: 0,
        kind: ListKind::Token,
    };
    let key = file::read(&common.key, &common.passphrase)?;
    let anchor = TrustAnchor::of_did(&did_key(&key.verifying_key()))?;
    // At the time of its own: one that ended is renewed.
    let list = StatusList::verify(&text, &place, &anchor, issued);
    let list = list
        .with_context(|| format!("`{name}`"))
        .hint("it must be signed with this key")?;
    let entries = list.entries();
    let entries = entries.with_context(|| format!("`{name}` was not made by this program"))?;
    Ok((url, entries))
}

fn write(common: &Common, url: &str, entries: &Entries) -> anyhow::Result<Exit> {
    let key = file::read(&common.key, &common.passphrase)?;
    let issued = Timestamp::from_seconds(now()?.seconds());
    let claims = ListClaims {
        url: url.to_owned(),
        issued,
        ttl: common.ttl.0,
        ends: issued.plus(common.valid_for.0),
    };
    let text = entries.sign(&claims, &key)?;
    put(&common.file, text.as_bytes())?;
    let (count, ends) = (entries.count(), claims.ends);
    match common.format {
        Format::Json => print_json(&json!({ "url": url, "entries": count, "ends": ends }))?,
        Format::Text => print_line(&format!("{count} entries for {url}, until {ends}"))?,
    }
    Ok(Exit::Fine)
}

/// A web server reads it, at every moment whole.
fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let name = path.display();
    replace(&Files, Target::new(path, Access::Usual), bytes).with_context(|| format!("`{name}`"))
}

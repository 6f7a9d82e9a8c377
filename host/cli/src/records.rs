//! Where the records of `gatewright wrap` are: below the user's state folder, a folder for
//! each process that runs at the same time. Whoever starts later goes on with the first
//! one that is free, so that budgets, labels and held calls are there again.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use gatewright_engine::config::AuditConfig;
use gatewright_policy::Digest;
use gatewright_sandbox::private_folder;

use crate::failure::Advise as _;

/// Most processes of one server and one configuration at the same time.
const PROCESSES_MAX: usize = 64;

/// The record, in its folder.
const FILE: &str = "audit.jsonl";

/// Enough of a digest to tell configurations apart.
const DIGITS: usize = 16;

/// Where a process writes its record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where the operator says, and nowhere else.
    Fixed(PathBuf),
    /// The first of these that no other process has.
    FirstFree(Vec<PathBuf>),
}

/// Where `wrap` writes: what `--audit` or the configuration says, with `{server}` and
/// `{pid}` filled in; by default below the user's state folder.
pub(crate) fn place(
    audit: Option<&Path>,
    config: &Path,
    configured: &Path,
    server: &str,
) -> anyhow::Result<Place> {
    let filled = |path: &Path| {
        let text = path.to_string_lossy();
        let pid = std::process::id().to_string();
        PathBuf::from(text.replace("{server}", server).replace("{pid}", &pid))
    };
    if let Some(path) = audit {
        return Ok(Place::Fixed(std::path::absolute(filled(path))?));
    }
    if configured != AuditConfig::default().path {
        return Ok(Place::Fixed(filled(configured)));
    }
    let folder = folder_of(config)
        .context("this user has no folder for state")
        .hint("set `XDG_STATE_HOME` or `HOME`, or name a file with `--audit`")?;
    private_folder(&folder)
        .with_context(|| format!("`{}` cannot be used", folder.display()))
        .hint("name a file with `--audit`")?;
    let names = (0..PROCESSES_MAX).map(|number| format!("{server}-{number}"));
    Ok(Place::FirstFree(
        names.map(|name| folder.join(name).join(FILE)).collect(),
    ))
}

/// The records that processes with this configuration left, the latest written first.
pub(crate) fn of(config: &Path) -> Vec<PathBuf> {
    folder_of(config).map_or_else(Vec::new, |folder| below(&folder))
}

/// The records of all configurations, the latest written first.
pub(crate) fn all() -> Vec<PathBuf> {
    let folders = base().map_or_else(Vec::new, |base| folders(&base));
    latest_first(folders.iter().flat_map(|folder| below(folder)).collect())
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let files = folders(folder).into_iter().map(|folder| folder.join(FILE));
    latest_first(files.filter(|file| file.is_file()).collect())
}

fn latest_first(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.sort_by_cached_key(|file| {
        let written = fs::metadata(file).and_then(|file| file.modified());
        std::cmp::Reverse(written.unwrap_or(SystemTime::UNIX_EPOCH))
    });
    files
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// One folder for each configuration, whatever it is called from.
fn folder_of(config: &Path) -> Option<PathBuf> {
    let config = fs::canonicalize(config).ok()?;
    let digest = Digest::of(config.as_os_str().as_encoded_bytes()).to_string();
    let digits = digest.rsplit(':').next()?.get(..DIGITS)?;
    Some(base()?.join(digits))
}

/// `$XDG_STATE_HOME/gatewright/wrap`, by the XDG Base Directory Specification.
fn base() -> Option<PathBuf> {
    below_state(std::env::var_os("XDG_STATE_HOME"), std::env::home_dir())
}

fn below_state(named: Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    let named = named.map(PathBuf::from).filter(|path| path.is_absolute());
    let state = named.or_else(|| Some(home?.join(".local/state")))?;
    state
        .is_absolute()
        .then(|| state.join("gatewright").join("wrap"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_where_the_specification_says() {
        let home = || Some(PathBuf::from("/home/a"));
        let is = |named: Option<&str>, home, expected: Option<&str>| {
            let found = below_state(named.map(OsString::from), home);
            assert_eq!(found.as_deref(), expected.map(Path::new));
        };
        is(Some("/s"), home(), Some("/s/gatewright/wrap"));
        is(
            Some("relative"),
            home(),
            Some("/home/a/.local/state/gatewright/wrap"),
        );
        is(None, home(), Some("/home/a/.local/state/gatewright/wrap"));
        is(None, None, None);
    }

    #[test]
    fn what_the_operator_says_counts() {
        let config = Path::new("/nowhere/gatewright.toml");
        let fixed = |audit: Option<&str>, configured: &str| {
            place(audit.map(Path::new), config, Path::new(configured), "files").unwrap()
        };
        let pid = std::process::id();
        assert_eq!(
            fixed(Some("/a/{server}/{pid}.jsonl"), "state/audit.jsonl"),
            Place::Fixed(PathBuf::from(format!("/a/files/{pid}.jsonl")))
        );
        assert_eq!(
            fixed(None, "/var/{server}.jsonl"),
            Place::Fixed(PathBuf::from("/var/files.jsonl"))
        );
    }
}

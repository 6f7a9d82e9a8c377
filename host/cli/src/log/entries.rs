//! The entries of a record, wherever it is kept.

use std::collections::VecDeque;
use std::path::PathBuf;

use gatewright_engine::config::Loaded;
use gatewright_store::{Entries as Stored, MemoryAt};
use tokio::runtime::Runtime;

use super::reader::{Lines, Next};
use crate::config_file::ConfigFile;

/// Complete lines of a record that may be growing.
pub(crate) enum Entries {
    /// In a ledger's file and its segments.
    File(Lines),
    /// In a database.
    Memory {
        stored: Stored,
        lines: VecDeque<String>,
        runtime: Runtime,
        number: usize,
    },
}

/// Where a record is.
pub(crate) enum Record {
    File(PathBuf),
    Memory(MemoryAt),
}

/// The record that is meant.
pub(crate) fn record_of(file: Option<&PathBuf>, config: &ConfigFile) -> anyhow::Result<Record> {
    if let Some(file) = file {
        return Ok(Record::File(file.clone()));
    }
    let loaded = Loaded::read(config.path())?;
    Ok(match crate::memory::of(&loaded) {
        Some(at) => Record::Memory(at),
        None => Record::File(loaded.resolve(&loaded.config.audit.path)),
    })
}

impl Entries {
    /// The entries of this record, from its beginning.
    pub(crate) fn open(record: &Record) -> anyhow::Result<Self> {
        match record {
            Record::File(path) => Ok(Self::File(Lines::open(path)?)),
            Record::Memory(at) => {
                let runtime = crate::runtime::runtime()?;
                Ok(Self::Memory {
                    stored: runtime.block_on(Stored::open(at))?,
                    lines: VecDeque::new(),
                    runtime,
                    number: 0,
                })
            }
        }
    }

    /// Where the latest entry is.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::File(lines) => lines.place(),
            Self::Memory { number, .. } => format!("entry {number}"),
        }
    }

    /// The next line. After the end it may be called again.
    pub(crate) fn next(&mut self) -> anyhow::Result<Next> {
        match self {
            Self::File(lines) => Ok(lines.next()?),
            Self::Memory {
                stored,
                lines,
                runtime,
                number,
            } => {
                if lines.is_empty() {
                    lines.extend(runtime.block_on(stored.page())?);
                }
                let Some(line) = lines.pop_front() else {
                    return Ok(Next::End { torn: false });
                };
                *number += 1;
                Ok(Next::Line(line))
            }
        }
    }
}

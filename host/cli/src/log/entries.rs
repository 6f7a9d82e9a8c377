//! The entries of a record, wherever it is kept.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use gatewright_engine::config::Loaded;
use gatewright_policy::Timestamp;
use gatewright_store::{Entries as Stored, MemoryAt};
use tokio::runtime::Runtime;

use super::reader::{Lines, Next};
use crate::config_file::ConfigFile;
use crate::known::Known;

/// Complete lines of a record that may be growing.
pub(crate) enum Entries {
    /// In a ledger's file and its segments.
    File(Lines),
    /// In several files, merged by time.
    Files(Vec<Source>),
    /// In a database.
    Memory {
        stored: Stored,
        lines: VecDeque<String>,
        runtime: Runtime,
        number: usize,
    },
}

/// One of several files, and its next line.
pub(crate) struct Source {
    lines: Lines,
    next: Option<(u64, Next)>,
    place: String,
}

/// Where a record is.
pub(crate) enum Record {
    File(PathBuf),
    /// Of several gates: of processes of `gatewright wrap`.
    Files(Vec<PathBuf>),
    Memory(MemoryAt),
}

/// Where the record of one gate is.
pub(super) enum OwnRecord {
    File(PathBuf),
    Memory(MemoryAt),
}

/// The record that is meant.
pub(crate) fn record_of(file: Option<&PathBuf>, config: &ConfigFile) -> anyhow::Result<Record> {
    if let Some(file) = file {
        return Ok(Record::File(file.clone()));
    }
    let known = Known::read(config)?;
    Ok(match known.memory {
        Some(at) => Record::Memory(at),
        None => files(known.audit, known.wrapped),
    })
}

/// The same without what processes of `wrap` wrote: one record, of one gate.
pub(super) fn own_record_of(
    file: Option<&PathBuf>,
    config: &ConfigFile,
) -> anyhow::Result<OwnRecord> {
    if let Some(file) = file {
        return Ok(OwnRecord::File(file.clone()));
    }
    let loaded = Loaded::read(config.path())?;
    Ok(match crate::memory::of(&loaded) {
        Some(at) => OwnRecord::Memory(at),
        None => OwnRecord::File(loaded.resolve(&loaded.config.audit.path)),
    })
}

/// What a gate wrote, and what processes of `wrap` did.
fn files(own: PathBuf, wrapped: Vec<PathBuf>) -> Record {
    let all: Vec<_> = match own.exists() {
        true => std::iter::once(own.clone()).chain(wrapped).collect(),
        false => wrapped,
    };
    match all.as_slice() {
        // That there is none is said where it is read.
        [] | [_] => Record::File(all.into_iter().next().unwrap_or(own)),
        [_, _, ..] => Record::Files(all),
    }
}

impl Entries {
    /// The entries of this record, from its beginning.
    pub(crate) fn open(record: &Record) -> anyhow::Result<Self> {
        match record {
            Record::File(path) => Ok(Self::File(Lines::open(path)?)),
            Record::Files(paths) => {
                let sources = paths.iter().map(|path| Source::open(path));
                Ok(Self::Files(sources.collect::<anyhow::Result<_>>()?))
            }
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
            Self::Files(sources) => {
                let latest = sources.last();
                latest.map_or_else(String::new, |source| source.place.clone())
            }
            Self::Memory { number, .. } => format!("entry {number}"),
        }
    }

    /// The next line. After the end it may be called again.
    pub(crate) fn next(&mut self) -> anyhow::Result<Next> {
        match self {
            Self::File(lines) => Ok(lines.next()?),
            Self::Files(sources) => merged(sources),
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

/// The earliest of what comes next. Whichever gave it stands last from then on.
fn merged(sources: &mut [Source]) -> anyhow::Result<Next> {
    let mut is_torn = false;
    let mut first: Option<(u64, usize)> = None;
    for (index, source) in sources.iter_mut().enumerate() {
        match source.peek()? {
            Some(at) if first.is_none_or(|(earliest, _)| at < earliest) => {
                first = Some((at, index))
            }
            Some(_) => {}
            None => is_torn |= source.is_torn(),
        }
    }
    let Some((_, index)) = first else {
        return Ok(Next::End { torn: is_torn });
    };
    let next = sources.get_mut(index).and_then(|source| source.next.take());
    if let Some(rest) = sources.get_mut(index..) {
        rest.rotate_left(1);
    }
    Ok(next.map_or(Next::End { torn: false }, |(_, next)| next))
}

// === impl Source ===

impl Source {
    fn open(path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            lines: Lines::open(path)?,
            next: None,
            place: String::new(),
        })
    }

    /// When the next entry was written; nothing at the end. What is no entry comes at
    /// once.
    fn peek(&mut self) -> anyhow::Result<Option<u64>> {
        if !matches!(self.next, Some((_, Next::Line(_) | Next::TooLong))) {
            let next = self.lines.next()?;
            let at = match &next {
                Next::Line(line) => serde_json::from_str(line).map_or(0, |Moment { at }| at.0),
                Next::TooLong => 0,
                Next::End { .. } => u64::MAX,
            };
            self.place = self.lines.place();
            self.next = Some((at, next));
        }
        Ok(match &self.next {
            Some((at, Next::Line(_) | Next::TooLong)) => Some(*at),
            Some((_, Next::End { .. })) | None => None,
        })
    }

    fn is_torn(&self) -> bool {
        matches!(self.next, Some((_, Next::End { torn: true })))
    }
}

/// When an entry was written.
#[derive(serde::Deserialize)]
struct Moment {
    at: Timestamp,
}

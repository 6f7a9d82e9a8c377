//! Complete lines of a ledger that may be growing: of its segments in order, and
//! on into the next one when the gate begins it.

use std::collections::VecDeque;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use gatewright_engine::ledger::sealed_segments;
use gatewright_policy::record::LINE_BYTES_MAX;

use crate::failure::Advise as _;

/// The lines of a ledger.
pub(crate) struct Lines {
    /// Where the newest segment is.
    path: PathBuf,
    /// What comes after `file`.
    later: Segments,
    /// Name of an older segment; none for the newest.
    older: Option<PathBuf>,
    file: BufReader<File>,
    partial: Vec<u8>,
    skipping: bool,
    number: usize,
}

/// Segments that were not read yet.
#[derive(Default)]
struct Segments {
    /// Older ones, oldest first.
    older: VecDeque<PathBuf>,
    /// Open since before the others were looked for: what is sealed meanwhile is
    /// not missed.
    newest: Option<File>,
}

/// What comes next.
pub(crate) enum Next {
    /// A line, without its line feed.
    Line(String),
    /// A line over the limit, skipped.
    TooLong,
    /// No further complete line yet.
    End {
        /// Whether the file ends within a line.
        torn: bool,
    },
}

impl Lines {
    /// The lines of this ledger, from its beginning.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let opened = Segments::of(path, None).and_then(|mut later| {
            let first = later.next()?.ok_or(io::ErrorKind::NotFound)?;
            Ok((first, later))
        });
        let ((older, file), later) = opened
            .with_context(|| format!("ledger `{}` cannot be read", path.display()))
            .hint("the gate makes it at its first start, for its own user alone; `--file` names another one")?;
        Ok(Self {
            path: path.to_owned(),
            later,
            older,
            file: BufReader::new(file),
            partial: Vec::new(),
            skipping: false,
            number: 0,
        })
    }

    /// Where the latest line is, its number starting at 1.
    pub(crate) fn place(&self) -> String {
        match &self.older {
            None => format!("line {}", self.number),
            Some(older) => format!("`{}` line {}", older.display(), self.number),
        }
    }

    /// The next line. After the end it may be called again.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        loop {
            let room = LINE_BYTES_MAX.saturating_sub(self.partial.len()) as u64;
            let read = self
                .file
                .by_ref()
                .take(room)
                .read_until(b'\n', &mut self.partial)?;
            if self.partial.last() == Some(&b'\n') {
                return Ok(self.take_line());
            }
            if self.partial.len() >= LINE_BYTES_MAX {
                self.partial.clear();
                self.skipping = true;
            } else if read == 0 {
                if self.was_sealed()? {
                    // What was written before that is read first.
                    continue;
                }
                let torn = self.skipping || !self.partial.is_empty();
                if self.later.newest.is_none() {
                    return Ok(Next::End { torn });
                }
                if torn {
                    // Nothing is added to an older segment: this is a line.
                    self.partial.push(b'\n');
                    return Ok(self.take_line());
                }
                if let Some((older, file)) = self.later.next()? {
                    self.older = older;
                    self.file = BufReader::new(file);
                    self.number = 0;
                }
            }
        }
    }

    fn take_line(&mut self) -> Next {
        self.number += 1;
        self.partial.pop();
        let bytes = std::mem::take(&mut self.partial);
        if std::mem::take(&mut self.skipping) {
            return Next::TooLong;
        }
        Next::Line(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether this was the newest segment and is not any more.
    fn was_sealed(&mut self) -> io::Result<bool> {
        if self.later.newest.is_some() {
            return Ok(false);
        }
        let Some(at_path) = found(fs::metadata(&self.path))? else {
            return Ok(false);
        };
        if is_same(&self.file.get_ref().metadata()?, &at_path) {
            return Ok(false);
        }
        self.later = Segments::of(&self.path, Some(self.file.get_ref()))?;
        Ok(true)
    }
}

impl Segments {
    /// The segments of the ledger at `path` that come after `after`.
    fn of(path: &Path, after: Option<&File>) -> io::Result<Self> {
        let newest = File::open(path)?;
        let newest_is = newest.metadata()?;
        let after = after.map(File::metadata).transpose()?;
        let mut passed = after.is_none();
        let mut older = VecDeque::new();
        for (_, name) in sealed_segments(&fs::canonicalize(path)?)? {
            let Some(is) = found(fs::metadata(&name))? else {
                continue;
            };
            if is_same(&is, &newest_is) {
                break;
            }
            if passed {
                older.push_back(name);
            } else {
                passed = after.as_ref().is_some_and(|after| is_same(&is, after));
            }
        }
        Ok(Self {
            older,
            newest: Some(newest),
        })
    }

    /// The next one, with its name unless it is the newest.
    fn next(&mut self) -> io::Result<Option<(Option<PathBuf>, File)>> {
        while let Some(name) = self.older.pop_front() {
            // Somebody may have archived it meanwhile.
            if let Some(file) = found(File::open(&name))? {
                return Ok(Some((Some(name), file)));
            }
        }
        Ok(self.newest.take().map(|file| (None, file)))
    }
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// None for what is not there, or not at this moment.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

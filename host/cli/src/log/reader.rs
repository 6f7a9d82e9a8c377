//! Complete lines of a file that may be growing.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use anyhow::Context as _;
use gatewright_policy::record::LINE_BYTES_MAX;

use crate::failure::Advise as _;

/// The lines of a ledger.
pub(crate) struct Lines {
    file: BufReader<File>,
    partial: Vec<u8>,
    skipping: bool,
    number: usize,
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
    /// The lines of this file, from its beginning.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path)
            .with_context(|| format!("ledger `{}` cannot be read", path.display()))
            .hint("the gate makes it at its first start; `--file` names another one")?;
        Ok(Self {
            file: BufReader::new(file),
            partial: Vec::new(),
            skipping: false,
            number: 0,
        })
    }

    /// The number of the latest line, starting at 1.
    pub(crate) const fn number(&self) -> usize {
        self.number
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
                let torn = self.skipping || !self.partial.is_empty();
                return Ok(Next::End { torn });
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
}

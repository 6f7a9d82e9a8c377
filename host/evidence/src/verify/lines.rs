//! The lines of a file, as bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _};

/// Longest line, in bytes; no gate writes or reads one that is longer.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// Bytes read at once.
const READ_BYTES: usize = 1 << 18;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A line, with its line feed.
    Line,
    /// What has none: the end of the file.
    Unended,
    /// A line over the limit.
    TooLong,
    /// Nothing.
    End,
}

/// Reads a file line by line, and keeps a digest of all of it.
pub(super) struct Lines {
    reader: BufReader<File>,
    hasher: blake3::Hasher,
    /// The line, without its line feed.
    pub(super) line: Vec<u8>,
    /// Its number, starting at 1.
    pub(super) number: u64,
}

// === impl Lines ===

impl Lines {
    pub(super) fn new(mut file: File) -> io::Result<Self> {
        file.rewind()?;
        Ok(Self {
            reader: BufReader::with_capacity(READ_BYTES, file),
            hasher: blake3::Hasher::new(),
            line: Vec::new(),
            number: 0,
        })
    }

    pub(super) fn next(&mut self) -> io::Result<Next> {
        self.line.clear();
        let mut bounded = (&mut self.reader).take(LINE_BYTES_MAX);
        bounded.read_until(b'\n', &mut self.line)?;
        self.hasher.update(&self.line);
        if self.line.is_empty() {
            return Ok(Next::End);
        }
        self.number += 1;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
            return Ok(Next::Line);
        }
        match self.line.len() as u64 >= LINE_BYTES_MAX {
            true => Ok(Next::TooLong),
            false => Ok(Next::Unended),
        }
    }

    /// The digest of the whole file.
    pub(super) fn digest(mut self) -> io::Result<String> {
        self.hasher.update_reader(&mut self.reader)?;
        Ok(format!("blake3:{}", self.hasher.finalize().to_hex()))
    }
}

//! Newline-delimited messages, read with a bound on each line.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is read at once.
const CHUNK_BYTES: usize = 16 << 10;

/// Lines of a stream of bytes.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no newline.
    searched: usize,
    /// The rest of a line that was too long is thrown away.
    skipping: bool,
    bytes_max: usize,
}

/// Why there is no line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    /// The line is too long. The next line can be read.
    #[error("a line is longer than {bytes_max} bytes")]
    TooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// The stream broke.
    #[error("cannot be read: {0}")]
    Broken(std::io::Error),
}

impl From<std::io::Error> for LineError {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error)
    }
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Reads lines of at most `bytes_max` bytes, the line end not counted.
    pub(crate) fn new(reader: R, bytes_max: usize) -> Self {
        Self {
            reader,
            buffer: BytesMut::new(),
            searched: 0,
            skipping: false,
            bytes_max,
        }
    }

    /// The next line without its line end, or nothing at the end. A last line
    /// without line end counts. May be dropped while it waits: nothing is lost.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, LineError> {
        loop {
            let fresh = self.buffer.get(self.searched..).unwrap_or_default();
            if let Some(offset) = fresh.iter().position(|byte| *byte == b'\n') {
                let mut line = self.buffer.split_to(self.searched + offset + 1);
                line.truncate(self.searched + offset);
                self.searched = 0;
                if std::mem::take(&mut self.skipping) {
                    continue;
                }
                return self.within_limit(line);
            }
            self.searched = self.buffer.len();
            if self.skipping {
                self.buffer.clear();
                self.searched = 0;
            } else if self.buffer.len() > self.bytes_max.saturating_add(1) {
                // One more byte than the limit may be a carriage return.
                self.skipping = true;
                return Err(self.too_long());
            }
            self.buffer.reserve(CHUNK_BYTES);
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                let line = self.buffer.split();
                self.searched = 0;
                if line.is_empty() {
                    return Ok(None);
                }
                return self.within_limit(line);
            }
        }
    }

    fn within_limit(&self, mut line: BytesMut) -> Result<Option<Bytes>, LineError> {
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        if line.len() > self.bytes_max {
            return Err(self.too_long());
        }
        Ok(Some(line.freeze()))
    }

    fn too_long(&self) -> LineError {
        LineError::TooLong {
            bytes_max: self.bytes_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(text: &[u8], bytes_max: usize) -> Vec<Option<String>> {
        let mut lines = Lines::new(text, bytes_max);
        let mut found = Vec::new();
        loop {
            match lines.next().await {
                Ok(Some(line)) => found.push(Some(String::from_utf8(line.to_vec()).unwrap())),
                Ok(None) => return found,
                Err(LineError::TooLong { .. }) => found.push(None),
                Err(LineError::Broken(error)) => panic!("{error}"),
            }
        }
    }

    #[tokio::test]
    async fn lines_end_with_lf_or_crlf_or_the_stream() {
        let expected = ["one", "", "two", "three"].map(|line| Some(line.to_owned()));
        assert_eq!(read(b"one\n\ntwo\r\nthree", 5).await, expected);
    }

    #[tokio::test]
    async fn a_line_over_the_limit_is_reported_once_and_then_skipped() {
        let long = "x".repeat(CHUNK_BYTES * 3);
        for over in ["123456", "123456\r", "1234567", &long] {
            let text = format!("12345\r\n{over}\nnext\n");
            let expected = [Some("12345".to_owned()), None, Some("next".to_owned())];
            assert_eq!(read(text.as_bytes(), 5).await, expected, "{}", over.len());
        }
    }
}

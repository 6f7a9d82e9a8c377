//! The last lines that a child process wrote to its standard error: kept for
//! the operator, who needs them when it dies.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::AsyncRead;

use super::lines::{LineError, Lines};

/// Most lines that are kept.
const LINES_MAX: usize = 64;

/// Longest line that is kept; a longer one is named, not kept.
const LINE_BYTES_MAX: usize = 1024;

/// How many lines an error message quotes.
const LINES_QUOTED: usize = 3;

/// The last lines of a child.
#[derive(Debug, Default)]
pub(super) struct Tail {
    lines: Mutex<VecDeque<String>>,
}

impl Tail {
    /// Reads until the stream ends. Never holds up the child.
    pub(super) async fn follow<R: AsyncRead + Unpin>(&self, server: &str, stream: R) {
        let mut lines = Lines::new(stream, LINE_BYTES_MAX);
        loop {
            match lines.next().await {
                Ok(Some(line)) => self.keep(server, String::from_utf8_lossy(&line).into_owned()),
                Ok(None) => return,
                Err(error @ LineError::TooLong { .. }) => self.keep(server, format!("({error})")),
                Err(LineError::Broken(error)) => {
                    tracing::debug!(server, %error, "stderr of the tool server broke");
                    return;
                }
            }
        }
    }

    /// The last lines in one, each after a colon; empty if there is none.
    pub(super) fn quoted(&self) -> String {
        let lines = self.lock();
        let skipped = lines.len().saturating_sub(LINES_QUOTED);
        let last: Vec<_> = lines.iter().skip(skipped).map(|line| line.trim()).collect();
        match last.is_empty() {
            true => String::new(),
            false => format!("; it said: {}", last.join(" | ")),
        }
    }

    fn keep(&self, server: &str, line: String) {
        tracing::debug!(server, line, "stderr of the tool server");
        if line.trim().is_empty() {
            return;
        }
        let mut lines = self.lock();
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_keeps_the_last_lines_only() {
        let mut flood = String::new();
        for number in 0..10_000 {
            flood.push_str(&format!("line {number}\n"));
        }
        flood.push_str(&"x".repeat(LINE_BYTES_MAX * 50));
        flood.push_str("\nthe end\n");
        let tail = Tail::default();
        tail.follow("files", flood.as_bytes()).await;
        assert_eq!(tail.lock().len(), LINES_MAX);
        assert_eq!(
            tail.quoted(),
            "; it said: line 9999 | (a line is longer than 1024 bytes) | the end"
        );
    }
}

//! What a tool server says that is no message: banners, debugging, objects of a logger. Clients skip them, and so does the gate. The operator hears of
//! them, though not of each.

use std::time::Duration;

use tokio::time::Instant;

/// The operator is told at most this often, of each line.
const EVERY: Duration = Duration::from_secs(60);

/// How much of a line is shown.
const SHOWN_BYTES: usize = 96;

/// What of it is said, and when.
#[derive(Debug, Default)]
pub(super) struct Noise {
    said_at: Option<Instant>,
    unsaid: u64,
}

/// Whether a line that cannot be read was meant as a message.
pub(super) fn is_message(line: &[u8]) -> bool {
    let opens = line.trim_ascii_start().first();
    let name = b"\"jsonrpc\"";
    matches!(opens, Some(b'{' | b'[')) && line.windows(name.len()).any(|part| part == name)
}

impl Noise {
    /// A line that is no message.
    pub(super) fn heard(&mut self, server: &str, line: &[u8], now: Instant) {
        let Some(unsaid) = self.is_due(now) else {
            return;
        };
        tracing::warn!(
            server,
            line = shown(line),
            unsaid,
            "the tool server said something that is no message, on its standard output or \
             its stream of events; it was skipped; hint: let it write to standard error"
        );
    }

    /// How many lines were not spoken of, where it is time to speak of one.
    fn is_due(&mut self, now: Instant) -> Option<u64> {
        let is_due = self.said_at.is_none_or(|said| now >= said + EVERY);
        if !is_due {
            self.unsaid += 1;
            return None;
        }
        self.said_at = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

/// The beginning of a line, which shows on a terminal and does nothing to it.
fn shown(line: &[u8]) -> String {
    let (begin, rest) = match line.split_at_checked(SHOWN_BYTES) {
        Some((begin, [_, ..])) => (begin, "..."),
        Some((begin, [])) => (begin, ""),
        None => (line, ""),
    };
    let escaped = begin.escape_ascii();
    format!("{escaped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_harmless() {
        assert_eq!(shown(b"DEBUG: x"), "DEBUG: x");
        assert_eq!(shown(b"\x1b[2Ja\xff"), r"\x1b[2Ja\xff");
        let long = shown(&[b'x'; 500]);
        assert_eq!(long, format!("{}...", "x".repeat(SHOWN_BYTES)));
    }

    #[test]
    fn the_operator_hears_of_it_once_a_minute() {
        let begin = Instant::now();
        let mut noise = Noise::default();
        assert_eq!(noise.is_due(begin), Some(0));
        assert_eq!(noise.is_due(begin + Duration::from_secs(1)), None);
        assert_eq!(noise.is_due(begin + Duration::from_secs(59)), None);
        assert_eq!(noise.is_due(begin + EVERY), Some(2));
    }

    #[test]
    fn a_message_that_cannot_be_read_is_told_from_other_text() {
        for (line, expected) in [
            (r#"{"jsonrpc":"2.0","#, true),
            (r#" [{"jsonrpc":"2.0"}]"#, true),
            (r#"{"level":"info"}"#, false),
            ("{'jsonrpc': 1}", false),
            (r#"see "jsonrpc""#, false),
            ("7", false),
        ] {
            assert_eq!(is_message(line.as_bytes()), expected, "{line}");
        }
    }
}

//! What goes to stdout, and whether it may be coloured.

use std::io::{self, IsTerminal as _, Write};

use clap::ValueEnum;
use gatewright_policy::approval::is_hidden;
use serde::Serialize;

/// How a command writes what it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    #[default]
    Text,
    /// For a program.
    Json,
}

/// Colours, where the reader is a terminal and did not set `NO_COLOR`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

/// A colour that stands for something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    /// Went ahead.
    Good,
    /// Was refused.
    Bad,
    /// Waits, or deserves a look.
    Warning,
    /// Beside the point.
    Faint,
    /// A heading.
    Strong,
}

impl Paint {
    /// For stdout.
    pub(crate) fn stdout() -> Self {
        Self {
            on: io::stdout().is_terminal() && colour_is_wanted(),
        }
    }

    /// For stderr.
    pub(crate) fn stderr() -> Self {
        Self {
            on: io::stderr().is_terminal() && colour_is_wanted(),
        }
    }

    /// For what is read by tests.
    #[cfg(test)]
    pub(crate) const fn none() -> Self {
        Self { on: false }
    }

    /// The text in a tone.
    pub(crate) fn tone(self, tone: Tone, text: &str) -> String {
        if !self.on {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Warning => "33",
            Tone::Faint => "2",
            Tone::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Narrower than this nothing can be laid out.
const WIDTH_MIN: usize = 20;

/// Longer lines are hard to read.
const WIDTH_MAX: usize = 100;

/// `NO_COLOR`: present and not empty means no colour.
pub(crate) fn colour_is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// How many characters a line has that a person reads on stdout; none where stdout
/// is no terminal.
pub(crate) fn width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0).clamp(WIDTH_MIN, WIDTH_MAX))
}

/// Writes text and a line feed to stdout at once.
pub(crate) fn print_line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Writes a value as indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print_line(&serde_json::to_string_pretty(value)?)?;
    Ok(())
}

/// How much of a digest a person is shown.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Digits {
    /// Print digests in full.
    #[arg(long)]
    full: bool,
}

/// Digits of a digest that tell a person one from another.
const DIGITS: usize = 12;

impl Digits {
    /// The first digits of a digest, after what made it; all of them where the person
    /// asked. Other text is shown as it is.
    pub(crate) fn of(self, text: &str) -> String {
        let shown = visible(text);
        let digits = shown.split_once(':').map(|(_, digits)| digits);
        let is_digest = digits.is_some_and(|digits| {
            digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        match is_digest && !self.full {
            true => shown.chars().take(shown.len() - 64 + DIGITS).collect(),
            false => shown,
        }
    }
}

/// Text from elsewhere on a line of its own: what moves or hides other text, and what is
/// not seen itself, is shown by its number.
pub(crate) fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let (escaped, plain) = match is_hidden(character) {
                true => (Some(character.escape_default()), None),
                false => (None, Some(character)),
            };
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// The same for text of several lines, which stay lines.
pub(crate) fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Digits, visible, visible_lines};

    #[test]
    fn a_person_is_shown_the_first_digits() {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        assert_eq!(Digits { full: false }.of(&digest), "sha256:0123456789ab");
        assert_eq!(Digits { full: true }.of(&digest), digest);
        for other in ["-", "none", "blake3:12", "a\u{7}"] {
            assert_eq!(Digits::default().of(other), visible(other));
        }
    }

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        assert_eq!(visible("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        for hidden in [
            "\u{202e}",
            "\u{61c}",
            "\u{200b}",
            "\u{feff}",
            "\u{a0}",
            "\u{e0041}",
        ] {
            let shown = visible(&format!("a{hidden}b"));
            assert!(shown.starts_with("a\\u{") && shown.is_ascii(), "{shown}");
        }
        assert_eq!(visible("plain ünï"), "plain ünï");
        assert_eq!(visible_lines("a\u{1b}\nb\r"), "a\\u{1b}\nb\\r");
    }
}

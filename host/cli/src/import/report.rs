//! What could not be carried over, line by line.

use super::policy::Outcome;
use crate::failure::Exit;
use crate::output::{Paint, Tone, print_line, visible};

/// Longest text of a policy in a line of the report, in characters.
const SHOWN_MAX: usize = 100;

/// What became of everything that was read.
#[derive(Debug, Default)]
pub(super) struct Report {
    lines: Vec<(String, Outcome, String)>,
    notes: Vec<String>,
}

// === impl Report ===

impl Report {
    /// What became of a policy, its place and its text.
    pub(super) fn told(&mut self, place: String, outcome: Outcome, text: &str) {
        self.lines.push((place, outcome, text.to_owned()));
    }

    /// What whoever uses the result must know besides.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Whether all means the same here.
    fn is_whole(&self) -> bool {
        let mut outcomes = self.lines.iter().map(|(_, outcome, _)| outcome);
        outcomes.all(|it| matches!(it, Outcome::Carried | Outcome::Needless(_)))
    }

    /// Prints what is written, and what became of what was read.
    pub(super) fn tell(&self, written: &str) -> anyhow::Result<Exit> {
        eprintln!("{}", self.text(Paint::stderr()));
        print_line(written)?;
        Ok(match self.is_whole() {
            true => Exit::Fine,
            false => Exit::Failed,
        })
    }

    /// For a person.
    fn text(&self, paint: Paint) -> String {
        let mut lines: Vec<String> = self
            .lines
            .iter()
            .map(|(place, outcome, text)| {
                let (word, tone, why) = match outcome {
                    Outcome::Carried => ("carried over", Tone::Good, ""),
                    Outcome::Needless(why) => ("not needed", Tone::Faint, why.as_str()),
                    Outcome::LeftOut(why) => ("left out", Tone::Warning, why.as_str()),
                    Outcome::Wider(why) => ("forbids more here", Tone::Warning, why.as_str()),
                    Outcome::Everything(why) => {
                        ("forbids everything here", Tone::Bad, why.as_str())
                    }
                };
                let why = match why {
                    "" => String::new(),
                    why => format!(": {}", visible(why)),
                };
                let word = paint.tone(tone, word);
                format!(
                    "{}: {word}{why}\n  {}",
                    visible(place),
                    visible(&shown(text))
                )
            })
            .collect();
        lines.extend(
            self.notes
                .iter()
                .map(|note| format!("note: {}", visible(note))),
        );
        lines.join("\n")
    }
}

/// The text on one line, cut.
fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN_MAX) {
        None => line,
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
    }
}

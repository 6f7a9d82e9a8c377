//! What is wrong with a configuration, and where in it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Where in it, starting at 1; none when it concerns the whole file.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// What of the message a policy wrote.
    pub said: Option<Said>,
}

/// Collects problems with their places.
pub(crate) struct Problems<'a> {
    file: &'a Path,
    text: &'a str,
    found: Vec<Problem>,
}

/// What a policy said, which may quote its settings: the operator reads it, the
/// ledger need not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As it stands at the end of the message of the problem.
    pub text: String,
    /// Whether the ledger keeps what this policy says in words.
    pub in_words: bool,
}

// === impl Problems ===

impl<'a> Problems<'a> {
    /// What was found, even where that is nothing.
    pub(crate) fn into_error(self) -> ConfigError {
        ConfigError {
            problems: self.found,
        }
    }

    pub(crate) fn new(file: &'a Path, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    pub(crate) fn at(&mut self, span: Range<usize>, message: String, hint: String) {
        let before = self.text.get(..span.start).unwrap_or_default();
        self.found.push(Problem {
            file: self.file.to_owned(),
            line: Some(before.matches('\n').count() + 1),
            message,
            hint,
            said: None,
        });
    }

    /// A policy wrote something of the last message.
    pub(crate) fn said(&mut self, said: Option<Said>) {
        if let Some(last) = self.found.pop() {
            self.found.push(last.with(said));
        }
    }

    pub(super) fn at_or_whole(
        &mut self,
        span: Option<Range<usize>>,
        message: String,
        hint: String,
    ) {
        match span {
            Some(span) => self.at(span, message, hint),
            None => self.whole_file(message, hint),
        }
    }

    pub(super) fn whole_file(&mut self, message: String, hint: String) {
        self.found.push(Problem {
            file: self.file.to_owned(),
            line: None,
            message,
            hint,
            said: None,
        });
    }

    pub(crate) fn into_result(self) -> Result<(), ConfigError> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(self.into_error())
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}\n  hint: {}", self.message, self.hint)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.problems.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// For the ledger: `told` gives what stands for the words of a policy.
    pub(crate) fn recorded(&self, told: impl Fn(&Said) -> String) -> String {
        let mut error = self.clone();
        for problem in &mut error.problems {
            if let Some(said) = &problem.said {
                let before = problem.message.strip_suffix(&said.text);
                problem.message = format!("{}{}", before.unwrap_or_default(), told(said));
            }
        }
        error.to_string()
    }
}

impl Problem {
    /// The same problem, with the words that a policy has in it.
    pub(crate) fn with(self, said: Option<Said>) -> Self {
        Self {
            said: said.filter(|said| !said.text.is_empty()),
            ..self
        }
    }
}

//! How a command ends: its exit code, and what a person is told when it failed.

use std::fmt;
use std::io;
use std::process::ExitCode;

use gatewright_engine::StartError;
use gatewright_engine::config::{ConfigError, Problem};
use gatewright_engine::snapshot::BuildError;

use crate::output::{Paint, Tone, visible_lines};

/// How a command that did its work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: fine, or allowed.
    Fine,
    /// 1: a case failed.
    Failed,
    /// 3: denied, or verification refused.
    Denied,
    /// 4: held for a person.
    Held,
}

/// Exit code of a command that could not do its work, or whose answer is no.
const FAILED: u8 = 1;

/// What a shell says of a program that SIGPIPE ended.
const UNREAD: u8 = 141;

/// An error with what to do about it.
#[derive(Debug)]
struct Advised {
    error: anyhow::Error,
    hint: String,
}

/// Adds what to do to an error.
pub(crate) trait Advise<T> {
    /// The same error, reported with this hint.
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T>;
}

/// Says on stderr what went wrong and what to do, and gives the exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if is_closed_pipe(error) {
        // Whoever read our output has seen enough. Not success: what was not
        // written may be what failed.
        return ExitCode::from(UNREAD);
    }
    let paint = Paint::stderr();
    let wrong = paint.tone(Tone::Bad, "error:");
    match problems(error) {
        Some(problems) => {
            for problem in problems {
                eprintln!("{}", visible_lines(&problem.to_string()));
            }
            let noun = if problems.len() == 1 {
                "problem"
            } else {
                "problems"
            };
            eprintln!("{wrong} the configuration has {} {noun}", problems.len());
        }
        None => eprintln!("{wrong} {}", visible_lines(&told(error))),
    }
    if let Some(advised) = error.downcast_ref::<Advised>() {
        let hint = paint.tone(Tone::Faint, "hint:");
        eprintln!("  {hint} {}", visible_lines(&advised.hint));
    }
    ExitCode::from(FAILED)
}

/// The error and its causes. A cause that an error above it quotes is not said again.
fn told(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.contains(&cause) {
            told.push_str(": ");
            told.push_str(&cause);
        }
    }
    told
}

/// What is wrong with the configuration, if that is why.
fn problems(error: &anyhow::Error) -> Option<&[Problem]> {
    if let Some(config) = error.downcast_ref::<ConfigError>() {
        return Some(&config.problems);
    }
    let build = error.downcast_ref::<BuildError>();
    let started = error
        .downcast_ref::<StartError>()
        .and_then(|start| match start {
            StartError::Build(error) => Some(error),
            StartError::Ledger(_)
            | StartError::Append(_)
            | StartError::StatusLists(_)
            | StartError::Sandbox(_) => None,
        });
    build.or(started).map(BuildError::problems)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => FAILED,
            Exit::Denied => 3,
            Exit::Held => 4,
        })
    }
}

impl<T, E: Into<anyhow::Error>> Advise<T> for Result<T, E> {
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|error| {
            anyhow::Error::new(Advised {
                error: error.into(),
                hint: hint.into(),
            })
        })
    }
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&told(&self.error))
    }
}

impl std::error::Error for Advised {}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn a_cause_that_is_quoted_is_not_said_again() {
        let cases = [
            (
                &["cannot listen: in use; hint: wait", "in use"][..],
                "cannot listen: in use; hint: wait",
            ),
            (
                &["cannot be read", "not found"],
                "cannot be read: not found",
            ),
            (&["alone"], "alone"),
        ];
        for (chain, said) in cases {
            let mut inner = chain.iter().rev();
            let root = anyhow::Error::msg(*inner.next().unwrap());
            let error = inner.fold(root, |error, outer| error.context(*outer));
            assert_eq!(told(&error), said);
        }
    }

    /// Printed with all its causes, as other programs do, an error says each once.
    #[test]
    fn a_printed_chain_says_nothing_twice() {
        use gatewright_policy::Edit;
        use gatewright_policy::credential::CredentialError;
        use gatewright_policy::json::{Document, JsonLimits, apply_edits};

        let limits = JsonLimits::default();
        let not_json = Document::parse("[", &limits).unwrap_err();
        let edit = Edit {
            pointer: "/a".to_owned(),
            json: Some("[".to_owned()),
        };
        let edited = apply_edits(&Document::empty_object(), &[edit], &limits);
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let cause = full.to_string();
        let chains: [(anyhow::Error, &str); 3] = [
            (
                CredentialError::from(not_json.clone()).into(),
                &not_json.to_string(),
            ),
            (edited.unwrap_err().into(), &not_json.to_string()),
            (gatewright_disk::LockError::Disk(full).into(), &cause),
        ];
        for (error, cause) in chains {
            let printed = format!("{error:#}");
            assert_eq!(printed.matches(cause).count(), 1, "{printed}");
        }
    }
}

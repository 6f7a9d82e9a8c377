//! Why a statement is refused, and how that is told.

use std::fmt;

use crate::kind::Kind;
use crate::tables::Use;

/// The part of a name or parser message that is shown, in characters.
const SHOWN_MAX: usize = 160;

/// Why a statement is refused. Displayed, it is what the agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No text.
    NotText,
    /// Longer than the settings allow.
    TooLong,
    /// A control character, NUL among them.
    Control,
    /// `/*! ... */` and its relatives.
    ExecutableComment,
    /// Text that databases read differently.
    Ambiguous(&'static str),
    /// Deeper than any honest statement.
    TooNested,
    /// Not SQL for the configured dialect.
    Unreadable(String),
    /// Not exactly one statement.
    Stacked,
    /// A kind that the settings do not list.
    Kind(Kind),
    /// A kind that is never allowed.
    OtherKind,
    /// A form that the guard does not judge.
    Unsupported(&'static str),
    /// A table outside the lists.
    Table(Use, String),
    /// A function that reaches outside the data, or is not listed.
    Function(String),
    /// A function that no list knows, while only reading is allowed.
    UnknownFunction(String),
    /// A hint that changes more than the plan.
    Hint,
    /// A setting that may not be shown or set.
    Setting,
    /// `SELECT ... INTO`.
    SelectInto,
    /// `FOR UPDATE` and `FOR SHARE` while only reading is allowed.
    Lock,
    /// A pragma that is not listed, or that changes something.
    Pragma,
    /// `UPDATE` or `DELETE` whose condition keeps no row out.
    EveryRow(Kind),
    /// No `LIMIT`, or a larger one than allowed.
    NoLimit(u64),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("this is no SQL; hint: send one statement as text"),
            Self::TooLong => {
                f.write_str("the statement is too long; hint: pass data as parameters")
            }
            Self::Control => f.write_str(
                "the statement holds a control character; hint: pass data as parameters",
            ),
            Self::ExecutableComment => f.write_str(
                "the comment may be executed or read differently; hint: leave comments out",
            ),
            Self::Ambiguous(what) => write!(
                f,
                "databases read {what} differently; hint: write it another way"
            ),
            Self::TooNested => f.write_str("the statement is too deeply nested; hint: split it"),
            Self::Unreadable(message) => {
                write!(
                    f,
                    "the SQL cannot be parsed: {}; hint: send one plain statement",
                    shown(message)
                )
            }
            Self::Stacked => {
                f.write_str("not exactly one statement; hint: send one statement per call")
            }
            Self::Kind(kind) => write!(
                f,
                "{} is not allowed here; hint: do without it",
                kind.word()
            ),
            Self::OtherKind => {
                f.write_str("this kind of statement is not allowed; hint: use a plain query")
            }
            Self::Unsupported(what) => write!(f, "not supported: {what}; hint: use a plain query"),
            Self::Table(Use::Read, name) => write!(
                f,
                "the table `{}` may not be read; hint: query another table",
                shown(name)
            ),
            Self::Table(Use::Write, name) => {
                write!(
                    f,
                    "the table `{}` may not be written; hint: change another table",
                    shown(name)
                )
            }
            Self::Function(name) => write!(
                f,
                "the function `{}` is not allowed; hint: do without it",
                shown(name)
            ),
            Self::UnknownFunction(name) => write!(
                f,
                "the function `{}` is not known to only read; hint: do without it, or ask the \
                 operator to list it in `functions-except`",
                shown(name)
            ),
            Self::Hint => f.write_str("this hint in a comment is not allowed; hint: leave it out"),
            Self::Setting => f.write_str(
                "this setting may not be shown or set; hint: do without it, or ask the operator \
                 to list it in `settings-shown`",
            ),
            Self::SelectInto => f.write_str("SELECT ... INTO is not allowed; hint: leave INTO out"),
            Self::Lock => f.write_str(
                "locks are not allowed while reading; hint: leave FOR UPDATE or the lock hint out",
            ),
            Self::Pragma => {
                f.write_str("this PRAGMA is not allowed; hint: use `PRAGMA table_info('name')`")
            }
            Self::EveryRow(kind) => {
                write!(
                    f,
                    "this {} fits every row; hint: add a WHERE that names the rows",
                    kind.word()
                )
            }
            Self::NoLimit(rows) => write!(
                f,
                "too many rows; hint: add `LIMIT {rows}` or less to the outermost query"
            ),
        }
    }
}

fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

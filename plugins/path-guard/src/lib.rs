//! Keeps the paths in tool arguments inside the folders that the operator
//! chose, one list of folders for each operation. It judges text only: it has
//! no file system, and refuses every spelling that could mean two things.

mod account;
mod call;
mod form;
mod glob;
mod letters;
mod list;
mod member;
mod message;
mod pattern;
mod place;
mod rule;
mod sameness;
mod settings;
mod spelling;

pub use call::{Answer, answer};
pub use place::Place;
pub use rule::{Rule, WithoutPath};
pub use settings::{
    Expansions, FileUrls, Operation, ParentSteps, Passing, Platform, Settings, UnknownArguments,
};

use gatewright_sdk::v0_2::{self as gatewright, Denial, Description, Opinion, Powers, Request};

use crate::list::Word;

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No text, or an empty one.
    NotText,
    /// Longer than the settings allow.
    TooLong,
    /// A control character, NUL among them.
    Control(char),
    /// A character that cannot be seen.
    Invisible(char),
    /// Letters that a program may take for a step up, an encoding or another start.
    LookAlike,
    /// Percent-encoding.
    Encoded,
    /// A URL.
    Url,
    /// `$HOME`, `%USERPROFILE%`, a command substitution.
    Variable,
    /// `~`, somebody's home folder.
    Home,
    /// A leading `-`, which a command reads as an option.
    Option,
    /// `\`, a separator for some and a letter for others.
    Backslash,
    /// A drive, a device, an alternate stream, a short name.
    Windows,
    /// `//host/share`.
    NetworkPath,
    /// A name that a file system shortens silently.
    TrailingDotOrSpace,
    /// Does not start at the root, and no base is configured.
    Relative,
    /// `..`, where the settings refuse it.
    ParentStep,
    /// A tree of the kernel, with its links into other processes.
    KernelLink,
    /// In no root of this operation.
    OutsideRoots,
    /// A root itself would be removed.
    RootItself,
    /// Covered by a denied glob.
    Withheld,
    /// A pattern with steps up, or in a form that is no path.
    Climbs,
}

gatewright::policy!(Settings, judge, about);

/// The rule behind every answer.
const ROOTS: &str = "roots";

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    match answer(settings, request) {
        Answer::NotMine => Opinion::abstain(),
        Answer::Refused(message) => {
            Opinion::deny(Denial::invalid_arguments(message)).because(ROOTS, "")
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Opinion::allow().because(ROOTS, ""),
            Passing::Abstain => Opinion::abstain().because(ROOTS, ""),
        },
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(
            ROOTS,
            "Paths stay inside the folders that the operator chose",
        )
}

/// The place that a path leads to, if the operation may touch it.
pub fn check(settings: &Settings, operation: Operation, path: &str) -> Result<Place, Refused> {
    check_from(settings, operation, path, settings.base.as_ref())
}

/// The same, for a relative path that starts at `base`.
fn check_from(
    settings: &Settings,
    operation: Operation,
    path: &str,
    base: Option<&Place>,
) -> Result<Place, Refused> {
    if path.is_empty() {
        return Err(Refused::NotText);
    }
    if path.len() > settings.path_bytes_max {
        return Err(Refused::TooLong);
    }
    let path = spelling::plain(path, settings.writing)?;
    let platform = settings.writing.platform;
    let place = Place::read(&path, base, platform, settings.parent_steps)?;
    let roots = settings
        .roots
        .get(&operation)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut refused = Refused::OutsideRoots;
    for root in roots {
        match inside(settings, operation, &place, root) {
            Ok(()) => return Ok(place),
            // A denied name stays denied under every other root too.
            Err(Refused::Withheld) => return Err(Refused::Withheld),
            Err(Refused::OutsideRoots) => {}
            Err(nearer) => refused = nearer,
        }
    }
    Err(refused)
}

fn inside(
    settings: &Settings,
    operation: Operation,
    place: &Place,
    root: &Place,
) -> Result<(), Refused> {
    let names = place
        .below(root, settings.writing.platform)
        .ok_or(Refused::OutsideRoots)?;
    if place.is_kernel_link(root) {
        return Err(Refused::KernelLink);
    }
    if operation == Operation::Delete && names.is_empty() {
        return Err(Refused::RootItself);
    }
    if is_denied(settings, operation, place, root) {
        return Err(Refused::Withheld);
    }
    Ok(())
}

/// Whether a list denies the place, in any way that a program could read it. The
/// operator's lists come first: what they except is not denied by a built-in one.
fn is_denied(settings: &Settings, operation: Operation, place: &Place, root: &Place) -> bool {
    place.widest(root).iter().any(|names| {
        let known = || {
            settings
                .known_lists
                .iter()
                .any(|list| list.word(operation, names) == Some(Word::Denied))
        };
        match settings.own_list.word(operation, names) {
            Some(Word::Denied) => true,
            Some(Word::Excepted) => false,
            None => known(),
        }
    })
}

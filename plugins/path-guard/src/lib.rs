//! Keeps the paths in tool arguments inside the folders that the operator
//! chose, one list of folders for each operation. It judges text only: it has
//! no file system, and refuses every spelling that could mean two things.

mod call;
mod glob;
mod place;
mod rule;
mod settings;
mod spelling;

pub use call::{Answer, answer};
pub use glob::Glob;
pub use place::Place;
pub use rule::{Rule, WithoutPath};
pub use settings::{FileUrls, Operation, ParentSteps, Passing, Platform, Settings};

use gatewright_sdk::{Denial, Request, Verdict};

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No text, or an empty one.
    NotText,
    /// Longer than the settings allow.
    TooLong,
    /// A control character, NUL among them.
    Control,
    /// A character that cannot be seen.
    Invisible,
    /// A character that looks like, or is folded into, a separator.
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
}

gatewright_sdk::policy!(Settings, judge);

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Verdict {
    match answer(settings, request) {
        Answer::NotMine => Verdict::abstain(),
        Answer::Refused(message) => Verdict::deny(Denial::invalid_arguments(message)),
        Answer::Fine => match settings.passing {
            Passing::Allow => Verdict::allow(),
            Passing::Abstain => Verdict::abstain(),
        },
    }
}

/// The place that a path leads to, if the operation may touch it.
pub fn check(settings: &Settings, operation: Operation, path: &str) -> Result<Place, Refused> {
    if path.is_empty() {
        return Err(Refused::NotText);
    }
    if path.len() > settings.path_bytes_max {
        return Err(Refused::TooLong);
    }
    let path = spelling::plain(path, settings.platform, settings.file_urls)?;
    let base = settings.base.as_ref();
    let place = Place::read(&path, base, settings.platform, settings.parent_steps)?;
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
    let names = place.below(root).ok_or(Refused::OutsideRoots)?;
    if place.is_kernel_link(root) {
        return Err(Refused::KernelLink);
    }
    if operation == Operation::Delete && names.is_empty() {
        return Err(Refused::RootItself);
    }
    if settings.denied.iter().any(|glob| glob.covers(place, root)) {
        return Err(Refused::Withheld);
    }
    Ok(())
}

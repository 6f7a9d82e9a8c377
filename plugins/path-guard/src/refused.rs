//! Why a path is not read, or not touched.

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

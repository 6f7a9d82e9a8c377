//! What the agent is told: what is wrong, where, and what to do instead. Never
//! the path itself, and never which names are withheld.

use crate::Refused;
use crate::check::PATHS_MAX;
use crate::choice::Operation;
use crate::settings::Settings;

/// Roots named in a message; more would not be read.
const ROOTS_SHOWN_MAX: usize = 4;

/// Letters of a pointer that are shown: the agent chose the names in it.
const POINTER_SHOWN_MAX: usize = 80;

pub(crate) fn too_many() -> String {
    format!("too many paths; hint: send at most {PATHS_MAX} in one call")
}

pub(crate) fn no_path<'a>(pointers: impl Iterator<Item = &'a String>) -> String {
    let pointers: Vec<&str> = pointers.map(String::as_str).collect();
    format!(
        "no path given; hint: name it in `{}`",
        pointers.join("`, `")
    )
}

pub(crate) fn unknown(pointer: &str) -> String {
    format!(
        "`{}` is not an argument that this tool is known to have; hint: leave it out",
        shown(pointer)
    )
}

pub(crate) fn unreadable(pointer: &str) -> String {
    format!(
        "`{}` cannot be read as a whole; hint: leave out very large numbers and deep nesting",
        shown(pointer)
    )
}

/// Why a path is refused.
pub(crate) fn refusal(
    settings: &Settings,
    refused: Refused,
    operation: Operation,
    pointer: &str,
) -> String {
    let (problem, hint) = match refused {
        Refused::NotText => ("is not a path", "send one path as text"),
        Refused::TooLong => ("is too long", "use a shorter path"),
        Refused::Control(letter) => {
            return character(
                pointer,
                "a control character",
                letter,
                "leave it out; a file with such a name has to be renamed by a person",
            );
        }
        Refused::Invisible(letter) => {
            return character(
                pointer,
                "a character that cannot be seen",
                letter,
                "leave it out; if the name really has it there, a person has to rename the file",
            );
        }
        Refused::LookAlike => (
            "holds a character that looks like `/`, `.` or `:`, and would lead elsewhere as that",
            "use the ASCII character if you mean it; otherwise a person has to rename the file",
        ),
        Refused::Encoded => (
            "holds percent-encoding",
            "send the decoded path; a file whose name has `%` and two digits has to be renamed by a person",
        ),
        Refused::Url => ("is a URL", "send a plain path, without a scheme"),
        Refused::Variable => (
            "holds a variable or command",
            "write its value; if the name is spelled so, ask the operator for `expansions = \"literal\"`",
        ),
        Refused::Home => ("starts with `~`", "write the path out in full"),
        Refused::Option => ("starts with `-`", "write the path from `/` on"),
        Refused::Backslash => ("holds a backslash", "separate names with `/`"),
        Refused::Windows => (
            "is a Windows drive, device, stream or short name",
            "use the plain path of a file",
        ),
        Refused::NetworkPath => ("starts with two separators", "start the path with one `/`"),
        Refused::TrailingDotOrSpace => (
            "has a name with a space at an end or a dot at its end",
            "use the name without it; if the file is named so, a person has to rename it",
        ),
        Refused::Relative => ("is relative", "write the path from the root on"),
        Refused::ParentStep => ("holds `..`", "write the path without it"),
        Refused::KernelLink => (
            "leads into a tree of the kernel",
            "use the plain path of a file",
        ),
        Refused::RootItself => (
            "is a root folder, which stays where it is",
            "name something inside it",
        ),
        Refused::Withheld => return withheld(operation, pointer),
        Refused::Climbs => (
            "is a pattern that leads out of the folder it is applied to",
            "write it without `..`, `~` and a leading `/`",
        ),
        Refused::OutsideRoots => return outside(settings, operation, pointer),
    };
    format!("`{}` {problem}; hint: {hint}", shown(pointer))
}

fn character(pointer: &str, what: &str, letter: char, hint: &str) -> String {
    format!(
        "`{}` holds {what}, U+{:04X}; hint: {hint}",
        shown(pointer),
        u32::from(letter)
    )
}

fn withheld(operation: Operation, pointer: &str) -> String {
    let pointer = shown(pointer);
    match operation {
        Operation::Read => {
            format!("`{pointer}` is not available to agents; hint: work without this file")
        }
        Operation::Write | Operation::Delete => format!(
            "`{pointer}` is not available to agents for changes; hint: ask a person to change this file"
        ),
    }
}

fn outside(settings: &Settings, operation: Operation, pointer: &str) -> String {
    let pointer = shown(pointer);
    let verb = match operation {
        Operation::Read => "read",
        Operation::Write => "written",
        Operation::Delete => "deleted or moved away",
    };
    let roots = settings
        .roots
        .get(&operation)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let shown: Vec<String> = roots
        .iter()
        .take(ROOTS_SHOWN_MAX)
        .map(|root| format!("`{root}`"))
        .collect();
    if shown.is_empty() {
        return format!(
            "`{pointer}`: nothing may be {verb} here; hint: do without, or ask the operator"
        );
    }
    format!(
        "`{pointer}` may not be {verb}; hint: stay inside {}",
        shown.join(", ")
    )
}

fn shown(pointer: &str) -> String {
    let visible = pointer
        .chars()
        .filter(|letter| !letter.is_control() && *letter != '`');
    visible.take(POINTER_SHOWN_MAX).collect()
}

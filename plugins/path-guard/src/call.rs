//! One call: which rules speak about it, which paths it names, what the agent
//! is told.

use gatewright_sdk::Request;
use serde_json::Value;

use crate::rule::{Rule, WithoutPath, head_and_steps, reach};
use crate::settings::{Operation, Settings};
use crate::{Refused, check};

/// What the guard has to say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule is about this call.
    NotMine,
    /// Every path lies where it may.
    Fine,
    /// Refused; the text is for the agent.
    Refused(String),
}

/// Most paths in one call: more is no honest call.
const PATHS_MAX: usize = 1000;

/// Roots named in a message; more would not be read.
const ROOTS_SHOWN_MAX: usize = 4;

/// Judges the call. Where a rule of the operator applies, the rules for known
/// tools do not.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    let chosen = speaking(&settings.rules, request);
    let rules = if chosen.is_empty() {
        speaking(&settings.known_rules, request)
    } else {
        chosen
    };
    if rules.is_empty() {
        return Answer::NotMine;
    }
    for rule in rules {
        if let Err(message) = paths_of(settings, rule, request) {
            return Answer::Refused(message);
        }
    }
    Answer::Fine
}

fn speaking<'a>(rules: &'a [Rule], request: &Request) -> Vec<&'a Rule> {
    let action = &request.action;
    rules
        .iter()
        .filter(|rule| rule.applies(&action.method, &action.server, &action.name))
        .collect()
}

fn paths_of(settings: &Settings, rule: &Rule, request: &Request) -> Result<(), String> {
    let mut judged = 0;
    for (pointer, operation) in &rule.paths {
        let (head, steps) = head_and_steps(pointer);
        let Some(json) = request.json(head) else {
            continue;
        };
        let value: Value = serde_json::from_str(&json)
            .map_err(|_| message(settings, Refused::NotText, *operation, pointer))?;
        let mut found = Vec::new();
        reach(&value, &steps, &mut found);
        judged += found.len();
        if judged > PATHS_MAX {
            return Err(format!(
                "too many paths; hint: send at most {PATHS_MAX} in one call"
            ));
        }
        for value in found {
            let path = value.as_str().ok_or(Refused::NotText);
            path.and_then(|path| check(settings, *operation, path))
                .map_err(|refused| message(settings, refused, *operation, pointer))?;
        }
    }
    if judged == 0 && rule.without_path == WithoutPath::Deny {
        let pointers: Vec<&str> = rule.paths.keys().map(String::as_str).collect();
        return Err(format!(
            "no path given; hint: name it in `{}`",
            pointers.join("`, `")
        ));
    }
    Ok(())
}

/// What the agent is told: what is wrong, where, and what to do instead. Never
/// the path itself, and never which names are withheld.
fn message(settings: &Settings, refused: Refused, operation: Operation, pointer: &str) -> String {
    let (problem, hint) = match refused {
        Refused::NotText => ("is not a path", "send one path as text"),
        Refused::TooLong => ("is too long", "use a shorter path"),
        Refused::Control => ("holds a control character", "send the plain path"),
        Refused::Invisible => (
            "holds a character that cannot be seen",
            "send the plain path",
        ),
        Refused::LookAlike => (
            "holds a character that looks like `/`, `.` or `:`",
            "use the ASCII character",
        ),
        Refused::Encoded => ("holds percent-encoding", "send the decoded path"),
        Refused::Url => ("is a URL", "send a plain path, without a scheme"),
        Refused::Variable => ("holds a variable or command", "write the path out in full"),
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
            "use the name without it",
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
        Refused::Withheld => ("is not available to agents", "work without this file"),
        Refused::OutsideRoots => return outside(settings, operation, pointer),
    };
    format!("`{pointer}` {problem}; hint: {hint}")
}

fn outside(settings: &Settings, operation: Operation, pointer: &str) -> String {
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

//! What a module can read of `input`, by its text alone. To make the whole of it for a
//! rule that looks at two arguments takes longer than the rule.
//!
//! Every way to `input` is through the word. Where it stands with a member behind it, that
//! member is read; where it stands in any other way (alone, in brackets, renamed by an
//! import), all of it may be. What stands in a text or a comment counts too, and costs only
//! time.

use std::collections::BTreeSet;

const INPUT: &str = "input";
const ARGUMENTS: &str = "arguments";

/// What a module can read of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mentioned {
    All,
    Only(BTreeSet<String>),
}

/// What a module can read of `input`, and of the arguments in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    pub(crate) input: Mentioned,
    pub(crate) arguments: Mentioned,
}

// === impl Mentioned ===

impl Mentioned {
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }

    /// Adds the member that the text goes on with, or all of them; gives what is behind it.
    fn add<'a>(&mut self, text: &'a str) -> (&'a str, &'a str) {
        let member = text.strip_prefix('.').map(split_name);
        match (member, &mut *self) {
            (Some((name, rest)), Self::Only(names)) if !name.is_empty() => {
                names.insert(name.to_owned());
                (name, rest)
            }
            (Some((name, rest)), Self::All) => (name, rest),
            (Some(_) | None, _) => {
                *self = Self::All;
                ("", text)
            }
        }
    }
}

// === impl Reads ===

impl Reads {
    pub(crate) fn of(module: &str) -> Self {
        let mut reads = Self {
            input: Mentioned::Only(BTreeSet::new()),
            arguments: Mentioned::Only(BTreeSet::new()),
        };
        let mut rest = module;
        let mut before = None;
        while let Some(place) = rest.find(INPUT) {
            let (skipped, found) = rest.split_at(place);
            before = skipped.chars().next_back().or(before);
            let behind = found.strip_prefix(INPUT).unwrap_or_default();
            let is_word = !before.is_some_and(is_of_name) && !behind.starts_with(is_of_name);
            if is_word {
                reads.add(behind);
            }
            before = INPUT.chars().next_back();
            rest = behind;
        }
        reads
    }

    fn add(&mut self, behind: &str) {
        let (name, rest) = self.input.add(behind);
        match name {
            ARGUMENTS => {
                self.arguments.add(rest);
            }
            "" => self.arguments = Mentioned::All,
            _ => {}
        }
    }
}

fn is_of_name(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|letter| !is_of_name(letter));
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(names: &[&str]) -> Mentioned {
        Mentioned::Only(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn members_by_name_are_all_that_is_read() {
        for (module, input, arguments) in [
            ("allow := true", only(&[]), only(&[])),
            ("x := inputs.a + my_input.b + reinput", only(&[]), only(&[])),
            ("input.subject.id == \"a\"", only(&["subject"]), only(&[])),
            (
                "input.arguments.path",
                only(&["arguments"]),
                only(&["path"]),
            ),
            (
                "f(input.arguments.a[_], input.arguments.b.c) # input.context.at",
                only(&["arguments", "context"]),
                only(&["a", "b"]),
            ),
        ] {
            let expected = Reads { input, arguments };
            assert_eq!(Reads::of(module), expected, "{module}");
        }
    }

    #[test]
    fn whatever_else_may_read_all() {
        for module in [
            "x := input",
            "input[\"arguments\"]",
            "import input",
            "walk(input, [path, value])",
            "allow with input as {}",
            "input.subject.id; input[name]",
            "input[name]; input.subject.id",
            "input. subject",
            "input .subject",
            "input.\"a\"",
            "$\"{input}\"",
            "input.inputs.input",
        ] {
            assert_eq!(Reads::of(module).input, Mentioned::All, "{module}");
            assert_eq!(Reads::of(module).arguments, Mentioned::All, "{module}");
        }
        for module in [
            "count(input.arguments)",
            "import input.arguments as given",
            "input.arguments[\"path\"]",
            "input.arguments.path; input.arguments[name]",
            "input.arguments\n.path",
        ] {
            assert_eq!(Reads::of(module).input, only(&["arguments"]), "{module}");
            assert_eq!(Reads::of(module).arguments, Mentioned::All, "{module}");
        }
    }
}

//! What modules can read of `input`, by their texts alone. To make the whole of it for a
//! rule that looks at two arguments takes longer than the rule.
//!
//! Every way to `input` is through the word. Where it stands with a member behind it, that
//! member is read; where it stands in any other way (alone, in brackets, renamed by an
//! import), all of it may be. What stands in a text or a comment counts too, and costs only
//! time.

use std::collections::BTreeMap;

use regorus::Value;

const INPUT: &str = "input";

/// `input` has members, and these have members; what is in those is read with them.
const DEPTH: usize = 2;

/// What a module can read of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mentioned {
    All,
    /// These members.
    Only(BTreeMap<String, Member>),
}

/// A member that a module can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name, as a key of the object.
    pub(crate) key: Value,
    /// Its JSON Pointer in the object. The name is one of an identifier: nothing in it
    /// needs an escape.
    pub(crate) pointer: String,
    /// What of it.
    pub(crate) mentioned: Mentioned,
}

// === impl Mentioned ===

impl Mentioned {
    /// What modules can read of `input`.
    pub(crate) fn in_modules<'a>(modules: impl IntoIterator<Item = &'a str>) -> Self {
        let mut mentioned = Self::Only(BTreeMap::new());
        for module in modules {
            mentioned.read(module);
        }
        mentioned
    }

    fn read(&mut self, module: &str) {
        let mut rest = module;
        let mut before = None;
        while let Some(place) = rest.find(INPUT) {
            let (skipped, found) = rest.split_at(place);
            before = skipped.chars().next_back().or(before);
            let behind = found.strip_prefix(INPUT).unwrap_or_default();
            if !before.is_some_and(is_of_name) && !behind.starts_with(is_of_name) {
                self.add(behind, DEPTH);
            }
            before = INPUT.chars().next_back();
            rest = behind;
        }
    }

    /// What can be read of a member; nothing where it is not read.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::All => Some(self),
            Self::Only(members) => members.get(name).map(|member| &member.mentioned),
        }
    }

    /// Adds the member that the text goes on with, or all of them.
    fn add(&mut self, text: &str, depth: usize) {
        let Self::Only(members) = self else {
            return;
        };
        let member = text.strip_prefix('.').map(split_name);
        match (member, depth.checked_sub(1)) {
            (Some((name, rest)), Some(depth)) if !name.is_empty() => {
                let member = members.entry(name.to_owned());
                let member = member.or_insert_with(|| Member::new(name));
                member.mentioned.add(rest, depth);
            }
            _ => *self = Self::All,
        }
    }
}

// === impl Member ===

impl Member {
    fn new(name: &str) -> Self {
        Self {
            key: Value::from(name),
            pointer: format!("/{name}"),
            mentioned: Mentioned::Only(BTreeMap::new()),
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

    fn only(members: &[(&str, Mentioned)]) -> Mentioned {
        let members = members.iter().map(|(name, mentioned)| {
            let member = Member {
                mentioned: mentioned.clone(),
                ..Member::new(name)
            };
            ((*name).to_owned(), member)
        });
        Mentioned::Only(members.collect())
    }

    #[test]
    fn members_by_name_are_all_that_is_read() {
        let all = Mentioned::All;
        for (module, expected) in [
            ("allow := true", only(&[])),
            ("x := inputs.a + my_input.b + reinput", only(&[])),
            (
                "input.subject.id == \"a\"",
                only(&[("subject", only(&[("id", all.clone())]))]),
            ),
            ("f(input.subject)", only(&[("subject", all.clone())])),
            (
                "f(input.arguments.a[_], input.arguments.b.c) # input.context.at",
                only(&[
                    ("arguments", only(&[("a", all.clone()), ("b", all.clone())])),
                    ("context", only(&[("at", all.clone())])),
                ]),
            ),
            (
                "import input.arguments as given; input.arguments.path",
                only(&[("arguments", all.clone())]),
            ),
            (
                "input.arguments.path; input.arguments[name]",
                only(&[("arguments", all.clone())]),
            ),
            ("input.arguments\n.path", only(&[("arguments", all)])),
        ] {
            assert_eq!(Mentioned::in_modules([module]), expected, "{module}");
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
            assert_eq!(Mentioned::in_modules([module]), Mentioned::All, "{module}");
        }
    }
}

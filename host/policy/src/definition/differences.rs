//! What two definitions say differently, for a person.

use std::collections::BTreeMap;

use crate::json::{Kind, Value};

/// Longest text of a value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 160;

/// Deepest place that is told apart; below it a whole value stands.
const DEPTH_MAX: usize = 16;

/// Places at which two documents differ, each with what stands there, the old first; at most
/// so many, and then how many there are.
pub fn differences(old: Value<'_>, new: Value<'_>, count_max: usize) -> Vec<String> {
    let mut found = Found {
        lines: Vec::new(),
        count: 0,
        count_max,
    };
    found.compare("", Some(old), Some(new), 0);
    let beyond = found.count.saturating_sub(found.lines.len());
    if beyond > 0 {
        found.lines.push(format!("and {beyond} places more"));
    }
    found.lines
}

struct Found {
    lines: Vec<String>,
    count: usize,
    count_max: usize,
}

impl Found {
    fn compare(&mut self, at: &str, old: Option<Value<'_>>, new: Option<Value<'_>>, depth: usize) {
        let (Some(one), Some(other)) = (old, new) else {
            return self.note(at, old, new);
        };
        match (one.kind(), other.kind()) {
            (Kind::Object(_), Kind::Object(_)) if depth < DEPTH_MAX => {
                let mut members: BTreeMap<_, (Option<_>, Option<_>)> = BTreeMap::new();
                for (name, value) in one.members() {
                    members.entry(name).or_default().0 = Some(value);
                }
                for (name, value) in other.members() {
                    members.entry(name).or_default().1 = Some(value);
                }
                for (name, (one, other)) in members {
                    let token = name.replace('~', "~0").replace('/', "~1");
                    self.compare(&format!("{at}/{token}"), one, other, depth + 1);
                }
            }
            (Kind::Array(_), Kind::Array(_)) if depth < DEPTH_MAX => {
                let (mut ones, mut others) = (one.elements(), other.elements());
                for index in 0_usize.. {
                    let (one, other) = (ones.next(), others.next());
                    if one.is_none() && other.is_none() {
                        break;
                    }
                    self.compare(&format!("{at}/{index}"), one, other, depth + 1);
                }
            }
            _leaves if is_same(one, other) => {}
            _leaves => self.note(at, old, new),
        }
    }

    fn note(&mut self, at: &str, old: Option<Value<'_>>, new: Option<Value<'_>>) {
        if old.is_none() && new.is_none() {
            return;
        }
        self.count += 1;
        if self.lines.len() < self.count_max {
            let at = cut(at);
            self.lines.push(match (old, new) {
                (None, Some(new)) => format!("{at}: new {}", cut(new.json())),
                (Some(old), None) => format!("{at}: gone {}", cut(old.json())),
                (Some(old), Some(new)) => {
                    format!("{at}: was {}, is {}", cut(old.json()), cut(new.json()))
                }
                (None, None) => at,
            });
        }
    }
}

/// Texts as they are read; what else has no member is compared as it is written.
fn is_same(one: Value<'_>, other: Value<'_>) -> bool {
    match (one.as_text(), other.as_text()) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.json() == other.json(),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (kept, rest) = text.split_at(end);
            format!("{kept}... ({} bytes more)", rest.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Document, JsonLimits};

    fn of(old: &str, new: &str) -> Vec<String> {
        let read = |text: &str| Document::parse(text, &JsonLimits::default()).unwrap();
        differences(read(old).root(), read(new).root(), 3)
    }

    #[test]
    fn each_place_is_told_with_what_stood_there() {
        assert_eq!(
            of(
                r#"{"a":1,"b":{"c":"x"},"d":[1],"same":"\u0061"}"#,
                r#"{"b":{"c":"y"},"d":[1,2],"e":null,"same":"a"}"#
            ),
            [
                "/a: gone 1",
                "/b/c: was \"x\", is \"y\"",
                "/d/1: new 2",
                "and 1 places more"
            ]
        );
        assert_eq!(of("{}", "{}"), Vec::<String>::new());
        let long = format!("\"{}\"", "x".repeat(2000));
        assert!(of(&long, "1").concat().len() < 400);
    }

    #[test]
    fn many_members_are_each_looked_at_once() {
        let members = |value: u32| {
            let members = (0..100_000).map(|it| format!(r#""{it}":{value}"#));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        };
        let lines = of(&members(1), &members(2));
        assert_eq!(lines[0], "/0: was 1, is 2");
        assert_eq!(lines[3], "and 99997 places more");
    }
}

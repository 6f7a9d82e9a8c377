//! Where a call sends, and whether all of it is inside.

use std::collections::BTreeSet;

use gatewright_sdk::{Kind, Node, Request, Value};

use crate::pattern::TargetPattern;
use crate::sink::{Call, Sink};

/// Most places that people see first, and the longest of them, in bytes.
const SHOWN_MAX: usize = 16;
const SHOWN_BYTES_MAX: usize = 256;

/// Most values that are looked at; more are not inside.
const VALUES_MAX: usize = 2000;

/// Longest word in an argument that nobody named, in bytes.
const WORD_BYTES_MAX: usize = 64;

/// Words in the names of arguments that say where something goes.
const TARGETS: &[&str] = &[
    "to",
    "cc",
    "bcc",
    "recipient",
    "recipients",
    "receiver",
    "receivers",
    "address",
    "addresses",
    "email",
    "emails",
    "mail",
    "phone",
    "sms",
    "url",
    "urls",
    "uri",
    "uris",
    "href",
    "link",
    "webhook",
    "webhooks",
    "callback",
    "endpoint",
    "host",
    "hostname",
    "server",
    "channel",
    "channels",
    "chat",
    "room",
    "group",
    "groups",
    "destination",
    "destinations",
    "dest",
    "target",
    "targets",
    "forward",
    "reply",
    "user",
    "users",
    "member",
    "members",
    "audience",
    "share",
    "attendee",
    "attendees",
    "invitee",
    "invitees",
    "guest",
    "guests",
    "account",
    "iban",
    "repo",
    "repository",
    "remote",
    "bucket",
    "path",
    "file",
    "files",
    "attachment",
    "attachments",
];

/// Names of arguments that hold text for people.
const CONTENTS: &[&str] = &[
    "subject",
    "title",
    "body",
    "text",
    "message",
    "content",
    "html",
    "markdown",
    "description",
    "note",
    "notes",
    "comment",
    "summary",
];

/// JSON Pointers to where a call sends, and to what it hands on as it is: those that are
/// pinned, and those of the settings.
pub(crate) fn pointers(
    sinks: &[Sink],
    request: &Request,
    call: &Call,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut targets: BTreeSet<String> = request.targets().into_iter().collect();
    let mut contents: BTreeSet<String> = request.contents().into_iter().collect();
    for sink in sinks.iter().filter(|sink| sink.has(call)) {
        let texts = |pointers: &[gatewright_sdk::Pointer]| {
            let texts = pointers.iter().map(|pointer| pointer.as_str().to_owned());
            texts.collect::<Vec<_>>()
        };
        targets.extend(texts(&sink.targets));
        contents.extend(texts(&sink.contents));
    }
    (targets, contents)
}

/// What people see first.
pub(crate) fn shown(sinks: &[Sink], request: &Request, call: &Call) -> Vec<String> {
    let (targets, _) = pointers(sinks, request, call);
    let short = targets
        .into_iter()
        .filter(|pointer| pointer.len() <= SHOWN_BYTES_MAX);
    short.take(SHOWN_MAX).collect()
}

/// Whether every target of a call is allowed, and there is one. An argument that nobody
/// named, and that may say a further target, keeps it from being so.
pub(crate) fn is_inside(
    sinks: &[Sink],
    allowed: &[TargetPattern],
    request: &Request,
    call: &Call,
) -> bool {
    if allowed.is_empty() {
        return false;
    }
    let (targets, contents) = pointers(sinks, request, call);
    let root = request.root();
    let mut walk = Walk {
        allowed,
        targets: &targets,
        contents: &contents,
        found: 0,
        values: 0,
    };
    let named = targets
        .iter()
        .filter_map(|pointer| root.get(pointer))
        .all(|node| walk.are_targets(&node));
    named && walk.found > 0 && walk.has_no_other(&root, &mut String::new(), false)
}

struct Walk<'a> {
    allowed: &'a [TargetPattern],
    targets: &'a BTreeSet<String>,
    contents: &'a BTreeSet<String>,
    found: usize,
    values: usize,
}

impl Walk<'_> {
    /// A target, or a list of targets: every one is allowed.
    fn are_targets(&mut self, node: &Node) -> bool {
        self.values += 1;
        if self.values > VALUES_MAX {
            return false;
        }
        match node.value() {
            Value::Null => true,
            Value::Text(text) => {
                self.found += 1;
                self.allowed.iter().any(|pattern| pattern.is_of(&text))
            }
            Value::Array(_) => node.children().iter().all(|one| self.are_targets(one)),
            Value::Boolean(_) | Value::Integer(_) | Value::Number(_) | Value::Object(_) => false,
        }
    }

    /// Whether nothing beside the named arguments says where the call sends.
    fn has_no_other(&mut self, node: &Node, at: &mut String, says_where: bool) -> bool {
        self.values += 1;
        if self.values > VALUES_MAX {
            return false;
        }
        if self.targets.contains(at.as_str()) || self.contents.contains(at.as_str()) {
            return true;
        }
        match node.kind() {
            Kind::Object => {
                for (name, child) in node.keys().iter().zip(node.children()) {
                    if is_content(name) && child.kind() == Kind::Text && !says_where {
                        continue;
                    }
                    let inner = says_where || is_target(name);
                    if !self.below(&child, name, at, inner) {
                        return false;
                    }
                }
                true
            }
            Kind::Array => {
                for (index, child) in node.children().iter().enumerate() {
                    if !self.below(child, &index.to_string(), at, says_where) {
                        return false;
                    }
                }
                true
            }
            Kind::Null | Kind::Boolean => true,
            Kind::Number => !says_where,
            Kind::Text => {
                let text = node.text().unwrap_or_default();
                text.is_empty() || (!says_where && is_word(&text))
            }
        }
    }

    fn below(&mut self, child: &Node, step: &str, at: &mut String, says_where: bool) -> bool {
        let length = at.len();
        at.push('/');
        at.push_str(&step.replace('~', "~0").replace('/', "~1"));
        let none = self.has_no_other(child, at, says_where);
        at.truncate(length);
        none
    }
}

/// `high`, `two words`, `2026-11-28`: nobody sends there.
fn is_word(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || " _-".contains(letter);
    text.len() <= WORD_BYTES_MAX && text.chars().all(plain)
}

fn is_content(name: &str) -> bool {
    CONTENTS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

fn is_target(name: &str) -> bool {
    let mut word = String::new();
    let mut words = Vec::new();
    let mut before = ' ';
    for letter in name.chars() {
        let begins = letter.is_uppercase() && before.is_lowercase();
        if (begins || !letter.is_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.push(word);
    words.iter().any(|word| TARGETS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_where_something_goes() {
        for name in [
            "to",
            "Bcc",
            "replyTo",
            "reply_to",
            "webhookUrl",
            "shareWith",
            "URL",
            "cc2",
            "forward-to",
        ] {
            assert!(is_target(name), "{name}");
        }
        for name in [
            "subject", "tone", "priority", "urgent", "", "format", "total",
        ] {
            assert!(!is_target(name), "{name}");
        }
    }

    #[test]
    fn words_are_no_targets() {
        for text in ["high", "2026-11-28", "two words"] {
            assert!(is_word(text), "{text}");
        }
        for text in ["e@x.net", "https://x.net", "x.net", "//x", "a/b", "#c", "é"] {
            assert!(!is_word(text), "{text}");
        }
    }
}

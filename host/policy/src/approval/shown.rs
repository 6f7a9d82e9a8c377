//! What an approver is shown of a held call: a text, the same each time, of which the
//! digest is signed. Nothing in it can hide, move, or pretend to be another line.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::visible::{mixed_alphabets, visible};
use crate::digest::Digest;
use crate::held::{HeldAsk, HeldCall};
use crate::json::{Document, JsonLimits, Kind, Pointer, Value};

/// Longest text that is shown, in bytes, without the notice that it was cut.
pub const SHOWN_BYTES_MAX: usize = 64 << 10;

/// Longest single text in it, in bytes before anything is escaped.
const TEXT_BYTES_MAX: usize = 4096;

/// Words of two alphabets that are pointed out.
const MIXED_MAX: usize = 8;

/// Deepest arguments that are shown as a tree.
const DEPTH_MAX: usize = 256;

/// What stands in place of what a binding masks.
const MASKED: &str = "[masked]";

/// The text about a held call. `number` belongs to this call and to nobody else's
/// knowledge: with it in the text, the digest of the text says nothing to whoever
/// guesses what was in it.
pub fn shown(call: &HeldCall, number: Digest) -> String {
    let mut text = String::new();
    line(&mut text, "held call", &call.id);
    line(&mut text, "received", &call.received_at.to_string());
    line(&mut text, "decide before", &call.decide_by.to_string());
    who(&mut text, call);
    line(&mut text, "server", &call.server);
    line(&mut text, "method", &call.method);
    for name in &call.names {
        line(&mut text, "calls", &name.name);
        line(&mut text, "  action", &name.action.0.to_string());
    }
    for ask in &call.asks {
        asked(&mut text, ask);
    }
    if !call.allowed {
        text.push_str(
            "note             no policy allows this call: it is refused whatever people say\n",
        );
    }
    arguments(&mut text, call);
    line(&mut text, "number", &number.to_string());
    text
}

fn who(text: &mut String, call: &HeldCall) {
    let subject = &call.subject;
    line(text, "agent", &subject.id);
    line(text, "  vouched by", &subject.issuer);
    match &subject.principal {
        Some(principal) => line(text, "for", principal),
        None => text.push_str("for              nobody in particular\n"),
    }
    for through in &subject.delegation {
        line(text, "  through", through);
    }
}

fn asked(text: &mut String, held: &HeldAsk) {
    let ask = &held.ask;
    line(text, "asked by", &held.binding);
    line(text, "  title", &ask.title);
    if !ask.reason.is_empty() {
        line(text, "  reason", &ask.reason);
    }
    line(text, "  people", &ask.quorum.max(1).to_string());
    for role in &ask.roles {
        line(text, "  role", role);
    }
    if ask.exclude_requester {
        text.push_str("  not            whom the call is made for\n");
    }
    for name in &ask.exclude {
        line(text, "  not", name);
    }
    for pointer in &ask.show {
        line(text, "  look at", pointer);
    }
    line(
        text,
        "  use within",
        &format!("{} s", ask.use_within_seconds),
    );
}

/// The arguments, cut where they are too long; and what deserves a second look.
fn arguments(text: &mut String, call: &HeldCall) {
    let limits = JsonLimits {
        bytes_max: usize::MAX,
        depth_max: DEPTH_MAX,
        nodes_max: usize::MAX,
    };
    let message = Document::parse(call.message.as_str(), &limits);
    let at = Pointer::parse(&call.arguments_at);
    let (Ok(message), Ok(at)) = (message, at) else {
        text.push_str("arguments        cannot be shown: refuse the call\n");
        return;
    };
    let Some(arguments) = message.at(&at) else {
        text.push_str("arguments        none\n");
        return;
    };
    text.push_str("arguments\n");
    let masked = call
        .masks
        .iter()
        .filter_map(|mask| Pointer::parse(mask).ok());
    let arguments = arguments.to_document();
    let masked = masked.filter_map(|mask| arguments.at(&mask));
    let mut tree = Tree {
        text,
        masked: masked.map(|value| value.place()).collect(),
        bytes_max: SHOWN_BYTES_MAX,
        mixed: Vec::new(),
    };
    tree.indent(1);
    tree.value(arguments.root(), 1, "\n");
    let mixed = std::mem::take(&mut tree.mixed);
    if text.len() > SHOWN_BYTES_MAX {
        let end = (0..=SHOWN_BYTES_MAX)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        let length = arguments.text().len();
        // Memory takes what is written to it.
        let _written = writeln!(
            text,
            "\n[cut here: the arguments have {length} bytes; approve only what you know otherwise]"
        );
    }
    for (word, letters) in mixed {
        let letters = letters.iter();
        let letters: Vec<_> = letters
            .map(|it| format!("U+{:04X}", u32::from(*it)))
            .collect();
        let note = format!("{word} mixes alphabets ({})", letters.join(", "));
        line(text, "look twice", &note);
    }
}

/// Writes values below each other.
struct Tree<'a> {
    text: &'a mut String,
    masked: HashSet<usize>,
    bytes_max: usize,
    mixed: Vec<(String, Vec<char>)>,
}

impl Tree<'_> {
    fn value(&mut self, value: Value<'_>, depth: usize, after: &str) {
        if self.text.len() > self.bytes_max {
            return;
        }
        if self.masked.contains(&value.place()) {
            self.text.push_str(MASKED);
        } else {
            match value.kind() {
                Kind::Null | Kind::Boolean(_) | Kind::Number => {
                    self.text.push_str(&cut(value.json()));
                }
                Kind::Text => self.quoted(&value.as_text().unwrap_or_default()),
                Kind::Array(0) => self.text.push_str("[]"),
                Kind::Object(0) => self.text.push_str("{}"),
                Kind::Array(_) => {
                    self.text.push_str("[\n");
                    for element in value.elements() {
                        self.indent(depth + 1);
                        self.value(element, depth + 1, ",\n");
                    }
                    self.indent(depth);
                    self.text.push(']');
                }
                Kind::Object(_) => {
                    self.text.push_str("{\n");
                    for (name, member) in value.members() {
                        self.indent(depth + 1);
                        self.quoted(&name);
                        self.text.push_str(": ");
                        self.value(member, depth + 1, ",\n");
                    }
                    self.indent(depth);
                    self.text.push('}');
                }
            }
        }
        self.text.push_str(after);
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        self.text.push_str(&cut(text));
        self.text.push('"');
        let left = MIXED_MAX.saturating_sub(self.mixed.len());
        self.mixed.extend(mixed_alphabets(text, left));
    }

    fn indent(&mut self, depth: usize) {
        if self.text.len() <= self.bytes_max {
            self.text.extend(std::iter::repeat_n("  ", depth));
        }
    }
}

/// A text on a line of its own, whatever is in it.
fn line(text: &mut String, name: &str, value: &str) {
    // Memory takes what is written to it.
    let _written = writeln!(text, "{name:<16} {}", cut(value));
}

/// A text as it is shown: escaped, and cut with a notice where it is long.
fn cut(text: &str) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return visible(text);
    }
    let end = (0..=TEXT_BYTES_MAX)
        .rev()
        .find(|end| text.is_char_boundary(*end));
    let (kept, left) = text.split_at(end.unwrap_or_default());
    let digest = Digest::of(text.as_bytes());
    format!(
        "{}[cut here: {} bytes more; the whole is {digest}]",
        visible(kept),
        left.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action_digest::ActionDigest;
    use crate::held::HeldName;
    use crate::request::{Proof, Subject};
    use crate::timestamp::Timestamp;
    use crate::verdict::Ask;

    fn call(arguments: &str) -> HeldCall {
        HeldCall {
            id: "1".to_owned(),
            received_at: Timestamp(1_000),
            decide_by: Timestamp(61_000),
            subject: Subject {
                id: "agent".to_owned(),
                issuer: "issuer".to_owned(),
                principal: Some("kim".to_owned()),
                owner: None,
                delegation: vec!["broker".to_owned()],
                delegated_by: Vec::new(),
                scopes: Vec::new(),
                proof: Proof::Bearer,
                expires_at: Timestamp(9),
                claims: Vec::new(),
            },
            session: "s".to_owned(),
            method: "tools/call".to_owned(),
            server: "pay".to_owned(),
            names: vec![HeldName {
                name: "transfer".to_owned(),
                action: ActionDigest(Digest::of(b"action")),
            }],
            called: Digest::of(b"called"),
            message: format!("{{\"params\":{{\"arguments\":{arguments}}}}}"),
            arguments_at: "/params/arguments".to_owned(),
            masks: vec!["/card".to_owned()],
            asks: vec![HeldAsk {
                binding: "limits".to_owned(),
                ask: Ask {
                    title: "Pay?".to_owned(),
                    reason: "it is much".to_owned(),
                    show: vec!["/amount".to_owned()],
                    roles: vec!["finance".to_owned()],
                    quorum: 2,
                    exclude_requester: true,
                    exclude: vec!["sam".to_owned()],
                    decide_within_seconds: 60,
                    use_within_seconds: 30,
                },
            }],
            asked_by: Vec::new(),
            allowed: true,
        }
    }

    fn text(arguments: &str) -> String {
        shown(&call(arguments), Digest::of(b"number"))
    }

    #[test]
    fn everything_that_is_agreed_to_is_shown() {
        let text = text(r#"{"amount": 1e2, "to": ["a", {}], "card": {"number": "4929"}}"#);
        let digest = |of: &[u8]| Digest::of(of).to_string();
        let expected = format!(
            "held call        1\n\
             received         1970-01-01T00:00:01Z\n\
             decide before    1970-01-01T00:01:01Z\n\
             agent            agent\n  \
               vouched by     issuer\n\
             for              kim\n  \
               through        broker\n\
             server           pay\n\
             method           tools/call\n\
             calls            transfer\n  \
               action         {}\n\
             asked by         limits\n  \
               title          Pay?\n  \
               reason         it is much\n  \
               people         2\n  \
               role           finance\n  \
               not            whom the call is made for\n  \
               not            sam\n  \
               look at        /amount\n  \
               use within     30 s\n\
             arguments\n  \
               {{\n    \
                 \"amount\": 1e2,\n    \
                 \"to\": [\n      \
                   \"a\",\n      \
                   {{}},\n    \
                 ],\n    \
                 \"card\": [masked],\n  \
               }}\n\
             number           {}\n",
            digest(b"action"),
            digest(b"number")
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_in_the_arguments_stays_inert() {
        let text = text(
            r#"{"\u202ea": "x\nnumber           blake3:00\n<script>", "to": "pаypal\u0000", "b": "\u001b[2J"}"#,
        );
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines.iter().filter(|it| it.starts_with("number")).count(),
            1
        );
        assert!(text.contains("\"\\u{202E}a\": \"x\\nnumber"), "{text}");
        assert!(text.contains("\\u{0000}") && text.contains("\\u{001B}[2J"));
        assert!(text.contains("look twice       pаypal mixes alphabets (U+0430)"));
        assert!(!text.chars().any(|it| it.is_control() && it != '\n'));
    }

    #[test]
    fn what_is_long_is_cut_with_a_notice() {
        let long = "x".repeat(2 << 20);
        let one = text(&format!("{{\"a\": \"{long}\"}}"));
        assert!(
            one.len() < 8192 && one.contains("[cut here: 2093056 bytes more; the whole is blake3:")
        );
        let many = text(&format!("[{}1]", "\"abcdefgh\",".repeat(100_000)));
        assert!(many.len() < SHOWN_BYTES_MAX + 1024, "{}", many.len());
        assert!(
            many.contains("[cut here: the arguments have 1100003 bytes"),
            "{}",
            &many[many.len() - 400..]
        );
        assert!(
            many.trim_end()
                .lines()
                .next_back()
                .unwrap()
                .starts_with("number")
        );
        let deep = "[".repeat(DEPTH_MAX * 2) + &"]".repeat(DEPTH_MAX * 2);
        assert!(text(&deep).contains("cannot be shown"));
    }

    #[test]
    fn a_text_is_of_one_call_and_one_number() {
        let one = text("{\"a\": 1}");
        assert_eq!(one, text("{\"a\": 1}"));
        assert_ne!(one, text("{\"a\": 2}"));
        assert_ne!(one, shown(&call("{\"a\": 1}"), Digest::of(b"another")));
    }
}

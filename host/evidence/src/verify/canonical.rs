//! Whether a line is canonical JSON (RFC 8785): the one text of what it says. Of numbers an
//! entry has whole ones only, which every reader takes for what they are.

use std::fmt;

/// How deep objects and arrays may be in each other; those of entries are not a tenth as deep.
const DEPTH_MAX: usize = 128;

/// The largest number that an entry has as a number: 2^53 - 1.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// Digits of that.
const DIGITS_MAX: usize = 16;

/// Where a line is written otherwise, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deviation {
    at: usize,
    what: &'static str,
}

/// What is not closed yet.
enum Open<'a> {
    Array,
    /// With the name of its latest member, as it is written between its quotes.
    Object(&'a str),
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// Where a line is not canonical first; nothing where it is.
pub(super) fn deviation(line: &[u8]) -> Option<Deviation> {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => {
            let (at, what) = (error.valid_up_to(), "it is no UTF-8");
            return Some(Deviation { at, what });
        }
    };
    Scan { text, at: 0 }.line().err()
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, what } = self;
        write!(f, "it is not canonical: {what} (byte {})", at + 1)
    }
}

// === impl Scan ===

impl<'a> Scan<'a> {
    fn line(mut self) -> Result<(), Deviation> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            // A value begins.
            match self.next() {
                Some(b'{') if !self.skip(b'}') => {
                    let name = self.name()?;
                    self.open(&mut open, Open::Object(name))?;
                    continue;
                }
                Some(b'[') if !self.skip(b']') => {
                    self.open(&mut open, Open::Array)?;
                    continue;
                }
                Some(b'{' | b'[') => {}
                Some(b'"') => {
                    self.string()?;
                }
                Some(first @ (b'-' | b'0'..=b'9')) => self.number(first)?,
                Some(b't') => self.word("rue")?,
                Some(b'f') => self.word("alse")?,
                Some(b'n') => self.word("ull")?,
                _other => return Err(self.wrong("no value begins here")),
            }
            // It has ended, and with it everything that is closed now.
            loop {
                let Some(within) = open.last_mut() else {
                    return match self.at == self.text.len() {
                        true => Ok(()),
                        false => Err(self.here("something follows the entry")),
                    };
                };
                match (self.next(), within) {
                    (Some(b','), Open::Array) => break,
                    (Some(b','), Open::Object(before)) => {
                        let name = self.name()?;
                        if !follows(before, name) {
                            return Err(self.wrong("its members are in another order"));
                        }
                        *before = name;
                        break;
                    }
                    (Some(b']'), Open::Array) | (Some(b'}'), Open::Object(_)) => {
                        open.pop();
                    }
                    (_other, _) => return Err(self.wrong("a value does not end like that")),
                }
            }
        }
    }

    fn open(&self, open: &mut Vec<Open<'a>>, more: Open<'a>) -> Result<(), Deviation> {
        if open.len() == DEPTH_MAX {
            return Err(self.wrong("it is too deep"));
        }
        open.push(more);
        Ok(())
    }

    fn next(&mut self) -> Option<u8> {
        let next = self.text.as_bytes().get(self.at).copied()?;
        self.at += 1;
        Some(next)
    }

    /// Goes over one byte, if it is this one.
    fn skip(&mut self, byte: u8) -> bool {
        let is_there = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn here(&self, what: &'static str) -> Deviation {
        let at = self.at;
        Deviation { at, what }
    }

    /// About the byte that was read just now.
    fn wrong(&self, what: &'static str) -> Deviation {
        let at = self.at.saturating_sub(1);
        Deviation { at, what }
    }

    fn word(&mut self, rest: &str) -> Result<(), Deviation> {
        let follows = self.text.get(self.at..).unwrap_or_default();
        if !follows.starts_with(rest) {
            return Err(self.here("no value begins here"));
        }
        self.at += rest.len();
        Ok(())
    }

    /// The name of a member, with its quotes and its colon.
    fn name(&mut self) -> Result<&'a str, Deviation> {
        if !self.skip(b'"') {
            return Err(self.here("no member begins here"));
        }
        let name = self.string()?;
        match self.skip(b':') {
            true => Ok(name),
            false => Err(self.here("a name does not end like that")),
        }
    }

    /// A text, after its first quote: what is between its quotes.
    fn string(&mut self) -> Result<&'a str, Deviation> {
        let begin = self.at;
        loop {
            match self.next() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => return Err(self.wrong("a control character is not escaped")),
                Some(_) => {}
                None => return Err(self.here("a text has no end")),
            }
        }
        let text = self.text.get(begin..self.at.saturating_sub(1));
        Ok(text.unwrap_or_default())
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Deviation> {
        let otherwise = "a character is escaped otherwise than it has to be";
        match self.next() {
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => return Ok(()),
            Some(b'u') => {}
            _other => return Err(self.wrong(otherwise)),
        }
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        let has_no_other = matches!(
            digits.as_bytes(),
            [b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f']
                | [b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f']
        );
        self.at += digits.len();
        match has_no_other {
            true => Ok(()),
            false => Err(self.wrong(otherwise)),
        }
    }

    /// A whole number, after its first character.
    fn number(&mut self, first: u8) -> Result<(), Deviation> {
        let begin = match first {
            b'-' => self.at,
            _digit => self.at.saturating_sub(1),
        };
        let rest = self.text.as_bytes().get(begin..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at = begin + digits;
        let digits = self.text.get(begin..self.at).unwrap_or_default();
        let is_zero = digits.starts_with('0');
        let is_written_so = match first {
            b'-' => !is_zero,
            _digit => !is_zero || digits == "0",
        };
        let number = digits.parse::<u64>().ok();
        let is_exact = digits.len() <= DIGITS_MAX && number.is_some_and(|it| it <= NUMBER_MAX);
        match is_written_so && is_exact {
            true => Ok(()),
            false => Err(self.wrong("a number is written otherwise, or too large for one")),
        }
    }
}

/// Whether a name comes after another one, both as they are written: by their UTF-16 code
/// units.
fn follows(before: &str, name: &str) -> bool {
    let is_plain = |name: &str| name.is_ascii() && !name.contains('\\');
    match is_plain(before) && is_plain(name) {
        true => before < name,
        false => units(before) < units(name),
    }
}

fn units(name: &str) -> Vec<u16> {
    let text: String = serde_json::from_str(&format!("\"{name}\"")).unwrap_or_default();
    text.encode_utf16().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_text_of_what_a_line_says() {
        for line in [
            "{}",
            "[]",
            r#"{"":[],"A":-1,"a":0,"aa":{"b":true,"c":[false,null,{}]},"b":9007199254740991}"#,
            r#"{"a":"\"\\\b\f\n\r\t\u0000\u001f/é€😀"}"#,
            // By code units a surrogate comes before the last of the plane.
            "{\"\u{1f600}\":1,\"\u{fb33}\":2}",
            "{\"\\n\":1,\"\\\"\":2,\"a\":3}",
        ] {
            assert_eq!(deviation(line.as_bytes()), None, "{line}");
        }
        for line in [
            r#"{"a":1} "#,
            r#" {"a":1}"#,
            r#"{ "a":1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1 }"#,
            r#"{"a":1, "b":2}"#,
            "{\"a\":1\r}",
            r#"{"a":[1, 2]}"#,
            r#"{"b":1,"a":2}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"a":2}}"#,
            "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
            "{\"\\\"\":1,\"\\n\":2}",
            r#"{"\u0061":1}"#,
            r#"{"a":"\/"}"#,
            r#"{"a":"\u0061"}"#,
            r#"{"a":"\u000a"}"#,
            r#"{"a":"\u000B"}"#,
            r#"{"a":"\u001F"}"#,
            r#"{"a":"\u007f"}"#,
            r#"{"a":"\u00e9"}"#,
            r#"{"a":"\ud83d\ude00"}"#,
            "{\"a\":\"\t\"}",
            r#"{"a":-0}"#,
            r#"{"a":01}"#,
            r#"{"a":-01}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1e2}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":18446744073709551616}"#,
            r#"{"a":1}{}"#,
            r#"{"a":1"#,
            r#"{"a"#,
            r#"{"a":}"#,
            r#"{"a":nul}"#,
            r#"{"a":-}"#,
            r#"{"a":[1}"#,
            "",
        ] {
            assert!(deviation(line.as_bytes()).is_some(), "{line}");
        }
        assert!(deviation(b"{\"a\":\"\xff\"}").is_some());
        let deep = "[".repeat(1 << 20);
        assert_eq!(deviation(deep.as_bytes()).unwrap().what, "it is too deep");
    }

    #[test]
    fn a_deviation_says_where_it_is() {
        let found = deviation(br#"{"b":1,"a":2}"#).unwrap();
        let said = "it is not canonical: its members are in another order (byte 11)";
        assert_eq!(found.to_string(), said);
    }

    proptest::proptest! {
        #[test]
        fn what_a_serializer_of_values_writes_is_canonical(
            texts in proptest::collection::btree_map("[ -~]{0,9}|\\PC{0,3}", proptest::prelude::any::<String>(), 0..6),
            number in 0..=NUMBER_MAX,
        ) {
            // The map of the library is in the order of code points.
            let in_order = texts.keys().all(|name| name.chars().all(|it| it < '\u{e000}'));
            let value = serde_json::json!({ "texts": texts, "zahl": number });
            let text = value.to_string();
            if in_order {
                proptest::prop_assert_eq!(deviation(text.as_bytes()), None, "{}", text);
            }
        }
    }
}

//! The strict parser (RFC 8259, and no duplicate names, no lone surrogates).

use std::borrow::Cow;
use std::collections::HashSet;

use super::node::Node;
use super::{JsonError, JsonLimits, Kind};

/// Objects with more members than this are checked for duplicates with a set.
const FEW_MEMBERS: usize = 16;

/// Builds the table of nodes for a text.
pub(super) fn index(text: &str, limits: &JsonLimits) -> Result<Vec<Node>, JsonError> {
    // Offsets are kept in 32 bits.
    let bytes_max = limits.bytes_max.min(u32::MAX as usize);
    if text.len() > bytes_max {
        return Err(JsonError::TooLong { bytes_max });
    }
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        position: 0,
        nodes: Vec::with_capacity((text.len() / 12).clamp(4, 4096)),
        limits,
    };
    parser.skip_space();
    parser.value(0)?;
    parser.skip_space();
    if parser.position < parser.bytes.len() {
        return Err(parser.expected("the end of the text"));
    }
    Ok(parser.nodes)
}

/// Resolves the escapes of a string that [`index`] accepted.
pub(super) fn unescape(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        #[expect(
            clippy::expect_used,
            reason = "`Parser::escape` has refused every escape that is none"
        )]
        let (letter, after) = unescaped(escape).expect("an escape that was accepted");
        out.push(letter);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The letter that an escape stands for, and what follows it. `escape` begins
/// behind the backslash.
fn unescaped(escape: &str) -> Option<(char, &str)> {
    let mut letters = escape.chars();
    let letter = match letters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        plain @ ('"' | '\\' | '/') => plain,
        'u' => return scalar(letters.as_str()),
        _ => return None,
    };
    Some((letter, letters.as_str()))
}

/// The letter of four hexadecimal digits, or of a surrogate pair.
fn scalar(digits: &str) -> Option<(char, &str)> {
    let (first, rest) = code_unit(digits)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((char::from_u32(first)?, rest));
    }
    let (second, rest) = code_unit(rest.strip_prefix("\\u")?)?;
    let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    Some((
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + low)?,
        rest,
    ))
}

/// Four hexadecimal digits, and what follows them.
fn code_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = is_hex.then(|| u32::from_str_radix(digits, 16).ok())?;
    Some((unit?, rest))
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    nodes: Vec<Node>,
    limits: &'a JsonLimits,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(|_| ()),
            Some(b't') => self.literal("true", Kind::Boolean(true)),
            Some(b'f') => self.literal("false", Kind::Boolean(false)),
            Some(b'n') => self.literal("null", Kind::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) | None => Err(self.expected("a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        let node = self.open(depth)?;
        let mut names = Names::default();
        let mut count = 0;
        self.skip_space();
        if self.peek() != Some(b'}') {
            loop {
                self.skip_space();
                let offset = self.position;
                if self.peek() != Some(b'"') {
                    return Err(self.expected("a member name in double quotes"));
                }
                let name = self.string()?;
                if let Some(name) = names.insert(name) {
                    return Err(JsonError::DuplicateMember { name, offset });
                }
                self.skip_space();
                self.eat(b':', "`:` after the member name")?;
                self.skip_space();
                self.value(depth + 1)?;
                count += 1;
                self.skip_space();
                match self.peek() {
                    Some(b',') => self.position += 1,
                    Some(b'}') => break,
                    Some(_) | None => return Err(self.expected("`,` or `}`")),
                }
            }
        }
        self.position += 1;
        self.close(node, Kind::Object(count));
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        let node = self.open(depth)?;
        let mut count = 0;
        self.skip_space();
        if self.peek() != Some(b']') {
            loop {
                self.skip_space();
                self.value(depth + 1)?;
                count += 1;
                self.skip_space();
                match self.peek() {
                    Some(b',') => self.position += 1,
                    Some(b']') => break,
                    Some(_) | None => return Err(self.expected("`,` or `]`")),
                }
            }
        }
        self.position += 1;
        self.close(node, Kind::Array(count));
        Ok(())
    }

    /// Reads a string and returns it unescaped.
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let start = self.position;
        self.position += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0x20..) => self.position += 1,
                Some(_) => return Err(self.expected("no control character inside a string")),
                None => return Err(self.expected("the end of the string")),
            }
        }
        self.position += 1;
        let node = self.push(start, escaped)?;
        self.close(node, Kind::Text);
        let inner = self.text.get(start + 1..self.position - 1);
        let inner = inner.ok_or_else(|| self.expected("a string"))?;
        Ok(if escaped {
            Cow::Owned(unescape(inner))
        } else {
            Cow::Borrowed(inner)
        })
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let offset = self.position;
        self.position += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.position += 1,
            Some(b'u') => {
                self.position += 1;
                let unit = self.hex4()?;
                if (0xDC00..0xE000).contains(&unit) {
                    return Err(JsonError::LoneSurrogate { offset });
                }
                if (0xD800..0xDC00).contains(&unit) {
                    let pair = self.bytes.get(self.position..self.position + 2) == Some(b"\\u");
                    if !pair {
                        return Err(JsonError::LoneSurrogate { offset });
                    }
                    self.position += 2;
                    if !(0xDC00..0xE000).contains(&self.hex4()?) {
                        return Err(JsonError::LoneSurrogate { offset });
                    }
                }
            }
            Some(_) | None => return Err(self.expected("an escape such as `\\n` or `\\u00e9`")),
        }
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let (unit, _) = self
            .text
            .get(self.position..)
            .and_then(code_unit)
            .ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.position += 4;
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.position;
        if self.peek() == Some(b'-') {
            self.position += 1;
        }
        match self.peek() {
            Some(b'0') => self.position += 1,
            Some(b'1'..=b'9') => self.digits()?,
            Some(_) | None => return Err(self.expected("a digit")),
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.position += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.position += 1;
            }
            self.digits()?;
        }
        let node = self.push(start, false)?;
        self.close(node, Kind::Number);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.position;
        while let Some(b'0'..=b'9') = self.peek() {
            self.position += 1;
        }
        if self.position == start {
            return Err(self.expected("a digit"));
        }
        Ok(())
    }

    fn literal(&mut self, word: &'static str, kind: Kind) -> Result<(), JsonError> {
        let start = self.position;
        let end = start + word.len();
        if self.bytes.get(start..end) != Some(word.as_bytes()) {
            return Err(self.expected("a value"));
        }
        self.position = end;
        let node = self.push(start, false)?;
        self.close(node, kind);
        Ok(())
    }

    /// Begins an array or object.
    fn open(&mut self, depth: usize) -> Result<usize, JsonError> {
        if depth >= self.limits.depth_max {
            return Err(JsonError::TooDeep {
                depth_max: self.limits.depth_max,
                offset: self.position,
            });
        }
        let node = self.push(self.position, false)?;
        self.position += 1;
        Ok(node)
    }

    fn push(&mut self, start: usize, escaped: bool) -> Result<usize, JsonError> {
        if self.nodes.len() >= self.limits.nodes_max {
            return Err(JsonError::TooManyValues {
                nodes_max: self.limits.nodes_max,
            });
        }
        self.nodes.push(Node {
            kind: Kind::Null,
            escaped,
            start: offset32(start),
            end: 0,
            next: 0,
        });
        Ok(self.nodes.len() - 1)
    }

    fn close(&mut self, node: usize, kind: Kind) {
        let next = offset32(self.nodes.len());
        let end = offset32(self.position);
        if let Some(node) = self.nodes.get_mut(node) {
            node.kind = kind;
            node.end = end;
            node.next = next;
        }
    }

    fn eat(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.peek() != Some(byte) {
            return Err(self.expected(expected));
        }
        self.position += 1;
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn expected(&self, expected: &'static str) -> JsonError {
        JsonError::Syntax {
            offset: self.position,
            expected,
        }
    }
}

/// Offsets fit: `index` refuses texts over 4 GiB, and a node takes a byte.
pub(super) fn offset32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The member names of one object so far.
#[derive(Default)]
struct Names<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// Gives the name back if it was there before.
    fn insert(&mut self, name: Cow<'a, str>) -> Option<String> {
        if self.many.is_empty() && self.few.len() < FEW_MEMBERS {
            if self.few.contains(&name) {
                return Some(name.into_owned());
            }
            self.few.push(name);
            return None;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.drain(..));
        }
        if self.many.contains(&name) {
            return Some(name.into_owned());
        }
        self.many.insert(name);
        None
    }
}

#[cfg(test)]
mod tests;

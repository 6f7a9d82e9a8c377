//! A text as it reads once its escapes are undone: those of terminals, JSON,
//! URLs, shells, HTML, mail and logs, however often one stands in another.

use std::borrow::Cow;
use std::ops::Range;

use crate::block::{Places, Set, places_folded};

/// What a text says, and where each part of that is written.
pub(crate) struct Reading<'t> {
    pub(crate) written: &'t str,
    pub(crate) said: Cow<'t, str>,
    escapes: Vec<Escape>,
}

/// One escape, from left to right.
struct Escape {
    said: Range<usize>,
    written: Range<usize>,
}

/// The bytes that an escape begins with; of U+009B, the first without its highest bit.
const BEGINNINGS: Set = Set::of(b"\\%&=#\x1b\x42");

/// A sequence that steers a terminal reads as this one character.
pub(crate) const TERMINAL: char = '\u{1b}';
/// A byte that is no ASCII reads as this: what it is does not matter here.
pub(crate) const BEYOND_ASCII: char = '\u{fffd}';
/// The longest sequence that steers a terminal.
const TERMINAL_MAX: usize = 48;
/// Longest name of an entity, with its `;`.
const ENTITY_MAX: usize = 10;

const ENTITIES: [(&str, char); 19] = [
    ("quot;", '"'),
    ("apos;", '\''),
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("nbsp;", ' '),
    ("equals;", '='),
    ("colon;", ':'),
    ("semi;", ';'),
    ("commat;", '@'),
    ("sol;", '/'),
    ("lowbar;", '_'),
    ("period;", '.'),
    ("num;", '#'),
    ("dollar;", '$'),
    ("percnt;", '%'),
    ("plus;", '+'),
    ("Tab;", '\t'),
    ("NewLine;", '\n'),
];

impl<'t> Reading<'t> {
    pub(crate) fn of(written: &'t str) -> Self {
        let bytes = written.as_bytes();
        let mut escapes: Vec<Escape> = Vec::new();
        let mut said = String::new();
        let (mut copied, mut at) = (0, 0);
        for begin in Places::of(bytes, |block| places_folded(block, BEGINNINGS)) {
            if begin < at {
                continue;
            }
            let Some((character, length)) = escape(bytes, begin) else {
                continue;
            };
            if escapes.is_empty() {
                said.reserve(written.len());
            }
            said.push_str(written.get(copied..begin).unwrap_or_default());
            let place = said.len();
            said.push(character);
            at = begin + length;
            copied = at;
            escapes.push(Escape {
                said: place..said.len(),
                written: begin..at,
            });
        }
        let said = if escapes.is_empty() {
            Cow::Borrowed(written)
        } else {
            said.push_str(written.get(copied..).unwrap_or_default());
            Cow::Owned(said)
        };
        Self {
            written,
            said,
            escapes,
        }
    }

    /// Where escapes are written, each without its first byte.
    pub(crate) fn escaped(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let written = self.escapes.iter().map(|escape| &escape.written);
        written.map(|written| written.start + 1..written.end)
    }

    /// The bytes that say this part.
    pub(crate) fn place(&self, said: &Range<usize>) -> Range<usize> {
        self.written_at(said.start)..self.written_at(said.end)
    }

    /// How a part is written.
    pub(crate) fn written(&self, said: &Range<usize>) -> &'t str {
        self.written.get(self.place(said)).unwrap_or_default()
    }

    fn written_at(&self, said: usize) -> usize {
        let after = self
            .escapes
            .partition_point(|escape| escape.said.start <= said);
        let Some(escape) = after.checked_sub(1).and_then(|last| self.escapes.get(last)) else {
            return said;
        };
        if said < escape.said.end {
            return escape.written.start;
        }
        escape.written.end + (said - escape.said.end)
    }
}

/// What the escape at a byte says, and its length.
fn escape(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let rest = bytes.get(at..)?;
    match rest.first()? {
        b'\\' => backslash(rest),
        b'%' => percent(rest),
        b'&' => entity(rest),
        // Quoted-printable, as mail writes `=` (RFC 2045).
        b'=' => rest.starts_with(b"=3D").then_some(('=', 3)),
        b'#' => control(rest),
        0x1b => Some((TERMINAL, 1 + terminal(rest.get(1..)?))),
        0xc2 if rest.get(1) == Some(&0x9b) => {
            Some((TERMINAL, 2 + parameters(rest.get(2..).unwrap_or_default())))
        }
        _ => None,
    }
}

/// `\n`, `\"`, `\u0041`, `\x41`, `\101`, with any number of backslashes: one
/// more for each text that it was put into.
fn backslash(rest: &[u8]) -> Option<(char, usize)> {
    let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    let tail = rest.get(slashes + 1..).unwrap_or_default();
    let (character, length) = match *rest.get(slashes)? {
        b'n' => ('\n', 0),
        b'r' => ('\r', 0),
        b't' => ('\t', 0),
        b'b' | b'f' | b'v' | b'a' => (' ', 0),
        b'e' | b'E' => (TERMINAL, 0),
        b'u' | b'U' if tail.first() == Some(&b'{') => {
            let digits = hex_run(tail.get(1..)?, 6);
            (tail.get(1 + digits) == Some(&b'}'))
                .then(|| number(tail.get(1..=digits)?, 16).map(|said| (said, digits + 2)))??
        }
        b'U' if hex_run(tail, 8) == 8 => (number(tail.get(..8)?, 16)?, 8),
        b'u' if hex_run(tail, 4) == 4 => (number(tail.get(..4)?, 16)?, 4),
        b'x' if hex_run(tail, 2) == 2 => (number(tail.get(..2)?, 16)?, 2),
        first @ b'0'..=b'3' => match (octal(rest.get(slashes..)?), first) {
            (Some(said), _) => (said, 2),
            // `\0` alone: a byte of nothing.
            (None, b'0') => (' ', 0),
            (None, _) => return None,
        },
        // Itself: `\"`, `\/`, `\_`.
        sign if sign.is_ascii_punctuation() => (char::from(sign), 0),
        _ => return None,
    };
    let mut length = slashes + 1 + length;
    if character == TERMINAL {
        length += terminal(rest.get(length..).unwrap_or_default());
    }
    Some((character, length))
}

/// `101`
fn octal(rest: &[u8]) -> Option<char> {
    let digits = rest.get(..3)?;
    let octal = digits.iter().all(|byte| (b'0'..b'8').contains(byte));
    octal.then(|| number(digits, 8)).flatten()
}

/// `#012` and `#033[32m`, as logs of systems write what a line cannot hold. Before a further
/// digit it is a number, as in `Summer#0123`.
fn control(rest: &[u8]) -> Option<(char, usize)> {
    match rest.get(1..4)? {
        _ if rest.get(4).is_some_and(u8::is_ascii_digit) => None,
        b"011" => Some(('\t', 4)),
        b"012" => Some(('\n', 4)),
        b"015" => Some(('\r', 4)),
        b"033" => Some((TERMINAL, 4 + terminal(rest.get(4..)?))),
        _ => None,
    }
}

/// `%41`, also `%2541`.
fn percent(rest: &[u8]) -> Option<(char, usize)> {
    let mut begin = 1;
    while rest.get(begin..begin + 2) == Some(b"25") && hex_run(rest.get(begin + 2..)?, 2) == 2 {
        begin += 2;
    }
    (hex_run(rest.get(begin..)?, 2) == 2)
        .then(|| number(rest.get(begin..begin + 2)?, 16).map(|said| (said, begin + 2)))?
}

/// `&quot;`, `&#34;`, `&#x22;`, also `&amp;quot;`.
fn entity(rest: &[u8]) -> Option<(char, usize)> {
    let mut begin = 1;
    while rest
        .get(begin..)
        .is_some_and(|tail| tail.starts_with(b"amp;"))
        && entity_name(rest.get(begin + 4..)?).is_some()
    {
        begin += 4;
    }
    let (character, length) = entity_name(rest.get(begin..)?)?;
    Some((character, begin + length))
}

fn entity_name(rest: &[u8]) -> Option<(char, usize)> {
    let head = rest.get(..rest.len().min(ENTITY_MAX))?;
    let end = head.iter().position(|byte| *byte == b';')?;
    if head.first() != Some(&b'#') {
        let (name, character) = ENTITIES
            .iter()
            .find(|(name, _)| head.get(..=end) == Some(name.as_bytes()))?;
        return Some((*character, name.len()));
    }
    let digits = head.get(1..end)?;
    let said = match digits.split_first()? {
        (b'x' | b'X', digits) => number(digits, 16)?,
        _ => number(digits, 10)?,
    };
    Some((said, end + 1))
}

/// How long what follows an escape character is: `[32m`, `]0;title<BEL>`, `(B`.
fn terminal(rest: &[u8]) -> usize {
    match rest {
        [b'[', rest @ ..] => 1 + parameters(rest),
        // A title or a link: its text is on the screen or behind it, and is read.
        [b']' | b'7' | b'8' | b'=' | b'>', ..] => 1,
        // Another character set.
        [b'(' | b')', b'B' | b'0', ..] | [b'%', b'G' | b'@', ..] => 2,
        _ => 0,
    }
}

/// Parameters and the letter that ends them; without any only the common
/// letters, for a word may follow a bracket.
fn parameters(rest: &[u8]) -> usize {
    let length = rest
        .iter()
        .take(TERMINAL_MAX)
        .take_while(|byte| matches!(byte, b'0'..=b'?'))
        .count();
    match rest.get(length) {
        Some(b'm' | b'K' | b'J' | b'H') => length + 1,
        Some(b'@'..=b'~') if length > 0 => length + 1,
        _ => 0,
    }
}

fn hex_run(bytes: &[u8], max: usize) -> usize {
    bytes
        .iter()
        .take(max)
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count()
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    let number = u32::from_str_radix(digits, radix).ok()?;
    match number {
        0x1b => Some(TERMINAL),
        0..=0x7f => char::from_u32(number),
        _ => Some(BEYOND_ASCII),
    }
}

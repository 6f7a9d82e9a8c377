//! Tokens of a known form: a prefix, and what follows it.

use serde::Deserialize;

use crate::alphabet::{Alphabet, terminals};
use crate::block::Set;
use crate::kind::{Kind, NAME_BYTES_MAX};
use crate::reading::TERMINAL;
use crate::secret::Secret;
use crate::shape::{has_digit, is_masked, is_wordy};

/// The forms that everybody uses.
const TABLE: &str = include_str!("../data/forms.txt");
/// A token of open length ends where other characters begin. It must not fail
/// for being long: a run of characters would be read again and again.
const ENDLESS: usize = usize::MAX;
/// A shorter body is a word.
const BODY_MIN: usize = 8;
/// Shorter prefixes stand everywhere.
const PREFIX_MIN: usize = 2;
/// Words of 64 bits: two KiB, of which few bits are set.
const HEADS: usize = 256;
/// What steers a terminal is looked for in so much of a token.
const PREFIX_MAX: usize = 16;
/// So many bytes of a token, at most, are looked for in a row before anything else.
const ROW_MAX: usize = 13;
/// What tokens without a form are made of, and what may change colours in a token.
const OTHERS: Set =
    Set::of(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-+/.;\x1b");
/// More forms than any company has.
const FORMS_MAX: usize = 500;

/// A form of one's own, as it is written in the settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WrittenForm {
    prefix: String,
    alphabet: Alphabet,
    length: Length,
    name: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Length {
    Exactly(usize),
    Between(usize, usize),
}

/// Every known form, by its first bytes.
#[derive(Clone, Debug)]
pub(crate) struct Forms {
    /// Longer prefixes stand before shorter ones that they begin with.
    forms: Vec<Form>,
    starts: Box<[Start; 128]>,
    /// The first three bytes of all prefixes, hashed: most words end here.
    heads: Box<[u64; HEADS]>,
    /// The first two bytes of prefixes that have no more, and all pairs that a
    /// prefix of one byte can begin.
    pairs: Box<[u64; HEADS]>,
}

/// What begins with one byte.
#[derive(Clone, Copy, Debug, Default)]
struct Start {
    from: usize,
    to: usize,
}

#[derive(Clone, Debug)]
struct Form {
    kind: Kind,
    prefix: String,
    parts: Vec<Part>,
    /// Its body holds a digit.
    has_digit: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Exactly(String),
    Run(Alphabet, usize, usize),
}

/// Why forms cannot be used.
#[derive(Debug)]
pub(crate) struct FormError(pub(crate) String);

impl Forms {
    /// The forms of the table, and one's own before them.
    pub(crate) fn with(own: Vec<WrittenForm>) -> Result<Self, FormError> {
        if own.len() > FORMS_MAX {
            return Err(FormError(format!("more than {FORMS_MAX} `forms`")));
        }
        let mut forms = own
            .into_iter()
            .map(Form::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        for line in TABLE.lines() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                forms.push(
                    Form::read(line).ok_or_else(|| FormError(format!("`{line}` is no form")))?,
                );
            }
        }
        // Stable: what stands first among equal prefixes is tried first.
        forms.sort_by(|a, b| {
            let first = |form: &Form| form.prefix.bytes().next();
            first(a)
                .cmp(&first(b))
                .then(b.prefix.len().cmp(&a.prefix.len()))
        });
        let mut starts = Box::new([Start::default(); 128]);
        let mut heads = Box::new([0; HEADS]);
        let mut pairs = Box::new([0; HEADS]);
        for (place, form) in forms.iter().enumerate() {
            let mut bytes = form.prefix.bytes();
            let first = bytes.next().unwrap_or_default();
            let Some(start) = starts.get_mut(usize::from(first)) else {
                return Err(FormError(format!("`{}` begins beyond ASCII", form.prefix)));
            };
            if start.to == 0 {
                start.from = place;
            }
            start.to = place + 1;
            match *form.prefix.as_bytes() {
                [first, second, third, ..] => set(&mut heads, head_of(first, second, third)),
                [first, second] => set(&mut pairs, pair_of(first, second)),
                [first] => (b' '..=b'~').for_each(|second| set(&mut pairs, pair_of(first, second))),
                [] => {}
            }
        }
        Ok(Self {
            forms,
            starts,
            heads,
            pairs,
        })
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.forms.iter().map(|form| &form.kind)
    }

    /// What the first bytes of all tokens are, and how many of them there are at least.
    pub(crate) fn heads_of_tokens(&self) -> (Set, u32) {
        let row = self.forms.iter().map(Form::least).min();
        let row = row.unwrap_or(ROW_MAX).min(ROW_MAX);
        let heads = self.forms.iter().map(|form| form.head(row));
        (heads.fold(OTHERS, Set::or), u32::try_from(row).unwrap_or(0))
    }

    /// The token that begins at a byte, where a word begins.
    pub(crate) fn at(&self, text: &str, at: usize) -> Option<Secret> {
        let bytes = text.as_bytes();
        let start = self.starts.get(usize::from(*bytes.get(at)?))?;
        let [second, third] = *bytes.get(at + 1..at + 3)? else {
            return None;
        };
        let first = *bytes.get(at)?;
        // A prefix may be cut in two by what steers a terminal.
        let is_cut = second == TERMINAL as u8 || third == TERMINAL as u8;
        if !is_set(&self.heads, head_of(first, second, third))
            && !is_set(&self.pairs, pair_of(first, second))
            && !is_cut
        {
            return None;
        }
        let head = bytes.get(at..)?.iter().take(PREFIX_MAX);
        let is_coloured = head.clone().any(|byte| *byte == TERMINAL as u8);
        self.forms
            .get(start.from..start.to)?
            .iter()
            .find_map(|form| {
                // Most forms end here, without a comparison of texts.
                let differs = |place: usize, byte: u8| {
                    form.prefix
                        .as_bytes()
                        .get(place)
                        .is_some_and(|own| *own != byte)
                };
                if !is_coloured && (differs(1, second) || differs(2, third)) {
                    return None;
                }
                let body = match bytes.get(at..)?.starts_with(form.prefix.as_bytes()) {
                    true => at + form.prefix.len(),
                    false if is_coloured => literal(bytes, at, &form.prefix)?,
                    false => return None,
                };
                let end = form.end(bytes, body)?;
                let body = text.get(body..end)?;
                let is_random = !form.has_digit || has_digit(body);
                (is_random && !is_masked(body) && !is_wordy(body)).then(|| Secret {
                    kind: form.kind.clone(),
                    place: at..end,
                })
            })
    }
}

fn head_of(first: u8, second: u8, third: u8) -> usize {
    let [first, second, third] = [first, second, third].map(usize::from);
    (first ^ (second << 4) ^ (third << 7)) & (HEADS * 64 - 1)
}

fn pair_of(first: u8, second: u8) -> usize {
    let [first, second] = [first, second].map(usize::from);
    (first ^ (second << 7)) & (HEADS * 64 - 1)
}

fn set(bits: &mut [u64; HEADS], place: usize) {
    if let Some(bits) = bits.get_mut(place / 64) {
        *bits |= 1 << (place % 64);
    }
}

fn is_set(bits: &[u64; HEADS], place: usize) -> bool {
    let bits = bits.get(place / 64).copied().unwrap_or_default();
    bits >> (place % 64) & 1 != 0
}

// === impl Form ===

impl Form {
    /// One line of the table.
    fn read(line: &str) -> Option<Self> {
        let (line, has_digit) = match line.strip_suffix(" digit") {
            Some(line) => (line, true),
            None => (line, false),
        };
        let mut words = line.split_ascii_whitespace();
        let kind = Kind::named(words.next()?.to_owned());
        let prefix = words.next()?.to_owned();
        let parts = words.map(Part::read).collect::<Option<Vec<_>>>()?;
        (!parts.is_empty()).then_some(Self {
            kind,
            prefix,
            parts,
            has_digit,
        })
    }

    /// How long the shortest token is.
    fn least(&self) -> usize {
        let parts = self.parts.iter().map(Part::least);
        parts.fold(self.prefix.len(), usize::saturating_add)
    }

    /// The bytes that the first ones of a token may be.
    fn head(&self, length: usize) -> Set {
        let prefix = self.prefix.as_bytes();
        let mut set = Set::of(prefix.get(..length).unwrap_or(prefix));
        let mut read = self.prefix.len();
        for part in &self.parts {
            if read >= length {
                break;
            }
            set = set.or(match part {
                Part::Exactly(text) => Set::of(text.as_bytes()),
                Part::Run(alphabet, _, _) => alphabet.set(),
            });
            read += part.least();
        }
        set
    }

    /// The end of the token whose body begins at a byte.
    fn end(&self, bytes: &[u8], mut at: usize) -> Option<usize> {
        let (last, parts) = self.parts.split_last()?;
        for part in parts {
            at = match part {
                Part::Exactly(text) => literal(bytes, at, text)?,
                Part::Run(alphabet, least, most) => {
                    let (end, length) = alphabet.run(bytes, at, *least, *most);
                    (length >= *least).then_some(end)?
                }
            };
        }
        match last {
            Part::Exactly(text) => literal(bytes, at, text),
            Part::Run(alphabet, least, most) => {
                // One more than the longest: then it is something else.
                let (end, length) = alphabet.run(bytes, at, *least, most.saturating_add(1));
                (*least..=*most).contains(&length).then_some(end)
            }
        }
    }
}

impl TryFrom<WrittenForm> for Form {
    type Error = FormError;

    fn try_from(form: WrittenForm) -> Result<Self, FormError> {
        let (least, most) = match form.length {
            Length::Exactly(length) => (length, length),
            Length::Between(least, most) => (least, most),
        };
        let complain = |what: &str| Err(FormError(format!("form `{}`: {what}", form.name)));
        let first = form.prefix.bytes().next();
        if form.prefix.len() < PREFIX_MIN || !first.is_some_and(|byte| byte.is_ascii_alphanumeric())
        {
            return complain(
                "`prefix` begins with a letter or digit, and has two characters or more",
            );
        }
        if !form.prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            return complain("`prefix` is visible ASCII");
        }
        if least < BODY_MIN || least > most {
            return complain("`length` is 8 or more, or `[least, most]`");
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_');
        if form.name.is_empty()
            || form.name.len() > NAME_BYTES_MAX
            || !form.name.bytes().all(is_name)
        {
            return complain("`name` is 1 to 40 letters, digits, blanks, `-` and `_`");
        }
        Ok(Self {
            kind: Kind::named(form.name),
            prefix: form.prefix,
            parts: vec![Part::Run(form.alphabet, least, most)],
            has_digit: false,
        })
    }
}

/// The byte after a fixed text, which what steers a terminal may interrupt.
fn literal(bytes: &[u8], mut at: usize, text: &str) -> Option<usize> {
    for byte in text.bytes() {
        at += terminals(bytes, at);
        (bytes.get(at) == Some(&byte)).then_some(())?;
        at += 1;
    }
    Some(at)
}

// === impl Part ===

impl Part {
    fn read(word: &str) -> Option<Self> {
        let Some((alphabet, length)) = word
            .split_once(':')
            .and_then(|(name, length)| Some((Alphabet::named(name)?, length)))
        else {
            return Some(Self::Exactly(word.to_owned()));
        };
        let (least, most) = match length.split_once('-') {
            Some((least, "")) => (least.parse().ok()?, ENDLESS),
            Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
            None => (length.parse().ok()?, length.parse().ok()?),
        };
        Some(Self::Run(alphabet, least, most))
    }

    fn least(&self) -> usize {
        match self {
            Self::Exactly(text) => text.len(),
            Self::Run(_, least, _) => *least,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_and_nothing_shorter() {
        let forms = Forms::with(Vec::new()).unwrap();
        for form in &forms.forms {
            let mut token = form.prefix.clone();
            for part in &form.parts {
                match part {
                    Part::Exactly(text) => token += text,
                    Part::Run(alphabet, least, _) => {
                        token.extend(body(*alphabet).chars().cycle().take(*least));
                    }
                }
            }
            let found = forms.at(&token, 0).unwrap_or_else(|| panic!("{token}"));
            assert_eq!(found.place, 0..token.len(), "{token}");
            let shorter = &token[..token.len() - 1];
            assert_eq!(
                form.end(shorter.as_bytes(), form.prefix.len()),
                None,
                "{shorter}"
            );
        }
    }

    #[test]
    fn a_colour_in_the_middle_hides_no_token() {
        let forms = Forms::with(Vec::new()).unwrap();
        let token = format!("gh\u{1b}p_\u{1b}\u{1b}{}", body(Alphabet::Base62));
        assert!(forms.at(&token, 0).is_some(), "{token}");
    }

    fn body(alphabet: Alphabet) -> &'static str {
        match alphabet {
            Alphabet::Digits => "4270196385",
            Alphabet::Hex => "4e7a01c9d6b385f2",
            Alphabet::Upper | Alphabet::Base32 => "Q2WK7RT3ZP5MB4XN6VJ",
            Alphabet::Lower => "q2wk7rt3zp5mb4xn6vj",
            Alphabet::Base62
            | Alphabet::Word
            | Alphabet::Dotted
            | Alphabet::Base64
            | Alphabet::Base64u
            | Alphabet::Any64
            | Alphabet::Path
            | Alphabet::Cookie
            | Alphabet::Any => "Q2wk7Rt3zP5mb4Xn6vJ8cD1fG9hL0sTyUeAo",
        }
    }
}

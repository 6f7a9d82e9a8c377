//! The words of a document, and what is read off them.

use crate::builtins::arguments::{BuiltinError, wrong};

/// Deepest that parts of a document stand in one another.
pub(super) const DEPTH_MAX: usize = 64;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Name(String),
    Integer(String),
    Float(String),
    Text(String),
    Block(String),
    Sign(char),
    /// `...`
    Spread,
}

/// The words of a document, in their order.
pub(super) struct Words {
    words: Vec<Word>,
    at: usize,
}

// === impl Words ===

impl Words {
    pub(super) fn read(text: &str) -> Result<Self, BuiltinError> {
        let mut words = Vec::new();
        let mut rest = text.trim_start_matches('\u{feff}');
        while let Some(letter) = rest.chars().next() {
            let length = match letter {
                ' ' | '\t' | '\n' | '\r' | ',' => 1,
                '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
                '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                    words.push(Word::Sign(letter));
                    1
                }
                '.' if rest.starts_with("...") => {
                    words.push(Word::Spread);
                    3
                }
                '"' => {
                    let (word, length) = quoted(rest)?;
                    words.push(word);
                    length
                }
                'a'..='z' | 'A'..='Z' | '_' => {
                    let is_name = |it: char| it == '_' || it.is_ascii_alphanumeric();
                    let length = rest.find(|it| !is_name(it)).unwrap_or(rest.len());
                    let name = rest.get(..length).unwrap_or_default();
                    words.push(Word::Name(name.to_owned()));
                    length
                }
                '0'..='9' | '-' => {
                    let (word, length) = number(rest)?;
                    words.push(word);
                    length
                }
                _ => return Err(wrong("a character that GraphQL does not know")),
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(Self { words, at: 0 })
    }

    pub(super) fn peek(&self) -> Option<&Word> {
        self.words.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<Word> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.peek() == Some(&Word::Sign(sign))
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Word::Name(word)) if word == name)
    }

    /// Skips a sign, if it stands here.
    pub(super) fn skip(&mut self, sign: char) -> bool {
        let is_there = self.is_sign(sign);
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn expect(&mut self, sign: char) -> Result<(), BuiltinError> {
        match self.skip(sign) {
            true => Ok(()),
            false => Err(BuiltinError::new(format!(
                "no `{sign}` where one is expected"
            ))),
        }
    }

    pub(super) fn expect_name(&mut self, name: &str) -> Result<(), BuiltinError> {
        match self.next() {
            Some(Word::Name(word)) if word == name => Ok(()),
            _ => Err(BuiltinError::new(format!(
                "no `{name}` where it is expected"
            ))),
        }
    }

    pub(super) fn name(&mut self) -> Result<String, BuiltinError> {
        match self.next() {
            Some(Word::Name(name)) => Ok(name),
            _ => Err(wrong("no name where one is expected")),
        }
    }

    /// What stands before a definition; nothing, as a rule.
    pub(super) fn description(&mut self) -> String {
        match self.peek() {
            Some(Word::Text(text) | Word::Block(text)) => {
                let text = text.clone();
                self.at += 1;
                text
            }
            _ => String::new(),
        }
    }

    /// What stands between two signs, at least one; nothing where the first is not there.
    pub(super) fn some<T>(
        &mut self,
        open: char,
        close: char,
        mut one: impl FnMut(&mut Self) -> Result<T, BuiltinError>,
    ) -> Result<Vec<T>, BuiltinError> {
        let mut found = Vec::new();
        if !self.skip(open) {
            return Ok(found);
        }
        while !self.skip(close) {
            if self.peek().is_none() {
                return Err(BuiltinError::new(format!(
                    "no `{close}` where one is expected"
                )));
            }
            found.push(one(self)?);
        }
        match found.is_empty() {
            true => Err(wrong("nothing is between two brackets")),
            false => Ok(found),
        }
    }
}

fn number(text: &str) -> Result<(Word, usize), BuiltinError> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.bytes().take_while(u8::is_ascii_digit).count()
    };
    let mut at = usize::from(text.starts_with('-'));
    let count = digits(at);
    let has_zero = text.get(at..).is_some_and(|rest| rest.starts_with('0'));
    if count == 0 || (has_zero && count > 1) {
        return Err(wrong("a number that is none"));
    }
    at += count;
    let mut is_float = false;
    if text.get(at..).is_some_and(|rest| rest.starts_with('.')) && digits(at + 1) > 0 {
        is_float = true;
        at += 1 + digits(at + 1);
    }
    if text
        .get(at..)
        .is_some_and(|rest| rest.starts_with(['e', 'E']))
    {
        let sign = usize::from(
            text.get(at + 1..)
                .is_some_and(|rest| rest.starts_with(['+', '-'])),
        );
        let count = digits(at + 1 + sign);
        if count == 0 {
            return Err(wrong("a number that is none"));
        }
        is_float = true;
        at += 1 + sign + count;
    }
    let number = text.get(..at).unwrap_or_default().to_owned();
    let follows = text.get(at..).and_then(|rest| rest.chars().next());
    if follows.is_some_and(|it| it == '_' || it == '.' || it.is_ascii_alphanumeric()) {
        return Err(wrong("a number that is none"));
    }
    let word = match is_float {
        true => Word::Float(number),
        false => Word::Integer(number),
    };
    Ok((word, at))
}

fn quoted(text: &str) -> Result<(Word, usize), BuiltinError> {
    let open = || wrong("a text is not closed");
    if let Some(body) = text.strip_prefix("\"\"\"") {
        let mut raw = String::new();
        let mut at = 0;
        loop {
            let rest = body.get(at..).ok_or_else(open)?;
            if rest.starts_with("\"\"\"") {
                return Ok((Word::Block(dedented(&raw)), at + 6));
            }
            if rest.starts_with("\\\"\"\"") {
                raw.push_str("\"\"\"");
                at += 4;
                continue;
            }
            let letter = rest.chars().next().ok_or_else(open)?;
            raw.push(letter);
            at += letter.len_utf8();
        }
    }
    let mut read = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((Word::Text(read), at + 1)),
            '\n' | '\r' => return Err(open()),
            '\\' => match letters.next().map(|(_, letter)| letter) {
                Some('n') => read.push('\n'),
                Some('r') => read.push('\r'),
                Some('t') => read.push('\t'),
                Some('b') => read.push('\u{8}'),
                Some('f') => read.push('\u{c}'),
                Some(letter @ ('"' | '\\' | '/')) => read.push(letter),
                Some('u') => {
                    let digits: String = letters.by_ref().take(4).map(|(_, it)| it).collect();
                    let code = u32::from_str_radix(&digits, 16).ok();
                    let letter = code.and_then(char::from_u32).filter(|_| digits.len() == 4);
                    read.push(letter.ok_or_else(|| wrong("an escape that is none"))?);
                }
                _ => return Err(wrong("an escape that is none")),
            },
            _ => read.push(letter),
        }
    }
    Err(open())
}

/// Without the indent that all lines share, and without empty lines around.
fn dedented(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = raw.split('\n').collect();
    let indent_of = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let is_empty = |line: &&str| line.trim_matches([' ', '\t']).is_empty();
    let later = lines.iter().skip(1).filter(|line| !is_empty(line));
    let indent = later.map(indent_of).min().unwrap_or_default();
    let cut: Vec<&str> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| match place {
            0 => *line,
            _ => line.get(indent.min(line.len())..).unwrap_or_default(),
        })
        .collect();
    let first = cut.iter().position(|line| !is_empty(line));
    let last = cut.iter().rposition(|line| !is_empty(line));
    match (first, last) {
        (Some(first), Some(last)) => cut.get(first..=last).unwrap_or_default().join("\n"),
        _ => String::new(),
    }
}

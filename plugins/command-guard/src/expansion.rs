//! Words of POSIX shells: quotes, escapes, variables and substitutions.

use crate::parser::Parser;
use crate::script::{Construct, ParseError, Word};

/// Whether a text can name a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// What a shell at a terminal puts in from earlier commands, operators and all.
const HISTORY: &str = "a `!` outside of single quotes, which shells at a terminal expand";

/// What an unquoted word needs to remember until it ends.
#[derive(Default)]
struct Marks {
    brace: Option<usize>,
    bracket: Option<usize>,
    dots: usize,
}

impl Parser {
    /// Reads a word up to a blank or an operator; it may be empty after an
    /// assignment or within quotes only.
    pub(crate) fn word(&mut self) -> Result<Word, ParseError> {
        let mut word = Word {
            at: self.at(),
            ..Word::default()
        };
        let mut marks = Marks::default();
        while let Some(letter) = self.peek() {
            match letter {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | ')' => break,
                '<' | '>' if self.after(1) == Some('(') && self.at() == word.at => {
                    self.uses(Construct::Substitution);
                    word.open();
                    self.here += 2;
                    self.substituted()?;
                    // A name below `/dev/fd`, never an option.
                    word = Word {
                        text: "/dev/fd/".to_owned(),
                        open_from: Some("/dev/fd/".len()),
                        ..word
                    };
                }
                '<' | '>' if self.after(1) == Some('(') => {
                    return Err(self.error("a substitution inside a word"));
                }
                '<' | '>' => break,
                '(' if self.at() == word.at || is_name(&word.text) => break,
                '(' => return Err(self.error("a `(` inside a word")),
                '\'' => self.single(&mut word)?,
                '"' => {
                    self.here += 1;
                    self.double(&mut word, Some('"'))?;
                }
                '\\' => {
                    self.here += 1;
                    match self.peek() {
                        None => return Err(self.error("a `\\` at the end")),
                        Some('\n') => {}
                        Some(escaped) => word.text.push(escaped),
                    }
                    self.here += 1;
                }
                '$' => self.dollar(&mut word, false)?,
                '`' => self.backticks(&mut word, false)?,
                '!' if self.is_history() => return Err(self.error(HISTORY)),
                _ => {
                    unquoted(&mut word, &mut marks, letter);
                    self.here += 1;
                }
            }
            if letter != '.' {
                marks.dots = 0;
            }
        }
        Ok(word)
    }

    /// Whether a shell at a terminal takes the `!` here for an earlier command.
    fn is_history(&self) -> bool {
        self.after(1).is_some_and(|next| {
            !matches!(
                next,
                ' ' | '\t' | '\n' | '=' | '(' | '"' | ';' | '&' | '|' | ')' | '`'
            )
        })
    }

    fn single(&mut self, word: &mut Word) -> Result<(), ParseError> {
        let start = self.at();
        self.here += 1;
        while let Some(letter) = self.peek() {
            self.here += 1;
            if letter == '\'' {
                return Ok(());
            }
            word.text.push(letter);
        }
        Err(ParseError {
            problem: "a quote without its end",
            at: start,
        })
    }

    /// Text in which only `$`, backticks and `\` mean something, up to `end`.
    fn double(&mut self, word: &mut Word, end: Option<char>) -> Result<(), ParseError> {
        let start = self.at();
        while let Some(letter) = self.peek() {
            match letter {
                _ if Some(letter) == end => {
                    self.here += 1;
                    return Ok(());
                }
                '\\' => {
                    self.here += 1;
                    match self.peek() {
                        Some('\n') => self.here += 1,
                        Some(escaped @ ('$' | '`' | '"' | '\\')) => {
                            word.text.push(escaped);
                            self.here += 1;
                        }
                        _ => word.text.push('\\'),
                    }
                }
                '$' => self.dollar(word, true)?,
                '`' => self.backticks(word, true)?,
                '!' if end.is_some() && self.is_history() => return Err(self.error(HISTORY)),
                _ => {
                    word.text.push(letter);
                    self.here += 1;
                }
            }
        }
        match end {
            None => Ok(()),
            Some(_) => Err(ParseError {
                problem: "a quote without its end",
                at: start,
            }),
        }
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<(), ParseError> {
        match self.after(1) {
            Some('\'') if !quoted => {
                self.here += 2;
                self.escaped_quote(word)
            }
            Some('"') if !quoted => {
                self.here += 2;
                self.double(word, Some('"'))
            }
            Some('[') => Err(self.error("`$[`, an old form of arithmetic")),
            Some('(') if self.after(2) == Some('(') => self.arithmetic(word),
            Some('(') => {
                self.uses(Construct::Substitution);
                self.here += 2;
                self.substituted()?;
                varies(word, quoted);
                Ok(())
            }
            Some('{') => self.braced(word, quoted),
            Some(first) if first.is_ascii_alphabetic() || first == '_' => {
                self.uses(Construct::Variable);
                self.here += 1;
                while self
                    .peek()
                    .is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_')
                {
                    self.here += 1;
                }
                varies(word, quoted);
                Ok(())
            }
            Some(special @ ('0'..='9' | '?' | '$' | '#' | '!' | '-' | '@' | '*')) => {
                self.uses(Construct::Variable);
                self.here += 2;
                varies(word, quoted && special != '@');
                Ok(())
            }
            _ => {
                word.text.push('$');
                self.here += 1;
                Ok(())
            }
        }
    }

    /// `${NAME}`, `${NAME:-text}` and their neighbours with plain text.
    fn braced(&mut self, word: &mut Word, quoted: bool) -> Result<(), ParseError> {
        self.uses(Construct::Variable);
        self.here += 2;
        let start = self.here;
        while self.peek().is_some_and(|letter| letter != '}') {
            self.here += 1;
        }
        let inside: String = self
            .letters
            .get(start..self.here)
            .unwrap_or_default()
            .iter()
            .collect();
        if !self.take("}") {
            return Err(self.error("a `${` without its `}`"));
        }
        let named = inside.strip_prefix('#').unwrap_or(&inside);
        let length = named
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .count();
        let (name, rest) = named.split_at(length);
        let (elements, rest) = match rest.strip_prefix("[@]").or(rest.strip_prefix("[*]")) {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // `=` would set the variable, `@P` would run what it holds, `!` follows it.
        let simple = rest.is_empty()
            || (rest.starts_with([':', '-', '+', '#', '%', '/', '^', ',', '?'])
                && !rest.strip_prefix(':').is_some_and(|after| {
                    !after
                        .starts_with(|first: char| "-+?".contains(first) || first.is_ascii_digit())
                }))
                && !rest.contains(['$', '`', '\'', '"', '\\', '{', '[', '(']);
        if name.is_empty() || !simple {
            return Err(self.error("a `${..}` of a kind that is not judged"));
        }
        varies(word, quoted && !elements);
        Ok(())
    }

    /// `$((..))` of numbers and operators; what a name holds could run commands.
    fn arithmetic(&mut self, word: &mut Word) -> Result<(), ParseError> {
        self.uses(Construct::Variable);
        self.here += 3;
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(')') if open == 0 => break,
                Some(')') => open -= 1,
                Some('(') => open += 1,
                Some(letter) if letter.is_ascii_digit() || " +-*/%<>=!&|^~?:,".contains(letter) => {
                }
                _ => return Err(self.error("arithmetic of a kind that is not judged")),
            }
            self.here += 1;
        }
        if !self.take("))") {
            return Err(self.error("arithmetic without its `))`"));
        }
        varies(word, false);
        Ok(())
    }

    /// The text between backticks, in which `\` quotes a second time.
    fn backticks(&mut self, word: &mut Word, quoted: bool) -> Result<(), ParseError> {
        self.uses(Construct::Substitution);
        let start = self.at();
        self.here += 1;
        let mut inner = Vec::new();
        loop {
            match self.peek() {
                None => {
                    return Err(ParseError {
                        problem: "a backtick without its end",
                        at: start,
                    });
                }
                Some('`') => break,
                Some('\\')
                    if matches!(self.after(1), Some('`' | '\\' | '$'))
                        || (quoted && self.after(1) == Some('"')) =>
                {
                    self.here += 1;
                    inner.extend(self.peek());
                }
                Some(letter) => inner.push(letter),
            }
            self.here += 1;
        }
        self.here += 1;
        let mut parser = Parser::new(inner, start + 1, self.depth);
        parser.list(&[])?;
        if parser.peek().is_some() {
            return Err(parser.error("a closing bracket without its opening one"));
        }
        self.adopt(parser.script);
        varies(word, quoted);
        Ok(())
    }

    /// `$'..'`, as bash reads it.
    fn escaped_quote(&mut self, word: &mut Word) -> Result<(), ParseError> {
        loop {
            let Some(letter) = self.peek() else {
                return Err(self.error("a quote without its end"));
            };
            self.here += 1;
            match letter {
                '\'' => return Ok(()),
                // Where `$'` is unknown, the quote ends here.
                '\\' if self.peek() == Some('\'') => {
                    return Err(self.error("`\\'` in `$'..'`, which shells read differently"));
                }
                '\\' => self.escape(word)?,
                _ => word.text.push(letter),
            }
        }
    }

    fn escape(&mut self, word: &mut Word) -> Result<(), ParseError> {
        let Some(kind) = self.peek() else {
            return Err(self.error("a quote without its end"));
        };
        self.here += 1;
        let plain = match kind {
            'n' => '\n',
            't' => '\t',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' | 'E' => '\u{1b}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'r' => '\r',
            '\\' | '\'' | '"' | '?' => kind,
            'x' => self.number(16, 2)?,
            'u' => self.number(16, 4)?,
            'U' => self.number(16, 8)?,
            '0'..='7' => {
                self.here -= 1;
                self.number(8, 3)?
            }
            _ => return Err(self.error("an escape that is not known")),
        };
        word.text.push(plain);
        Ok(())
    }

    fn number(&mut self, base: u32, digits_max: usize) -> Result<char, ParseError> {
        let mut value = 0_u32;
        let mut digits = 0;
        while digits < digits_max {
            let Some(digit) = self.peek().and_then(|letter| letter.to_digit(base)) else {
                break;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            digits += 1;
            self.here += 1;
        }
        // Bytes beyond ASCII may join into another character; NUL ends the text.
        let certain = digits > 0 && value != 0 && (value < 0x80 || digits_max >= 4);
        char::from_u32(value)
            .filter(|_| certain)
            .ok_or_else(|| self.error("an escape that is no single character"))
    }
}

/// Reads the body of a here-document for what it substitutes.
pub(crate) fn document(parser: &mut Parser, text: &mut Word) -> Result<(), ParseError> {
    parser.double(text, None)
}

fn varies(word: &mut Word, quoted: bool) {
    word.open();
    word.splits |= !quoted;
}

/// A character outside of quotes: patterns and braces make the rest of the
/// word uncertain.
fn unquoted(word: &mut Word, marks: &mut Marks, letter: char) {
    let here = word.text.len();
    match letter {
        '*' | '?' => word.open(),
        '[' => marks.bracket = marks.bracket.or(Some(here)),
        '{' => marks.brace = marks.brace.or(Some(here)),
        ']' => open_at(word, marks.bracket),
        ',' => open_at(word, marks.brace),
        '.' => {
            marks.dots += 1;
            if marks.dots >= 2 {
                open_at(word, marks.brace);
            }
        }
        _ => {}
    }
    word.text.push(letter);
}

fn open_at(word: &mut Word, from: Option<usize>) {
    if let Some(from) = from {
        let before = word.open_from.unwrap_or(from);
        word.open_from = Some(before.min(from));
    }
}

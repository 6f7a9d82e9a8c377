//! Texts that programs run: what shells get behind `-c`, and the small
//! languages of `sed`, `awk` and `test`.

use crate::judge::Refusal;
use crate::program::Language;
use crate::script::Word;

/// The text that `sh -c` runs, if its options are known.
pub(crate) fn shell_text(words: &[Word]) -> Option<&str> {
    let mut is_text = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.plain()?;
        match text {
            "--login" | "--norc" | "--noprofile" | "--posix" => {}
            "-o" => {
                let name = words.next()?.plain()?;
                if !matches!(name, "pipefail" | "errexit" | "nounset") {
                    return None;
                }
            }
            _ if text.len() > 1 && text.starts_with('-') => {
                let letters = text.get(1..)?;
                if !letters.chars().all(|letter| "lceux".contains(letter)) {
                    return None;
                }
                is_text |= letters.contains('c');
            }
            _ => return is_text.then_some(text),
        }
    }
    None
}

/// The text that `powershell -Command` runs.
pub(crate) fn powershell_text(words: &[Word]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let option = word.plain()?.to_ascii_lowercase();
        match option.trim_start_matches(['-', '/']) {
            "noprofile" | "nop" | "noninteractive" | "noni" | "nologo" => {}
            "command" | "c" => {
                let texts: Option<Vec<&str>> = words.map(Word::plain).collect();
                return Some(texts?.join(" "));
            }
            "encodedcommand" | "enc" | "ec" | "e" => {
                let text = decoded(words.next()?.plain()?)?;
                return words.next().is_none().then_some(text);
            }
            _ => return None,
        }
    }
    None
}

/// Base64 of UTF-16, little end first.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = ((held << 6) | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

/// The text that `cmd /c` runs.
pub(crate) fn cmd_text(words: &[Word]) -> Option<String> {
    let (first, rest) = words.split_first()?;
    let option = first.plain()?;
    if !option.eq_ignore_ascii_case("/c") {
        return None;
    }
    let texts: Option<Vec<&str>> = rest.iter().map(Word::plain).collect();
    Some(texts?.join(" "))
}

/// Refuses what such a text could run or write.
pub(crate) fn check(language: Language, words: &[Word]) -> Result<(), Refusal> {
    match language {
        Language::Sed => sed(words),
        Language::Awk => words.iter().try_for_each(awk),
        Language::Test => words.iter().try_for_each(expression),
    }
}

fn expression(word: &Word) -> Result<(), Refusal> {
    if word.text.contains("$(") || word.text.contains('`') {
        return Err(Refusal::new(
            "a text that `test` could run",
            word.at,
            "compare plain texts",
        ));
    }
    Ok(())
}

fn awk(word: &Word) -> Result<(), Refusal> {
    let text = &word.text;
    let runs = ["system", "getline", "ENVIRON", "@", "load", "extension"]
        .iter()
        .any(|name| text.contains(name));
    let pipes = text.replace("||", "").contains('|');
    let writes = text
        .split([';', '}', '\n'])
        .any(|statement| match statement.find("print") {
            Some(at) => statement.get(at..).is_some_and(|rest| rest.contains('>')),
            None => false,
        });
    if runs || pipes || writes || (text.contains('{') && word.plain().is_none()) {
        return Err(Refusal::new(
            "an `awk` program that may run or write something",
            word.at,
            "leave out `system`, `getline`, `|`, `>` behind `print`, `ENVIRON`",
        ));
    }
    Ok(())
}

/// Finds the scripts as `sed` does, and reads each.
fn sed(words: &[Word]) -> Result<(), Refusal> {
    let mut scripts = Vec::new();
    let mut first_operand = None;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text.as_str();
        if text.starts_with("--e") {
            match text.split_once('=') {
                Some((_, script)) => scripts.push((script, word)),
                None => scripts.extend(rest.next().map(|next| (next.text.as_str(), next))),
            }
        } else if text.starts_with("--") || text == "-" {
            continue;
        } else if let Some(letters) = text.strip_prefix('-') {
            match letters.split_once('e') {
                Some((_, "")) => scripts.extend(rest.next().map(|next| (next.text.as_str(), next))),
                Some((_, script)) => scripts.push((script, word)),
                None => {}
            }
        } else if first_operand.is_none() {
            first_operand = Some((text, word));
        }
    }
    if scripts.is_empty() {
        scripts.extend(first_operand);
    }
    for (script, word) in scripts {
        let letters: Vec<char> = script.chars().collect();
        if word.plain().is_none() || !(Sed { letters, here: 0 }).is_harmless() {
            return Err(Refusal::new(
                "a `sed` script that is not known to be harmless",
                word.at,
                "leave out `w`, `r`, `e` and what is not plain",
            ));
        }
    }
    Ok(())
}

struct Sed {
    letters: Vec<char>,
    here: usize,
}

impl Sed {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.here).copied()
    }

    fn skip(&mut self, set: &str) {
        while self.peek().is_some_and(|letter| set.contains(letter)) {
            self.here += 1;
        }
    }

    /// Reads commands and addresses; whatever is not known is harm.
    fn is_harmless(&mut self) -> bool {
        loop {
            self.skip(" \t\n;{}");
            let Some(letter) = self.peek() else {
                return true;
            };
            self.here += 1;
            match letter {
                '0'..='9' | '$' | ',' | '+' | '~' | '!' => {}
                '/' => {
                    if !self.part('/') {
                        return false;
                    }
                    self.skip("IM");
                }
                'p' | 'P' | 'd' | 'D' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'l'
                | 'z' | 'q' | 'Q' => {
                    self.skip("0123456789 \t");
                    if !matches!(self.peek(), None | Some(';' | '\n' | '}')) {
                        return false;
                    }
                }
                's' | 'y' => {
                    let Some(delimiter) = self
                        .peek()
                        .filter(|one| !one.is_alphanumeric() && !"\\\n [".contains(*one))
                    else {
                        return false;
                    };
                    self.here += 1;
                    if !self.part(delimiter) || !self.part(delimiter) {
                        return false;
                    }
                    self.skip("gpiIm0123456789M");
                    self.skip(" \t");
                    if !matches!(self.peek(), None | Some(';' | '\n' | '}')) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    /// Up to the delimiter; one within brackets is read differently by
    /// different programs.
    fn part(&mut self, delimiter: char) -> bool {
        let mut bracket = false;
        while let Some(letter) = self.peek() {
            self.here += 1;
            match letter {
                '\\' => self.here += 1,
                _ if letter == delimiter => return !bracket,
                '\n' => return false,
                '[' => bracket = true,
                ']' => bracket = false,
                _ => {}
            }
        }
        false
    }
}

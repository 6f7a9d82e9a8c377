//! Scripts of `sed`.

use crate::refusal::Refusal;
use crate::script::Word;

/// Finds the scripts as `sed` does, and reads each.
pub(crate) fn check(words: &[Word]) -> Result<(), Refusal> {
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

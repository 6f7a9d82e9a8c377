//! Files and texts that a POSIX shell itself gives to a command.

use crate::expansion;
use crate::parser::{HereDocument, Parser};
use crate::script::{Command, Construct, ParseError, Redirection, Word};

/// Here-documents on one line; the shell has no bound, people have.
const HERE_DOCUMENTS_MAX: usize = 16;

impl Parser {
    /// Takes a redirection, if one stands here.
    pub(crate) fn redirection(&mut self, command: &mut Command) -> Result<bool, ParseError> {
        let start = self.here;
        while self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            self.here += 1;
        }
        let numbered = self.here > start;
        if !matches!(self.peek(), Some('<' | '>')) {
            self.here = start;
            if !self.take("&>") {
                return Ok(false);
            }
            self.take(">");
            self.target(command, true)?;
            self.skip_blanks()?;
            // Plain POSIX shells read `&` and then a command of its own.
            return match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => Ok(true),
                Some(_) => Err(self.error("a word behind `&>`, which shells read differently")),
            };
        }
        if !numbered && (self.looks_at("<(") || self.looks_at(">(")) {
            return Ok(false);
        }
        if self.take("<<<") {
            self.uses(Construct::HereDocument);
            self.skip_blanks()?;
            self.some_word()?;
        } else if self.looks_at("<<") {
            self.here_start()?;
        } else if self.take("<&") || self.take(">&") {
            let writes = self.letters.get(self.here - 2) == Some(&'>');
            self.skip_blanks()?;
            let word = self.some_word()?;
            let duplicate = word.plain().is_some_and(|text| {
                let digits = text.strip_suffix('-').unwrap_or(text);
                digits.chars().all(|letter| letter.is_ascii_digit())
            });
            if !duplicate {
                command
                    .redirections
                    .push(Redirection { writes, file: word });
            }
        } else if self.take("<>") || self.take(">>") || self.take(">|") || self.take(">") {
            self.target(command, true)?;
        } else {
            self.here += 1;
            self.target(command, false)?;
        }
        Ok(true)
    }

    fn target(&mut self, command: &mut Command, writes: bool) -> Result<(), ParseError> {
        self.skip_blanks()?;
        let file = self.some_word()?;
        command.redirections.push(Redirection { writes, file });
        Ok(())
    }

    fn here_start(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::HereDocument);
        self.here += 2;
        let without_tabs = self.take("-");
        self.skip_blanks()?;
        let start = self.here;
        let word = self.some_word()?;
        let quoted = self
            .letters
            .get(start..self.here)
            .is_some_and(|raw| raw.iter().any(|letter| matches!(letter, '\'' | '"' | '\\')));
        let end = word
            .plain()
            .filter(|end| !end.contains('\n'))
            .ok_or_else(|| self.error("an end of a here-document that is not plain"))?;
        if self.waiting.len() >= HERE_DOCUMENTS_MAX {
            return Err(self.error("more here-documents than are judged"));
        }
        self.waiting.push(HereDocument {
            end: end.to_owned(),
            quoted,
            without_tabs,
        });
        Ok(())
    }

    pub(crate) fn here_document(&mut self, document: &HereDocument) -> Result<(), ParseError> {
        let start = self.at();
        let mut body = Vec::new();
        loop {
            if self.peek().is_none() {
                return Err(self.error("a here-document without its end"));
            }
            let mut line = Vec::new();
            while let Some(letter) = self.peek().filter(|letter| *letter != '\n') {
                line.push(letter);
                self.here += 1;
            }
            self.here += usize::from(self.peek().is_some());
            let shown: String = line.iter().collect();
            let shown = if document.without_tabs {
                shown.trim_start_matches('\t')
            } else {
                &shown
            };
            if shown == document.end {
                break;
            }
            body.extend(line);
            body.push('\n');
        }
        if document.quoted {
            return Ok(());
        }
        // A line continued by `\` can hide the end of the document.
        if body.windows(2).any(|pair| pair == ['\\', '\n']) {
            return Err(ParseError {
                problem: "a continued line in a here-document",
                at: start,
            });
        }
        let mut inner = Parser::new(body, start, self.depth);
        inner.deeper()?;
        let mut text = Word::default();
        expansion::document(&mut inner, &mut text)?;
        self.adopt(inner.script);
        Ok(())
    }
}

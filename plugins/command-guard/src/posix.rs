//! Commands and lists of POSIX shells, with what bash and zsh add where it is
//! common. What is not understood is an error, never a guess.

use crate::expansion;
use crate::parser::Parser;
use crate::script::{Command, Construct, ParseError, Script, Word};

/// Reads a text as a shell would.
pub fn parse(text: &str) -> Result<Script, ParseError> {
    let mut parser = Parser::new(text.chars().collect(), 1, 0);
    parser.list(&[])?;
    if parser.peek().is_some() {
        return Err(parser.error("a closing bracket without its opening one"));
    }
    Ok(parser.script)
}

impl Parser {
    /// Blanks, continued lines and a comment.
    pub(crate) fn skip_blanks(&mut self) -> Result<(), ParseError> {
        loop {
            if self.take("\\\n") {
                continue;
            }
            match self.peek() {
                Some(' ' | '\t') => self.here += 1,
                Some('#') => return self.comment(),
                _ => return Ok(()),
            }
        }
    }

    /// A comment of words: a zsh at a terminal reads it as arguments, and goes
    /// on behind an operator or a quote in it.
    fn comment(&mut self) -> Result<(), ParseError> {
        let start = self.at();
        let mut acts = false;
        let mut quotes = false;
        let mut before = ' ';
        while let Some(letter) = self.peek().filter(|letter| *letter != '\n') {
            let is_option = letter == '-'
                && before.is_whitespace()
                && self.after(1).is_some_and(|next| !next.is_whitespace());
            acts |= is_option || ";|&$`()<>".contains(letter);
            quotes |= matches!(letter, '\'' | '"' | '\\');
            before = letter;
            self.here += 1;
        }
        if acts || (quotes && self.peek().is_some()) {
            return Err(ParseError {
                problem: "a comment that some shells read as words",
                at: start,
            });
        }
        Ok(())
    }

    pub(crate) fn skip_lines(&mut self) -> Result<(), ParseError> {
        loop {
            self.skip_blanks()?;
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.line_end()?;
        }
    }

    /// Takes a line break and the here-documents that wait for it.
    fn line_end(&mut self) -> Result<(), ParseError> {
        self.here += 1;
        for document in std::mem::take(&mut self.waiting) {
            self.here_document(&document)?;
        }
        Ok(())
    }

    /// Commands up to the end of the text, a `)`, or one of the words.
    pub(crate) fn list(&mut self, ends: &[&str]) -> Result<(), ParseError> {
        self.deeper()?;
        self.skip_lines()?;
        while self.peek().is_some() && !self.at_end(ends) {
            self.pipeline(ends)?;
            self.skip_blanks()?;
            if self.at_end(ends) {
                break;
            }
            match (self.peek(), self.after(1)) {
                (None, _) => break,
                (Some('&'), Some('&')) | (Some('|'), Some('|')) => {
                    self.uses(Construct::Sequence);
                    self.here += 2;
                    self.skip_lines()?;
                    if self.peek().is_none() || self.at_end(ends) {
                        return Err(self.error("an operator without a command behind it"));
                    }
                }
                (Some('&'), _) => {
                    self.uses(Construct::Background);
                    self.here += 1;
                    self.skip_lines()?;
                }
                (Some(';'), Some(';')) if !ends.contains(&";;") => {
                    return Err(self.error("`;;` outside of `case`"));
                }
                (Some(';'), _) => {
                    self.here += 1;
                    self.skip_lines()?;
                    if self.peek().is_some() && !self.at_end(ends) {
                        self.uses(Construct::Sequence);
                    }
                }
                (Some('\n'), _) => {
                    self.skip_lines()?;
                    if self.peek().is_some() && !self.at_end(ends) {
                        self.uses(Construct::Sequence);
                    }
                }
                (Some(_), _) => return Err(self.error("a character that ends no command")),
            }
        }
        if !self.waiting.is_empty() && self.peek().is_none() {
            return Err(self.error("a here-document without its end"));
        }
        self.depth -= 1;
        Ok(())
    }

    fn at_end(&self, ends: &[&str]) -> bool {
        self.peek() == Some(')')
            || (ends.contains(&";;") && self.looks_at(";;"))
            || ends.iter().any(|end| self.looks_at_word(end))
    }

    /// Whether a reserved word stands here, whole and without quotes.
    pub(crate) fn looks_at_word(&self, word: &str) -> bool {
        self.looks_at(word)
            && self.after(word.chars().count()).is_none_or(|letter| {
                matches!(
                    letter,
                    ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>'
                )
            })
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = self.looks_at_word(word);
        if found {
            self.here += word.chars().count();
        }
        found
    }

    pub(crate) fn expect(
        &mut self,
        word: &'static str,
        problem: &'static str,
    ) -> Result<(), ParseError> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.error(problem))
        }
    }

    fn pipeline(&mut self, ends: &[&str]) -> Result<(), ParseError> {
        self.skip_blanks()?;
        while self.take_word("!") {
            self.skip_blanks()?;
        }
        self.command(ends)?;
        loop {
            self.skip_blanks()?;
            if self.peek() != Some('|') || self.after(1) == Some('|') {
                return Ok(());
            }
            self.uses(Construct::Pipe);
            self.here += 1;
            if self.peek() == Some('&') {
                self.here += 1;
            }
            self.skip_lines()?;
            self.command(ends)?;
        }
    }

    fn command(&mut self, ends: &[&str]) -> Result<(), ParseError> {
        if self.peek().is_none() || self.at_end(ends) {
            return Err(self.error("an operator without a command"));
        }
        if self.looks_at("((") {
            return Err(self.error("an arithmetic command"));
        }
        for word in [
            "function", "select", "coproc", "then", "do", "done", "fi", "esac", "else", "elif",
            "in", "}",
        ] {
            if self.looks_at_word(word) {
                return Err(self.error("a reserved word in a place where it is not read"));
            }
        }
        if self.peek() == Some('(') {
            self.uses(Construct::Group);
            self.here += 1;
            self.list(&[])?;
            if !self.take(")") {
                return Err(self.error("a `(` without its `)`"));
            }
            return self.redirections_only();
        }
        if self.looks_at_word("{") {
            return self.group();
        }
        if self.looks_at_word("if") {
            return self.conditional();
        }
        if self.looks_at_word("while") || self.looks_at_word("until") {
            self.uses(Construct::Control);
            self.here += 5;
            self.list(&["do"])?;
            return self.body();
        }
        if self.looks_at_word("for") {
            return self.for_each();
        }
        if self.looks_at_word("case") {
            return self.case();
        }
        self.simple()
    }

    /// What may stand behind a group or a loop.
    pub(crate) fn redirections_only(&mut self) -> Result<(), ParseError> {
        let mut command = Command::default();
        loop {
            self.skip_blanks()?;
            if !self.redirection(&mut command)? {
                break;
            }
        }
        if !command.redirections.is_empty() {
            self.script.commands.push(command);
        }
        Ok(())
    }

    fn simple(&mut self) -> Result<(), ParseError> {
        let mut command = Command::default();
        let start = self.here;
        loop {
            self.skip_blanks()?;
            if self.redirection(&mut command)? {
                continue;
            }
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => break,
                Some('(') if command.words.len() == 1 && command.assignments.is_empty() => {
                    return self.function(&command);
                }
                Some('(') => return Err(self.error("a `(` in a place where it is not read")),
                Some(_) => {}
            }
            if command.words.is_empty()
                && let Some((name, is_added)) = self.assigned_name()
            {
                let mut value = self.word()?;
                if is_added {
                    // It stands behind what the variable was before.
                    value.open_from = Some(0);
                }
                command.assignments.push((name, value));
                continue;
            }
            let word = self.some_word()?;
            command.words.push(word);
        }
        if self.here == start {
            return Err(self.error("an operator without a command"));
        }
        self.script.commands.push(command);
        Ok(())
    }

    /// `NAME=` or `NAME+=`, taken if it stands here, and whether it is the second.
    fn assigned_name(&mut self) -> Option<(String, bool)> {
        let rest = self.letters.get(self.here..)?;
        let length = rest
            .iter()
            .take_while(|letter| letter.is_ascii_alphanumeric() || **letter == '_')
            .count();
        let name: String = rest.iter().take(length).collect();
        if !expansion::is_name(&name) {
            return None;
        }
        let sign = match (rest.get(length), rest.get(length + 1)) {
            (Some('='), _) => 1,
            (Some('+'), Some('=')) => 2,
            _ => return None,
        };
        self.here += length + sign;
        Some((name, sign == 2))
    }

    /// A word that must be there.
    pub(crate) fn some_word(&mut self) -> Result<Word, ParseError> {
        let start = self.here;
        let word = self.word()?;
        if self.here == start {
            return Err(self.error("an operator in the place of a word"));
        }
        Ok(word)
    }

    /// A list inside `$(..)` or `<(..)`, whose `(` is taken.
    pub(crate) fn substituted(&mut self) -> Result<(), ParseError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.list(&[])?;
        if !self.waiting.is_empty() || !self.take(")") {
            return Err(self.error("a substitution without its `)`"));
        }
        self.waiting = waiting;
        Ok(())
    }
}

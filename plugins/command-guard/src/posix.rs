//! Commands and lists of POSIX shells, with what bash and zsh add where it is
//! common. What is not understood is an error, never a guess.

use crate::expansion;
use crate::script::{Command, Construct, ParseError, Redirection, Script, Word};

/// Groups, substitutions and loops inside each other; nobody writes more.
const DEPTH_MAX: usize = 24;

/// Here-documents on one line; the shell has no bound, people have.
const HERE_DOCUMENTS_MAX: usize = 16;

/// Reads a text as a shell would.
pub fn parse(text: &str) -> Result<Script, ParseError> {
    let mut parser = Parser::new(text.chars().collect(), 1, 0);
    parser.list(&[])?;
    if parser.peek().is_some() {
        return Err(parser.error("a closing bracket without its opening one"));
    }
    Ok(parser.script)
}

/// The characters, and how far they are read.
pub(crate) struct Parser {
    pub(crate) letters: Vec<char>,
    pub(crate) here: usize,
    /// Where the first character stands in the whole text.
    pub(crate) offset: usize,
    pub(crate) depth: usize,
    pub(crate) script: Script,
    waiting: Vec<HereDocument>,
}

struct HereDocument {
    end: String,
    quoted: bool,
    without_tabs: bool,
}

impl Parser {
    pub(crate) fn new(letters: Vec<char>, offset: usize, depth: usize) -> Self {
        Self {
            letters,
            here: 0,
            offset,
            depth,
            script: Script::default(),
            waiting: Vec::new(),
        }
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.letters.get(self.here).copied()
    }

    pub(crate) fn after(&self, steps: usize) -> Option<char> {
        self.letters.get(self.here + steps).copied()
    }

    pub(crate) fn looks_at(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(steps, letter)| self.after(steps) == Some(letter))
    }

    pub(crate) fn take(&mut self, text: &str) -> bool {
        let found = self.looks_at(text);
        if found {
            self.here += text.chars().count();
        }
        found
    }

    pub(crate) fn at(&self) -> usize {
        self.here + self.offset
    }

    pub(crate) fn error(&self, problem: &'static str) -> ParseError {
        ParseError {
            problem,
            at: self.at(),
        }
    }

    pub(crate) fn uses(&mut self, construct: Construct) {
        let at = self.at();
        self.script.constructs.push((construct, at));
    }

    /// Goes one level down; the way back is `depth -= 1`.
    pub(crate) fn deeper(&mut self) -> Result<(), ParseError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error("more nesting than is judged"));
        }
        Ok(())
    }

    /// Blanks, continued lines and a comment.
    fn skip_blanks(&mut self) {
        loop {
            if self.take("\\\n") {
                continue;
            }
            match self.peek() {
                Some(' ' | '\t') => self.here += 1,
                Some('#') => {
                    while self.peek().is_some_and(|letter| letter != '\n') {
                        self.here += 1;
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) -> Result<(), ParseError> {
        loop {
            self.skip_blanks();
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

    fn here_document(&mut self, document: &HereDocument) -> Result<(), ParseError> {
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

    pub(crate) fn adopt(&mut self, script: Script) {
        self.script.commands.extend(script.commands);
        self.script.constructs.extend(script.constructs);
    }

    /// Commands up to the end of the text, a `)`, or one of the words.
    pub(crate) fn list(&mut self, ends: &[&str]) -> Result<(), ParseError> {
        self.deeper()?;
        self.skip_lines()?;
        while self.peek().is_some() && !self.at_end(ends) {
            self.pipeline(ends)?;
            self.skip_blanks();
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
    fn looks_at_word(&self, word: &str) -> bool {
        self.looks_at(word)
            && self.after(word.chars().count()).is_none_or(|letter| {
                matches!(
                    letter,
                    ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>'
                )
            })
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.looks_at_word(word);
        if found {
            self.here += word.chars().count();
        }
        found
    }

    fn expect(&mut self, word: &'static str, problem: &'static str) -> Result<(), ParseError> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.error(problem))
        }
    }

    fn pipeline(&mut self, ends: &[&str]) -> Result<(), ParseError> {
        self.skip_blanks();
        while self.take_word("!") {
            self.skip_blanks();
        }
        self.command(ends)?;
        loop {
            self.skip_blanks();
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

    fn group(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Group);
        self.here += 1;
        self.list(&["}"])?;
        self.expect("}", "a `{` without its `}`")?;
        self.redirections_only()
    }

    fn conditional(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Control);
        self.here += 2;
        self.list(&["then"])?;
        self.expect("then", "an `if` without its `then`")?;
        loop {
            self.list(&["elif", "else", "fi"])?;
            if self.take_word("elif") {
                self.list(&["then"])?;
                self.expect("then", "an `elif` without its `then`")?;
            } else if self.take_word("else") {
                self.list(&["fi"])?;
            } else {
                self.expect("fi", "an `if` without its `fi`")?;
                return self.redirections_only();
            }
        }
    }

    fn body(&mut self) -> Result<(), ParseError> {
        self.expect("do", "a loop without its `do`")?;
        self.list(&["done"])?;
        self.expect("done", "a loop without its `done`")?;
        self.redirections_only()
    }

    fn for_each(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Control);
        self.here += 3;
        self.skip_blanks();
        let name = self.some_word()?;
        let value = Word {
            open_from: Some(0),
            splits: true,
            ..name.clone()
        };
        let name = name
            .plain()
            .filter(|name| expansion::is_name(name))
            .ok_or_else(|| self.error("a `for` without a name"))?;
        // The loop sets the variable, as an assignment does.
        self.script.commands.push(Command {
            assignments: vec![(name.to_owned(), value)],
            ..Command::default()
        });
        self.skip_lines()?;
        if self.take_word("in") {
            loop {
                self.skip_blanks();
                if matches!(self.peek(), None | Some(';' | '\n')) {
                    break;
                }
                self.some_word()?;
            }
        }
        self.skip_blanks();
        self.here += usize::from(self.peek() == Some(';'));
        self.skip_lines()?;
        self.body()
    }

    fn case(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Control);
        self.here += 4;
        self.skip_blanks();
        self.some_word()?;
        self.skip_lines()?;
        self.expect("in", "a `case` without its `in`")?;
        self.skip_lines()?;
        while !self.looks_at_word("esac") {
            self.take("(");
            loop {
                self.skip_blanks();
                self.some_word()?;
                self.skip_blanks();
                if !self.take("|") {
                    break;
                }
            }
            if !self.take(")") {
                return Err(self.error("a pattern of `case` without its `)`"));
            }
            self.list(&[";;", "esac"])?;
            self.take(";;");
            self.skip_lines()?;
        }
        self.expect("esac", "a `case` without its `esac`")?;
        self.redirections_only()
    }

    /// What may stand behind a group or a loop.
    fn redirections_only(&mut self) -> Result<(), ParseError> {
        let mut command = Command::default();
        loop {
            self.skip_blanks();
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
            self.skip_blanks();
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
            if command.words.is_empty() {
                if let Some(name) = self.assigned_name() {
                    let value = self.word()?;
                    command.assignments.push((name, value));
                    continue;
                }
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

    fn function(&mut self, head: &Command) -> Result<(), ParseError> {
        self.uses(Construct::Function);
        self.here += 1;
        self.skip_blanks();
        let named = head.words.first().and_then(Word::plain);
        if !self.take(")") || !named.is_some_and(expansion::is_name) {
            return Err(self.error("a `(` in a place where it is not read"));
        }
        self.skip_lines()?;
        if self.looks_at_word("{") {
            self.deeper()?;
            self.group()?;
            self.depth -= 1;
            return Ok(());
        }
        Err(self.error("a function whose body is not in braces"))
    }

    /// `NAME=` or `NAME+=`, taken if it stands here.
    fn assigned_name(&mut self) -> Option<String> {
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
        Some(name)
    }

    /// Takes a redirection, if one stands here.
    fn redirection(&mut self, command: &mut Command) -> Result<bool, ParseError> {
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
            self.skip_blanks();
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
            self.skip_blanks();
            self.some_word()?;
        } else if self.looks_at("<<") {
            self.here_start()?;
        } else if self.take("<&") || self.take(">&") {
            let writes = self.letters.get(self.here - 2) == Some(&'>');
            self.skip_blanks();
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

    /// A word that must be there.
    fn some_word(&mut self) -> Result<Word, ParseError> {
        let start = self.here;
        let word = self.word()?;
        if self.here == start {
            return Err(self.error("an operator in the place of a word"));
        }
        Ok(word)
    }

    fn target(&mut self, command: &mut Command, writes: bool) -> Result<(), ParseError> {
        self.skip_blanks();
        let file = self.some_word()?;
        command.redirections.push(Redirection { writes, file });
        Ok(())
    }

    fn here_start(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::HereDocument);
        self.here += 2;
        let without_tabs = self.take("-");
        self.skip_blanks();
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

//! A text of a POSIX shell, and how far it is read.

use crate::script::{Construct, ParseError, Script};

/// Groups, substitutions and loops inside each other; nobody writes more.
const DEPTH_MAX: usize = 24;

/// The characters, and how far they are read.
pub(crate) struct Parser {
    pub(crate) letters: Vec<char>,
    pub(crate) here: usize,
    /// Where the first character stands in the whole text.
    pub(crate) offset: usize,
    pub(crate) depth: usize,
    pub(crate) script: Script,
    pub(crate) waiting: Vec<HereDocument>,
}

/// A here-document that begins behind the line.
pub(crate) struct HereDocument {
    pub(crate) end: String,
    pub(crate) quoted: bool,
    pub(crate) without_tabs: bool,
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

    pub(crate) fn adopt(&mut self, script: Script) {
        self.script.commands.extend(script.commands);
        self.script.constructs.extend(script.constructs);
    }
}

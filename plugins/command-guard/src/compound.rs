//! Groups, conditions, loops and functions of POSIX shells: whatever they hold
//! is read as if it always ran.

use crate::expansion;
use crate::parser::Parser;
use crate::script::{Command, Construct, ParseError, Word};

impl Parser {
    pub(crate) fn group(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Group);
        self.here += 1;
        self.list(&["}"])?;
        self.expect("}", "a `{` without its `}`")?;
        self.redirections_only()
    }

    pub(crate) fn conditional(&mut self) -> Result<(), ParseError> {
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

    pub(crate) fn body(&mut self) -> Result<(), ParseError> {
        self.expect("do", "a loop without its `do`")?;
        self.list(&["done"])?;
        self.expect("done", "a loop without its `done`")?;
        self.redirections_only()
    }

    pub(crate) fn for_each(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Control);
        self.here += 3;
        self.skip_blanks()?;
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
                self.skip_blanks()?;
                if matches!(self.peek(), None | Some(';' | '\n')) {
                    break;
                }
                self.some_word()?;
            }
        }
        self.skip_blanks()?;
        self.here += usize::from(self.peek() == Some(';'));
        self.skip_lines()?;
        self.body()
    }

    pub(crate) fn case(&mut self) -> Result<(), ParseError> {
        self.uses(Construct::Control);
        self.here += 4;
        self.skip_blanks()?;
        self.some_word()?;
        self.skip_lines()?;
        self.expect("in", "a `case` without its `in`")?;
        self.skip_lines()?;
        while !self.looks_at_word("esac") {
            self.take("(");
            loop {
                self.skip_blanks()?;
                self.some_word()?;
                self.skip_blanks()?;
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

    pub(crate) fn function(&mut self, head: &Command) -> Result<(), ParseError> {
        self.uses(Construct::Function);
        self.here += 1;
        self.skip_blanks()?;
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
}

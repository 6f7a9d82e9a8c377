//! The quoting of PowerShell and of Windows `cmd`: plain commands, pipelines
//! and lists. Variables, blocks and expressions are refused where they stand.

use crate::script::{Command, Construct, ParseError, Redirection, Script, Word};

/// Whose rules a text follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `cmd.exe`.
    Cmd,
    /// `powershell` and `pwsh`.
    PowerShell,
}

/// Reads a text as that shell would.
pub fn parse(dialect: Dialect, text: &str) -> Result<Script, ParseError> {
    let mut reader = Reader {
        letters: text.chars().collect(),
        here: 0,
        dialect,
    };
    let mut script = Script::default();
    let mut command = Command::default();
    let mut pending = false;
    while let Some(letter) = reader.peek() {
        let at = reader.here + 1;
        let construct = match (letter, reader.after()) {
            (' ' | '\t', _) => {
                reader.here += 1;
                continue;
            }
            ('#', _) if dialect == Dialect::PowerShell => {
                while reader.peek().is_some_and(|letter| letter != '\n') {
                    reader.here += 1;
                }
                continue;
            }
            ('&', Some('&')) | ('|', Some('|')) => {
                reader.here += 1;
                Construct::Sequence
            }
            ('|', _) => Construct::Pipe,
            // In `cmd` a separator, in PowerShell a job or the call operator.
            ('&', _) if dialect == Dialect::PowerShell => {
                return Err(reader.error("the call operator `&`"));
            }
            ('&' | '\n', _) => Construct::Sequence,
            (';', _) if dialect == Dialect::PowerShell => Construct::Sequence,
            ('<' | '>', _) => {
                reader.redirection(&mut command)?;
                continue;
            }
            _ => {
                let word = reader.word()?;
                if dialect == Dialect::PowerShell && word.text == "--%" {
                    return Err(reader.error("`--%`, behind which quotes mean nothing"));
                }
                if dialect == Dialect::Cmd && command.words.is_empty() && !is_whole(&word.text) {
                    return Err(reader.error("a name that `cmd` reads in parts"));
                }
                command.words.push(word);
                continue;
            }
        };
        reader.here += 1;
        let empty = command.words.is_empty() && command.redirections.is_empty();
        let line_end = letter == '\n' || (letter == ';' && dialect == Dialect::PowerShell);
        if empty && !line_end {
            return Err(reader.error("an operator without a command"));
        }
        pending = !line_end;
        if !empty {
            script.constructs.push((construct, at));
            script.commands.push(std::mem::take(&mut command));
        }
    }
    if !command.words.is_empty() || !command.redirections.is_empty() {
        script.commands.push(command);
    } else if pending {
        return Err(reader.error("an operator without a command behind it"));
    } else if script.commands.len() == script.constructs.len() {
        // A separator at the very end joins nothing.
        script.constructs.pop();
    }
    Ok(script)
}

/// Commands of `cmd` itself, which end before a sign: `del/q`, `echo.x`, `cd..`.
const BUILT_IN: &[&str] = &[
    "assoc", "call", "cd", "chdir", "cls", "copy", "date", "del", "dir", "echo", "erase", "exit",
    "for", "ftype", "goto", "if", "md", "mkdir", "mklink", "move", "path", "pause", "popd",
    "prompt", "pushd", "rd", "rem", "ren", "rename", "rmdir", "set", "shift", "start", "time",
    "title", "type", "ver", "verify", "vol",
];

/// Whether `cmd` takes all of a word for the name of a program.
fn is_whole(name: &str) -> bool {
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "._-:\\ ".contains(letter));
    let first = name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    plain && (first.len() == name.len() || !BUILT_IN.contains(&first.as_str()))
}

struct Reader {
    letters: Vec<char>,
    here: usize,
    dialect: Dialect,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.here).copied()
    }

    fn after(&self) -> Option<char> {
        self.letters.get(self.here + 1).copied()
    }

    fn error(&self, problem: &'static str) -> ParseError {
        ParseError {
            problem,
            at: self.here + 1,
        }
    }

    fn redirection(&mut self, command: &mut Command) -> Result<(), ParseError> {
        let writes = self.peek() == Some('>');
        if !writes && self.dialect == Dialect::PowerShell {
            return Err(self.error("`<`, which PowerShell does not read"));
        }
        self.here += 1;
        if writes && self.peek() == Some('>') {
            self.here += 1;
        }
        if self.peek() == Some('&') {
            self.here += 1;
            if !self.peek().is_some_and(|letter| letter.is_ascii_digit()) {
                return Err(self.error("a redirection without its number"));
            }
            self.here += 1;
            return Ok(());
        }
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.here += 1;
        }
        let file = self.word()?;
        if file.text.is_empty() {
            return Err(self.error("a redirection without its file"));
        }
        command.redirections.push(Redirection { writes, file });
        Ok(())
    }

    fn word(&mut self) -> Result<Word, ParseError> {
        let mut word = Word::literal("", self.here + 1);
        while let Some(letter) = self.peek() {
            if matches!(letter, ' ' | '\t' | '\n' | '|' | '&' | '<' | '>') {
                break;
            }
            match self.dialect {
                Dialect::Cmd => self.letter_of_cmd(&mut word, letter)?,
                Dialect::PowerShell => {
                    if letter == ';' {
                        break;
                    }
                    self.letter_of_powershell(&mut word, letter)?;
                }
            }
        }
        Ok(word)
    }

    fn letter_of_cmd(&mut self, word: &mut Word, letter: char) -> Result<(), ParseError> {
        match letter {
            '%' | '!' => return Err(self.error("a variable of `cmd`")),
            '(' | ')' => return Err(self.error("a bracket of `cmd`")),
            // Programs split them, and `cmd` takes some of them for blanks.
            ',' | ';' | '=' if word.text.is_empty() => {
                return Err(self.error("a separator of `cmd`"));
            }
            '"' => return self.quoted_of_cmd(word),
            // A program that is a batch file reads its arguments again, without it.
            '^' => return Err(self.error("an escape of `cmd`")),
            _ => word.text.push(letter),
        }
        self.here += 1;
        Ok(())
    }

    fn quoted_of_cmd(&mut self, word: &mut Word) -> Result<(), ParseError> {
        self.here += 1;
        while let Some(letter) = self.peek() {
            match letter {
                '"' if self.after() == Some('"') || word.text.ends_with('\\') => {
                    // Programs take these for a quote, `cmd` for its end.
                    return Err(self.error("a quote that programs read differently"));
                }
                '"' => {
                    self.here += 1;
                    return Ok(());
                }
                '%' | '!' => return Err(self.error("a variable of `cmd`")),
                '\n' => break,
                _ => word.text.push(letter),
            }
            self.here += 1;
        }
        Err(self.error("a quote without its end"))
    }

    fn letter_of_powershell(&mut self, word: &mut Word, letter: char) -> Result<(), ParseError> {
        match letter {
            '$' => return Err(self.error("a variable or `$(..)` of PowerShell")),
            '(' | ')' | '{' | '}' | '@' => {
                return Err(self.error("an expression or a block of PowerShell"));
            }
            '[' if word.text.is_empty() => return Err(self.error("a type of PowerShell")),
            ',' => return Err(self.error("a list of PowerShell")),
            '\'' => return self.quoted_of_powershell(word, '\''),
            '"' => return self.quoted_of_powershell(word, '"'),
            '`' => return Err(self.error("an escape of PowerShell")),
            _ => word.text.push(letter),
        }
        self.here += 1;
        Ok(())
    }

    fn quoted_of_powershell(&mut self, word: &mut Word, end: char) -> Result<(), ParseError> {
        self.here += 1;
        while let Some(letter) = self.peek() {
            if letter == end {
                self.here += 1;
                if self.peek() != Some(end) {
                    return Ok(());
                }
                word.text.push(end);
            } else if end == '"' && letter == '$' {
                return Err(self.error("a variable or `$(..)` of PowerShell"));
            } else if end == '"' && letter == '`' {
                return Err(self.error("an escape of PowerShell"));
            } else if letter == '"' {
                // Older versions hand it to programs without an escape.
                return Err(self.error("a quote that programs read differently"));
            } else {
                word.text.push(letter);
            }
            self.here += 1;
        }
        Err(self.error("a quote without its end"))
    }
}

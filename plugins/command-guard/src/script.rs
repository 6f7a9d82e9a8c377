//! What a command text comes to: the commands that it can run, wherever they
//! stand in it, and the constructs that it uses.

/// A parsed text, flat: a command in a loop or a substitution counts like any
/// other, since all of them must be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Every command that could run.
    pub commands: Vec<Command>,
    /// Every construct beyond words, and where it stands.
    pub constructs: Vec<(Construct, usize)>,
}

/// One command: `NAME=value program word >file`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Names and values before the program.
    pub assignments: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Files that the shell itself opens.
    pub redirections: Vec<Redirection>,
}

/// A file that the shell opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// Opened for writing too.
    pub writes: bool,
    /// Its name.
    pub file: Word,
}

/// One word after quoting is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The text; after `open_from` as it was written.
    pub text: String,
    /// How many bytes of the text are certain, where not all are.
    pub open_from: Option<usize>,
    /// May become several words that begin with anything.
    pub splits: bool,
    /// Where it starts, in characters from 1.
    pub at: usize,
}

/// A construct that a setting decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `;`, `&&`, `||`, a line break.
    Sequence,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
    /// `(..)` and `{ ..; }`.
    Group,
    /// `if`, `for`, `while`, `until`, `case`.
    Control,
    /// A function.
    Function,
    /// `$(..)`, backticks, `<(..)`, `>(..)`.
    Substitution,
    /// `$NAME`, `${NAME}`, `$((1 + 1))`.
    Variable,
    /// `<<END`, `<<<word`.
    HereDocument,
}

/// Why a text cannot be judged, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What stands there, without quoting the command.
    pub problem: &'static str,
    /// In characters, from 1.
    pub at: usize,
}

impl Word {
    /// A word that is what it says.
    pub fn literal(text: &str, at: usize) -> Self {
        Self {
            text: text.to_owned(),
            at,
            ..Self::default()
        }
    }

    /// The text, if all of it is certain.
    pub fn plain(&self) -> Option<&str> {
        (self.open_from.is_none() && !self.splits).then_some(&*self.text)
    }

    /// The part that is certain.
    pub fn certain(&self) -> &str {
        let length = self.open_from.unwrap_or(self.text.len());
        self.text.get(..length).unwrap_or_default()
    }

    /// Whether it could reach the program as an option that is not written.
    pub fn may_become_option(&self) -> bool {
        let certain = self.certain();
        let open = self.open_from.is_some();
        self.splits || (open && (certain.is_empty() || certain.starts_with(['-', '+'])))
    }

    /// Marks the rest as uncertain.
    pub(crate) fn open(&mut self) {
        let here = self.text.len();
        self.open_from.get_or_insert(here);
    }
}

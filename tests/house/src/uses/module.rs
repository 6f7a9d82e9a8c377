//! What a module of a crate names: what it uses, and where.

use super::words::Word;

/// `use a::b::{c, d as e};`, one name of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    /// What it is called here; `None` for `*`.
    pub(super) name: Option<String>,
    /// The way to it, as it is written.
    pub(super) path: Vec<String>,
    /// Whether others see it here as well.
    pub(super) is_public: bool,
}

/// What stands in one module, without what stands in modules inside it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// What is brought in.
    pub(super) uses: Vec<Use>,
    /// Paths that stand in the code, names alone too.
    pub(super) mentions: Vec<Vec<String>>,
    /// What is defined here.
    pub(super) defined: Vec<String>,
    /// `mod name;`: modules that have a file of their own.
    pub(super) files: Vec<String>,
    /// `mod name { .. }`
    pub(super) inline: Vec<(String, Contents)>,
}

const DEFINING: [&str; 9] = [
    "fn",
    "struct",
    "enum",
    "union",
    "trait",
    "type",
    "const",
    "static",
    "macro_rules",
];

/// Reads a module from its words.
pub(super) fn read(words: &[Word<'_>]) -> Contents {
    let mut reader = Reader { words, at: 0 };
    reader.module()
}

struct Reader<'a> {
    words: &'a [Word<'a>],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self, ahead: usize) -> Option<Word<'a>> {
        self.words.get(self.at + ahead).copied()
    }

    fn name(&self, ahead: usize) -> Option<&'a str> {
        match self.peek(ahead) {
            Some(Word::Name(name)) => Some(name),
            Some(Word::Path | Word::Sign(_)) | None => None,
        }
    }

    /// To the brace that closes the module, or to the end.
    fn module(&mut self) -> Contents {
        let mut contents = Contents::default();
        let mut depth = 0_usize;
        let mut is_public = false;
        while let Some(word) = self.peek(0) {
            match word {
                Word::Sign('{') => depth += 1,
                Word::Sign('}') if depth == 0 => return contents,
                Word::Sign('}') => depth -= 1,
                Word::Name("pub") => {
                    self.visibility();
                    is_public = true;
                    continue;
                }
                Word::Name("use") if self.name(1).is_some() => {
                    self.at += 1;
                    self.tree(&mut Vec::new(), is_public, &mut contents.uses);
                }
                Word::Name("mod") if self.name(1).is_some() => self.inner(&mut contents),
                Word::Name(first) => {
                    if let (true, Some(name)) = (DEFINING.contains(&first), self.name(1)) {
                        contents.defined.push(name.to_owned());
                    }
                    if let (Word::Sign('!'), "macro_rules", Some(name)) =
                        (self.peek(1).unwrap_or(word), first, self.name(2))
                    {
                        contents.defined.push(name.to_owned());
                    }
                    self.mention(&mut contents.mentions);
                    is_public = false;
                    continue;
                }
                Word::Path => {
                    // A path that begins with `::` is another crate's.
                    self.mention(&mut Vec::new());
                }
                Word::Sign(_) => {}
            }
            is_public = false;
            self.at += 1;
        }
        contents
    }

    /// `pub`, `pub(crate)`, `pub(in a::b)`
    fn visibility(&mut self) {
        self.at += 1;
        let is_narrowed = self.peek(0) == Some(Word::Sign('('))
            && matches!(self.name(1), Some("crate" | "super" | "self" | "in"));
        if is_narrowed {
            while self.peek(0).is_some_and(|word| word != Word::Sign(')')) {
                self.at += 1;
            }
            self.at += 1;
        }
    }

    fn inner(&mut self, contents: &mut Contents) {
        let name = self.name(1).unwrap_or_default().to_owned();
        match self.peek(2) {
            Some(Word::Sign(';')) => contents.files.push(name),
            Some(Word::Sign('{')) => {
                self.at += 3;
                let inside = self.module();
                contents.inline.push((name, inside));
                return;
            }
            _ => {}
        }
        self.at += 2;
    }

    /// Stands on the last word of the path afterwards, or behind it.
    fn mention(&mut self, mentions: &mut Vec<Vec<String>>) {
        let is_member = self.at > 0
            && self.words.get(self.at - 1) == Some(&Word::Sign('.'))
            && self.words.get(self.at.wrapping_sub(2)) != Some(&Word::Sign('.'));
        let mut path = Vec::new();
        loop {
            match self.peek(0) {
                Some(Word::Name(name)) => path.push(name.to_owned()),
                Some(Word::Path) if path.is_empty() => {
                    self.at += 1;
                    continue;
                }
                _ => break,
            }
            self.at += 1;
            match (self.peek(0), self.peek(1)) {
                (Some(Word::Path), Some(Word::Name(_))) => self.at += 1,
                _ => break,
            }
        }
        if !is_member {
            mentions.push(path);
        }
    }

    /// One branch of a `use`.
    fn tree(&mut self, before: &mut Vec<String>, is_public: bool, uses: &mut Vec<Use>) {
        let length = before.len();
        loop {
            match self.peek(0) {
                Some(Word::Name("as")) => {
                    let name = self.name(1).map(str::to_owned);
                    self.at += 2;
                    uses.push(Use {
                        name,
                        path: before.clone(),
                        is_public,
                    });
                    break;
                }
                Some(Word::Name(name)) => {
                    before.push(name.to_owned());
                    self.at += 1;
                    let is_last = !matches!(self.peek(0), Some(Word::Path | Word::Name("as")));
                    if is_last {
                        if name == "self" {
                            before.pop();
                        }
                        let name = before.last().cloned();
                        uses.push(Use {
                            name,
                            path: before.clone(),
                            is_public,
                        });
                        break;
                    }
                }
                Some(Word::Path) => self.at += 1,
                Some(Word::Sign('*')) => {
                    self.at += 1;
                    uses.push(Use {
                        name: None,
                        path: before.clone(),
                        is_public,
                    });
                    break;
                }
                Some(Word::Sign('{')) => {
                    self.at += 1;
                    while self.peek(0).is_some_and(|word| word != Word::Sign('}')) {
                        match self.peek(0) {
                            Some(Word::Sign(',')) => self.at += 1,
                            _ => self.tree(before, is_public, uses),
                        }
                    }
                    self.at += 1;
                    break;
                }
                Some(Word::Sign(_)) | None => break,
            }
        }
        before.truncate(length);
    }
}

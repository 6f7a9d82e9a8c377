//! Lists of globs that deny or except, for each operation apart. The last that
//! covers a path decides, so that an exception can have exceptions.
//!
//! An exception in `data/` is about the names that it fits, and not about what lies
//! below them: `site.example/.env` is no template. One that ends in `/*` is about the
//! folder: `api_key/models.py` is not denied for the name of where it lies.

use std::collections::BTreeMap;

use crate::choice::Operation;
use crate::copies::{STEPS_MAX, originals};
use crate::glob::{Glob, Names, Part, Start};

/// What a list says about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Denied,
    Excepted,
}

/// A list, with what it takes to ask it many times.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    entries: Vec<Entry>,
    /// Operations that some entry is about.
    operations: u8,
    /// Entries that may start at any name, by the hash of what that name is, in
    /// order, or by what it begins or ends with; the rest is tried one by one.
    by_name: Vec<(u32, usize)>,
    /// Which hashes there are, so that an ordinary name is done with one look.
    hashes: Vec<u64>,
    by_first_byte: BTreeMap<u8, Vec<Wild>>,
    by_last_byte: BTreeMap<u8, Vec<Wild>>,
    /// Entries that start at the root of the system, by the hash of what the first name
    /// there is.
    of_system: BTreeMap<u32, Vec<usize>>,
    others: Vec<usize>,
    /// Whether it was written here, and not by the operator.
    is_known: bool,
    /// Whether a copy of what it names is what it names.
    knows_copies: bool,
}

/// An entry that fits, and how many names it takes.
#[derive(Clone, Copy, Debug)]
struct Fit {
    at: usize,
    end: usize,
    word: Word,
}

/// An entry whose first step has wildcards, and the byte beside its first or last one,
/// where that is none of them.
#[derive(Clone, Copy, Debug)]
struct Wild {
    beside: Option<u8>,
    at: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    glob: Glob,
    /// One bit for each.
    operations: u8,
    word: Word,
    /// How many of its names at the end say only that something lies there.
    names_beyond: usize,
}

/// Bits that hashes of names are kept in; a power of two, many times the
/// entries of a list.
const HASH_BITS: u32 = 16_384;

impl List {
    /// Reads a list as it is written in `data/`: a line is the operations (`r`,
    /// `w`, `d`), blanks, and a glob at any depth; `!` before a glob excepts.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut list = Self {
            is_known: true,
            ..Self::default()
        };
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (letters, glob) = line
                .split_once(' ')
                .ok_or_else(|| format!("`{line}` has no glob"))?;
            let operations: Vec<Operation> =
                letters.chars().map(operation).collect::<Result<_, _>>()?;
            let glob = glob.trim();
            let (word, glob) = match glob.strip_prefix('!') {
                Some(glob) => (Word::Excepted, glob),
                None => (Word::Denied, glob),
            };
            let text = glob;
            let glob = if text.starts_with('/') {
                Glob::new(text)
            } else {
                Glob::new(&format!("**/{text}"))
            };
            let is_folder = word == Word::Excepted && text.ends_with("/*");
            list.push(glob, &operations, word);
            if let Some(entry) = list.entries.last_mut() {
                entry.names_beyond = usize::from(is_folder);
            }
        }
        Ok(list)
    }

    /// The list, which is about copies of what it names, too: `.npmrc.bak`.
    pub(crate) fn with_copies(self) -> Self {
        Self {
            knows_copies: true,
            ..self
        }
    }

    /// Adds a glob behind the others.
    pub(crate) fn push(&mut self, glob: Glob, operations: &[Operation], word: Word) {
        let at = self.entries.len();
        let wild_end = |text: &str| text.ends_with(['*', '?']);
        match (glob.start(), glob.first()) {
            (Start::Anywhere, Some(Part::Exact(name))) => {
                let hash = hash(name);
                let place = self.by_name.partition_point(|known| *known < (hash, at));
                self.by_name.insert(place, (hash, at));
                self.hashes.resize(HASH_BITS as usize / 64, 0);
                let (word, bit) = bit(hash);
                if let Some(word) = self.hashes.get_mut(word) {
                    *word |= bit;
                }
            }
            (Start::Anywhere, Some(Part::Wild(text))) if !text.starts_with(['*', '?']) => {
                let mut bytes = text.bytes();
                if let Some(byte) = bytes.next() {
                    let wild = Wild::new(at, bytes.next());
                    self.by_first_byte.entry(byte).or_default().push(wild);
                }
            }
            (Start::Anywhere, Some(Part::Wild(text))) if !wild_end(text) => {
                let mut bytes = text.bytes();
                if let Some(byte) = bytes.next_back() {
                    let wild = Wild::new(at, bytes.next_back());
                    self.by_last_byte.entry(byte).or_default().push(wild);
                }
            }
            (Start::System, Some(Part::Exact(name))) => {
                self.of_system.entry(hash(name)).or_default().push(at);
            }
            (Start::Anywhere | Start::Root | Start::System, _) => self.others.push(at),
        }
        let operations = operations.iter().fold(0, |all, one| all | one.bit());
        self.operations |= operations;
        self.entries.push(Entry {
            glob,
            operations,
            word,
            names_beyond: 0,
        });
    }

    /// What the last entry says that is about the operation and covers the place.
    pub(crate) fn word(&self, operation: Operation, names: &Names) -> Option<Word> {
        if self.operations & operation.bit() == 0 {
            return None;
        }
        let word = self.word_of_names(operation, names);
        if !self.knows_copies || word == Some(Word::Denied) {
            return word;
        }
        let is_denied = |it: &Names| self.word_of_names(operation, it) == Some(Word::Denied);
        let mut copied = originals(names);
        for _ in 0..STEPS_MAX {
            if copied.iter().any(is_denied) {
                return Some(Word::Denied);
            }
            copied = copied.iter().flat_map(originals).collect();
        }
        word
    }

    fn word_of_names(&self, operation: Operation, names: &Names) -> Option<Word> {
        let mut fits: Vec<Fit> = Vec::new();
        for (from, name) in names.all.iter().enumerate() {
            let mut ask = |at| fits.extend(self.fit(at, operation, names, from));
            self.called(name).for_each(&mut ask);
            let mut bytes = name.bytes();
            if let Some(wild) = bytes.next().and_then(|b| self.by_first_byte.get(&b)) {
                wilds(wild, bytes.next()).for_each(&mut ask);
            }
            let mut bytes = name.bytes();
            if let Some(wild) = bytes.next_back().and_then(|b| self.by_last_byte.get(&b)) {
                wilds(wild, bytes.next_back()).for_each(&mut ask);
            }
            for at in &self.others {
                let starts_here = match self.entries.get(*at).map(|entry| entry.glob.start()) {
                    Some(Start::Anywhere) => true,
                    Some(Start::Root) => from == names.of_root,
                    Some(Start::System) => from == 0,
                    None => false,
                };
                if starts_here {
                    ask(*at);
                }
            }
        }
        // What starts at the root of the system has that name first, on a Mac in `/private`, too.
        let is_private = names.all.first().is_some_and(|name| name == "private");
        for (from, name) in names
            .all
            .iter()
            .enumerate()
            .take(1 + usize::from(is_private))
        {
            for at in self.of_system.get(&hash(name)).into_iter().flatten() {
                fits.extend(self.fit(*at, operation, names, from));
            }
        }
        if fits.is_empty() {
            return None;
        }
        let excepts = |denied: &Fit| {
            fits.iter().any(|fit| {
                fit.word == Word::Excepted
                    && fit.at > denied.at
                    && (!self.is_known || fit.end >= denied.end)
            })
        };
        let is_denied = |fit: &Fit| fit.word == Word::Denied && !excepts(fit);
        match fits.iter().any(is_denied) {
            true => Some(Word::Denied),
            false => Some(Word::Excepted),
        }
    }

    /// How an entry that is about the operation fits from the name at `from` on.
    fn fit(&self, at: usize, operation: Operation, names: &Names, from: usize) -> Option<Fit> {
        let entry = self.entries.get(at)?;
        let fits = entry.operations & operation.bit() != 0 && entry.glob.covers_from(names, from);
        if !fits {
            return None;
        }
        let end = entry.glob.end(names, from) - entry.names_beyond;
        // A root that lies in a folder of these lists is the operator's choice.
        (!self.is_known || end > names.of_root).then_some(Fit {
            at,
            end,
            word: entry.word,
        })
    }

    /// Entries whose first step has the hash of this name.
    fn called(&self, name: &str) -> impl Iterator<Item = usize> {
        let hash = hash(name);
        let (word, bit) = bit(hash);
        let is_known = self.hashes.get(word).is_some_and(|word| word & bit != 0);
        let known = if is_known {
            self.by_name.as_slice()
        } else {
            &[]
        };
        let start = known.partition_point(|(known, _)| *known < hash);
        let same = known.get(start..).unwrap_or_default().iter();
        same.take_while(move |(known, _)| *known == hash)
            .map(|(_, at)| *at)
    }
}

/// Those that may fit a name with this byte beside its first or last one.
fn wilds(wild: &[Wild], beside: Option<u8>) -> impl Iterator<Item = usize> {
    let fit = wild
        .iter()
        .filter(move |wild| wild.beside.is_none() || wild.beside == beside);
    fit.map(|wild| wild.at)
}

impl Wild {
    fn new(at: usize, beside: Option<u8>) -> Self {
        let beside = beside.filter(|byte| !matches!(byte, b'*' | b'?'));
        Self { beside, at }
    }
}

/// FNV-1a, 32 bits. Names that an agent makes to collide cost it time only.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Where a hash is kept: the word, and its bit.
fn bit(hash: u32) -> (usize, u64) {
    let place = hash % HASH_BITS;
    ((place / 64) as usize, 1 << (place % 64))
}

fn operation(letter: char) -> Result<Operation, String> {
    match letter {
        'r' => Ok(Operation::Read),
        'w' => Ok(Operation::Write),
        'd' => Ok(Operation::Delete),
        other => Err(format!("`{other}` is no operation; hint: `r`, `w` or `d`")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            3 => "[ab.]{1,3}",
            2 => "[ab*?]{1,3}",
            1 => Just("**".to_owned()),
        ];
        ("(/|\\*\\*/)?", prop::collection::vec(part, 1..3))
            .prop_map(|(start, parts)| start + &parts.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// What is asked by name, first or last letter is what the whole list says.
        #[test]
        fn a_list_answers_as_if_every_entry_were_asked(
            globs in prop::collection::vec((glob(), any::<bool>()), 0..6),
            all in prop::collection::vec("[ab.]{1,3}", 1..5),
            of_root in 0usize..3,
        ) {
            let mut list = List::default();
            for (glob, denies) in &globs {
                let word = if *denies { Word::Denied } else { Word::Excepted };
                list.push(Glob::new(glob), &[Operation::Read], word);
            }
            let names = Names { of_root: of_root.min(all.len()), all };
            let last = list.entries.iter().rev().find(|entry| entry.glob.covers(&names));
            prop_assert_eq!(
                list.word(Operation::Read, &names),
                last.map(|entry| entry.word),
                "{:?} {:?}", globs, names
            );
            prop_assert_eq!(list.word(Operation::Write, &names), None);
        }
    }
}

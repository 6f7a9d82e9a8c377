//! What is known about programs: options that run or write things, options
//! before a subcommand, and programs that run another one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::script::Word;

/// The table that ships with the guard.
const TABLE: &str = include_str!("../profiles/programs.json");

/// Folders whose programs are called by their name alone.
const STANDARD_FOLDERS: &[&str] = &[
    "/bin/",
    "/sbin/",
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/local/bin/",
    "/opt/homebrew/bin/",
];

/// Every known program by name.
pub(crate) type Programs = BTreeMap<String, Program>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "for people who look at the file")]
    dated: String,
    programs: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    names: Vec<String>,
    #[serde(flatten)]
    program: Program,
}

/// One program.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Program {
    /// Options that may stand before a subcommand; `=` at the end: with a value.
    #[serde(default)]
    globals: Vec<String>,
    /// Options that run programs, write files or load code.
    #[serde(default)]
    pub(crate) hazards: Vec<String>,
    /// Options that only look like the beginning of a hazard.
    #[serde(default)]
    harmless: Vec<String>,
    /// `-name` is one option, not four.
    #[serde(default)]
    single_dash: bool,
    /// Letters whose option takes the rest of its word.
    #[serde(default)]
    valued: String,
    /// How it runs another program.
    pub(crate) wrapper: Option<Wrapper>,
    /// Its first operand is a program of this language.
    pub(crate) language: Option<Language>,
    /// Options that take the next word.
    #[serde(default)]
    pub(crate) values: Vec<String>,
    /// Its first word may be letters of options without their dash.
    #[serde(default)]
    pub(crate) old_style: bool,
    /// `-m NAME` runs another program of the table.
    #[serde(default)]
    pub(crate) runs_modules: bool,
    /// Its operands are run, or looked at for what runs.
    #[serde(default)]
    pub(crate) runs_operands: bool,
}

/// Languages whose short programs are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Language {
    Awk,
    Sed,
    /// Expressions of `test`, whose indexes bash expands.
    Test,
}

/// A program that runs another one.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Wrapper {
    pub(crate) inner: Inner,
    /// Options; `=` at the end: with a value.
    #[serde(default)]
    flags: Vec<String>,
    /// Words before the inner program.
    #[serde(default)]
    skip: usize,
    /// `NAME=value` may stand before the inner program.
    #[serde(default)]
    pub(crate) assignments: bool,
    /// Adds words that are not written.
    #[serde(default)]
    pub(crate) adds_words: bool,
    /// Options whose value stands for words that are not written.
    #[serde(default)]
    replaces: Vec<String>,
    /// Options with which it runs nothing, and says what it would run.
    #[serde(default)]
    lookups: Vec<String>,
}

/// What stands behind the options of a wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Inner {
    /// A program and its arguments.
    Words,
    /// Words that a shell reads again.
    Script,
    /// `-c` and a text for a POSIX shell.
    Shell,
    /// `-Command` or `-EncodedCommand`.
    PowerShell,
    /// `/c` and a text for `cmd`.
    Cmd,
    /// `-exec program .. ;`.
    Find,
}

/// The table, by name. An error here is one of the build.
pub(crate) fn table() -> Result<Programs, String> {
    let table: Table = serde_json::from_str(TABLE).map_err(|error| error.to_string())?;
    Ok(table
        .programs
        .into_iter()
        .flat_map(|entry| {
            let program = entry.program;
            entry
                .names
                .into_iter()
                .map(move |name| (name, program.clone()))
        })
        .collect())
}

/// The name by which rules know a program: without a standard folder. Any
/// other path stays whole, since it is another program.
pub(crate) fn name_of(text: &str) -> &str {
    STANDARD_FOLDERS
        .iter()
        .find_map(|folder| text.strip_prefix(folder))
        .filter(|name| !name.contains('/'))
        .unwrap_or(text)
}

/// Names by which a system may find the same program: without its folder, in
/// small letters, without what Windows adds, without its version.
pub(crate) fn spellings(name: &str) -> Vec<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // `=rm` is the path of `rm` to zsh.
    let base = base.trim_start_matches('=').to_ascii_lowercase();
    let base = [".exe", ".cmd", ".bat", ".com"]
        .iter()
        .find_map(|ending| base.strip_suffix(ending))
        .unwrap_or(&base);
    let bare =
        base.trim_end_matches(|letter: char| letter.is_ascii_digit() || ".-".contains(letter));
    let mut all = vec![name.to_owned()];
    for other in [base, bare] {
        if !other.is_empty() && !all.iter().any(|known| known == other) {
            all.push(other.to_owned());
        }
    }
    all
}

/// What is known about a program, whatever it is called by.
pub(crate) fn known<'a>(programs: &'a Programs, name: &str) -> Option<&'a Program> {
    programs
        .get(name)
        .or_else(|| spellings(name).iter().find_map(|other| programs.get(other)))
}

/// Whether a word is, or may be short for, the option; `*` at the end of the
/// option stands for anything.
pub(crate) fn flag_is(flag: &str, word: &str, program: &Program) -> bool {
    // Whichever way they are alike, they begin alike.
    if !begin_alike(flag.as_bytes(), word.as_bytes(), program) {
        return false;
    }
    let sent = word.split_once('=').map_or(word, |(name, _)| name);
    if let Some(begin) = flag.strip_suffix('*') {
        return sent.starts_with(begin);
    }
    if sent == flag || word == flag {
        return sent != "-" || flag == "-";
    }
    if program.single_dash {
        return sent.starts_with('-')
            && sent.trim_start_matches('-') == flag.trim_start_matches('-');
    }
    if let Some(long) = sent.strip_prefix("--") {
        // Programs take unambiguous beginnings of long options.
        return !long.is_empty()
            && flag
                .strip_prefix("--")
                .is_some_and(|full| full.starts_with(long));
    }
    let (Some(letters), Some(wanted)) = (word.strip_prefix('-'), flag.strip_prefix('-')) else {
        return false;
    };
    if wanted.starts_with('-') || wanted.chars().count() != 1 {
        return false;
    }
    for letter in letters.chars() {
        if wanted.starts_with(letter) {
            return true;
        }
        if program.valued.contains(letter) {
            return false;
        }
    }
    false
}

/// Whether they may be alike, by their first letters: a table has many options for each
/// word.
fn begin_alike(flag: &[u8], word: &[u8], program: &Program) -> bool {
    if flag.first() != word.first() {
        return false;
    }
    match (flag, word) {
        // One dash stands for two.
        _ if program.single_dash => true,
        ([_, b'-', first, ..], [_, b'-', other, ..]) => first == other || *first == b'*',
        ([_, b'-', _, ..], [_, other, ..]) => *other == b'-',
        (_, _) => true,
    }
}

/// Whether the word is exactly one of the listed options, with a value or
/// without; each letter of a cluster counts.
pub(crate) fn flag_listed(flags: &[String], word: &str, program: &Program) -> bool {
    let name = word.split_once('=').map_or(word, |(name, _)| name);
    let listed = |name: &str| {
        flags
            .iter()
            .any(|flag| flag == name || flag.strip_suffix('=') == Some(name))
    };
    if listed(word) || listed(name) {
        return true;
    }
    let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
        return false;
    };
    if program.single_dash || letters.is_empty() {
        return false;
    }
    // `-5` and `-n5`.
    if letters.chars().all(|letter| letter.is_ascii_digit()) {
        return listed("-0");
    }
    for letter in letters.chars() {
        let one = format!("-{letter}");
        if flags
            .iter()
            .any(|flag| flag.strip_suffix('=') == Some(&one))
        {
            return true;
        }
        if !listed(&one) {
            return false;
        }
    }
    true
}

impl Program {
    /// Whether the word is an option known to do no harm.
    pub(crate) fn is_harmless(&self, word: &str) -> bool {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        self.harmless.iter().any(|flag| flag == name)
    }

    /// The words behind the options that may stand before a subcommand.
    pub(crate) fn behind_globals<'a>(&self, words: &'a [Word]) -> &'a [Word] {
        behind(&self.globals, words)
    }
}

impl Wrapper {
    /// Whether a shell or a language is given a file instead of a text.
    pub(crate) fn runs_file(&self, rest: &[Word]) -> bool {
        match self.inner {
            Inner::Shell => rest
                .first()
                .is_none_or(|word| !word.text.starts_with(['-', '+']) && word.plain().is_some()),
            Inner::PowerShell | Inner::Cmd => rest.is_empty(),
            Inner::Words | Inner::Script | Inner::Find => false,
        }
    }

    /// Whether the words only ask what would run.
    pub(crate) fn is_lookup(&self, words: &[Word]) -> bool {
        words
            .first()
            .and_then(Word::plain)
            .is_some_and(|first| self.lookups.iter().any(|flag| flag == first))
    }

    /// The texts that stand for other ones in the inner words, by the options
    /// before these.
    pub(crate) fn stand_ins<'a>(&self, options: &'a [Word]) -> Vec<&'a str> {
        let mut found = Vec::new();
        let mut options = options.iter();
        while let Some(option) = options.next() {
            for flag in &self.replaces {
                match option.text.strip_prefix(flag.as_str()) {
                    Some("") => found.extend(options.next().map(|value| value.text.as_str())),
                    Some(attached) => found.push(attached),
                    None => {}
                }
            }
        }
        found
    }

    /// The words behind the wrapper's own options and operands; none where an
    /// option is not known, since it may take the next word.
    pub(crate) fn behind_options<'a>(&self, words: &'a [Word]) -> Option<&'a [Word]> {
        let rest = behind(&self.flags, words);
        let rest = match rest.split_first() {
            Some((word, rest)) if word.plain() == Some("--") => rest,
            Some((word, _)) if word.text.starts_with('-') || word.may_become_option() => {
                return None;
            }
            _ => rest,
        };
        if rest.iter().take(self.skip).any(Word::may_become_option) {
            return None;
        }
        let rest = rest.get(self.skip..)?;
        match rest.split_first() {
            Some((word, rest)) if self.skip > 0 && word.plain() == Some("--") => Some(rest),
            _ => Some(rest),
        }
    }
}

fn behind<'a>(flags: &[String], mut words: &'a [Word]) -> &'a [Word] {
    while let Some((word, rest)) = words.split_first() {
        let Some(text) = word.plain().filter(|text| text.starts_with(['-', '+'])) else {
            break;
        };
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        if flags.iter().any(|flag| flag == text) {
            words = rest;
        } else if flags
            .iter()
            .any(|flag| flag.strip_suffix('=') == Some(text))
        {
            words = rest.get(1..).unwrap_or_default();
        } else if name != text
            && flags
                .iter()
                .any(|flag| flag.strip_suffix('=') == Some(name))
        {
            words = rest;
        } else {
            break;
        }
    }
    words
}

//! A rule names programs with their subcommands and says which options and
//! words it is about.

use gatewright_sdk::Pattern;
use serde::Deserialize;

use crate::program::{Program, flag_is};
use crate::script::Word;

/// `"git status"`, or a table with options and bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Rule {
    /// Program and subcommand, each word a pattern.
    run: Vec<Vec<Pattern>>,
    /// The only options; without it, all but those that run or write things.
    pub(crate) flags: Option<Vec<String>>,
    /// Options that are refused.
    pub(crate) flags_denied: Vec<String>,
    /// Most words beside options and subcommand.
    pub(crate) operands_max: Option<usize>,
    /// What words beside options and subcommand must be.
    operands: Option<Vec<Pattern>>,
    /// Narrows the rule.
    when: When,
}

/// A rule is about the call only where one of these is in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct When {
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    words: Vec<Pattern>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Short(String),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    run: OneOrMore,
    flags: Option<Vec<String>>,
    #[serde(default)]
    flags_denied: Vec<String>,
    operands_max: Option<usize>,
    operands: Option<Vec<Pattern>>,
    #[serde(default)]
    when: When,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<Written> for Rule {
    fn from(written: Written) -> Self {
        let table = match written {
            Written::Short(run) => Table {
                run: OneOrMore::One(run),
                flags: None,
                flags_denied: Vec::new(),
                operands_max: None,
                operands: None,
                when: When::default(),
            },
            Written::Table(table) => table,
        };
        let run = match table.run {
            OneOrMore::One(run) => vec![run],
            OneOrMore::More(run) => run,
        };
        Self {
            run: run
                .iter()
                .map(|run| run.split_whitespace().map(Pattern::new).collect())
                .collect(),
            flags: table.flags,
            flags_denied: table.flags_denied,
            operands_max: table.operands_max,
            operands: table.operands,
            when: table.when,
        }
    }
}

impl Rule {
    /// Whether the rule names something.
    pub(crate) fn names_a_program(&self) -> bool {
        !self.run.is_empty() && self.run.iter().all(|run| !run.is_empty())
    }

    /// How many words the rule names for the program.
    pub(crate) fn words_for(&self, name: &str) -> usize {
        self.run
            .iter()
            .filter(|run| run.first().is_some_and(|first| fits(first, name)))
            .map(Vec::len)
            .max()
            .unwrap_or_default()
    }

    /// Whether the rule is about such an operand.
    pub(crate) fn takes(&self, operand: &Word) -> bool {
        self.operands.as_ref().is_none_or(|patterns| {
            operand
                .plain()
                .is_some_and(|text| patterns.iter().any(|pattern| fits(pattern, text)))
        })
    }

    /// The words behind the program and the subcommand, if the rule is about
    /// them: the subcommand follows the program, or options known to be harmless.
    pub(crate) fn applies<'a>(
        &self,
        name: &str,
        words: &'a [Word],
        program: &Program,
    ) -> Option<&'a [Word]> {
        self.run
            .iter()
            .filter(|run| run.first().is_some_and(|first| fits(first, name)))
            .find_map(|run| {
                let mut rest = words;
                if run.len() > 1 {
                    rest = program.behind_globals(rest);
                }
                for pattern in run.iter().skip(1) {
                    let (word, behind) = rest.split_first()?;
                    if !word.plain().is_some_and(|text| fits(pattern, text)) {
                        return None;
                    }
                    rest = behind;
                }
                Some(rest)
            })
            .filter(|rest| self.when.fits(rest, program))
    }

    /// Whether the rule could be about these words however the program reads
    /// its options: for rules that refuse or ask.
    pub(crate) fn may_apply(&self, name: &str, words: &[Word], program: &Program) -> bool {
        self.run
            .iter()
            .filter(|run| {
                run.first()
                    .is_some_and(|first| begins_alike(first, name) && first.matches(name))
            })
            .any(|run| {
                let mut rest = words.iter();
                let options_first = words.first().is_some_and(|word| {
                    word.text.starts_with(['-', '+']) || word.plain().is_none()
                });
                run.iter().skip(1).all(|pattern| {
                    let fits = |word: &Word| word.plain().is_none_or(|text| pattern.matches(text));
                    if options_first {
                        rest.any(fits)
                    } else {
                        rest.next().is_some_and(fits)
                    }
                })
            })
            && self.when.fits(words, program)
    }
}

/// Whether a pattern that allows is about the text: no `*` leads out of a folder.
fn fits(pattern: &Pattern, text: &str) -> bool {
    begins_alike(pattern, text)
        && pattern.matches(text)
        && !(pattern.as_str().contains('*') && text.split(['/', '\\']).any(|part| part == ".."))
}

/// Whether the first letters let the text fit: most patterns are told apart by
/// them, and there are many for each word.
fn begins_alike(pattern: &Pattern, text: &str) -> bool {
    match pattern.as_str().as_bytes().first() {
        None | Some(b'*') => true,
        Some(first) => text.as_bytes().first() == Some(first),
    }
}

impl When {
    fn fits(&self, words: &[Word], program: &Program) -> bool {
        if self.flags.is_empty() && self.words.is_empty() {
            return true;
        }
        words.iter().any(|word| {
            word.may_become_option()
                || self
                    .flags
                    .iter()
                    .any(|flag| flag_is(flag, &word.text, program))
                || self.words.iter().any(|pattern| pattern.matches(&word.text))
        })
    }
}

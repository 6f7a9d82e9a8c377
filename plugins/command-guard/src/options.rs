//! Options of a program: those that a rule lists, and those that are known to
//! run or write something.

use crate::language;
use crate::program::{Program, flag_is, flag_listed};
use crate::refusal::{Refusal, shown};
use crate::rule::Rule;
use crate::script::Word;

pub(crate) fn is_option(word: &Word) -> bool {
    word.text.len() > 1 && word.text.starts_with('-')
}

/// The words that are neither options nor their values; all behind `--`.
pub(crate) fn operands<'a>(words: &'a [Word], program: &Program) -> Vec<&'a Word> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word.plain() == Some("--") {
            found.extend(words.by_ref());
        } else if !is_option(word) {
            found.push(word);
        } else if program.values.contains(&word.text) {
            words.next();
        }
    }
    found
}

/// The options that a rule lists.
pub(crate) fn options(
    rule: &Rule,
    name: &str,
    words: &[Word],
    program: &Program,
) -> Result<(), Refusal> {
    for word in words {
        let unlisted = rule
            .flags
            .as_ref()
            .is_some_and(|flags| is_option(word) && !flag_listed(flags, &word.text, program));
        let open =
            word.may_become_option() && (rule.flags.is_some() || !rule.flags_denied.is_empty());
        let denied = rule
            .flags_denied
            .iter()
            .any(|flag| flag_is(flag, &word.text, program));
        if unlisted || open || denied {
            return Err(option_refused(name, word));
        }
    }
    Ok(())
}

fn option_refused(name: &str, word: &Word) -> Refusal {
    if word.may_become_option() {
        return Refusal::new(
            format!(
                "a word that could become an option of {}",
                shown(name, "this program")
            ),
            word.at,
            "write it out, or start a pattern with `./`",
        );
    }
    Refusal::new(
        format!(
            "this option of {} is not allowed",
            shown(name, "this program")
        ),
        word.at,
        "leave the option out",
    )
}

/// What is known to run programs or write files, unless the rule names it.
pub(crate) fn harmless(
    name: &str,
    words: &[Word],
    program: &Program,
    rule: Option<&Rule>,
) -> Result<(), Refusal> {
    let named = |word: &Word| {
        rule.and_then(|rule| rule.flags.as_ref())
            .is_some_and(|flags| flag_listed(flags, &word.text, program))
    };
    let old_style = words
        .first()
        .filter(|word| program.old_style && !word.text.starts_with('-'))
        .map(|word| Word {
            text: format!("-{}", word.text),
            ..word.clone()
        });
    for word in old_style.iter().chain(words) {
        if program.hazards.is_empty() || program.is_harmless(&word.text) || named(word) {
            continue;
        }
        let runs = program
            .hazards
            .iter()
            .any(|flag| flag_is(flag, &word.text, program));
        // An option that is only half written could be any.
        let half = word.open_from.is_some() && is_option(word);
        if runs || half || word.may_become_option() {
            return Err(option_refused(name, word));
        }
    }
    match program.language {
        Some(language) => language::check(language, words),
        None => Ok(()),
    }
}

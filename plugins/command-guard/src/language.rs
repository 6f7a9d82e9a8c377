//! The small languages of `awk` and `test`, and who reads which.

use crate::program::Language;
use crate::refusal::Refusal;
use crate::script::Word;
use crate::sed;

/// Refuses what such a text could run or write.
pub(crate) fn check(language: Language, words: &[Word]) -> Result<(), Refusal> {
    match language {
        Language::Sed => sed::check(words),
        Language::Awk => words.iter().try_for_each(awk),
        Language::Test => words.iter().try_for_each(expression),
    }
}

fn expression(word: &Word) -> Result<(), Refusal> {
    if word.text.contains("$(") || word.text.contains('`') {
        return Err(Refusal::new(
            "a text that `test` could run",
            word.at,
            "compare plain texts",
        ));
    }
    Ok(())
}

fn awk(word: &Word) -> Result<(), Refusal> {
    let text = &word.text;
    let runs = ["system", "getline", "ENVIRON", "@", "load", "extension"]
        .iter()
        .any(|name| text.contains(name));
    let pipes = text.replace("||", "").contains('|');
    let writes = text
        .split([';', '}', '\n'])
        .any(|statement| match statement.find("print") {
            Some(at) => statement.get(at..).is_some_and(|rest| rest.contains('>')),
            None => false,
        });
    if runs || pipes || writes || (text.contains('{') && word.plain().is_none()) {
        return Err(Refusal::new(
            "an `awk` program that may run or write something",
            word.at,
            "leave out `system`, `getline`, `|`, `>` behind `print`, `ENVIRON`",
        ));
    }
    Ok(())
}

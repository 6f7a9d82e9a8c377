//! Who reads which of the small languages, and expressions of `test`.

use crate::awk;
use crate::program::Language;
use crate::refusal::Refusal;
use crate::script::Word;
use crate::sed;

/// Refuses what such a text could run or write.
pub(crate) fn check(language: Language, words: &[Word]) -> Result<(), Refusal> {
    match language {
        Language::Sed => sed::check(words),
        Language::Awk => awk::check(words),
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

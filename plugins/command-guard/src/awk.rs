//! Programs of `awk`: refused where they may run or write something.

use std::borrow::Cow;

use crate::refusal::Refusal;
use crate::script::Word;

/// Refuses what such a program could run or write.
pub(crate) fn check(words: &[Word]) -> Result<(), Refusal> {
    match program(words) {
        Some(word) => judge(word),
        // An option that is not known may take a program: all are looked at.
        None => words.iter().try_for_each(judge),
    }
}

/// The word that is the program, if the options before it are known.
fn program(words: &[Word]) -> Option<&Word> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.plain()?;
        match text {
            "-F" | "-v" | "--field-separator" | "--assign" => {
                words.next()?.plain()?;
            }
            "--" => return words.next(),
            _ if ["-F", "-v", "--field-separator=", "--assign="]
                .iter()
                .any(|option| text.starts_with(option)) => {}
            _ if text.len() > 1 && text.starts_with('-') => return None,
            _ => return Some(word),
        }
    }
    None
}

fn judge(word: &Word) -> Result<(), Refusal> {
    let Some(text) = word.plain() else {
        return Err(refused(word));
    };
    let (code, statements_are_known) = match without_strings(text) {
        Some(code) => (Cow::Owned(code), true),
        None => (Cow::Borrowed(text), false),
    };
    // `@f()` calls what a text names; a continued line hides where a name ends.
    let runs = code.contains('@') || code.contains("\\\n");
    let names = ["getline", "ENVIRON", "extension"]
        .iter()
        .any(|name| code.contains(name));
    let pipes = code.replace("||", "").contains('|');
    if runs || names || pipes || calls_system(&code) || writes(&code, statements_are_known) {
        return Err(refused(word));
    }
    Ok(())
}

fn refused(word: &Word) -> Refusal {
    Refusal::new(
        "an `awk` program that may run or write something",
        word.at,
        "leave out `system`, `getline`, `|`, `>` behind `print`, `ENVIRON`",
    )
}

fn calls_system(code: &str) -> bool {
    code.match_indices("system").any(|(at, name)| {
        let behind = code.get(at + name.len()..).unwrap_or_default();
        behind.trim_start().starts_with(['(', '\\'])
    })
}

/// Whether a `>` stands behind a `print` of the same statement.
fn writes(code: &str, statements_are_known: bool) -> bool {
    let writes = |statement: &str| {
        statement
            .find("print")
            .and_then(|at| statement.get(at..))
            .is_some_and(|behind| behind.contains('>'))
    };
    if statements_are_known {
        code.split([';', '}']).any(writes)
    } else {
        writes(code)
    }
}

/// The code with its strings empty; nothing where a regular expression or a
/// comment makes it uncertain what a quote begins.
fn without_strings(text: &str) -> Option<String> {
    if text.contains(['/', '#']) {
        return None;
    }
    let mut code = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        code.push(letter);
        if letter != '"' {
            continue;
        }
        loop {
            match letters.next()? {
                '"' => break,
                '\\' => {
                    letters.next()?;
                }
                _ => {}
            }
        }
        code.push('"');
    }
    Some(code)
}

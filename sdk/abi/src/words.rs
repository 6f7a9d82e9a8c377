//! Names of the contract (`settings-error`) in the way that a language writes
//! them.

/// `SETTINGS_ERROR`.
pub(crate) fn shouted(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

/// `settings_error`.
pub(crate) fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// `settingsError`.
pub(crate) fn camel(name: &str) -> String {
    joined(name, capital)
}

/// `settingsError`, with `ID` and `JSON` whole, as Go has them.
pub(crate) fn go(name: &str) -> String {
    joined(name, |word| match word {
        "id" | "json" => word.to_uppercase(),
        _ => capital(word),
    })
}

fn joined(name: &str, rest: impl Fn(&str) -> String) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |joined, word| joined + &rest(word))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

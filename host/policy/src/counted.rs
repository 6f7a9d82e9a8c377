//! Counts, as a person reads them.

use std::fmt::Display;

/// A count with what it counts, of which `one` is the name of one: `1 call`, `2 calls`,
/// `0 entries`.
pub fn counted<N>(count: N, one: &str) -> String
where
    N: Display + PartialEq + From<u8>,
{
    if count == N::from(1) {
        return format!("{count} {one}");
    }
    let is_vowel = |letter: char| "aeiou".contains(letter);
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(is_vowel) => format!("{count} {stem}ies"),
        Some(_) | None => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_one_and_all_else_is_many() {
        for (count, one, said) in [
            (0_u8, "call", "0 calls"),
            (1, "call", "1 call"),
            (2, "call", "2 calls"),
            (1, "entry", "1 entry"),
            (2, "entry", "2 entries"),
            (2, "policy", "2 policies"),
            (2, "key", "2 keys"),
            (2, "day", "2 days"),
        ] {
            assert_eq!(counted(u64::from(count), one), said);
            assert_eq!(counted(usize::from(count), one), said);
        }
    }
}

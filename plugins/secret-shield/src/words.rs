//! A list of words that is asked at every byte of a value: most bytes begin none of them.

use std::ops::Range;

/// Words in order, and where those lie that begin with a byte.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    words: Vec<&'static [u8]>,
    by_first: Vec<Range<usize>>,
}

// === impl Words ===

impl Words {
    pub(crate) fn new(words: &[&'static str]) -> Self {
        let mut words: Vec<&'static [u8]> = words.iter().map(|word| word.as_bytes()).collect();
        words.sort_unstable();
        let range = |byte: u8| {
            let before = |word: &&[u8]| word.first().is_none_or(|first| *first < byte);
            let upto = |word: &&[u8]| word.first().is_none_or(|first| *first <= byte);
            words.partition_point(|word| before(word))..words.partition_point(|word| upto(word))
        };
        Self {
            by_first: (0..=u8::MAX).map(range).collect(),
            words,
        }
    }

    /// Whether a text begins with one of them.
    pub(crate) fn begin(&self, text: &[u8]) -> bool {
        let Some(first) = text.first() else {
            return false;
        };
        let Some(range) = self.by_first.get(usize::from(*first)) else {
            return false;
        };
        if range.is_empty() {
            return false;
        }
        let fitting = self.words.get(range.clone()).unwrap_or_default().iter();
        fitting
            .filter(|word| word.get(1) == text.get(1) || word.len() == 1)
            .any(|word| text.starts_with(word))
    }

    /// Whether a text holds one of them.
    pub(crate) fn stand_in(&self, text: &[u8]) -> bool {
        (0..text.len()).any(|at| self.begin(text.get(at..).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_if_each_were_looked_for() {
        let list = ["your_", "yours", "x", "…", "••", "example"];
        let words = Words::new(&list);
        for text in [
            "",
            "y",
            "you",
            "my yours",
            "your",
            "an example",
            "a…b",
            "•",
            "a••",
            "exampl",
            "box",
        ] {
            let begin = list.iter().any(|word| text.starts_with(word));
            let within = list.iter().any(|word| text.contains(word));
            assert_eq!(words.begin(text.as_bytes()), begin, "{text}");
            assert_eq!(words.stand_in(text.as_bytes()), within, "{text}");
        }
    }
}

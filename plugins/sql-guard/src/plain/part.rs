//! What a byte of a statement may be part of.

/// A word.
pub(super) const WORD: u8 = 1;
pub(super) const DIGIT: u8 = 2;
/// A text, where nothing else need be looked at.
pub(super) const TEXT: u8 = 4;
/// What no number ends before.
pub(super) const JOINED: u8 = 8;

/// The parts of each byte: most of a statement is words, numbers and texts, and each of
/// their bytes costs one look.
static PARTS: [u8; 256] = {
    let mut parts = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        let is_word = letter.is_ascii_alphanumeric() || letter == b'_';
        let is_text = letter >= b' ' && !matches!(letter, b'\'' | b'\\' | b'/' | 0x7f | 0xc2);
        let is_joined = is_word || matches!(letter, b'.' | b'$' | b'\'' | 0x80..);
        #[expect(clippy::indexing_slicing, reason = "below the length")]
        {
            parts[byte] = if is_word { WORD } else { 0 }
                | if letter.is_ascii_digit() { DIGIT } else { 0 }
                | if is_text { TEXT } else { 0 }
                | if is_joined { JOINED } else { 0 };
        }
        byte += 1;
    }
    parts
};

/// Whether the byte may be such a part.
pub(super) fn is(part: u8, byte: u8) -> bool {
    let parts = PARTS.get(usize::from(byte));
    parts.is_some_and(|parts| parts & part != 0)
}

/// Where the bytes end, from there on, that may be such a part.
pub(super) fn end_of(part: u8, bytes: &[u8], at: usize) -> usize {
    let mut rest = bytes.get(at..).unwrap_or_default();
    while let [first, behind @ ..] = rest
        && is(part, *first)
    {
        rest = behind;
    }
    bytes.len() - rest.len()
}

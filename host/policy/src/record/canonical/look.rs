//! What the bytes of a text are, eight at a time.

/// The lowest bit of each of eight bytes.
const LOW_BITS: u64 = u64::MAX / 0xff;

/// The highest one.
const HIGH_BITS: u64 = LOW_BITS << 7;

/// What a look at the bytes of a text says.
pub(super) struct Look {
    pub(super) is_ascii: bool,
    /// JSON has it as it is, between quotes.
    pub(super) is_unescaped: bool,
}

// === impl Look ===

impl Look {
    pub(super) fn at(text: &[u8]) -> Self {
        let (words, _rest) = text.as_chunks();
        // The end is looked at again with what is before it, which changes nothing.
        let end = text.last_chunk().copied();
        let end = end.unwrap_or_else(|| eight(text, b' '));
        let (mut all, mut escaped) = (0, 0);
        let mut take_in = |word: [u8; 8]| {
            let word = u64::from_le_bytes(word);
            all |= word;
            escaped |= escaped_in(word);
        };
        words.iter().for_each(|word| take_in(*word));
        take_in(end);
        Self {
            is_ascii: all & HIGH_BITS == 0,
            is_unescaped: escaped == 0,
        }
    }
}

/// Of eight bytes, zero if JSON has all of them as they are: no control character, no quote
/// and no backslash. Eight at once, as in "Bit Twiddling Hacks" (hasless): what one byte
/// borrows from the next is found there only where it was found before.
const fn escaped_in(word: u64) -> u64 {
    const fn each(byte: u8) -> u64 {
        LOW_BITS * byte as u64
    }
    let (quote, backslash) = (word ^ each(b'"'), word ^ each(b'\\'));
    let control = word.wrapping_sub(each(b' ')) & !word;
    let quote = quote.wrapping_sub(LOW_BITS) & !quote;
    let backslash = backslash.wrapping_sub(LOW_BITS) & !backslash;
    (control | quote | backslash) & HIGH_BITS
}

/// The first eight bytes of a text that may be shorter.
pub(super) fn eight(text: &[u8], more: u8) -> [u8; 8] {
    if let Some(first) = text.first_chunk() {
        return *first;
    }
    let mut eight = [more; 8];
    for (to, from) in eight.iter_mut().zip(text) {
        *to = *from;
    }
    eight
}

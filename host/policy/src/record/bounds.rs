//! How large an entry and its texts may be. Writer and readers share these.

/// Longest text in an entry, in bytes of the JSON that it takes: a control
/// character takes six.
pub const TEXT_BYTES_MAX: usize = 1024;

/// Longest entry that is written, in bytes: hundreds of opinions, each with
/// everything that an opinion may hold.
pub const ENTRY_BYTES_MAX: usize = 1 << 20;

/// Longest line that is read, in bytes. Gates before this bound wrote lines that
/// are longer than [`ENTRY_BYTES_MAX`].
pub const LINE_BYTES_MAX: usize = 16 << 20;

/// Texts of a list that are kept one by one; one more says what the rest was.
pub(super) const LIST_MAX: usize = 8;

/// The same for keys and grants of a pack: an operator reads them.
pub(super) const CUT_LIST_MAX: usize = 64;

/// Most obligations of one verdict; more are no usable answer.
pub const OBLIGATIONS_MAX: usize = 32;

/// The beginning of a text that does not fit; none where it fits.
pub(super) fn cut_at(text: &str, json_bytes_max: usize) -> Option<&str> {
    /// What the worst character takes.
    const ESCAPED: usize = 6;
    if text.len() * ESCAPED <= json_bytes_max {
        return None;
    }
    let mut taken = 0;
    for (at, character) in text.char_indices() {
        taken += match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' => ESCAPED,
            other => other.len_utf8(),
        };
        if taken > json_bytes_max {
            return text.get(..at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::cut_at;

    #[test]
    fn what_is_counted_is_what_json_takes() {
        let every: String = (0..0x300).filter_map(char::from_u32).collect();
        let json = serde_json::to_string(&every).unwrap();
        let exact = json.len() - 2;
        assert_eq!(cut_at(&every, exact), None);
        let cut = cut_at(&every, exact - 1).unwrap();
        assert_eq!(cut.chars().count(), every.chars().count() - 1);
    }
}
